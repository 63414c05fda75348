"""A real browser for tests: Chromium without a screen, and the rules of axe-core."""

import json
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--virtual-time-budget=60000",
]  # fmt: skip
AXE = "axe-core@4.14.1"
RUN = """
<script>
axe.run(document, {resultTypes: ["violations"]}).then((found) => {
  const said = document.createElement("pre");
  said.id = "found-by-axe";
  said.textContent = JSON.stringify(found.violations.map((v) => [v.impact, v.id, v.nodes.length, v.nodes[0].html]));
  document.body.replaceChildren(said);
});
</script>
"""


@pytest.fixture(scope="session")
def chromium():
    """Run Chromium on a page: options and the page in, what it prints out."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("Chromium is not installed: apt-get install chromium")

    def run(page, *options, profile):
        arguments = [
            program,
            *FLAGS,
            f"--user-data-dir={profile}",
            *options,
            Path(page).resolve().as_uri(),
        ]
        return subprocess.run(
            arguments, capture_output=True, text=True, timeout=180, check=True
        ).stdout

    return run


@pytest.fixture(scope="session")
def axe(tmp_path_factory):
    """The script of axe-core, from the npm registry."""
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed, so axe-core cannot be had")
    folder = tmp_path_factory.mktemp("axe")
    done = subprocess.run(
        ["npm", "pack", AXE, "--silent"], cwd=folder, capture_output=True, text=True
    )
    if done.returncode:
        pytest.skip(f"npm cannot bring {AXE}: {done.stderr.strip().splitlines()[-1:]}")
    with tarfile.open(folder / done.stdout.strip()) as packed:
        return packed.extractfile("package/axe.min.js").read().decode()


def faults_of_access(page, folder, chromium, axe, look):
    """What axe-core finds wrong with a page: list of (impact, rule, places, the first place)."""
    text = Path(page).read_text(encoding="utf-8")
    policy = text[text.index("<meta http-equiv") : text.index("<meta name=")]
    tested = Path(folder) / "tested.html"
    tested.write_text(
        text.replace(policy, "").replace("</body>", f"<script>{axe}</script>{RUN}</body>"),
        encoding="utf-8",
    )
    shown = chromium(tested, "--dump-dom", look, profile=Path(folder) / "profile")
    said = shown.partition('<pre id="found-by-axe">')[2].partition("</pre>")[0]
    assert said, "axe-core did not finish"
    return json.loads(said.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
