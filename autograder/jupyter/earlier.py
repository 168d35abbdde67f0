"""The layers for a network: from the student's own earlier notebooks, where those are right.

Whatever is missing or wrong is named, and the kit's own layer stands in for it, so that nobody is
stopped by an earlier assignment. When the notebook is graded, ``my_layers`` gives the kit's layers,
whatever the earlier notebooks hold.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from ..assignments import find
from ..layers import TRUSTED, Layers
from ..notebook import UnreadableNotebook, read, recognise
from ..report import Finding
from ..runnable import run_here, runnable_cells
from ..suites import convolution, pooling
from ..suites.calling import Protocol
from ..vectors import stored
from ..worker.host import LiveSubmission

__all__ = ["my_layers"]

_SOURCES: Mapping[str, tuple[str, Protocol]] = {
    "conv_forward": ("convolution", convolution.PROTOCOL),
    "conv_backward": ("convolution", convolution.PROTOCOL),
    "max_pool_forward": ("pooling", pooling.PROTOCOL),
    "max_pool_backward": ("pooling", pooling.PROTOCOL),
}
_GROUPS = ("basic", "padding", "stride", "rectangles")


def my_layers(*notebooks: str | os.PathLike[str]) -> Layers:
    """The layers ``conv_forward``, ``conv_backward``, ``max_pool_forward``, ``max_pool_backward``.

    ``notebooks`` are paths of your own notebooks on convolution and on pooling. Without any, they
    are looked for beside this notebook, in the folder above, and in the folders ``convolution`` and
    ``pooling`` there. Their cells are run (cells tagged ``experiment`` are not), and every function
    is tried on the inputs of its public checks: the vectorized version first, then the naive one.
    Prints where each layer comes from. A layer that is missing or wrong is replaced by the kit's.

    Raises ``FileNotFoundError`` for a path that is given and does not exist.
    """
    found = dict(_named(notebooks) if notebooks else _nearby(Path.cwd()))
    chosen: dict[str, Callable[..., Any]] = {}
    origin: dict[str, str] = {}
    spaces: dict[str, tuple[dict[str, Any], str]] = {}
    for assignment in dict.fromkeys(name for name, _ in _SOURCES.values()):
        path = found.get(assignment)
        spaces[assignment] = _run(path, assignment) if path is not None else ({}, "")
    for layer, (assignment, protocol) in _SOURCES.items():
        path = found.get(assignment)
        space, trouble = spaces[assignment]
        if path is None:
            why = f"no {assignment}.ipynb was found"
        else:
            name, why = _first_right(space, layer, assignment, protocol)
            if name:
                chosen[layer] = space[name]
                origin[layer] = f"yours: {name} from {path.name}{why}"
                continue
            why = f"{path.name}: {why}" + (f" ({trouble})" if trouble else "")
        chosen[layer] = getattr(TRUSTED, layer)
        origin[layer] = f"the kit's, because {why}"
    layers = Layers(chosen, origin)
    print(layers)
    return layers


def _named(notebooks: Iterable[str | os.PathLike[str]]) -> Iterable[tuple[str, Path]]:
    for given in notebooks:
        path = Path(given)
        if not path.is_file():
            raise FileNotFoundError(f"there is no notebook {path}; give the path of your own one")
        with contextlib.suppress(UnreadableNotebook):
            yield recognise(read(path)).name, path


def _nearby(here: Path) -> Iterable[tuple[str, Path]]:
    for assignment in dict.fromkeys(name for name, _ in _SOURCES.values()):
        file = find(assignment).notebook
        places = (here, here.parent, here / assignment, here.parent / assignment)
        for place in places:
            if (place / file).is_file():
                yield assignment, place / file
                break


def _run(path: Path, assignment: str) -> tuple[dict[str, Any], str]:
    """The globals of the notebook after its cells have run, and what went wrong, in a sentence."""
    try:
        cells = runnable_cells(read(path), find(assignment))
    except UnreadableNotebook as error:
        return {}, f"it cannot be read: {error}"
    space, notes = run_here(cells, path.name)
    return space, f"{notes[0].cell} raised {notes[0].message}" if notes else ""


def _first_right(
    space: dict[str, Any], layer: str, assignment: str, protocol: Protocol
) -> tuple[str, str]:
    """The name of the version to use with a note, or '' with the reason why there is none."""
    reasons = []
    for ending in ("_vectorized", "_naive"):
        name = layer + ending
        reason = _fault(space, name, assignment, protocol)
        if not reason:
            slow = "; it loops in Python, so training will take long" if ending == "_naive" else ""
            return name, slow
        reasons.append(f"{name} {reason}")
    return "", "; ".join(reasons)


def _fault(space: dict[str, Any], name: str, assignment: str, protocol: Protocol) -> str:
    """What is wrong with a function, '' if nothing is."""
    if not callable(space.get(name)):
        return "is not there"
    cases, lessons = stored(assignment)
    submission = LiveSubmission(space)
    for case in cases:
        if case.operator != protocol.operator_of(name) or case.raises:
            continue
        if case.label.split(":")[0] not in _GROUPS:
            continue
        try:
            protocol.expect_values(submission, name, case)
        except Finding as finding:
            if finding.verdict == "not attempted":
                return "is not written yet"
            lesson = lessons.get(finding.mistake)
            return f"is wrong: {lesson.sentence}" if lesson else "gives a wrong result"
    return ""
