"""What a notebook's file tells without being run: its name and form, its order, its cells.

Which changes to the course's cells cost points is what the grader makes of them (``runnable``,
``nbgrader_plugin``): a function is called by its name, wherever it stands, and checks come from the
course; so a check cell may be gone, and an answer's cell may not.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence, Set
from pathlib import Path
from typing import Any

from ..assignments import CODE_STUB, TEXT_STUB, Assignment, Task
from ..report import plain
from ..runnable import RunnableCell, read_names
from .cells import SavedCell
from .flaws import Flaw, Weight

__all__ = ["AGAIN", "flaws_of_file"]

LARGE = 20 << 20
"""Bytes of a file that learning platforms begin to refuse."""

MOST_LISTED = 5

AGAIN = (
    "Fetch the assignment once more under another name, copy the cell from there (in JupyterLab: "
    "right-click, Copy Cell; then Paste Cell Below in this notebook)"
)

_IGNORED = re.compile(
    r"^[ \t]*(?P<text>!.*|%(?:pip|conda|run|load|cd|env|writefile|store)\b.*"
    r"|%%(?:writefile|bash|sh|script|file|capture_to|javascript|cython)\b.*)",
    re.MULTILINE,
)
_DEFINITION = re.compile(r"^def[ \t]+(\w+)", re.MULTILINE)


def flaws_of_file(
    path: Path,
    data: Mapping[str, Any],
    assignment: Assignment,
    cells: Sequence[SavedCell],
    entries: Sequence[RunnableCell],
) -> Iterator[Flaw]:
    """What can be said without running anything."""
    yield from _file(path, data, assignment)
    yield from _order(cells)
    running = {entry.index for entry in entries}
    defined = {name: cell for cell in cells if cell.index in running for name in cell.names}
    known = {task.task for task in assignment.tasks}
    needed = known.union(*(read_names(entry.cell.source) for entry in entries))
    known |= {f"{task.task}-code" for task in assignment.tasks}
    if not any(cell.grade_id in known for cell in cells):
        yield from _lost(assignment)
    else:
        for task in assignment.tasks:
            own = [cell for cell in cells if cell.grade_id == task.task]
            if task.by_hand:
                yield from _answer(task, own)
            else:
                code = [cell for cell in cells if cell.grade_id == f"{task.task}-code"]
                yield from _check(task, own, needed - set(defined))
                yield from _code(task, code, defined, needed)
    for task in assignment.tasks:
        yield from _twice(task, [c for c in cells if c.index in running])
    for cell in cells:
        if cell.index in running:
            yield from _commands(cell)


def _file(path: Path, data: Mapping[str, Any], assignment: Assignment) -> Iterator[Flaw]:
    if path.name != assignment.notebook:
        yield Flaw(
            "file-name", "warning", "the file", "",
            f"It is called {plain(path.name)}, and the course expects {assignment.notebook}.",
            "The grader knows a notebook by its tasks, so no points are lost. nbgrader's list of "
            "assignments and some platforms look for the name.",
            f"Rename it to {assignment.notebook}.",
        )  # fmt: skip
    size = path.stat().st_size
    if size > LARGE:
        yield Flaw(
            "file-size", "warning", "the file", "",
            f"It has {size >> 20} MB.",
            "Grading reads up to 100 MB; many learning platforms refuse less.",
            "Clear the outputs of the cells that print or draw most, and save.",
        )  # fmt: skip
    problem = _invalid(data)
    if problem:
        yield Flaw(
            "file-format", "warning", "the file", "",
            f"It is not quite a notebook of format 4: {problem}",
            "Grading reads it all the same. JupyterLab may refuse to open it.",
            "Open it in JupyterLab, save it there, and try again.",
        )  # fmt: skip


def _invalid(data: Mapping[str, Any]) -> str:
    """What nbformat has against the file, '' for nothing."""
    try:
        import nbformat  # slow to import, and not there where the notebook runs in a browser
    except ImportError:
        return ""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            nbformat.validate(nbformat.from_dict(data))
        except nbformat.ValidationError as error:
            return plain(str(error).splitlines()[0])[:200]
        except Exception as error:  # it meets what it does not expect, such as a list for a name
            return f"{type(error).__name__} while it was looked at"
    return ""


def _order(cells: Sequence[SavedCell]) -> Iterator[Flaw]:
    """Cells that ran in another order than grading runs them, or not at all."""
    code = [
        cell
        for cell in cells
        if cell.kind == "code" and cell.source.strip() and not cell.is_experiment
    ]
    again = "Choose Kernel → Restart Kernel and Run All Cells, look at the checks, and save."
    unrun = [cell for cell in code if cell.count is None]
    if code and len(unrun) == len(code):
        yield Flaw(
            "not-run", "warning", "the file", "",
            "No cell has been run, or its outputs were cleared.",
            "Grading runs all cells itself, so this costs nothing; but you have not seen it work.",
            again,
        )  # fmt: skip
        return
    if unrun:
        first = unrun[0]
        yield Flaw(
            "not-run", "warning", first.label, first.line,
            f"{_listed(unrun)} {'has' if len(unrun) == 1 else 'have'} not been run since the "
            "kernel started.",
            "At grading every cell runs, this one with the others.",
            again,
            first.index,
        )  # fmt: skip
    latest: SavedCell | None = None
    for cell in code:
        if cell.count is None:
            continue
        if latest is not None and latest.count is not None and cell.count < latest.count:
            yield Flaw(
                "out-of-order", "warning", cell.label, cell.line,
                f"It ran as [{cell.count}], and {latest.label} above it ran later, as "
                f"[{latest.count}].",
                "Grading runs from top to bottom, so your kernel may hold values that grading "
                "will not. If that makes a difference, it is said here as well.",
                again,
                cell.index,
            )  # fmt: skip
            return
        latest = cell


def _listed(cells: Sequence[SavedCell]) -> str:
    named = [cell.label for cell in cells[:MOST_LISTED]]
    more = len(cells) - len(named)
    return ", ".join(named) + (f" and {more} more" if more else "")


def _lost(assignment: Assignment) -> Iterator[Flaw]:
    by_hand = [task.title for task in assignment.tasks if task.by_hand]
    weight: Weight = "mend" if by_hand else "note"
    yield Flaw(
        "metadata-lost", weight, "the file", "",
        "No cell carries the mark of its task any more; an editor or a converter threw the "
        "metadata away.",
        "Functions are found by their names and graded. Written answers cannot be found: "
        f"{', '.join(by_hand)}." if by_hand else "Functions are found by their names and graded.",
        "Fetch the assignment once more and copy your answers, cell by cell, into that notebook.",
    )  # fmt: skip


def _check(task: Task, own: Sequence[SavedCell], missing: Set[str]) -> Iterator[Flaw]:
    """The cell ``check("…")``: never run by grading, and put back where it is gone.

    ``missing`` are names that some cell needs and none that runs defines.
    """
    if not own:
        yield Flaw(
            "check-deleted", "note", f"the check of {task.task}", "",
            "Its cell is gone.",
            "Grading does not use it: its points come from the course's own checks.",
            f'Nothing. To see the outcome yourself, add a cell with check("{task.task}").',
        )  # fmt: skip
        return
    if len(own) > 1:
        yield Flaw(
            "check-duplicated", "note", own[-1].label, own[-1].line,
            "This check cell is there more than once.",
            "Grading runs none of them, and its points are counted once.",
            "Nothing; you may delete the copies.",
            own[-1].index,
        )  # fmt: skip
    for cell in own:
        if cell.source.strip() == f'check("{task.task}")' and cell.kind == "code":
            continue
        lost = sorted(cell.names & missing)
        if lost:
            yield Flaw(
                "check-changed", "mend", cell.label, cell.line,
                f"You wrote code into a check cell: it defines {', '.join(lost)}.",
                "Grading never runs check cells, so this is missing there.",
                "Move the code into a cell of its own above, and leave "
                f'check("{task.task}") alone in this one.',
                cell.index,
            )  # fmt: skip
        else:
            yield Flaw(
                "check-changed", "note", cell.label, cell.line,
                f'It was check("{task.task}") and is something else now.',
                "Grading never runs it, and takes the course's own checks.",
                f'Nothing. To see the outcome yourself, write check("{task.task}") again.',
                cell.index,
            )  # fmt: skip


def _code(
    task: Task, own: Sequence[SavedCell], defined: Mapping[str, SavedCell], needed: Set[str]
) -> Iterator[Flaw]:
    """The cell that the function of a task belongs into."""
    name = task.task
    if not own:
        if name in defined:
            yield Flaw(
                "code-moved", "note", defined[name].label, defined[name].line,
                f"{name} is defined here; the cell that was meant for it is gone.",
                "Grading calls the function by its name, wherever it is defined.",
                "Nothing.",
                defined[name].index,
            )  # fmt: skip
        else:
            yield Flaw(
                "code-deleted", "mend", f"the task {name}", "",
                f"The cell of {name} is gone, and no other cell defines it.",
                f"“{task.title}” gets no points.",
                f"{AGAIN}; or write def {name}(…) in a new cell.",
            )  # fmt: skip
        return
    last = own[-1]
    if len(own) > 1:
        yield from _duplicated(own, needed)
    if last.kind != "code":
        if name not in defined:
            yield Flaw(
                "not-a-code-cell", "mend", last.label, last.line,
                f"This is a {last.kind} cell now, and no code.",
                f"It may not be run, and then {name} is missing.",
                "Select the cell and press Esc, then Y, to make it code again.",
                last.index,
            )  # fmt: skip
        return
    if last.is_experiment and name not in defined:
        yield Flaw(
            "experiment-tag", "mend", last.label, last.line,
            "It has the tag “experiment”.",
            f"Cells with this tag may not be run at grading, and then {name} is missing.",
            "Take the tag away (in JupyterLab: the gear at the top right, Common Tools).",
            last.index,
        )  # fmt: skip
        return
    others = _DEFINITION.findall(last.source)
    if name not in defined and name not in others and _parses(last.source):
        has = f"defines {', '.join(dict.fromkeys(others))}" if others else "defines no function"
        yield Flaw(
            "function-renamed", "mend", last.label, last.line,
            f"{name} is not defined here or anywhere else; this cell {has}.",
            f"Grading calls {name} and will not find it: “{task.title}” gets no points.",
            f"Call the function {name}, as it was.",
            last.index,
        )  # fmt: skip


def _duplicated(own: Sequence[SavedCell], needed: Set[str]) -> Iterator[Flaw]:
    """Copies of one cell with its mark, as copying and splitting in JupyterLab makes them."""
    last = own[-1]
    lost = {name for cell in own[:-1] for name in cell.names} & needed - last.names
    answered = any(CODE_STUB not in cell.source for cell in own[:-1])
    if lost or (CODE_STUB in last.source and answered):
        says = f"This cell is there {len(own)} times, and the last one " + (
            f"does not define {', '.join(sorted(lost))}." if lost else "is not written yet."
        )
        yield Flaw(
            "code-duplicated", "mend", last.label, last.line,
            says,
            "Of several cells with one mark, the last one counts, and nbgrader drops the others.",
            "Put all your code into one of them and delete the others. A cell of your own is made "
            "with +, not by copying or splitting.",
            last.index,
        )  # fmt: skip
    else:
        yield Flaw(
            "code-duplicated", "warning", last.label, last.line,
            f"This cell is there {len(own)} times.",
            "The last one counts. nbgrader drops the others.",
            "Delete those that you do not want.",
            last.index,
        )  # fmt: skip


def _answer(task: Task, own: Sequence[SavedCell]) -> Iterator[Flaw]:
    """The cell of a written answer, which a person reads."""
    if not own:
        yield Flaw(
            "answer-deleted", "mend", f"the question {task.task}", "",
            f"The cell for “{task.title}” is gone.",
            "What you wrote in another cell is not found, and nobody can give points for it.",
            f"{AGAIN}, and write your answer there.",
        )  # fmt: skip
        return
    last = own[-1]
    if len(own) > 1:
        lost = _unanswered(last) and not all(map(_unanswered, own))
        yield Flaw(
            "answer-duplicated", "mend" if lost else "warning", last.label, last.line,
            f"The cell for “{task.title}” is there {len(own)} times"
            + (", and the last one has no answer." if lost else "."),
            "The last one counts, and nbgrader drops the others.",
            "Keep one of them, with your answer.",
            last.index,
        )  # fmt: skip
        if lost:
            return
    if _unanswered(last):
        yield Flaw(
            "answer-missing", "warning", last.label, last.line,
            f"“{task.title}” is not answered: it holds what you were given.",
            f"It gets none of its {task.points:g} points.",
            "Write your answer, or leave it if you mean to.",
            last.index,
        )  # fmt: skip
    elif TEXT_STUB in last.source:
        yield Flaw(
            "stub-left", "note", last.label, last.line,
            "The line “Write your answer here” still stands in your answer.",
            "Whoever reads it sees it, and your answer as well.",
            "You may delete that line.",
            last.index,
        )  # fmt: skip


def _unanswered(cell: SavedCell) -> bool:
    return cell.unchanged is True or not cell.source.strip() or _is_stub(cell)


def _is_stub(cell: SavedCell) -> bool:
    """Whether an answer whose checksum is not known, or whose question was edited, ends with the
    line that stood in its place, so that nothing was put there."""
    return cell.unchanged is None and cell.source.rstrip().endswith(TEXT_STUB)


def _twice(task: Task, cells: Sequence[SavedCell]) -> Iterator[Flaw]:
    """A task's function that two cells define."""
    own = [cell for cell in cells if task.task in cell.names]
    ids = [cell.grade_id for cell in own]
    # Copies of one cell with its mark are told as such.
    if len(own) > 1 and (len(set(ids)) == len(ids) or ids.count("") > 1):
        yield Flaw(
            "defined-twice", "warning", own[-1].label, own[-1].line,
            f"{task.task} is defined here and in {_listed(own[:-1])}.",
            "The last one counts when all cells have run.",
            "Delete those that you do not want.",
            own[-1].index,
        )  # fmt: skip


def _commands(cell: SavedCell) -> Iterator[Flaw]:
    found = _IGNORED.search(cell.source)
    if found is not None:
        yield Flaw(
            "command-ignored", "warning", cell.label, cell.line,
            f"It holds {plain(found['text'].strip())[:60]}",
            "Shell commands and magics are ignored at grading: nothing is installed, fetched or "
            "loaded by them.",
            "Do without what it gives: NumPy, matplotlib, Python's own library and the kit's data "
            "are there.",
            cell.index,
        )  # fmt: skip


def _parses(source: str) -> bool:
    try:
        ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
