"""What tests share: the sample company's tables and its plan, computed once, and plan stores in both databases."""

import fcntl
import gc
import os
import shutil
import subprocess
import tempfile
from functools import cache
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa

from sopkit.tables import conform

pytest_plugins = ["browser"]

ROOT = Path(__file__).resolve().parent.parent


# What takes longest, longest first: so no worker has it left when the other has ended, nor waits long for what the
# first two make for all, the run of the sample company and the plans of all three.
LONGEST = (
    "test_run.py", "exhibits/test_headlines.py", "test_pack_return.py", "test_oracle.py", "test_month.py",
    "test_properties.py", "test_pack.py", "test_explain.py", "test_spread.py", "test_kernels.py", "test_team_forms.py",
    "test_team_month.py", "test_wheel.py", "test_reruns.py", "pre_sop/test_gaps_of_the_sample.py",
)  # fmt: skip


def pytest_collection_modifyitems(items):
    places = {ROOT / "tests" / name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path, len(LONGEST)))


def pytest_collection_finish():
    """Look for garbage seldom, and not among what was imported: tables make next to no circles."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)


def table(name, text):
    """A conformed table written as text: one row a line, columns apart by blanks, `-` for an empty cell."""
    return _conformed(name, text).copy()


@cache
def _conformed(name, text):
    """A table that many tests write alike, conformed once."""
    frame = pd.read_csv(
        StringIO(text.strip()), sep=r"\s+", dtype="str", keep_default_na=False, na_values=["-"]
    )
    return conform(name, frame)


def assert_same_table(left, right, **how):
    """Two tables are equal, text being text in whichever storage; `how` is pandas' own."""
    tables = []
    for frame in (left, right):
        texts = [name for name, kind in frame.dtypes.items() if kind == "str"]
        plain = frame.astype(dict.fromkeys(texts, "object"))
        tables.append(plain.set_axis(list(map(str, frame.columns)), axis="columns"))
    pd.testing.assert_frame_equal(*tables, **how)


def said(found):
    """What a check says, where it gives one issue or several."""
    found = [found] if found is None or not hasattr(found, "__next__") else list(found)
    return "\n".join(str(issue) for issue in found if issue is not None)


def trials(few, many):
    """How often what is left to chance is tried: a few times in the suite, many times by `make prove`."""
    return many if os.environ.get("SOPKIT_PROVE") else few


@pytest.fixture(scope="session")
def root():
    return ROOT


@pytest.fixture(scope="session")
def company():
    """The sample company's input tables."""
    from sopkit.io import readers

    return readers.read(str(ROOT / "data" / "summit"))


@pytest.fixture(scope="session")
def planned(company, tmp_path_factory, worker_id):
    """The sample company's plan tables, as a run makes them, and what was told while they were made.

    The first worker that asks for it makes it, for all.
    """
    return _made_once("planned", lambda: _planned(company), tmp_path_factory, worker_id)


def _made_once(name, make, tmp_path_factory, worker_id):
    """What the first worker that asks for it makes, for all."""
    if worker_id == "master":
        return make()
    file = tmp_path_factory.getbasetemp().parent / f"{name}.pickle"
    with open(file.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not file.exists():
            pd.to_pickle(make(), file)
    return pd.read_pickle(file)  # noqa: S301  written above


def _planned(company):
    from sopkit.cycle import replanning
    from sopkit.store import history

    tables, told = (
        history.add_cycle_record(company, "sqlite:///none.sqlite", "summit", "2026-10"),
        [],
    )
    return replanning.replan(tables, "2026-10", tell=told.append), told


@pytest.fixture(scope="session")
def summit_run(tmp_path_factory, worker_id):
    """A project in which `sopkit run` has planned the sample company: its folder, and what the command said.

    It is made once, for all: a test that goes on from it takes a copy.
    """
    folder = tmp_path_factory.getbasetemp() / "summit-run"
    if worker_id != "master":
        folder = tmp_path_factory.getbasetemp().parent / "summit-run"
    return _made_once("summit-run", lambda: (folder, _run(folder)), tmp_path_factory, worker_id)


def project_in(folder):
    """Make a project of the repository's notebooks and sample companies."""
    ignored = shutil.ignore_patterns(".ipynb_checkpoints")
    shutil.copytree(ROOT / "notebooks", folder / "notebooks", ignore=ignored)
    shutil.copytree(ROOT / "data", folder / "data")
    return folder


def _run(folder):
    from click.testing import CliRunner

    from sopkit.cli import main

    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project_in(folder))
        done = CliRunner().invoke(main, ["run"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture(scope="session")
def plan(planned):
    """The sample company's plan tables, as a run makes them."""
    return planned[0]


COMPANIES = {
    "poolside-cafe": "2027-03",
    "lantern-trading": "2026-10",
}  # the others, with their cycles


@pytest.fixture(scope="session")
def others(tmp_path_factory, worker_id):
    """Give the input and plan tables of another sample company by its name."""

    @cache
    def of(name):
        return _made_once(name, lambda: _other(name), tmp_path_factory, worker_id)

    return of


def _other(name):
    from sopkit.cycle import replanning
    from sopkit.runner import planning_inputs

    tables = planning_inputs.read(str(ROOT / "data" / name), COMPANIES[name])
    return tables, replanning.replan(tables, COMPANIES[name])


# --- databases -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def postgres(server):
    """The URL of a PostgreSQL database."""
    return server[0]


@pytest.fixture(scope="session")
def server():
    """The URL of a PostgreSQL database, and what restarts its server as a fault would; None for a server not ours."""
    pytest.importorskip("psycopg", reason="psycopg is not installed: pip install sopkit[postgres]")
    if "SOPKIT_TEST_POSTGRES" in os.environ:
        yield os.environ["SOPKIT_TEST_POSTGRES"], None
        return
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not programs:
        pytest.skip(
            "no PostgreSQL server: install postgresql, or set SOPKIT_TEST_POSTGRES to the URL of a database"
        )
    folder = Path(tempfile.mkdtemp(prefix="sopkit-pg-"))
    # The server refuses to run as root.
    owner = (
        {"user": "postgres", "group": "postgres", "extra_groups": []} if os.getuid() == 0 else {}
    )
    if owner:
        shutil.chown(folder, "postgres", "postgres")
    control = [programs[-1].with_name("pg_ctl"), "-D", folder / "data", "-w", "-s"]
    options = f"-k {folder} -c listen_addresses='' -c fsync=off"
    run = {"check": True, "cwd": folder, "stdout": subprocess.DEVNULL, **owner}
    subprocess.run(
        [programs[-1], "-D", folder / "data", "-U", "sopkit", "-A", "trust", "-E", "UTF8"], **run
    )
    subprocess.run([*control, "-o", options, "-l", folder / "log", "start"], **run)

    def restart():
        command = [*control, "-o", options, "-l", folder / "log", "-m", "immediate", "restart"]
        subprocess.run(command, **run)

    yield f"postgresql+psycopg://sopkit@/postgres?host={folder}", restart
    subprocess.run([*control, "-m", "immediate", "stop"], **run)
    shutil.rmtree(folder)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    """An empty store in each kind of database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'plans.sqlite'}"
        return
    address = request.getfixturevalue("postgres")
    schema = f"sopkit_test_{os.getpid()}"
    execute(address, f"DROP SCHEMA IF EXISTS {schema} CASCADE; CREATE SCHEMA {schema}")
    joined = "&" if "?" in address else "?"
    yield f"{address}{joined}options=-csearch_path%3D{schema}"
    execute(address, f"DROP SCHEMA {schema} CASCADE")


def execute(url, statements):
    """Do what somebody with full rights over the database can do, past the triggers."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SET session_replication_role = replica")
        else:
            triggers = connection.scalars(
                sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            ).all()
            for trigger in triggers:
                connection.exec_driver_sql(f"DROP TRIGGER {trigger}")
        for statement in statements.split(";"):
            connection.exec_driver_sql(statement)
