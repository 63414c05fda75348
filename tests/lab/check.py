"""Open the notebooks in a real JupyterLab, run every cell, move the what-if panel, and take pictures.

See README.md beside this file. Exit code 1 when a cell shows an error or the panel does not answer.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("notebooks", "data", "sopkit", "pyproject.toml")
PANEL = "60_pre_sop.ipynb"  # the notebook with the what-if panel
LONGEST = 300_000  # milliseconds for one notebook
ERRORS = "[data-mime-type='application/vnd.jupyter.stderr']"  # what a traceback, or a warning, is shown as
ENDED = """(errors) => {
    const prompts = [...document.querySelectorAll('.jp-CodeCell .jp-InputArea-prompt')].map(one => one.innerText);
    const all = prompts.length && prompts.every(text => /\\[\\d+\\]/.test(text));
    return all || document.querySelector(errors);
}"""
SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "notebook-extension/tracker": {"windowingMode": "none"},  # cells out of sight are rendered too
}


def main(pictures, names):
    """Check the named notebooks, or all."""
    pictures.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="sopkit-lab-") as folder:
        project = copied(Path(folder))
        port = free_port()
        server = started(project, Path(folder), port)
        try:
            wait_for(port, server)
            faults = looked_at(project, port, pictures, names)
        finally:
            server.terminate()
            server.wait()
    print("\n".join(faults) or "every notebook ran without an error")
    return 1 if faults else 0


def copied(folder):
    """Copy the project as it stands, so that nothing run here is written into it."""
    project = folder / "project"
    project.mkdir()
    for name in COPIED:
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, project / name)
    return project


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def started(project, folder, port):
    """Start a JupyterLab that knows nothing of the user's settings; without a token, since only this machine sees it."""
    places = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR",
              "JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR")  # fmt: skip
    own = {place: str(folder / place.lower()) for place in places} | {"PYTHONPATH": str(project)}
    for name, values in SETTINGS.items():
        extension, plugin = name.split("/")
        file = (
            folder
            / "jupyterlab_settings_dir"
            / "@jupyterlab"
            / extension
            / f"{plugin}.jupyterlab-settings"
        )
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(values))
    command = [
        str(ROOT / ".venv/bin/jupyter"), "lab", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}",
        "--ServerApp.port_retries=0", "--IdentityProvider.token=", f"--ServerApp.root_dir={project}",
        "--LabApp.expose_app_in_browser=True",
    ]  # fmt: skip
    log = open(folder / "lab.log", "w")  # noqa: SIM115  the server holds it
    return subprocess.Popen(command, cwd=project, env=os.environ | own, stdout=log, stderr=log)


def wait_for(port, server):
    for _ in range(120):
        if server.poll() is not None:
            raise RuntimeError("jupyter lab ended before it answered")
        try:
            urlopen(f"http://127.0.0.1:{port}/api", timeout=2)
            return
        except (URLError, ConnectionError):
            time.sleep(0.5)
    raise RuntimeError("jupyter lab did not answer in a minute")


def looked_at(project, port, pictures, names):
    """Open one notebook after the other.

    Returns
    -------
    list of what is wrong
    """
    faults = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        for path in sorted((project / "notebooks").glob("*.ipynb")):
            if names and path.stem not in names:
                continue
            page = browser.new_page(viewport={"width": 1400, "height": 1000})
            begun = time.monotonic()
            found = run_all(page, f"http://127.0.0.1:{port}/lab/tree/notebooks/{path.name}?reset")
            if path.name == PANEL and not found:
                found += move_panel(page, pictures)
            photograph(page, pictures / f"{path.stem}.png")
            print(f"{path.stem}: {time.monotonic() - begun:.0f} s, {len(found)} faults", flush=True)
            faults += [f"{path.stem}: {fault}" for fault in found]
            page.close()
        browser.close()
    return faults


def run_all(page, address):
    """Run every cell of a notebook.

    Returns
    -------
    list of errors and warnings, and of outputs that are not shown as they should be
    """
    page.goto(address)
    page.get_by_title("Kernel status: Idle").first.or_(page.get_by_text("| Idle")).first.wait_for(
        timeout=60_000
    )
    page.evaluate("() => { void jupyterapp.commands.execute('notebook:run-all-cells') }")
    page.wait_for_function(
        ENDED, arg=ERRORS, timeout=LONGEST
    )  # an error leaves the cells after it unrun
    page.wait_for_timeout(1_000)
    errors = page.locator(ERRORS)
    faults = [text[:500] for text in errors.all_inner_texts()]
    faults += ["a widget is not shown"] * page.get_by_text("Error displaying widget").count()
    return (
        faults
        + ["a figure or table is shown as text"]
        * page.locator("[data-mime-type='text/plain']").count()
    )


def move_panel(page, pictures):
    """Choose a scenario, then move its strength.

    Returns
    -------
    list of what is wrong
    """
    chooser = page.locator(".widget-dropdown select").first
    chooser.scroll_into_view_if_needed()
    page.screenshot(path=pictures / "panel-before.png")
    chooser.select_option(index=1)
    page.get_by_text("Against the base plan").first.wait_for(timeout=60_000)
    page.screenshot(path=pictures / "panel-chosen.png")
    page.locator(".noUi-handle").first.focus()
    page.keyboard.press("ArrowRight")
    page.get_by_text("125%", exact=True).first.wait_for(timeout=60_000)
    page.screenshot(path=pictures / "panel-moved.png")
    left = page.get_by_text("Planning again …", exact=True).count()
    return ["'Planning again' stays in the panel"] if left else []


def photograph(page, path):
    """Take the whole notebook in one picture: the window is made as high as the notebook."""
    height = page.evaluate("() => document.querySelector('.jp-WindowedPanel-outer').scrollHeight")
    page.set_viewport_size({"width": 1400, "height": min(int(height) + 200, 12_000)})
    page.evaluate("() => { document.querySelector('.jp-WindowedPanel-outer').scrollTop = 0 }")
    page.wait_for_timeout(500)
    page.screenshot(path=path)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("usage: check.py FOLDER_FOR_PICTURES [NOTEBOOK ...]")
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
