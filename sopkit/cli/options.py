"""Options that several commands share, so that they read the same everywhere."""

import click

SCENARIO = click.option(
    "--scenario", default="base", show_default=True, help="base, or a scenario of scenario_changes"
)
STORE = click.option(
    "--store",
    default="",
    metavar="URL",
    help="The plan store; default: plans.sqlite of the project",
)
COMPANY = click.option(
    "--company", default="summit", show_default=True, help="The company: a folder of data/"
)
CYCLE = click.option(
    "--cycle", default="2026-10", show_default=True, help="The month in which the plan is made"
)
AUTHOR = click.option("--author", default="", help="Who does this; required")
REASON = click.option("--reason", default="", help="Why; required")
REVISION = click.option(
    "--revision", type=int, help="The revision that is meant; it must be the newest"
)
WORKSPACE = click.option(
    "--workspace",
    default="",
    metavar="PLACE",
    help="Folder, .xlsx or database URL of the input tables; default: data/COMPANY",
)


def _together(*options):
    def decorate(command):
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


PLAN = _together(COMPANY, CYCLE, SCENARIO)
SIGNED = _together(AUTHOR, REASON)
