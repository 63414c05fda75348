"""The shape every size of a disagreement has, whatever its kind."""

MEASURES = ["plan", "reference", "gap_units", "gap_value"]
_TEXTS = ["kind", "place", "item", "family", "product", "resource", "detail"]


def listed(kind, rows):
    """Shape sizes of one kind, about the thing in `item`.

    Returns
    -------
    place, period : kind, item, family, product, resource, detail, plan, reference [the kind's unit], gap_units [units],
        gap_value [money], wrong
    """
    place = kind.replace(" ", "-") + "-" + rows["item"].astype("str")
    rows = rows.assign(kind=kind, place=place).reindex(
        columns=[*_TEXTS, "period", *MEASURES, "wrong"]
    )
    return rows.astype(
        dict.fromkeys(_TEXTS, "str") | dict.fromkeys(MEASURES, "float64") | {"wrong": bool}
    )


def nothing(kind, horizon):
    """The sizes of a kind that the tables at hand say nothing about."""
    return listed(kind, horizon.iloc[:0].assign(item=""))
