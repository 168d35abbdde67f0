"""How tasks are called, said once for each task and used by its public and its hidden checks.

An operator is called with all its arguments and gives all its results. A task may be called
otherwise: a forward pass returns a cache besides, a backward pass takes one, batch norm writes into
a dictionary. A :class:`Call` says how, and a :class:`Protocol` does it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from ..assertions import values
from ..report import WAITING, Finding
from ..vectors import Case, Lesson
from ..worker.host import Submission
from ..worker.wire import Handle, Trusted

__all__ = ["Call", "Protocol"]


@dataclass(frozen=True)
class Call:
    """How one task is called.

    ``operator`` names what it implements, and ``results`` names what that gives, for messages.
    ``cache="returned"`` marks a forward pass: the task returns ``(out, cache)``. ``forward`` marks
    a backward pass and names the task of its forward pass. It gets the prescribed cache, the tuple
    of the forward pass's arguments (the argument itself, where there is just one), and where that
    fails, the cache of the student's own forward pass. With ``own_cache`` no layout is prescribed:
    the student's forward pass comes first, and must be right. ``state`` names an argument, a
    dictionary, and the keys that the task writes into it; they count as results after ``out``.
    With ``trusted`` the task takes the trusted layers as one more argument, the last.
    """

    operator: str
    results: tuple[str, ...] = ("the result",)
    cache: Literal["returned"] | None = None
    forward: str = ""
    own_cache: bool = False
    state: tuple[str, tuple[str, ...]] | None = None
    trusted: bool = False


class Protocol:
    """The calls of one assignment's tasks, by task."""

    def __init__(self, calls: Mapping[str, Call]) -> None:
        self._calls = dict(calls)

    def __getitem__(self, task: str) -> Call:
        return self._calls[task]

    def operator_of(self, task: str) -> str:
        """The operator that ``task`` implements; naive and vectorized tasks share one."""
        return self._calls[task].operator

    def task_of(self, operator: str) -> str:
        """The first task that implements ``operator``: the naive one, where there are two."""
        return next(task for task, call in self._calls.items() if call.operator == operator)

    def run(
        self, submission: Submission, task: str, arguments: Mapping[str, Any], out: Any = None
    ) -> Any:
        """Call ``task`` with the arguments of its operator; return what the operator returns.

        ``out`` is what the forward pass must give where the cache is the student's own.
        """
        call = self._calls[task]
        given = list(arguments.values())
        if call.trusted:
            given.append(Trusted())
        if call.state is not None:
            return self._run_with_state(submission, task, arguments)
        if call.cache is not None:
            return self._forward(submission, task, given)[0]
        if call.forward and call.own_cache:
            dout, *inputs = given
            return self._backward_with_own_cache(submission, task, dout, inputs, out)
        if call.forward:
            dout, *inputs = given
            return submission.call(task, dout, _prescribed(inputs))
        return submission.call(task, *given)

    def _forward(
        self, submission: Submission, task: str, arguments: Sequence[Any]
    ) -> tuple[Any, Any]:
        result = submission.call(task, *arguments, keep=(1,))
        _two_values(task, result)
        return result[0], result[1]

    def _run_with_state(
        self, submission: Submission, task: str, arguments: Mapping[str, Any]
    ) -> tuple[Any, ...]:
        call = self._calls[task]
        assert call.state is not None
        name, keys = call.state
        result, after = submission.call_and_look(task, *arguments.values(), keep=(1,))
        if call.cache is not None:
            _two_values(task, result)
            if type(result[1]) is Handle:
                submission.drop(result[1])
            result = result[0]
        state = after[list(arguments).index(name)] if len(after) == len(arguments) else None
        if type(state) is not dict:
            raise Finding(f"It must keep {name} a dictionary.")
        for key in keys:
            if state.get(key) is None:
                raise Finding(
                    f"{task} must write {name}[{key!r}], and did not.",
                    hint=f"After the call the grader looks at the very dictionary {name} that it "
                    "handed in. A value that is put into a copy of it is lost.",
                )
        return (result, *(state[key] for key in keys))

    def _backward_with_own_cache(
        self, submission: Submission, task: str, dout: Any, inputs: Sequence[Any], out: Any
    ) -> Any:
        forward = self._calls[task].forward
        try:
            got, cache = self._forward(submission, forward, inputs)
        except Finding as finding:
            raise _blocked(task, forward, finding.brief) from None
        if out is not None and not values.agree(got, out, _is_single(inputs)):
            raise _blocked(task, forward, "its out is wrong for this input.")
        try:
            return submission.call(task, dout, cache)
        finally:
            if type(cache) is Handle:
                submission.drop(cache)

    def expect_values(
        self, submission: Submission, task: str, case: Case, lessons: Mapping[str, Lesson]
    ) -> None:
        """Raise a :class:`Finding` unless ``task`` gives the expected result of ``case``."""
        call = self._calls[task]
        try:
            got = self._run_case(submission, task, case)
            values.expect(got, case, lessons, task, call.results)
        except Finding as finding:
            if not self._right_with_own_cache(submission, task, case):
                raise finding

    def _run_case(self, submission: Submission, task: str, case: Case) -> Any:
        try:
            return self.run(submission, task, case.arguments, case.out)
        except Finding as finding:
            if finding.verdict != "not attempted":
                call = values.describe_call(task, case.arguments)
                finding.message = f"{call}\n{finding.message}"
                finding.brief = f"Tested with {values.shapes(case.arguments)}. {finding.brief}"
            raise

    def _right_with_own_cache(self, submission: Submission, task: str, case: Case) -> bool:
        """Whether a backward pass is right with the cache of the student's own forward pass.

        The cache is prescribed, but who keeps more in it and uses it consistently is not wrong.
        """
        call = self._calls[task]
        if not call.forward or call.own_cache:
            return False
        dout, *inputs = case.arguments.values()
        try:
            got = self._backward_with_own_cache(submission, task, dout, inputs, None)
        except Finding:
            return False
        if len(call.results) > 1:
            if type(got) not in (tuple, list):
                return False
            got = tuple(got)
        return values.agree(got, case.expected, _is_single(inputs))

    def expect_error(self, submission: Submission, task: str, case: Case) -> None:
        """Raise a :class:`Finding` unless ``task`` raises the exception that ``case`` names."""
        got, finding = None, None
        try:
            got = self.run(submission, task, case.arguments)
        except Finding as problem:
            finding = problem
        values.expect_raises(finding, got, case, task)

    def expect_unchanged(self, submission: Submission, task: str, case: Case) -> None:
        """Raise a :class:`Finding` if ``task`` changes an argument, but for its state."""
        call = self._calls[task]
        names, given = list(case.arguments), list(case.arguments.values())
        if call.forward and call.own_cache:
            # What is in the cache is the student's own; dout is not.
            dout, *inputs = given
            _, cache = self._forward(submission, call.forward, inputs)
            _, after = submission.call_and_look(task, dout, cache)
            names, given = names[:1], given[:1]
        elif call.forward:
            dout, *inputs = given
            _, after = submission.call_and_look(task, dout, _prescribed(inputs))
            if len(after) == 2 and len(inputs) > 1 and type(after[1]) is tuple:
                after = [after[0], *after[1]]
        else:
            if call.trusted:
                given.append(Trusted())
            keep = (1,) if call.cache is not None else None
            _, after = submission.call_and_look(task, *given, keep=keep)
        written = call.state[0] if call.state is not None else ""
        for name, before, now in zip(names, given, after, strict=False):
            if name != written and not _same(before, now):
                raise Finding(
                    f"{values.describe_call(task, case.arguments)}\nchanged its argument {name}. "
                    f"Work on a copy.",
                    brief=f"It changed its argument {name}.",
                )

    def expect_same_twice(
        self,
        submission: Submission,
        task: str,
        first: Mapping[str, Any],
        second: Mapping[str, Any],
    ) -> None:
        """Raise a :class:`Finding` if ``task`` gives another result for ``first`` after a call with
        ``second``."""
        before = self.run(submission, task, first)
        self.run(submission, task, second)
        after = self.run(submission, task, first)
        if not values.agree(after, before):
            raise Finding(
                "Called again with the same arguments, it gives another result: "
                "something is kept from call to call."
            )


def _prescribed(inputs: Sequence[Any]) -> Any:
    return tuple(inputs) if len(inputs) > 1 else inputs[0]


def _two_values(task: str, result: Any) -> None:
    if type(result) not in (tuple, list) or len(result) != 2:
        raise Finding(f"{task} must return two values: out, cache.")


def _blocked(task: str, forward: str, why: str) -> Finding:
    text = f"{WAITING}: {task} works on the cache of {forward}, and {why}"
    return Finding(text, verdict="not attempted", brief=text)


def _is_single(inputs: Sequence[Any]) -> bool:
    return any(getattr(value, "dtype", None) == np.float32 for value in inputs)


def _same(before: Any, now: Any) -> bool:
    if isinstance(before, np.ndarray):
        return (
            type(now) is np.ndarray
            and now.dtype == before.dtype
            and np.array_equal(before, now, equal_nan=before.dtype.kind == "f")
        )
    if isinstance(before, Mapping):
        return (
            type(now) is dict
            and before.keys() == now.keys()
            and all(_same(value, now[key]) for key, value in before.items())
        )
    if isinstance(before, list | tuple):
        return (
            type(now) is type(before) and len(now) == len(before) and all(map(_same, before, now))
        )
    return type(now) is type(before) and bool(before == now)
