"""Options that several commands share."""

from functools import wraps
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

if TYPE_CHECKING:
    from sopkit.store.audit_log import Author
    from sopkit.store.status import Plan

SCENARIO = click.option(
    "--scenario", default="base", show_default=True, help="base, or a scenario of scenario_changes"
)
STORE = click.option(
    "--store",
    default="",
    metavar="URL",
    help="Plan store; default: plans.sqlite of the project",
)
COMPANY = click.option(
    "--company", default="summit", show_default=True, help="Company: a folder of data/"
)
CYCLE = click.option(
    "--cycle",
    default="2026-10",
    show_default=True,
    help="Planning cycle: the month in which the plan is made",
)


def _not_empty(context: click.Context, option: click.Parameter, text: str) -> str:
    """Refuse an option that is given without a value, such as by an empty variable."""
    given = context.get_parameter_source(option.name or "") is not ParameterSource.DEFAULT
    if given and not text:
        raise click.BadParameter("it is empty. Write a month such as 2026-10, or leave it out.")
    return text


CYCLE_OF_DATA = click.option(
    "--cycle",
    default="",
    callback=_not_empty,
    help="Planning cycle: the month in which the plan is made; default: the month after the last "
    "one of sales",
)
AS_OF = click.option(
    "--as-of",
    default="",
    metavar="DAY",
    help="Day the data is of, such as 2026-10-14; default: as_of_day of company_settings",
)
AUTHOR = click.option("--author", default="", help="Who does this (required)")
REASON = click.option("--reason", default="", help="Reason (required)")
REVISION = click.option("--revision", type=int, help="Number of the revision; must be the latest")
WORKSPACE = click.option(
    "--workspace",
    default="",
    metavar="PLACE",
    help="Folder, .xlsx or database URL of the input tables; default: data/COMPANY",
)


def _plan_of(company: str, cycle: str, scenario: str) -> "Plan":
    from sopkit.store import status

    return status.plan_of(company, cycle, scenario)


def _author_of(author: str, reason: str) -> "Author":
    from sopkit.store import audit_log

    return audit_log.Author(author, reason)


def _as_one(name, made, **options):
    """Options by name, of which a command receives what `made` makes as its argument `name`."""

    def decorate(command):
        @wraps(command)
        def called(**given):
            parts = {each: given.pop(each) for each in options}
            return command(**given, **{name: made(**parts)})

        for option in reversed(options.values()):
            called = option(called)
        return called

    return decorate


PLAN = _as_one("plan", _plan_of, company=COMPANY, cycle=CYCLE, scenario=SCENARIO)
SIGNED = _as_one("author", _author_of, author=AUTHOR, reason=REASON)
