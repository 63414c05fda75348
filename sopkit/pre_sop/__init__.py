"""Pre-S&OP and executive review: gaps, options to close them, risks, decisions."""
