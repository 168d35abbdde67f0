"""What tests in a real browser share: the browser, a server of Jupyter's, and a student's hands.

Nothing here is skipped: where the browser or a server is missing, a test fails and says so in a
line. Every picture that a test takes is kept in ``build/screenshots``.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
SCREENSHOTS = ROOT / "build" / "screenshots"

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

DESKS = ("lab", "notebook")
"""JupyterLab and Notebook 7."""

PATIENCE = 120_000
"""Milliseconds after which a page is given up. A busy machine is slow, and that is no fault."""


_WORKSPACES = itertools.count()
_PAGES: list[Any] = []


@contextlib.contextmanager
def browser() -> Iterator[Any]:
    """A running chromium."""
    from playwright.sync_api import sync_playwright

    if CHROMIUM is None:
        pytest.fail("chromium is not installed; tools/system-packages installs it", pytrace=False)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield running
        running.close()


def new_page(running: Any, **options: Any) -> Any:
    """A page of a browser, or of one of its contexts, that has patience and asks no other host for
    anything. ``options`` are Playwright's."""
    if not options and hasattr(running, "contexts"):
        options["viewport"] = {"width": 1280, "height": 1000}
    page = running.new_page(**options)
    page.set_default_timeout(PATIENCE)
    _PAGES.append(page)
    elsewhere = re.compile(r"^(?!http://127\.0\.0\.1|file:|data:|blob:)")
    page.route(elsewhere, lambda route: route.abort())
    return page


def open_pages() -> list[str]:
    """Address and text of every page that is open. A test that fails says so: a picture would not
    leave the machine it failed on."""
    from playwright.sync_api import Error

    _PAGES[:] = [page for page in _PAGES if not page.is_closed()]
    said = []
    for page in _PAGES:
        try:
            text = page.evaluate("() => document.body.innerText")
        except Error as error:  # it has crashed, or is on its way elsewhere
            text = str(error)
        said.append(f"{page.url}\n{text}")
    return said


def screenshot(page: Any, name: str) -> None:
    """Keep a picture of what is to be seen as ``build/screenshots/<name>.png``."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.evaluate("() => new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)))")
    page.screenshot(path=SCREENSHOTS / f"{name}.png", animations="disabled")


def faults(page: Any, within: str = "html", besides: str = "script") -> list[str]:
    """What axe-core finds serious or critical in ``page``: a line each, with the rule and the
    element. ``within`` and ``besides`` are selectors of what to look at and what to leave out."""
    from axe_playwright_python.sync_playwright import Axe

    where = {"include": [[within]], "exclude": [[besides]]}
    return [
        f"{fault['id']}: {node['html']}"
        for fault in Axe().run(page, context=where).response["violations"]
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
    ]


# Servers


def quiet_jupyter(home: Path) -> dict[str, str]:
    """An environment in which Jupyter asks nobody for news, and keeps all it writes in ``home``."""
    settings = home / "settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    quiet = {"fetchNews": "false", "checkForUpdates": False}
    (settings / "notification.jupyterlab-settings").write_text(json.dumps(quiet))
    folders = {
        name: str(home / name)
        for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    }
    environment = {**os.environ, **folders, "JUPYTERLAB_SETTINGS_DIR": str(home / "settings")}
    environment.pop("JPY_SESSION_NAME", None)
    return environment


@contextlib.contextmanager
def server(
    module: str,
    options: Sequence[str],
    ready: str,
    environment: Mapping[str, str],
    folder: Path,
) -> Iterator[str]:
    """The address of ``python -m module``, once it answers at the path ``ready``."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            [
                sys.executable, "-m", module, "--no-browser", "--allow-root", f"--port={port}",
                "--ServerApp.port_retries=0", "--ip=127.0.0.1", "--IdentityProvider.token=",
                f"--ServerApp.root_dir={folder}", *options,
            ],
            cwd=folder, env=dict(environment), stdout=log, stderr=log,
        )  # fmt: skip
        address = f"http://127.0.0.1:{port}"
        try:
            if not _answers(f"{address}{ready}", process):
                log.seek(0)
                said = [line for line in log.read().splitlines() if line.strip()]
                pytest.fail(
                    f"{module} does not answer at {address}{ready}: {said[-1] if said else ''}",
                    pytrace=False,
                )
            yield address
        finally:
            process.terminate()
            process.wait(30)


def _answers(address: str, process: subprocess.Popen[bytes]) -> bool:
    for _ in range(240):
        if process.poll() is not None:
            return False
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return True
        except OSError:
            time.sleep(0.25)
    return False


@contextlib.contextmanager
def jupyter(environment: Mapping[str, str], folder: Path) -> Iterator[str]:
    """The address of a server that shows ``folder`` in JupyterLab and in Notebook 7."""
    options = [
        "--LabApp.expose_app_in_browser=True",
        "--JupyterNotebookApp.expose_app_in_browser=True",
    ]
    with server("notebook", options, "/api", environment, folder) as address:
        yield address


# A student's hands


def lab(address: str, path: str = "") -> str:
    """Where JupyterLab shows the file at ``path``, in a workspace of its own: nothing is open there
    from before. (``?reset`` forgets what was open too, but as long as it stands in the address a
    click on a link within the page loads the page again.)"""
    return f"{address}/lab/workspaces/test{next(_WORKSPACES)}" + (path and f"/tree/{path}")


def open_notebook(page: Any, address: str, desk: str, path: str) -> None:
    """Open the notebook at ``path`` in the ``desk``, and wait for its kernel."""
    where = lab(address, path) if desk == "lab" else f"{address}/notebooks/{path}"
    page.goto(where, timeout=PATIENCE)
    wait_for_kernel(page)
    page.evaluate("() => window.jupyterapp.shell.collapseLeft?.()")


def wait_for_kernel(page: Any) -> None:
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=PATIENCE)
    page.wait_for_function(
        "() => window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status"
        " === 'idle'",
        timeout=PATIENCE,
    )


def wear(page: Any, theme: str) -> None:
    """Change the theme of the page, and wait for it."""
    page.evaluate(
        "theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})", theme
    )
    page.wait_for_function("theme => document.body.dataset.jpThemeName === theme", arg=theme)


def choose(page: Any, menu: str, item: str) -> None:
    """Choose an ``item`` of a ``menu`` of the menu bar."""
    page.locator(".lm-MenuBar-itemLabel", has_text=menu).first.click()
    page.locator(".lm-Menu-itemLabel").get_by_text(item, exact=True).click()


def run_all_cells(page: Any) -> list[dict[str, Any]]:
    """Run all cells by the menu; the code cells as they are then, pictures left out.

    A cell that raises stops the others, as it does for a student.
    """
    choose(page, "Run", "Run All Cells")
    ran = page.wait_for_function(
        """() => {
            const panel = window.jupyterapp.shell.currentWidget;
            const cells = panel.content.model.toJSON().cells.filter(c => c.cell_type === 'code');
            const stopped = cells.some(c => c.outputs.some(o => o.output_type === 'error'));
            const done = cells.every(c => c.execution_count)
                && panel.sessionContext.session.kernel.status === 'idle';
            for (const output of cells.flatMap(c => c.outputs))
                if (output.data) delete output.data['image/png'];
            return stopped || done ? cells : null;
        }""",
        timeout=PATIENCE,
    )
    cells: list[dict[str, Any]] = ran.json_value()
    return cells


def cell(page: Any, name: str) -> Any:
    """The cell with the id ``name``, made the active one and brought into view."""
    found = page.evaluate(
        """async name => {
            const content = window.jupyterapp.shell.currentWidget.content;
            const at = [...content.model.cells].findIndex(c => c.id === name);
            if (at < 0) return false;
            content.activeCellIndex = at;
            await content.scrollToItem(at, 'start');
            content.widgets[at].node.dataset.cell = name;
            return true;
        }""",
        name,
    )
    assert found, f"the notebook has no cell {name}"
    return page.locator(f'.jp-Cell[data-cell="{name}"]')


def write(page: Any, name: str, text: str) -> None:
    """Replace what stands in the cell ``name`` by ``text``, and run it."""
    there = cell(page, name)
    rendered = there.locator(".jp-MarkdownOutput")
    if rendered.count():
        rendered.dblclick()  # a text shows how it is written then
    there.locator(".cm-content").click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.insert_text(text)
    page.keyboard.press("Shift+Enter")


def run(page: Any, name: str) -> Any:
    """Run the cell ``name``; the cell."""
    there = cell(page, name)
    there.locator(".cm-content").click()
    page.keyboard.press("Shift+Enter")
    return there
