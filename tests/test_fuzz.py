"""Malformed streams end in a verdict on the submission; ``make fuzz`` sends a million."""

from __future__ import annotations

import random
import tracemalloc

import pytest

from autograder.report import Finding
from autograder.worker import wire
from autograder.worker.host import Cell, Sandbox, SandboxedSubmission, open_sandbox
from fuzz.frames import REPLIES, _packed
from fuzz.run import one
from fuzz.streams import ASKED, Hostile, outcome

FRAMES = 20_000


def test_every_stream_is_answered_with_a_value_or_a_verdict() -> None:
    outcomes = {one(20_261_125, number)[0] for number in range(FRAMES)}
    assert outcomes == {"value", "crashed", "failed", "not attempted"}


def test_a_frame_is_made_again_by_its_number() -> None:
    assert one(5, 17)[1].sent == one(5, 17)[1].sent
    assert one(5, 17)[1].sent != one(5, 18)[1].sent


def test_every_kind_of_answer_is_among_them() -> None:
    """An honest answer comes through: the fuzz is not stopped at the door."""
    values = {
        (operation, number)
        for operation in ASKED
        for number in range(400)
        if outcome(Hostile(random.Random(f"{operation}{number}")), operation) == "value"
    }
    assert {operation for operation, _ in values} == set(ASKED)
    assert len(REPLIES) > 10


@pytest.mark.parametrize(
    "value",
    [
        {"l": [{"a": ["|u1", [1 << 20], 0, 1 << 20]}] * 5000},
        {"l": [{"l": [None] * 10_000}] * 40},
        {"a": ["<f8", [0, 1 << 28, 1 << 28, 1 << 28], 0, 0]},
        {"l": [{"a": ["<f8", [0, 1 << 25], 0, 0]}] * 5000},
    ],
)
def test_a_value_takes_no_more_memory_than_what_arrived(value: object) -> None:
    """The bytes of one array cannot be used for five thousand."""
    payload = bytes(1 << 20)
    tracemalloc.start()
    try:
        wire.decode(value, payload)
    except wire.MalformedFrame:
        pass
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 32 << 20


@pytest.fixture(scope="module", params=["bubblewrap", "landlock"])
def box(request: pytest.FixtureRequest) -> object:
    with open_sandbox(request.param, request.param) as running:
        yield running


HONEST = "def honest():\n    return 7"
STREAMS = [
    _packed(b'{"nonce": 1, "status": "ok", "value": 9}', b""),
    _packed(b"[" * 100_000, b""),
    b"\xff" * 64,
    b"\x10" + bytes(15),
    _packed(b'{"callback": "conv_forward", "arguments": {"l": []}}', b"") * 300,
]


@pytest.mark.parametrize("stream", range(len(STREAMS)))
@pytest.mark.parametrize("when", ["in a call", "in a cell", "between calls"])
def test_a_real_worker_that_writes_into_the_pipe_costs_itself(
    box: Sandbox, when: str, stream: int
) -> None:
    write = f"import os\n    os.write(3, {STREAMS[stream]!r})"
    if when == "in a call":
        cells = [f"def f():\n    {write}\n    return 1", HONEST]
    elif when == "in a cell":
        cells = [write.replace("\n    ", "\n"), HONEST]
    else:
        later = "threading.Timer(0.05, write).start()"
        cells = [f"import threading\ndef write():\n    {write}\n{later}", HONEST]
    labelled = [Cell(f"cell {number}", source) for number, source in enumerate(cells, 1)]
    with SandboxedSubmission(box, labelled) as submission:
        submission.run()
        for name in ("f", "honest", "honest"):
            try:
                value = submission.call(name)
            except Finding as finding:
                value = finding.verdict
            assert value in (1, 7, "crashed", "timeout", "not attempted")
    with SandboxedSubmission(box, [Cell("cell 1", HONEST)]) as submission:
        assert submission.honest() == 7


def test_an_honest_value_that_is_too_large_says_so(box: Sandbox) -> None:
    source = "def f():\n    return [[[float(n) for n in range(50)] for _ in range(100)]] * 100"
    with SandboxedSubmission(box, [Cell("cell 1", source)]) as submission:
        value = submission.f()
    assert type(value) is list
    assert type(value[-1]) is wire.Foreign or "too large" in repr(value)[-300:]


def test_names_and_texts_of_a_submission_are_plain(box: Sandbox) -> None:
    source = (
        "class Odd\N{LATIN SMALL LETTER E WITH ACUTE}(Exception): pass\n"
        "def f():\n    raise Odd\N{LATIN SMALL LETTER E WITH ACUTE}"
        "('\\x1b[2J \\ud800 \\u202e gpj.exe')"
    )
    with (
        SandboxedSubmission(box, [Cell("cell 1", source)]) as submission,
        pytest.raises(Finding) as failure,
    ):
        submission.f()
    message = failure.value.message
    message.encode()
    assert not {"\x1b", "\u202e", "\ud800"} & set(message)
