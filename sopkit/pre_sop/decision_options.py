"""The options of each decision side by side, like for like, with what is recommended."""

from collections.abc import Mapping

import pandas as pd
from pandas import DataFrame, Series

from sopkit.pre_sop.causes import ASKS, cause_of
from sopkit.tables import conform

BETWEEN = "+"  # the moves of a combination, in its code
LEAST_CLOSED = 0.005  # of a gap, either way: an option that moves less is none for it
ORDER = ["place", "recommended", "margin_effect", "scenario"]


def decision_options(
    gap_causes: DataFrame,
    gap_options: DataFrame,
    option_changes: DataFrame,
    tried_options: DataFrame,
    supply_policy: DataFrame | None = None,
) -> DataFrame:
    """List the options of each decision, and recommend what the best combination does about it.

    An option belongs to every decision of which it closes a gap by a quarter or more, and to the
    one whose cause it lifts; a combination to those to which all its moves belong. What moves no
    gap of a decision is none of its options, unless it is recommended. All that is recommended was
    planned together. A move is recommended once: where its cause is decided, else for the decision
    whose gap it closes most.

    Returns
    -------
    decision, scenario : statement, gap_closed_ratio [ratio, of the gap that it closes most],
        revenue_effect, margin_effect, cash_effect, inventory_effect, closing_inventory_effect
        [money], backlog_effect [units], headcount_effect [workers], service_effect [ratio],
        allowed (by the binding goals, and ruled out by nothing), recommended, note (what rules it
        out, or the reason of the policy it overturns)
    """
    lifts = _lifting(option_changes, gap_causes)
    best = tried_options.loc[tried_options["best"], "scenario"]
    moved = gap_options["gap_closed_ratio"].abs() >= LEAST_CLOSED
    moved |= gap_options["scenario"].isin(best)
    options = _listed(gap_options[moved], gap_causes, lifts)
    options = options[_of_whole_decisions(options, tried_options)]
    tried = tried_options.set_index("scenario")
    told = {name: options["scenario"].map(tried[name]) for name in ("allowed", "note")}
    told["allowed"] = told["allowed"].astype(bool) & told["note"].isna()
    options = options.assign(**told)
    options["note"] = options["note"].fillna(_overturned(options, option_changes, supply_policy))
    options["recommended"] = _recommended(options, tried_options, lifts)
    order = {name: place for place, name in enumerate(dict.fromkeys(gap_causes["decision"]))}
    options = options.assign(place=options["decision"].map(order))
    options = options.sort_values(ORDER, ascending=[True, False, False, True], kind="stable")
    return conform("decision_options", options.drop(columns="place"))


def _lifting(option_changes: DataFrame, gap_causes: DataFrame) -> dict[str, str]:
    """The decision whose cause each option lifts."""
    found, asked = {}, set(gap_causes["decision"])
    for scenario, rows in option_changes.groupby("scenario", sort=False):
        cause = cause_of(rows)
        if cause is not None and (decision := f"{ASKS}{cause[0]}-{cause[1]}") in asked:
            found[scenario] = decision
    return found


def _listed(gap_options: DataFrame, gap_causes: DataFrame, lifts: Mapping[str, str]) -> DataFrame:
    """The options of each decision, each with the gap of it that it closes most."""
    decision_of = gap_causes.set_index("gap")["decision"]
    of_gaps = gap_options.assign(decision=gap_options["gap"].map(decision_of))
    of_cause = gap_options.assign(decision=gap_options["scenario"].map(lifts), gap_closed_ratio=0.0)
    rows = pd.concat([of_gaps, of_cause], ignore_index=True).dropna(subset="decision")
    rows = rows.sort_values("gap_closed_ratio", ascending=False, kind="stable")
    return rows.drop_duplicates(["decision", "scenario"], ignore_index=True).drop(columns="gap")


def _of_whole_decisions(options: DataFrame, tried_options: DataFrame) -> Series:
    """Whether all moves of an option belong to the decision too."""
    known = set(zip(options["decision"], options["scenario"], strict=True))
    moves = tried_options.set_index("scenario")["moves"]
    return Series(
        [
            moves[scenario] == 1
            or all((decision, move) in known for move in scenario.split(BETWEEN))
            for decision, scenario in zip(options["decision"], options["scenario"], strict=True)
        ],
        index=options.index,
        dtype=bool,
    )


def _recommended(options: DataFrame, tried_options: DataFrame, lifts: Mapping[str, str]) -> Series:
    """What the best combination does about each decision: one move, or several as one option.

    Of several that were not planned as one option, each is recommended.
    """
    best = tried_options[tried_options["best"] & (tried_options["moves"] == 1)]["scenario"]
    wanted: dict[str, list[str]] = {}
    for move in best:
        mine = options[options["scenario"] == move]
        decision = lifts.get(move)
        if decision is None and len(mine):
            decision = mine.loc[mine["gap_closed_ratio"].idxmax(), "decision"]
        if decision is not None:
            wanted.setdefault(decision, []).append(move)
    chosen = set()
    for decision, moves in wanted.items():
        own = options.loc[options["decision"] == decision, "scenario"]
        same = own[own.map(lambda code: set(code.split(BETWEEN))) == set(moves)]
        chosen |= {(decision, code) for code in (same.head(1) if len(same) else moves)}
    pairs = zip(options["decision"], options["scenario"], strict=True)
    return Series([pair in chosen for pair in pairs], index=options.index, dtype=bool)


def _overturned(
    options: DataFrame, option_changes: DataFrame, supply_policy: DataFrame | None
) -> Series:
    """The written reason of the policy rows that an option overturns, with who wrote it."""
    if supply_policy is None:
        return Series(None, index=options.index, dtype="str")
    rows = option_changes[option_changes["table"] == "supply_policy"]
    written = supply_policy.set_index("family")
    said = {
        row.scenario: f"the policy's reason: {written.loc[row.family, 'reason']}"
        f" ({written.loc[row.family, 'author']})"
        for row in rows.itertuples()
        if row.family in written.index
    }
    return options["scenario"].map(said).astype("str")
