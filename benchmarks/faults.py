"""Try to break the plan store, count what broke, and try the same on a store without its care: that must break.

    python benchmarks/faults.py                    SQLite: 200 kills, 50 races of each kind, 200 flipped bits
    python benchmarks/faults.py --url URL          the same on an empty PostgreSQL database, but for the file's own faults
    python benchmarks/faults.py --trials 20 --races 5

Measured with other work beside: of 200 kills, 50 save races, 50 approve races and 50 readers on PostgreSQL nothing was lost or half
visible, and each race had one winner; the careless controls failed 196, 50, 50 and 15 times.

The tests call these trials with smaller numbers. Each gives the row it prints: trials, half-visible revisions, lost ones,
winners of a race, and what went wrong in the careless store (`control`: 0 there would mean that the trial sees nothing).
"""

import argparse
import multiprocessing
import os
import random
import resource
import shutil
import signal
import sqlite3
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from sopkit.io.hashing import content_hash
from sopkit.store import approval, audit_log, revisions, saving, status, verify
from sopkit.tables import conform

FORK = multiprocessing.get_context("fork")
PLACE = status.plan_of("faults", "2026-10", "base")
ROWS = 4_000


class Outcome(NamedTuple):
    """What a trial found; None where there is nothing to count."""

    fault: str
    trials: int
    half_visible: int | None = None
    lost: int | None = None
    winners: str = ""
    found: str = ""
    control: int | None = None


def plan(number):
    """Two plan tables that both say `number`: half of a plan shows as two numbers."""
    periods = pd.period_range("2026-10", periods=ROWS, freq="M").astype("str")
    noise = random.Random(number)  # noqa: S311  figures, not secrets
    values = {"constraint": "capacity", "item": "x", "period": periods}
    values |= {
        "limit": float(number),
        "used": [noise.random() for _ in periods],
        "shadow_price": 0.0,
    }
    asked = {
        "decision": ["d"],
        "question": "?",
        "options": "keep",
        "recommendation": "keep",
        "effect": f"{number}",
    }
    return {
        "shadow_prices": conform("shadow_prices", pd.DataFrame(values)),
        "decisions": conform(
            "decisions", pd.DataFrame(asked | {"owner": "o", "decision_level": "executives"})
        ),
    }


def save(url, number, who="A. Novak", **more):
    """Save a plan that says `number`."""
    return saving.save_revision(url, *PLACE, plan(number), content_hash({}), who, "trial", **more)


def is_half(url, revision):
    """Whether the tables of a revision say two numbers, or cannot be read."""
    try:
        tables = revisions.read_revision(url, *PLACE, revision)
    except ValueError:
        return True
    said = {*tables["shadow_prices"]["limit"], *map(float, tables["decisions"]["effect"])}
    return len(said) != 1 or len(tables["shadow_prices"]) != ROWS


def half_visible(url):
    """Count the revisions that are not whole."""
    return sum(is_half(url, number) for number in revisions.revisions(url)["number"])


def careless(folder, number):
    """Save a plan as a folder of files, the way scripts do."""
    place = folder / f"{number}"
    place.mkdir(parents=True)
    for name, table in plan(number).items():
        table.to_parquet(place / f"{name}.parquet")


def careless_half(folder):
    """Count the folders in which a table is missing or cut short."""
    broken = 0
    for place in folder.iterdir():
        files = [place / f"{name}.parquet" for name in ("shadow_prices", "decisions")]
        broken += not all(file.exists() and file.read_bytes()[-4:] == b"PAR1" for file in files)
    return broken


# ---------------------------------------------------------------------------------------------------------------
# kills, full disks


def kills(url, folder, trials):
    """Kill a process that saves, at any moment; what it was told is saved must be there, and whole."""
    save(url, 0)
    told, control = FORK.RawValue("i", 0), folder / "careless"  # a lock would die with who holds it
    control.mkdir()
    start = time.perf_counter()
    save(url, 0)
    longest = 2 * (time.perf_counter() - start)
    lost = 0
    for trial in range(1, trials + 1):

        def saving(trial=trial):
            told.value = save(url, trial).number

        known = max(told.value, 2)
        _kill(saving, trial, longest)
        kept = revisions.latest_revision(url, *PLACE).number
        lost += kept < max(known, told.value)
        _kill(lambda trial=trial: careless(control, trial), trial, longest / 4)
    problems = verify.verify(url)
    return Outcome(
        f"kill -9 while writing, {len(revisions.revisions(url)) - 2} saved",
        trials,
        half_visible(url) + len(problems),
        lost,
        control=careless_half(control),
    )


def _kill(act, seed, longest):
    process = FORK.Process(target=act)
    process.start()
    time.sleep(random.Random(seed).uniform(0, longest))  # noqa: S311  moments, not secrets
    process.kill()
    process.join()


def full_disk(url, folder, trials):
    """Save where files may not grow beyond a few more bytes each time; the save must fail and leave all as it was."""
    first = save(url, 0)
    control, lost = folder / "careless-full", 0
    control.mkdir()
    size = sum(file.stat().st_size for file in folder.glob("*.sqlite*"))
    for trial in range(1, trials + 1):
        limit = int(size * trial / trials)
        _limited(lambda trial=trial: save(url, trial), limit)
        lost += revisions.read_table(url, *PLACE, "decisions", first.number)["effect"].tolist() != [
            "0"
        ]
        _limited(lambda trial=trial: careless(control, trial), int(30_000 * trial / trials))
    problems = verify.verify(url)
    return Outcome(
        "disk full while writing",
        trials,
        half_visible(url) + len(problems),
        lost,
        control=careless_half(control),
    )


def _limited(act, limit):
    def limited():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        try:
            act()
        except (ValueError, OSError):
            os._exit(1)

    process = FORK.Process(target=limited)
    process.start()
    process.join()


# ---------------------------------------------------------------------------------------------------------------
# races


def at_once(act, people=3):
    """Let people do the same at the same moment, each in a process; give what each was told, `None` for done."""
    gate, told = FORK.Barrier(people), FORK.Queue()

    def person(number):
        gate.wait()
        try:
            act(f"Person {number}")
            told.put((number, None))
        except (ValueError, FileExistsError) as error:
            told.put((number, str(error)))

    processes = [FORK.Process(target=person, args=(number,)) for number in range(people)]
    for process in processes:
        process.start()
    answers = dict(told.get(timeout=120) for _ in processes)
    for process in processes:
        process.join()
    return answers


def one_won(answers):
    """Whether one was first, and all others were told who."""
    winners = [number for number, error in answers.items() if error is None]
    return len(winners) == 1 and all(
        f"Person {winners[0]}" in error for error in answers.values() if error
    )


def save_races(url, folder, races):
    """People save the rework of the same revision at once."""
    save(url, 0)
    won = control = 0
    for race in range(1, races + 1):
        seen = len(verify.audit(url))
        won += one_won(
            at_once(lambda who, race=race, seen=seen: save(url, race, who, reworked=seen))
        )
        control += not one_won(
            at_once(lambda who, race=race: _careless_act(folder / f"save-{race}", who))
        )
    lost = revisions.latest_revision(url, *PLACE).number - 1 - races
    return Outcome(
        "save races", races, half_visible(url), abs(lost), f"{won} of {races}", control=control
    )


def approve_races(url, folder, races):
    """People approve the same plan at once, each race a cycle of its own."""
    won = control = 0
    for race, cycle in enumerate(pd.period_range("2026-10", periods=races, freq="M").astype("str")):
        place = status.plan_of("faults", cycle, "base")
        tables = plan(race)
        tables["decisions"] = tables["decisions"].assign(decision="approve-plan")
        made = saving.save_revision(url, *place, tables, content_hash({}), "A. Novak", "trial")
        approval.submit(url, place, audit_log.Author("A. Novak", "trial"))
        answers = at_once(
            lambda who, place=place, made=made: approval.approve(
                url, place, audit_log.Author(who, "trial"), made.hash
            )
        )
        won += one_won(answers)
        control += not one_won(
            at_once(lambda who, race=race: _careless_act(folder / f"approve-{race}", who))
        )
    approved = (verify.audit(url)["what"] == audit_log.APPROVED).sum()
    problems = verify.verify(url)
    return Outcome(
        "approve races",
        races,
        len(problems),
        int(races - approved),
        f"{won} of {races}",
        control=control,
    )


def _careless_act(file, who):
    if file.exists():
        raise FileExistsError(f"{file.read_text()} was first")
    time.sleep(0.002)
    file.write_text(who)


def reader_and_writer(url, _, trials):
    """Read the newest plan again and again while it is saved anew."""
    save(url, 0)
    writer = FORK.Process(target=lambda: [save(url, number) for number in range(1, trials + 1)])
    writer.start()
    reads = torn = control = 0
    while writer.is_alive():
        reads, torn = reads + 1, torn + is_half(url, None)
        one = revisions.read_table(url, *PLACE, "decisions")["effect"].iloc[0]
        time.sleep(0.1)
        control += float(one) != revisions.read_table(url, *PLACE, "shadow_prices")["limit"].iloc[0]
    writer.join()
    lost = trials + 1 - revisions.latest_revision(url, *PLACE).number
    return Outcome(f"reader during writer ({reads} reads)", trials, torn, lost, control=control)


# ---------------------------------------------------------------------------------------------------------------
# what was changed since


def flipped_bits(url, folder, trials):
    """Flip one bit of the file; it must be found, or change nothing that can be read."""
    file = Path(url.removeprefix("sqlite:///"))
    for number in range(3):
        save(url, number)
    whole, said = file.read_bytes(), _said(url)
    naive = folder / "naive.sqlite"
    with sqlite3.connect(naive) as connection:
        plan(0)["shadow_prices"].astype("str").to_sql("plan", connection, index=False)
    naive_whole, naive_said = naive.read_bytes(), _naive(naive)
    unseen = found = control = 0
    for trial in range(trials):
        _flip(file, whole, trial)
        try:
            seen = bool(verify.verify(url))
            differs = not seen and _said(url) != said
        except (ValueError, FileNotFoundError):
            seen, differs = True, False
        found, unseen = found + seen, unseen + differs
        _flip(naive, naive_whole, trial)
        control += _naive(naive) not in (naive_said, None)
    file.write_bytes(whole)
    harmless = trials - found - unseen
    return Outcome(
        "flipped bits", trials, unseen, 0, found=f"{found}, harmless {harmless}", control=control
    )


def _said(url):
    tables = [revisions.read_revision(url, *PLACE, n) for n in revisions.revisions(url)["number"]]
    return [[frame.to_csv() for frame in one.values()] for one in tables], verify.audit(
        url
    ).to_csv()


def _naive(file):
    try:
        with sqlite3.connect(file) as connection:
            return connection.execute("SELECT * FROM plan").fetchall()
    except (sqlite3.Error, UnicodeDecodeError):
        return None


def _flip(file, whole, seed):
    place = random.Random(seed).randrange(len(whole) * 8)  # noqa: S311  places, not secrets
    changed = bytearray(whole)
    changed[place // 8] ^= 1 << place % 8
    file.write_bytes(changed)


TAMPERING = {
    "dropped trigger": "DROP TRIGGER audit_no_delete",
    "rewritten audit row": "DROP TRIGGER audit_no_update; UPDATE audit SET why = 'as agreed' WHERE number = 1",
    "newest revision and audit row cut off": "DROP TRIGGER audit_no_delete; DROP TRIGGER part_no_delete; "
    "DROP TRIGGER revision_table_no_delete; DROP TRIGGER revision_no_delete; DELETE FROM part WHERE revision = 3; "
    "DELETE FROM revision_table WHERE revision = 3; DELETE FROM revision WHERE id = 3; DELETE FROM audit WHERE number = 3",
}


def tampering(url, folder, _):
    """Change the file as its owner can, put the triggers back as they were, and ask `verify`."""
    for number in range(3):
        save(url, number)
    file = Path(url.removeprefix("sqlite:///"))
    healthy = bool(verify.verify(url))
    for fault, statements in TAMPERING.items():
        forged = folder / "forged.sqlite"
        shutil.copy(file, forged)
        shutil.copy(f"{file}.head", f"{forged}.head")
        with sqlite3.connect(forged) as connection:
            triggers = connection.execute(
                "SELECT sql FROM sqlite_master WHERE type = 'trigger'"
            ).fetchall()
            connection.executescript(statements)
            left = connection.execute(
                "SELECT sql FROM sqlite_master WHERE type = 'trigger'"
            ).fetchall()
            for (sql,) in set(triggers) - set(left) if fault != "dropped trigger" else ():
                connection.execute(sql)
        connection.close()
        problems = verify.verify(f"sqlite:///{forged}")
        yield Outcome(
            fault,
            1,
            found=problems[0] if problems else "not found",
            lost=int(not problems),
            control=int(not healthy),
        )


# ---------------------------------------------------------------------------------------------------------------


def outcomes(url_of, folder, trials, races):
    """Try everything; `url_of` names an empty store for each trial."""
    for trial, count in (
        (kills, trials),
        (save_races, races),
        (approve_races, races),
        (reader_and_writer, races),
    ):
        yield trial(url_of(trial.__name__), folder, count)
    if url_of("x").startswith("sqlite"):
        yield full_disk(url_of("full_disk"), folder, races)
        yield flipped_bits(url_of("flipped_bits"), folder, trials)
        yield from tampering(url_of("tampering"), folder, 1)


def main():
    """Print what broke."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--races", type=int, default=50)
    parser.add_argument(
        "--url", help="An empty PostgreSQL database; each trial gets a schema of its own"
    )
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)

        def url_of(name):
            if not given.url:
                (folder / name).mkdir(exist_ok=True)
                return f"sqlite:///{folder / name / 'plans.sqlite'}"
            return _schema(given.url, name)

        print(
            f"{'fault':<40} {'trials':>6} {'half-visible':>12} {'lost':>5} {'winners':>9} {'control':>8}  found"
        )
        for one in outcomes(url_of, folder, given.trials, given.races):
            figures = [
                "" if x is None else str(x)
                for x in (one.half_visible, one.lost, one.winners, one.control)
            ]
            print(
                f"{one.fault:<40} {one.trials:>6} {figures[0]:>12} {figures[1]:>5} {figures[2]:>9} {figures[3]:>8}  {one.found}",
                flush=True,
            )


def _schema(url, name):
    import sqlalchemy as sa

    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(sa.schema.CreateSchema(f"faults_{name}", if_not_exists=True))
    return f"{url}{'&' if '?' in url else '?'}options=-csearch_path%3Dfaults_{name}"


if __name__ == "__main__":
    main()
