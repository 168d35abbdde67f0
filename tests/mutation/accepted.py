"""Mutants that may survive, written down in ``equivalent.toml`` with a reason each."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["PATH", "VERDICTS", "Accepted", "read"]

PATH = Path(__file__).with_name("equivalent.toml")

VERDICTS = ("equivalent", "unasked")
"""Why a mutant may survive: no input that a task allows tells it from the original; or the task's
text leaves open what it changes, so that a check for it would fail correct solutions."""

Key = tuple[str, str, str, str, str]


@dataclass(frozen=True)
class Accepted:
    """One mutant that may survive; ``key`` is that of :class:`~mutation.mutants.Mutant`."""

    key: Key
    verdict: str
    reason: str

    @property
    def module(self) -> str:
        return self.key[0]

    @property
    def function(self) -> str:
        return self.key[1]


def read(path: Path = PATH) -> dict[Key, Accepted]:
    """All entries by key. Raises ``ValueError`` for one that stands there twice or is malformed.

    The file groups mutants of one line that have the same reason: ``after`` maps the kinds of
    changes to the lines that they make.
    """
    found: dict[Key, Accepted] = {}
    for entry in _entries(path):
        if entry.key in found:
            raise ValueError(f"{entry.key} stands twice in {path}")
        found[entry.key] = entry
    return found


def _entries(path: Path) -> Iterator[Accepted]:
    with path.open("rb") as file:
        document = tomllib.load(file)
    for group in document["line"]:
        if group["verdict"] not in VERDICTS or not group["reason"].strip():
            raise ValueError(f"{group} needs a reason, and one of the verdicts {VERDICTS}")
        for kind, lines in group["after"].items():
            for line in lines:
                key = group["module"], group["function"], kind, group["before"], line
                yield Accepted(key, group["verdict"], group["reason"])
