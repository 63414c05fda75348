"""Constraints of workers, their hours and the pace of their work."""

import numpy as np

from sopkit.model.parameters import Facts
from sopkit.model.variables import Columns, Sets, years
from sopkit.supply.optimization.rows import Rows, Term, at_most, exactly, numbered, of_year


def worker_balance(f: Facts, at: Columns) -> Rows:
    """Workers = workers before who have not left + hired - laid off."""
    row = numbered(len(f.crews.codes), at.regular)
    right = np.zeros(row.shape)
    right[:, 0] = f.crews.opening
    terms: list[Term] = [(row, at.workers, 1.0), (row, at.hired, -1.0), (row, at.laid_off, 1.0)]
    terms.append((row[:, 1:], at.workers[:, :-1], f.crews.attrition[:, 1:] - 1.0))
    return exactly(right, row, terms)


def hours_worked(
    f: Facts,
    at: Columns,
    made: list[np.ndarray],
    setups: list[Term],
    limit: np.ndarray | float,
    hours_per_worker: np.ndarray | None,
) -> Rows:
    """Hours taken by what is made and set up <= limit + hours of the workers there are."""
    row = numbered(len(f.crews.codes), at.regular)
    terms = _made_hours(f, row, made)
    terms += [(row[crew], runs, hours) for crew, runs, hours in setups]
    if hours_per_worker is not None:
        terms.append((row, at.workers, -hours_per_worker))
    return at_most(limit, row, terms)


def _made_hours(f, row, made):
    worked = f.routes.resource >= 0
    return [(row[f.routes.resource[worked]], column, f.routes.hours[worked]) for column in made]


def steady_pace(f: Facts, at: Columns, sets: Sets) -> Rows:
    """Hours of a crew = pace x working days + busier - calmer: prefers the steadiest plan."""
    row = numbered(len(f.crews.codes), at.regular)
    terms = _made_hours(f, row, [at.regular[sets.worked], at.overtime])
    return exactly(
        0.0,
        row,
        [
            *terms,
            (row, at.busier, -1.0),
            (row, at.calmer, 1.0),
            (row, of_year(at.pace, f), -f.crews.days),
        ],
    )


def _begins(f):
    """Whether a year of the plan begins in each month."""
    return np.diff(years(len(f.months)), prepend=-1) > 0


def level_workforce(f: Facts, at: Columns, sets: Sets) -> Rows:
    """A crew that stays replaces those who leave, once it may hire, and hires nobody else."""
    crews = np.flatnonzero(sets.steady & (f.crews.attrition > 0).any(axis=1))
    row, month = numbered(len(crews), at.regular), np.arange(len(f.months))
    free = (month <= f.crews.hire_from[crews, None]) | _begins(f)
    terms: list[Term] = [(row, at.hired[crews], 1.0)]
    terms.append((row[:, 1:], at.workers[crews, :-1], -f.crews.attrition[crews, 1:]))
    return Rows(np.where(free, -np.inf, 0.0), np.where(free, np.inf, 0.0), terms)


def part_time_posts(f: Facts, at: Columns, sets: Sets) -> Rows:
    """Workers of a crew = its posts x the size of the smallest."""
    row = numbered(len(sets.parted), at.regular)
    size = f.crews.post[sets.parted][:, None]
    return exactly(0.0, row, [(row, at.workers[sets.parted], 1.0), (row, at.posts, -size)])
