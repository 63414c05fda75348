"""Commands of the approval workflow: submit, decide, rework, approve, history and diff."""

import sys
from datetime import datetime
from typing import TYPE_CHECKING

import click

from sopkit.cli.options import COMPANY, CYCLE, PLAN, REVISION, SIGNED, STORE, WORKSPACE
from sopkit.cli.terminal import say

if TYPE_CHECKING:
    from sopkit.store.audit_log import Author
    from sopkit.store.status import Plan


@click.command()
@PLAN
@REVISION
@SIGNED
@STORE
def submit(plan: "Plan", revision: int | None, author: "Author", store: str) -> None:
    """Submit the latest revision for executive approval."""
    from sopkit.runner import project
    from sopkit.store import approval

    url = project.store_url(store)
    made, undecided = approval.submit(url, plan, author, revision)
    say(f"Revision {made.number} of {plan} ({made.hash[:12]}) is submitted. Decisions required:")
    for row in undecided.itertuples():
        say(f"  {row.decision}  {row.question}  Proposed: {row.recommendation} ({row.owner})")
    if undecided.empty:
        say("  approval of the plan only")
    _restate_pack(url, plan, made)


@click.command()
@click.argument("decision")
@click.argument("choice")
@PLAN
@REVISION
@SIGNED
@click.option(
    "--due",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Due date of a decision that changes the plan; the day before its start if absent",
)
@click.option(
    "--start",
    metavar="MONTH",
    help="First month in which it takes effect, such as 2026-11; the next that notice allows",
)
@click.option("--replace", is_flag=True, help="Replace an earlier decision")
@WORKSPACE
@STORE
def decide(
    decision: str,
    choice: str,
    plan: "Plan",
    revision: int | None,
    author: "Author",
    due: datetime | None,
    start: str | None,
    replace: bool,
    workspace: str,
    store: str,
) -> None:
    """Record the option chosen for DECISION of the submitted revision.

    CHOICE is `keep` (keep the plan) or a scenario: one of the options, or one of scenario_changes.
    """
    from sopkit.io import readers as inputs
    from sopkit.runner import project
    from sopkit.schema.formatting import currency_of
    from sopkit.store import approval
    from sopkit.tables.periods import month

    named = ["scenario_changes", "company_settings"]
    own = inputs.read(project.workspace_location(plan.company, workspace), named)
    said = approval.decide(
        project.store_url(store),
        plan,
        decision,
        choice,
        author,
        due and due.date(),
        own.get("scenario_changes"),
        replace,
        revision,
        start and month(start),
    )
    since = f", from {said['start_period']} on" if said["changes"] else ""
    say(f"{decision}: {said['choice']}, chosen by {author.who}{since}.")
    if said["changes"]:
        margin = effect_said(said["margin_effect"], currency_of(own.get("company_settings")))
        say(f"Expected effect on margin, on its own: {margin}. Run `sopkit rework` to plan it.")


def effect_said(margin: float | None, currency: str) -> str:
    """What a decision does to the margin, as it is reported; unknown where costs are not given.

    >>> effect_said(1_204_000.0, "EUR"), effect_said(None, "EUR")
    ('EUR +1.20 m', 'unknown, costs are not given for all that is sold')
    """
    from sopkit.schema.formatting import signed_money

    if margin is None or margin != margin:
        return "unknown, costs are not given for all that is sold"
    return signed_money(margin, currency)


@click.command()
@PLAN
@SIGNED
@click.option("--no-report", is_flag=True, help="Run and save without the HTML report")
@STORE
def rework(plan: "Plan", author: "Author", no_report: bool, store: str) -> None:
    """Replan the submitted revision with its decisions and save the next revision."""
    from sopkit.runner import run as runner

    request = runner.Request(*plan, store=store, reason=author.why, author=author.who)
    folder, revision, chosen = runner.rework(
        request, with_report=not no_report, progress=sys.stderr.isatty()
    )
    taken = ", ".join(chosen)
    say(
        f"Revision {revision.number} of {request.plan} is saved ({revision.hash[:12]}), with "
        f"{taken}."
    )
    say(
        f"Report: {folder / 'index.html'}"
        if not no_report
        else f"Notebooks: {folder / 'notebooks'}"
    )


@click.command()
@click.argument("reviewed", metavar="HASH")
@PLAN
@REVISION
@SIGNED
@STORE
def approve(
    reviewed: str, plan: "Plan", revision: int | None, author: "Author", store: str
) -> None:
    """Approve and lock the reviewed plan; HASH is its hash in the report."""
    from sopkit.runner import project
    from sopkit.store import approval

    url = project.store_url(store)
    made = approval.approve(url, plan, author, reviewed, revision)
    say(f"Revision {made.number} of {plan} is approved by {author.who} and locked: {made.hash}")
    _restate_pack(url, plan, made)


def _restate_pack(url, plan, revision):
    """Write the approval status into the Excel pack; a failure does not undo the action."""
    from sopkit.runner import report_folder

    try:
        path = report_folder.refresh_excel(url, plan, revision)
    except OSError as error:  # outside a project, or the pack is open in a spreadsheet program
        say(
            f"The Excel pack was not updated ({error}); write it with `sopkit export sop "
            "FILE.xlsx`.",
            err=True,
        )
        return
    if path:
        say(f"Excel pack: {path}")


@click.command()
@COMPANY
@CYCLE
@click.option("--scenario", help="Only this scenario")
@STORE
def history(company: str, cycle: str, scenario: str | None, store: str) -> None:
    """Show the audit trail of a cycle: who did what, when and why."""
    from sopkit.runner import project
    from sopkit.store import status

    story = status.story(project.store_url(store), company, cycle, scenario)
    for row in story.itertuples():
        say(
            f"{row.at[:16].replace('T', ' ')}  {row.who}  {row.what}  "
            f"({row.scenario}, revision {row.revision}, {row.content[:12]}): {row.why}"
        )
    if story.empty:
        say(f"No entries for {company} {cycle}: run `sopkit run` first.")


@click.command()
@click.argument("before", type=int)
@click.argument("after", type=int)
@PLAN
@click.option("--table", help="Show the rows of this table that differ")
@STORE
def diff(before: int, after: int, plan: "Plan", table: str | None, store: str) -> None:
    """Compare two revisions: measures of the plan, and tables that differ."""
    from sopkit.runner import project
    from sopkit.store import diff
    from sopkit.store import revisions as plans

    url = project.store_url(store)
    if table is not None:
        sides = [plans.read_table(url, *plan, table, number) for number in (before, after)]
        lines = diff.told(diff.rows(table, *sides))
        say("\n".join(lines) or f"{table} is the same in both revisions.")
        return
    old, new = (plans.read_all(url, *plan, number) for number in (before, after))
    from sopkit import scenarios
    from sopkit.schema.cells import written_table

    both = (scenarios.figures(tables) for tables in (new, old))
    sides = written_table(scenarios.compare(*both)).rename(
        columns={
            "reference_value": f"revision {before}",
            "plan": f"revision {after}",
            "variance": "change",
        }
    )
    say(
        sides[["measure", f"revision {before}", f"revision {after}", "change"]].to_string(
            index=False
        )
    )
    say("")
    differing = diff.tables(old, new)
    say(differing.to_string(index=False) if len(differing) else "All tables are the same.")


@click.command()
@click.argument("decision")
@PLAN
@SIGNED
@STORE
def withdraw(decision: str, plan: "Plan", author: "Author", store: str) -> None:
    """Withdraw DECISION of an approved plan: later cycles no longer apply it."""
    from sopkit.runner import project
    from sopkit.store import pending

    said = pending.withdraw(project.store_url(store), plan, decision, author)
    say(
        f"{decision}: {said['choice']} is withdrawn by {author.who}; the next run plans without it."
    )


COMMANDS = (submit, decide, rework, approve, withdraw, history, diff)
