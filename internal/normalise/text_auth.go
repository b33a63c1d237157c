package normalise

func authParsers() []textParser { return nil }
