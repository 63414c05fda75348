"""What rules an option out that would add to the margin, in words."""

from collections.abc import Mapping

from pandas import DataFrame

SUPPOSED = "reaction of customers or suppliers"  # a price or a cost that others must agree to


def statements_of(assumptions: DataFrame | None) -> dict[str, str]:
    """What each assumption says, by its code."""
    if assumptions is None:
        return {}
    said = assumptions["statement"].str.rstrip(".")
    return dict(zip(assumptions["assumption"], said, strict=True))


def why(note: str, statements: Mapping[str, str], several: bool = False) -> str:
    """Say why an option, or `several` of them, cannot be recommended.

    Parameters
    ----------
    note : of `decision_options`: `SUPPOSED`, the code of an assumption, or nothing

    Examples
    --------
    >>> why(SUPPOSED, {}), why("", {}, several=True)
    ('depends on the reaction of customers or suppliers', 'break a binding goal')
    >>> why("calm", {"calm": "Nobody strikes"})
    'contradicts the assumption “Nobody strikes”'
    """
    ends = "" if several else "s"
    if note == SUPPOSED:
        return f"depend{ends} on the {SUPPOSED}"
    if note in statements:
        return f"contradict{ends} the assumption “{statements[note]}”"
    return f"break{ends} a binding goal"
