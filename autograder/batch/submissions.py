"""Finding submissions: in nbgrader's layout, in plain folders, in what learning platforms export.

Whose a notebook is, is said by folders and file names, in the ways of these platforms:

- nbgrader: ``submitted/<student>/<assignment>/<notebook>``;
- Canvas: ``<name>_<user>_<submission>_<file>``, with ``_LATE`` where it was late;
- Moodle: ``<Full name>_<number>_assignsubmission_file_<...>``, a folder or a file;
- Gradescope: ``submission_<number>/`` beside ``submission_metadata.yml``, which knows the names;
- else the folder below the one that was named, or the file's own name.

All names are hostile texts. Which assignment a notebook belongs to is said by its content.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from ..archive import CLASS, STUDENT, UnusableArchive, is_archive, unpack
from ..assignments import all_assignments
from ..notebook import Notebook, UnreadableNotebook, printable, read, recognise
from ..roster import Student

__all__ = ["Found", "HandedIn", "find", "handed_in"]

DEEPEST = 12
"""Folders below the one that was named."""

MOST_LISTED = 16 << 20
"""Bytes that a platform's list of submissions may have."""

_CANVAS = re.compile(r"(?P<name>[^_]+)_(?:LATE_)?(?P<number>\d+)_(?P<submission>\d+)_.+")
_MOODLE = re.compile(r"(?P<name>.+)_(?P<number>\d+)_assignsubmission_\w+(?:_.*)?")
_GRADESCOPE = re.compile(r"submission_(?P<number>\d+)")


@dataclass(frozen=True)
class HandedIn:
    """What one student handed in: one or more notebooks, or none that can be had.

    ``assignment`` is set where the folders name it. ``problem`` says why there is nothing to grade.
    """

    student: Student
    files: tuple[Path, ...]
    assignment: str = ""
    problem: str = ""

    def notebooks(self) -> list[tuple[str, Notebook | None, str]]:
        """What is to be graded: name of the assignment, notebook, and why there is none.

        Of several notebooks of one assignment, the one of the expected name is graded, else the
        one with most tasks, else the one that was changed last.
        """
        if self.problem:
            return [(self.assignment, None, self.problem)]
        best: dict[str, tuple[tuple[bool, int, float, str], Notebook]] = {}
        problems: list[tuple[str, str]] = []
        for path in self.files:
            try:
                notebook = read(path)
                assignment = recognise(notebook)
            except UnreadableNotebook as error:
                problems.append((path.name, str(error)))
                continue
            tasks = {task.task for task in assignment.tasks}
            rank = (
                path.name == assignment.notebook,
                len(tasks & {cell.grade_id for cell in notebook.cells}),
                path.lstat().st_mtime,
                path.name,
            )
            if assignment.name not in best or rank > best[assignment.name][0]:
                best[assignment.name] = (rank, notebook)
        if self.assignment and self.assignment not in best and best:
            other = ", ".join(sorted(best))
            return [(self.assignment, None, f"it is a notebook of {other}, not of this assignment")]
        if self.assignment:
            best = {name: entry for name, entry in best.items() if name == self.assignment}
        if best:
            return [(name, notebook, "") for name, (_, notebook) in sorted(best.items())]
        said = "; ".join(
            f"{printable(name)}: {text}" if len(problems) > 1 else text for name, text in problems
        )
        return [(self.assignment, None, said[:1_000] or "no notebook was handed in")]


@dataclass
class Found:
    """What there is to grade, by student; ``remarks`` say what was left out, and why."""

    handed_in: list[HandedIn] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    @property
    def students(self) -> list[Student]:
        """Everyone, each once."""
        return list({entry.student.id: entry.student for entry in self.handed_in}.values())


def find(sources: Sequence[Path], scratch: Path) -> Found:
    """Find the submissions in ``sources``: notebooks, folders, archives.

    Archives are unpacked below the empty folder ``scratch``, which must stay until all is graded.
    Raises ``ValueError`` for a source that cannot be used at all, or when none holds anything.
    """
    found = Found()
    files: list[Path] = []
    for source in sources:
        # A notebook that is missing costs one report, and not all the others.
        if not os.path.lexists(source) and source.suffix != ".ipynb":
            raise ValueError(f"{source} does not exist")
        if source.is_dir():
            _in_folder(source, found, scratch)
        elif is_archive(source):
            _in_archive(source, found, scratch)
        else:
            files.append(source)
    for path, name in zip(files, _names(files), strict=True):
        found.handed_in.append(HandedIn(_named(name), (path,)))
    if not found.handed_in:
        raise ValueError(
            f"there is no notebook in {', '.join(map(str, sources))}; name a notebook, a folder "
            "with submissions, or the archive that a learning platform exports"
        )
    found.handed_in = _one_each(found.handed_in)
    return found


def handed_in(folder: Path, student: Student, assignment: str, scratch: Path) -> HandedIn:
    """What one student handed in for ``assignment``: everything below ``folder``.

    Archives are unpacked below the empty folder ``scratch``.
    """
    return replace(_handed_in(student, _files(folder), scratch), assignment=assignment)


def _names(paths: Sequence[Path]) -> list[str]:
    """A name for each notebook, unique: its file's; in nbgrader's layout the student's folder;
    else folders and file together, numbered where even that is not enough."""
    full = [path.absolute() for path in paths]
    for names in (
        [path.stem for path in full],
        [path.parent.parent.name for path in full],
        [path.parent.name for path in full],
        ["-".join([*path.parts[-3:-1], path.stem]) for path in full],
    ):
        if all(names) and len(set(names)) == len(names):
            return names
    return [f"{number:03}-{path.stem}" for number, path in enumerate(full, 1)]


def _in_archive(source: Path, found: Found, scratch: Path) -> None:
    folder = Path(tempfile.mkdtemp(dir=scratch))
    try:
        found.remarks += [f"{source}: {remark}" for remark in unpack(source, folder, CLASS)]
    except UnusableArchive as error:
        raise ValueError(f"{source}: {error}") from None
    _in_folder(folder, found, scratch)


def _in_folder(folder: Path, found: Found, scratch: Path) -> None:
    for below in (folder / "submitted", folder):
        if _of_nbgrader(below, found, scratch):
            return
    # An archive often holds a folder that holds everything.
    entries = _entries(folder)
    if len(entries) == 1 and entries[0].is_dir() and not _says_who(entries[0].name):
        _in_folder(entries[0], found, scratch)
        return
    listed = _listed(folder, found)
    for entry in entries:
        if entry.is_dir() and not entry.is_symlink():
            files = _files(entry)
            if not files:
                continue
            for student in listed.get(entry.name) or [_named(entry.name)]:
                found.handed_in.append(_handed_in(student, files, scratch))
    _alone([entry for entry in entries if _is_work(entry)], found, scratch)


def _says_who(name: str) -> bool:
    return bool(_MOODLE.fullmatch(name) or _GRADESCOPE.fullmatch(name))


def _alone(files: Sequence[Path], found: Found, scratch: Path) -> None:
    """Files that lie side by side, each with its student's name in its own."""
    by_student: dict[str, tuple[Student, list[Path]]] = {}
    for path in files:
        stem = path.name
        for ending in (".ipynb", ".tar.gz", *([path.suffix] if path.suffix else [])):
            stem = stem.removesuffix(ending)
        student = _named(stem)
        by_student.setdefault(student.id, (student, []))[1].append(path)
    for student, paths in by_student.values():
        found.handed_in.append(_handed_in(student, paths, scratch))


def _of_nbgrader(folder: Path, found: Found, scratch: Path) -> bool:
    """Take ``<student>/<assignment>/<notebook>`` below ``folder``, if there is any."""
    names = {assignment.name for assignment in all_assignments()}
    count = 0
    for student in _entries(folder) if folder.is_dir() else []:
        for entry in _entries(student) if student.is_dir() and not student.is_symlink() else []:
            if entry.name in names and entry.is_dir() and not entry.is_symlink():
                made = _handed_in(Student(printable(student.name)), _files(entry), scratch)
                found.handed_in.append(replace(made, assignment=entry.name))
                count += 1
    return count > 0


def _entries(folder: Path) -> list[Path]:
    """What lies in ``folder``, by name, without what is hidden."""
    with os.scandir(folder) as entries:
        names = sorted(entry.name for entry in entries)
    return [folder / name for name in names if not name.startswith(".") and name != "__MACOSX"]


def _files(folder: Path) -> list[Path]:
    """The notebooks and archives below ``folder``, as deep as people put them."""
    found: list[Path] = []
    level = [folder]
    for _ in range(DEEPEST):
        below: list[Path] = []
        for place in level:
            for entry in _entries(place):
                if entry.is_dir() and not entry.is_symlink():
                    below.append(entry)
                elif _is_work(entry):
                    found.append(entry)
        level = below
    return found


def _is_work(path: Path) -> bool:
    return path.name.lower().endswith(".ipynb") or (is_archive(path) and not path.is_dir())


def _named(text: str) -> Student:
    """The student that a name of a file or folder tells."""
    for pattern in (_MOODLE, _CANVAS):
        match = pattern.fullmatch(text)
        if match is not None:
            name = printable(match["name"])
            return Student(f"{name}-{match['number']}", name=name, number=match["number"])
    match = _GRADESCOPE.fullmatch(text)
    return Student(printable(text), number=match["number"] if match else "")


def _listed(folder: Path, found: Found) -> dict[str, list[Student]]:
    """Who handed in which folder, by Gradescope's list."""
    path = folder / "submission_metadata.yml"
    try:
        if path.is_symlink() or path.stat().st_size > MOST_LISTED:
            raise ValueError("it is too large, or a link")
        listed: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        return {
            str(name): [_submitter(entry, str(name)) for entry in facts[":submitters"]]
            for name, facts in listed.items()
        }
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, yaml.YAMLError) as error:
        found.remarks.append(f"{path.name} cannot be used ({type(error).__name__}); names are lost")
        return {}


def _submitter(entry: Any, submission: str) -> Student:
    name, email, login = (
        printable(str(entry.get(f":{key}") or "")) for key in ("name", "email", "sid")
    )
    return Student(
        email or login or f"{name}-{submission}",
        name=name,
        number=submission.removeprefix("submission_"),
        email=email,
        login=login,
    )


def _handed_in(student: Student, files: Iterable[Path], scratch: Path) -> HandedIn:
    """Files of one student; archives among them are unpacked."""
    notebooks: list[Path] = []
    problems: list[str] = []
    for path in files:
        if not is_archive(path):
            notebooks.append(path)
            continue
        folder = Path(tempfile.mkdtemp(dir=scratch))
        try:
            problems += unpack(path, folder, STUDENT)
        except UnusableArchive as error:
            problems.append(f"{printable(path.name)}: {error}")
        # Archives inside of a student's archive are left alone: somebody would nest them for ever.
        notebooks += [entry for entry in _files(folder) if not is_archive(entry)]
    problem = "" if notebooks else "; ".join(problems)[:1_000] or "no notebook was handed in"
    return HandedIn(student, tuple(notebooks), problem=problem)


def _one_each(handed_in: Iterable[HandedIn]) -> list[HandedIn]:
    """One entry for each student and assignment: what is handed in twice counts as one."""
    merged: dict[tuple[str, str], HandedIn] = {}
    for entry in handed_in:
        key = (entry.student.id, entry.assignment)
        before = merged.get(key)
        if before is not None:
            files = before.files + entry.files
            problem = "" if files else before.problem
            entry = replace(before, files=files, problem=problem)
        merged[key] = entry
    return sorted(
        merged.values(), key=lambda e: (e.student.id.casefold(), e.student.id, e.assignment)
    )
