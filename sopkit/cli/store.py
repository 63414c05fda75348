"""Commands of the plan store: status, verify, backup, restore, publish, roles and adopt."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sopkit.cli.options import COMPANY, CYCLE, SIGNED, STORE
from sopkit.cli.terminal import say

if TYPE_CHECKING:
    from sopkit.store.audit_log import Author


@click.command()
@click.option("--company", help="Only this company")
@STORE
def status(company: str | None, store: str) -> None:
    """Show the revisions of each cycle with their status, and failed or aborted runs."""
    from sopkit.runner import project
    from sopkit.store import database, status
    from sopkit.store import revisions as plans

    url = project.store_url(store)
    history = plans.revisions(url, company)
    if history.empty:
        say("No revisions yet: run `sopkit run`.")
    else:
        shown = status.with_states(url, history).drop(columns="inputs_hash")
        shown["hash"], shown["made_at"] = shown["hash"].str[:12], shown["made_at"].str[:16]
        say(shown.to_string(index=False))
    for line in _runs(company, url):
        say(line)
    if not history.empty:
        with database.reading(url) as connection:
            newest = database.head(connection)
        say(
            f"Latest audit row: {newest} (note it elsewhere: `sopkit verify --head` then detects "
            "missing rows)."
        )


def _runs(company, url):
    """List failed or aborted runs, and whether tables have changed since the latest cycle's run."""
    from sopkit.runner import project, run_log

    try:
        reports = project.root() / "reports"
    except FileNotFoundError:  # outside a project
        return
    found = [(f, r) for f, r in run_log.all_of(reports) if company in (None, r["plan"].split()[0])]
    newest = {record["plan"].split()[0]: record["plan"].split()[1] for _, record in found}
    for folder, record in found:
        who, cycle, scenario = record["plan"].split()
        if record["state"] != run_log.ENDED:
            again = f"sopkit run --company {who} --cycle {cycle} --scenario {scenario}"
            resume = (
                f"; add --resume to continue after {list(record['done'])[-1]}"
                if record["done"]
                else ""
            )
            remedy = "" if run_log.is_alive(record) else f". Run again: `{again}`{resume}."
            yield f"{run_log.told(record)}{remedy}"
        elif newest[who] == cycle and (folder / "index.html").exists():
            from sopkit.runner import staleness

            if staleness.has_moved_on(folder, record, url):
                yield (
                    f"{record['plan']}: its tables have changed since the run of "
                    f"{record['began']}; the report is STALE."
                )


@click.command()
@click.option(
    "--head",
    "noted",
    default="",
    metavar="NUMBER:HASH",
    help="A latest audit row that was noted earlier",
)
@STORE
def verify(noted: str, store: str) -> None:
    """Verify the integrity of the plan store and its triggers; exit 1 if anything was changed."""
    from sopkit.runner import project
    from sopkit.store import database, verify

    url = project.store_url(store)
    problems = verify.verify(url, noted)
    for problem in problems:
        say(problem)
    if problems:
        raise click.ClickException(f"{len(problems)} problems in the plan store")
    with database.reading(url) as connection:
        newest = database.head(connection)
    say("The plan store is intact: all tables, revisions and audit rows are unchanged.")
    say(f"Latest audit row: {newest}")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@STORE
def backup(file: Path, store: str) -> None:
    """Back up the plan store to FILE, a new SQLite file, and verify the copy."""
    from sopkit.runner import project
    from sopkit.store import publish

    newest = publish.backup(project.store_url(store), file)
    say(f"Wrote {file}; its latest audit row: {newest}")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@STORE
def restore(file: Path, store: str) -> None:
    """Restore the plan store from the backup FILE; no plan store may exist there."""
    from sopkit.runner import project
    from sopkit.store import publish

    newest = publish.restore(file, project.store_url(store))
    say(f"The plan store is restored; its latest audit row: {newest}")


@click.command()
@click.argument("target")
@COMPANY
@CYCLE
@click.option(
    "--unapproved",
    default="",
    metavar="SCENARIO",
    help="Publish the latest revision of this scenario, approved or not",
)
@click.option(
    "--format", "form", type=click.Choice(["csv", "parquet"]), default="csv", show_default=True
)
@STORE
def publish(target: str, company: str, cycle: str, unapproved: str, form: str, store: str) -> None:
    """Publish the approved plan to TARGET, a folder or a database URL, for BI tools."""
    from sopkit.runner import project
    from sopkit.store import publish

    about = publish.publish(
        project.store_url(store), company, cycle, target, unapproved, form
    ).iloc[0]
    said = f"by {about['approved_by']}" if about["approved_by"] else "not final"
    say(
        f"Published revision {about['revision']} of {about['scenario']} ({about['state']}, {said})."
    )


@click.command()
@STORE
def roles(store: str) -> None:
    """Create the roles of a shared plan store on PostgreSQL: reader, contributor, planner,
    approver."""
    from sopkit.runner import project
    from sopkit.store import database, models

    database.grant_roles(project.store_url(store))
    names = (models.READER, models.CONTRIBUTOR, models.PLANNER, models.APPROVER)
    say(f"Created the roles {', '.join(names)}. Grant them to database users:")
    say(f"  GRANT {models.PLANNER} TO anna;   GRANT {models.APPROVER} TO ben;")


@click.group()
def store() -> None:
    """The plan store itself."""


@store.command()
@SIGNED
@STORE
def adopt(author: "Author", store: str) -> None:
    """Take a restored, older or new plan store in place of the one that runs remember."""
    from sopkit.runner import project, stores
    from sopkit.store import identity

    without = identity.adopt(project.store_url(store), author, stores.remembered())
    say(f"Adopted by {author.who}; what came before these audit rows and is not here is lost:")
    for head in without:
        say(f"  {head}")


COMMANDS = (status, verify, backup, restore, publish, roles, store)
