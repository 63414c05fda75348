"""A real JupyterLab on the loopback address, and a real Chromium that is told what to do through its own protocol."""

import base64
import itertools
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import websocket

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("notebooks", "data", "pyproject.toml")
PLACES = (
    "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "JUPYTERLAB_SETTINGS_DIR",
    "JUPYTERLAB_WORKSPACES_DIR",
)  # fmt: skip
SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "notebook-extension/tracker": {"windowingMode": "none"},  # cells out of sight are rendered too
}
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--window-size=1400,1000",
    "--remote-allow-origins=*",
)  # fmt: skip
KEYS = {"ArrowRight": 39, "ArrowLeft": 37, "Enter": 13}


@contextmanager
def running_lab(folder):
    """Run JupyterLab with a token on a copy of the project, with settings of its own.

    Gives the copy, and a function of a notebook's path that gives its address.
    """
    project, port, token = _copied(folder), _free_port(), secrets.token_hex(16)
    own = {place: str(folder / place.lower()) for place in PLACES} | {"PYTHONPATH": str(ROOT)}
    _settle(folder / PLACES[4].lower())
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}",
        "--ServerApp.port_retries=0", f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={project}",
        "--LabApp.expose_app_in_browser=True",
    ]  # fmt: skip
    with open(folder / "lab.log", "w") as log:
        server = subprocess.Popen(
            command, cwd=project, env=os.environ | own, stdout=log, stderr=log
        )
    try:
        _wait_for(f"http://127.0.0.1:{port}/api", server)
        yield project, lambda path: f"http://127.0.0.1:{port}/lab/tree/{path}?reset&token={token}"
    finally:
        server.terminate()
        server.wait(30)


def _copied(folder):
    project = folder / "project"
    project.mkdir()
    for name in COPIED:
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, project / name)
    return project


def _settle(folder):
    for name, values in SETTINGS.items():
        extension, plugin = name.split("/")
        file = folder / "@jupyterlab" / extension / f"{plugin}.jupyterlab-settings"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps(values))


def _free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def _wait_for(address, process, seconds=90):
    """Wait until an address answers, and give what it says."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args[0]} ended before it answered")
        try:
            with urlopen(address, timeout=5) as answer:
                return answer.read()
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.3)
    raise TimeoutError(f"{address} did not answer in {seconds} s")


@contextmanager
def open_page(program, folder):
    """Run Chromium without a window and give its page."""
    port = _free_port()
    command = [
        program,
        *FLAGS,
        f"--remote-debugging-port={port}",
        f"--user-data-dir={folder / 'chromium'}",
    ]
    with open(folder / "chromium.log", "w") as log:
        browser = subprocess.Popen([*command, "about:blank"], stdout=log, stderr=log)
    try:
        _wait_for(f"http://127.0.0.1:{port}/json/version", browser)
        targets = json.loads(_wait_for(f"http://127.0.0.1:{port}/json/list", browser))
        address = next(one["webSocketDebuggerUrl"] for one in targets if one["type"] == "page")
        yield Page(websocket.create_connection(address, timeout=60))
    finally:
        browser.terminate()
        browser.wait(30)


class Page:
    """A page of the browser; `errors` are what its console said went wrong."""

    def __init__(self, connection):
        self._connection, self._numbers = connection, itertools.count(1)
        self.errors = []
        for domain in ("Page", "Runtime", "Log"):
            self._call(f"{domain}.enable")

    def go_to(self, address):
        self._call("Page.navigate", url=address)

    def value(self, script):
        """What a script gives; a promise is waited for."""
        answer = self._call(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{script}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def wait_until(self, script, seconds=120):
        """Wait until a script gives something true."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self.value(f"Boolean({script})"):
                return
            time.sleep(0.1)
        raise TimeoutError(f"not within {seconds} s: {script}")

    def click(self, element):
        """Click where an element (a script) is."""
        place = self.value(
            f"(() => {{ const e = {element}; e.scrollIntoView({{block: 'center'}});"
            " const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2] })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self._call(
                "Input.dispatchMouseEvent",
                type=kind,
                x=place[0],
                y=place[1],
                button="left",
                clickCount=1,
            )

    def press(self, key):
        for kind in ("rawKeyDown", "keyUp"):
            self._call(
                "Input.dispatchKeyEvent",
                type=kind,
                key=key,
                code=key,
                windowsVirtualKeyCode=KEYS[key],
            )

    def type(self, text):
        self._call("Input.insertText", text=text)

    def photograph(self, path):
        Path(path).write_bytes(base64.b64decode(self._call("Page.captureScreenshot")["data"]))

    def _call(self, method, **parameters):
        number = next(self._numbers)
        self._connection.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._connection.recv())
            if message.get("id") == number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                return message["result"]
            self._note(message)

    def _note(self, message):
        said, about = message.get("method"), message.get("params", {})
        if said == "Runtime.exceptionThrown":
            self.errors.append(str(about["exceptionDetails"]))
        elif said == "Runtime.consoleAPICalled" and about["type"] == "error":
            self.errors.append(
                " ".join(str(one.get("value", one.get("description"))) for one in about["args"])
            )
        elif said == "Log.entryAdded" and about["entry"]["level"] == "error":
            self.errors.append(f"{about['entry']['text']} {about['entry'].get('url', '')}")


FIRST = "document.querySelector('.jp-CodeCell .jp-InputArea-prompt')"
CONNECTED = "jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel?.connectionStatus === 'connected'"
IDLE = "jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'idle'"
RUN_ALL = "void jupyterapp.commands.execute('notebook:run-all-cells')"
FAULTS = "[...document.querySelectorAll('[data-mime-type=\"application/vnd.jupyter.stderr\"]')].map(e => e.innerText)"


def open_and_run(page, address, loaded, shown):
    """Open a notebook and run its cells until something is shown or a cell fails."""
    page.go_to(address)
    page.wait_until(loaded)
    page.click(FIRST)
    page.wait_until(f"{CONNECTED} && {IDLE}")
    page.value(RUN_ALL)
    page.wait_until(f"{shown} || {FAULTS}.length")


def labelled(label, kind="input, select"):
    """The field that stands beside a label; the first where several have it."""
    return (
        "[...document.querySelectorAll('.widget-label')]"
        f".find(e => e.innerText.trim() === '{label}').parentElement.querySelector('{kind}')"
    )


def button(text):
    return f"[...document.querySelectorAll('button.jupyter-button')].find(e => e.innerText.trim() === '{text}')"


def picture_of(page, name):
    """Leave a picture where SOPKIT_TEST_PICTURES says, to be looked at."""
    if "SOPKIT_TEST_PICTURES" in os.environ:
        page.photograph(Path(os.environ["SOPKIT_TEST_PICTURES"]) / f"{name}.png")
