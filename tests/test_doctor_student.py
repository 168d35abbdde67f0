"""``autograder doctor`` for students: what is missing is named, with one line to mend it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder import cli, datasets
from autograder.doctor import Examination, LevelResult, desk
from autograder.doctor.desk import Item

ROOT = Path(__file__).parent.parent


def one(look: object) -> Item:
    (item,) = look()  # type: ignore[operator]
    return item


def kernel(folder: Path, *argv: str) -> None:
    """Install a kernel ``python3`` that starts ``argv``, below ``folder``."""
    place = folder / "kernels" / "python3"
    place.mkdir(parents=True)
    spec = {"argv": list(argv), "display_name": "Python 3", "language": "python"}
    (place / "kernel.json").write_text(json.dumps(spec))


def test_this_machine_is_a_good_desk(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Path(sys.executable).parent
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    found = desk.look_at_desk()
    assert found.good, found
    names = {item.name for item in found.items}
    assert names >= {"Python", *desk.PACKAGES, "kernel python3", "data", "widgets in JupyterLab"}
    assert not any(item.advice for item in found.items)


def test_packages_that_are_missing_or_too_old(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = ["numpy>=99", 'matplotlib>=99; sys_platform == "nowhere"', "nbgrader>=0.9"]
    monkeypatch.setattr(desk.importlib.metadata, "requires", lambda name: wanted)
    monkeypatch.setattr(desk, "PACKAGES", ("numpy", "matplotlib", "nbgrader", "no-such-package"))
    items = {item.name: item for item in desk._packages()}
    assert not items["numpy"].good
    assert ">=99 is needed" in items["numpy"].found
    assert items["numpy"].advice == 'python -m pip install --upgrade "numpy>=99"'
    assert items["matplotlib"].good  # asked for on another system only
    assert items["nbgrader"].good
    assert items["no-such-package"].found == "not installed"


def test_the_kit_itself_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "KIT", "no-such-kit")
    item = one(desk._packages)
    assert not item.good
    assert "pip install ." in item.advice
    assert one(desk._python).good


def test_a_kernel_of_another_python_is_the_commonest_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "other"))
    program = tmp_path / "env" / "bin" / "python"
    kernel(tmp_path / "other", str(program), "-m", "ipykernel_launcher")
    assert "does not exist any more" in one(desk._kernel).found
    program.parent.mkdir(parents=True)
    # As in every environment: a link to the same file, and another environment all the same.
    program.symlink_to(os.path.realpath(sys.executable))
    item = one(desk._kernel)
    assert not item.good
    assert "another Python" in item.found
    assert "No module named 'autograder'" in item.advice
    assert f"{sys.executable} -m ipykernel install" in item.advice

    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "own"))
    kernel(tmp_path / "own", str(Path(sys.executable).with_name("python3")), "-m", "ipykernel")
    assert one(desk._kernel).good


def test_a_jupyter_of_another_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "bin" / "jupyter-lab"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    item = one(desk._jupyter)
    assert not item.good
    assert f"{sys.executable} -m jupyterlab" in item.advice
    monkeypatch.setenv("PATH", str(tmp_path))
    assert one(desk._jupyter).good  # there is none, and one can do without


def test_data_that_are_missing_or_damaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copied = tmp_path / "data"
    shutil.copytree(datasets.folder(), copied)
    monkeypatch.setenv("AUTOGRADER_DATASETS", str(copied))
    assert one(desk._data).good
    (copied / "digits.npz").write_bytes(b"0")
    (copied / "mnist.xz").unlink()
    item = one(desk._data)
    assert item.found == "2 missing or damaged"
    assert "digits.npz is damaged" in item.advice
    monkeypatch.setenv("AUTOGRADER_DATASETS", str(tmp_path))
    assert "checksums.json cannot be read" in one(desk._data).advice


def test_widgets_that_are_missing_or_turned_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    assert one(desk._browser_side).good
    settings = tmp_path / "labconfig" / "page_config.json"
    settings.parent.mkdir()
    settings.write_text(json.dumps({"disabledExtensions": {desk.WIDGETS: True}}))
    item = one(desk._browser_side)
    assert not item.good
    assert f"jupyter labextension enable {desk.WIDGETS}" in item.advice
    monkeypatch.setattr("jupyter_core.paths.jupyter_path", lambda *parts: [])
    assert "pip install --upgrade jupyterlab_widgets" in one(desk._browser_side).advice


def test_what_is_broken_does_not_hide_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise OSError("the disk is \x1b[31m on fire")

    monkeypatch.setattr("autograder.datasets.problems", broken)
    found = desk.look_at_desk()
    (item,) = [item for item in found.items if not item.good and item.name == "data"]
    assert "on fire" in item.found
    assert "\x1b" not in item.found
    assert any(item.name == "checks in a notebook" and item.good for item in found.items)


def test_the_command_tells_it_in_words_and_as_data(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    refused = {"open a network socket": False}
    machine = Examination(
        {"system": "a test"}, (LevelResult("process", "", refused),), ("Install more.",)
    )
    found = desk.Desk(
        (Item("numpy", "1.0", False, "pip install numpy"), Item("data", "whole", True))
    )
    monkeypatch.setattr("autograder.doctor.command.examine", lambda: machine)
    monkeypatch.setattr("autograder.doctor.command.look_at_desk", lambda: found)
    assert cli.main(["doctor"]) == 1
    printed = capsys.readouterr().out
    assert "✗ numpy: 1.0" in printed
    assert "Do: pip install numpy" in printed
    assert "✓ data: whole" in printed
    assert "Not ready for the notebooks: 1 to mend." in printed
    assert "Submissions run at level process." in printed

    assert cli.main(["doctor", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert {"facts", "levels", "chosen", "good_enough", "advice", "desk"} == set(told)
    assert told["desk"]["good"] is False
    assert told["desk"]["items"][0]["advice"] == "pip install numpy"


WINDOWS = """
import os, signal, socket, select, sys
# What they need of other people's is loaded, and stays.
import autograder.cli, autograder.jupyter.handing_in, jupyterlab_server.config, matplotlib.pyplot
import jupyter_client.kernelspec, nbgrader.utils
autograder.cli._parser()
for name in [n for n in sys.modules if n.split(".")[0] == "autograder"]:
    del sys.modules[name]
for name in ("fcntl", "resource", "pyseccomp"):
    sys.modules[name] = None
for module, names in {
    os: "getuid geteuid fork sched_getaffinity".split(),
    socket: "AF_UNIX SCM_RIGHTS SO_PASSCRED socketpair send_fds".split(),
    select: ["poll"],
    signal: "SIGKILL SIGSTOP SIGCONT SIGXCPU SIGHUP".split(),
}.items():
    for name in names:
        if hasattr(module, name):
            delattr(module, name)
sys.platform = "win32"

import autograder
from autograder import cli
def same_padding(kernel):
    if kernel % 2 == 0:
        raise ValueError("even")
    return (kernel - 1) // 2
print("points:", float(autograder.check("same_padding")))
print("photograph:", autograder.datasets.photograph("coffee").shape)
print("exit:", cli.main(["submit-check", sys.argv[1]]))
print("exit:", cli.main(["doctor"]))
"""


def test_where_windows_has_nothing_of_what_a_worker_needs(tmp_path: Path) -> None:
    """Stands in for Windows, which is not among our machines: its name, and without the modules
    and functions that it lacks. Checks in a notebook work, and the rest says what to do."""
    notebook = ROOT / "assignments/pooling/pooling.ipynb"
    done = subprocess.run(
        [sys.executable, "-c", WINDOWS, str(notebook)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "points: 2.0" in done.stdout
    assert "photograph: (" in done.stdout
    assert "exit: 3" in done.stdout
    assert "Not known: nothing to mend was found" in done.stdout
    assert "On Windows, check(…) runs in the notebook's own kernel" in done.stdout
    assert "Submissions cannot be run here." in done.stdout
    assert "Grade in WSL2" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


ALONE = """
import sys
import autograder
autograder.check("same_padding")
assert autograder.submit_check
print(*{name.split(".")[0] for name in sys.modules} - set(sys.stdlib_module_names))
"""


def test_a_check_needs_nothing_but_numpy_and_pytest() -> None:
    """So it runs wherever they do, in a browser too."""
    done = subprocess.run(
        [sys.executable, "-c", ALONE], cwd=ROOT, capture_output=True, text=True, check=True
    )
    own = {"autograder", "numpy", "pytest", "_pytest", "py", "pluggy", "iniconfig", "packaging"}
    # What pytest takes where it is there, and what an environment loads at its start.
    welcome = {"pygments", "exceptiongroup", "colorama", "__main__", "_distutils_hack"}
    loaded = {name for name in done.stdout.split() if not name.startswith("__editable__")}
    assert loaded - welcome <= own, loaded - welcome - own
