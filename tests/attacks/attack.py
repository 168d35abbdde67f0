"""What an attack is, and what its cells find at hand."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

__all__ = ["MARK", "PRELUDE", "WRONG", "Attack", "Build", "cell", "cells_of", "notebook", "write"]

MARK = "TAKEN: "
"""How the words begin in which an attack says what it took. No source spells it out, so that a
line of source in a message is not taken for it."""

PRELUDE = '''
import ctypes, os, sys
import numpy as np

LIBC = ctypes.CDLL(None, use_errno=True)

def taken(what):
    """Words for what was taken, wherever they can be put."""
    return "TAK" + "EN: " + str(what)[:3000]

def got(what):
    print(taken(what))

def attempt(act, *arguments):
    """Do something that should fail; say nothing when it does."""
    try:
        return act(*arguments)
    except Exception:
        return None

def read(path):
    """Read a file that should be out of reach."""
    text = attempt(lambda: open(path, "rb").read(3000))
    if text is not None:
        got(f"{path} holds {text!r}")

def call(name, *arguments):
    """Call the C library; what it returned, and the error's number."""
    ctypes.set_errno(0)
    return getattr(LIBC, name)(*arguments), ctypes.get_errno()

def refused(name, *arguments):
    """Make a system call that should not be there, and say so if it is."""
    result, error = call(name, *arguments)
    # Operation not permitted, permission denied, no such call: whatever else means that the kernel
    # looked at the arguments.
    if result != -1 or error not in (1, 13, 38):
        got(f"{name} was not refused (it returned {result}, error {error})")
'''
"""The first cell of every attack. The facts of :func:`cells_of` stand before it."""

WRONG = """
def same_padding(kernel):
    return kernel

def conv1x1_forward(x, w, b):
    return np.zeros(1)
"""
"""What the submission hands in besides, so that there is something to call; worth nothing."""

Build = Callable[[Path, Mapping[str, Any]], Path]


@dataclass(frozen=True)
class Attack:
    """A hostile submission.

    ``tries`` says in one sentence what it is after. ``source`` is the code of a cell, or a function
    that gets a folder and the facts of :func:`cells_of`, writes the submission there, and returns
    the file to grade. ``beside`` names a baseline (``baselines.py``) whose honest work the notebook
    holds too; without one, every point is a point gained. ``then`` is a cell of the next submission
    in the same sandbox. ``status`` is what the report must say.

    ``plain`` marks attacks that get full marks where the tests run in the submission's own process.
    ``process`` says why the attack succeeds at level ``process``; ``harmful`` says why it is not
    tried there. ``only`` leaves it to one level. ``may_pass`` names checks that it may pass
    although they mean to stop it, and ``allowed`` is the documented reason. ``own_limits`` are fields of ``Limits`` that differ from those of the tests.
    ``stumbles`` marks attacks whose own code may fail with a NameError or the like.
    """

    name: str
    tries: str
    source: str | Build
    beside: str = ""
    then: str = ""
    status: Literal["graded", "unreadable"] = "graded"
    may_pass: tuple[str, ...] = ()
    plain: bool = False
    process: str = ""
    harmful: str = ""
    only: str = ""
    allowed: str = ""
    own_limits: tuple[tuple[str, float], ...] = ()
    stumbles: bool = False


def cells_of(source: str, facts: Mapping[str, Any], honest: Sequence[str] = ()) -> list[str]:
    """The sources of the cells of an attack's notebook.

    ``facts`` are names and values that the attack may use: where things are that it is not to
    reach. ``honest`` are cells that stand before the attack, in place of the wrong ones. A last cell
    runs when the attack has, for those that bend how cells are run.
    """
    told = "\n".join(f"{name} = {value!r}" for name, value in facts.items())
    return [told + PRELUDE, *(honest or [WRONG]), source, "after = True"]


def cell(source: str, kind: str = "code", **metadata: Any) -> dict[str, Any]:
    """A cell in the form of a notebook's JSON."""
    made: dict[str, Any] = {"cell_type": kind, "metadata": metadata, "source": source}
    if kind == "code":
        made |= {"outputs": [], "execution_count": None}
    return made


def notebook(cells: Sequence[dict[str, Any]], **metadata: Any) -> dict[str, Any]:
    """A notebook in the form of its JSON."""
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": list(cells)}


def write(folder: Path, content: dict[str, Any] | bytes, name: str = "attack.ipynb") -> Path:
    """Write a notebook into ``folder``; its path."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return path
