"""Whether a student can work on this machine: packages, kernel, data, checks, widgets.

Versions are compared with what the installed kit asks for, so nothing is listed twice.
"""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from .. import datasets
from ..assignments import all_assignments
from ..grading import check_live
from ..report import plain

__all__ = ["Desk", "Item", "look_at_desk"]

KIT = "convnet-assignment-kit"

PACKAGES = ("numpy", "matplotlib", "jupyterlab", "notebook", "nbgrader", "ipywidgets")
"""What students meet. The others come with them."""

WIDGETS = "@jupyter-widgets/jupyterlab-manager"
"""The part of ipywidgets that runs in the browser; its package is jupyterlab_widgets."""


@dataclass(frozen=True)
class Item:
    """One thing that was looked at: its name, what was found, whether that is good, and if not,
    what to do, in one line."""

    name: str
    found: str
    good: bool
    advice: str = ""


@dataclass(frozen=True)
class Desk:
    """What a student's machine has. ``remarks`` are worth knowing and no fault."""

    items: tuple[Item, ...]
    remarks: tuple[str, ...] = ()

    @property
    def good(self) -> bool:
        """Whether one can work here."""
        return all(item.good for item in self.items)

    def as_json(self) -> dict[str, Any]:
        """The same as plain values."""
        return {
            "good": self.good,
            "items": [asdict(item) for item in self.items],
            "remarks": list(self.remarks),
        }


def look_at_desk() -> Desk:
    """Look at this Python and at the Jupyter that belongs to it. Takes about a second."""
    looks: list[Callable[[], Iterator[Item]]] = [
        _python, _packages, _jupyter, _kernel, _data, _checks, _browser_side,
    ]  # fmt: skip
    items: list[Item] = []
    for look in looks:
        try:
            items += look()
        except Exception as error:  # what is broken must not keep the rest from being looked at
            name = look.__name__.strip("_").replace("_", " ")
            said = plain(f"{type(error).__name__}: {error}")[:200]
            items.append(Item(name, said, False, f"Install the kit again: pip install {KIT}."))
    return Desk(tuple(items), tuple(_remarks()))


def _python() -> Iterator[Item]:
    version = platform.python_version()
    found = f"{version} ({sys.executable})"
    try:
        wanted = importlib.metadata.metadata(KIT)["Requires-Python"]
    except importlib.metadata.PackageNotFoundError:
        yield Item("Python", found, True)
        return
    good = SpecifierSet(wanted).contains(version, prereleases=True)
    yield Item(
        "Python", found, good, "" if good else f"Install Python {wanted}, and the kit in it."
    )


def _packages() -> Iterator[Item]:
    try:
        lines = importlib.metadata.requires(KIT) or []
    except importlib.metadata.PackageNotFoundError:
        yield Item(
            "the kit", "not installed as a package", False,
            "In the folder of the kit: python -m pip install .",
        )  # fmt: skip
        return
    yield Item("the kit", importlib.metadata.version(KIT), True)
    wanted = {}
    for line in lines:
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate():
            wanted[_normal(requirement.name)] = requirement.specifier
    for name in PACKAGES:
        yield _package(name, wanted.get(name, SpecifierSet()))


def _package(name: str, wanted: SpecifierSet) -> Item:
    advice = f'python -m pip install --upgrade "{name}{wanted}"'
    try:
        version = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return Item(name, "not installed", False, advice)
    if wanted.contains(version, prereleases=True):
        return Item(name, version, True)
    return Item(name, f"{version}, and {wanted} is needed", False, advice)


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _jupyter() -> Iterator[Item]:
    """Which ``jupyter lab`` a terminal starts: the commonest surprise is another one."""
    program = shutil.which("jupyter-lab") or shutil.which("jupyter")
    if program is None:
        yield Item(
            "jupyter", "not on the PATH", True,
            "Start it with this Python: python -m jupyterlab",
        )  # fmt: skip
        return
    same = _same_environment(program, sys.executable)
    yield Item(
        "jupyter", program, same,
        "" if same else "It belongs to another Python. Activate this environment first, or start "
        f"Jupyter with {sys.executable} -m jupyterlab",
    )  # fmt: skip


def _kernel() -> Iterator[Item]:
    """Which Python the kernel ``python3`` of this Jupyter is."""
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    install = f"{sys.executable} -m ipykernel install --sys-prefix --name python3"
    manager = KernelSpecManager()
    try:
        spec = manager.get_kernel_spec("python3")
    except NoSuchKernel:
        yield Item("kernel python3", "there is none", False, f"Install it: {install}")
        return
    program = str(spec.argv[0]) if spec.argv else ""
    if re.fullmatch(r"python(3(\.\d+)?)?(\.exe)?", program):
        # Jupyter puts the Python that runs itself in place of a bare name.
        yield Item("kernel python3", f"{program}: the Python that Jupyter runs in", True)
    elif not Path(program).exists():
        yield Item(
            "kernel python3", f"{program}, which does not exist any more", False,
            f"Install it anew: {install}",
        )  # fmt: skip
    elif _same_environment(program, sys.executable):
        yield Item("kernel python3", program, True)
    else:
        yield Item(
            "kernel python3", f"{program}, which is another Python than this one", False,
            "Notebooks would say ModuleNotFoundError: No module named 'autograder'. Install the "
            f"kernel of this Python: {install}",
        )  # fmt: skip


def _same_environment(first: str, second: str) -> bool:
    """Whether two programs lie in one environment.

    Not by where links lead: the Python of every environment is a link to the same file.
    """

    def folder(program: str) -> str:
        return os.path.normcase(os.path.realpath(Path(program).absolute().parent))

    def root(program: str) -> str:
        # On Windows, conda has python.exe beside the folder Scripts.
        place = Path(folder(program))
        return str(place.parent if place.name.lower() in ("bin", "scripts") else place)

    return root(first) == root(second)


def _data() -> Iterator[Item]:
    problems = datasets.problems()
    if problems:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        yield Item("data", f"{len(problems)} missing or damaged", False, problems[0] + more)
    else:
        yield Item("data", f"whole, in {datasets.folder()}", True)


def _checks() -> Iterator[Item]:
    """Whether ``check("…")`` works in a notebook: a task that is not there must be told so."""
    assignment = all_assignments()[0]
    task = next(task.task for task in assignment.tasks if not task.by_hand)
    report = check_live(task, assignment, {})
    good = report.status == "graded"
    yield Item(
        "checks in a notebook", "work" if good else plain(report.message)[:200], good,
        "" if good else f"Install the kit again: python -m pip install --force-reinstall {KIT}",
    )  # fmt: skip


def _browser_side() -> Iterator[Item]:
    """Whether JupyterLab will show widgets."""
    from jupyter_core.paths import jupyter_path
    from jupyterlab_server.config import get_federated_extensions, get_page_config

    paths = jupyter_path("labextensions")
    extensions = get_federated_extensions(paths)
    if WIDGETS not in extensions:
        yield Item(
            "widgets in JupyterLab", "not installed", False,
            "python -m pip install --upgrade jupyterlab_widgets, then restart JupyterLab",
        )  # fmt: skip
        return
    disabled = get_page_config(paths).get("disabledExtensions", ())
    off = [name for name in disabled if name.split(":")[0] == WIDGETS]
    version = extensions[WIDGETS].get("version", "")
    if off:
        yield Item(
            "widgets in JupyterLab", f"{version}, turned off", False,
            f"jupyter labextension enable {WIDGETS}, then restart JupyterLab",
        )  # fmt: skip
    else:
        yield Item("widgets in JupyterLab", version, True)


def _remarks() -> Sequence[str]:
    if sys.platform == "win32":
        return [
            "On Windows, check(…) runs in the notebook's own kernel, and 'autograder check' in its "
            "own process. 'autograder submit-check' and grading need a worker, which only Linux "
            "and macOS have: 'wsl --install' gives a Linux beside Windows (WSL2), and the kit "
            "installed in there has the sandbox as well."
        ]
    return []
