"""How tasks are called, said once for each task and used by its public and its hidden checks.

An operator is called with all its arguments and gives all its results. A task may be called
otherwise: a forward pass returns a cache besides, a backward pass takes one, batch norm writes into
a dictionary. A :class:`Call` says how, and a :class:`Protocol` does it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from weakref import WeakKeyDictionary, ref

from ..agreement import is_single, unchanged
from ..assertions import diagnosis, evidence, values
from ..assertions.diagnosis import Observation, Others
from ..language import say
from ..report import WAITING, Comparison, Evidence, Finding
from ..vectors import Case, stored
from ..worker.host import Submission
from ..worker.wire import Handle, Named, Trusted

__all__ = ["LONGEST_CALL", "Call", "Protocol"]

LONGEST_CALL = 12_000
"""Characters of code that are shown to make a call again."""


@dataclass(frozen=True)
class Call:
    """How one task is called.

    ``operator`` names what it implements, and ``results`` names what that gives, for messages.
    ``cache="returned"`` marks a forward pass: the task returns ``(out, cache)``. ``forward`` marks
    a backward pass and names the task of its forward pass. It gets the prescribed cache, the tuple
    of the forward pass's arguments (the argument itself, where there is just one), and where it is
    right with that alone, the cache of the student's own forward pass. With ``own_cache`` no layout
    is prescribed: the student's forward pass comes first, and must be right. ``state`` names an
    argument, a dictionary, and the keys that the task writes into it; they count as results after
    ``out``.
    ``trusted`` is the position among the arguments at which the task takes the trusted layers as
    one more. ``named`` lists arguments that are functions of the worker, which a case gives by
    their names.
    """

    operator: str
    results: tuple[str, ...] = (values.RESULT,)
    cache: Literal["returned"] | None = None
    forward: str = ""
    own_cache: bool = False
    state: tuple[str, tuple[str, ...]] | None = None
    trusted: int | None = None
    named: tuple[str, ...] = ()


class Protocol:
    """The calls of the tasks of ``assignment``, by task.

    ``view`` is set where only a part of what an operator gives is looked at: it makes a case of
    the operator one of that part.
    """

    def __init__(
        self,
        assignment: str,
        calls: Mapping[str, Call],
        view: Callable[[Case], Case] = lambda case: case,
    ) -> None:
        self.assignment = assignment
        self._calls = dict(calls)
        self._view = view
        self._own_caches: WeakKeyDictionary[Submission, set[str]] = WeakKeyDictionary()
        self._others: WeakKeyDictionary[Submission, dict[str, Others]] = WeakKeyDictionary()

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
        given = self._given(task, arguments)
        if call.state is not None:
            return self._run_with_state(submission, task, arguments)
        if call.cache is not None:
            return self._forward(submission, task, given)[0]
        if call.forward and self._has_own_cache(submission, task):
            dout, *inputs = given
            return self._backward_with_own_cache(submission, task, dout, inputs, out)
        if call.forward:
            dout, *inputs = given
            return submission.call(task, dout, _prescribed(inputs))
        return submission.call(task, *given)

    def _given(self, task: str, arguments: Mapping[str, Any]) -> list[Any]:
        """The arguments as they are sent."""
        call = self._calls[task]
        given = [Named(value) if name in call.named else value for name, value in arguments.items()]
        if call.trusted is not None:
            given.insert(call.trusted, Trusted())
        return given

    def _forward(
        self,
        submission: Submission,
        task: str,
        arguments: Sequence[Any],
        keep: tuple[int, ...] = (1,),
    ) -> tuple[Any, Any]:
        result = submission.call(task, *arguments, keep=keep)
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
            raise Finding(say("It must keep {name} a dictionary.", name=name))
        for key in keys:
            if state.get(key) is None:
                raise Finding(
                    say(
                        "{task} must write {name}[{key!r}], and did not.",
                        task=task,
                        name=name,
                        key=key,
                    ),
                    hint=say(
                        "After the call the grader looks at the very dictionary {name} that it "
                        "handed in. A value that is put into a copy of it is lost.",
                        name=name,
                    ),
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
        if out is not None and not values.agree(got, out, is_single(inputs)):
            raise _blocked(task, forward, say("its out is wrong for this input."))
        try:
            return submission.call(task, dout, cache)
        finally:
            if type(cache) is Handle:
                submission.drop(cache)

    def expect_all(self, submission: Submission, task: str, cases: Iterable[Case]) -> None:
        """:meth:`expect_values`, or :meth:`expect_error`, for one case after the other."""
        first, *others = cases
        self._expect(submission, task, first)
        # Who cannot do the first need not be asked the others.
        self._foresee(submission, task, others)
        for case in others:
            self._expect(submission, task, case)

    def _expect(self, submission: Submission, task: str, case: Case) -> None:
        expect = self.expect_error if case.raises else self.expect_values
        expect(submission, task, case)

    def _foresee(self, submission: Submission, task: str, cases: Sequence[Case]) -> None:
        """Say that :meth:`run` is about to make these calls, where each is one call and no more."""
        call = self._calls[task]
        own_cache = call.forward and self._has_own_cache(submission, task)
        if own_cache or call.state is not None or call.trusted is not None:
            return
        keep = (1,) if call.cache is not None else None
        calls = [self._given(task, case.arguments) for case in cases]
        if call.forward:
            calls = [[dout, _prescribed(inputs)] for dout, *inputs in calls]
        submission.foresee(task, calls, keep=keep)

    def expect_values(self, submission: Submission, task: str, case: Case) -> None:
        """Raise a :class:`Finding` unless ``task`` gives the expected result of ``case``."""
        call = self._calls[task]
        got, returned = None, False
        try:
            got = self._run_case(submission, task, case)
            returned = True
            values.expect(got, case, task, call.results)
        except Finding as finding:
            if self._right_with_own_cache(submission, task, case):
                return
            if finding.verdict == "failed":
                raised = getattr(finding, "exception", "")
                if raised or got is not None:
                    self._explain(submission, task, finding, Observation(case, got, raised))
            finding.evidence = self._shown(
                submission, task, case,
                lambda: self._compared(task, case, got) if returned else (),
            )  # fmt: skip
            raise finding

    def _shown(
        self,
        submission: Submission,
        task: str,
        case: Case,
        compared: Callable[[], tuple[Comparison, ...]],
        show: str = "",
    ) -> Callable[[], Evidence]:
        """What makes the evidence of a case that failed, with the argument ``show`` as result."""
        own_cache = self._has_own_cache(submission, task)
        return lambda: Evidence(self.code(task, case.arguments, own_cache, show), compared())

    def _compared(self, task: str, case: Case, got: Any) -> tuple[Comparison, ...]:
        names = [say(name) for name in self._calls[task].results]
        if len(names) == 1:
            parts = [(names[0], case.expected, got)]
        elif _has_length(got, len(names)):
            parts = list(zip(names, case.expected, got, strict=True))
        else:
            result = say(values.RESULT)
            return (evidence.as_text(result, ", ".join(names), values.kind(got)),)
        return evidence.compare(parts, is_single(case.arguments))

    def code(
        self, task: str, arguments: Mapping[str, Any], own_cache: bool = False, show: str = ""
    ) -> str:
        """Code for a notebook's cell that calls ``task`` as :meth:`run` does, '' if it were longer
        than :data:`LONGEST_CALL`.

        ``own_cache`` takes the cache from the student's own forward pass. The cell's last line is
        what the operator returns, or the argument ``show``.
        """
        call = self._calls[task]
        imports, lines, given = ["import numpy as np"], [], []
        for name, value in arguments.items():
            if name in call.named:
                imports.append("from autograder.worker.layers import LAYERS")
                given.append(f"LAYERS[{evidence.expression(value)}]")
            elif isinstance(value, bool | int | float | str):
                given.append(evidence.expression(value))
            else:
                lines.append(evidence.assignment(name, value))
                given.append(name)
        if call.trusted is not None:
            imports.append("from autograder.layers import TRUSTED")
            given.insert(call.trusted, "TRUSTED")
        if call.forward:
            dout, *inputs = given
            if own_cache:
                lines.append(f"out, cache = {call.forward}({', '.join(inputs)})")
            else:
                cache = inputs[0] if len(inputs) == 1 else f"({', '.join(inputs)})"
                lines.append(f"cache = {cache}")
            given = [dout, "cache"]
        result = f"{task}({', '.join(given)})"
        if show:
            lines += [result, show]
        elif call.cache is not None or call.state is not None:
            name, keys = call.state or ("", ())
            state = [f"{name}[{evidence.expression(key)}]" for key in keys]
            lines.append(f"out, cache = {result}" if call.cache is not None else f"out = {result}")
            lines.append(", ".join(["out", *state]))
        else:
            lines.append(result)
        text = "\n".join([*imports, "", *lines] if len(lines) > 1 else [*imports[1:], *lines])
        return text if len(text) <= LONGEST_CALL else ""

    def _run_case(self, submission: Submission, task: str, case: Case) -> Any:
        try:
            return self.run(submission, task, case.arguments, case.out)
        except Finding as finding:
            if finding.verdict != "not attempted":
                finding.reason = finding.reason or finding.message.split("\n", 1)[0]
                call = values.describe_call(task, case.arguments)
                finding.message = f"{call}\n{finding.message}"
                finding.brief = values.tested(case.arguments, finding.brief)
            raise

    def _has_own_cache(self, submission: Submission, task: str) -> bool:
        """Whether a backward pass gets the cache of the student's own forward pass."""
        return self._calls[task].own_cache or task in self._own_caches.get(submission, ())

    def _right_with_own_cache(self, submission: Submission, task: str, case: Case) -> bool:
        """Whether a backward pass is right with the cache of the student's own forward pass.

        The cache is prescribed, but who keeps something else in it and uses it consistently is not
        wrong: from the first case that shows it, the task gets that cache always.
        """
        call = self._calls[task]
        if not call.forward or self._has_own_cache(submission, task):
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
        right = values.agree(got, case.expected, is_single(inputs))
        if right:
            self._own_caches.setdefault(submission, set()).add(task)
        return right

    def inside(self, submission: Submission, task: str, arguments: Mapping[str, Any]) -> list[Any]:
        """What ``task`` itself is called with, for calls that are traced or timed.

        Where a backward pass gets the student's own cache, it has just been made by their forward
        pass, and is named by its handle: :meth:`forget` it afterwards.
        """
        given = self._given(task, arguments)
        call = self._calls[task]
        if not call.forward:
            return given
        dout, *inputs = given
        if not self._has_own_cache(submission, task):
            return [dout, _prescribed(inputs)]
        # What the forward pass gives besides is not looked at, and may be large.
        out, cache = self._forward(submission, call.forward, inputs, keep=(0, 1))
        self.forget(submission, [out])
        return [dout, cache]

    def forget(self, submission: Submission, call: Sequence[Any]) -> None:
        """Drop the cache that :meth:`inside` has had made."""
        for value in call:
            if type(value) is Handle:
                submission.drop(value)

    def _explain(
        self, submission: Submission, task: str, finding: Finding, observation: Observation
    ) -> None:
        """Say in ``finding`` which known mistake does what was observed, if one does."""
        names = self._calls[task].results
        found = diagnosis.culprits(
            observation, len(names), self._others_of(submission, task), values.agree
        )
        what = self._taught(found)
        if not what:
            return
        if observation.raised:
            says = say("It fails like that when {what}.", what=what)
        elif observation.case.raises:
            says = say("That is what you get when {what}.", what=what)
        else:
            says = say("Your output is exactly what you get when {what}.", what=what)
        self._name(finding, says, found)

    def named(self, finding: Finding, mistake: str) -> Finding:
        """``finding``, which says itself what is wrong, with the known mistake that does so."""
        if mistake:
            says = say("So it is when {what}.", what=self._taught([mistake]))
            self._name(finding, says, [mistake])
        return finding

    def _taught(self, mistakes: Sequence[str]) -> str:
        """What is wrong where these known mistakes are made, '' without any."""
        lessons = stored(self.assignment)[1]
        sentences = [say(lessons[name].sentence) for name in mistakes]
        what = "".join(sentences[:1])
        for sentence in sentences[1:]:
            what = say("{one}, and when {other}", one=what, other=sentence)
        return what

    def _name(self, finding: Finding, says: str, mistakes: Sequence[str]) -> None:
        """Name known mistakes in ``finding``, of which the sentence ``says`` tells."""
        lessons = [stored(self.assignment)[1][name] for name in mistakes]
        finding.message = f"{finding.message}\n{says}"
        finding.brief = f"{finding.brief} {says}"
        finding.reason = says
        finding.hint = " ".join(dict.fromkeys(say(lesson.hint) for lesson in lessons))
        finding.mistake = mistakes[0]

    def _others_of(self, submission: Submission, task: str) -> Others:
        """What ``task`` does with the public cases of its operator, tried once a submission."""
        seen = self._others.setdefault(submission, {})
        if task not in seen:
            # Weakly, or what was seen of a submission would keep it for ever.
            alive = ref(submission)
            observed = functools.cache(lambda: self._observe(alive(), task))
            seen[task] = Others(observed, values.agree)
        return seen[task]

    def _observe(self, submission: Submission | None, task: str) -> list[Observation]:
        """Try ``task`` on the public cases of its operator.

        Those where equal values leave a choice are left out: what is right there depends on it.
        A call that does not come back is the last one.
        """
        assert submission is not None
        observations: list[Observation] = []
        for case in map(self._view, stored(self.assignment)[0]):
            if case.operator != self.operator_of(task) or case.label.startswith("ties:"):
                continue
            try:
                got = self.run(submission, task, case.arguments, case.out)
            except Finding as finding:
                raised = getattr(finding, "exception", "")
                if not raised:
                    break
                observations.append(Observation(case, raised=raised))
            else:
                observations.append(Observation(case, got))
        return observations

    def expect_error(self, submission: Submission, task: str, case: Case) -> None:
        """Raise a :class:`Finding` unless ``task`` raises the exception that ``case`` names."""
        got, problem = None, None
        try:
            got = self.run(submission, task, case.arguments)
        except Finding as finding:
            problem = finding
        try:
            values.expect_raises(problem, got, case, task)
        except Finding as finding:
            raised = getattr(problem, "exception", "")
            if finding.verdict == "failed" and (raised or problem is None):
                self._explain(submission, task, finding, Observation(case, got, raised))
            came = raised or (values.kind(got) if problem is None else "")
            call = say("the call")
            compared = (evidence.as_text(call, str(case.raises), came),) if came else ()
            finding.evidence = self._shown(submission, task, case, lambda: compared)
            raise

    def expect_dtype(self, submission: Submission, task: str, case: Case) -> None:
        """Raise a :class:`Finding` unless the arrays that ``task`` returns have the dtypes of the
        expected ones."""
        names = [say(name) for name in self._calls[task].results]
        got = self.run(submission, task, case.arguments, case.out)
        if len(names) > 1 and not _has_length(got, len(names)):
            raise Finding(
                say(
                    "{task} must return {count} values: {names}.",
                    task=task,
                    count=len(names),
                    names=", ".join(names),
                )
            )
        many = len(names) > 1
        pairs = zip(got, case.expected, strict=True) if many else [(got, case.expected)]
        for name, (value, expected) in zip(names, pairs, strict=False):
            found = getattr(value, "dtype", type(value).__name__)
            if found == expected.dtype:
                continue
            text = say(
                "{name} must be {dtype}, as the arguments are, but is {found}.",
                name=name,
                dtype=expected.dtype,
                found=found,
            )
            finding = Finding(
                f"{values.describe_call(task, case.arguments)}\n{text}",
                brief=text,
                hint=say(
                    "np.zeros and np.empty make float64 unless they are given a dtype; "
                    "np.zeros_like and np.empty_like take it from another array."
                ),
                reason=text,
            )
            compared = evidence.as_text(f"{name}.dtype", str(expected.dtype), str(found))
            finding.evidence = self._shown(
                submission, task, case, functools.partial(tuple, [compared])
            )
            mistake = diagnosis.of_dtype(case, self._others_of(submission, task), values.agree)
            raise self.named(finding, mistake)

    def expect_unchanged(self, submission: Submission, task: str, case: Case) -> None:
        """Raise a :class:`Finding` if ``task`` changes an argument, but for its state."""
        call = self._calls[task]
        names, given = list(case.arguments), list(case.arguments.values())
        if call.forward and self._has_own_cache(submission, task):
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
            keep = (1,) if call.cache is not None else None
            _, after = submission.call_and_look(task, *self._given(task, case.arguments), keep=keep)
        written = call.state[0] if call.state is not None else ""
        for name, before, now in zip(names, given, after, strict=False):
            if name == written or name in call.named or unchanged(before, now):
                continue
            text = say("changed its argument {name}. Work on a copy.", name=name)
            brief = say("It changed its argument {name}.", name=name)
            finding = Finding(
                f"{values.describe_call(task, case.arguments)}\n{text}",
                brief=brief,
                reason=brief,
            )
            changed = [(name, before, now)]
            finding.evidence = self._shown(
                submission, task, case,
                functools.partial(evidence.compare, changed, is_single(before)), name,
            )  # fmt: skip
            mistake = diagnosis.changing(
                case, name, self._others_of(submission, task), values.agree
            )
            raise self.named(finding, mistake)

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
            finding = Finding(
                say(
                    "Called again with the same arguments, it gives another result: "
                    "something is kept from call to call."
                )
            )
            raise self.named(finding, self._keeping(task))

    def _keeping(self, task: str) -> str:
        """The known mistake that keeps something from call to call, if there is just one."""
        start = f"{self.operator_of(task)}."
        lessons = stored(self.assignment)[1].items()
        known = [name for name, le in lessons if name.startswith(start) and le.between_calls]
        return known[0] if len(known) == 1 else ""


def _prescribed(inputs: Sequence[Any]) -> Any:
    return tuple(inputs) if len(inputs) > 1 else inputs[0]


def _has_length(value: Any, length: int) -> bool:
    return type(value) in (tuple, list) and len(value) == length


def _two_values(task: str, result: Any) -> None:
    if type(result) not in (tuple, list) or len(result) != 2:
        raise Finding(say("{task} must return two values: out, cache.", task=task))


def _blocked(task: str, forward: str, why: str) -> Finding:
    waits = say(
        "{task} works on the cache of {forward}, and {why}", task=task, forward=forward, why=why
    )
    text = f"{say(WAITING)}: {waits}"
    return Finding(text, verdict="not attempted", brief=text)
