"""What counts as a loop in Python: also where C runs it, and never for style."""

from __future__ import annotations

import linecache
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from autograder.assertions.vectorization import expect_vectorized
from autograder.report import Finding
from autograder.worker.host import (
    Cell,
    LiveSubmission,
    Sandbox,
    SandboxedSubmission,
    Submission,
)

HEAD = """
import functools, itertools, operator
from functools import reduce as fold
import numpy as np
renamed = map
"""

LOOPS = {
    "map": "return np.fromiter(map(operator.mul, x.ravel(), x.ravel()), float)",
    "map under another name": "return np.array(list(renamed(operator.neg, x.ravel().tolist())))",
    "filter": "return np.array(list(filter(operator.truth, x.ravel())))",
    "starmap": "return np.array(list(itertools.starmap(operator.mul, zip(x.flat, x.flat))))",
    "reduce": "return functools.reduce(operator.add, x.ravel())",
    "reduce under another name": "return fold(operator.add, x.ravel().tolist())",
    "comprehension": "return np.array([v for v in x.ravel()])",
    "generator": "return sum(v for v in x.flat)",
    "vectorize": "return np.vectorize(lambda v: v * v)(x)",
    "apply_along_axis": "return np.apply_along_axis(np.sum, -1, x)",
    "nditer": "return sum(float(v) for v in np.nditer(x))",
    "exec": "space = {'x': x}\n    exec('for v in x.flat: pass', space)\n    return x",
}

REFUSED = {
    "frompyfunc": "return np.frompyfunc(operator.mul, 2, 1)(x, x).astype(float)",
    "frompyfunc made before": "return made(x, x).astype(float)",
    "frompyfunc in a helper": "return helper(x)",
    "frompyfunc in a class": "return Helper().run(x)",
    "object": "return (x.astype(object) * x).astype(float)",
    "object by letter": "return np.array(x, dtype='O') * 2",
    "object of NumPy's": "return np.asarray(x, np.object_) * 2",
    "ctypes": "import ctypes\n    return x * 2",
}

MADE = """
made = np.frompyfunc(operator.mul, 2, 1)
def helper(x):
    def inner(v):
        return np.frompyfunc(abs, 1, 1)(v)
    return inner(x)
class Helper:
    def run(self, x):
        return helper(x)
"""

FREE = {
    "map over the shape": "n, c = map(int, x.shape[:2])\n    return x.reshape(n, c, -1) * 2",
    "reduce over the shape": "return x.reshape(functools.reduce(operator.mul, x.shape)) + 1",
    "object in isinstance": "return x * 2 if isinstance(x, object) else x",
    "a class with a base": "class Cache(object):\n        pass\n    return x + 1",
    "a string that says object": "word = 'object'\n    return x + 1",
    "window loop": "return sum(x[..., i:i + 2, :2] for i in range(3))",
}

DIMENSIONS = {"images": ("N",), "pixels": ("H", "W")}
BASE = {"N": 4, "C": 2, "H": 4, "W": 4}


def arguments(sizes: Mapping[str, int]) -> Sequence[Any]:
    return [np.ones((sizes["N"], sizes["C"], sizes["H"], sizes["W"]))]


def source(body: str) -> str:
    return f"{HEAD}{MADE}\ndef f(x):\n    {body}\n"


@pytest.fixture(params=["worker", "kernel"])
def run(request: pytest.FixtureRequest, sandbox: Sandbox) -> Iterator[Any]:
    """Makes a submission of a function's body, in a worker and in a live kernel."""
    opened: list[SandboxedSubmission] = []

    def make(body: str) -> Submission:
        if request.param == "worker":
            opened.append(SandboxedSubmission(sandbox, [Cell("cell 1", source(body))]))
            opened[-1].run()
            return opened[-1]
        space: dict[str, Any] = {}
        # As a kernel does with its cells.
        text = source(body)
        linecache.cache["<cell 1>"] = (len(text), None, text.splitlines(True), "<cell 1>")
        exec(compile(source(body), "<cell 1>", "exec"), space)
        return LiveSubmission(space)

    yield make
    for submission in opened:
        submission.close()


def verdict(submission: Submission) -> Finding | None:
    try:
        expect_vectorized(submission, "f", arguments, BASE, DIMENSIONS)
    except Finding as finding:
        return finding
    return None


@pytest.mark.parametrize("name", LOOPS)
def test_a_loop_is_a_loop_however_it_is_dressed(run: Any, name: str) -> None:
    found = verdict(run(LOOPS[name]))
    assert found is not None
    assert "loops over" in found.message


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_counted_is_refused_by_name(run: Any, name: str) -> None:
    submission = run(REFUSED[name])
    found = verdict(submission)
    assert found is not None
    assert "not accepted" in found.message
    assert name.split()[0] in found.message


@pytest.mark.parametrize("name", FREE)
def test_style_is_free(run: Any, name: str) -> None:
    assert verdict(run(FREE[name])) is None


def test_switching_tracing_off_is_no_way_out(run: Any) -> None:
    found = verdict(run("import sys\n    sys.settrace(None)\n    return x"))
    assert found is not None
    assert "sys.settrace" in found.message


def test_the_message_says_which_line_ran_how_often(run: Any) -> None:
    found = verdict(run("total = 0\n    for v in x.flat:\n        total += v\n    return total"))
    assert found is not None
    assert "total += v" in found.message
    assert "a vectorized version runs it once" in found.message


def test_the_stand_ins_are_gone_after_a_call(run: Any) -> None:
    submission = run("return np.array([len(list(map(abs, [1, 2])))]) + 0 * x.ravel()[:1]")
    assert verdict(submission) is None
    if isinstance(submission, LiveSubmission):
        assert map.__module__ == "builtins"
        assert isinstance(map(abs, []), map)
