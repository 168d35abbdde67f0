"""The result of an audit as a page: the counts by task, and which check notices which mistake."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from .handins import HandIn
from .tally import Share, Tally, named
from .trials import Trial

__all__ = ["COLUMNS", "MEANING", "markdown", "page", "totals"]

_STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem;
       color: CanvasText; background: Canvas; color-scheme: light dark; }
table { border-collapse: collapse; margin: .6rem 0 1.4rem; }
th, td { padding: .1rem .5rem; border-bottom: 1px solid color-mix(in srgb, CanvasText 18%, Canvas);
         text-align: left; vertical-align: bottom; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
th.check { writing-mode: vertical-rl; font-weight: normal; padding: .5rem .1rem; }
td.x { text-align: center; padding: 0 .15rem; }
td.x b { display: block; width: 1.1em; background: color-mix(in srgb, CanvasText 75%, Canvas);
         color: Canvas; font-weight: normal; }
.idle { text-decoration: line-through; opacity: .6; }
details { margin: .3rem 0; } summary { cursor: pointer; padding: .15rem 0; }
"""

COLUMNS = (
    ("caught", "caught"),
    ("named", "named"),
    ("fresh", "fresh"),
    ("specimens", "specimens"),
    ("recognised", "recognised"),
    ("failed", "false fails"),
    ("slow", "slow"),
)
"""The counts of a :class:`Tally` and their headings, for every table of an audit."""

MEANING = {
    "caught": "known mistakes that lost points in the task that they break",
    "named": "of these, how many the report names",
    "fresh": "named by hidden checks alone, whose numbers are new in every run",
    "specimens": "wrong code written apart from the known mistakes, caught",
    "recognised": "of these, how many the report names",
    "false fails": "right answers that lost a point: each is a fault of the grader",
    "slow": "slow code that lost points for being slow, and for nothing else",
}
"""What the headings mean."""


def totals(counts: Mapping[str, Tally]) -> list[Share]:
    """The sums over all tasks, in the order of :data:`COLUMNS`."""
    return [sum((getattr(c, name) for c in counts.values()), Share()) for name, _ in COLUMNS]


def markdown(
    counts: Mapping[str, Tally], problems: Sequence[str], facts: Mapping[str, str], command: str
) -> str:
    """The counts as a page in Markdown, which says by which ``command`` it was made."""
    said = ", ".join(f"{name} {value}" for name, value in facts.items())
    rows = [
        ["task", *(heading for _, heading in COLUMNS)],
        ["---"] + ["---:"] * len(COLUMNS),
        *(
            [f"`{count.task}`", *(str(getattr(count, name)) for name, _ in COLUMNS)]
            for count in counts.values()
            if count.only
        ),
        ["**all**", *(f"**{share}**" for share in totals(counts))],
    ]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    wrong = "\n".join(f"- {problem}" for problem in problems) or "Nothing was wrong."
    return f"""# Last audit

Written by `{command}`: {said}.

{table}

{wrong}
"""


def page(
    counts: Mapping[str, Tally],
    trials: Sequence[Trial],
    problems: Sequence[str],
    facts: Mapping[str, str],
) -> str:
    """An HTML page without script and without outside requests.

    ``facts`` are shown below the heading: when, with which seeds, how long.
    """
    said = " · ".join(f"{escape(name)} {escape(value)}" for name, value in facts.items())
    wrong = "".join(f"<li>{escape(problem)}</li>" for problem in problems)
    rows = "".join(_row(count) for count in counts.values() if count.only)
    heads = "".join(f'<th class="n">{escape(text)}</th>' for _, text in COLUMNS)
    meaning = "".join(
        f"<dt><strong>{escape(name)}</strong></dt><dd>{escape(text)}</dd>"
        for name, text in MEANING.items()
    )
    details = "".join(_matrix(count, trials) for count in counts.values())
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Audit of the grader</title>
<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body>
<h1>How right the grader is</h1>
<p>{said}</p>
{f"<h2>What is wrong</h2><ul>{wrong}</ul>" if wrong else "<p>Nothing is wrong.</p>"}
<h2>By task</h2>
<table><thead><tr><th>task</th>{heads}</tr></thead><tbody>{rows}</tbody></table>
<dl>{meaning}</dl>
<h2>Which check notices what</h2>
<p>A row is a wrong or slow hand-in, a column a check, tried for itself; a filled cell with × is a
check that does not pass. A check struck through notices nothing that no other one does. The last
column says which known mistake the report names: = is the right one, – none.</p>
{details}
</body></html>
"""


def _row(count: Tally) -> str:
    cells = "".join(f'<td class="n">{getattr(count, name)}</td>' for name, _ in COLUMNS)
    return f"<tr><td>{escape(count.task)}</td>{cells}</tr>"


def _matrix(count: Tally, trials: Sequence[Trial]) -> str:
    checks = list(count.only)
    seen: dict[HandIn, Trial] = {}
    for trial in trials:
        if trial.hand_in.task == count.task and trial.hand_in.kind != "variant":
            seen.setdefault(trial.hand_in, trial)
    if not seen:
        return ""
    idle = set(count.idle)
    heads = "".join(
        f'<th class="check{" idle" if name in idle else ""}">{escape(name)}</th>' for name in checks
    )
    rows = []
    for hand_in, trial in seen.items():
        alone = {c.name: c.alone for c in trial.checks if c.task == count.task}
        cells = "".join(
            '<td class="x"></td>'
            if alone.get(name) == "passed"
            else '<td class="x"><b title="does not pass">×</b></td>'
            for name in checks
        )
        found = named(trial)
        says = "=" if found == hand_in.mistake else found.partition(".")[2] or "–"
        if not hand_in.mistake:
            says = ""
        rows.append(
            f"<tr><td>{escape(hand_in.name)}</td><td>{hand_in.kind}</td>{cells}"
            f"<td>{escape(says)}</td></tr>"
        )
    return (
        f"<details><summary>{escape(count.task)}, {len(seen)} hand-ins</summary>"
        f"<table><thead><tr><th>hand-in</th><th>kind</th>{heads}<th>named</th></tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table></details>"
    )
