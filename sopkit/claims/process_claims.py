"""What is said of how the planning process runs."""

from sopkit.claims.wording import amount, count, listed, percent, some, verb
from sopkit.schema.glossary import label


def performance_review(performance_review):
    """Say how many measures meet their targets, and what is known of the first that misses."""
    judged = performance_review[performance_review["met"].notna()]
    if judged.empty:
        return "No measure has a target, so none is met or missed."
    missed = judged[~judged["met"].astype(bool)]
    head = f"{len(judged) - len(missed):,} of {count(len(judged), 'measure')} meet their target"
    return f"{head}; missed: {some(_plain(missed['measure']), 5)}." if len(missed) else f"{head}."


def missed(performance_review):
    """Say which measure misses its target and why, the one with a reason given first."""
    rows = performance_review[performance_review["met"].eq(False).fillna(False)]
    if rows.empty:
        return "No measure misses its target."
    reasoned = rows[
        rows["statement"].str.contains("(", regex=False)
        & ~rows["measure"].isin(["actual_quantity", "actual_revenue"])
    ]
    return (reasoned if len(reasoned) else rows)["statement"].iloc[0]


def trends(performance_review):
    """Say which measures got better over the last twelve months, and which worse."""
    found = []
    for way in ("better", "worse"):
        rows = performance_review[performance_review["trend"].str.startswith(f"{way}:")]
        names = _plain(rows["measure"]).drop_duplicates()
        if len(names):
            found.append(f"{some(names)} {verb(len(names), 'gets', 'get')} {way}")
    return (
        f"Over twelve months {'; '.join(found)}."
        if found
        else "No measure has a clear trend over twelve months."
    )


def plan_change(performance):
    """Say how much a cycle changes of the plan for its first month, and for the month furthest ahead."""
    rows = performance[
        (performance["measure"] == "plan_change_ratio") & performance["value"].notna()
    ]
    if rows.empty:
        return "No earlier plan is approved, so how stable the plan is cannot be said."
    mean = rows.groupby("item")["value"].mean()
    first, last = mean.index[0], mean.index[-1]
    return (
        f"A cycle changes {percent(mean[first], 1)} of the plan for its month {first.removeprefix('lag ')} and "
        f"{percent(mean[last], 1)} of that for its month {last.removeprefix('lag ')}, on average."
    )


def process_register(process_register):
    """Say how much of what the register names has evidence in this cycle, and which process has none."""
    if process_register.empty:
        return "No process is described, so there is nothing to show evidence of."
    shown = process_register.groupby("process")["shown"].sum()
    bare = list(shown.index[shown == 0])
    head = f"{int(shown.sum()):,} of {len(process_register):,} elements of {count(len(shown), 'process')} have evidence in this cycle"
    return f"{head}; {listed(bare)} {verb(len(bare), 'has', 'have')} none." if bare else f"{head}."


def audit_page(audit_page):
    """Say how many clauses are wholly shown, and which the least."""
    known = audit_page[audit_page["shown_ratio"].notna()]
    if known.empty:
        return "No clause can be shown yet."
    whole, least = int((known["shown_ratio"] == 1).sum()), known.loc[known["shown_ratio"].idxmin()]
    head = f"{whole:,} of {len(audit_page):,} clauses are wholly shown"
    return (
        f"{head}; the least is {least['clause']}: {least['statement']}"
        if whole < len(known)
        else f"{head}."
    )


def survey(survey_balance):
    """Say which statement the fewest agree with, in the last survey."""
    last = survey_balance[survey_balance["cycle"] == survey_balance["cycle"].max()]
    rows = last[last["function"].isna()]
    if rows.empty:
        return "No survey was taken, so whether people find operations and business needs balanced is not known."
    least = rows.loc[rows["agreeing_ratio"].idxmin()]
    return (
        f"Fewest agree (5 or more of 7) with “{least['item']}”: {percent(least['agreeing_ratio'])} of "
        f"{amount(least['respondents'])} people (95 % interval {percent(least['low_ratio'])} to {percent(least['high_ratio'])})."
    )


def survey_trend(survey_balance):
    """Say which statements more or fewer people agree with than before."""
    last = survey_balance[survey_balance["cycle"] == survey_balance["cycle"].max()]
    rows = last[last["function"].isna()]
    if rows.empty or rows["trend"].eq("first survey").all():
        return "There is no earlier survey to hold this one against."
    moved = rows[rows["trend"].str.startswith(("rose", "fell"))]
    if moved.empty:
        return "On no statement has agreement changed by more than chance since the survey before."
    return " ".join(f"“{row.item}” {row.trend}." for row in moved.itertuples())


def disagreements(survey_disagreements):
    """Say which functions disagree most, on what, and whether that is more than chance."""
    if survey_disagreements.empty:
        return "No two functions answered, so whether they disagree is not known."
    most = survey_disagreements.iloc[0]
    pair = f"{most['function']} and {most['other_function']} are furthest apart on “{most['item']}”"
    points = f"{100 * most['difference_ratio']:.0f} points of agreement (95 % interval {100 * most['low_ratio']:.0f} to {100 * most['high_ratio']:.0f})"
    told = "more than chance makes" if most["told"] else "which chance alone could make"
    return f"{pair[:1].upper()}{pair[1:]}: {points}, {told} among {count(len(survey_disagreements), 'comparison')}."


def _plain(measures):
    return measures.map(lambda measure: label(measure, short=True, of="measure"))
