"""What a public check shows of a failure, as HTML and as plain text.

Nothing is told by colour alone: a wrong number has ``≠`` in front, and the picture of where the
errors sit is made of digits. So both survive a page that strips styles. The only colour is half
transparent, over the page's own, light or dark.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from html import escape

from ..language import say, term
from ..report import Comparison, Evidence, Plane

__all__ = ["evidence_html", "evidence_text"]

TRY = term("The same call, to copy into a cell")
EXPECTED, GOT = term("expected"), term("got")

_CELL = "text-align:right;padding:1px 8px;white-space:nowrap"
_HEAD = f"{_CELL};font-weight:normal;font-style:italic"
_TABLE = "border-collapse:collapse;table-layout:auto;width:auto;margin:2px 0 6px 0"
_SIDE_BY_SIDE = "display:flex;flex-wrap:wrap;gap:4px 28px;align-items:flex-start"
_HEAT = "217,95,2"


def evidence_html(shown: Evidence) -> str:
    """Expected beside got and where the errors sit, then the call in a fold of its own."""
    parts = []
    for part in shown.compared:
        parts.append(_numbers_html(part) if part.at else _words_html(part))
        if part.planes:
            parts.append(_picture_html(part))
    if shown.call:
        parts.append(
            f'<details style="margin:2px 0"><summary>{escape(say(TRY))}</summary><pre tabindex="0" '
            f'style="margin:4px 0 4px 20px;overflow-x:auto"><code>{escape(shown.call)}</code></pre>'
            "</details>"
        )
    return "".join(parts)


def _words_html(part: Comparison) -> str:
    rows = "".join(
        f'<tr><th scope="row" style="{_HEAD}">{escape(say(title))}'
        f"{f' ({escape(kind)})' if kind else ''}</th>"
        f'<td style="text-align:left;padding:1px 8px">{mark}{escape(rows[0][0])}</td></tr>'
        for title, kind, rows, mark in (
            (EXPECTED, part.expected_kind, part.expected, ""),
            (GOT, part.got_kind, part.got, "≠ "),
        )
    )
    caption = f'<caption style="text-align:left">{escape(part.name)}</caption>'
    return f'<table style="{_TABLE}">{caption}<tbody>{rows}</tbody></table>'


def _numbers_html(part: Comparison) -> str:
    tables = _table_html(part, EXPECTED, part.expected, part.expected_kind, ())
    tables += _table_html(part, GOT, part.got, part.got_kind, part.differs)
    return f'<div style="{_SIDE_BY_SIDE}">{tables}</div>'


def _table_html(
    part: Comparison, title: str, rows: Sequence[Sequence[str]], kind: str, differs: Sequence[str]
) -> str:
    columns = len(rows[0]) if rows else 0
    head = "".join(
        f'<th scope="col" style="{_HEAD}">{part.column + j}</th>' for j in range(columns)
    )
    body = ""
    for i, row in enumerate(rows):
        cells = ""
        for j, text in enumerate(row):
            wrong = bool(differs) and differs[i][j] == "x"
            number = escape(text)
            cells += (
                f'<td style="{_CELL};border:1px solid"><strong>≠ {number}</strong></td>'
                if wrong
                else f'<td style="{_CELL};border:1px solid transparent">{number}</td>'
            )
        body += f'<tr><th scope="row" style="{_HEAD}">{part.row + i}</th>{cells}</tr>'
    caption = f"<strong>{escape(say(title))}</strong> {escape(part.at)} ({escape(kind)})"
    return (
        f'<table style="{_TABLE}"><caption style="text-align:left">{caption}</caption>'
        f"<thead><tr><td></td>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def _picture_html(part: Comparison) -> str:
    planes = "".join(
        f"<div><div>{escape(plane.at)}</div>"
        f'<table role="img" aria-label="{escape(_alt(plane, part.step))}" '
        f'style="border-collapse:collapse;table-layout:auto;width:auto;margin:2px 0 6px 0;'
        f'border:1px solid"><tbody>{_heat(plane)}</tbody></table></div>'
        for plane in part.planes
    )
    return f'<div>{escape(_legend(part))}</div><div style="{_SIDE_BY_SIDE}">{planes}</div>'


def _heat(plane: Plane) -> str:
    rows = ""
    for line in plane.levels:
        cells = ""
        for level in line:
            share = 0.5 if level == "!" else 0.05 * int(level)
            fill = f";background-color:rgba({_HEAT},{share:.2f})" if share else ""
            cells += (
                '<td style="padding:0;width:1.4em;height:1.4em;line-height:1.4em;text-align:center'
                f'{fill}">{"·" if level == "0" else level}</td>'
            )
        rows += f"<tr>{cells}</tr>"
    return rows


def _alt(plane: Plane, step: int) -> str:
    """A picture of errors in words."""
    wrong = [(i, j) for i, line in enumerate(plane.levels) for j, c in enumerate(line) if c != "0"]
    places = sum(map(len, plane.levels))
    if not wrong:
        return say("{at} is right everywhere", at=plane.at)
    rows, columns = ({place[axis] for place in wrong} for axis in (0, 1))
    found = {
        "at": plane.at,
        "count": len(wrong),
        "places": places,
        "rows": _range(rows, step),
        "columns": _range(columns, step),
    }
    if step == 1:
        return say(
            "{at} is wrong in {count} of {places} places: rows {rows}, columns {columns}", **found
        )
    return say(
        "{at} is wrong in {count} of {places} squares of {step} by {step}: "
        "rows {rows}, columns {columns}",
        **found,
        step=step,
    )


def _range(indices: set[int], step: int) -> str:
    first, last = min(indices) * step, max(indices) * step + step - 1
    if len(indices) == (last - first + 1) // step:
        return say("{first} to {last}", first=first, last=last) if first != last else str(first)
    return ", ".join(str(i * step) for i in sorted(indices))


def _legend(part: Comparison) -> str:
    where = say("Where {name} is wrong", name=part.name)
    if part.more:
        where += f" ({say('{count} more are not drawn', count=part.more)})"
    signs = [say("A dot is right; 1 to 9 is the size of the error beside the largest one")]
    if any("!" in line for p in part.planes for line in p.levels):
        signs.append(say("and ! is no finite number"))
    if part.step > 1:
        signs.append(say("the worst of {step}×{step} values", step=part.step))
    return f"{where}. {', '.join(signs)}:"


def evidence_text(shown: Evidence, width: int = 96) -> str:
    """The same as plain text, no wider than ``width`` where that is possible.

    What is told in words is left out: the check's message says it.
    """
    parts = []
    for part in shown.compared:
        if part.at:
            parts.append(_numbers_text(part, width))
        if part.planes:
            parts.append(_picture_text(part, width))
    if shown.call:
        parts.append(f"{say(TRY)}:\n{textwrap.indent(shown.call, '    ')}")
    return "\n".join(parts)


def _numbers_text(part: Comparison, width: int) -> str:
    blocks = []
    for title, kind, rows, differs in (
        (EXPECTED, part.expected_kind, part.expected, ()),
        (GOT, part.got_kind, part.got, part.differs),
    ):
        table = [["", *(str(part.column + j) for j in range(len(rows[0]) if rows else 0))]]
        for i, row in enumerate(rows):
            marks = ["≠" if differs and differs[i][j] == "x" else "" for j in range(len(row))]
            table.append([str(part.row + i), *(m + t for m, t in zip(marks, row, strict=True))])
        blocks.append([f"{say(title)} {part.at}", f"({kind})", *_aligned(table)])
    return _beside(blocks, width)


def _aligned(table: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[j]) for row in table) for j in range(len(table[0]))]
    return [
        "  ".join(text.rjust(width) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in table
    ]


def _beside(blocks: Sequence[Sequence[str]], width: int) -> str:
    """Blocks of lines side by side, as many as fit, indented."""
    lines: list[str] = []
    room: list[Sequence[str]] = []

    def flush() -> None:
        widths = [max(map(len, block)) for block in room]
        for i in range(max((len(block) for block in room), default=0)):
            row = [b[i] if i < len(b) else "" for b in room]
            text = "    ".join(t.ljust(w) for t, w in zip(row, widths, strict=True))
            lines.append(f"    {text.rstrip()}")
        room.clear()

    for block in blocks:
        taken = sum(max(map(len, b)) + 4 for b in (*room, block))
        if room and taken > width:
            flush()
        room.append(block)
    flush()
    return "\n".join(lines)


def _picture_text(part: Comparison, width: int) -> str:
    blocks = [
        [plane.at, *(" ".join(line.replace("0", "·")) for line in plane.levels)]
        for plane in part.planes
    ]
    return f"{_legend(part)}\n{_beside(blocks, width)}"
