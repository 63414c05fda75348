"""The statistical forecast: arrays in, arrays out."""
