"""The sandbox and both ends of the pipe, tried for real at every level that works here."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import os
import platform
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.report import Finding
from autograder.worker import wire
from autograder.worker.host import (
    Cell,
    Limits,
    LiveSubmission,
    Sandbox,
    SandboxedSubmission,
    WorkerFault,
    open_sandbox,
)

LEVELS = ("bubblewrap", "landlock")


@pytest.fixture(scope="module", params=LEVELS)
def box(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    with open_sandbox(request.param, request.param) as running:
        yield running


def cells(*sources: str) -> list[Cell]:
    return [Cell(f"cell {number}", source) for number, source in enumerate(sources, 1)]


def test_calls_copy_arrays_both_ways(box: Sandbox) -> None:
    source = "def double(x):\n    y = x * 2\n    x[:] = 0\n    return y, 'text', None"
    with SandboxedSubmission(box, cells(source)) as submission:
        x = np.arange(6, dtype=np.float32).reshape(2, 3)[:, ::-1]
        (y, text, nothing), after = submission.call_and_look("double", x)
        assert y.dtype == np.float32
        np.testing.assert_array_equal(y, x * 2)
        assert (text, nothing) == ("text", None)
        assert not after[0].any()
        assert x.any()


@pytest.mark.parametrize(
    ("source", "verdict"),
    [
        ("def f():\n    import os\n    os._exit(0)", "crashed"),
        ("def f():\n    import ctypes\n    ctypes.string_at(0)", "crashed"),
        ("def f():\n    while True: pass", "timeout"),
        ("def f():\n    import time\n    time.sleep(1000)", "timeout"),
        ("import numpy as np\ndef f():\n    return np.ones((1 << 31,)).sum()", "out of memory"),
        ("def f():\n    raise SystemExit(0)", "failed"),
        ("def f():\n    raise NotImplementedError('later')", "not attempted"),
        ("pass", "not attempted"),
        ("def f(:", "failed"),
    ],
)
def test_a_call_that_fails_costs_only_itself(box: Sandbox, source: str, verdict: str) -> None:
    limits = Limits(cell=5, call=0.5, patience=2)
    with SandboxedSubmission(box, cells(source, "def g():\n    return 7"), limits) as submission:
        submission.run()
        with pytest.raises(Finding) as failure:
            submission.f()
        assert failure.value.verdict == verdict
        assert submission.g() == 7


def asked(submission: SandboxedSubmission, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is asked of its worker from now on."""
    operations: list[str] = []
    request = SandboxedSubmission._request

    def noted(self: SandboxedSubmission, *arguments: Any) -> Any:
        operations.append(arguments[2]["op"])
        return request(self, *arguments)

    submission.run()
    monkeypatch.setattr(SandboxedSubmission, "_request", noted)
    return operations


COUNTING = """
count = 0
def f(x, times=1):
    global count
    count += 1
    if x.size == 3:
        raise ValueError('three')
    return x * times, count
"""


def test_calls_made_ahead_give_what_they_would_have_given(
    box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = [(np.arange(n, dtype=np.float32), 2) for n in range(6)]
    with SandboxedSubmission(box, cells(COUNTING)) as submission:
        operations = asked(submission, monkeypatch)
        submission.foresee("f", calls, keep=(1,))
        for x, times in calls:
            if x.size == 3:
                with pytest.raises(Finding, match="ValueError: three") as failure:
                    submission.call("f", x, times, keep=(1,))
                assert "line 7: raise ValueError" in failure.value.message
            else:
                got, number = submission.call("f", x, times, keep=(1,))
                np.testing.assert_array_equal(got, x * 2)
                assert got.dtype == np.float32
        assert operations == ["calls"]
        assert submission.get(number) == 6


def test_what_was_not_foreseen_is_asked_for(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = np.ones(1), np.ones(2)
    with SandboxedSubmission(box, cells(COUNTING)) as submission:
        operations = asked(submission, monkeypatch)
        submission.foresee("f", [(one,), (two,), (one,)])
        assert submission.f(one)[1] == 1
        assert submission.f(two + 1)[0].tolist() == [2, 2]
        assert submission.f(one)[1] == 5  # three ahead, and one before
        assert operations == ["calls", "call", "call"]
        submission.foresee("f", [(one,)])
        submission.foresee("nothing", [(one,), (two,)])
        with pytest.raises(Finding, match="nothing is not written yet"):
            submission.nothing(one)


@pytest.mark.parametrize(
    ("wrong", "verdict"),
    [
        ("import os; os._exit(0)", "crashed"),
        ("while True: pass", "timeout"),
        ("return [['x' * 50_000] * 40] * 4", ""),
        ("return numpy.zeros(1 << 22)", ""),
    ],
)
def test_what_goes_wrong_ahead_costs_nothing_more(box: Sandbox, wrong: str, verdict: str) -> None:
    """Each round is one death, whether it was made ahead or not."""
    source = f"import numpy\ndef f(x):\n    if x == 2:\n        {wrong}\n    return x"
    limits = Limits(call=0.5, patience=2, deaths=3)
    with SandboxedSubmission(box, cells(source), limits) as submission:
        for _ in range(2):
            submission.foresee("f", [(n,) for n in range(6)])
            for n in range(6):
                if n == 2 and verdict:
                    with pytest.raises(Finding) as failure:
                        submission.f(n)
                    assert failure.value.verdict == verdict
                else:
                    assert n == 2 or submission.f(n) == n


def test_a_function_that_goes_away_is_missing_then(box: Sandbox) -> None:
    source = "def f(x):\n    if x == 2:\n        del globals()['f']\n    return x"
    with SandboxedSubmission(box, cells(source)) as submission:
        submission.foresee("f", [(n,) for n in range(6)])
        assert [submission.f(n) for n in range(3)] == [0, 1, 2]
        with pytest.raises(Finding, match="f is not written yet"):
            submission.f(3)


def test_slow_calls_are_not_all_made_ahead(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    source = "import time\ndef f(x):\n    end = time.process_time() + 0.2\n"
    source += "    while time.process_time() < end: pass\n    return x"
    with SandboxedSubmission(box, cells(source)) as submission:
        operations = asked(submission, monkeypatch)
        submission.foresee("f", [(n,) for n in range(5)])
        assert [submission.f(n) for n in range(5)] == list(range(5))
        assert operations == ["calls", "call", "call", "call"]


def test_cells_that_hang_or_die_lose_only_themselves(box: Sandbox) -> None:
    sources = cells(
        "a = 1", "while True: pass", "import os; os._exit(3)", "print('x' * 10**6); a + 1", "1 / 0"
    )
    with SandboxedSubmission(box, sources, Limits(cell=0.5)) as submission:
        results = submission.run()
    assert [r.status for r in results] == ["ok", "timeout", "crashed", "ok", "failed"]
    assert len(results[3].output) < 30_000
    assert results[3].number == 2
    assert "line 1: 1 / 0" in results[4].message


def test_figures_come_as_png_and_magics_do_no_harm(box: Sandbox) -> None:
    source = (
        "import matplotlib.pyplot as plt\nget_ipython().system('ls')\nplt.plot([1, 2])\nplt.show()"
    )
    with SandboxedSubmission(box, cells(source)) as submission:
        (result,) = submission.run()
    assert result.status == "ok"
    assert "ignored" in result.output
    assert result.figures[0].startswith(b"\x89PNG")


def test_workers_share_nothing(box: Sandbox) -> None:
    leave = "import numpy, os\nopen('left', 'w').write('x')\nnumpy.left = 1\n"
    leave += "open(os.environ['TMPDIR'] + '/b', 'w')"
    look = "import os, numpy\nprint(os.listdir('.'), hasattr(numpy, 'left'))"
    with SandboxedSubmission(box, cells(leave)) as first:
        assert first.run()[0].status == "ok"
        with SandboxedSubmission(box, cells(look)) as second:
            assert second.run()[0].output == "[] False\n"
    with SandboxedSubmission(box, cells(look)) as third:
        assert third.run()[0].output == "[] False\n"


def test_the_kit_is_not_in_the_sandbox(box: Sandbox) -> None:
    source = "import importlib\ndef f(name):\n    try:\n        importlib.import_module(name)\n"
    source += "    except ImportError:\n        return 'no'\n    return 'yes'"
    with SandboxedSubmission(box, cells(source)) as submission:
        assert submission.f("numpy") == "yes"
        for name in ("autograder.reference", "autograder.suites", "nbgrader", "pytest", "pip"):
            assert submission.f(name) == "no", name


def test_opcodes_grow_with_loops_only(box: Sandbox) -> None:
    source = "def loop(x):\n    for v in x:\n        pass\ndef whole(x):\n    return x + 1"
    with SandboxedSubmission(box, cells(source)) as submission:
        few, many = np.zeros(10), np.zeros(40)
        assert submission.trace("loop", many).opcodes > 3 * submission.trace("loop", few).opcodes
        assert submission.trace("whole", many).opcodes == submission.trace("whole", few).opcodes
        assert submission.trace("loop", many, budget=20).spent


def test_cpu_time_is_the_kernels(box: Sandbox) -> None:
    source = "import time\ntime.process_time = time.perf_counter = lambda: 0\n"
    source += "def work():\n    sum(range(3_000_000))\ndef wait():\n    time.sleep(0.3)"
    with SandboxedSubmission(box, cells(source)) as submission:
        work, wait = submission.time("work").seconds, submission.time("wait").seconds
    assert work > 10 * wait > 0


def test_other_threads_of_a_live_kernel_do_not_count() -> None:
    data, done = bytes(1 << 22), threading.Event()

    def burn() -> None:
        while not done.is_set():
            hashlib.sha256(data)

    other = threading.Thread(target=burn)
    submission = LiveSubmission({"wait": lambda: time.sleep(0.3)})
    started = time.process_time()
    other.start()
    waited = submission.time("wait").seconds
    done.set()
    other.join()
    assert waited < 0.1 * (time.process_time() - started)


STEADY = """
import json, resource
import numpy as np
from threadpoolctl import threadpool_info
from autograder.worker.host import LiveSubmission

def look():
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        arrays = [np.ones(1 << 20) for _ in range(5)]
        del arrays
    faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
    return faults, max(p["num_threads"] for p in threadpool_info() if p["user_api"] == "blas")

before = look()
with LiveSubmission({}).steady():
    within = look()
print(json.dumps([before, within, look()]))
"""


@pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc", reason="only the GNU C library is told to keep memory"
)
def test_a_live_kernel_is_as_steady_as_a_worker() -> None:
    """Pages that are kept are not faulted in anew, and BLAS has one thread; what was is again."""
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "2"}
    for name in [name for name in environment if name.startswith(("MALLOC_", "GLIBC_"))]:
        del environment[name]
    run = [sys.executable, "-c", STEADY]
    done = subprocess.run(run, env=environment, capture_output=True, text=True, check=True)
    (loose, two), (kept, one), (_, again) = json.loads(done.stdout)
    assert loose > 1000
    assert kept < loose / 10
    assert (two, one, again) == (2, 1, 2)


def test_a_live_kernel_answers_alike() -> None:
    space: dict[str, object] = {}
    exec("def f(x):\n    return (x + 1, x)\ndef g():\n    return missing", space)
    submission = LiveSubmission(space)
    out, handle = submission.call("f", np.zeros(2), keep=(1,))
    assert out.tolist() == [1, 1]
    assert type(handle) is wire.Handle
    with pytest.raises(Finding, match="NameError"):
        submission.g()


HOSTILE = [
    b"",
    b"\xff" * 16,
    b"\x02" + b"\0" * 15 + b"[]",
    b"\x04" + b"\0" * 15 + b"null",
    b"\x40\x0d\x03" + b"\0" * 13 + b"[" * 200_000,
]


@pytest.mark.parametrize("data", HOSTILE)
def test_hostile_streams_end_in_a_named_error(data: bytes) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        writer = threading.Thread(target=lambda: (theirs.sendall(data), theirs.close()))
        writer.start()
        with pytest.raises((wire.MalformedFrame, wire.ConnectionLost)):
            wire.receive(ours, None)
        ours.close()
        writer.join()


@pytest.mark.parametrize(
    "value",
    [
        {"a": ["<f8", [2], 0, 8]},
        {"a": ["|O", [1], 0, 8]},
        {"a": ["<f8", [-1], 0, 8]},
        {"a": ["<f8", [1 << 40, 0], 0, 0]},
        {"a": ["<f8", [1], 1, 8]},
        {"n": ["<f8", [1], 0, 8]},
        {"x": 1},
        {"t": 1},
        {"d": [[[], 1]]},
        {"f": "1"},
        [1],
        {},
    ],
)
def test_malformed_values_are_refused(value: object) -> None:
    with pytest.raises(wire.MalformedFrame):
        wire.decode(value, bytes(8))


def test_a_worker_that_talks_nonsense_is_ended(box: Sandbox) -> None:
    source = "def f():\n    import os\n    os.write(3, b'\\xff' * 64)\n    return 1"
    with SandboxedSubmission(box, cells(source)) as submission:
        with pytest.raises(Finding) as failure:
            submission.f()
        assert failure.value.verdict == "crashed"


def test_no_process_is_left(box: Sandbox) -> None:
    with SandboxedSubmission(box, cells("a = 1")) as submission:
        submission.run()
        assert submission._worker is not None
        pid = submission._worker.pid
        os.kill(pid, 0)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_one_companion_serves_many_until_it_ends(box: Sandbox) -> None:
    """And keeps nothing that one of them had it keep."""
    with SandboxedSubmission(box, cells("a = 1")) as first:
        other = first.companion()
        handle = other.put(np.ones(3))
        assert other.get(handle).sum() == 3
    with SandboxedSubmission(box, cells("a = 1")) as second:
        assert second.companion() is other
        assert other.get(handle) is None
        os.kill(box._idle._worker.pid, signal.SIGKILL)  # type: ignore[union-attr]
        fresh = second.companion()
        assert fresh is not other
        assert fresh.get(fresh.put(1)) == 1


def test_a_companion_that_ended_with_its_zygote_takes_nobody_with_it(box: Sandbox) -> None:
    """Who leaves a folder that cannot be removed costs the zygote, and not the next its points."""
    with SandboxedSubmission(box, cells("a = 1")) as first:
        first.companion()
    box._abandon()
    with SandboxedSubmission(box, cells("def f():\n    return 7")) as second:
        second.run()
        assert second._worker is not None
        pid = second._worker.pid
        other = second.companion()
        assert other.get(other.put(1)) == 1
        assert second.f() == 7
        assert second._worker.pid == pid


@pytest.mark.skipif(
    sys.platform != "linux" or len(os.sched_getaffinity(0)) < 2,
    reason="there is no choice of cores: this machine has one, or its system offers none",
)
def test_a_race_keeps_to_one_core_and_gives_the_others_back(box: Sandbox) -> None:
    def allowed() -> list[set[int]]:
        return [os.sched_getaffinity(pid) for pid in pids]

    cores = os.sched_getaffinity(0)
    with SandboxedSubmission(box, cells("a = 1")) as submission:
        other = submission.companion()
        pids = [0, *submission._pids(), *other._pids()]
        with contextlib.suppress(Finding), submission.steady(other):
            (one,) = cores & allowed()[0]
            assert allowed() == [{one}] * 3
            raise Finding("one that ends the race")
        assert allowed() == [cores] * 3
        with submission.steady(other):
            os.kill(pids.pop(1), signal.SIGKILL)
        assert allowed() == [cores] * 2
        assert os.sched_getaffinity(*submission._pids()) == cores


def test_a_companion_does_not_serve_for_ever(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autograder.worker.host.MOST_TURNS", 1)
    first = box.companion()
    assert any(box.companion() is not first for _ in range(2))


def test_a_worker_that_cannot_set_itself_up_is_our_fault(box: Sandbox) -> None:
    """Not a death of the submission, which would cost it points."""
    settings = {**box.layout.settings, "known": 1}
    # The folder is the other sandbox's to remove.
    broken = dataclasses.replace(box.layout, settings=settings, folder=None)
    with Sandbox(broken) as other, pytest.raises(WorkerFault, match="could not set itself up"):
        other.spawn()


def test_named_tuples_and_other_dictionaries_travel_as_what_they_are(box: Sandbox) -> None:
    source = """
from collections import OrderedDict, namedtuple
Pair = namedtuple("Pair", "out cache")
class Odd(list):
    def __getitem__(self, place):
        raise RuntimeError("asked")
    __iter__ = __len__ = __getitem__
def pair():
    return Pair(1.5, {"a": object()})
def table():
    return OrderedDict(b=Pair(1, 2), a=[True])
def odd():
    return Odd([1, 2])
"""
    with SandboxedSubmission(box, cells(source)) as submission:
        first, second = submission.call("pair", keep=(1,))
        assert (first, type(second)) == (1.5, wire.Handle)
        assert submission.table() == {"b": (1, 2), "a": [True]}
        assert submission.odd() == [1, 2]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from("antldfho") | st.text(max_size=2), inner, max_size=2)
    ),
    max_leaves=20,
)


@given(JSON, st.binary(max_size=32))
@settings(max_examples=500, deadline=None)
def test_any_header_is_a_value_or_malformed(value: object, payload: bytes) -> None:
    with contextlib.suppress(wire.MalformedFrame):
        wire.decode(value, payload)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.tuples(inner, inner)
    | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=20,
)  # fmt: skip


@given(VALUES)
@settings(deadline=None)
def test_values_come_back_as_they_were(value: object) -> None:
    payload: list[bytes] = []
    encoded = wire.encode(value, payload)
    back = wire.decode(encoded, b"".join(payload))
    assert back == value
    assert type(back) is type(value)


@given(st.binary(max_size=200))
@settings(max_examples=300, deadline=None)
def test_any_bytes_end_in_a_named_error_or_a_frame(data: bytes) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(data)
        theirs.close()
        try:
            header, _ = wire.receive(ours)
            assert type(header) is dict
        except (wire.MalformedFrame, wire.ConnectionLost):
            pass
