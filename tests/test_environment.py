"""pyproject.toml, environment.yml and requirements.lock say the same, and the sources run nothing that they are given."""

import ast
import os
import re
import tomllib

CONDA_NAMES = {
    "dask-core": "dask",
    "matplotlib-base": "matplotlib",
    "nbconvert-core": "nbconvert",
    "pandera-base": "pandera",
}


def declared(root):
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    entries = project["dependencies"] + project["optional-dependencies"]["dev"]
    floors = dict(re.sub(r"\[.*\]", "", entry).split(">=") for entry in entries)
    return floors | {"python": project["requires-python"].removeprefix(">=")}


def test_the_conda_environment_has_the_same_packages_with_the_same_floors(root):
    lines = re.findall(
        r"^  - ([a-z0-9-]+)(>?=)(\S+)$", (root / "environment.yml").read_text(), re.MULTILINE
    )
    told = {CONDA_NAMES.get(name, name): (sign, version) for name, sign, version in lines}
    sign, python = told.pop("python")
    floors = declared(root)
    assert sign == "="  # Binder takes the version of Python from a line of this form
    assert [int(part) for part in python.split(".")] >= [
        int(part) for part in floors.pop("python").split(".")
    ]
    assert told == {name: (">=", floor) for name, floor in floors.items()}


def test_binder_installs_the_package_itself_after_its_environment(root):
    script = root / "postBuild"
    assert os.access(script, os.X_OK)
    assert "pip install --no-deps --no-build-isolation --editable ." in script.read_text()
    assert "setuptools" in declared(root)  # what the package is built with
    assert not (root / "binder").exists()  # such a folder would take the place of both files
    assert "- pip:" not in (root / "environment.yml").read_text()  # such a list knows no --no-deps


def locked(root):
    """The packages of the lock: what stands before the hashes, and how many there are."""
    entries = re.split(
        r"\n(?=[a-z])", (root / "requirements.lock").read_text().partition("\n#    make lock\n")[2]
    )
    return {
        entry.partition(" ")[0]: re.findall(r"--hash=sha256:[0-9a-f]{64}", entry)
        for entry in entries
    }


def test_every_declared_package_is_locked_and_every_lock_is_one_version_with_its_hashes(root):
    packages = locked(root)
    names = {name.partition("==")[0].partition("[")[0] for name in packages}
    assert set(declared(root)) - {"python"} <= names
    for name, hashes in packages.items():
        assert re.match(r"^[a-z0-9._-]+(\[[a-z]+\])?==\S+$", name), name
        assert hashes, f"{name} has no hash"


def test_make_installs_nothing_without_its_hash(root):
    installs = [
        line for line in (root / "Makefile").read_text().splitlines() if "pip install" in line
    ]
    assert len(installs) == 3
    assert all(
        "--require-hashes" in line or "--no-deps --no-build-isolation --editable ." in line
        for line in installs
    )


FORBIDDEN = {"pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib", "yaml"}
RUNS = {"eval", "exec", "compile", "system", "popen", "read_pickle", "to_pickle", "getoutput"}


def test_the_sources_neither_unpickle_nor_evaluate_nor_call_a_shell(root):
    for file in [
        *(root / "sopkit").rglob("*.py"),
        *(root / "benchmarks").glob("*.py"),
        root / "data" / "generate.py",
    ]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            place = f"{file.name}:{getattr(node, 'lineno', '')}"
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = {alias.name.partition(".")[0] for alias in node.names}
                names.add((getattr(node, "module", None) or "").partition(".")[0])
                assert not names & FORBIDDEN, place
            if isinstance(node, ast.Call):
                called = getattr(node.func, "attr", getattr(node.func, "id", ""))
                owner = getattr(getattr(node.func, "value", None), "id", "")
                assert called not in RUNS or (called == "compile" and owner == "re"), (
                    f"{place} calls {called}"
                )
                for option in node.keywords:
                    told = isinstance(option.value, ast.Constant) and option.value.value
                    assert not (option.arg in ("shell", "allow_pickle") and told), (
                        f"{place}: {option.arg}"
                    )
