"""Commands of the month with a team: collect, merge, inputs."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sopkit.cli.options import COMPANY, CYCLE, PLAN, SIGNED, STORE, WORKSPACE
from sopkit.cli.terminal import say

if TYPE_CHECKING:
    from sopkit.collaboration.merge_forms import Change, Merged
    from sopkit.collaboration.merge_pack import PackChange, PackMerged
    from sopkit.collaboration.roll_forward import Rolled
    from sopkit.store.audit_log import Author
    from sopkit.store.status import Plan

SHOWN_CHANGES = 12
SHOWN_LINES = 20


@click.command()
@click.argument("names", nargs=-1, metavar="[CONTRIBUTOR]...")
@COMPANY
@CYCLE
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path),
    help="Folder of the forms; default: forms/COMPANY/CYCLE of the project",
)
@WORKSPACE
@STORE
def collect(
    names: tuple[str, ...],
    company: str,
    cycle: str,
    folder: Path | None,
    workspace: str,
    store: str,
) -> None:
    """Write an Excel form for each contributor (all, or those named), ready to be sent."""
    from sopkit.reporting.excel import input_form
    from sopkit.runner import project, team

    place, url = project.workspace_location(company, workspace), project.store_url(store)
    folder = folder or project.root() / "forms" / company / cycle
    now = _now()
    for form in team.forms(place, url, company, cycle, names, now):
        path = folder / f"{form.facts['contributor']}.xlsx"
        input_form.write(path, form)
        say(f"Wrote {path} (answer by {form.facts['deadline']}).")


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@COMPANY
@CYCLE
@click.option(
    "--conflicts",
    type=click.Choice(["table", "form"]),
    default="table",
    show_default=True,
    help="Whose value counts where both sides changed a cell",
)
@click.option("--dry-run", is_flag=True, help="Show what would change; write nothing")
@click.option("--author", default="", help="Who returns the Excel pack; forms say it themselves")
@click.option("--reason", default="", help="Reason of the pack's rows that give none")
@click.option(
    "--function",
    type=click.Choice(["sales", "marketing", "finance", "product"]),
    default="sales",
    show_default=True,
    help="Function for which the pack changes demand",
)
@WORKSPACE
@STORE
def merge(
    files: tuple[Path, ...],
    company: str,
    cycle: str,
    conflicts: str,
    dry_run: bool,
    workspace: str,
    store: str,
    **signed: str,
) -> None:
    """Merge forms, or the Excel pack, that came back: show what changed, keep all or nothing."""
    from sopkit.collaboration.merge_pack import Signed
    from sopkit.io import keyed_workbook
    from sopkit.runner import project, team

    place, url = project.workspace_location(company, workspace), project.store_url(store)
    now = _now()
    if len(files) == 1 and keyed_workbook.kind_of(files[0]) == "pack":
        pack = team.pack_merged(files[0], place, url, company, cycle, now, Signed(**signed))
        _say_pack(pack)
        cells = len(pack.changes)
        if not dry_run:
            team.keep_pack(pack, place, url, company, cycle, signed["author"])
    else:
        merged = team.merged(files, place, url, company, cycle, now, conflicts)
        for one in merged:
            _say_form(one)
        cells = sum(len(one.changes) for one in merged)
        if not dry_run:
            team.keep(place, cycle, merged)
    if dry_run:
        say("\nNothing was written (--dry-run).")
        return
    say(f"\nKept {cells} change{'s' * (cells != 1)} in {team.shown(place)}.")


def _say_pack(pack: "PackMerged") -> None:
    say(f"{len(pack.changes)} changed cell{'s' * (len(pack.changes) != 1)}")
    for change in pack.changes:
        what = " ".join([*list(change.key.values())[1:], change.head])
        say(f"  {what}: {_shown(change.old)} -> {_shown(change.new)} ({change.where})")
    for change in pack.conflicts:
        say(
            f"  CONFLICT {change.where}: the pack was made with {_shown(change.old)} and says "
            f"{_shown(change.new)}, {_holder(change)} {_shown(change.now)}, which stays. "
            "Change it in the latest pack (`sopkit run`, then `sopkit export sop`)."
        )


def _holder(change: "PackChange") -> str:
    """Who has another number by now."""
    if change.key["table"] == "plan_overrides":
        return "plan_overrides now holds"
    return "the latest revision has"


def _shown(value: float | str | None) -> str:
    return _units(value) if isinstance(value, float | None) else value


def _say_form(one: "Merged") -> None:
    status = one.returned["form_status"].iloc[0] if len(one.returned) else "as before"
    say(f"{one.contributor} ({status}): {len(one.changes)} changed")
    for change in one.changes[:SHOWN_CHANGES]:
        how = f" ({change.answered_as})" if change.answered_as else ""
        say(f"  {_told(change)}: {_units(change.now)} -> {_units(change.answer)}{how}")
    if len(one.changes) > SHOWN_CHANGES:
        say(f"  ... and {len(one.changes) - SHOWN_CHANGES} more")
    for change in one.conflicts:
        say(
            f"  CONFLICT {change.where}, {_told(change)}: the form was made with "
            f"{_units(change.made_with)} and says {_units(change.answer)}, the table now holds "
            f"{_units(change.now)}, which stays. Decide with --conflicts form, or answer again."
        )


def _told(change: "Change") -> str:
    return " ".join([*change.scope.values(), str(change.period)])


def _units(value: float | None) -> str:
    return "-" if value is None else f"{value:,.10g}"


@click.command()
@COMPANY
@CYCLE
@click.option(
    "--on",
    "today",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day on which it is asked; default: today",
)
@WORKSPACE
@STORE
def inputs(company: str, cycle: str, today: datetime | None, workspace: str, store: str) -> None:
    """Show who has answered, who is late, and what the answers change."""
    from sopkit.runner import project, team

    place, url = project.workspace_location(company, workspace), project.store_url(store)
    day = today.date() if today else date.today()
    status = team.status(place, url, company, cycle, day)
    if status.empty:
        say("contributors is absent or empty: nobody is asked.")
        return
    shown = status.assign(change=status["change"].map("{:+,.0f}".format)).fillna("")
    say(shown.to_string(index=False))
    late = status.loc[status["state"] == "late", "contributor"]
    if len(late):
        say(f"Late: {', '.join(late)}.")


def _places(_context, _option, given):
    """Split TABLE=PLACE."""
    wrong = [pair for pair in given if "=" not in pair]
    if wrong:
        raise click.BadParameter(f"{wrong[0]!r}; write TABLE=PLACE, such as inventory=stock.xlsx")
    return {name.strip(): place for name, _, place in (pair.partition("=") for pair in given)}


@click.command()
@click.argument("cycle")
@COMPANY
@click.option(
    "--from",
    "told",
    multiple=True,
    metavar="TABLE=PLACE",
    callback=_places,
    help="Export of a table, remembered in intake.toml; {month} stands for the closed month",
)
@click.option("--accept", is_flag=True, help="Take restated months of the exports as well")
@click.option("--dry-run", is_flag=True, help="Show what it would do; write nothing")
@WORKSPACE
@STORE
def roll(
    cycle: str,
    company: str,
    told: dict[str, str],
    accept: bool,
    dry_run: bool,
    workspace: str,
    store: str,
) -> None:
    """Close the month before CYCLE: read its exports, archive what is over, carry what is valid."""
    from sopkit.runner import project, team
    from sopkit.runner import roll as rolling

    place, url = project.workspace_location(company, workspace), project.store_url(store)
    found = rolling.look(place, url, company, cycle, told)
    if found.rolled is None:
        for question in found.questions:
            say(f'{question}\n  {question.key} = "{question.default}"')
        path = rolling.mapping_of(place, company)
        raise click.ClickException(
            f"the exports raise questions; answer each once on a line below [answers] of {path}, "
            "and roll again. Nothing was written"
        )
    _say_roll(found.rolled, found.decisions)
    if dry_run:
        say("\nNothing was written (--dry-run).")
        return
    if found.rolled.restated and not accept:
        raise click.ClickException(
            f"{len(found.rolled.restated)} numbers of closed months are restated; take them with "
            "--accept, or correct the export. Nothing was written"
        )
    rolling.write(place, company, cycle, told, found)
    if not found.rolled.tables:
        say(f"\nNothing to do: {company} is at {cycle} already.")
        return
    say(f"\n{company} is rolled forward to {cycle}. Next:")
    say(f"  sopkit check {team.shown(place)} --cycle {cycle}")
    say(f"  sopkit run --company {company} --cycle {cycle}")


def _say_roll(rolled: "Rolled", decisions: list[str]) -> None:
    """Show what rolling does, by kind."""
    refresh = [f"{one.what} ({one.who}): {one.why}" for one in rolled.refresh]
    restated = [
        f"{one.table} {one.key}: {one.column} {_any(one.before)} -> {_any(one.after)}"
        for one in rolled.restated
    ]
    groups = (
        ("Done", rolled.done),
        ("Restated closed months", restated),
        ("Carried", [*rolled.carried, *decisions]),
        ("To be refreshed", refresh),
    )
    for heading, lines in groups:
        if lines:
            say(f"{heading}:")
            for line in lines[:SHOWN_LINES]:
                say(f"  {line}")
            if len(lines) > SHOWN_LINES:
                say(f"  ... and {len(lines) - SHOWN_LINES} more")


def _any(value: object) -> str:
    return f"{value:,.10g}" if isinstance(value, float) else str(value)


@click.command()
@click.argument("table", required=False)
@click.argument("key", nargs=-1)
@click.option("--text", default="", help="The comment")
@click.option("--close", "number", type=int, metavar="NUMBER", help="Close this comment")
@PLAN
@SIGNED
@STORE
def comment(
    table: str | None,
    key: tuple[str, ...],
    text: str,
    number: int | None,
    plan: "Plan",
    author: "Author",
    store: str,
) -> None:
    """Comment on a number of the latest revision, close a comment, or list those that are open.

    \b
    sopkit comment demand_plan product=PACK-1 period=2027-03 --text "Too high" --author "K. Holm"
    """
    from sopkit.runner import project
    from sopkit.store import comments

    url = project.store_url(store)
    if number is not None:
        comments.close(url, plan, number, author)
        say(f"Comment {number} is closed.")
    elif table is not None:
        named = {name: value for name, _, value in (pair.partition("=") for pair in key)}
        made = comments.comment_on(url, plan, table, named, text, author.who)
        say(f"Comment {made} on {table} is kept.")
    else:
        known = comments.open_comments(url, plan.company, plan.cycle)
        say("No comment is open." if known.empty else known.to_string(index=False))


def _now() -> str:
    """The time of a merge, in UTC; two merges of one second are told apart."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


COMMANDS = (collect, merge, inputs, roll, comment)
