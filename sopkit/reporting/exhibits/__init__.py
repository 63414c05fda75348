"""The exhibits of the report, area by area: what each stage shows of its tables."""
