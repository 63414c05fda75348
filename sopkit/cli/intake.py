"""The command `init`: templates to fill, or tables from an export of another system."""

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sopkit.cli.terminal import say

if TYPE_CHECKING:
    from sopkit.intake.decisions import Question

OPEN_QUESTIONS = 3  # exit code: the mapping file holds questions to be answered


def _pairs(_context, _option, given):
    """Split KEY=VALUE."""
    wrong = [pair for pair in given if "=" not in pair]
    if wrong:
        raise click.BadParameter(f"{wrong[0]!r}; write KEY=VALUE, such as returns=net")
    return {key.strip(): value.strip() for key, _, value in (pair.partition("=") for pair in given)}


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--from-sales",
    "export",
    metavar="PLACE",
    help="Start from sales: a CSV, Excel, OpenDocument, HTML or Parquet file, also packed; a "
    "folder of them; or env:NAME of a database URL",
)
@click.option(
    "--from-table",
    "further",
    metavar="TABLE=PLACE",
    help="Read another table of the company, such as inventory=stock.xlsx; from the same kinds of "
    "files",
)
@click.option("--date", help="Column of the sales date")
@click.option("--product", help="Column of the product")
@click.option("--quantity", help="Column of the quantity")
@click.option("--market", help="Column of the market (optional)")
@click.option("--revenue", help="Column of the sales value (optional)")
@click.option("--family", help="Column of the product family (optional)")
@click.option(
    "--calendar",
    metavar="PATTERN",
    help="Plan in fiscal periods of 4-4-5, 4-5-4 or 5-4-4 weeks in place of calendar months",
)
@click.option(
    "--fiscal-year-start",
    "fiscal_year_start",
    metavar="DAY",
    help="First day of any fiscal year, such as 2026-02-01; with --calendar",
)
@click.option(
    "--returns",
    type=click.Choice(["refuse", "net", "drop"]),
    help="Negative quantities: net them (default), drop them, or refuse them",
)
@click.option(
    "--answer",
    "answers",
    multiple=True,
    metavar="KEY=VALUE",
    callback=_pairs,
    help="Answer a question, or decide otherwise, by its key; can be given again",
)
@click.option(
    "--starter",
    "kind",
    is_flag=False,
    flag_value="",
    metavar="[make|buy|serve]",
    help="Write a workbook with the few tables that such a company begins with; without a word it "
    "asks: do you make, buy, or serve?",
)
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m"]),
    help="Last month of sales in the starter workbook; default: last month",
)
@click.option("--update", is_flag=True, help="Replace the months of this file in tables that exist")
@click.option("--dry-run", is_flag=True, help="Show what would be read; write nothing")
def init(
    folder: Path,
    export: str | None,
    further: str | None,
    answers: dict[str, str],
    update: bool,
    dry_run: bool,
    kind: str | None,
    until: datetime | None,
    **columns: str | None,
) -> None:
    """Write template tables, a starter workbook, or tables from an export."""
    if kind is not None:
        _starter(folder, kind, until)
        return
    if further is not None:
        _further(folder, further, answers, dry_run)
        return
    if export is None:
        from sopkit.io import templates

        templates.write_workbook(folder)
        say(
            f"Wrote {folder / 'workbook.xlsx'} and {folder / 'csv'}: fill in products and "
            "sales_history; all other tables are optional."
        )
        return
    from sopkit.intake import sales_import

    told = {name: value for name, value in columns.items() if value} | answers
    ask = _ask if sys.stdin.isatty() else None
    result = sales_import.import_sales(export, folder, told, ask, update=update, dry_run=dry_run)
    if result.questions:
        _say_open(folder, export, result.questions, dry_run)
    say(result.screen)
    say("\nNothing was written (--dry-run)." if dry_run else _next(folder, result))


def _starter(folder: Path, kind: str, until: datetime | None) -> None:
    """Write the starter workbook into a new or empty folder."""
    import pandas as pd

    from sopkit.reporting.excel import starter

    choice = click.Choice(starter.KINDS)
    if kind not in starter.KINDS:
        if kind:
            raise click.BadParameter(f"--starter {kind!r}; choose {', '.join(starter.KINDS)}")
        kind = click.prompt("Do you make what you sell, buy it, or serve?", type=choice)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FileExistsError(f"{folder} is not empty; choose a new folder")
    last = pd.Period(until, "M") if until else pd.Period(datetime.now(), "M") - 1
    path = folder / "starter.xlsx"
    starter.write(path, kind, last)
    say(f"Wrote {path}: fill in Products and Sales; the other sheets are optional.\nNext:")
    say(f"  sopkit check {folder}")
    say(f"  sopkit run --company {folder.name} --workspace {folder}")


def _further(folder, further, answers, dry_run):
    """Read one further table."""
    from sopkit.intake import table_import, table_proof

    name, is_pair, place = further.partition("=")
    if not is_pair:
        raise click.BadParameter(f"--from-table {further!r}; write TABLE=PLACE")
    done = table_import.import_table(name, place, folder, answers, dry_run)
    if done.questions:
        _say_open(folder, place, done.questions, dry_run=True)
    say(table_proof.screen(done))
    say("\nNothing was written (--dry-run)." if dry_run else f"\nWrote {folder / f'{name}.csv'}.")


def _ask(question: "Question") -> str:
    """Ask a person; an empty answer takes the default."""
    choices = click.Choice(question.choices) if question.choices else None
    return click.prompt(question.text, default=question.default, type=choices, show_choices=True)


def _say_open(folder, export, questions, dry_run):
    """Say which questions are open and where to answer them, and end with code 3."""
    many = "" if len(questions) == 1 else "s"
    say(f"{len(questions)} question{many} before {export} can be read:")
    for question in questions:
        say(f'\n{question}\n  --answer "{question.key}={question.default}"')
    if not dry_run:
        say(
            f"\nAnswer by these options, or in {folder / 'intake.toml'}; "
            "then run the command again."
        )
    raise click.exceptions.Exit(OPEN_QUESTIONS)


def _next(folder, result):
    cycle = result.cycle
    tables = ", ".join(f"{name}.csv" for name in result.tables)
    return (
        f"\nWrote {tables} and intake.toml to {folder}.\nNext:\n"
        f"  sopkit check {folder} --cycle {cycle}\n"
        f"  sopkit run --company {folder.name} --workspace {folder} --cycle {cycle}"
    )
