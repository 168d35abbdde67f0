"""What the suites need from pytest, and how their outcome becomes verdicts and points.

A check is a test with the marker ``check(task, title=, weight=, needs=)``. ``task`` is one task's
name or several; the test runs once for each, with the fixture ``task`` telling which. ``needs``
names checks (without ``test_``) of the same task that must have passed before this one is tried.
A hidden check takes the place of a public one of the same name, where both are there.

Plain pytest works too: ``pytest --pyargs autograder.suites --submission notebook.ipynb``.
"""

from __future__ import annotations

import secrets
import time
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest

from . import vectors
from .language import say
from .notebook import UnreadableNotebook, read, recognise
from .report import (
    WAITING,
    CheckReport,
    Evidence,
    Finding,
    TaskReport,
    Verdict,
    plain,
    share_out,
)
from .runnable import runnable_cells
from .vectors import Case
from .worker.host import SandboxedSubmission, Submission, open_sandbox
from .worker.sandbox import LEVELS, SandboxError

__all__ = ["Ledger", "Stored"]

SUBMISSION = pytest.StashKey[Submission]()
LEDGER = pytest.StashKey["Ledger"]()
SEED = pytest.StashKey[int]()
EVERY = pytest.StashKey[Collection[str]]()
"""The tasks whose checks are tried all the same when they wait, for what they find alone."""


@dataclass(frozen=True)
class _Check:
    """What is known of a check before it runs."""

    key: str
    task: str
    name: str
    title: str
    weight: float
    needs: tuple[str, ...]
    hidden: bool


CHECK = pytest.StashKey[_Check | None]()
"""An item's check; None for what is none. Kept, because looking for markers is slow and items run
again and again."""

GIVEN = pytest.StashKey[tuple[str, ...]]()
"""The names of the fixtures that an item gets from :func:`give`."""


@dataclass
class _Entry:
    """A check and its verdict. ``alone`` and ``suspect`` are the verdict and the known mistake that
    it finds by itself, also where it had to wait for another check."""

    task: str
    name: str
    title: str
    weight: float
    hidden: bool
    verdict: Verdict = "not attempted"
    message: str = ""
    hint: str = ""
    mistake: str = ""
    yardsticks: float = 0.0
    credit: float = 0.0
    seconds: float = 0.0
    reason: str = ""
    evidence: Callable[[], Evidence] | None = None
    alone: Verdict = "not attempted"
    suspect: str = ""

    def finds(self, finding: Finding) -> None:
        """Take over why the check did not pass, or did with a remark."""
        self.credit = finding.credit
        self.verdict = finding.verdict
        self.message = plain(finding.brief if self.hidden else finding.message)
        self.reason = plain(_reason(finding, self.hidden))
        untried = finding.verdict == "not attempted"
        self.evidence = None if self.hidden or untried else finding.evidence
        self.hint, self.mistake = finding.hint, finding.mistake
        self.yardsticks = round(finding.yardsticks, 1)


@dataclass
class Ledger:
    """The verdicts of one run of the suites, as they come in; ``entries`` by file and name."""

    entries: dict[str, _Entry] = field(default_factory=dict)
    absent: dict[str, Finding] = field(default_factory=dict)
    """The tasks whose function is not there, with what a check said of it that called it."""

    def verdict(self, task: str, name: str) -> Verdict | None:
        """The verdict of the check ``name`` of ``task``, None if there is no such check."""
        for entry in self.entries.values():
            if entry.task == task and entry.name == name:
                return entry.verdict
        return None

    def tasks(self, points: Mapping[str, tuple[str, float]]) -> tuple[TaskReport, ...]:
        """Reports for the tasks in ``points``, which gives title and points of each.

        Every check is worth a share of its task's points in proportion to its weight.
        """
        reports = []
        # Whoever runs hidden checks keeps what comes of it, and shows it to others.
        public = not any(entry.hidden for entry in self.entries.values())
        for task, (title, maximum) in points.items():
            entries = [entry for entry in self.entries.values() if entry.task == task]
            shares = share_out(maximum, [entry.weight for entry in entries])
            checks = tuple(
                CheckReport(
                    name=entry.name,
                    title=entry.title,
                    verdict=entry.verdict,
                    hidden=entry.hidden,
                    points=round(share * entry.credit, 2),
                    max_points=share,
                    message=entry.message,
                    hint=entry.hint,
                    mistake=entry.mistake,
                    yardsticks=entry.yardsticks,
                    seconds=round(entry.seconds, 4),
                    reason=entry.reason,
                    evidence=entry.evidence() if public and entry.evidence else None,
                )
                for entry, share in zip(entries, shares, strict=True)
            )
            total = round(sum(check.points for check in checks), 2)
            reports.append(TaskReport(task, title, total, maximum, checks))
        return tuple(reports)


def _reason(finding: Finding, hidden: bool) -> str:
    """A finding in one sentence; of a hidden check only what names a known mistake."""
    if hidden:
        return finding.reason if finding.mistake else ""
    return (finding.reason or next(iter(finding.message.splitlines()), ""))[:400]


class Stored:
    """The stored vectors of one assignment, as the public checks use them."""

    def __init__(self, assignment: str) -> None:
        self._cases, _ = vectors.stored(assignment)

    def cases(self, operator: str, group: str) -> list[Case]:
        """The cases of ``operator`` whose label starts with ``group``. Never empty."""
        found = [
            case
            for case in self._cases
            if case.operator == operator and case.label.split(":")[0] == group
        ]
        if not found:
            raise LookupError(f"no stored case of {operator} in the group {group!r}")
        return found


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("autograder", "grading a notebook")
    group.addoption("--submission", metavar="NOTEBOOK", help="the notebook that suites grade")
    group.addoption(
        "--isolation",
        choices=LEVELS,
        default="landlock",
        help="the weakest sandbox to accept (default: %(default)s)",
    )
    group.addoption("--grading-seed", type=int, help="seed of the hidden checks' inputs")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "check(task, title, weight, needs): a check of a task (autograder)"
    )
    config.stash.setdefault(LEDGER, Ledger())
    seed = config.getoption("--grading-seed")
    config.stash.setdefault(SEED, secrets.randbits(63) if seed is None else seed)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    marker = metafunc.definition.get_closest_marker("check")
    if marker is not None and "task" in metafunc.fixturenames:
        tasks = [marker.args[0]] if isinstance(marker.args[0], str) else list(marker.args[0])
        metafunc.parametrize("task", tasks)


@pytest.hookimpl(trylast=True)  # a check that -k leaves out is not waited for
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    _keep_the_notebooks_own(config, items)
    _replace_public(config, items)
    # Hidden checks wait for public ones, and pytest goes by the names of folders.
    items.sort(key=lambda item: (check := _check(item)) is not None and check.hidden)
    _enter(config, items)


def begin(
    config: pytest.Config,
    items: Sequence[pytest.Item],
    submission: Submission,
    seed: int,
    every: Collection[str],
) -> Ledger:
    """Have ``items`` that were collected before run on ``submission`` next. See
    :meth:`autograder.checks.Checks.run`."""
    config.stash[SUBMISSION], config.stash[SEED] = submission, seed
    config.stash[EVERY] = every
    config.stash[LEDGER] = ledger = Ledger()
    _enter(config, items)
    return ledger


def settled(item: pytest.Item) -> bool:
    """Whether nothing is left to find out for a check: it waits for another, or the function of its
    task is not there. Its entry in the ledger then says so."""
    ledger = item.config.stash[LEDGER]
    check = _check(item)
    if check is None:
        return False
    entry = ledger.entries[check.key]
    waiting = _waiting(ledger, check)
    if waiting is not None and check.task not in item.config.stash.get(EVERY, ()):
        entry.finds(waiting)
        return True
    finding = ledger.absent.get(check.task)
    if finding is None:
        return False
    entry.finds(waiting or finding)
    entry.alone = finding.verdict
    return True


def end(config: pytest.Config) -> None:
    """Forget the submission, and what was found."""
    del config.stash[SUBMISSION]
    config.stash[LEDGER] = Ledger()


def task_of(item: pytest.Item) -> str:
    """The task that a check is about, '' for what is no check."""
    check = _check(item)
    return "" if check is None else check.task


def name_of(item: pytest.Item) -> str:
    """The name of a check: that of its function, without ``test_``."""
    return str(getattr(item, "originalname", item.name)).removeprefix("test_")


def _check(item: pytest.Item) -> _Check | None:
    """The check that ``item`` is, read from its marker once."""
    if CHECK not in item.stash:
        item.stash[CHECK] = _read_check(item)
    return item.stash[CHECK]


def _read_check(item: pytest.Item) -> _Check | None:
    marker = item.get_closest_marker("check")
    if marker is None:
        return None
    parameters = _parameters(item)
    needs = marker.kwargs.get("needs", ())
    return _Check(
        # pytest's own name for it leaves out the folder where that lies outside of the package's.
        key=f"{item.path}::{item.name}",
        task=str(parameters.get("task", marker.args[0])),
        name=name_of(item),
        title=marker.kwargs["title"],
        weight=marker.kwargs.get("weight", 1),
        needs=(needs,) if isinstance(needs, str) else tuple(needs),
        hidden=item.path.parent.name == "hidden",
    )


def _parameters(item: pytest.Item) -> Mapping[str, object]:
    """What ``item`` is parametrized by."""
    return item.callspec.params if hasattr(item, "callspec") else {}


def _enter(config: pytest.Config, items: Sequence[pytest.Item]) -> None:
    """Put the checks among ``items`` down in the ledger, as not attempted."""
    for check in filter(None, map(_check, items)):
        config.stash[LEDGER].entries[check.key] = _Entry(
            check.task, check.name, say(check.title), check.weight, check.hidden
        )


def _replace_public(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out public checks that a hidden one of the same task and name does better."""
    checks = [check for check in map(_check, items) if check is not None]
    hidden = {(check.task, check.name) for check in checks if check.hidden}
    replaced = {c.key for c in checks if not c.hidden and (c.task, c.name) in hidden}
    _deselect(config, items, lambda check, _: check.key in replaced)


def _deselect(
    config: pytest.Config,
    items: list[pytest.Item],
    unwanted: Callable[[_Check, pytest.Item], bool],
) -> None:
    """Leave out the checks among ``items`` that are ``unwanted``."""
    out = {item for item in items if (check := _check(item)) and unwanted(check, item)}
    if out:
        config.hook.pytest_deselected(items=[item for item in items if item in out])
        items[:] = [item for item in items if item not in out]


def _keep_the_notebooks_own(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the checks of other assignments than that of the notebook on the command line."""
    path = config.getoption("--submission")
    if path is None:
        return
    try:
        file = f"test_{recognise(read(path)).name}.py"
    except UnreadableNotebook:
        return  # the fixture says what is wrong with it
    _deselect(config, items, lambda _, item: item.path.name != file)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Run a check and write its verdict down; the outcome for pytest stays as it is."""
    check, ledger = _check(item), item.config.stash[LEDGER]
    entry = None if check is None else ledger.entries.get(check.key)
    if check is None or entry is None:
        return (yield)
    started = time.perf_counter()
    waiting = _waiting(ledger, check)
    if waiting is not None:
        entry.finds(waiting)
        if entry.task not in item.config.stash.get(EVERY, ()):
            raise waiting
    try:
        result = yield
    except Finding as finding:
        entry.alone, entry.suspect = finding.verdict, finding.mistake
        if finding.absent == entry.task:
            ledger.absent.setdefault(entry.task, finding)
        if waiting is None:
            entry.finds(finding)
        if finding.verdict == "passed":
            return None
        raise
    except BaseException as error:
        entry.alone = entry.verdict = "error"
        entry.message = f"the grader failed: {type(error).__name__}: {error}"[:500]
        raise
    else:
        entry.alone = "passed"
        if waiting is None:
            entry.verdict, entry.credit = "passed", 1.0
        return result
    finally:
        entry.seconds = time.perf_counter() - started


def _waiting(ledger: Ledger, check: _Check) -> Finding | None:
    """Why the check is not tried yet, None if it may be."""
    for name in check.needs:
        verdict = ledger.verdict(check.task, name)
        if verdict is not None and verdict != "passed":
            title = next(e.title for e in ledger.entries.values() if e.name == name)
            # The cause is told once, by the check that found it.
            text = say("“{title}” must pass first.", title=title)
            return Finding(f"{say(WAITING)}: {text}", verdict="not attempted")
    return None


@pytest.fixture(scope="session")
def submission(request: pytest.FixtureRequest) -> Iterator[Submission]:
    """The submission that is graded."""
    given = request.config.stash.get(SUBMISSION, None)
    if given is not None:
        yield given
        return
    path = request.config.getoption("--submission")
    if path is None:
        pytest.fail("say which notebook to grade: --submission NOTEBOOK", pytrace=False)
    try:
        notebook = read(path)
        cells = runnable_cells(notebook, recognise(notebook))
        with (
            open_sandbox(request.config.getoption("--isolation")) as box,
            SandboxedSubmission(box, [entry.cell for entry in cells]) as boxed,
        ):
            boxed.run()
            yield boxed
    except (UnreadableNotebook, SandboxError) as error:
        pytest.fail(f"{path}: {error}", pytrace=False)


@pytest.fixture
def task() -> str:
    """The task that a check is about; replaced for each task of the marker."""
    raise LookupError("this test has no check marker")


@pytest.fixture
def stored(request: pytest.FixtureRequest) -> Stored:
    """The stored vectors of the assignment that the test's file is named for."""
    return _stored(request.node)


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> np.random.Generator:
    """Random values for a check, from the run's seed and the check's name."""
    return _rng(request.node)


@pytest.fixture
def shapes(request: pytest.FixtureRequest) -> np.random.Generator:
    """Random shapes and settings for a check: the same in every run, so that no seed is harder."""
    return _shapes(request.node)


def _stored(item: pytest.Item) -> Stored:
    return Stored(item.path.stem.removeprefix("test_"))


def _rng(item: pytest.Item) -> np.random.Generator:
    name = zlib.crc32(item.name.encode())
    return np.random.default_rng([item.config.stash[SEED], name])


def _shapes(item: pytest.Item) -> np.random.Generator:
    return np.random.default_rng(zlib.crc32(item.name.encode()))


_VALUES: dict[str, Callable[[pytest.Item], object]] = {
    "submission": lambda item: item.config.stash[SUBMISSION],
    "task": task_of,
    "stored": _stored,
    "rng": _rng,
    "shapes": _shapes,
}


def give(item: pytest.Item) -> None:
    """Give a check the values of our fixtures. pytest asks only for those it does not find, and
    asking takes it as long as many a check; without this it would get the same ones."""
    if GIVEN not in item.stash:
        item.stash[GIVEN] = _given(item)
    for name in item.stash[GIVEN]:
        item.funcargs[name] = _VALUES[name](item)  # type: ignore[attr-defined]


def _given(item: pytest.Item) -> tuple[str, ...]:
    """The fixtures of ours that ``item`` asks for. A suite may have one of its own by such a
    name; then there are two, or it is a parameter."""
    if _check(item) is None or not isinstance(item, pytest.Function):
        return ()
    known = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", {})
    parameters = _parameters(item)
    return tuple(
        name
        for name in item.fixturenames
        if name in _VALUES
        and len(known.get(name, ())) == 1
        and (name == "task" or name not in parameters)
    )
