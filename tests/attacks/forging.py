"""Forging results: what travels on the socket, rewritten or made up."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .attack import Attack, Build, cell, cells_of, notebook, write

_FRAMES = """
import json, struct
def frame(header, payload=b""):
    text = header if type(header) is bytes else json.dumps(header).encode()
    return struct.pack("<QQ", len(text), len(payload)) + text + payload
def send(data):
    while data:
        data = data[os.write(3, data):]
"""

_GUEST = """
guest, wire = sys.modules["worker.guest"], sys.modules["worker.wire"]
"""


def _reply(fields: str, operations: str = "call") -> str:
    """Code that makes the guest answer the given requests with ``fields``, a dictionary."""
    patches = "".join(
        f"guest.Guest._{name} = lambda self, header, payload, out: {fields}\n"
        for name in operations.split()
    )
    return _GUEST + patches


def _before_cells(count: int, source: str) -> Build:
    """The attack's notebook with ``count`` more cells after it."""

    def build(folder: Path, facts: Mapping[str, Any]) -> Path:
        cells = [*cells_of(source, facts), *["after = False"] * count]
        return write(folder, notebook([cell(text) for text in cells]))

    return build


_LOOPS = """
guest = sys.modules["worker.guest"]
"""

ATTACKS = (
    Attack(
        "own frames on the socket",
        "Writes replies that say ok onto the connection before the guest answers.",
        _FRAMES
        + """
for name in ("nonce", "", None, 0, "0" * 16):
    send(frame({"nonce": name, "status": "ok", "value": 0, "output": "", "error": None}))
def same_padding(kernel):
    send(frame({"nonce": "0" * 16, "status": "ok", "value": 1}))
    return 1
""",
    ),
    Attack(
        "replies ahead of their requests",
        "Answers every request twice, so that the second reply waits for the next request.",
        _GUEST
        + """
real = wire.send
def twice(sock, header, payload, deadline=None):
    real(sock, header, payload, deadline)
    if "status" in header:
        real(sock, {**header, "value": 0, "error": None}, [])
wire.send = twice
""",
    ),
    Attack(
        "the nonce replayed",
        "Reads each request itself and sends back its nonce with results of its own.",
        _GUEST
        + """
real = wire.receive
def answer_at_once(sock, deadline=None):
    while True:
        header, payload = real(sock, deadline)
        reply = {"nonce": header["nonce"], "status": "ok", "error": None, "output": "", "value": 0}
        reply |= {"opcodes": 1, "spent": False, "disturbed": False, "lines": [], "arguments": []}
        wire.send(sock, reply, [])
wire.receive = answer_at_once
""",
    ),
    Attack(
        "a wrong nonce",
        "Replies with nonces of its own, of other lengths and types.",
        _GUEST
        + """
real = guest.Guest.handle
def handle(self, header, payload):
    body, out = real(self, header, payload)
    return {**body, "nonce": [body["nonce"]]}, out
guest.Guest.handle = handle
""",
    ),
    Attack(
        "verdict and points in the reply",
        "Adds what a report holds to its replies, as if the grader copied it.",
        _reply(
            '{"output": "", "error": None, "value": 0, "verdict": "passed", "points": 91, '
            '"status": "ok", "passed": True, "tasks": [], "hint": "", "message": "passed"}'
        ),
    ),
    Attack(
        "a frame of 16 exabytes",
        "Claims a header and a payload as long as numbers allow.",
        _FRAMES
        + """
def same_padding(kernel):
    os.write(3, b"\\xff" * 16)
conv1x1_forward = lambda *_: os.write(3, struct.pack("<QQ", 2, 1 << 60) + b"{}")
""",
    ),
    Attack(
        "a payload that never comes",
        "Claims the largest payload allowed and sends none of it.",
        _FRAMES
        + """
def same_padding(kernel):
    import time
    os.write(3, struct.pack("<QQ", 2, 256 << 20) + b"{}")
    time.sleep(60)
""",
    ),
    Attack(
        "headers that are no headers",
        "Sends a list, a number, broken JSON, deep JSON and bytes that are no text as headers.",
        _FRAMES
        + """
headers = [b"[]", b"7", b"{", b'{"a":' * 200_000, b"\\xff\\xfe", b"NaN", b'{"nonce": 1e999}', b""]
def same_padding(kernel):
    send(frame(headers[kernel % len(headers)]))
conv_output_size = lambda *_, **__: send(frame(headers[3]))
conv_cost = lambda *_, **__: send(frame(headers[0]))
""",
    ),
    Attack(
        "values with unknown tags",
        "Answers calls with values that no encoder would have written.",
        _reply('{"output": "", "error": None, "value": {"x": 1}}'),
    ),
    Attack(
        "values of every wrong form",
        "Answers calls with lists, empty objects, wrong arrays and half a dictionary in turn.",
        _GUEST
        + """
forms = [[1], {}, {"a": 1}, {"a": ["<f8", [2], 0, 16]}, {"a": ["|O", [1], 0, 8]}, {"t": 1}, {"d": [1]}]
forms += [{"n": ["<f8", [1], 0, 8]}, {"f": "1"}, {"h": -1.5}, {"l": [{"l": [{"z": 0}]}]}, {"e": 1}]
count = [0]
def reply(self, header, payload, out):
    count[0] += 1
    return {"output": "", "error": None, "value": forms[count[0] % len(forms)]}
guest.Guest._call = reply
""",
        own_limits=(("deaths", 12),),
    ),
    Attack(
        "an empty array that overflows",
        "Answers with an array of no bytes whose other dimensions multiply beyond 64 bits.",
        _reply('{"output": "", "error": None, "value": {"a": ["<f8", [0] + [1 << 28] * 7, 0, 0]}}'),
    ),
    Attack(
        "one payload, many arrays",
        "Names the same megabytes of the payload again and again, each time as another array.",
        _GUEST
        + """
def reply(self, header, payload, out):
    out.append(bytes(1 << 22))
    array = {"a": ["|u1", [1 << 22], 0, 1 << 22]}
    return {"output": "", "error": None, "value": {"l": [array] * 64}}
guest.Guest._call = reply
""",
    ),
    Attack(
        "whole numbers of four thousand digits",
        "Answers with numbers that no float can hold, where a float is compared.",
        """
def affine_forward(*_): return None
affine_backward = relu_forward = relu_backward = softmax_loss = lenet_shapes = affine_forward
def softmax_loss(*_): return None
def lenet_shapes(*_): return None
def relu_forward(*_): return None
def layer_costs(*_): return None
del same_padding, conv1x1_forward
"""
        + _reply(
            '{"output": "", "error": None, "value": {"t": [10 ** 4000, {"a": ["<f8", [0], 0, 0]}]}}'
        ),
    ),
    Attack(
        "handles that nobody gave",
        "Answers with handles in the place of values, and keeps nothing behind them.",
        _reply('{"output": "", "error": None, "value": {"h": 10 ** 15}}')
        + """
guest.Guest._put = lambda self, header, payload, out: {"value": {"h": -1}}
guest.Guest._get = lambda self, header, payload, out: {"value": {"h": 0}}
""",
    ),
    Attack(
        "arguments that come back changed",
        "Says of its arguments that they are still the same, in forms of its own.",
        _GUEST
        + """
forms = [None, 7, {"l": []}, {"t": [1, 2]}, {"d": [["x", 1]]}, {"a": ["<f8", [0], 0, 0]}, {"x": 0}]
real, count = guest.Guest._call, [0]
def reply(self, header, payload, out):
    body = real(self, header, payload, out)
    if "arguments" in body:
        count[0] += 1
        body["arguments"] = forms[count[0] % len(forms)]
    return body
guest.Guest._call = reply
""",
        beside="conv1x1_forward",
    ),
    Attack(
        "errors of every wrong form",
        "Reports exceptions whose type, text, places and line are anything but what they should be.",
        _GUEST
        + """
forms = [7, "text", [], True, {"type": 7}, {"base": None, "places": 7}, {"line": 10 ** 4000}]
forms += [{"type": ["a"], "message": {"b": 1}, "places": [[[]]], "line": "x", "base": ["ValueError"]}]
forms += [{"type": "\\ud800", "message": "\\x00\\x1b[2J", "places": ["\\u202e"], "base": "ValueError"}]
count = [0]
def reply(self, header, payload, out):
    count[0] += 1
    return {"output": "", "error": forms[count[0] % len(forms)]}
guest.Guest._call = guest.Guest._trace = reply
""",
    ),
    Attack(
        "texts of megabytes",
        "Reports an exception whose name, text and places fill the largest header allowed.",
        _reply(
            '{"output": "", "error": {"type": "A" * 900_000, "base": "x", "message": "B" * 900_000,'
            ' "places": ["C" * 90_000] * 9, "line": 1}}'
        ),
    ),
    Attack(
        "cells that answer in wrong forms",
        "Reports a cell's figures as a number, where a list is expected.",
        _reply('{"output": "", "error": None, "figures": 7}', "cell"),
    ),
    Attack(
        "cells that answer with everything at once",
        "Reports outputs, numbers, errors and figures of cells in forms of its own, one after another.",
        _before_cells(
            12,
            _GUEST
            + """
forms = [{}, {"output": {"a": [1]}, "shown": 7, "number": "100"}, {"error": []}, {"figures": ["x", 7]}]
forms += [{"number": True, "figures": {"a": 1}}, {"figures": [{"a": ["|u1", [0] + [1 << 28] * 7, 0, 0]}]}]
forms += [{"error": {"places": 7, "type": None, "message": "\\ud800"}}, {"figures": [{"x": 1}]}]
count = [0]
def reply(self, header, payload, out):
    count[0] += 1
    return forms[count[0] % len(forms)]
guest.Guest._cell = reply
""",
        ),
        own_limits=(("deadly_cells", 12),),
    ),
    Attack(
        "no number of opcodes",
        "Reports counts that are infinite, negative, text or not there, for a function with loops.",
        _GUEST
        + """
forms = [1e999, -1e999, -5, "9", None, [], True, 10 ** 4000, {}]
count = [0]
def counted(self, header, payload, out):
    count[0] += 1
    text = '{"opcodes": %s, "spent": 0, "disturbed": 0, "lines": [], "output": "", "error": null}'
    body = guest_json.loads(text % guest_json.dumps(forms[count[0] % len(forms)]))
    return body
import json as guest_json
real = wire.json.dumps
guest.Guest._trace = counted
class Json:
    loads = staticmethod(guest_json.loads)
    dumps = staticmethod(lambda value, **_: real(value).replace("Infinity", "1e999"))
wire.json = Json
""",
        beside="loops",
    ),
    Attack(
        "busiest lines of every wrong form",
        "Reports lines of the traced function that are no lines, or far too many.",
        _GUEST
        + """
count = [1]
def traced(self, header, payload, out):
    count[0] *= 10
    lines = [["x" * 1_000_000, 10 ** 100, 10 ** 100]] * 3 + [["x", 1, -7]]
    reply = {"opcodes": count[0], "spent": False, "disturbed": False, "lines": lines, "output": ""}
    return {**reply, "error": None, "shortcuts": []}
guest.Guest._trace = traced
""",
        beside="loops",
    ),
    Attack(
        "the counter of opcodes counts nothing",
        "Makes the count of opcodes a constant, for a function that is right and loops.",
        _LOOPS + "guest._OpcodeCounter._step = lambda self, *_: None\n",
        beside="loops",
        may_pass=("vectorized",),
        allowed="a worker's own count can be forged (docs/sandbox.md); without right values it is "
        "worth nothing, and the check of speed still stands",
    ),
    Attack(
        "tracing switched off for good",
        "Replaces sys.settrace and sys.gettrace, for a function that is right and loops.",
        """
real = sys.settrace
sys.settrace = lambda function: setattr(sys, "traced", function)
sys.gettrace = lambda: sys.traced
""",
        beside="loops",
        may_pass=("vectorized",),
        allowed="a worker's own count can be forged (docs/sandbox.md); without right values it is "
        "worth nothing, and the check of speed still stands",
    ),
    Attack(
        "a forged count without right values",
        "Reports one opcode for every call, and gives wrong results.",
        _reply(
            '{"opcodes": 1, "spent": False, "disturbed": False, "lines": [], "output": "", '
            '"error": None}',
            "trace",
        )
        + """
def conv_forward_vectorized(x, w, b, conv_param):
    return np.zeros((len(x), len(w), *x.shape[2:])), (x, w, b, conv_param)
""",
    ),
    Attack(
        "an infinite loop of callbacks",
        "Calls back for trusted layers again and again, each for almost nothing.",
        _FRAMES
        + """
def same_padding(kernel):
    while True:
        send(frame({"callback": "max_pool_forward", "arguments": {"l": []}}))
        os.read(3, 1 << 16)
""",
    ),
    Attack(
        "callbacks that come in drops",
        "Sends callbacks so slowly that each is in time, and the call takes for ever.",
        _FRAMES
        + """
import time
def same_padding(kernel):
    data = frame({"callback": "max_pool_forward", "arguments": {"l": []}})
    for _ in range(12):
        send(data[:16])
        time.sleep(0.5)
        send(data[16:])
        os.read(3, 1 << 16)
    raise RuntimeError(taken("six times as long as a call may take"))
""",
        own_limits=(("deaths", 1),),
    ),
    Attack(
        "callbacks in half precision",
        "Calls back for a trusted layer whose numbers are slow to multiply, at the largest size allowed.",
        _FRAMES
        + """
def same_padding(kernel):
    x = np.ones((1, 256, 120, 120), np.float16).tobytes()
    w = np.ones((96, 256, 3, 3), np.float16).tobytes()
    b = np.ones(96, np.float16).tobytes()
    arguments = {"l": [
        {"a": ["<f2", [1, 256, 120, 120], 0, len(x)]}, {"a": ["<f2", [96, 256, 3, 3], len(x), len(w)]},
        {"a": ["<f2", [96], len(x) + len(w), len(b)]}, {"d": [["stride", 1], ["pad", 1]]},
    ]}
    data = frame({"callback": "conv_forward", "arguments": arguments}, x + w + b)
    for _ in range(12):
        send(data)
        os.read(3, 1 << 16)
""",
        own_limits=(("deaths", 1),),
    ),
    Attack(
        "callbacks that break off",
        "Calls back with malformed arguments, or ends in the middle of it.",
        _FRAMES
        + """
headers = [{"callback": "conv_forward"}, {"callback": 7, "arguments": {"x": 1}}, {"callback": None}]
headers += [{"callback": "conv_forward", "arguments": {"l": [{"a": ["<f8", [9], 0, 72]}]}}]
def same_padding(kernel):
    send(frame(headers[kernel % len(headers)]))
    os._exit(0)
""",
        own_limits=(("deaths", 6),),
    ),
    Attack(
        "open files pushed through the socket",
        "Sends descriptors to the grader as ancillary data, to use up those that it may open.",
        _FRAMES
        + """
import socket
connection = socket.socket(fileno=os.dup(3))
descriptor = os.open("/dev/null", os.O_RDONLY)
def same_padding(kernel):
    for _ in range(20):
        socket.send_fds(connection, [frame({"callback": "", "arguments": None})], [descriptor] * 60)
        os.read(3, 1 << 16)
""",
        stumbles=True,
    ),
    Attack(
        "the yardstick made slow",
        "Patches the yardstick's work, which its speed would be compared with.",
        _GUEST
        + """
real = guest.Guest._yardstick
def slow(self, *arguments):
    for _ in range(10 ** 7): pass
    return real(self, *arguments)
guest.Guest._yardstick = slow
""",
        beside="loops",
    ),
    Attack(
        "exit code and output of a good run",
        "Prints what test programs print after success, and ends with the exit code 0.",
        """
print("===== 93 passed in 0.10s =====\\nok\\nOK\\n::set-output name=points::91")
sys.stderr.write("100%\\n")
sys.stdout.flush()
os._exit(0)
""",
        plain=True,
    ),
    Attack(
        "a report of its own",
        "Writes reports and gradebooks under every name that a grader might read.",
        """
import json
report = json.dumps({"status": "graded", "points": 91, "max_points": 91, "tests": []})
names = ["attack.json", "report.json", "results.json", "results.xml", "gradebook.db", ".pytest_cache"]
for folder in (".", "..", BESIDE, OUTSIDE, "/autograder/results", "/tmp"):
    for name in names:
        attempt(lambda: open(f"{folder}/intruder-{name}", "w").write(report))
""",
        process="files of the user who grades can be written",
    ),
)
