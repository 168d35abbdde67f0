"""What tests in a real browser share: the browser, and a server of Jupyter's to look at."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

needs_browser = pytest.mark.skipif(
    CHROMIUM is None, reason="chromium is not installed; `make test` installs it where it may"
)


@contextlib.contextmanager
def browser() -> Iterator[Any]:
    """A running chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield running
        running.close()


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
    return {**os.environ, **folders, "JUPYTERLAB_SETTINGS_DIR": str(home / "settings")}


@contextlib.contextmanager
def server(
    module: str,
    options: Sequence[str],
    ready: str,
    environment: Mapping[str, str],
    folder: Path,
    log: IO[str] | None = None,
) -> Iterator[str]:
    """The address of ``python -m module``, once it answers at the path ``ready``."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    output = subprocess.DEVNULL if log is None else log
    process = subprocess.Popen(
        [
            sys.executable, "-m", module, "--no-browser", "--allow-root", f"--port={port}",
            "--ip=127.0.0.1", "--IdentityProvider.token=", f"--ServerApp.root_dir={folder}",
            *options,
        ],
        cwd=folder, env=dict(environment), stdout=output, stderr=output,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(240):
            try:
                urllib.request.urlopen(f"{address}{ready}", timeout=5).close()
                break
            except OSError:
                time.sleep(0.25)
        yield address
    finally:
        process.terminate()
        process.wait(30)
