"""The pre-read: at most twelve A4 pages that are mailed ahead of the executive meeting.

A page is a function of the tables that it names. What has no data is left out, and the first page
says so.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from pandas import DataFrame

from sopkit.io.writers import write_text
from sopkit.reporting.notebook_output import template
from sopkit.reporting.pre_read.decision_sheets import decision_pages
from sopkit.reporting.pre_read.demand import demand_page
from sopkit.reporting.pre_read.families import family_pages
from sopkit.reporting.pre_read.month import month_on_a_page
from sopkit.reporting.pre_read.outlook import outlook_page
from sopkit.reporting.pre_read.page import LeftOut, Page
from sopkit.reporting.pre_read.records import assumptions_and_record
from sopkit.reporting.pre_read.risks import launches_and_risks
from sopkit.reporting.pre_read.supply import supply_page
from sopkit.rules.call import call
from sopkit.schema.formatting import company_terms

NAME = "executive.html"
PAGES: tuple[Callable, ...] = (
    month_on_a_page,
    decision_pages,
    outlook_page,
    demand_page,
    supply_page,
    family_pages,
    launches_and_risks,
    assumptions_and_record,
)
MOST_PAGES = 12


def pages(tables: Mapping[str, DataFrame]) -> tuple[list[Page], list[LeftOut]]:
    """Make the pages of a plan's tables, and say which are left out and why."""
    with company_terms(tables):
        found = [call(page, tables) for page in PAGES]
    flat = [one for each in found for one in (each if isinstance(each, list) else [each])]
    shown = [one for one in flat if isinstance(one, Page)]
    return shown, [one for one in flat if isinstance(one, LeftOut)]


def first_page(tables: Mapping[str, DataFrame]) -> Page:
    """Make the month on a page alone."""
    with company_terms(tables):
        return call(month_on_a_page, tables)


def write(folder: Path, tables: Mapping[str, DataFrame], facts: Mapping[str, str]) -> list[Page]:
    """Write the pre-read of a plan.

    Parameters
    ----------
    tables : inputs and plan
    facts : company, cycle, scenario, revision, hash, made_at, currency, as of the report

    Returns
    -------
    its pages; the file is `executive.html`
    """
    shown, left_out = pages(tables)
    title = f"{facts['company']} · S&OP {facts['cycle']} · pre-read"
    origin = (
        f"scenario {facts['scenario']}, revision {facts['revision']} {facts['hash'][:12]}".strip()
    )
    html = template("pre_read.html.j2").render(
        pages=shown, left_out=left_out, title=title, origin=origin
    )
    write_text(folder / NAME, html)
    return shown
