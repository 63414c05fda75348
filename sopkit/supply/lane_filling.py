"""Fill lanes in order: what each site sends goes to its markets, step by step."""

from collections.abc import Iterable

import numpy as np

ROUNDING = 1e-4  # units below this are the rounding of the solver, added up over the months


def turn_steps(stock: np.ndarray, item: np.ndarray, turn: np.ndarray) -> list[np.ndarray]:
    """Lanes in the order in which they are filled: site after site of each product, and turn after
    turn of each site.

    In a step every product has one site and every site one turn.

    Returns
    -------
    positions of lanes, step by step
    """
    lanes = np.bincount(stock)[stock]  # the site with the fewest comes first
    site = rank(item, stock + lanes * (stock.max(initial=0) + 1))
    place = rank(stock, turn)
    return _grouped(site * (place.max(initial=0) + 1) + place)


def steps_by_freight(item: np.ndarray, freight: np.ndarray) -> list[np.ndarray]:
    """Lanes in the order of freight: in a step every product has one lane."""
    order = np.lexsort((freight, item))
    place = np.zeros(len(item), dtype=int)
    place[order] = np.arange(len(item)) - np.searchsorted(item[order], item[order])
    return _grouped(place)


def rank(group: np.ndarray, value: np.ndarray) -> np.ndarray:
    """The place of each value among the different values of its group, from 0."""
    order = np.lexsort((value, group))
    g, v = group[order], value[order]
    new = np.r_[True, (g[1:] != g[:-1]) | (v[1:] != v[:-1])][: len(g)].cumsum() - 1
    place = np.zeros(len(group), dtype=int)
    place[order] = new - new[np.searchsorted(g, g)]
    return place


def _grouped(number):
    """The positions of each number, in the order of numbers."""
    order = np.argsort(number, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(number[order])) + 1) if len(order) else []


def filled(
    steps: Iterable[np.ndarray],
    stock: np.ndarray,
    want: np.ndarray,
    sent: np.ndarray,
    asked: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Fill lanes step by step; return what goes over each lane, and what each stock could not send.

    Returns
    -------
    flow : units, by lane
    left : units, by stock
    """
    left, served, flow = sent.copy(), np.zeros(len(asked)), np.zeros(len(want))
    for step in steps:
        s, w = stock[step], want[step]
        flow[step] = _water_fill(s, left[s], asked[w], served[w])
        served[w] += flow[step]
        left = left - np.bincount(s, flow[step], minlength=len(left))
    return flow, left


def _water_fill(group, units, asked, served):
    """Pour each group's units over its members until all have the same share of what they ask; none
    gives back."""
    share = np.where(asked > 0, ratio(served, asked), 1.0)
    order = np.lexsort((share, group))
    g, a, s = group[order], asked[order], served[order]
    start = np.searchsorted(g, g)
    below_a, below_s = (np.r_[0.0, x.cumsum()] for x in (a, s))
    reached = (
        share[order] * (below_a[1:] - below_a[start]) - (below_s[1:] - below_s[start])
        < units[order]
    )
    level = ratio(units[order] + np.bincount(g, s * reached)[g], np.bincount(g, a * reached)[g])
    poured = np.zeros(len(group))
    poured[order] = np.where(reached, np.maximum(np.minimum(level, 1.0) * a - s, 0.0), 0.0)
    return poured


def ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Part of whole; 0 of nothing."""
    return np.divide(part, whole, out=np.zeros(np.shape(whole)), where=np.asarray(whole) > 0)
