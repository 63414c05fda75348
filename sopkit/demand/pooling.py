"""Pooled estimates of one effect over the series of a family.

Products of a family share good and bad months, so ten of them are not ten witnesses. The error of a
pooled effect counts how errors went together in all months, not in the promoted ones alone: those
are few, and errors clustered by month (as statsmodels' OLS gives them) are then too small.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.tables.joins import rows_of

LARGEST_ERROR = 0.5  # an effect known no better than this (on the log scale) is not known

SPREADS = 70  # values of that spread that are weighed


class Effects(NamedTuple):
    """Effect of each kind in each product and market, and the covariance of the estimates.

    table : kind, product, market, family : effect (logarithm of the factor), variance, freedom
        [months]
    lever : how far the logarithm of each month moves the effect (rows of table x months)
    error : errors of the regression, scaled (rows of table x months): two effects have the
        covariance (lever . lever) (error . error)
    """

    table: DataFrame
    lever: np.ndarray
    error: np.ndarray


def pooled(effects: Effects, groups: list[str]) -> DataFrame:
    """Random-effects mean of the series' estimates.

    Returns
    -------
    groups : effect, variance (of the mean), spread (variance between series), freedom [months or
        series], series
    """
    rows = []
    for key, part in effects.table.groupby(groups):
        at = part.index
        mean = random_effects(
            part["effect"].to_numpy(), effects.lever[at], effects.error[at], part["freedom"].min()
        )
        rows.append((*key, *mean, len(part)))
    table = pd.DataFrame(
        rows, columns=[*groups, "effect", "variance", "spread", "freedom", "series"]
    )
    numbers = ["effect", "variance", "spread", "freedom"]
    return table.astype({**dict.fromkeys(groups, "str"), **dict.fromkeys(numbers, "float")})


def random_effects(
    effect: np.ndarray, lever: np.ndarray, error: np.ndarray, freedom: float
) -> tuple[float, float, float, float]:
    """Mean of correlated estimates, weighted by their errors and the variance between them.

    Returns
    -------
    effect, variance, spread (the variance between series), freedom (Satterthwaite's, of errors and
    spread)

    Source
    ------
    DerSimonian and Laird, Meta-analysis in clinical trials (1986), section 3, with the covariances
    of the estimates in place of their variances; those as in Beck and Katz, What to do (and not to
    do) with time-series cross-section data (1995).
    """
    variance = (lever**2).sum(axis=1) * (error**2).sum(axis=1)
    weight = 1 / variance
    share = weight / weight.sum()
    misfit = weight @ (effect - share @ effect) ** 2
    expected = len(effect) - weight.sum() * _together(share, lever, error)
    spread = (
        max((misfit - expected) / (weight.sum() - weight @ share), 0.0) if len(effect) > 1 else 0.0
    )
    share = 1 / (variance + spread)
    share /= share.sum()
    errors, between = _together(share, lever, error), spread * (share**2).sum()
    total = errors + between
    freedom = total**2 / (errors**2 / freedom + between**2 / max(len(effect) - 1, 1))
    return share @ effect, total, spread, freedom


def _together(share, lever, error):
    """Variance of a weighted mean of estimates by their regressions' errors, which may be shared by
    month."""
    return (((lever * share[:, None]).T @ error) ** 2).sum()


def shrunk(effects: Effects, family: DataFrame) -> DataFrame:
    """Shrink each series' estimate towards its family's (empirical Bayes).

    Parameters
    ----------
    family : the effects pooled by kind and family, see `pooled`

    Returns
    -------
    kind, family, product, market : effect [logarithm of the factor], variance
    """
    mean = family.take(rows_of(effects.table, family, ["kind", "family"]))
    table = effects.table.assign(
        mean=mean["effect"].array, mean_variance=mean["variance"].array, spread=mean["spread"].array
    )
    own = table["spread"] / (table["spread"] + table["variance"])
    table["effect"] = own * table["effect"] + (1 - own) * table["mean"]
    table["variance"] = own * table["variance"] + (1 - own) ** 2 * table["mean_variance"]
    return table[["kind", "family", "product", "market", "effect", "variance"]]


def as_ratios(table: DataFrame) -> DataFrame:
    """Convert logarithms to shares of the baseline, with the error by the delta method.

    Returns
    -------
    the table, with lift_ratio, standard_error [ratio]; rows whose error is too large are left out
    """
    known = np.sqrt(table["variance"]) <= LARGEST_ERROR
    factor = np.exp(table["effect"])
    ratios = {"lift_ratio": factor - 1, "standard_error": factor * np.sqrt(table["variance"])}
    return table.assign(**ratios)[known]


class Pooled(NamedTuple):
    """Estimates shrunk towards their group's mean, and the means of the groups."""

    effect: np.ndarray  # by member
    variance: np.ndarray
    group_effect: np.ndarray  # by group
    group_variance: np.ndarray
    newcomer_variance: np.ndarray  # of a member of the group of which nothing is known


def partial_pooling(
    effect: np.ndarray, variance: np.ndarray, group: np.ndarray, usual_spread: float
) -> Pooled:
    """Shrink estimates towards their group's mean: more where uncertain and the group is alike.

    How far a group's true effects lie apart (their standard deviation) is not known either: all
    values are weighed by how well they agree with the estimates, and by a half-normal expectation
    of the size `usual_spread`. `group` numbers the group of each member from 0.

    Source
    ------
    Gelman and others, Bayesian Data Analysis, chapter 5, the hierarchical normal model (5.17 to
    5.21).
    """
    spread = (np.arange(SPREADS) + 0.5) * (3.5 * usual_spread / SPREADS)
    total = variance[:, None] + spread**2
    weight = 1 / total
    by_group = np.zeros((group.max(initial=-1) + 1, SPREADS))
    known, mean, misfit = by_group.copy(), by_group.copy(), by_group.copy()
    np.add.at(known, group, weight)
    np.add.at(mean, group, weight * effect[:, None])
    mean /= known
    np.add.at(misfit, group, weight * (effect[:, None] - mean[group]) ** 2 + np.log(total))
    chance = -(np.log(known) + misfit + (spread / usual_spread) ** 2) / 2
    chance = np.exp(chance - chance.max(axis=1, keepdims=True))
    chance /= chance.sum(axis=1, keepdims=True)
    own = spread**2 * weight
    drawn = own * effect[:, None] + (1 - own) * mean[group]
    drawn_variance = own * variance[:, None] + (1 - own) ** 2 / known[group]
    return Pooled(
        *_mixture(drawn, drawn_variance, chance[group]),
        *_mixture(mean, 1 / known, chance),
        _mixture(mean, 1 / known + spread**2, chance)[1],
    )


def _mixture(means, variances, chance):
    """Mean and variance over all spreads."""
    mean = (chance * means).sum(axis=1)
    return mean, (chance * (variances + (means - mean[:, None]) ** 2)).sum(axis=1)
