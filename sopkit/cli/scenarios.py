"""Commands of scenarios: list and compare."""

from pathlib import Path

import click

from sopkit.cli.options import COMPANY, CYCLE, STORE, WORKSPACE
from sopkit.cli.terminal import say


@click.group()
def scenario() -> None:
    """List the scenarios of scenario_changes, and compare them with the base plan."""


@scenario.command("list")
@COMPANY
@WORKSPACE
def list_(company: str, workspace: str) -> None:
    """List every scenario with its changes."""
    from sopkit.io import readers as inputs
    from sopkit.reporting.exhibits import scenarios
    from sopkit.runner import project

    known = inputs.read(project.workspace_location(company, workspace), ["scenario_changes"])
    if not len(known.get("scenario_changes", ())):
        say("No scenarios are defined: add rows to scenario_changes.")
        return
    for name, said in scenarios.in_words(known["scenario_changes"]).items():
        say("\n  ".join([name, *said]))


@scenario.command()
@click.argument("names", nargs=-1)
@COMPANY
@CYCLE
@WORKSPACE
@STORE
@click.option(
    "--chart",
    type=click.Path(path_type=Path),
    help="Also save the comparison as a chart, a .png or .svg file",
)
def compare(
    names: tuple[str, ...], company: str, cycle: str, workspace: str, store: str, chart: Path | None
) -> None:
    """Plan the scenarios NAMES (default: all) in memory and compare them with the base plan."""
    from sopkit.cycle import replanning
    from sopkit.reporting import picture
    from sopkit.reporting.exhibits import scenarios
    from sopkit.runner import planning_inputs, progress, project
    from sopkit.scenarios.results import comparison
    from sopkit.schema.cells import written_table
    from sopkit.store import approved_plans

    tables = planning_inputs.read(project.workspace_location(company, workspace), cycle)
    tables = approved_plans.add_approved_plans(tables, project.store_url(store), company, cycle)
    with progress.shown() as tell:
        results = replanning.planned_scenarios(tables, cycle, names, tell)
    if len(results):
        shown = scenarios.by_measure(written_table(comparison(results)))
        say(shown.to_string(index=False))
    compared = scenarios.scenarios(results)
    say(compared.headline)
    if chart is not None and len(results):
        picture.save(compared.chart, compared.headline, chart)
        say(f"Wrote {chart}")
