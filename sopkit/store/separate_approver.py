"""A company may ask that a plan is approved by somebody who has no part in it.

`separate_approver` of `company_settings` says so. Whoever ran, reworked or submitted a plan, or
entered a number for one of its months, has a part in it, by the names that the audit trail and the
tables hold.
"""

from pandas import Period

from sopkit.store import audit_log, revisions
from sopkit.store.status import PlanStatus

ACTS = (*audit_log.SAVED, audit_log.SUBMITTED)
ENTERED = ("demand_inputs", "plan_overrides")  # inputs that hold an author's numbers by month


def refuse_own_plan(url: str, standing: PlanStatus, approver: str) -> None:
    """Refuse an approval by somebody who has a part in the plan, where the company asks for that.

    Raises
    ------
    ValueError : what the approver did, or entered where.
    """
    inputs = revisions.read_inputs(url, *standing.plan, standing.newest.number)
    settings = inputs.get("company_settings")
    if settings is None or not settings["separate_approver"].fillna(False).any():
        return
    own = _own_act(standing, approver) or _own_entry(standing, inputs, approver)
    if own:
        raise ValueError(
            f"{standing.plan}: {own}; somebody else must approve it, as separate_approver of "
            "company_settings says"
        )


def _own_act(standing, approver):
    for row in standing.story:
        if row["what"] in ACTS and _same(row["who"], approver):
            return audit_log.told(row)
    return ""


def _own_entry(standing, inputs, approver):
    first = Period(standing.plan.cycle, freq="M")
    for name in ENTERED:
        rows = inputs.get(name)
        if rows is None:
            continue
        own = rows[(rows["period"] >= first) & rows["author"].map(lambda who: _same(who, approver))]
        if len(own):
            return f"{own['author'].iloc[0]} entered {len(own)} of its numbers in {name}"
    return ""


def _same(one, other):
    return str(one).strip().casefold() == other.strip().casefold()
