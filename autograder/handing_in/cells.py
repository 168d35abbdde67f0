"""The cells of a notebook as its author sees them: with outputs, counts, and what was released."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..notebook import Notebook, printable
from ..report import plain
from ..runnable import RunnableCell, bound_names, cell_label

__all__ = ["SavedCell", "saved_cells"]

LONGEST_LINE = 70

_BINDING = re.compile(r"^(?:def|class)[ \t]+(\w+)|^(\w+)[ \t]*=(?!=)", re.MULTILINE)


@dataclass(frozen=True)
class SavedCell:
    """One cell. ``count`` is its execution count; ``failed`` whether its saved output is an error,
    ``number`` the number that it shows. ``unchanged`` compares it with the released one by
    nbgrader's checksum, None where there is none."""

    index: int
    label: str
    kind: str
    source: str
    grade_id: str = ""
    tags: frozenset[str] = frozenset()
    count: int | None = None
    failed: bool = False
    number: float | None = None
    unchanged: bool | None = None
    names: frozenset[str] = field(default=frozenset(), compare=False)

    @property
    def line(self) -> str:
        """Its first line that says something, shortened, safe to print."""
        lines = [line.strip() for line in self.source.splitlines() if line.strip()]
        if self.kind != "code":
            lines = [line.lstrip("# ") for line in lines]
        first = next((line for line in lines if not line.startswith(("#", "@"))), "")
        first = plain(first or next(iter(lines), "(empty)"))
        return first if len(first) <= LONGEST_LINE else first[: LONGEST_LINE - 1] + "…"

    @property
    def is_experiment(self) -> bool:
        return "experiment" in self.tags


def saved_cells(
    notebook: Notebook, data: Mapping[str, Any], entries: Sequence[RunnableCell]
) -> list[SavedCell]:
    """The cells of ``notebook``, with what its file ``data`` says of each besides. ``entries`` are
    those that run; what they bind is known without their magics."""
    running = {entry.index: entry.cell.source for entry in entries}
    found = []
    number = 0
    for index, (cell, entry) in enumerate(zip(notebook.cells, data["cells"], strict=True)):
        if cell.kind == "code":
            number += 1
            label = cell_label(number, cell.grade_id)
        else:
            label = printable(cell.grade_id) or f"a text cell after cell {number}"
        count = entry.get("execution_count")
        failed, shown = _outputs(entry.get("outputs"))
        found.append(
            SavedCell(
                index=index,
                label=label,
                kind=cell.kind,
                source=cell.source,
                grade_id=cell.grade_id,
                tags=cell.tags,
                count=count if type(count) is int and count > 0 else None,
                failed=failed,
                number=shown,
                unchanged=_unchanged(cell.kind, cell.source, entry.get("metadata")),
                names=_names(running.get(index, cell.source))
                if cell.kind == "code"
                else frozenset(),
            )
        )
    return found


def _names(source: str) -> frozenset[str]:
    """What a cell binds; by sight where it is not Python."""
    seen = (first or second for first, second in _BINDING.findall(source))
    return bound_names(source) or frozenset(seen)


def _outputs(value: Any) -> tuple[bool, float | None]:
    """Whether saved outputs hold an error, and the number that the last one shows."""
    outputs = [entry for entry in value if type(entry) is dict] if type(value) is list else []
    failed = any(entry.get("output_type") == "error" for entry in outputs)
    number = None
    for entry in outputs:
        data = entry.get("data")
        text = data.get("text/plain") if type(data) is dict else None
        if type(text) is list and all(type(part) is str for part in text):
            text = "".join(text)
        if entry.get("output_type") == "execute_result" and type(text) is str and len(text) < 30:
            with contextlib.suppress(ValueError):
                number = float(text)
    return failed, number


def _unchanged(kind: str, source: str, metadata: Any) -> bool | None:
    """Whether a cell is as nbgrader released it; None if its metadata do not tell."""
    nbgrader = metadata.get("nbgrader") if type(metadata) is dict else None
    if type(nbgrader) is not dict or type(nbgrader.get("checksum")) is not str:
        return None
    try:
        # Slow to import, and not there where the notebook runs in a browser.
        from nbformat import from_dict
        from nbgrader.utils import compute_checksum
    except ImportError:
        return None
    cell = from_dict({"cell_type": kind, "source": source, "metadata": {"nbgrader": nbgrader}})
    try:
        return bool(compute_checksum(cell) == nbgrader["checksum"])
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
