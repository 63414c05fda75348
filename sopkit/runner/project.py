"""The folders of a project: input tables, notebooks, reports and the plan store."""

import os
from pathlib import Path

from sopkit.io.places import company_name

STORE_VARIABLE = (
    "SOPKIT_STORE"  # a URL may hold a password, so notebooks get it here and never as a parameter
)
FIRST_NOTEBOOK = Path("notebooks/10_data_review.ipynb")


def root(start: Path | None = None) -> Path:
    """The project's folder: the nearest one, upwards from `start`, that holds the notebooks.

    Raises
    ------
    FileNotFoundError : there is none.
    """
    here = Path(start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / FIRST_NOTEBOOK).exists():
            return folder
    raise FileNotFoundError(
        f"no {FIRST_NOTEBOOK} in {here} or above; run this in the folder of a sopkit project; "
        "`sopkit new FOLDER` makes one"
    )


def workspace_location(company: str, workspace: str = "") -> str:
    """Where the company's input tables are: `workspace` if given, else its folder of `data/`."""
    return workspace or str(root() / "data" / company_name(company))


def store_url(store: str = "") -> str:
    """The plan store: `store` if given, else what SOPKIT_STORE names, else the project's own SQLite
    file."""
    return store or os.environ.get(STORE_VARIABLE) or f"sqlite:///{root() / 'plans.sqlite'}"


def report_folder(company: str, cycle: str, scenario: str) -> Path:
    """Where a run of the cycle writes."""
    return root() / "reports" / company_name(company) / str(cycle) / company_name(scenario)
