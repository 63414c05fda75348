"""Databases by URL: engine, URL without password, existence of the file.

Company tables and the plan store are both reached through it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa


@contextmanager
def engine(url: str) -> Iterator[sa.Engine]:
    """Make an engine for a database; errors of the driver do not show the password.

    Raises
    ------
    ValueError : the URL is wrong, its driver is not installed, or the database refuses.
    """
    try:
        made = sa.create_engine(url, poolclass=sa.NullPool)
    except ImportError as error:
        raise ValueError(
            f"{shown(url)}: {error}; PostgreSQL needs `pip install sopkit[postgres]`"
        ) from error
    except (sa.exc.ArgumentError, ValueError):
        # The driver's message may contain a part of the password.
        raise ValueError("not the URL of a database, such as sqlite:///plans.sqlite") from None
    try:
        yield made
    except sa.exc.DBAPIError as error:
        raise ValueError(f"{shown(url)}: {error.orig}") from error
    finally:
        made.dispose()


def shown(url: str) -> str:
    """Write a database's URL without its password, which may also be in the query part.

    Raises
    ------
    ValueError : it is no URL of a database.
    """
    try:
        return sa.make_url(url).set(query={}).render_as_string(hide_password=True)
    except (sa.exc.ArgumentError, ValueError) as error:
        raise ValueError("not the URL of a database, such as sqlite:///plans.sqlite") from error


def is_missing(made: sa.Engine) -> bool:
    """Say whether a database is an SQLite file that is not there; connecting would create it."""
    return made.dialect.name == "sqlite" and not Path(made.url.database or "").is_file()
