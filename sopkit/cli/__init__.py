"""The `sopkit` command: read the options, call the library, report the result."""

import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sopkit.cli import approval, intake, scenarios, store, team
from sopkit.cli.options import AS_OF, COMPANY, CYCLE_OF_DATA, PLAN, SCENARIO, STORE, WORKSPACE
from sopkit.cli.terminal import plain, say, told_when_long
from sopkit.tables.issues import DataError, DataWarning, StageError

if TYPE_CHECKING:
    from sopkit.store.status import Plan

sys.modules.setdefault(
    "rfc3987_syntax", None
)  # 35 grammars that only URL checks of notebooks would use: 2 s a start

# absent tables that change the plan most, each told with what is taken in its place
TOLD_FIRST = ("inventory", "item_costs", "purchase_orders", "sales_orders", "resources", "budget")
ANY_CYCLE = "2000-01"  # stands for the cycle until the data has said it


class _Command(click.Group):
    """Report input errors with exit code 1; programming errors keep their traceback."""

    def invoke(self, context):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("always", DataWarning)
                warnings.showwarning = _tell
                with told_when_long():
                    return super().invoke(context)
        except (ValueError, OSError, OverflowError, StageError) as error:
            notes = "".join(f"\n  {note}" for note in getattr(error, "__notes__", ()))
            raise click.ClickException(plain(f"{error}{notes}")) from error


def _tell(message, *_where):
    """Show a warning without its line of code."""
    say(f"Warning: {message}", err=True)


@click.group(
    cls=_Command, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
@click.version_option(package_name="sopkit")
def main() -> None:
    """Plan sales & operations: from input tables to a report with full data lineage."""


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
def new(folder: Path) -> None:
    """Make a project in FOLDER: the notebooks, and room for companies, reports and plans."""
    from sopkit.runner import new_project

    made = new_project.make(folder)
    say(
        f"Made {made}. Next:\n"
        f"  cd {made}\n"
        "  sopkit init data/acme --from-sales SALES.csv\n"
        "  sopkit run --company acme"
    )


@main.command()
@click.argument("location")
@CYCLE_OF_DATA
@AS_OF
def check(location: str, cycle: str, as_of: str) -> None:
    """Check the input tables of a folder, workbook or database; list all errors and warnings."""
    from sopkit.io.places import refuse_absent

    refuse_absent(location)
    from sopkit.io.sql import shown
    from sopkit.runner import planning_inputs
    from sopkit.schema.tables import TABLES

    place = shown(location) if "://" in location else location
    tables, issues = planning_inputs.judged(location, cycle or planning_inputs.NEXT, as_of)
    odd, faults = planning_inputs.odd(issues), planning_inputs.blocking(issues)
    for issue in odd:
        say(f"Warning: {issue}\n")
    if faults:
        say("\n\n".join(map(str, faults)))
        raise click.ClickException(plain(f"{_count(faults, 'error')} in {place}"))
    for name, table in tables.items():
        say(f"{name:<20} {len(table):>10,} {'row' if len(table) == 1 else 'rows'}")
    absent = [name for name, table in TABLES.items() if table.is_input and name not in tables]
    if absent:
        say(_defaults(absent))
    noted = f", with {_count(odd, 'warning')}" if odd else ""
    say(f"{place} is valid{noted}.")
    if not cycle:
        cycle = planning_inputs.next_cycle(tables)
        say(f"Checked for cycle {cycle}, the month after the last one of sales (--cycle).")


def _defaults(absent):
    """What the plan takes in place of absent tables: those that change it most, one by one."""
    from sopkit.schema.tables import TABLES

    first = [name for name in TOLD_FIRST if name in absent]
    lines = [f"  {name:<18} {TABLES[name].absent}" for name in first]
    if rest := len(absent) - len(first):
        more = " more" if first else ""
        lines.append(f"  {rest}{more}; `sopkit docs FOLDER` writes the default of each table")
    return "\n".join(["absent, so defaults apply:", *lines])


def _count(things, noun):
    return f"{len(things):,} {noun}{'' if len(things) == 1 else 's'}"


@main.command()
@COMPANY
@CYCLE_OF_DATA
@SCENARIO
@AS_OF
@WORKSPACE
@STORE
@click.option(
    "--from",
    "first",
    metavar="STAGE",
    help="First stage; earlier tables come from the latest revision",
)
@click.option("--until", "last", metavar="STAGE", help="Last stage; no revision is saved")
@click.option("--no-report", is_flag=True, help="Execute and save, but build no HTML")
@click.option(
    "--reason",
    default="planned",
    show_default=True,
    help="Reason for the revision, kept in the audit trail",
)
@click.option(
    "--resume",
    is_flag=True,
    help="Resume after the last completed stage",
)
@click.option(
    "--stage-timeout",
    type=float,
    default=3600.0,
    show_default=True,
    metavar="SECONDS",
    help="Maximum run time of a stage",
)
@click.option(
    "--cluster",
    default="",
    metavar="tcp://HOST:PORT",
    help="Run forecasts, and independent parts of the supply plan, on this Dask cluster",
)
def run(
    company: str,
    cycle: str,
    scenario: str,
    workspace: str,
    store: str,
    first: str,
    last: str,
    no_report: bool,
    reason: str,
    resume: bool,
    stage_timeout: float,
    cluster: str,
    as_of: str,
) -> None:
    """Run the planning cycle: execute the notebooks, write the report, save a plan revision.

    \b
    Stages: 10_data_review, 20_product_review, 30_demand_review, 40_supply_review,
    50_financial_review, 60_pre_sop, 70_executive_sop, 80_operations_plan,
    90_process_review.
    """
    from dataclasses import replace

    from sopkit.io.places import refuse_absent
    from sopkit.runner.project import workspace_location
    from sopkit.runner.request import Request
    from sopkit.schema.stages import STAGE_NAMES

    request = Request(
        company,
        cycle or ANY_CYCLE,
        scenario,
        workspace,
        store,
        first or STAGE_NAMES[0],
        last or STAGE_NAMES[-1],
        reason,
        stage_timeout=stage_timeout,
        resume=resume,
        cluster=cluster,
        as_of=as_of,
    )
    place = workspace_location(request.company, request.workspace)
    refuse_absent(place)
    if not cycle:
        from sopkit.runner import planning_inputs

        request = replace(request, cycle=planning_inputs.cycle_of(place))
    from sopkit.runner import run as runner

    folder, revision = runner.run(request, with_report=not no_report, progress=sys.stderr.isatty())
    if revision is not None:
        say(f"Revision {revision.number} of {request.plan} is saved ({revision.hash[:12]}).")
    say(
        f"{'Notebooks' if no_report else 'Report'}: "
        f"{folder / ('notebooks' if no_report else 'index.html')}"
    )


for _command in (
    intake.init,
    *approval.COMMANDS,
    *store.COMMANDS,
    *team.COMMANDS,
    scenarios.scenario,
):
    main.add_command(_command)


@main.command()
@click.argument("table")
@click.argument("target", type=click.Path(path_type=Path))
@PLAN
@click.option("--revision", type=int, help="Number of the revision; default: the latest")
@STORE
def export(table: str, target: Path, plan: "Plan", revision: int | None, store: str) -> None:
    """Export TABLE of a revision to TARGET (.csv, .parquet or .xlsx); `sop` is the Excel pack."""
    from sopkit.runner import project
    from sopkit.store import revisions as plans

    url = project.store_url(store)
    if table == "sop":
        from sopkit.reporting import excel

        excel.of_revision(url, *plan, target, revision)
        say(f"Wrote the Excel pack to {target}.")
        return
    rows = plans.export(url, *plan, table, target, revision=revision)
    say(f"Wrote {rows:,} rows of {table} to {target}.")


@main.command()
@click.argument("table")
@click.argument("key", nargs=-1)
@click.option(
    "--column", default="", help="Column to explain; default: the main number of the table"
)
@PLAN
@click.option(
    "--revision",
    type=int,
    help="Number of the revision; default: the latest, or a plan in memory if there is none",
)
@WORKSPACE
@STORE
def explain(
    table: str,
    key: tuple[str, ...],
    column: str,
    plan: "Plan",
    revision: int | None,
    workspace: str,
    store: str,
) -> None:
    """Trace a number back to the lines of the input files.

    KEY is column=value, or values in the order of the table's key:

    \b
    sopkit explain demand_plan product=PACK-1 market=north period=2027-03
    sopkit explain financial_plan tents 2027-05 --column margin
    """
    from functools import partial

    from sopkit import lineage as explanation
    from sopkit.cycle import replanning, stages
    from sopkit.io import readers as source
    from sopkit.runner import planning_inputs, project
    from sopkit.store import revisions as plans

    place, url = project.workspace_location(plan.company, workspace), project.store_url(store)
    latest = plans.latest_revision(url, *plan)
    if revision is None and latest is None:
        inputs = replanning.under(planning_inputs.read(place, plan.cycle), plan.scenario)
        planned = replanning.replan(inputs, plan.cycle, until=stages.stage_of(table))
        say("No revision yet: planned in memory.", err=True)
    else:
        revision = latest.number if revision is None else revision
        inputs = plans.read_inputs(url, *plan, revision)
        planned = plans.read_revision(url, *plan, revision)
    located = partial(source.located, place)
    lines = explanation.explain(table, key, inputs | planned, column, located, plan.scenario)
    say(explanation.tree(lines))


@main.command()
@click.argument("folder", type=click.Path(path_type=Path), default="docs")
def docs(folder: Path) -> None:
    """Write the data dictionary, lineage, rules and list of packages to FOLDER."""
    from sopkit.cli import documentation

    for file in documentation.write(folder):
        say(f"Wrote {file}")
