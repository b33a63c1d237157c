package normalise

func webParsers() []textParser { return nil }
