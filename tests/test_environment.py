"""pyproject.toml, environment.yml and constraints.txt say the same."""

import re
import tomllib

CONDA_NAMES = {"matplotlib-base": "matplotlib", "nbconvert-core": "nbconvert", "pandera-base": "pandera"}


def declared(root):
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    entries = project["dependencies"] + project["optional-dependencies"]["dev"]
    floors = dict(re.sub(r"\[.*\]", "", entry).split(">=") for entry in entries)
    return floors | {"python": project["requires-python"].removeprefix(">=")}


def test_the_conda_environment_has_the_same_packages_with_the_same_floors(root):
    lines = re.findall(r"^  - ([a-z0-9-]+)>=(\S+)$", (root / "environment.yml").read_text(), re.MULTILINE)
    assert {CONDA_NAMES.get(name, name): floor for name, floor in lines} == declared(root)


def test_every_declared_package_is_pinned_exactly(root):
    pinned = re.findall(r"^([a-z0-9.-]+)==", (root / "constraints.txt").read_text(), re.MULTILINE)
    assert set(declared(root)) - {"python"} <= set(pinned)


def test_every_line_of_the_constraints_is_an_exact_pin(root):
    for line in (root / "constraints.txt").read_text().splitlines():
        assert re.match(r"^[A-Za-z0-9._-]+(\[[a-z]+\])?==\S+( ; .+)?$", line), line
