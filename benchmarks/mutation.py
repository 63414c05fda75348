"""Change the formulas of the library one operator or number at a time, and see whether a test notices.

    python benchmarks/mutation.py [--sample 40] [--seed 1] [GROUP ...]

cosmic-ray (https://github.com/sixty-north/cosmic-ray), which changes files in place, works on a copy of the last commit. Of all its
changes of a group's modules those that a formula can get wrong are drawn from by the seed; what is a measure's formula in `measures.toml` is
changed here, all of them. Prints the share that a test noticed, by group, and each change that none did: those are to be told by a new test, or
listed as equal in docs/promises.md. A change by which the tests run five times as long as without one counts as noticed.
"""

import argparse
import json
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
TOOL = ("uvx", "--from", "cosmic-ray==8.7.0", "cosmic-ray")
LONGER = 5  # times the seconds that a group's tests take without a change: then they do not end
FORMULA = re.compile(  # the changes that a formula can get wrong
    r"core/(ReplaceBinaryOperator_(Add_Sub|Sub_Add|Mul_Div|Div_Mul)|ReplaceComparisonOperator_(Gt_GtE|GtE_Gt|Lt_LtE|LtE_Lt|Gt_Lt|Lt_Gt|"
    r"Eq_NotEq|NotEq_Eq)|NumberReplacer|AddNot|ReplaceAndWithOr|ReplaceOrWithAnd|ReplaceTrueWithFalse|ReplaceFalseWithTrue|"
    r"ReplaceUnaryOperator_Delete_USub|ReplaceUnaryOperator_Delete_Not)$"
)
MEASURES = "sopkit/schema/measures.toml"
SWAPS = ((" - ", " + "), (" + ", " - "), ("maximum(", "minimum("), ("minimum(", "maximum("))


class Group(NamedTuple):
    """Modules whose formulas are changed, and the tests that should notice."""

    modules: tuple[str, ...]
    tests: tuple[str, ...]


GROUPS = {
    "finance": Group(
        (
            "sopkit/finance/bridge.py", "sopkit/finance/variance.py", "sopkit/finance/standard_costing.py",
            "sopkit/finance/profitability.py", "sopkit/finance/statements.py", "sopkit/finance/costing.py",
        ),
        ("tests/test_finance.py", "tests/test_outlook.py", "tests/test_inbound_freight.py", "tests/test_selling_prices.py"),
    ),
    "supply": Group(
        (
            "sopkit/master_data/safety_stock.py", "sopkit/model/plan_costs.py", "sopkit/model/requirements.py",
            "sopkit/model/routing_load.py",
        ),
        ("tests/supply/test_inventory.py", "tests/supply/test_service.py", "tests/supply/test_capacity.py", "tests/supply/test_model.py",
         "tests/supply/test_material.py", "tests/supply/test_dated.py"),
    ),
    "performance": Group(
        ("sopkit/performance/kpis.py", "sopkit/performance/asset_efficiency.py", "sopkit/performance/attainment.py"),
        ("tests/test_performance_edges.py", "tests/test_process_review.py", "tests/test_process.py", "tests/test_measures.py"),
    ),
}  # fmt: skip
OF_MEASURES = ("tests/test_measures.py", "tests/supply/test_service.py", "tests/test_finance.py")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "groups", nargs="*", metavar="GROUP", help=f"{', '.join(GROUPS)}, measures; all without one"
    )
    parser.add_argument(
        "--sample", type=int, default=40, help="changes of each group that are tried"
    )
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        git = shutil.which("git") or sys.exit("git is needed: the last commit is copied")
        subprocess.run([git, "clone", "--quiet", str(ROOT), str(copy)], check=True)
        for name in given.groups or [*GROUPS, "measures"]:
            tried = (
                _measures(copy)
                if name == "measures"
                else _mutated(copy, GROUPS[name], given.sample, given.seed)
            )
            _report(name, list(tried))


def _report(name: str, tried: list[tuple[str, bool]]) -> None:
    noticed = sum(one for _, one in tried)
    print(
        f"{name}: {noticed} of {len(tried)} changes noticed, {100 * noticed / max(len(tried), 1):.0f} %",
        flush=True,
    )
    for what, one in tried:
        if not one:
            print(f"  not noticed: {what}", flush=True)


def _command(tests: tuple[str, ...]) -> list[str]:
    return [sys.executable, "-m", "pytest", "-n0", "-x", "-q", "-p", "no:cacheprovider", *tests]


def _unchanged(copy: Path, tests: tuple[str, ...]) -> float:
    """Seconds that tests take without a change, which they must pass."""
    environment = os.environ | {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    start = time.monotonic()
    ended = subprocess.run(
        _command(tests), cwd=copy, env=environment, check=False, capture_output=True
    )
    if ended.returncode:
        sys.exit(f"{', '.join(tests)} do not pass as they are; mend them first")
    return time.monotonic() - start


def _mutated(copy: Path, group: Group, sample: int, seed: int) -> Iterator[tuple[str, bool]]:
    """Each change of a group's modules that was tried, and whether a test noticed."""
    config, session = (
        copy.parent / "cosmic.toml",
        copy.parent / f"session-{group.modules[0].split('/')[1]}.sqlite",
    )
    longest = LONGER * _unchanged(copy, group.tests)
    modules = ", ".join(f'"{one}"' for one in group.modules)
    command = " ".join(_command(group.tests))
    config.write_text(
        f"[cosmic-ray]\nmodule-path = [{modules}]\ntimeout = {longest:.1f}\nexcluded-modules = []\n"
        f'test-command = "{command}"\n[cosmic-ray.distributor]\nname = "local"\n'
    )
    environment = os.environ | {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}

    def run(*words: str) -> None:
        subprocess.run(
            [*TOOL, *words],
            cwd=copy,
            env=environment,
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    run("init", str(config), str(session))
    _draw(session, sample, seed)
    run("exec", str(config), str(session))
    with sqlite3.connect(session) as results:
        rows = results.execute(
            "select module_path, start_pos_row, operator_name, operator_args, test_outcome, diff from mutation_specs"
            " join work_results using (job_id) order by module_path, start_pos_row"
        ).fetchall()
    for module, line, _operator, _arguments, outcome, diff in rows:
        yield f"{module}:{line}: {_changed(diff)}", outcome != "SURVIVED"


def _draw(session: Path, sample: int, seed: int) -> None:
    """Keep as many of the changes as are asked for, of those that a formula can get wrong."""
    with sqlite3.connect(session) as results:
        known = results.execute(
            "select job_id, operator_name from mutation_specs order by module_path, start_pos_row, start_pos_col, operator_name, occurrence"
        ).fetchall()
        found = [job for job, operator in known if FORMULA.match(operator)]
        kept = set(random.Random(seed).sample(found, min(sample, len(found))))  # noqa: S311  no secret
        left_out = [(job,) for job, _ in known if job not in kept]
        results.executemany("delete from mutation_specs where job_id = ?", left_out)
        results.executemany("delete from work_items where job_id = ?", left_out)


def _changed(diff: str) -> str:
    """What a diff changes, on one line."""
    lines = [
        line
        for line in (diff or "").splitlines()
        if line[:1] in "+-" and line[:3] not in ("+++", "---")
    ]
    return json.dumps(" => ".join(" ".join(line[1:].split()) for line in lines))[1:-1]


def _measures(copy: Path) -> Iterator[tuple[str, bool]]:
    """Each change of a measure's formula, and whether a test noticed."""
    file = copy / MEASURES
    text = file.read_text(encoding="utf-8")
    lines = text.splitlines(keepends=True)
    _unchanged(copy, OF_MEASURES)
    environment = os.environ | {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    for number, line in enumerate(lines):
        for old, new in SWAPS:
            if not line.startswith(("formula = ", "per = ")) or old not in line:
                continue
            file.write_text(
                "".join([*lines[:number], line.replace(old, new, 1), *lines[number + 1 :]]),
                encoding="utf-8",
            )
            ended = subprocess.run(
                _command(OF_MEASURES), cwd=copy, env=environment, check=False, capture_output=True
            )
            yield (
                f"{MEASURES}:{number + 1}: {line.strip()} => {line.replace(old, new, 1).strip()}",
                ended.returncode != 0,
            )
    file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
