"""What may happen to a plan store on a bad day: kills, full disks, races, restarts, strangers. Each trial has a control that fails.

`benchmarks/faults.py` holds the trials and runs them in large numbers.
"""

import re
import sqlite3
import sys
from multiprocessing import get_context

import pandas as pd
import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from conftest import ROOT, execute

from sopkit import cli
from sopkit.io import sql
from sopkit.io.hashing import combined_hash
from sopkit.store import (
    approval,
    audit_log,
    database,
    identity,
    models,
    publish,
    revisions,
    saving,
    verify,
)

sys.path.insert(0, str(ROOT / "benchmarks"))
import faults

NOVAK = audit_log.Author("A. Novak", "monthly meeting")


def file_url(tmp_path):
    return f"sqlite:///{tmp_path / 'plans.sqlite'}"


# --- the trials ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "trial", [faults.kills, faults.save_races, faults.approve_races, faults.reader_and_writer]
)
def test_nothing_is_lost_or_half_visible_and_each_race_has_one_winner(url, tmp_path, trial):
    outcome = trial(url, tmp_path, 20 if trial is faults.kills else 5)
    assert (outcome.half_visible, outcome.lost) == (0, 0)
    assert outcome.winners in ("", "5 of 5")
    assert outcome.control > 0


@pytest.mark.parametrize("trial", [faults.full_disk, faults.flipped_bits])
def test_a_full_disk_and_flipped_bits_lose_nothing_unseen(tmp_path, trial):
    outcome = trial(file_url(tmp_path), tmp_path, 20)
    assert (outcome.half_visible, outcome.lost) == (0, 0)
    assert outcome.control > 0


def test_a_dropped_trigger_a_rewritten_row_and_rows_cut_off_are_found(tmp_path):
    outcomes = {one.fault: one for one in faults.tampering(file_url(tmp_path), tmp_path, 1)}
    assert outcomes["dropped trigger"].found == "the guard audit_no_delete of the store is gone"
    assert outcomes["rewritten audit row"].found == "audit row 1 was changed"
    assert outcomes["newest revision and audit row cut off"].found.startswith(
        "audit row 3, once the newest, is gone"
    )
    assert all(one.control == 1 for one in outcomes.values())


def test_a_server_that_restarts_in_the_middle_loses_nothing_that_was_told_saved(server):
    address, restart = server
    if restart is None:
        pytest.skip("the server of SOPKIT_TEST_POSTGRES is not ours to restart")
    execute(address, "DROP SCHEMA IF EXISTS restarted CASCADE; CREATE SCHEMA restarted")
    url = f"{address}&options=-csearch_path%3Drestarted"
    faults.save(url, 0)
    context = get_context("fork")
    told = context.Queue()

    def saving():
        for number in range(1, 1000):
            try:
                told.put(faults.save(url, number).number)
            except ValueError as error:
                told.put(str(error))
                return

    writer = context.Process(target=saving)
    writer.start()
    said = [told.get(timeout=60), told.get(timeout=60)]
    restart()
    while not isinstance(said[-1], str):
        said.append(told.get(timeout=60))
    writer.join()
    kept = set(revisions.revisions(url)["number"])
    assert set(said[:-1]) <= kept
    assert "postgresql+psycopg://" in said[-1]
    assert faults.half_visible(url) == 0
    assert verify.verify(url) == []
    assert faults.save(url, 0).number == max(kept) + 1


# --- strangers -------------------------------------------------------------------------------------------------


def test_rows_are_not_replaced_past_the_guards(tmp_path):
    faults.save(file_url(tmp_path), 0)
    with sqlite3.connect(tmp_path / "plans.sqlite") as connection:
        with pytest.raises(sqlite3.IntegrityError, match="only adds rows"):
            connection.execute(
                "REPLACE INTO revision SELECT id, company, cycle, scenario, number, 'x', '', '', '', '' FROM revision"
            )
        with pytest.raises(sqlite3.IntegrityError, match="only adds rows"):
            connection.execute(
                "REPLACE INTO revision SELECT 9, company, cycle, scenario, number, 'x', '', '', '', '' FROM revision"
            )
    connection.close()
    assert verify.verify(file_url(tmp_path)) == []


def test_a_store_that_was_cut_off_is_not_written_on(tmp_path):
    url = file_url(tmp_path)
    faults.save(url, 0)
    older = (tmp_path / "plans.sqlite").read_bytes()
    faults.save(url, 1)
    (tmp_path / "plans.sqlite").write_bytes(older)
    with pytest.raises(
        ValueError,
        match=r"audit row 2, once the newest, is gone; .* take it as it is by `sopkit store adopt`.*; nothing was written",
    ):
        faults.save(url, 2)
    assert len(identity.adopt(url, audit_log.Author("C. Winter", "The disk broke"), [])) == 1
    assert faults.save(url, 2).number == 2
    assert verify.verify(url) == []


def test_a_head_that_was_kept_elsewhere_proves_that_nothing_was_cut_off(url):
    faults.save(url, 0)
    faults.save(url, 1)
    with database.reading(url) as connection:
        kept = database.head(connection)
    assert kept.startswith("2:")
    assert verify.verify(url, kept) == []
    assert "audit row 3, once the newest, is gone" in verify.verify(url, f"3:{kept[2:]}")[0]
    assert "audit row 2, once the newest, is another now" in verify.verify(url, "2:beef")[0]
    assert "is not a head" in verify.verify(url, "beef")[0]


def test_guards_that_are_off_or_changed_in_postgresql_are_found(postgres):
    execute(postgres, "DROP SCHEMA IF EXISTS guarded CASCADE; CREATE SCHEMA guarded")
    url = f"{postgres}&options=-csearch_path%3Dguarded"
    faults.save(url, 0)
    assert verify.verify(url) == []
    execute(
        url,
        "ALTER TABLE audit DISABLE TRIGGER audit_actor; DROP TRIGGER part_only_adds ON part; DROP INDEX audit_one_approval",
    )
    execute(
        url,
        "CREATE OR REPLACE FUNCTION sopkit_only_adds() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'",
    )
    problems = verify.verify(url)
    for said in ("audit_actor of the store is off", "part_only_adds of the store is gone", "blob_only_adds of the store is changed",
                 "audit_one_approval of the store is gone"):  # fmt: skip
        assert any(said in problem for problem in problems), problems


def test_a_planner_saves_but_does_not_approve_and_nobody_acts_as_another(postgres):
    execute(postgres, "DROP SCHEMA IF EXISTS team CASCADE; CREATE SCHEMA team")
    owner = f"{postgres}&options=-csearch_path%3Dteam"
    database.grant_roles(owner)
    database.grant_roles(owner)
    users = {"anna": models.PLANNER, "ben": models.APPROVER, "eve": None}
    for user, role in users.items():
        execute(
            postgres,
            f"DROP ROLE IF EXISTS {user}; CREATE ROLE {user} LOGIN"
            + (f"; GRANT {role} TO {user}" if role else ""),
        )
    anna, ben, eve = (owner.replace("//sopkit@", f"//{user}@") for user in users)
    tables = faults.plan(1)
    tables["decisions"] = tables["decisions"].assign(decision="approve-plan")
    made = saving.save_revision(
        anna, *faults.PLACE, tables, combined_hash({}), "A. Novak", "monthly"
    )
    approval.submit(anna, faults.PLACE, NOVAK)
    with pytest.raises(
        ValueError, match="anna may not approve: only members of sopkit_approver do"
    ):
        approval.approve(anna, faults.PLACE, NOVAK, made.hash)
    with pytest.raises(ValueError, match="permission denied"):
        faults.save(ben, 2)
    assert revisions.revisions(eve).empty
    for statement in (
        "UPDATE audit SET who = 'B'",
        "DELETE FROM decision",
        "TRUNCATE blob CASCADE",
        "DROP TABLE part",
    ):
        with (
            pytest.raises(sa.exc.DBAPIError, match=r"permission denied|must be owner"),
            sa.create_engine(anna).begin() as connection,
        ):
            connection.exec_driver_sql(statement)
    forged = "INSERT INTO audit SELECT number + 1, at, who, what, why, company, cycle, scenario, revision, content, hash, 'x', 'ben' FROM audit WHERE number = 2"
    with (
        pytest.raises(sa.exc.DBAPIError, match="names who is connected: anna, not ben"),
        sa.create_engine(anna).begin() as connection,
    ):
        connection.exec_driver_sql(forged)
    approval.approve(ben, faults.PLACE, NOVAK, made.hash)
    rows = verify.audit(owner)
    assert rows["actor"].tolist() == ["anna", "anna", "ben"]
    assert rows["who"].tolist() == ["A. Novak"] * 3
    with pytest.raises(ValueError, match=r"A. Novak approved revision 1 .*, connected as ben"):
        approval.submit(anna, faults.PLACE, NOVAK)
    assert verify.verify(owner) == []
    execute(postgres, "DROP SCHEMA team CASCADE; DROP ROLE anna; DROP ROLE ben; DROP ROLE eve")
    execute(postgres, f"DROP ROLE {models.PLANNER}; DROP ROLE {models.APPROVER}")


ROLES = {
    models.READER: {"read"},
    models.CONTRIBUTOR: {"read", "enter"},
    models.PLANNER: {"read", "enter", "save", "submit"},
    models.APPROVER: {"read", "submit", "approve"},
}


_NO_RIGHT = "permission denied|may not approve"


def acts_of(url, made, tables):
    """Every act, in an order in which none stands in the way of the next."""
    other = ("summit", "2026-10", "other")
    given = (tables, combined_hash({}), "A. Novak", "monthly")
    return {
        "read": lambda: revisions.read_revision(url, *faults.PLACE),
        "enter": lambda: execute_as(url, "INSERT INTO demand_inputs VALUES ('sales')"),
        "submit": lambda: approval.submit(url, faults.PLACE, NOVAK),
        "approve": lambda: approval.approve(url, faults.PLACE, NOVAK, made.hash),
        "save": lambda: saving.save_revision(url, *other, *given),
    }


def execute_as(url, statement):
    with sql.engine(url) as engine, engine.begin() as connection:
        connection.exec_driver_sql(statement)


@pytest.mark.parametrize("role", ROLES)
def test_each_role_does_what_it_may_and_nothing_else(postgres, role):
    user = f"u_{role.rpartition('_')[2]}"
    execute(
        postgres,
        f"DROP SCHEMA IF EXISTS acts CASCADE; CREATE SCHEMA acts; DROP ROLE IF EXISTS {user}",
    )
    owner = f"{postgres}&options=-csearch_path%3Dacts"
    execute_as(owner, "CREATE TABLE demand_inputs (function text)")
    database.grant_roles(owner)
    execute(postgres, f"CREATE ROLE {user} LOGIN; GRANT {role} TO {user}")
    tables = faults.plan(1)
    tables["decisions"] = tables["decisions"].assign(decision="approve-plan")
    given = (tables, combined_hash({}), "O. Owner", "first")
    made = saving.save_revision(owner, *faults.PLACE, *given)
    done, refused = set(), {}
    theirs = owner.replace("//sopkit@", f"//{user}@")
    for act, tried in acts_of(theirs, made, tables).items():
        if (
            act == "approve" and "submit" not in done
        ):  # its refusal shall not be that of an unsubmitted plan
            approval.submit(owner, faults.PLACE, NOVAK)
        try:
            tried()
            done.add(act)
        except ValueError as error:
            refused[act] = f"{error}"
    assert done == ROLES[role]
    assert not [text for text in refused.values() if not re.search(_NO_RIGHT, text)]
    for statement in ("UPDATE audit SET who = 'B'", "DELETE FROM audit", "TRUNCATE decision"):
        with pytest.raises(ValueError, match="permission denied"):
            execute_as(theirs, statement)
    execute(postgres, f"DROP SCHEMA acts CASCADE; DROP OWNED BY {user}; DROP ROLE {user}")


def test_a_file_knows_no_roles(tmp_path):
    with pytest.raises(ValueError, match="a file has no roles; use a plan store on PostgreSQL"):
        database.grant_roles(file_url(tmp_path))


@pytest.mark.parametrize(
    ("kind", "refused"), [("nfs4", True), ("cifs", True), ("fuse.sshfs", True), ("ext4", False)]
)
def test_a_network_folder_is_refused_with_the_remedy(tmp_path, kind, refused):
    folder = tmp_path / "our share"
    folder.mkdir()
    mounts = tmp_path / "mounts"
    mounts.write_text(
        f"rootfs / ext4 rw 0 0\nserver:/x {str(folder).replace(' ', chr(92) + '040')} {kind} rw 0 0\n"
    )
    if refused:
        with pytest.raises(
            ValueError,
            match=rf"our share is a network folder \({kind}\).*keep the file on a local disk",
        ):
            database._refuse_network(folder / "deep" / "plans.sqlite", mounts)
    else:
        database._refuse_network(folder / "deep" / "plans.sqlite", mounts)
    database._refuse_network(tmp_path / "plans.sqlite", mounts)


@pytest.mark.parametrize(
    "url",
    ["postgresql+psycopg://u:s3cret@host/d", "postgresql+psycopg://host/d?user=u&password=s3cret"],
)
def test_a_password_is_not_shown(url):
    assert "s3cret" not in sql.shown(url)
    with pytest.raises(ValueError, match="not the URL of a database") as refusal:
        revisions.revisions("postgresql+psycopg://u@host:s3cret/d")
    assert "s3cret" not in str(refusal.value)


# --- backup, restore, publish ----------------------------------------------------------------------------------


def test_a_backup_is_the_whole_store_and_is_restored_only_where_there_is_none(url, tmp_path):
    for number in range(2):
        faults.save(url, number)
    kept = publish.backup(url, tmp_path / "kept.sqlite")
    assert sorted(p.name for p in tmp_path.glob("*kept*")) == ["kept.sqlite"]
    with pytest.raises(FileExistsError, match="the file exists and is not overwritten"):
        publish.backup(url, tmp_path / "kept.sqlite")
    with pytest.raises(FileExistsError, match="a plan store exists here"):
        publish.restore(tmp_path / "kept.sqlite", url)
    again = f"sqlite:///{tmp_path / 'again.sqlite'}"
    assert publish.restore(tmp_path / "kept.sqlite", again) == kept
    pd.testing.assert_frame_equal(verify.audit(again), verify.audit(url))
    assert faults.half_visible(again) == 0
    assert faults.save(again, 3).number == 3


def test_a_backup_is_restored_into_postgresql_with_the_names_of_who_acted(postgres, tmp_path):
    execute(postgres, "DROP SCHEMA IF EXISTS restored CASCADE; CREATE SCHEMA restored")
    url = f"{postgres}&options=-csearch_path%3Drestored"
    faults.save(file_url(tmp_path), 0)
    publish.backup(file_url(tmp_path), tmp_path / "kept.sqlite")
    publish.restore(tmp_path / "kept.sqlite", url)
    assert verify.verify(url) == []
    assert faults.save(url, 1).number == 2
    assert verify.audit(url)["actor"].tolist() == ["", "sopkit"]


def test_a_broken_backup_is_not_restored(tmp_path):
    faults.save(file_url(tmp_path), 0)
    publish.backup(file_url(tmp_path), tmp_path / "kept.sqlite")
    execute(f"sqlite:///{tmp_path / 'kept.sqlite'}", "UPDATE audit SET why = 'x'")
    with pytest.raises(ValueError, match="is damaged"):
        publish.restore(tmp_path / "kept.sqlite", f"sqlite:///{tmp_path / 'again.sqlite'}")
    assert not (tmp_path / "again.sqlite").exists()


@pytest.fixture
def approved(tmp_path):
    url = file_url(tmp_path)
    tables = faults.plan(1)
    tables["decisions"] = tables["decisions"].assign(decision="approve-plan")
    made = saving.save_revision(
        url, *faults.PLACE, tables, combined_hash({}), "A. Novak", "monthly"
    )
    approval.submit(url, faults.PLACE, NOVAK)
    approval.approve(url, faults.PLACE, NOVAK, made.hash)
    return url


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_the_approved_plan_is_published_as_a_folder_of_plain_tables_that_is_changed_as_a_whole(
    approved, tmp_path, form
):
    target = tmp_path / "bi"
    for _ in range(2):
        about = publish.publish(approved, *faults.PLACE[:2], target, form=form)
    assert about.loc[0, ["revision", "state", "approved_by"]].tolist() == [
        1,
        "approved",
        "A. Novak",
    ]
    assert sorted(p.name for p in target.iterdir()) == [
        f"{n}.{form}" for n in ("decisions", "publication", "shadow_prices")
    ]
    rows = (pd.read_csv if form == "csv" else pd.read_parquet)(target / f"shadow_prices.{form}")
    assert (len(rows), set(rows["limit"])) == (faults.ROWS, {1.0})
    assert not list(tmp_path.glob(".bi*"))
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(ValueError, match="contains other files"):
        publish.publish(approved, *faults.PLACE[:2], tmp_path / "mine")


def test_what_is_not_approved_is_published_only_when_asked_for(tmp_path):
    url = file_url(tmp_path)
    faults.save(url, 1)
    with pytest.raises(ValueError, match="no plan is approved; --unapproved SCENARIO"):
        publish.publish(url, *faults.PLACE[:2], tmp_path / "bi")
    words = [
        "publish",
        str(tmp_path / "bi"),
        "--company",
        "faults",
        "--unapproved",
        "base",
        "--store",
        url,
    ]
    said = CliRunner().invoke(cli.main, words)
    assert said.output == "Published revision 1 of base (not approved, not final).\n"


def test_a_plan_is_published_into_a_database_beside_other_tables_in_one_transaction(
    approved, tmp_path, postgres
):
    execute(postgres, "DROP SCHEMA IF EXISTS bi CASCADE; CREATE SCHEMA bi")
    for target in (f"sqlite:///{tmp_path / 'bi.sqlite'}", f"{postgres}&options=-csearch_path%3Dbi"):
        execute(
            target,
            "CREATE TABLE letters (x TEXT); CREATE TABLE sop_forecast_accuracy (old TEXT); CREATE TABLE sop_decisions (old TEXT)",
        )
        publish.publish(approved, *faults.PLACE[:2], target)
        engine = sa.create_engine(target, poolclass=sa.NullPool)
        assert set(sa.inspect(engine).get_table_names()) == {
            "letters",
            "sop_shadow_prices",
            "sop_decisions",
            "sop_publication",
        }
        rows = pd.read_sql("SELECT * FROM sop_shadow_prices", engine)
        assert len(rows) == faults.ROWS
        broken = {
            "decisions": pd.DataFrame({"now": ["x"]}),
            "agenda": pd.DataFrame({"x": [object()]}),
        }
        with pytest.raises(ValueError, match="agenda could not be written"):
            publish._into_database(target, broken)
        assert len(pd.read_sql("SELECT question FROM sop_decisions", engine)) == 1
