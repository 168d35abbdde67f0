"""What a clean run from top to bottom tells: cells that fail there, what they lack, what they cost.

A failing cell is lost at grading, and only that one. So it has to be mended where a task needs what
it makes, and is a warning where none does.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ..assignments import Assignment
from ..exports.html import WEAK, points
from ..report import Report, TaskReport, plain
from ..runnable import RunnableCell, read_names
from ..worker.guest import KIT
from ..worker.host import CellResult, Cost, Limits
from ..worker.sandbox import LIMITS, importable
from .cells import SavedCell
from .flaws import Flaw, Weight
from .origins import origin_of

__all__ = ["flaws_of_run"]

NEAR_TIME, NEAR_MEMORY = 0.5, 0.8
"""Shares of a limit from which on a warning is given: a grader's machine may be half as fast, and
memory does not depend on it."""

_NAME = re.compile(r"name '(\w+)' is not defined")
_MODULE = re.compile(r"No module named '([\w.]+)'")
_RAISED = re.compile(r"^\w+ raised (\w+): (.*)")
_FILES = {
    "FileNotFoundError", "PermissionError", "NotADirectoryError", "IsADirectoryError",
    "DatasetError",
}  # fmt: skip
_FILE_ACT = re.compile(r"(read|write|list|enter|remove|change|make|link to) /")
_STOPPED = {"timeout", "out of memory", "crashed"}
_DATA = (
    "Use what the kit brings: datasets.photograph(name), datasets.digits(), datasets.mnist(), "
    "datasets.shapes(). Other numbers have to stand in a cell."
)


def flaws_of_run(
    assignment: Assignment,
    cells: Sequence[SavedCell],
    entries: Sequence[RunnableCell],
    results: Mapping[int, CellResult],
    report: Report,
    costs: Mapping[str, Cost],
    limits: Limits,
    history: Sequence[str],
    known: Sequence[Flaw],
    path: Path,
) -> Iterator[Flaw]:
    """What the clean run found. ``known`` is what the file told already."""
    run = _Run(assignment, cells, entries, results, history, path)
    found = [flaw for entry in entries for flaw in run.cell(entry)]
    for task in report.tasks:
        found += run.task(task)
    # An import in a function is found by sight, and when a check calls it.
    seen: set[tuple[str, str]] = set()
    for flaw in found:
        if flaw.kind != "import-missing" or (flaw.kind, flaw.where) not in seen:
            yield flaw
        seen.add((flaw.kind, flaw.where))
    mended = any(flaw.weight == "mend" for flaw in [*known, *found])
    for task in report.tasks:
        yield from run.shown(task, mended)
    yield from run.outdated()
    told = {flaw.where for flaw in found}
    yield from run.refused(report, told)
    yield from run.expensive(costs, limits)
    for task in report.tasks:
        if all(check.verdict == "not attempted" for check in task.checks):
            if run.explained(task, [*known, *found]):
                continue
            cell = run.home(task.task)
            yield Flaw(
                "not-attempted", "warning", cell.label if cell else f"the task {task.task}",
                cell.line if cell else "",
                f"“{task.title}” is not written yet.",
                f"It gets none of its {points(task.max_points)} points.",
                "Write it, or leave it if you mean to.",
                cell.index if cell else -1,
            )  # fmt: skip


class _Run:
    """One clean run, with the notebook that it is about."""

    def __init__(
        self,
        assignment: Assignment,
        cells: Sequence[SavedCell],
        entries: Sequence[RunnableCell],
        results: Mapping[int, CellResult],
        history: Sequence[str],
        path: Path,
    ) -> None:
        self._assignment = assignment
        self._tasks = {task.task for task in assignment.tasks}
        self._cells = cells
        self._entries = entries
        self._results = results
        self._history = history
        self._path = path
        self._wanted = self._wanted_names()

    def home(self, name: str) -> SavedCell | None:
        """The cell that counts for the function ``name``: the last that binds it, else its own."""
        run = [self._cells[e.index] for e in self._entries]
        binding = [cell for cell in run if name in cell.names]
        own = [cell for cell in self._cells if cell.grade_id == f"{name}-code"]
        return next(reversed(binding), None) or next(reversed(own), None)

    def explained(self, task: TaskReport, flaws: Sequence[Flaw]) -> bool:
        """Whether a flaw says already why ``task`` was not tried."""
        cell = self.home(task.task)
        places = {f"the task {task.task}"} | ({cell.label} if cell is not None else set())
        return any(flaw.where in places and flaw.weight == "mend" for flaw in flaws)

    def _wanted_names(self) -> set[str]:
        """The names that the tasks' functions need, directly or through other cells."""
        wanted = set(self._tasks)
        waiting = [(self._cells[e.index].names, read_names(e.cell.source)) for e in self._entries]
        while True:
            now = [used for names, used in waiting if names & wanted]
            if not now:
                return wanted
            waiting = [entry for entry in waiting if not entry[0] & wanted]
            wanted = wanted.union(*now)

    def _needed(self, cell: SavedCell) -> bool:
        """Whether anything that is graded needs what ``cell`` makes."""
        if cell.grade_id.removesuffix("-code") in self._tasks:
            return True
        return bool(cell.names & (self._wanted | {"*"}))

    def cell(self, entry: RunnableCell) -> Iterator[Flaw]:
        """What is wrong with one cell that ran."""
        cell = self._cells[entry.index]
        result = self._results.get(entry.index)
        if result is None or result.status == "ok":
            if result is not None:
                yield from self._hidden_imports(cell, entry.cell.source)
            return
        first, _, _ = result.message.partition("\n")
        kind, _, said = first.partition(": ")
        needed = self._needed(cell)
        weight: Weight = "mend" if needed else "warning"
        lost = (
            "What it makes is missing at grading."
            if needed
            else "No task needs what it makes, so it costs no points."
        )
        if result.status == "not attempted":
            if not cell.grade_id:
                yield self._flaw(
                    "waits", "warning", cell, plain(first),
                    f"It waits for a function that is not written yet. {lost}",
                    "Write that function first, or delete this cell.",
                )  # fmt: skip
        elif result.status == "not run":
            yield self._flaw(
                "not-reached", weight, cell, f"It was not run. {result.message}", lost,
                "Make the cells above it shorter or lighter.",
            )  # fmt: skip
        elif result.status in _STOPPED:
            yield self._flaw(
                "cell-stopped", weight, cell, result.message,
                f"A cell may compute for 10 seconds and use 1.5 GB at grading. {lost}",
                "Let it do less: fewer images, fewer steps; look for a loop that does not end. "
                "What you only want to look at gets the tag “experiment”.",
            )  # fmt: skip
        else:
            yield self._failure(cell, kind, said, plain(first), weight, lost)

    def _failure(
        self,
        cell: SavedCell,
        kind: str,
        said: str,
        first: str,
        weight: Weight,
        lost: str,
        *,
        called: str = "",
    ) -> Flaw:
        """What an exception of ``cell`` means; ``called`` is the function that a check called."""
        name = _NAME.search(said)
        if kind in ("NameError", "UnboundLocalError") and name is not None:
            origin = origin_of(
                name[1], cell, self._cells, self._results, self._history, called=bool(called)
            )
            return self._flaw(
                "name-not-defined", "note" if origin.follows else weight, cell, first,
                f"{origin.means} {lost}", origin.todo,
            )  # fmt: skip
        if kind in ("ModuleNotFoundError", "ImportError"):
            means, todo = self._missing_module(said)
            return self._flaw("import-missing", weight, cell, first, f"{means} {lost}", todo)
        if kind in _FILES:
            return self._flaw(
                "file-missing", weight, cell, first,
                "At grading there are no files of yours: the notebook runs alone, in an empty "
                f"folder. {lost}",
                _DATA,
            )  # fmt: skip
        if kind in ("SyntaxError", "IndentationError", "TabError"):
            return self._flaw(
                "syntax-error", weight, cell, first,
                f"Python cannot read this cell, so none of it runs. {lost}",
                "Mend the line, or put # in front of what is not finished.",
            )  # fmt: skip
        return self._flaw(
            "cell-fails", weight, cell, first,
            f"It fails in a clean run from top to bottom. {lost}",
            "Restart the kernel, run all cells, and mend what fails; or give the cell the tag "
            "“experiment” if it only tries something out.",
        )  # fmt: skip

    def _missing_module(self, said: str) -> tuple[str, str]:
        found = _MODULE.search(said)
        module = found[1] if found is not None else ""
        top = module.split(".")[0]
        if top == "autograder" or "from 'autograder'" in said:
            return (
                "At grading only a part of the kit is there.",
                f"From autograder, import nothing but {', '.join(KIT)}.",
            )
        if top and (self._path.parent / f"{top}.py").is_file():
            return (
                f"{top}.py is a file of yours, and only the notebook is graded.",
                f"Copy what you need of {top}.py into a cell.",
            )
        return (
            f"{top or 'That'} is not there at grading, whatever you have installed.",
            "Use NumPy, matplotlib and Python's own library; the tasks need nothing else.",
        )

    def _hidden_imports(self, cell: SavedCell, source: str) -> Iterator[Flaw]:
        """Imports in functions, which run only when a function is called."""
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return
        there = importable() | sys.stdlib_module_names | {"autograder", "IPython"}
        for module in sorted({m.split(".")[0] for m in _imported_inside(tree)} - there):
            means, todo = self._missing_module(f"No module named '{module}'")
            yield self._flaw(
                "import-missing", "mend" if self._needed(cell) else "warning", cell,
                f"A function here imports {module}.", f"{means} The function fails when called.",
                todo,
            )  # fmt: skip

    def task(self, task: TaskReport) -> Iterator[Flaw]:
        """What the calls of one function lacked or used up; each once."""
        cell = self.home(task.task)
        if cell is None:
            return
        lost = f"“{task.title}” loses points."
        stopped = False
        for check in task.checks:
            # The call stands above it where it has a printable form.
            lines = check.message.splitlines()
            first = next((x for x in lines if x.startswith((f"{task.task} ", f"{task.task}:"))), "")
            raised = _RAISED.match(first)
            if raised is not None:
                kind, said = raised.groups()
                if kind in _FILES | {"NameError", "ModuleNotFoundError", "ImportError"}:
                    yield self._failure(
                        cell, kind, said, plain(first), "mend", lost, called=task.task
                    )
                    return
            elif check.verdict in _STOPPED and "could not be run" not in first and not stopped:
                stopped = True
                yield self._flaw(
                    "call-stopped", "mend", cell, plain(first),
                    f"A call may compute for 5 seconds and use 1.5 GB at grading. {lost}",
                    "Let it do less work or take less memory; look for a loop that does not end.",
                )  # fmt: skip

    def shown(self, task: TaskReport, mended: bool) -> Iterator[Flaw]:
        """A check cell whose saved outcome is not that of the clean run.

        Speed is measured, so a task that lost points for it may come out differently. ``mended``
        says that something else is to be mended, which will be the reason.
        """
        for cell in self._cells:
            if cell.grade_id != task.task or cell.number is None or cell.is_experiment:
                continue
            if cell.number > task.points + 0.005:
                timed = any(check.yardsticks for check in task.checks)
                yield self._flaw(
                    "better-here", "warning" if timed else "note" if mended else "mend", cell,
                    f"Your notebook shows {points(cell.number)} points, and the clean run gives "
                    f"{points(task.points)}.",
                    "Your kernel holds something that the saved cells do not make"
                    + (", see above." if mended else ". Grading sees what the clean run sees."),
                    "Restart the kernel, run all cells, and look at this check again.",
                )  # fmt: skip
            elif cell.number < task.points - 0.005:
                yield self._flaw(
                    "outdated", "warning", cell,
                    f"Your notebook shows {points(cell.number)} points, and the clean run gives "
                    f"{points(task.points)}.",
                    "The output is older than your code. Grading does not read outputs.",
                    "Run the cell again.",
                )  # fmt: skip

    def outdated(self) -> Iterator[Flaw]:
        """Cells that show an error and run well."""
        for entry in self._entries:
            cell, result = self._cells[entry.index], self._results.get(entry.index)
            if cell.failed and result is not None and result.status == "ok":
                yield self._flaw(
                    "outdated", "warning", cell,
                    "Your notebook shows an error here, and the clean run does not.",
                    "The output is older than your code. Grading does not read outputs.",
                    "Run the cell again.",
                )  # fmt: skip

    def refused(self, report: Report, told: set[str]) -> Iterator[Flaw]:
        """What it tried and may not, where nothing failed of it."""
        labels = {entry.cell.label: self._cells[entry.index] for entry in self._entries}
        for act in report.refused:
            cell = labels.get(act.where) or self.home(act.where)
            if act.where in told or (cell is not None and cell.label in told):
                continue
            file = _FILE_ACT.match(act.act) is not None
            # A weak sandbox lets it through, and grading's will not.
            weight: Weight = "mend" if file and report.isolation in WEAK else "warning"
            yield Flaw(
                "refused", weight, cell.label if cell else plain(act.where),
                cell.line if cell else "",
                f"It tried to {plain(act.act)}.",
                "Grading refuses that." + ("" if weight == "mend" else " Nothing failed of it."),
                _DATA if file else "Do without it: there is no network, and no other program.",
                cell.index if cell else -1,
            )  # fmt: skip

    def expensive(self, costs: Mapping[str, Cost], limits: Limits) -> Iterator[Flaw]:
        """Cells that come near a limit."""
        largest = LIMITS["AS"]
        heavy = False
        for entry in self._entries:
            cost = costs.get(entry.cell.label)
            cell = self._cells[entry.index]
            if cost is None or self._results[entry.index].status not in ("ok", "failed"):
                continue
            if cost.seconds > NEAR_TIME * limits.cell:
                yield self._flaw(
                    "slow-cell", "warning", cell,
                    f"It computed for {cost.seconds:.1f} seconds, and {limits.cell:g} are allowed.",
                    "On a slower machine it would be stopped, and what it makes would be missing.",
                    "Let it do less, or give it the tag “experiment” if nothing needs it.",
                )  # fmt: skip
            if cost.memory > NEAR_MEMORY * largest and not heavy:
                heavy = True
                yield self._flaw(
                    "much-memory", "warning", cell,
                    f"With this cell the notebook uses {cost.memory / 2**30:.1f} GB of memory, and "
                    f"{largest / 2**30:.1f} GB are allowed.",
                    "A little more, and this cell or a task fails for lack of memory.",
                    "Use smaller arrays, float32, or del what is not needed any more.",
                )  # fmt: skip
        total = sum(cost.seconds for cost in costs.values())
        if total > NEAR_TIME * limits.total:
            yield Flaw(
                "slow-notebook", "warning", "the file", "",
                f"Its cells computed for {total:.0f} seconds, and {limits.total:g} are allowed "
                "with all checks.",
                "On a slower machine the last tasks may not be tried.",
                "Give cells that only try something out the tag “experiment”.",
            )  # fmt: skip

    def _flaw(
        self, kind: str, weight: Weight, cell: SavedCell, says: str, means: str, todo: str
    ) -> Flaw:
        return Flaw(
            kind, weight, cell.label, cell.line, plain(says), plain(means.strip()), plain(todo),
            cell.index,
        )  # fmt: skip


def _imported_inside(tree: ast.Module) -> Iterator[str]:
    """Modules that functions import, but for those whose absence is provided for."""
    waiting: list[tuple[ast.AST, bool]] = [(node, False) for node in tree.body]
    while waiting:
        node, inside = waiting.pop()
        if isinstance(node, ast.Try):
            continue
        if inside and isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif inside and isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
        inside = inside or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        waiting += [(child, inside) for child in ast.iter_child_nodes(node)]
