"""Prices, bills of materials, calendars, safety stock."""
