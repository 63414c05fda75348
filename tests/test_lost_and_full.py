"""A plan store that is gone, another one or an older copy; disks that are full or read-only: said by name, nothing lost.

What notebooks would compute is not asked here: a run executes none of them, and saves its horizon.
"""

import shutil
import subprocess
import tempfile

import pytest
from click.testing import CliRunner
from conftest import execute as change
from test_run import _inside, home  # noqa: F401  a project with a small company

from sopkit.cli import main
from sopkit.io import disk, writers
from sopkit.reporting.excel.workbook import Book
from sopkit.runner import run, run_log
from sopkit.runner.notebooks import source_hash
from sopkit.store import audit_log, database, identity, revisions, verify

ROOM = 24 << 20  # bytes of the small disk


@pytest.fixture
def executed(monkeypatch):
    """The stages that each run executed; what `meanwhile` holds is done at the end of the first."""
    done = {"stages": [], "meanwhile": lambda: None}

    def execute(request, _work, names, _progress):
        done["stages"].append(list(names))
        run_log.note(request.folder, done={name: source_hash(name) for name in names})
        done["meanwhile"]()

    monkeypatch.setattr(run, "execute", execute)
    return done


@pytest.fixture
def place(home, tmp_path):  # noqa: F811
    """A project without reports, and its store."""
    shutil.rmtree(home / "reports", ignore_errors=True)
    yield tmp_path / "plans.sqlite"
    shutil.rmtree(home / "reports", ignore_errors=True)


def planned(store, **more):
    request = run.Request(
        "corner", "2026-10", store=f"sqlite:///{store}", author="A. Novak", **more
    )
    return run.run(request, with_report=False, progress=False)[1]


def remove(store):
    for file in store.parent.glob(f"{store.name}*"):
        file.unlink()


# --- the store -------------------------------------------------------------------------------------------------


def test_a_store_that_is_deleted_during_a_run_is_missed_and_the_run_goes_on_when_it_is_back(
    place, executed
):
    planned(place)
    with database.reading(f"sqlite:///{place}") as connection:
        kept = database.head(connection)
    copy = shutil.copy(place, place.with_name("kept.sqlite"))
    executed["meanwhile"] = lambda: remove(place)
    with pytest.raises(ValueError) as refused:
        planned(place)
    store = identity.identity(f"sqlite:///{copy}").store
    assert str(refused.value) == (
        f"sqlite:///{place}: plan store {store} (audit row 1) is gone; nothing was saved; restore "
        "the store from a backup, or take it as it is by `sopkit store adopt`, which keeps who did "
        "it and why"
    )
    assert not place.exists()
    shutil.copy(copy, place)
    executed["meanwhile"] = lambda: None
    assert planned(place, resume=True).number == 2
    assert executed["stages"][-1] == []
    assert verify.verify(f"sqlite:///{place}", kept) == []


def test_a_store_whose_head_alone_is_left_is_not_begun_anew(place, executed):
    planned(place)
    place.unlink()
    for act in (lambda: planned(place), lambda: revisions.revisions(f"sqlite:///{place}")):
        with pytest.raises(ValueError, match="the plan store is gone; its latest audit row was 1:"):
            act()
    assert not place.exists()


def test_a_store_that_is_replaced_during_a_run_is_refused_by_name(place, executed):
    planned(place)
    was = identity.identity(f"sqlite:///{place}")
    other = place.with_name("other.sqlite")
    shutil.rmtree(run.Request("corner", "2026-10").folder.parent)
    planned(other)
    now = identity.identity(f"sqlite:///{other}")
    assert was.store != now.store
    shutil.rmtree(run.Request("corner", "2026-10").folder.parent)

    def swap():
        remove(place)
        shutil.copy(other, place)

    executed["meanwhile"] = swap
    with pytest.raises(
        ValueError, match=f"this is plan store {now.store}, not plan store {was.store}"
    ):
        planned(place)
    assert len(revisions.revisions(f"sqlite:///{place}")) == 1


def test_an_older_copy_is_refused_until_somebody_adopts_it_and_the_trail_says_who(place, executed):
    planned(place)
    older = place.read_bytes()
    planned(place)
    remove(place)
    place.write_bytes(older)  # without its head, as from a backup
    with pytest.raises(
        ValueError,
        match=r"\(audit row 2\): audit row 2, once the newest, is gone; nothing was saved",
    ):
        planned(place)
    words = ["store", "adopt", "--store", f"sqlite:///{place}"]
    nobody = CliRunner().invoke(main, words)
    assert (nobody.exit_code, nobody.stderr) == (
        1,
        "Error: --author is empty; enter who does this and why\n",
    )
    done = CliRunner().invoke(main, [*words, "--author", "C. Winter", "--reason", "The disk broke"])
    assert done.exit_code == 0, done.output
    assert done.output.startswith("Adopted by C. Winter; what came before")
    assert planned(place).number == 2
    trail = verify.audit(f"sqlite:///{place}")
    assert list(trail["what"]) == ["saved", "adopted", "saved"]
    assert tuple(trail.loc[1, ["who", "why"]]) == ("C. Winter", "The disk broke")
    assert verify.verify(f"sqlite:///{place}") == []
    again = CliRunner().invoke(main, [*words, "--author", "C. Winter", "--reason", "Once more"])
    assert "nothing to adopt: the store is the one that is known" in again.stderr


def test_a_store_that_is_gone_is_begun_anew_by_adopting_it(place, executed):
    planned(place)
    remove(place)
    words = [
        "store",
        "adopt",
        "--store",
        f"sqlite:///{place}",
        "--author",
        "C. Winter",
        "--reason",
        "No backup",
    ]
    assert CliRunner().invoke(main, words).exit_code == 0
    assert planned(place).number == 1
    assert list(verify.audit(f"sqlite:///{place}")["what"]) == ["adopted", "saved"]


def test_an_adopted_store_keeps_its_head_in_both_databases(url):
    with database.writing(url) as connection:
        number = audit_log.append(
            connection,
            "adopted",
            identity.NO_PLAN,
            audit_log.Author("C. Winter", "Moved"),
            "7:abcdef",
        )
    known = identity.identity(url)
    assert (number, known.head.partition(":")[0]) == (1, "1")
    assert identity.other(url, known._replace(head="7:abcdef")) == ""
    assert "audit row 8, once the newest, is gone" in identity.other(
        url, known._replace(head="8:abcdef")
    )


def test_tables_that_are_dropped_from_postgresql_during_a_run_are_missed(postgres):
    change(postgres, "DROP SCHEMA IF EXISTS dropped CASCADE; CREATE SCHEMA dropped")
    url = f"{postgres}&options=-csearch_path%3Ddropped"
    with database.writing(url) as connection:
        audit_log.append(connection, "adopted", identity.NO_PLAN, audit_log.Author("C", "x"), "")
    known = identity.identity(url)
    change(postgres, "DROP SCHEMA dropped CASCADE; CREATE SCHEMA dropped")
    with pytest.raises(
        ValueError, match=rf"plan store {known.store} \(audit row 1\) is gone; nothing was saved"
    ):
        identity.refuse_other(url, [known])


# --- disks -----------------------------------------------------------------------------------------------------


@pytest.fixture
def small(tmp_path):
    """A folder on a disk of its own, of few bytes."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "tmpfs", folder],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("a disk of its own takes the rights to mount one")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def fill(folder):
    """Fill a disk to its last byte."""
    with open(folder / "other", "wb", buffering=0) as file:
        try:
            while file.write(b"x" * 65_536):
                pass
        except OSError:
            return


def test_a_store_on_a_full_disk_loses_nothing_that_was_computed(place, executed, small):
    store = small / "plans.sqlite"
    planned(store)
    executed["meanwhile"] = lambda: fill(small)
    with pytest.raises(ValueError, match="full") as refused:
        planned(store)
    assert refused.value.__notes__ == [
        f"{small}: the disk is full: 0 of {ROOM:,} bytes are free. What was computed is kept: make "
        "room, then add --resume to the command"
    ]
    (small / "other").unlink()
    executed["meanwhile"] = lambda: None
    assert planned(store, resume=True).number == 2
    assert executed["stages"][-1] == []
    assert verify.verify(f"sqlite:///{store}") == []


def test_a_run_is_not_begun_where_there_is_no_room(place, executed, small):
    (small / "other").write_bytes(b"x" * (ROOM - 5_000_000))
    with pytest.raises(
        OSError,
        match=rf"{small}: [\d,]+ bytes are free on the disk, but this takes some 16,000,000; nothing was begun",
    ):
        planned(small / "plans.sqlite")
    assert executed["stages"] == []


def test_a_read_only_disk_is_named(place, executed, small):
    planned(small / "plans.sqlite")
    subprocess.run(["mount", "-o", "remount,ro", small], check=True)
    with pytest.raises(OSError, match=f"^{small}: the disk is read-only; nothing was begun"):
        planned(small / "plans.sqlite")
    with pytest.raises(
        OSError,
        match=f"{small / 'a.txt'} could not be written: Read-only file system; [0-9,]+ bytes are free",
    ):
        writers.write_text(small / "a.txt", "a")


def test_a_file_on_a_full_disk_stays_as_it_was_and_is_named(small):
    writers.write_text(small / "page.html", "old")
    fill(small)
    with pytest.raises(
        OSError,
        match=f"{small / 'page.html'} could not be written: No space left on device; 0 bytes are free",
    ):
        writers.write_text(small / "page.html", "new" * 100_000)
    assert (small / "page.html").read_text() == "old"
    assert sorted(path.name for path in small.iterdir()) == ["other", "page.html"]


def test_a_workbook_on_a_full_disk_is_told_and_leaves_none_of_its_parts(
    small, tmp_path_factory, monkeypatch
):
    parts = tmp_path_factory.mktemp("parts")
    monkeypatch.setattr(tempfile, "tempdir", str(parts))
    facts = dict.fromkeys(("company", "cycle", "scenario", "revision", "status"), "x")
    book = Book(small / "pack.xlsx", {**facts, "hash": "a", "made_at": "", "currency": "EUR"})
    book.sheet("Summary", "Summary")
    fill(small)
    with pytest.raises(OSError, match="No space left on device"):
        book.save()
    assert list(parts.iterdir()) == []


def test_what_failed_is_told_although_its_record_cannot_be_closed(small):
    @run_log.begun(small / "base", {"stage": "x"})
    def fails():
        fill(small)
        raise RuntimeError("the dog ate it")

    with pytest.raises(RuntimeError, match="the dog ate it") as failed:
        fails()
    (note,) = failed.value.__notes__
    assert note.startswith(f"[Errno 28] {small / '.base.run' / 'record.json'} could not be written")
    assert run_log.last(small / "base")["cut_off"]


def test_a_folder_that_is_not_there_yet_is_on_the_disk_of_the_one_above(tmp_path):
    assert disk.trouble(tmp_path / "a" / "b") == ""
