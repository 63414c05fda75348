"""Demand planning: cleansing, launches, promotions, pipeline, consensus and forecast accuracy."""
