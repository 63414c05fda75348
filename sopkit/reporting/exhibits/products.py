"""Exhibits of the product review: where attention belongs, launches and phase-outs."""

from matplotlib.colors import LinearSegmentedColormap
from pandas import DataFrame

from sopkit.reporting.chart_types import Heatmap, Lines, SmallMultiples
from sopkit.reporting.exhibit import Exhibit, Headline, exhibit
from sopkit.reporting.theme import TOTAL, WORSE, look
from sopkit.schema.formatting import count, some, verb

STAGE = "20_product_review"
SHOWN_PANELS, SHOWN_LINES = 6, 5
CLASSES = {"A": "A first 80 % of {}", "B": "B next 15 %", "C": "C the rest"}
STEADINESS = {"X": "X steady", "Y": "Y variable", "Z": "Z erratic"}
LAUNCH = ["launch", "product", "market", "readiness", "basis"]
GATES = ["gate_demand", "gate_supply", "gate_finance"]
ATTENTION = [
    "product", "family", "revenue", "revenue_share_ratio", "abc", "xyz", "lifecycle", "reason",
]  # fmt: skip


@exhibit(STAGE, title="ABC/XYZ classes", table="segments")
def segments(segments: DataFrame) -> Exhibit:
    """How many products, and which share of revenue, stand in each of the nine classes."""
    vital = segments[segments["abc"] == "A"]
    erratic = vital.loc[vital["xyz"] == "Z", "product"]
    said = Headline(
        "{vital:whole} of {products:count product} generate {share:percent} of {size}; ",
        vital=len(vital),
        products=len(segments),
        share=vital["revenue_share_ratio"].sum(),
        size=_size(segments),
    )
    if len(erratic):
        are = verb(len(erratic), "is", "are")
        said = said + Headline("{erratic} {are} erratic.", erratic=some(erratic), are=are)
    else:
        said = said + "none of them is XYZ class Z."
    return Exhibit(said, _classes(segments))


def _size(segments):
    """What the classes go by."""
    return "revenue" if segments["revenue"].any() else "volume"


def _classes(segments):
    cells = segments.groupby(["abc", "xyz"])["revenue_share_ratio"].agg(["size", "sum"])
    grids = {
        how: cells[how].unstack().reindex(index=list(CLASSES), columns=list(STEADINESS)).fillna(0)  # noqa: PD010 - nothing to add up
        for how in cells
    }
    size = _size(segments)
    classes = {letter: said.format(size) for letter, said in CLASSES.items()}
    names = {"index": classes, "columns": STEADINESS}
    number, share = (grids[how].rename(**names) for how in ("size", "sum"))
    words = number.map(lambda many: count(int(many), "product") + "\n")
    words = words + share.map(lambda part: f"{100 * part:.0f} % of {size}")
    return Heatmap(
        share,
        words=words.where(number > 0, "none"),
        colours=LinearSegmentedColormap.from_list("share", ["#FFFFFF", TOTAL.colour]),
        limits=(-0.06, 0.94),
        height=2.2,
        subtitle=f"Products by their {size} (from top to bottom) and by how steady their demand is "
        "(from left to right)",
    )


@exhibit(STAGE, title="Products requiring attention", table="segments")
def attention(segments: DataFrame) -> Exhibit:
    """The products that need people this month, the most valuable first."""
    wanted = segments[segments["review"]]
    wanted = wanted.sort_values("revenue_share_ratio", ascending=False, kind="stable")
    if wanted.empty:
        return Exhibit(
            Headline("No product requires attention this month."), table=wanted[ATTENTION]
        )
    said = Headline(
        "{wanted:whole} of {products:count product} {require} attention this month: {first}.",
        wanted=len(wanted),
        products=len(segments),
        require=verb(len(wanted), "requires", "require"),
        first=some(wanted["product"]),
    )
    return Exhibit(said, table=wanted[ATTENTION])


# -------------------------------------------------------------------------------------------------
# launches


@exhibit(STAGE, title="Launch and cannibalisation volumes over the horizon", table="launch_plan")
def launches(launch_plan: DataFrame) -> Exhibit:
    """What launches add over their ramp and take from what they replace, and units by launch."""
    units = launch_plan.groupby(LAUNCH, as_index=False, sort=False)["launch_demand"].sum()
    return Exhibit(_launches_headline(launch_plan), _ramps(launch_plan), units)


@exhibit("70_executive_sop", title="Launch gates and volumes over the horizon", table="launch_plan")
def launch_gates(launch_plan: DataFrame, launches: DataFrame | None = None) -> Exhibit:
    """What launches add and take, and their gates; no rows where no launch is known."""
    chart = _ramps(launch_plan)
    if launches is None:
        return Exhibit(_launches_headline(launch_plan), chart, launch_plan.head(0))
    units = launch_plan.groupby(["launch", "product"], as_index=False)["launch_demand"].sum()
    rows = launches.merge(units, on=["launch", "product"], how="left", validate="one_to_one")
    shown = [*LAUNCH[:3], "launch_period", *GATES, "replaces_product", "launch_demand"]
    return Exhibit(_launches_headline(launch_plan), chart, rows[shown])


def _launches_headline(launch_plan):
    if launch_plan.empty:
        return Headline("No launch touches the planned months.")
    units = launch_plan["launch_demand"]
    taken = -units.clip(upper=0).sum()
    said = Headline("Launches add {added:number} units", added=units.clip(lower=0).sum())
    if taken:
        template = ", cannibalisation and phase-outs remove {taken:number}"
        said = said + Headline(template, taken=taken)
    waiting = launch_plan.loc[launch_plan["readiness"] != "ready", "launch"].unique()
    if not len(waiting):
        return said + "; all are ready."
    template = "; {launches:count launch} {have} open stage gates: {waiting}."
    have = verb(len(waiting), "has", "have")
    return said + Headline(template, launches=len(waiting), have=have, waiting=some(waiting))


def _ramps(launch_plan):
    """A line for each launch and product that it adds to or takes from."""
    months = launch_plan.pivot_table(
        index="period", columns=["launch", "product"], values="launch_demand", aggfunc="sum"
    )
    largest = months.abs().sum().nlargest(SHOWN_LINES).index
    shown, looks = DataFrame(index=months.index), {}
    for line, (launch, product) in zip(["-", "--", ":", "-."] * 2, largest, strict=False):
        name, units = f"{product} ({launch})", months[launch, product]
        takes = {"colour": WORSE.colour} if units.sum() < 0 else {}
        looks[name] = look("launch_demand", label=name, line=line, **takes)
        shown[name] = units
    return Lines(
        shown,
        looks=looks,
        of=len(months.columns),
        unit="units a month",
        subtitle="Units a month that each launch adds, and takes from the product it replaces",
    )


@exhibit(STAGE, title="Launch performance")
def launch_actuals(launch_actuals: DataFrame) -> Exhibit:
    """Sold beside what the launch's curve expected since its start, the largest launches first."""
    expected = launch_actuals.groupby("launch")["expected"].sum()
    panels = [
        _launch(launch, launch_actuals[launch_actuals["launch"] == launch])
        for launch in expected.nlargest(SHOWN_PANELS).index
    ]
    chart = SmallMultiples(
        panels,
        of=len(expected),
        subtitle="Units a month since the start, beside what the launch's curve expected",
    )
    return Exhibit(_actuals_headline(launch_actuals), chart)


def _launch(launch, rows):
    months = rows.set_index("period").sort_index()
    last = months.iloc[-1]
    known = months["reached_ratio"].notna().iloc[-1]
    reached = f": {100 * last['reached_ratio']:.0f} % reached" if known else ""
    return Lines(
        months[["expected", "quantity"]],
        looks={
            "expected": look("launch_demand", label="expected by its curve", marker="o"),
            "quantity": look("cleansed", label="sold", marker="o"),
        },
        unit="units",
        title=f"{launch}, {last['product']} in {last['market']}{reached}",
    )


def _actuals_headline(launch_actuals):
    if launch_actuals.empty:
        said = "No launch is under way: there are no sales yet to hold against a curve."
        return Headline(said)
    so_far = launch_actuals.groupby("launch")[["quantity", "expected"]].sum()
    reached = (so_far["quantity"] / so_far["expected"].where(so_far["expected"] > 0)).dropna()
    many = len(so_far)
    template = "{launches:count launch} {are} under way; "
    said = Headline(template, launches=many, are=verb(many, "is", "are"))
    if reached.empty:
        return said + f"nothing was expected of {verb(many, 'it', 'them')} yet."
    said = said + Headline(
        "{least} has sold {reached:percent} of what its curve expected so far",
        least=reached.idxmin(),
        reached=reached.min(),
    )
    return said + ("." if len(reached) == 1 else ", the least of all.")
