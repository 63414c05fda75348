"""Databases by their URL: an engine, the URL without its password, and whether a file is there.

Company tables and the plan store are both reached through it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa


@contextmanager
def engine(url: str) -> Iterator[sa.Engine]:
    """Give an engine for a database; what the driver objects to is said without the password.

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
        # What the URL is said to be wrong in may be a part of its password.
        raise ValueError("not the URL of a database, such as sqlite:///plans.sqlite") from None
    try:
        yield made
    except sa.exc.DBAPIError as error:
        raise ValueError(f"{shown(url)}: {error.orig}") from error
    finally:
        made.dispose()


def shown(url: str) -> str:
    """Write a database's URL without its password, which may stand behind the question mark too.

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
