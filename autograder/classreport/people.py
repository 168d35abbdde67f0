"""What students are called on the pages: by name, or by a number that says nothing."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from urllib.parse import quote

from ..batch.store import file_name
from ..notebook import printable
from ..roster import Student

__all__ = ["People"]


class People:
    """The students of a class, by the id that reports use.

    With ``anonymous`` each gets a number, drawn anew every time, so that neither the order nor an
    older page tells who it is; and nobody has a page.
    """

    def __init__(
        self, ids: Iterable[str], roster: Mapping[str, Student], *, anonymous: bool = False
    ) -> None:
        self.anonymous = anonymous
        self._ids = sorted(set(ids))
        if anonymous:
            random.SystemRandom().shuffle(self._ids)
        self._roster = roster
        self._number = {student: number for number, student in enumerate(self._ids, 1)}

    def __len__(self) -> int:
        return len(self._ids)

    def name(self, student: str) -> str:
        """How to call ``student``."""
        if self.anonymous:
            return f"student {self._number[student]}"
        known = self._roster.get(student)
        if known is None or not known.name or known.name == student:
            return printable(student)
        return f"{printable(known.name)} ({printable(student)})"

    def order(self, student: str) -> int:
        """The place of ``student`` in every list that is not ordered by something else."""
        return self._number[student]

    def file(self, student: str) -> str:
        """The file of the student's page, in the folder ``students``."""
        return f"{file_name(student)}.html"

    def address(self, student: str) -> str:
        """The address of the student's page as seen from the first page; '' without a page."""
        return "" if self.anonymous else f"students/{quote(self.file(student))}"
