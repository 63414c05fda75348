"""Databases by URL: engine, URL without password, existence of the file.

Company tables and the plan store are both reached through it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from sopkit.io import disk


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
        raise ValueError(f"{shown(url)}: {error.orig}{_of_its_disk(url)}") from error
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


def file_of(url: str) -> Path | None:
    """The file of a database in SQLite; None of any other."""
    made = sa.make_url(url)
    is_file = made.get_backend_name() == "sqlite" and made.database not in (None, "", ":memory:")
    return Path(made.database or "") if is_file else None


def _of_its_disk(url):
    """What an error of SQLite does not say: that the disk is full or read-only."""
    file = file_of(url)
    said = disk.trouble(file.parent) if file else ""
    return f" ({said})" if said else ""


def is_missing(made: sa.Engine) -> bool:
    """Say whether a database is an SQLite file that is not there; connecting would create it."""
    return made.dialect.name == "sqlite" and not Path(made.url.database or "").is_file()
