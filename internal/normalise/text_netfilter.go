package normalise

func netfilterParsers() []textParser { return nil }
