"""What the headlines of pre-S&OP and executive S&OP must say."""

from said_of_money import against_budget, margin_of
from saying import PART, Tables, family_of, largest, says

from sopkit.schema.formatting import (
    count,
    listed,
    money,
    month,
    more_or_less,
    number,
    percent,
    signed_money,
    span,
)
from sopkit.schema.glossary import label

TRADED = {"margin_effect": 1, "inventory_effect": -1, "service_effect": 1, "headcount_effect": -1}
GIVEN_UP = {
    "inventory_effect": "more inventory",
    "service_effect": "a lower fill rate",
    "headcount_effect": "more people",
}


@says("pre_sop.gaps_by_function")
def gaps_by_function(t: Tables):
    stake = t["gaps"]["gap_value"].abs()
    by = largest(stake.groupby(t["gaps"]["area"]).max())[:2]
    return [
        f"{count(len(stake), 'gap')};",
        f"largest by function: {listed([f'{area} ({money(size)})' for area, size in by.items()])}",
    ]


@says("pre_sop.gaps")
def gaps(t: Tables):
    rows = t["gaps"]
    worst = rows.loc[rows["gap_value"].abs().idxmax(), "statement"]
    return [f"{count(len(rows), 'gap')}; the largest: {worst.rstrip('.')}"]


@says("options.options")
def options(t: Tables):
    rows = t["decision_options"]
    if rows.empty:
        return ["No change of the inputs"]
    chosen = rows[rows["recommended"].astype(bool)]
    said = [f"{count(rows['scenario'].nunique(), 'option')}"]
    if chosen.empty:
        return [*said, "none"]
    best = chosen.loc[chosen["margin_effect"].idxmax()]
    return [
        *said,
        f"{chosen['scenario'].nunique()} recommended",
        f"best changes margin by {signed_money(best['margin_effect'])}: {best['statement'].rstrip('.')}",
    ]


@says("options.frontier")
def frontier(t: Tables):
    """A plan is on the frontier where no other is as good in everything and better in something."""
    effects = t["gap_options"].drop_duplicates("scenario").set_index("scenario")
    tried = t["tried_options"]
    if tried.empty:
        return ["No option was tried"]
    fit = tried[tried["allowed"].fillna(False).astype(bool) & tried["note"].isna()]
    fit = fit[fit["scenario"].isin(effects.index)]
    plans = {
        one.scenario: [way * effects.loc[one.scenario, name] for name, way in TRADED.items()]
        for one in fit.itertuples()
    }
    if not plans:
        kept = tried["allowed"].fillna(False).astype(bool).any()
        return ["No option is on the frontier" if kept else "No option keeps"]

    def beats(other, mine):
        pairs = list(zip(other, mine, strict=True))
        return all(a >= b - 1e-9 for a, b in pairs) and any(a > b + 1e-9 for a, b in pairs)

    free = [
        name
        for name, mine in plans.items()
        if any(abs(x) > 1e-9 for x in mine)
        and not any(beats(other, mine) for other in plans.values())
    ]
    said = [f"{count(len(free), 'plan')} {'is' if len(free) == 1 else 'are'} on the frontier"]
    best = fit[fit["best"] & fit["scenario"].isin(free)].sort_values("moves")["scenario"].tail(1)
    if best.empty:
        return [*said, "none of them"]
    own = effects.loc[best.iloc[0]]
    more = effects.loc[
        [name for name in free if effects.loc[name, "margin_effect"] > own["margin_effect"] + 1e-9]
    ]
    why = "none within the binding goals earns more"
    if len(more):
        lost = [
            words
            for name, words in GIVEN_UP.items()
            if (TRADED[name] * (more[name] - own[name]) < -1e-9).all()
        ]
        those = "the one" if len(more) == 1 else f"the {len(more)}"
        has = "has" if len(more) == 1 else "have"
        why = f"{those} with more margin {has} {listed(lost) or 'more inventory, more people or a lower fill rate'}"
    return [
        *said,
        why,
        f"margin {signed_money(own['margin_effect'])}, peak inventory {signed_money(own['inventory_effect'])}",
        f"headcount {own['headcount_effect']:+,.0f}",
        f"fill rate {100 * own['service_effect']:+.1f} points",
    ]


@says("pre_sop.risks")
def risks(t: Tables):
    rows = t["risk_impacts"]
    if rows.empty:
        return ["No risk is listed"]
    weighted = rows["probability"] * rows["margin_effect"]
    by = weighted.groupby(rows["risk_kind"]).sum()
    parts = [
        f"margin by {signed_money(by.get('vulnerability', 0.0))}",
        f"opportunities by {signed_money(by.get('opportunity', 0.0))}",
        f"{signed_money(weighted.sum())} in all",
    ]
    worst = rows.loc[rows["margin_effect"].idxmin()]
    if worst["margin_effect"] >= 0:
        return ["No risk costs margin", *parts]
    return [
        f"The largest risk, “{worst['statement'].rstrip('.')}”",
        f"{money(-worst['margin_effect'])} of margin ({percent(worst['probability'])} likely)",
        *parts,
    ]


@says("decisions_asked.decisions")
def decisions(t: Tables):
    rows = t["decisions"]
    if rows.empty:
        return ["No decision"]
    mine = rows["decision_level"] == "executives"
    unmade = rows[mine & rows["choice"].isna()]
    others = unmade[unmade["decision"] != "approve-plan"]
    changes = others["scenario"].notna().sum()
    change = "change" if changes > 1 else "changes"
    what = (
        f"{count(changes, 'recommendation')} {change}" if changes else "no recommendation changes"
    )
    said = [f"{count(len(others), 'decision')} and approval of the plan are required", what]
    if others.empty:
        said = ["Approval of the plan is required"]
    made, below = rows["choice"].notna().sum(), (~mine).sum()
    said += [f"{made} {'was' if made == 1 else 'were'} made"] if made else []
    return said + ([count(below, "more decision")] if below else [])


@says("decisions_asked.revision")
def revision(t: Tables):
    assert t["revision_comparison"].empty  # each is planned once
    return ["no earlier revision"]


@says("families.families")
def families(t: Tables):
    """A headline for each of the six largest families."""
    rows = t["financial_plan"]
    order = largest(rows.groupby("family")["revenue"].sum()).index[:6]
    served = t["constrained_demand"].assign(family=family_of(t, t["constrained_demand"]))
    return [
        _family(t, name, rows[rows["family"] == name], served[served["family"] == name])
        for name in order
    ]


def _family(t, name, money_of, served):
    said = [
        f"{name[:1].upper()}{name[1:]} brings {money(money_of['revenue'].sum())} of revenue",
        margin_of(money_of),
        span(money_of["period"]),
    ]
    if "budget" in t:
        plan, budget, _ = against_budget(t, "margin")
        change = plan[name] / budget[name] - 1
        side = "above" if change >= 0 else "below"
        said.append(f"{percent(abs(change), 1)} {side} budget")
    late, lost = served.groupby("period")["backlog"].sum().max(), served["lost_sales"].sum()
    unmet = [f"worst {number(late)} units are late"] if late > PART else []
    unmet += [f"{number(lost)} units of lost sales"] if lost > PART else []
    gaps = (t["gaps"]["family"].fillna(family_of(t, t["gaps"])) == name).sum()
    opened = (
        f"{count(gaps, 'gap')} {'is' if gaps == 1 else 'are'} open" if gaps else "No gap is open"
    )
    return [*said, *(unmet or ["All demand is met on time"]), opened]


@says("executive.kpi_trends")
def kpi_trends(t: Tables):
    rows = t["kpis"]
    known = rows.groupby("measure")["value"].count()
    said = []
    held = rows[rows["value"].notna() & rows["target"].notna() & (rows["target"] != 0)]
    if len(held):
        newest = held.sort_values("period").groupby("measure").tail(1).sort_values("measure")
        names = [label(one, short=True, of="measure") for one in newest["measure"]]
        parts = [
            f"{name} {more_or_less(one.value / one.target - 1, 'above', 'below')}"
            for name, one in zip(names, newest.itertuples(), strict=True)
        ]
        said = [f"In {month(newest['period'].max())}", listed(parts)]
    said += [count((known > 0).sum(), "measure"), span(rows["period"])]
    unknown = (known == 0).sum()
    return said + ([f"{count(unknown, 'measure')} cannot be known"] if unknown else [])


@says("decision_record.decision_log")
def decision_log(t: Tables):
    rows = t.get("decision_log")
    if rows is None or rows.empty:
        return ["No choice is on record"]
    return [f"{count(len(rows), 'choice')} of {count(rows['cycle'].nunique(), 'cycle')}"]


@says("decision_record.decision_follow_up")
def decision_follow_up(t: Tables):
    rows = t["decision_follow_up"]
    if rows.empty:
        return ["No earlier decision"]
    measured = rows["measured_effect"].notna().sum()
    return [
        count(rows.groupby(["cycle", "decision"]).ngroups, "earlier decision"),
        f"{measured} of {count(len(rows), 'expected effect')}",
    ]
