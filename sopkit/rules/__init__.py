"""A rule is a function whose parameters are the tables it reads: mark, collect, call."""
