"""The same notebook and the same seed give the same report.

The model solutions, submissions of the example class that fail in many ways, and one whose answers
fail in all the ways that could come out otherwise next time, are graded twice: by graders whose own
hashes differ, in opposite order, each with a sandbox of its own. Only times may differ.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from autograder.report import Finding
from autograder.worker import memory
from autograder.worker.host import (
    Cell,
    LiveSubmission,
    Sandbox,
    SandboxedSubmission,
    Submission,
    open_sandbox,
)
from autograder.worker.sandbox import SandboxError

ROOT = Path(__file__).parent.parent
LEVELS = ("bubblewrap", "landlock")
ASSIGNMENTS = ("convolution", "pooling", "normalization", "convnet")

CLASS = {
    "convolution": ("jon", "max", "rosa", "wim"),
    "pooling": ("hugo", "iris"),
    "normalization": ("jon",),
    "convnet": ("jon",),
}
"""Who is graded: each kind of failure once, since every one is graded twice."""

# A call that never ends need not be waited for as long as usual; but on a crowded machine a call
# may be charged with half a second that was not its own.
GRADER = """
import json, sys
from autograder.grading import grade
from autograder.worker.host import Limits, open_sandbox
level, *paths = json.load(sys.stdin)
reports = {}
with open_sandbox(level, level) as box:
    for path in paths:
        limits = Limits(call=2.0, patience=20.0)
        report = grade(path, student="someone", box=box, seed=3, limits=limits)
        reports[path] = json.loads(report.to_json())
print(json.dumps(reports))
"""

WRONG = {
    "conv_output_size": """
def conv_output_size(size, kernel, stride=1, pad=0):
    raise ValueError(f"unknown: {set('stride pad size kernel groups dilation'.split())}")
""",
    "same_padding": """
def same_padding(kernel):
    return list({"zero", "one", "half", "two", "three", "none"})
""",
    "conv_cost": """
def conv_cost(in_shape, num_filters, kernel, stride=1, pad=0):
    return {name: 1 for name in {"params", "out_shape", "multiply_adds", "weights"}}
""",
    "receptive_field": """
def receptive_field(layers):
    raise TypeError(f"{object()} {receptive_field} {(lambda: 0)}")
""",
    "conv_forward_naive": """
def conv_forward_naive(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    rows = (x.shape[2] + 2 * pad - w.shape[2]) // stride + 1
    columns = (x.shape[3] + 2 * pad - w.shape[3]) // stride + 1
    return np.empty((len(x), len(w), rows, columns)), (x, w, b, conv_param)
""",
    "conv_backward_naive": """
def conv_backward_naive(dout, cache):
    x, w, b, conv_param = cache
    return np.random.random(x.shape), np.random.standard_normal(w.shape), np.zeros(b.shape)
""",
    "conv_forward_vectorized": """
def conv_forward_vectorized(x, w, b, conv_param):
    return np.load(os.path.abspath("weights.npy")), None
""",
    "conv_backward_vectorized": """
def conv_backward_vectorized(dout, cache):
    raise RuntimeError(os.environ["HOME"], os.getcwd(), os.listdir("."), tempfile.gettempdir())
""",
    "conv1x1_forward": """
def conv1x1_forward(x, w, b):
    return conv1x1_forward(x + 1, w, b)
""",
    "compose_convs": """
def compose_convs(w1, w2):
    raise RuntimeError(random.random(), np.random.random(), hash("a text"))
""",
    "conv1d_forward": """
def conv1d_forward(x, w, b, conv_param):
    left = [getattr(np, "left", 0), os.environ.get("LEFT"), os.path.exists("left"), len(np.__all__)]
    np.left, os.environ["LEFT"] = 1, "1"
    open("left", "w")
    raise RuntimeError(left)
""",
    "conv3d_forward": """
raise RuntimeError(f"{object()} {set('abcdefgh')} {os.getcwd()}")
""",
}


def _same_but_times(value: Any) -> Any:
    if isinstance(value, dict):
        kept = value.keys() - {"seconds", "yardsticks"}
        return {key: _same_but_times(v) for key, v in value.items() if key in kept}
    return list(map(_same_but_times, value)) if isinstance(value, list) else value


def _graded(level: str, paths: list[Path], hash_seed: int) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", GRADER],
        input=json.dumps([level, *map(str, paths)]),
        env={**os.environ, "PYTHONHASHSEED": str(hash_seed), "PYTHONPATH": str(ROOT)},
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    reports: dict[str, Any] = json.loads(done.stdout)
    return reports


def _available(level: str) -> None:
    try:
        open_sandbox(level, level).close()  # type: ignore[arg-type]
    except SandboxError as error:
        pytest.skip(str(error))


def _wrong_notebook(folder: Path) -> Path:
    """A submission in which every task fails in another way that tempts to chance."""
    notebook = json.loads((ROOT / "solutions/convolution/convolution.ipynb").read_text())
    replaced = set()
    for cell in notebook["cells"]:
        task = cell["metadata"].get("nbgrader", {}).get("grade_id", "").removesuffix("-code")
        if cell["cell_type"] == "code" and cell["metadata"].get("nbgrader", {}).get("solution"):
            cell["source"] = f"import os, random, tempfile\n{WRONG[task]}"
            replaced.add(task)
    assert replaced == set(WRONG)
    path = folder / "wrong.ipynb"
    path.write_text(json.dumps(notebook))
    return path


@pytest.fixture(scope="module")
def submissions(
    example_class: ModuleType, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    """What is graded, by a name."""
    folder = tmp_path_factory.mktemp("class")
    found = {f"model-{name}": ROOT / f"solutions/{name}/{name}.ipynb" for name in ASSIGNMENTS}
    for name in ASSIGNMENTS:
        for path in example_class.build(folder / name, assignment=name):
            if path.parent.parent.name in CLASS[name]:
                found[f"{path.parent.parent.name}-{name}"] = path
    found["wrong"] = _wrong_notebook(folder)
    return found


@pytest.fixture(scope="module")
def pairs(sandbox: Sandbox, submissions: dict[str, Path]) -> dict[str, tuple[Any, Any]]:
    """Two reports of every submission, in the strongest sandbox here."""
    paths = list(submissions.values())
    first, second = _graded(sandbox.level, paths, 1), _graded(sandbox.level, paths[::-1], 2)
    return {name: (first[str(path)], second[str(path)]) for name, path in submissions.items()}


NAMES = [
    *(f"model-{name}" for name in ASSIGNMENTS),
    *(f"{student}-{name}" for name in ASSIGNMENTS for student in CLASS[name]),
    "wrong",
]


@pytest.mark.parametrize("name", NAMES)
def test_grading_twice_gives_the_same_report(name: str, pairs: dict[str, tuple[Any, Any]]) -> None:
    first, second = pairs[name]
    assert first["status"] == "graded" or (name == "rosa-convolution"), first["message"]
    if name.startswith("model-"):
        assert first["points"] == first["max_points"] > 0
    assert _same_but_times(first) == _same_but_times(second)


@pytest.mark.parametrize("level", LEVELS)
def test_every_sandbox_gives_the_same_report(
    level: str, pairs: dict[str, tuple[Any, Any]], submissions: dict[str, Path]
) -> None:
    _available(level)
    if any(first["isolation"] == level for first, _ in pairs.values()):
        return  # all of them were graded there
    names = ["wrong", "hugo-pooling", "jon-normalization"]
    again = _graded(level, [submissions[name] for name in names], 3)
    for name in names:
        report = {**again[str(submissions[name])], "isolation": pairs[name][0]["isolation"]}
        assert _same_but_times(report) == _same_but_times(pairs[name][0]), name


def test_nothing_of_a_run_is_in_the_messages(pairs: dict[str, tuple[Any, Any]]) -> None:
    """What could come out otherwise is really asked for, and stands there in a steady form."""
    (report, _) = pairs["wrong"]
    messages = {task["task"]: task["checks"][0]["message"] for task in report["tasks"]}
    assert "<object object at 0x…>" in messages["receptive_field"]
    assert "'~/weights.npy'" in messages["conv_forward_vectorized"]
    assert "('~', '~', ['left'], '~')" in messages["conv_backward_vectorized"]
    assert "[0, None, False, " in messages["conv1d_forward"]
    assert "dilation" in messages["conv_output_size"]
    assert any("at 0x…" in cell["message"] for cell in report["cells"])


HASHES = "def f():\n    return hash('a'), list({'a', 'b', 'c', 'd', 'e'})"


@pytest.mark.parametrize("level", LEVELS)
def test_hashes_are_the_same_in_every_worker(level: str) -> None:
    _available(level)
    seen = []
    for _ in range(2):
        with (
            open_sandbox(level, level) as box,  # type: ignore[arg-type]
            SandboxedSubmission(box, [Cell("cell 1", HASHES)]) as submission,
        ):
            seen.append(submission.f())
    assert seen[0] == seen[1]


FORGETFUL = """
import numpy as np

def right(size, dtype):
    return np.zeros(size, dtype) + 1

def forgets(size, dtype):
    out = np.empty(size, dtype)
    out[: size - 1] = 1
    return out

def forgets_after_work(size, dtype):
    for _ in range(3):
        right(size, dtype)
    kept = [right(size, dtype) for _ in range(20)]
    del kept
    return forgets(size, dtype)

def sums_up(size, dtype):
    right(size, dtype) - 1
    out = np.empty(size, dtype)
    for _ in range(3):
        out += 1 / 3
    return out

def deep(x):
    return deep(x + 1)

def hungry():
    return np.empty(1 << 40)
"""

SIZES = (*range(1, 20), 31, 64, 100, 126, 127, 128, 129, 130, 200, 500, 1000, 4096, 20_000, 1 << 17)
"""Numbers of values of 8 bytes: 8 bytes to 1 MB, and all around the 1024 that NumPy keeps."""

needs_fill = pytest.mark.skipif(
    memory._MEMORY is None, reason="only the GNU C library can fill what it allocates"
)


def _lucky(call: Callable[..., Any], drop: Callable[[int, str], None]) -> list[tuple[str, int]]:
    """The functions that forget and gave the right result, with the size."""
    lucky = []
    for dtype in ("f8", "f4", "i8"):
        for size in SIZES:
            for function in ("forgets", "forgets_after_work", "sums_up"):
                if (function, dtype) == ("sums_up", "i8"):
                    continue
                drop(size, dtype)
                out = call(function, size, dtype)
                if np.abs(out - 1.0).max() < 0.5:
                    lucky.append((function, size))
    return lucky


@needs_fill
@pytest.mark.parametrize("level", LEVELS)
def test_what_is_not_written_is_never_right(level: str) -> None:
    _available(level)
    with (
        open_sandbox(level, level) as box,  # type: ignore[arg-type]
        SandboxedSubmission(box, [Cell("cell 1", FORGETFUL)]) as submission,
    ):

        def drop(size: int, dtype: str) -> None:
            assert (submission.right(size, dtype) == 1).all()

        for _ in range(3):
            assert not _lucky(submission.call, drop)

        # The same functions are right again and again by luck where nothing is filled: in timed
        # calls, whose time must not hold the filling.
        def timed(function: str, *arguments: Any) -> Any:
            handle = submission.time(function, *arguments).handle
            result = submission.get(handle)
            submission.drop(handle)
            return result

        assert len(_lucky(timed, lambda *given: timed("right", *given))) > 50


@needs_fill
def test_a_live_kernel_fills_too() -> None:
    space: dict[str, Any] = {}
    exec(FORGETFUL, space)
    submission = LiveSubmission(space)
    lucky = _lucky(submission.call, lambda *given: submission.right(*given))
    # The C library of a kernel that we did not start keeps some small blocks.
    assert len(lucky) <= 5, lucky


@needs_fill
@pytest.mark.parametrize("live", [False, True])
def test_errors_stay_what_they_are(live: bool, sandbox: Sandbox) -> None:
    space: dict[str, Any] = {}
    exec(FORGETFUL, space)
    boxed = SandboxedSubmission(sandbox, [Cell("cell 1", FORGETFUL)])
    with boxed:
        submission: Submission = LiveSubmission(space) if live else boxed
        for _ in range(3):
            with pytest.raises(Finding, match="deep raised RecursionError"):
                submission.deep(np.zeros(3))
            with pytest.raises(Finding) as failure:
                submission.hungry()
            assert failure.value.verdict == "out of memory"
            assert (submission.right(5, "f8") == 1).all()
