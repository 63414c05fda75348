"""What is measured of the planning process: which way is good, and which decision each measure serves."""

from typing import NamedTuple


class Measure(NamedTuple):
    """Which side of a target is good (of what has a sign, by its size), and what the measure is for."""

    direction: str
    serves: str


# fmt: off
MEASURES = {
    "quantity": Measure("at_least", "How much demand to plan for, and which families to push"),
    "revenue": Measure("at_least", "Whether the outlook in money is restated"),
    "demand_attainment_ratio": Measure("at_least", "Whether supply may rely on the demand plan, or needs more safety stock"),
    "production_attainment_ratio": Measure("at_least", "Whether the supply plan asks for more than the plants can do"),
    "inventory_attainment_ratio": Measure("at_least", "Whether stock targets are within reach"),
    "forecast_accuracy_ratio": Measure("at_least", "How much safety stock to hold, and whose input to weigh"),
    "bias": Measure("at_most", "Whether the functions' inputs are scaled down or up"),
    "in_stock_ratio": Measure("at_least", "How much service is wanted, and where stock stands"),
    "cover_months": Measure("at_most", "How much stock is wanted"),
    "inventory_turns": Measure("at_least", "How much money may be bound in stock"),
    "utilisation_ratio": Measure("at_least", "Whether crews and shifts are changed"),
    "overtime_ratio": Measure("at_most", "Whether people are hired instead of working overtime"),
    "labour_productivity_ratio": Measure("at_least", "Where methods and crews are looked into"),
    "margin_per_stock": Measure("at_least", "Which stock earns its money"),
    "plan_change_ratio": Measure("at_most", "From which month on the plan is frozen"),
    "calendar_kept_ratio": Measure("at_least", "Whether meetings are moved, merged or called earlier"),
}
# Of this cycle's plan, for the register of processes.
PLAN_DIRECTIONS = {
    "open_high_findings": "at_most",
    "value_added": "at_least",
    "service_level_ratio": "at_least",
    "unexplained_margin": "at_most",
    "gaps_with_option_ratio": "at_least",
    "decided_ratio": "at_least",
    "orders_on_time_ratio": "at_least",
}
# fmt: on
# What a goal can be about, and how its months make the figure that is held against it.
GOAL_MEASURES = {
    "quantity": "sum",
    "revenue": "sum",
    "cost_of_sales": "sum",
    "margin": "sum",
    "inventory_value": "max",
    "cash": "min",
    "service_level_ratio": "ratio",
}
EVERYTHING = "all"  # the item of a measure that is about the whole company


def direction_of(measure):
    """Which side of a target is good; None where the workbook does not know the measure."""
    known = MEASURES.get(measure)
    return known.direction if known else PLAN_DIRECTIONS.get(measure)


def written(measure, value):
    """Write a measure's value: shares as per cents."""
    if measure.endswith("_ratio") or measure in ("bias", "value_added"):
        return f"{100 * value:.1f} %"
    return f"{value:,.0f}" if abs(value) >= 100 or value == round(value) else f"{value:,.3g}"
