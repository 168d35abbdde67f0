"""Who is who in the course's learning platform, by the name that reports use."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

__all__ = ["Student", "roster_json", "roster_of"]


@dataclass(frozen=True)
class Student:
    """One student. ``id`` is what ``Report.student`` says, unique in a folder of results.

    ``name`` is written as the platform writes it, ``number`` is the platform's own (Canvas' user
    id, Moodle's participant number, Gradescope's submission number); ``email`` and ``login`` are
    empty where it does not tell them.
    """

    id: str
    name: str = ""
    number: str = ""
    email: str = ""
    login: str = ""


def roster_json(students: Iterable[Student]) -> str:
    """The JSON form: a list, by id."""
    entries = [asdict(student) for student in sorted(students, key=lambda s: s.id)]
    return json.dumps(entries, indent=2, ensure_ascii=False)


def roster_of(text: str) -> Mapping[str, Student]:
    """Read what :func:`roster_json` wrote. Raises ``ValueError`` for anything else."""
    try:
        students = [Student(**entry) for entry in json.loads(text)]
        if not all(isinstance(v, str) for s in students for v in asdict(s).values()):
            raise TypeError("every field is a text")
    except (TypeError, KeyError) as error:
        raise ValueError(f"this is no list of students: {error}") from None
    return {student.id: student for student in students}
