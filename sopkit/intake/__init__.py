"""Other systems' exports, turned into input tables."""
