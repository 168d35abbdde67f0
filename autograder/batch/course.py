"""An nbgrader course: its configuration, and its gradebook filled from graded reports."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import warnings
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track

from ..assignments import find

__all__ = ["Course", "course_of"]

CONFIGURATION = "nbgrader_config.py"


@dataclass(frozen=True)
class Course:
    """The course in the folder ``root``."""

    root: Path

    @property
    def results(self) -> Path:
        """Where its results are, which ``nbgrader autograde`` takes reports from."""
        return self.root / "results"

    def configuration(self) -> Any:
        """What ``nbgrader_config.py`` sets. Raises ``ValueError`` where it cannot be read."""
        from traitlets.config.loader import PyFileConfigLoader

        loader = PyFileConfigLoader(CONFIGURATION, path=str(self.root))
        try:
            config = loader.load_config()
        except Exception as error:  # it is a program, and may fail in any way
            raise ValueError(f"{self.root / CONFIGURATION} cannot be read: {error}") from None
        config.CourseDirectory.root = str(self.root.resolve())
        return config

    @property
    def seed(self) -> int | None:
        """``c.GradeInSandbox.seed``, where it is set."""
        seed = self.configuration().GradeInSandbox.get("seed")
        return seed if isinstance(seed, int) else None

    def points(self, assignment: str) -> Mapping[str, float] | None:
        """Points by graded cell, as the gradebook has them; None where it does not know them."""
        from nbgrader.api import Gradebook, MissingEntry
        from sqlalchemy.exc import SQLAlchemyError

        with _in_folder(self.root), _commands_found():
            address = self._api().coursedir.db_url
            # Looking must not make a gradebook where there is none.
            if address.startswith("sqlite:///") and not Path(address[len("sqlite:///") :]).exists():
                return None
            notebook = Path(find(assignment).notebook).stem
            try:
                with Gradebook(address) as gradebook:
                    cells = gradebook.find_notebook(notebook, assignment).grade_cells
                    return {cell.name: float(cell.max_score) for cell in cells} or None
            except MissingEntry:
                return None
            except SQLAlchemyError as error:
                raise ValueError(_unusable(error)) from None

    def _api(self) -> Any:
        from nbgrader.apps import NbGraderAPI

        return NbGraderAPI(config=self.configuration())

    def fill_gradebook(
        self,
        new: Sequence[tuple[str, str]],
        old: Sequence[tuple[str, str]],
        console: Console,
    ) -> None:
        """Let ``nbgrader autograde`` take over reports: the ``new`` ones in any case, of the
        ``old`` ones those that it does not have yet. Both are names of assignments and students.

        Raises ``ValueError`` with nbgrader's own words for what could not be taken.
        """
        with _commands_found():
            api = self._api()
            asked = {assignment for assignment, _ in [*new, *old] if assignment}
            self._require_released(asked, api)
        coursedir = api.coursedir
        missing = [
            (assignment, student)
            for assignment, student in old
            if not Path(
                coursedir.format_path(coursedir.autograded_directory, student, assignment)
            ).is_dir()
        ]
        problems = []
        with _in_folder(self.root), _commands_found(), _quiet():
            for assignment, student in track(
                [entry for entry in [*new, *missing] if entry[0]],
                "nbgrader",
                console=console,
                transient=True,
            ):
                result = api.autograde(assignment, student, force=True, create=True)
                if not result["success"]:
                    problems.append(f"{student}, {assignment}: {_reason(result)}")
        if problems:
            raise ValueError(
                f"nbgrader did not take {len(problems)} of the reports over:\n"
                + "\n".join(problems[:20])
            )

    def _require_released(self, assignments: Collection[str], api: Any) -> None:
        """Raises ``ValueError`` for assignments that the gradebook does not know."""
        from sqlalchemy.exc import SQLAlchemyError

        try:
            with api.gradebook as gradebook:
                known = {assignment.name for assignment in gradebook.assignments}
        except SQLAlchemyError as error:
            raise ValueError(_unusable(error)) from None
        for name in sorted(set(assignments) - known):
            raise ValueError(
                f"the gradebook does not know the assignment {name}; run 'nbgrader "
                f"generate_assignment --force {name}' in {self.root} first. The reports are kept."
            )


def _unusable(error: Exception) -> str:
    said = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
    return f"the gradebook cannot be used ({said}). What was graded is kept; run the command again"


def _reason(result: Mapping[str, Any]) -> str:
    """The line of nbgrader's log that says why, as far as one does."""
    lines = str(result.get("log") or result.get("error") or "failed").strip().splitlines()
    errors = [line for line in lines if "ERROR" in line or "Error:" in line]
    return (errors or lines)[-1].strip()[:300]


def course_of(source: Path) -> Course | None:
    """The course that ``source`` is, or whose ``submitted`` folder it is.

    Its configuration is a program that will be run, and a student may hand one in, too. So it must
    be that of the current folder: raises ``ValueError`` for another.
    """
    for folder in (source, source.parent):
        if source.is_dir() and (folder / CONFIGURATION).is_file():
            if folder.resolve() != Path.cwd():
                raise ValueError(
                    f"{folder / CONFIGURATION} is a program, and is run for the current folder "
                    f"only: go to {folder} and run the command there. If it came with a "
                    "submission, it was to be run by you: remove it."
                )
            return Course(folder)
    return None


@contextlib.contextmanager
def _in_folder(folder: Path) -> Iterator[None]:
    before = os.getcwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


@contextlib.contextmanager
def _commands_found() -> Iterator[None]:
    """With this environment's commands on the path: nbgrader calls ``alembic`` by its name."""
    before = os.environ.get("PATH", os.defpath)
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), before])
    try:
        yield
    finally:
        os.environ["PATH"] = before


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without nbgrader's line for every file, nor warnings of how it uses its own database; what
    goes wrong is said in the end."""
    from sqlalchemy.exc import SAWarning

    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SAWarning)
            yield
    finally:
        logging.disable(logging.NOTSET)
