"""Grades an attack as the kit does, and says in words what it achieved: nothing, if all holds."""

from __future__ import annotations

import contextlib
import html.parser
import json
import re
import secrets
import signal
import time
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any

from autograder import grading
from autograder.assignments import all_assignments
from autograder.exports.html import report_html
from autograder.exports.text import report_text
from autograder.report import Report
from autograder.worker.host import (
    Cell,
    Limits,
    Sandbox,
    SandboxedSubmission,
    _Worker,
    open_sandbox,
)
from autograder.worker.sandbox import Level

from .attack import MARK, Attack, cell, cells_of, notebook, write
from .baselines import BASELINES, HONEST
from .surroundings import KIT, Surroundings

__all__ = ["Arena", "TooLong", "Trial"]

LIMITS = {"cell": 1.0, "call": 0.5, "patience": 2.0, "total": 6.0, "deaths": 2, "deadly_cells": 2}
"""Fields of ``Limits`` for attacks: they would use up whatever they get."""

OURS = 5.0
"""Seconds of CPU time that the grader itself may work on one attack, on a fast machine."""

HONEST_WORK = "conv1x1_forward"
OURS_IN_HONEST = 20
"""On a slow one: how many times what it works on an honest notebook with one task."""

PATIENCE = 90
"""Seconds after which the trial of an attack is given up, so that nothing can hold up the tests."""

MOST_TEXT = 1 << 20
"""Bytes that a report may have."""

STUMBLES = re.compile(r"^(NameError|SyntaxError|IndentationError|AttributeError|TypeError)\b")


class TooLong(BaseException):
    """The trial was given up. Nothing that handles errors of a submission may catch it."""


@dataclass(frozen=True)
class Trial:
    """What grading one attack gave: the report, outputs of cells, CPU seconds, workers started."""

    report: Report
    outputs: tuple[str, ...]
    ours: float
    theirs: float
    workers: int

    @cached_property
    def pages(self) -> Mapping[str, str]:
        """The report in every form, and the outputs."""
        return {
            "JSON": self.report.to_json(),
            "HTML": report_html(self.report),
            "text": report_text(self.report),
            "outputs": "\n".join(self.outputs),
        }

    @property
    def passed(self) -> frozenset[tuple[str, str]]:
        """The checks that passed, as task and check."""
        return frozenset(
            (task.task, check.name)
            for task in self.report.tasks
            for check in task.checks
            if check.verdict == "passed"
        )


class _Counting:
    """Counts the workers of a sandbox while it is installed."""

    def __init__(self, box: Sandbox) -> None:
        self._box, self._spawn = box, box.spawn
        self.workers: list[_Worker] = []

    def __enter__(self) -> _Counting:
        def spawn(seed: int = 0) -> _Worker:
            worker = self._spawn(seed)
            self.workers.append(worker)
            return worker

        self._box.spawn = spawn  # type: ignore[method-assign]
        return self

    def __exit__(self, *_: object) -> None:
        del self._box.spawn  # type: ignore[method-assign]


@contextlib.contextmanager
def _given_up_after(seconds: int) -> Iterator[None]:
    def stop(*_: object) -> None:
        raise TooLong(f"given up after {seconds} seconds")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@dataclass
class Arena:
    """A sandbox with the surroundings in which attacks are tried, one after another.

    ``neighbour`` is another submission that is graded meanwhile, with a secret in its folder. An
    attack that achieved something costs the sandbox: the next one gets a fresh one.
    """

    level: Level
    surroundings: Surroundings
    seed: int = field(default_factory=lambda: secrets.randbits(62) | 1 << 62)
    neighbour: SandboxedSubmission | None = None
    _baselines: dict[str, Trial] = field(default_factory=dict)
    _count: int = 0
    _before: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        self.box = open_sandbox(self.level, self.level)

    def close(self) -> None:
        self._leave()
        self.surroundings.close()

    def _leave(self) -> None:
        """End the sandbox, in whatever state it is."""
        for ending in (self.neighbour, self.box):
            if ending is not None:
                with contextlib.suppress(Exception):
                    ending.close()
        self.neighbour = None

    def _renew(self) -> None:
        self._leave()
        self.box = open_sandbox(self.level, self.level)
        self._before = None

    def _settle(self) -> None:
        """Have a neighbour that is alive, and the worker that measures yardsticks."""
        if self.neighbour is None:
            source = f"open('neighbour.txt', 'w').write({self.surroundings.secret!r})"
            self.neighbour = SandboxedSubmission(self.box, [Cell("cell 1", source)])
            self.neighbour.run()
        worker = self.neighbour._worker
        if worker is None or not _is_running(worker.pid) or self.box._control is None:
            self.neighbour.close()
            self.neighbour = None
            self._settle()
        self.box.companion()

    def _folder(self) -> Path:
        self._count += 1
        folder = self.surroundings.root / f"attack{self._count}"
        folder.mkdir()
        return folder

    def build(self, attack: Attack) -> Path:
        """Write the submission of ``attack``; the file to grade."""
        folder, facts = self._folder(), self.surroundings.facts()
        if not isinstance(attack.source, str):
            return attack.source(folder, facts)
        cells = cells_of(attack.source, facts, BASELINES.get(attack.beside, ()))
        return write(folder, notebook([cell(source) for source in cells]))

    def grade(self, path: Path, limits: Limits) -> Trial:
        """Grade the file at ``path`` with ``autograder.grading.grade``, and look on."""
        outputs: list[str] = []
        real = grading.grade_notebook

        def looked_on(*arguments: Any, **more: Any) -> Any:
            report, results = real(*arguments, **more)
            outputs.extend(result.output for result in results.values())
            outputs.extend(repr(result.figures)[:10_000] for result in results.values())
            return report, results

        grading.grade_notebook = looked_on
        started = time.process_time()
        try:
            with _given_up_after(PATIENCE), _Counting(self.box) as counting:
                report = grading.grade(path, box=self.box, limits=limits, seed=self.seed)
        finally:
            grading.grade_notebook = real
        ours = time.process_time() - started
        workers = counting.workers
        return Trial(report, tuple(outputs), ours, sum(w._spent for w in workers), len(workers))

    def baseline(self, name: str) -> Trial:
        """What the honest work beside an attack is worth without it."""
        if name not in self._baselines:
            cells = cells_of("", self.surroundings.facts(), BASELINES[name])
            path = write(self._folder(), notebook([cell(source) for source in cells]))
            self._baselines[name] = self.grade(path, Limits())
        return self._baselines[name]

    def warm_up(self) -> None:
        """Grade once, so that everything is loaded and written that grading loads and writes."""
        self.surroundings.facts()
        self.grade(self.build(Attack("", "", "raise ValueError")), _limits(()))
        assert self.honest() == []

    def honest(self) -> list[str]:
        """Grade the honest submission; what it lost, in words."""
        assignment = next(a for a in all_assignments() if a.name == "convolution")
        cells = [Cell(f"cell {n}", source) for n, source in enumerate(HONEST, 1)]
        solved = {"same_padding", "conv1x1_forward"}
        with SandboxedSubmission(self.box, cells) as submission:
            ledger = grading.run_suites(submission, assignment, True, self.seed, solved)
        reports = ledger.tasks(
            {t.task: (t.title, t.points) for t in assignment.tasks if t.task in solved}
        )
        lost = [
            f"the honest submission after it lost {task.task}, {check.name}: {check.message}"
            for task in reports
            for check in task.checks
            if check.verdict != "passed"
        ]
        return lost + (
            [] if len(reports) == len(solved) else ["the honest submission has no tasks"]
        )

    def try_out(self, attack: Attack) -> list[str]:
        """Grade ``attack`` and an honest submission after it; what it achieved, in words."""
        try:
            achieved = self._try_out(attack)
        except (Exception, TooLong) as error:
            achieved = [f"after it, nothing could be graded: {type(error).__name__}: {error}"]
        if achieved:
            self._renew()
        return achieved

    def _try_out(self, attack: Attack) -> list[str]:
        baseline = self.baseline(attack.beside) if attack.beside else None
        self._settle()
        path = self.build(attack)
        # As it was left the last time: taking it costs as much as grading.
        before = self._before or self.surroundings.snapshot(self.box)
        limits = _limits(attack.own_limits)
        achieved = []
        try:
            trial = self.grade(path, limits)
        except (Exception, TooLong) as error:
            achieved = [f"grading it raised {type(error).__name__}: {str(error)[:300]}"]
        else:
            achieved = self._achieved(attack, trial, baseline, limits)
        if attack.then:
            achieved += self._afterwards(attack.then)
        self._settle()
        after = self._before = self.surroundings.snapshot(self.box)
        achieved += [
            f"it changed {what}: {_difference(before[what], after[what])}"
            for what in before
            if _has_changed(what, before[what], after[what])
        ]
        return achieved + self.honest()

    def _achieved(
        self, attack: Attack, trial: Trial, baseline: Trial | None, limits: Limits
    ) -> list[str]:
        report = trial.report
        found = []
        if report.status != attack.status:
            found.append(f"the report says {report.status!r}: {report.message[:300]}")
        if report.isolation not in ("", self.level):
            found.append(f"it was graded at level {report.isolation}")
        before = baseline.passed if baseline is not None else frozenset()
        gained = {
            f"{task}, {name}" for task, name in trial.passed - before if name not in attack.may_pass
        }
        if gained:
            found.append(f"it passed {sorted(gained)} and has {report.points} points")
        elif not attack.may_pass and report.points > (baseline.report.points if baseline else 0.0):
            found.append(f"it has {report.points} points")
        found += _told(trial, [self.surroundings.secret, str(self.seed)])
        found += _shown(trial)
        if trial.ours > max(OURS, OURS_IN_HONEST * self.baseline(HONEST_WORK).ours):
            found.append(f"it kept the grader busy for {trial.ours:.1f} seconds of CPU time")
        allowed = limits.total + 2 * limits.cell + 2.0
        if trial.theirs > allowed:
            found.append(
                f"its workers had {trial.theirs:.1f} seconds of CPU time, not {allowed:.1f}"
            )
        most = limits.deaths + limits.deadly_cells + 3
        if trial.workers > most:
            found.append(f"it had {trial.workers} workers, more than {most}")
        if not attack.stumbles:
            found += [
                f"its own code is wrong: {note.cell}: {note.message[:300]}"
                for note in report.cells
                if STUMBLES.match(note.message)
            ]
        return found

    def _afterwards(self, source: str) -> list[str]:
        cells = cells_of(source, self.surroundings.facts())
        path = write(self._folder(), notebook([cell(text) for text in cells]))
        trial = self.grade(path, _limits(()))
        found = _told(trial, [self.surroundings.secret])
        if trial.report.status != "graded":
            found.append(f"the report says {trial.report.status!r}: {trial.report.message[:300]}")
        return [f"the next submission: {text}" for text in found]


def _has_changed(what: str, before: Any, after: Any) -> bool:
    # One that was open for a while and is closed again is no leak.
    return bool(after > before if what == "the grader's descriptors" else after != before)


def _is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def _limits(own: tuple[tuple[str, float], ...]) -> Limits:
    known = {entry.name: entry.type for entry in fields(Limits)}
    values = {**LIMITS, **dict(own)}
    return Limits(**{k: int(v) if known[k] == "int" else v for k, v in values.items()})  # type: ignore[arg-type]


def _difference(before: Any, after: Any) -> str:
    if isinstance(before, Mapping):
        items = [f"{k} added" for k in after.keys() - before.keys()]
        items += [f"{k} removed" for k in before.keys() - after.keys()]
        items += [
            f"{k}: {before[k]} → {after[k]}"
            for k in before.keys() & after.keys()
            if before[k] != after[k]
        ]
        return "; ".join(items)[:600]
    return f"{before} → {after}"[:600]


def _oracle_lines() -> frozenset[str]:
    """Lines of the reference, the known mistakes and the hidden checks that nobody else writes."""
    files = [
        *KIT.glob("reference/*.py"),
        *KIT.glob("suites/hidden/*.py"),
        KIT / "mistakes/catalogue.py",
    ]
    lines = {line.strip() for file in files for line in file.read_text().splitlines()}
    return frozenset(
        line for line in lines if len(line) > 45 and not line.startswith(('"', "from "))
    )


ORACLE = _oracle_lines()


def _told(trial: Trial, hidden: list[str]) -> list[str]:
    """What can be read in the report or in an output that must not."""
    found = []
    for form, text in trial.pages.items():
        place = text.find(MARK)
        if place >= 0:
            found.append(f"in the {form}: {text[place : place + 300]!r}")
        found += [f"the {form} holds a secret" for secret in hidden if secret in text]
        found += [
            f"the {form} holds a line of the oracle: {line}" for line in ORACLE if line in text
        ][:1]
    return found


class _Active(html.parser.HTMLParser):
    """Collects everything in a page that is more than marked-up text."""

    ALLOWED = frozenset(
        ["details", "summary", "div", "span", "strong", "em", "ul", "li", "pre", "p", "code"]
    )

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.ALLOWED:
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            if name not in ("style", "class") or re.search(r"url|expression|@|\\", value or ""):
                self.found.append(f"{name}={value!r}")

    handle_startendtag = handle_starttag

    def handle_comment(self, data: str) -> None:
        self.found.append(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self.found.append(f"<!{decl}>")

    unknown_decl = handle_pi = handle_decl


def _acts(character: str) -> bool:
    """Whether a character does something in a terminal or turns the direction of text."""
    if character in "\n\t":
        return False
    control = unicodedata.category(character) in ("Cc", "Cs")
    return control or unicodedata.bidirectional(character) in _DIRECTIONS


_DIRECTIONS = frozenset(["LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"])


def _shown(trial: Trial) -> list[str]:
    """What in the report would act on its reader: in a browser, in a terminal, in a file."""
    found = []
    parser = _Active()
    parser.feed(trial.pages["HTML"])
    parser.close()
    if parser.found:
        found.append(f"the HTML is more than text: {parser.found[:3]}")
    for form in ("HTML", "text"):
        odd = {c for c in trial.pages[form] if _acts(c)}
        if odd:
            found.append(f"the {form} holds {sorted(map(ascii, odd))[:8]}")
    try:
        data = trial.pages["JSON"].encode()
        if Report.from_json(data.decode()) != trial.report:
            found.append("the report is another one when it is read again")
        if len(data) > MOST_TEXT:
            found.append(f"the report has {len(data)} bytes")
    except ValueError as error:
        found.append(f"the report cannot be written: {str(error)[:200]}")
    if len(json.dumps(trial.outputs)) > MOST_TEXT * 4:
        found.append("the outputs are not bounded")
    return found
