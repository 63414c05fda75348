"""Performance: KPIs, plan attainment, and evidence of the planning process."""
