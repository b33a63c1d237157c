package normalise

func auditdParsers() []textParser { return nil }
