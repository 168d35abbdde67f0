"""Tables for spreadsheets: CSV in which no text becomes a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from ..report import plain

__all__ = ["csv_text", "no_formula"]

_SIGNS = ("=", "+", "-", "@")
# A spreadsheet for East Asian languages reads the wide ones too.
_STARTS = (*_SIGNS, "\t", "\r", "\n", *(chr(ord(sign) - 0x20 + 0xFF00) for sign in _SIGNS))


def no_formula(value: Any) -> Any:
    """``value``; a text that a spreadsheet would take for a formula gets an apostrophe in front."""
    if isinstance(value, str) and (value.startswith(_STARTS) or value.lstrip().startswith(_SIGNS)):
        return f"'{value}"
    return value


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A table with a line of headings. Texts may come from anywhere: control characters are
    replaced, and none of them is a formula."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        # First the formula: what is taken out at the front must not leave one behind.
        safe = (plain(no_formula(v)) if isinstance(v, str) else v for v in row)
        writer.writerow([no_formula(v) for v in safe])
    return file.getvalue()
