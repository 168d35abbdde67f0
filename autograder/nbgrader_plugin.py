"""nbgrader with our grader inside: ``nbgrader autograde`` runs submissions in the sandbox.

Nothing of nbgrader is changed; :func:`configure` sets these of its options:

- an exporter that reads submitted files as the hostile input they are, and puts every cell that the
  course owns back as the gradebook knows it (text, type, points, locks, no tags);
- a hook that finds a notebook under whatever name it was handed in;
- :class:`GradeInSandbox` in place of ``Execute``;
- :class:`SaveGrades` in place of ``SaveAutoGrades``: scores come from the report, and never from
  what a cell printed;
- :class:`TaskTable` in place of ``CsvExportPlugin``: points by task, and names with commas.
"""

from __future__ import annotations

import atexit
import base64
import functools
import html
import json
import os
import re
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat.v4
from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.plugins import ExportPlugin
from nbgrader.preprocessors import NbGraderPreprocessor, SaveAutoGrades
from traitlets import Enum, Integer, Unicode

from . import rooms
from .assignments import Assignment, find
from .batch.store import Results
from .batch.work import Done, fingerprint, graded_code
from .exports.html import points, report_html, task_html
from .exports.tables import table_text
from .files import write_whole
from .grading import grade_notebook, secret_seed
from .language import say
from .notebook import Cell, Notebook, UnreadableNotebook, read, recognise
from .report import Report
from .runnable import runnable_cells
from .settings import settings
from .worker.host import CellResult, Sandbox, open_sandbox
from .worker.sandbox import LEVELS

__all__ = [
    "GradeInSandbox",
    "NotGraded",
    "SaveGrades",
    "SubmissionExporter",
    "TaskTable",
    "configure",
    "find_renamed",
]

_MODULE = "autograder.nbgrader_plugin"

_renamed: dict[str, str] = {}


class NotGraded(Exception):
    """The kit or the machine failed; the submission keeps the grade it had."""


def configure(config: Any) -> None:
    """Set nbgrader's options in ``config``, the object that ``get_config()`` gives.

    Where a ``course.toml`` lies beside the file that calls this, its folder is the course, wherever
    nbgrader was started. Raises :class:`~autograder.settings.WrongSetting` where ``course.toml``
    cannot be used.
    """
    folder = Path(sys._getframe(1).f_globals.get("__file__", "")).absolute().parent
    if (folder / rooms.FILE).is_file() and rooms.course() != folder:
        rooms.enter(folder)
    if settings().name:
        config.CourseDirectory.course_id = settings().name
    config.GradeInSandbox.isolation = settings().isolation
    config.Autograde.exporter_class = f"{_MODULE}.SubmissionExporter"
    config.Autograde.pre_convert_hook = f"{_MODULE}.find_renamed"
    config.Autograde.sanitize_preprocessors = [
        "nbgrader.preprocessors.OverwriteKernelspec",
        "nbgrader.preprocessors.CheckCellMetadata",
    ]
    config.Autograde.autograde_preprocessors = [
        f"{_MODULE}.GradeInSandbox",
        f"{_MODULE}.SaveGrades",
        "nbgrader.preprocessors.AssignLatePenalties",
        "nbgrader.preprocessors.CheckCellMetadata",
    ]
    config.ExportApp.plugin_class = f"{_MODULE}.TaskTable"
    # A submission's text is shown in the instructor's browser.
    config.HTMLExporter.sanitize_html = True


def find_renamed(assignment: str, student: str, notebooks: list[str]) -> None:
    """Let a notebook that was handed in under another name stand for the expected one.

    nbgrader's hook before a submission is converted; ``notebooks`` is its list of paths, changed
    in place.
    """
    try:
        expected = find(assignment).notebook
    except KeyError:
        return
    if not notebooks or any(Path(path).name == expected for path in notebooks):
        return
    best = max(notebooks, key=lambda path: (_tasks_in(path, assignment), path))
    if _tasks_in(best, assignment) == 0 and len(notebooks) > 1:
        return
    stand_in = str(Path(best).with_name(expected))
    _renamed[os.path.abspath(stand_in)] = best
    notebooks[:] = [stand_in]


def _tasks_in(path: str, assignment: str) -> int:
    try:
        notebook = read(path)
        if recognise(notebook).name != assignment:
            return 0
    except UnreadableNotebook:
        return 0
    names = {task.task for task in find(assignment).tasks}
    return sum(cell.grade_id in names for cell in notebook.cells) + 1


class SubmissionExporter(NotebookExporter):
    """Reads a submitted file safely and rebuilds it from the gradebook's source cells."""

    def __init__(self, **kw: Any) -> None:
        super().__init__(**kw)  # type: ignore[no-untyped-call]
        # nbgrader makes its exporter when it knows what there is to do, and before it begins.
        _remove_unfinished(self.parent)

    def from_filename(self, filename: str, resources: Any = None, **kw: Any) -> Any:
        """Convert ``filename``. A submitted file may hold anything; an autograded one is ours."""
        if not getattr(self.parent, "_sanitizing", False):
            return super().from_filename(filename, resources=resources, **kw)
        path = _renamed.pop(os.path.abspath(filename), filename)
        problem = ""
        cells: tuple[Cell, ...] = ()
        try:
            notebook = read(path)
            cells = notebook.cells
            _require_assignment(notebook, resources)
        except UnreadableNotebook as error:
            problem, cells = str(error), ()
            self.log.warning("%s: %s. Graded as if nothing had been handed in.", path, error)
        if os.path.basename(path) != os.path.basename(filename):
            self.log.warning("%s was handed in as %s", filename, os.path.basename(path))
        rebuilt = _rebuild(cells, resources, problem)
        convert: Any = self.from_notebook_node
        return convert(rebuilt, resources=resources, **kw)


def _remove_unfinished(converter: Any) -> None:
    """Remove what an ``nbgrader autograde`` that was killed has left half done.

    nbgrader takes a folder in ``autograded`` for the sign that a submission is done with, and would
    skip it for ever.
    """
    if not hasattr(converter, "assignments"):
        return
    pattern = converter._format_source("(?P<assignment>.*)", "(?P<student>.*)", escape=True)
    for source in converter.assignments:
        match = re.match(pattern, source)
        if match is None:
            continue
        folder = Path(converter._format_dest(match["assignment"], match["student"]))
        if folder.is_dir() and not all(map(_is_finished, folder.glob("*.ipynb"))):
            converter.log.warning("%s was not finished, and is graded again.", folder)
            shutil.rmtree(folder)


def _is_finished(path: Path) -> bool:
    """Whether an autograded notebook has its outputs and its report; scores are saved before."""
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        Report.from_json(path.with_suffix(".report.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return "autograder" not in notebook.get("metadata", {})


def _require_assignment(notebook: Notebook, resources: Any) -> None:
    name = resources["nbgrader"]["assignment"]
    try:
        assignment = find(name)
    except KeyError:
        return  # an assignment of the instructor's own
    names = {task.task for task in assignment.tasks}
    if {cell.grade_id for cell in notebook.cells} & names:
        return
    found = recognise(notebook)
    if found.name != name:
        text = say("it is a notebook of {found}, not of {name}", found=found.name, name=name)
        raise UnreadableNotebook(text)


def _rebuild(cells: tuple[Cell, ...], resources: Any, problem: str) -> Any:
    """A fresh notebook: what the student wrote, in the cells as the gradebook knows them."""
    info = resources["nbgrader"]
    with Gradebook(info["db_url"]) as gradebook:
        notebook = gradebook.find_notebook(info["notebook"], info["assignment"])
        owned = {cell.name: cell for cell in notebook.source_cells}
        maximum = {cell.name: float(cell.max_score) for cell in notebook.grade_cells}
        maximum |= {cell.name: float(cell.max_score) for cell in notebook.task_cells}
        solutions = {cell.name for cell in notebook.solution_cells}
        tasks = {cell.name for cell in notebook.task_cells}

        def node(name: str, source: str, attachments: Any = None) -> Any:
            known = owned[name]
            text = known.source if known.locked else source
            made = _node(known.cell_type, text, attachments)
            graded = name in maximum and name not in tasks
            made.metadata["nbgrader"] = {
                "schema_version": 3,
                "grade_id": name,
                "grade": graded,
                "solution": name in solutions,
                "locked": bool(known.locked),
                "task": name in tasks,
                "cell_type": known.cell_type,
                "checksum": known.checksum,
                **({"points": maximum[name]} if name in maximum else {}),
            }
            made["id"] = re.sub(r"[^A-Za-z0-9_-]", "-", name)[:64]
            return made

        last = {cell.grade_id: index for index, cell in enumerate(cells) if cell.grade_id in owned}
        built: list[NotebookNode] = []
        for index, cell in enumerate(cells):
            if cell.grade_id in owned:
                # Of several cells with one id, the last one counts, as in stock nbgrader.
                if last[cell.grade_id] == index:
                    built.append(node(cell.grade_id, cell.source, cell.attachments))
                continue
            made = _node(cell.kind, cell.source, cell.attachments)
            made["id"] = f"extra-{index}"
            if "experiment" in cell.tags:
                made.metadata["tags"] = ["experiment"]
            built.append(made)
        # Not the cells for solutions: their released text would undo what was written elsewhere.
        needed = [name for name in owned if name in maximum or owned[name].locked]
        _add_missing(built, list(owned), needed, last, lambda n: node(n, owned[n].source or ""))
    if problem:
        notice = nbformat.v4.new_markdown_cell(
            f"**{say('This submission could not be read:')}** {problem}.", id="notice"
        )
        built.insert(0, notice)
    result = nbformat.v4.new_notebook(cells=built)
    result.metadata["autograder"] = {"unreadable": problem}
    return result


# Without attributes, so without handlers, addresses and styles.
_ALLOWED_TAG = re.compile(
    r"</?(?:b|i|em|strong|sub|sup|br|hr|p|ul|ol|li|code|pre|kbd|details|summary"
    r"|table|thead|tbody|tr|td|th)\s*/?>",
    re.IGNORECASE,
)
_TAG_START = re.compile(r"<(?=[A-Za-z/!?])")
# What a browser leaves out of an address, and what Markdown does.
_BETWEEN = r"[\s\\\x00-\x1f\u00ad\u200b-\u200d\u2060\ufeff]*"
_CODE_ADDRESS = re.compile(
    "(" + "|".join(_BETWEEN.join(word) for word in ("javascript", "vbscript")) + f"){_BETWEEN}:",
    re.IGNORECASE,
)
_DATA_ADDRESS = re.compile(
    r"(\]\s*[(:][\s>]*<?)\s*data\s*:(?!\s*image/(?:png|jpeg|gif))", re.IGNORECASE
)
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});?")
# Macros of MathJax that make links, name elements, or load more macros.
_MATH_MACRO = re.compile(
    r"\\(?=(?:href|url|require|cssId|class|style|html[A-Z][A-Za-z]*|includegraphics)(?![A-Za-z]))"
)


def _harmless(text: str) -> str:
    """Markdown of a student whose HTML is shown as text, but for tags that only lay out text.

    Feedback pages and formgrader render it in the instructor's browser, and their templates do not
    clean Markdown cells. Addresses that are code lose their colon wherever they stand, so that it
    does not matter how Markdown reads the text around them.
    """

    def escape(match: re.Match[str]) -> str:
        allowed = _ALLOWED_TAG.match(text, match.start())
        return "<" if allowed is not None else "&lt;"

    text = _ENTITY.sub(_letter, text)
    text = _TAG_START.sub(escape, text)
    text = _CODE_ADDRESS.sub(r"\1&#8203;&#58;", text)
    text = _DATA_ADDRESS.sub(r"\1#", text)
    return _MATH_MACRO.sub("", text)


def _letter(match: re.Match[str]) -> str:
    """An entity that stands for a letter, a colon or a backslash, as that; others as they are."""
    character = html.unescape(match.group())
    return character if re.fullmatch(r"[A-Za-z:\\\t\r\n]", character) else match.group()


def _node(kind: str, source: str, attachments: Any = None) -> Any:
    if kind == "code":
        return nbformat.v4.new_code_cell(source)
    source = _harmless(source)
    v4: Any = nbformat.v4
    make = v4.new_markdown_cell if kind == "markdown" else v4.new_raw_cell
    made = make(source)
    if attachments:
        made["attachments"] = attachments
    return made


def _add_missing(
    built: list[NotebookNode],
    order: list[str],
    needed: list[str],
    present: dict[str, int],
    make: Any,
) -> None:
    """Put the course's cells that are missing behind those that precede them in the source."""
    place = {}
    for index, cell in enumerate(built):
        place[cell.metadata.get("nbgrader", {}).get("grade_id")] = index
    for name in needed:
        if name in present:
            continue
        before = [place[n] for n in order[: order.index(name)] if n in place]
        index = before[-1] + 1 if before else len(built)
        built.insert(index, make(name))
        place = {n: i + (i >= index) for n, i in place.items()} | {name: index}


@functools.cache
def _sandbox(level: Any) -> Sandbox:
    box = open_sandbox(level)
    atexit.register(box.close)
    return box


class GradeInSandbox(NbGraderPreprocessor):  # type: ignore[misc]
    """Runs the suites on the submission; writes outputs, reports and scores."""

    isolation = Enum(
        LEVELS, "landlock", help="The weakest sandbox to accept; 'process' accepts none at all."
    ).tag(config=True)
    seed = Integer(
        None,
        allow_none=True,
        help="The secret seed of the hidden checks' inputs, a whole number; without it, a random "
        "one for each command. AUTOGRADER_SEED in the environment comes first.",
    ).tag(config=True)

    results = Unicode(
        "results",
        help="The folder that 'autograder grade' writes to, below the course's folder. Reports are "
        "taken from there where nothing has changed, and kept there otherwise. Without that folder "
        "every submission is graded here.",
    ).tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Grade ``nb``. Raises :class:`NotGraded` when that was not possible through our fault."""
        info = resources["nbgrader"]
        try:
            assignment = find(info["assignment"])
        except KeyError:
            assignment = Assignment(info["assignment"], "", ())
        maximum = {
            cell.metadata.nbgrader["grade_id"]: float(cell.metadata.nbgrader["points"])
            for cell in nb.cells
            if utils.is_grade(cell)
        }
        present = tuple(task for task in assignment.tasks if task.task in maximum)
        assignment = replace(assignment, tasks=present)
        report, results = self._graded(_submission(nb), assignment, info["student"], maximum)
        if report.status == "not graded":
            raise NotGraded(f"{info['student']} was not graded: {report.message}")
        unreadable = nb.metadata.get("autograder", {}).get("unreadable", "")
        nb.metadata.pop("autograder", None)
        if unreadable:
            report = _unreadable(report, unreadable)
        scores = {task.task: task.points for task in report.tasks}
        scores |= _own_scores(nb, results, set(scores), bool(unreadable))
        _write_outputs(nb, report, results, scores)
        resources["autograder"] = {"scores": scores}
        outputs = resources.get("outputs")
        if not isinstance(outputs, dict):
            outputs = resources["outputs"] = {}
        outputs[f"{info['notebook']}.report.json"] = (report.to_json() + "\n").encode()
        self.log.info(
            "%s: %s of %s points (sandbox: %s)",
            info["student"],
            points(report.points),
            points(report.max_points),
            report.isolation,
        )
        return nb, resources

    def _graded(
        self,
        notebook: Notebook,
        assignment: Assignment,
        student: str,
        maximum: dict[str, float],
    ) -> tuple[Report, dict[int, CellResult]]:
        """The report and what each cell gave, by its index: those kept, or new ones."""
        kept = self._kept()
        seed = secret_seed(self.seed, kept.seed if kept is not None else None)
        mark = fingerprint(notebook, assignment, seed, maximum)
        if kept is not None:
            report = kept.current(assignment.name, student, mark, self.isolation)
            cells = kept.outputs(report) if report is not None else None
            entries = runnable_cells(notebook, assignment)
            if (
                report is not None
                and cells is not None
                and [cell.label for cell in cells] == [e.cell.label for e in entries]
            ):
                return report, {e.index: cell for e, cell in zip(entries, cells, strict=True)}
        report, results = grade_notebook(
            notebook,
            assignment,
            student=student,
            box=_sandbox(self.isolation),
            seed=seed,
            points=maximum,
        )
        report = replace(report, fingerprint=mark)
        if kept is not None and report.status == "graded":
            code = graded_code(notebook, assignment)
            cells = tuple(result for _, result in sorted(results.items()))
            kept.write(Done(report, code, cells), outputs=True)
        return report, results

    def _kept(self) -> Results | None:
        """The course's folder of results, if it has one."""
        converter = getattr(self.parent, "parent", None)
        root = getattr(getattr(converter, "coursedir", None), "root", "")
        folder = Path(root, self.results)
        return Results(folder) if root and self.results and folder.is_dir() else None


def _submission(nb: NotebookNode) -> Notebook:
    cells = tuple(
        Cell(
            cell.cell_type,
            cell.source,
            cell.metadata.get("nbgrader", {}).get("grade_id", ""),
            frozenset(cell.metadata.get("tags", ())),
        )
        for cell in nb.cells
    )
    return Notebook(Path("submission.ipynb"), cells)


def _unreadable(report: Report, problem: str) -> Report:
    data = json.loads(report.to_json())
    data.update(status="unreadable", message=problem)
    return Report.from_json(json.dumps(data))


_CHECK = re.compile(r"""check\(["']\w+["']\)""")
"""What stands in the grade cell of a task with checks of ours."""


def _own_scores(
    nb: NotebookNode, results: dict[int, CellResult], graded: set[str], unreadable: bool
) -> dict[str, float]:
    """Scores of the instructor's own test cells: full points for running through, or the number
    that the cell's last line gave; nothing for anything else."""
    scores = {}
    for index, cell in enumerate(nb.cells):
        if not utils.is_grade(cell) or utils.is_solution(cell) or cell.cell_type != "code":
            continue
        name, maximum = cell.metadata.nbgrader["grade_id"], float(cell.metadata.nbgrader["points"])
        if name in graded:
            continue
        if _CHECK.fullmatch(cell.source.strip()):
            # It runs through for everybody, since a worker's check does nothing.
            raise NotGraded(
                f"the task {name} belongs to checks that are not here: no assignment with them is "
                "called as this one is. Give the folder the assignment's name, or run the command "
                f"in the course that has its {rooms.FILE}."
            )
        result = results.get(index)
        score = 0.0
        if result is not None and result.status == "ok" and not unreadable:
            score = maximum if result.number is None else min(max(result.number, 0.0), maximum)
        scores[name] = score
    return scores


def _write_outputs(
    nb: NotebookNode, report: Report, results: dict[int, CellResult], scores: dict[str, float]
) -> None:
    tasks = {task.task: task for task in report.tasks}
    count = 0
    first = True
    for index, cell in enumerate(nb.cells):
        if cell.cell_type != "code":
            continue
        count += 1
        result = results.get(index)
        cell.outputs = _outputs(result) if result is not None else []
        cell.execution_count = count if result is not None else None
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if name in scores:
            page = ""
            if name in tasks:
                page = task_html(tasks[name], fold=False)
                if first:
                    page, first = _summary(report) + page, False
            data = {"text/plain": points(scores[name])}
            if page:
                data["text/html"] = page
            cell.execution_count = count
            cell.outputs.append(
                nbformat.v4.new_output("execute_result", data, execution_count=count)
            )


def _summary(report: Report) -> str:
    data = json.loads(report.to_json())
    data["tasks"] = []
    return report_html(Report.from_json(json.dumps(data)))


def _outputs(result: CellResult) -> list[NotebookNode]:
    outputs = []
    if result.output:
        outputs.append(nbformat.v4.new_output("stream", name="stdout", text=result.output))
    for figure in result.figures:
        data = {"image/png": base64.b64encode(figure).decode()}
        outputs.append(nbformat.v4.new_output("display_data", data))
    if result.status != "ok":
        head, _, _ = result.message.partition("\n")
        kind, _, said = head.partition(": ")
        outputs.append(
            nbformat.v4.new_output(
                "error",
                ename=kind if said else result.status,
                evalue=said or head,
                traceback=result.message.splitlines() or [result.status],
            )
        )
    return outputs


class SaveGrades(SaveAutoGrades):  # type: ignore[misc]
    """Writes scores to the gradebook: those of the report, whatever the cells' outputs say."""

    def _add_score(self, cell: NotebookNode, resources: Any) -> None:
        name = cell.metadata["nbgrader"]["grade_id"]
        score = resources["autograder"]["scores"].get(name)
        if score is None:  # a written answer, graded by hand
            super()._add_score(cell, resources)
            return
        try:
            grade = self.gradebook.find_grade(
                name, self.notebook_id, self.assignment_id, self.student_id
            )
        except MissingEntry:
            raise NotGraded(f"the gradebook has no grade cell {name}") from None
        grade.auto_score = score
        grade.needs_manual_grade = grade.manual_score is not None
        self.gradebook.db.commit()


class TaskTable(ExportPlugin):  # type: ignore[misc]
    """``nbgrader export``: one row a student and assignment, one column a graded cell.

    The columns of nbgrader's own table come first, under the same names. A text that a spreadsheet
    would take for a formula gets an apostrophe in front.
    """

    def export(self, gradebook: Gradebook) -> None:
        """Write the table to ``--to`` (default ``grades.csv``)."""
        path = self.to or "grades.csv"
        self.log.info("Exporting grades to %s", path)
        rows: list[dict[str, Any]] = []
        columns = dict.fromkeys(_COLUMNS)
        for assignment in gradebook.assignments:
            if self.assignment and assignment.name not in map(str, self.assignment):
                continue
            for student in gradebook.students:
                if self.student and student.id not in map(str, self.student):
                    continue
                row = _row(gradebook, assignment, student)
                columns |= dict.fromkeys(row)
                rows.append(row)
        write_whole(Path(path), table_text(list(columns), rows))


_COLUMNS = (
    "assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email",
    "raw_score", "late_submission_penalty", "score", "max_score",
)  # fmt: skip


def _row(gradebook: Any, assignment: Any, student: Any) -> dict[str, Any]:
    row: dict[str, Any] = {
        "assignment": assignment.name,
        "duedate": assignment.duedate,
        "student_id": student.id,
        "last_name": student.last_name,
        "first_name": student.first_name,
        "email": student.email,
        "max_score": assignment.max_score,
        "raw_score": 0.0,
        "late_submission_penalty": 0.0,
        "score": 0.0,
    }
    try:
        submission = gradebook.find_submission(assignment.name, student.id)
    except MissingEntry:
        return row  # nothing was handed in
    penalty = submission.late_submission_penalty
    row["timestamp"] = submission.timestamp
    row["raw_score"] = submission.score
    row["late_submission_penalty"] = penalty
    row["score"] = max(0.0, submission.score - penalty)
    for notebook in submission.notebooks:
        for grade in notebook.grades:
            row[grade.name] = "" if grade.needs_manual_grade else grade.score
    return row
