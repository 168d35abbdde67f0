"""Tables in CSV: written so that no spreadsheet runs them, and filled in where they are there."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..report import plain
from .exporter import File

__all__ = ["Sheet", "no_formula", "read_sheet", "table_text"]

# The wide forms are taken for the others where Japanese or Chinese is set.
_SIGNS = "=+\\-@\uff1d\uff0b\uff0d\uff20"
_START = re.compile(rf"[\t\r\n]|\s*[{_SIGNS}]")
# What a spreadsheet with another separator, or without regard to quotes, takes for a cell's start.
_INNER_START = re.compile(rf"([;\t\r\n]\s*)(?=[{_SIGNS}])")


def no_formula(value: Any) -> Any:
    """``value`` for a cell: a text that a spreadsheet would take for a formula gets an apostrophe
    in front, and control characters are replaced. What is no text stays as it is."""
    if not isinstance(value, str):
        return value
    value = _INNER_START.sub(r"\1'", value)
    return plain(f"'{value}" if _START.match(value) else value)


def table_text(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """A table in CSV (RFC 4180) with a line of headings. What a row lacks is empty."""
    text = io.StringIO(newline="")
    # Every text in quotes, for spreadsheets whose separator is another one.
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow([no_formula(column) for column in columns])
    for row in rows:
        writer.writerow([no_formula(row.get(column, "")) for column in columns])
    return text.getvalue()


@dataclass(frozen=True)
class _Record:
    cells: list[str]
    raw: str


class Sheet:
    """A table that a platform wrote and will read again.

    Cells are changed one by one; a row without a change keeps its bytes. ``columns`` are its
    headings, ``rows`` what stands below them, by heading.
    """

    def __init__(self, name: str, mark: str, separator: str, records: Sequence[_Record]) -> None:
        self.name = name
        self._mark = mark
        self._separator = separator
        self._records = records
        self._changed: set[int] = set()
        self.columns = records[0].cells

    @property
    def rows(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Number and cells of each row; a row that is shorter than the headings has empty cells."""
        for number, record in enumerate(self._records[1:], 1):
            cells = record.cells + [""] * (len(self.columns) - len(record.cells))
            yield number, dict(zip(self.columns, cells, strict=False))

    def need(self, columns: Iterable[str], advice: str) -> None:
        """Raises ``ValueError`` with ``advice`` if one of ``columns`` is not there."""
        missing = [column for column in columns if column not in self.columns]
        if missing:
            raise ValueError(f"{self.name} has no column {', '.join(missing)}; {advice}")

    def set(self, row: int, column: str, value: str) -> None:
        """Put ``value`` into a cell."""
        cells, place = self._records[row].cells, self.columns.index(column)
        cells += [""] * (place + 1 - len(cells))
        value = no_formula(value)
        if cells[place] != value:
            cells[place] = value
            self._changed.add(row)

    def text(self) -> str:
        """The whole table."""
        return self._mark + "".join(
            self._written(record) if number in self._changed else record.raw
            for number, record in enumerate(self._records)
        )

    def _written(self, record: _Record) -> str:
        text = io.StringIO(newline="")
        end = re.search(r"[\r\n]*\Z", record.raw)
        csv.writer(
            text, delimiter=self._separator, lineterminator=end.group() if end else "\n"
        ).writerow(record.cells)
        return text.getvalue()


def read_sheet(file: File) -> Sheet:
    """Read a table in CSV, separated by commas or semicolons, with or without a byte order mark.

    Raises ``ValueError`` for anything else.
    """
    body = file.text.removeprefix("\ufeff")
    mark = "\ufeff" if body != file.text else ""
    head = body.partition("\n")[0]
    separator = ";" if head.count(";") > head.count(",") else ","
    used: list[str] = []

    def lines() -> Iterator[str]:
        for line in io.StringIO(body, newline=""):
            used.append(line)
            yield line

    records = []
    try:
        for cells in csv.reader(lines(), delimiter=separator, strict=True):
            records.append(_Record(cells, "".join(used)))
            used.clear()
    except csv.Error as error:
        raise ValueError(f"{file.name} is no table in CSV ({error}); download it again") from None
    if not records or len(records[0].cells) < 2:
        raise ValueError(f"{file.name} is no table in CSV; download it again")
    return Sheet(file.name, mark, separator, records)
