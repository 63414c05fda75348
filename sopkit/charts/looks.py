"""Colours, lines and hatches: the same measure looks the same in every figure."""

from typing import NamedTuple

from matplotlib.colors import LinearSegmentedColormap

INK, GREY, PALE = "#22313F", "#6B7680", "#D5DADE"


class Look(NamedTuple):
    """A measure's colour everywhere, and the line and hatch that tell it apart on grey paper."""

    label: str
    colour: str
    line: str = "-"
    hatch: str = ""


# fmt: off
MEASURES = {
    "quantity": Look("sold", "#8A949C", "--"),
    "cleaned": Look("demand, cleaned", "#22313F"),
    "baseline": Look("baseline", "#88BBDD", "--"),
    "consensus": Look("consensus", "#1B5E9B"),
    "demand": Look("demand", "#1B5E9B"),
    "required_hours": Look("demand plan needs", "#1B5E9B"),
    "launch_demand": Look("launches", "#117733", "-.", "///"),
    "activity_demand": Look("activities", "#E69F00", ":", "..."),
    "opportunity_demand": Look("sales pipeline", "#AA4499", "--", "xxx"),
    "override": Look("overrides", "#CC6677", "-", "\\\\\\"),
    "regular": Look("regular time", "#6699BB"),
    "overtime": Look("overtime", "#DDAA33", "--", "///"),
    "subcontract": Look("made outside", "#AA7744", ":", "..."),
    "receipts": Look("already ordered", "#B8C4CC", "-.", "\\\\\\"),
    "regular_hours": Look("regular hours", "#6699BB"),
    "overtime_hours": Look("overtime hours", "#DDAA33", "--", "///"),
    "capacity_hours": Look("capacity", "#22313F", "--"),
    "workers": Look("workers", "#22313F"),
    "inventory": Look("stock", "#2A9D8F", "-"),
    "inventory_value": Look("stock at cost", "#2A9D8F", "-"),
    "target_inventory": Look("stock wanted", "#2A9D8F", ":"),
    "service_level_ratio": Look("demand expected in time", "#1B5E9B"),
    "stock_out_probability": Look("stocks expected to be out", "#CC3311", "--"),
    "backlog": Look("backlog", "#CC3311", "-", "xxx"),
    "lost_sales": Look("lost sales", "#882255", "--", "..."),
    "supplied": Look("made, bought or on order", "#B8C4CC"),
    "booked": Look("booked", "#1B5E9B"),
    "available_to_promise": Look("can still be promised", "#117733", "--"),
    "spend_ratio": Look("of spending", "#6699BB"),
    "dependent_ratio": Look("of revenue that depends on the supplier", "#DDAA33", "-", "///"),
    "revenue": Look("revenue", "#1B5E9B"),
    "margin": Look("margin", "#117733", "--"),
    "cash": Look("cash", "#8E86B5"),
    "receivables": Look("receivables", "#3F3A6B", "--"),
    "payables": Look("payables", "#A35C2E", ":"),
    "last_plan": Look("last cycle's plan", "#22313F", (0, (3, 2))),
    "reference_value": Look("reference", "#8A949C", "--"),
}
COSTS = {
    "regular labour": MEASURES["regular"], "idle labour": Look("idle labour", "#D5E3EF", "-", "..."), "overtime": MEASURES["overtime"], "subcontracting": MEASURES["subcontract"],
    "material": Look("material", "#B8C4CC"), "making": Look("making", "#88BBDD", "-", "---"),
    "set-up": Look("set-up", "#661100", "-", "xx"), "transfers": Look("transfers", "#CCBB44", "-", "**"),
    "holding": MEASURES["inventory"], "backlog": MEASURES["backlog"], "lost sales": MEASURES["lost_sales"],
    "hiring": Look("hiring", "#117733", "-", "|||"), "layoff": Look("layoff", "#AA4499", "-", "\\\\\\"),
    "freight": Look("freight", "#999933", "-", "++"), "extra storage": Look("extra storage", "#DDCC77", "-", "oo"),
}
STRATEGIES = {
    "level": Look("level", "#117733", "--"), "chase": Look("chase", "#AA4499", ":"), "optimal": Look("optimal", "#DDAA33", "-."),
    "last_cycle": Look("as last approved", "#8A949C", "--"), "plan_of_record": Look("plan of record", "#1B5E9B"),
}
PRODUCTS = [  # the largest first; products take no measure's colour
    Look("", "#33475A"), Look("", "#7F92A3", "-", "///"), Look("", "#B9C6D0"), Look("", "#546A7D", "-", "..."),
    Look("", "#9CAEBB", "-", "xxx"), Look("", "#D9E0E6", "-", "\\\\\\"),
]
POSITIONS = {  # of stock against its band, from too little to too much
    "below_safety": Look("below safety stock", "#E58A7B"), "below_target": Look("below target", "#F6DDB8"),
    "in_band": Look("in its band", "#E9EEEC"), "above_max": Look("above the most wanted", "#A9CBE3"),
}
# fmt: on
# From idle to full to overloaded; light enough for dark figures to be read on it.
LOAD = LinearSegmentedColormap.from_list(
    "load", ["#F6F8F9", "#C9DDEC", "#F6DDB8", "#EBA67C", "#DD7264"]
)
BETTER, WORSE, TOTAL = (
    Look("adds", "#4E9F6D"),
    Look("takes", "#CC6677", "-", "///"),
    Look("total", "#1B5E9B"),
)
