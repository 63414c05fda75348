"""A new project: a folder with the notebooks, in which companies, reports and the plan store come
to lie."""

import shutil
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

import sopkit
from sopkit.runner.project import FIRST_NOTEBOOK

_INSTALLED = f"share/sopkit/{FIRST_NOTEBOOK.as_posix()}"
_IGNORED = "reports/\n.fits/\n.ipynb_checkpoints/\n"  # what a run makes, for a project under git


def make(folder: Path) -> Path:
    """Make a project in a new or empty folder, whole or not at all.

    Returns
    -------
    the folder

    Raises
    ------
    FileExistsError : the folder holds something; nothing is overwritten.
    FileNotFoundError : this sopkit was installed without its notebooks.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FileExistsError(f"{folder} is not empty; choose a new folder")
    source = notebooks()
    unfinished = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    (unfinished / "data").mkdir(parents=True)
    (unfinished / ".gitignore").write_text(_IGNORED, encoding="utf-8")
    (unfinished / "notebooks").mkdir()
    for notebook in sorted(source.glob("*.ipynb")):
        shutil.copyfile(notebook, unfinished / "notebooks" / notebook.name)
    if folder.exists():
        folder.rmdir()
    unfinished.rename(folder)
    return folder


def notebooks() -> Path:
    """Where the notebooks of this sopkit lie: beside its source, or where they were installed.

    Raises
    ------
    FileNotFoundError : nowhere.
    """
    beside = Path(sopkit.__file__).parents[1] / FIRST_NOTEBOOK
    if beside.exists():
        return beside.parent
    try:
        there = [one for one in files("sopkit") or () if one.as_posix().endswith(_INSTALLED)]
    except PackageNotFoundError:
        there = []
    if not there:
        raise FileNotFoundError(
            "this sopkit has no notebooks; install it from its wheel, or use a copy of its "
            "repository"
        )
    return Path(there[0].locate()).resolve().parent
