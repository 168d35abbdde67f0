"""Writing a class report: from a folder of results to a folder of pages."""

from __future__ import annotations

import contextlib
import json
import re
import shlex
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.progress import Progress

from ..assignments import find
from ..batch.store import Results, file_name
from ..files import CannotWrite, write_whole
from ..notebook import UnreadableNotebook, printable, read
from ..report import Report
from .examples import example
from .likeness import Code, Likeness, available, likeness, read_code
from .page import ClassReport, first_page, pair_address, pair_page, student_page
from .people import People
from .tables import tables
from .tally import Tally, tally

__all__ = ["WRITTEN", "write_report"]

WRITTEN = ".written.json"
"""The list of the files that a report consists of, so that the next one removes what it does not
write anew, and nothing else."""

_OURS = re.compile(r"index\.html|(?:students|pairs)/[^/\0]+\.html|tables/[a-z-]+\.csv")


def write_report(
    folder: Path,
    out: Path,
    *,
    assignment: str = "",
    anonymous: bool = False,
    submissions: str = "SUBMISSIONS",
    released: Path = Path("assignments"),
    solutions: Path = Path("solutions"),
    progress: Progress | None = None,
) -> ClassReport:
    """Write the report on the results in ``folder`` to ``out``; what it shows.

    A report that is there already is replaced; of two at a time, the last page is the first to be
    whole. Raises ``ValueError`` for results that cannot be read, :class:`CannotWrite`.
    """
    bar = Progress(disable=True) if progress is None else progress
    results = Results(folder)
    with bar:
        reports = _read(results, assignment, bar)
        by_student: dict[str, list[Report]] = defaultdict(list)
        for found in reports:
            by_student[found.student].append(found)
        people = People(by_student, results.students(), anonymous=anonymous)
        report = ClassReport(_tallies(reports), people, datetime.now())
        report.commands = {
            (r.assignment, r.student): _command(submissions, folder, r.student)
            for r in report.others
        }
        report.examples = _examples(report.tallies, solutions, bar)
        if not anonymous:
            report.compared, report.codes, report.alike = _compare(
                results, report.graded, released, bar
            )
        _write(out, report, by_student, bar)
    return report


def _read(results: Results, assignment: str, bar: Progress) -> list[Report]:
    """The reports, of one assignment or of all; and those of files that belong to none."""
    if not results.path.is_dir():
        raise ValueError(f"there is no folder {results.path}; say the one that 'grade' wrote")
    task = bar.add_task("reading reports", total=None)
    found = []
    for report in results.reports():
        bar.advance(task)
        if not assignment or report.assignment in ("", assignment):
            found.append(report)
    if not any(report.assignment == assignment or not assignment for report in found):
        what = f"no results of {assignment!r}" if assignment else "no results"
        raise ValueError(
            f"{results.path} holds {what}; it should hold one folder an assignment, with one "
            "report (.json) a student"
        )
    bar.update(task, total=len(found), completed=len(found))
    return found


def _tallies(reports: Sequence[Report]) -> list[Tally]:
    names = dict.fromkeys(report.assignment for report in reports)
    # What belongs to no assignment stands last.
    return [
        tally(name, [report for report in reports if report.assignment == name])
        for name in sorted(names, key=lambda name: (not name, name))
    ]


def _command(submissions: str, folder: Path, student: str) -> str:
    """What grades one student's submission again."""
    if printable(student) != student:
        return f"# the name {printable(student)} cannot be typed: give its file another one"
    # In one word with its option, so that a name like --help is a name.
    option = f"--student={student}" if student.startswith("-") else f"--student {_quoted(student)}"
    option = _quoted(option) if student.startswith("-") else option
    where = "SUBMISSIONS" if submissions == "SUBMISSIONS" else _quoted(submissions)
    return f"autograder grade {where} --out {_quoted(str(folder))} {option} --force"


def _quoted(word: str) -> str:
    return shlex.quote(word)


def _examples(tallies: Sequence[Tally], solutions: Path, bar: Progress) -> dict[str, Any]:
    names = {mistake.name for found in tallies for mistake in found.mistakes}
    task = bar.add_task("explaining known mistakes", total=len(names))
    made = {}
    for name in sorted(names):
        made[name] = example(name, solutions)
        bar.advance(task)
    return made


def _compare(
    results: Results, tallies: Sequence[Tally], released: Path, bar: Progress
) -> tuple[str, dict[str, dict[str, Code]], dict[str, Likeness]]:
    """Why nothing was compared, or ''; the codes and how alike they are, by assignment."""
    if not available():
        return "Not compared: the library for it is missing. Run: pip install copydetect", {}, {}
    codes: dict[str, dict[str, Code]] = {}
    alike: dict[str, Likeness] = {}
    for found in tallies:
        names = _task_names(found.assignment)
        task = bar.add_task(f"reading code, {found.assignment}", total=len(found.graded))
        read_here = codes[found.assignment] = {}
        for report in found.graded:
            text = results.code(report)
            if text:
                read_here[report.student] = read_code(text, names)
            bar.advance(task)
        if not read_here:
            continue
        task = bar.add_task(f"comparing code, {found.assignment}", total=1)
        alike[found.assignment] = likeness(
            read_here,
            _released(released, found.assignment, names),
            lambda done, total, task=task: bar.update(task, completed=done, total=total),  # type: ignore[misc]
        )
        bar.update(task, completed=1, total=1)
    return "Not compared: the code was not kept with these results.", codes, alike


def _task_names(assignment: str) -> set[str]:
    try:
        return {task.task for task in find(assignment).tasks}
    except KeyError:  # an assignment of the instructor's own
        return set()


def _released(folder: Path, assignment: str, names: set[str]) -> Code | None:
    """The code that everybody was given; None where the notebook is not there."""
    for path in sorted((folder / assignment).glob("*.ipynb")):
        with contextlib.suppress(UnreadableNotebook):
            cells = [cell.source for cell in read(path).cells if cell.kind == "code"]
            return read_code("\n\n".join(cells), names)
    return None


def _write(
    out: Path, report: ClassReport, by_student: Mapping[str, list[Report]], bar: Progress
) -> None:
    """Write all files, the first page last, and remove those of the report before."""
    before = _written(out)
    files = _files(report, by_student)
    lists = tables(report.tallies, report.alike, report.people, report.commands)
    report.tables = list(lists)
    pairs = sum(len(g.pairs) for found in report.alike.values() for g in found.groups)
    pages = 0 if report.people.anonymous else len(by_student) + pairs
    task = bar.add_task("writing pages", total=pages + len(lists) + 1)
    written: list[str] = []
    for folder in ("students", "pairs", "tables"):
        _make(out / folder)

    def put(name: str, text: str) -> None:
        # Listed first: what is written is removed some time, even if this is interrupted.
        written.append(name)
        write_whole(out / name, text)
        bar.advance(task)

    try:
        for name, text in files:
            put(name, text)
        for name, text in lists.items():
            put(f"tables/{name}", text)
        put("index.html", first_page(report))
        for name in before - set(written):
            (out / name).unlink(missing_ok=True)
        before &= set(written)
    finally:
        write_whole(out / WRITTEN, json.dumps(sorted(before | set(written)), indent=0))


def _files(
    report: ClassReport, by_student: Mapping[str, list[Report]]
) -> Iterator[tuple[str, str]]:
    """The pages but for the first one, made one after the other."""
    if report.people.anonymous:
        return
    for student, reports in by_student.items():
        yield f"students/{file_name(student)}.html", student_page(report, student, reports)
    for assignment, found in report.alike.items():
        pairs = [pair for group in found.groups for pair in group.pairs]
        for number, pair in enumerate(pairs, 1):
            yield pair_address(assignment, number), pair_page(report, assignment, pair)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotWrite(f"the folder {folder} cannot be made: {error.strerror}") from None


def _written(out: Path) -> set[str]:
    """The files of the report that is in ``out``. Raises ``ValueError`` if something else is."""
    try:
        names = json.loads((out / WRITTEN).read_text(encoding="utf-8"))
        return {name for name in names if type(name) is str and _OURS.fullmatch(name)}
    except FileNotFoundError:
        pass
    except (OSError, ValueError, TypeError):
        return set()
    if (out / "index.html").exists():
        raise ValueError(f"{out} holds another page; say another folder with --out")
    return set()
