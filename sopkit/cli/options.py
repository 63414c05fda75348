"""Options that several commands share."""

import click

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
AUTHOR = click.option("--author", default="", help="Who does this (required)")
REASON = click.option("--reason", default="", help="Reason (required)")
REVISION = click.option("--revision", type=int, help="Number of the revision; must be the latest")
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
