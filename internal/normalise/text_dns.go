package normalise

func dnsParsers() []textParser { return nil }
