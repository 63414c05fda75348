"""A run of the cycle: notebooks, log, folders."""
