"""Master data: prices, bills of materials, calendars, lead times, stock policies, safety stock."""
