"""Import of other systems' exports into input tables."""
