"""The commands of the plan store: status, verify, backup, restore, publish, roles."""

from pathlib import Path

import click

from sopkit.cli.options import COMPANY, CYCLE, STORE
from sopkit.cli.terminal import say


@click.command()
@click.option("--company", help="Only this company")
@STORE
def status(company: str | None, store: str) -> None:
    """Say where each cycle stands: its revisions, newest last, what became of them, and of runs that did not end well."""
    from sopkit.runner import project
    from sopkit.store import database, status
    from sopkit.store import revisions as plans

    url = project.store_url(store)
    history = plans.revisions(url, company)
    if history.empty:
        say("No revisions yet: `sopkit run` makes one.")
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
            f"Newest audit row: {newest} (kept elsewhere, `sopkit verify --head` proves that nothing was cut off)."
        )


def _runs(company, url):
    """What is to be said of runs; of a company's newest cycle also whether its tables have changed since."""
    from sopkit.runner import project, run_log

    try:
        reports = project.root() / "reports"
    except FileNotFoundError:  # a store may be asked about from anywhere
        return
    found = [(f, r) for f, r in run_log.all_of(reports) if company in (None, r["plan"].split()[0])]
    newest = {record["plan"].split()[0]: record["plan"].split()[1] for _, record in found}
    for folder, record in found:
        who, cycle, scenario = record["plan"].split()
        if record["state"] != run_log.ENDED:
            again = f"sopkit run --company {who} --cycle {cycle} --scenario {scenario}"
            resume = (
                f"; with --resume it goes on after {list(record['done'])[-1]}"
                if record["done"]
                else ""
            )
            remedy = "" if run_log.is_alive(record) else f". `{again}` plans it again{resume}."
            yield f"{run_log.told(record)}{remedy}"
        elif newest[who] == cycle and (folder / "index.html").exists():
            from sopkit.runner import run

            if run.has_moved_on(folder, record, url):
                yield f"{record['plan']}: its tables have changed since the run of {record['began']}; the report is STALE."


@click.command()
@click.option(
    "--head",
    "noted",
    default="",
    metavar="NUMBER:HASH",
    help="A newest audit row that was noted before",
)
@STORE
def verify(noted: str, store: str) -> None:
    """Re-hash every stored table, revision and audit row, and look at the guards; exit 1 if anything was changed."""
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
    say("The plan store is whole: every table, revision and audit row is as it was written.")
    say(f"Newest audit row: {newest}")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@STORE
def backup(file: Path, store: str) -> None:
    """Copy the whole plan store into FILE, a new SQLite file, and verify the copy."""
    from sopkit.runner import project
    from sopkit.store import publish

    newest = publish.backup(project.store_url(store), file)
    say(f"Wrote {file}; its newest audit row: {newest}")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@STORE
def restore(file: Path, store: str) -> None:
    """Make a plan store of the backup FILE; there must be none yet."""
    from sopkit.runner import project
    from sopkit.store import publish

    newest = publish.restore(file, project.store_url(store))
    say(f"The plan store is as it was backed up; its newest audit row: {newest}")


@click.command()
@click.argument("target")
@COMPANY
@CYCLE
@click.option(
    "--unapproved",
    default="",
    metavar="SCENARIO",
    help="The newest revision of this scenario, approved or not",
)
@click.option(
    "--format", "form", type=click.Choice(["csv", "parquet"]), default="csv", show_default=True
)
@STORE
def publish(target: str, company: str, cycle: str, unapproved: str, form: str, store: str) -> None:
    """Write the approved plan as plain tables into TARGET, a folder or the URL of a database, for BI tools."""
    from sopkit.runner import project
    from sopkit.store import publish

    about = publish.publish(
        project.store_url(store), company, cycle, target, unapproved, form
    ).iloc[0]
    said = f"by {about['approved_by']}" if about["approved_by"] else "it may still change"
    say(
        f"Published revision {about['revision']} of {about['scenario']} ({about['state']}, {said})."
    )


@click.command()
@STORE
def roles(store: str) -> None:
    """Make the roles of a team's store on PostgreSQL: planners save plans, approvers seal them, nobody changes any."""
    from sopkit.runner import project
    from sopkit.store import database, models

    database.grant_roles(project.store_url(store))
    say(f"There are the roles {models.PLANNER} and {models.APPROVER}. Give them to database users:")
    say(f"  GRANT {models.PLANNER} TO anna;   GRANT {models.APPROVER} TO ben;")


COMMANDS = (status, verify, backup, restore, publish, roles)
