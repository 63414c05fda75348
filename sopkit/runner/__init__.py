"""A run: notebooks executed in order, its log, its place."""
