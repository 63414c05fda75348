"""Colours, lines and hatches: the same measure looks the same in every figure."""

from typing import NamedTuple

from matplotlib.colors import LinearSegmentedColormap

from sopkit.schema.glossary import label

INK, GREY, PALE = "#22313F", "#6B7680", "#D5DADE"


class Look(NamedTuple):
    """A measure's colour everywhere, and the line and hatch that tell it apart on grey paper."""

    label: str
    colour: str
    line: str = "-"
    hatch: str = ""


# fmt: off
_MEASURES = {
    "quantity": ("#8A949C", "--"),
    "cleaned": ("#22313F",),
    "baseline": ("#88BBDD", "--"),
    "consensus": ("#1B5E9B",),
    "demand": ("#1B5E9B",),
    "required_hours": ("#1B5E9B",),
    "launch_demand": ("#117733", "-.", "///"),
    "activity_demand": ("#E69F00", ":", "..."),
    "opportunity_demand": ("#AA4499", "--", "xxx"),
    "override": ("#CC6677", "-", "\\\\\\"),
    "regular": ("#6699BB",),
    "overtime": ("#DDAA33", "--", "///"),
    "subcontract": ("#AA7744", ":", "..."),
    "receipts": ("#B8C4CC", "-.", "\\\\\\"),
    "regular_hours": ("#6699BB",),
    "overtime_hours": ("#DDAA33", "--", "///"),
    "capacity_hours": ("#22313F", "--"),
    "workers": ("#22313F",),
    "inventory": ("#2A9D8F", "-"),
    "inventory_value": ("#2A9D8F", "-"),
    "target_inventory": ("#2A9D8F", ":"),
    "service_level_ratio": ("#1B5E9B",),
    "stock_out_probability": ("#CC3311", "--"),
    "backlog": ("#CC3311", "-", "xxx"),
    "lost_sales": ("#882255", "--", "..."),
    "supplied": ("#B8C4CC",),
    "booked": ("#1B5E9B",),
    "available_to_promise": ("#117733", "--"),
    "spend_ratio": ("#6699BB",),
    "dependent_ratio": ("#DDAA33", "-", "///"),
    "revenue": ("#1B5E9B",),
    "margin": ("#117733", "--"),
    "cash": ("#8E86B5",),
    "receivables": ("#3F3A6B", "--"),
    "payables": ("#A35C2E", ":"),
    "last_plan": ("#22313F", (0, (3, 2))),
    "reference_value": ("#8A949C", "--"),
}
# fmt: on
MEASURES = {name: Look(label(name, short=True), *look) for name, look in _MEASURES.items()}
# fmt: off
COSTS = {
    "regular labour": MEASURES["regular"], "idle labour": Look("idle labour", "#D5E3EF", "-", "..."), "overtime": MEASURES["overtime"], "subcontracting": MEASURES["subcontract"],
    "material": Look("material", "#B8C4CC"), "making": Look("making", "#88BBDD", "-", "---"),
    "set-up": Look("set-up", "#661100", "-", "xx"), "transfers": Look("transfers", "#CCBB44", "-", "**"),
    "holding": MEASURES["inventory"], "backlog": MEASURES["backlog"], "lost sales": MEASURES["lost_sales"],
    "hiring": Look("hiring", "#117733", "-", "|||"), "layoff": Look("layoff", "#AA4499", "-", "\\\\\\"),
    "freight": Look("freight", "#999933", "-", "++"), "extra storage": Look("extra storage", "#DDCC77", "-", "oo"),
}
_STRATEGIES = {
    "level": ("#117733", "--"), "chase": ("#AA4499", ":"), "optimal": ("#DDAA33", "-."),
    "last_cycle": ("#8A949C", "--"), "plan_of_record": ("#1B5E9B",),
}
PRODUCTS = [  # the largest first; products take no measure's colour
    Look("", "#33475A"), Look("", "#7F92A3", "-", "///"), Look("", "#B9C6D0"), Look("", "#546A7D", "-", "..."),
    Look("", "#9CAEBB", "-", "xxx"), Look("", "#D9E0E6", "-", "\\\\\\"),
]
_POSITIONS = {  # of stock against its band, from too little to too much
    "below_safety": ("#E58A7B",), "below_target": ("#F6DDB8",),
    "in_band": ("#E9EEEC",), "above_max": ("#A9CBE3",),
}
# fmt: on
STRATEGIES = {
    name: Look(label(name, short=True, of="strategy"), *look) for name, look in _STRATEGIES.items()
}
POSITIONS = {
    name: Look(label(name, short=True, of="stock_position"), *look)
    for name, look in _POSITIONS.items()
}
# From idle to full to overloaded; light enough for dark figures to be read on it.
LOAD = LinearSegmentedColormap.from_list(
    "load", ["#F6F8F9", "#C9DDEC", "#F6DDB8", "#EBA67C", "#DD7264"]
)
BETTER, WORSE, TOTAL = (
    Look("adds", "#4E9F6D"),
    Look("takes", "#CC6677", "-", "///"),
    Look("total", "#1B5E9B"),
)
