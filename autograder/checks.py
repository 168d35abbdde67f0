"""The checks of an assignment: collected by pytest once, run on any number of submissions.

Collecting takes pytest as long as running dozens of checks, and gives the same each time. So the
collected items are kept for as long as the process lives (or the course), and handed to pytest's
own hooks again and again, as plugins do that rerun tests.
"""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Callable, Collection
from pathlib import Path

import pytest

from . import pytest_plugin, rooms
from .assignments import Assignment
from .pytest_plugin import Ledger
from .worker.host import Submission

__all__ = ["Checks", "SuiteError", "checks_of"]

_OPTIONS = (
    "--disable-plugin-autoload", "--capture=no", "--assert=plain", "-c", os.devnull,
    "--import-mode=importlib",
)  # fmt: skip

_UNUSED = (
    "cacheprovider", "terminal", "faulthandler", "logging", "junitxml", "doctest",
    # These collect garbage after every run, for longer than most checks take.
    "unraisableexception", "threadexception",
)  # fmt: skip


_ENDS = (KeyboardInterrupt, pytest.exit.Exception)
"""What pytest does not take for a matter of one test either."""


class SuiteError(Exception):
    """The suites themselves could not be run."""


def checks_of(assignment: Assignment, hidden: bool) -> Checks:
    """The checks in the suites of ``assignment``, with the hidden ones or without.

    Raises :class:`SuiteError` where there are none, or when pytest cannot collect them.
    """
    suites = [rooms.suite("public", assignment.name)]
    suites += [rooms.suite("hidden", assignment.name)] if hidden else []
    files = tuple(path for path in suites if path is not None)
    if not files:
        raise SuiteError(f"there is no suites/public/test_{assignment.name}.py")
    return _collected(assignment.name, files)


@rooms.kept
def _collected(name: str, files: tuple[Path, ...]) -> Checks:
    return Checks(name, files)


class Checks:
    """The checks in the suites ``files`` of the assignment ``name``."""

    def __init__(self, name: str, files: Collection[Path]) -> None:
        self._name = name
        self._items: list[pytest.Item] = []
        self._problem = ""
        options = [*_OPTIONS, f"--rootdir={rooms.PACKAGE.parent}"]
        for plugin in _UNUSED:
            options += ["-p", f"no:{plugin}"]
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            code = pytest.main([*options, *map(str, files)], plugins=[pytest_plugin, self])
        if self._problem or code != pytest.ExitCode.OK:
            raise self._error(self._problem or said.getvalue().strip() or f"pytest ended: {code}")

    def _error(self, detail: str) -> SuiteError:
        return SuiteError(f"the suite of {self._name} could not be run: {detail[-1500:]}")

    def run(
        self,
        submission: Submission,
        seed: int,
        tasks: Collection[str] | None = None,
        *,
        every: Collection[str] = (),
        without: Collection[str] = (),
    ) -> Ledger:
        """Run the checks on ``submission``; what each found.

        ``tasks``, ``every`` and ``without`` as for :func:`autograder.grading.run_suites`. Raises
        :class:`SuiteError`.
        """
        items = [
            item
            for item in self._items
            if (tasks is None or pytest_plugin.task_of(item) in tasks)
            and pytest_plugin.name_of(item) not in without
        ]
        if not items:
            return Ledger()
        self._problem = ""
        config = items[0].config
        ledger = pytest_plugin.begin(config, items, submission, seed, every)
        said = io.StringIO()
        try:
            with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
                # pytest takes down what the next item does not need, so it must be told the file of
                # the next one truly: the last of each file is run in any case.
                last = {item.path: item for item in items}
                for item, following in zip(items, [*items[1:], None], strict=True):
                    if last[item.path] is item or not pytest_plugin.settled(item):
                        self._run(item, following)
        except BaseException as error:
            # What a check had set up was not taken down: collect anew the next time.
            _collected.cache_clear()
            if isinstance(error, Exception):  # of pytest, or of a plugin: checks' own end there
                raise self._error(f"{type(error).__name__}: {error}") from error
            raise
        finally:
            pytest_plugin.end(config)
        if self._problem:
            raise self._error(self._problem)
        return ledger

    def _run(self, item: pytest.Item, following: pytest.Item | None) -> None:
        """Set up, run and take down one check, by pytest's hooks for each.

        Nobody reads pytest's reports of them, and making these takes it longer than most checks
        take. What a check finds is in the ledger when its hook has run; what fails before or after
        the check itself is ours, and is kept.
        """
        hook = item.config.hook
        if getattr(item, "_request", None) is False:  # as pytest's own runner does for another run
            item._initrequest()  # type: ignore[attr-defined]
        failure = _failure(lambda: hook.pytest_runtest_setup(item=item))
        self._note(item, failure)
        if failure is None:
            _failure(lambda: hook.pytest_runtest_call(item=item))
        self._note(
            item, _failure(lambda: hook.pytest_runtest_teardown(item=item, nextitem=following))
        )
        if hasattr(item, "_request"):
            item._request = False

    def _note(self, item: pytest.Item, failure: BaseException | None) -> None:
        """Keep what failed; the other checks are run all the same."""
        if failure is not None and not isinstance(failure, pytest.skip.Exception):
            self._problem = str(item.repr_failure(pytest.ExceptionInfo.from_exception(failure)))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        pytest_plugin.give(item)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._problem = report.longreprtext

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Keep what was collected, and run nothing yet."""
        self._items = session.items
        # It cannot be asked for anything once the session has ended, and we capture ourselves.
        session.config.pluginmanager.unregister(name="capturemanager")
        return True


def _failure(run: Callable[[], object]) -> BaseException | None:
    """What ``run`` raised, of any kind (``SystemExit``, say) but those that end all."""
    try:
        run()
    except _ENDS:
        raise
    except BaseException as error:
        return error
    return None
