"""Frames as a hostile worker would send them: valid ones changed, any JSON, any bytes.

A plain seeded generator makes them, not hypothesis: a million frames take minutes so, and every one
is made again by its number.
"""

from __future__ import annotations

import json
import random
import struct
from collections.abc import Callable
from typing import Any

__all__ = ["REPLIES", "change", "frame"]

REPLIES: tuple[dict[str, Any], ...] = (
    {"value": {"a": ["<f8", [2, 2], 0, 32]}, "output": "", "error": None},
    {"value": {"t": [{"a": ["<f4", [3], 0, 12]}, {"h": 3}]}, "output": "said", "error": None},
    {"value": {"n": ["<f8", [], 0, 8]}, "output": "", "error": None, "arguments": {"l": [1, 2.5]}},
    {"value": {"d": [["a", 1], ["b", {"f": "nan"}]]}, "output": "", "error": None},
    {"value": {"o": "module.Thing"}, "output": "", "error": None},
    {
        "output": "",
        "error": {
            "type": "ValueError", "base": "ValueError", "message": "no", "line": 3,
            "places": ["f, line 3: raise"],
        },
    },
    {
        "output": "", "error": None, "opcodes": 12, "spent": False, "disturbed": False,
        "shortcuts": [], "lines": [["x += 1", 3, 4]],
    },
    {
        "output": "a", "error": None, "shown": "3", "number": 3.0,
        "figures": [{"a": ["|u1", [8], 0, 8]}], "reached": ["read /etc/passwd"],
    },
    {"absent": True},
    {"value": {"h": 7}},
    {
        "replies": [
            [{"value": {"a": ["<f8", [2], 0, 16]}, "output": "", "error": None}, 16],
            [{"value": {"a": ["<f8", [2], 0, 16]}, "output": "", "error": None}, 16],
            [{"value": 3, "output": "said", "error": None}, 0],
        ],
    },
    {"callback": "conv_forward", "arguments": {"l": [{"a": ["<f8", [1, 1, 2, 2], 0, 32]}, 1, 2]}},
    {"callback": "max_pool_forward", "arguments": {"l": [1, {"d": [["stride", 2]]}]}},
)  # fmt: skip
"""One answer of each kind, without nonce and status."""

ODD: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2**31, 2**63, 2**64, -(2**63) - 1, 10**400, 0.0, -0.0, 1e308,
    "", "a", "nan", "inf", "\ud800", "\u202e", "\x1b[2J", "x" * 5000, [], {}, [[]], [None] * 100,
    {"a": []}, {"h": 1}, {"o": "x"}, {"y": 0}, {"t": []}, {"a": ["<f8", [0, *[2**28] * 3], 0, 0]},
    {"a": ["|O", [1], 0, 8]}, {"a": ["<f8", [2**40], 0, 8]}, {"a": ["<f8", [-1], 0, 8]},
    {"l": [{"a": ["|u1", [32], 0, 32]}] * 50}, {"d": [[[], 1]]}, {"d": [[1.5, 1]]}, {"f": 1},
)  # fmt: skip


def _odd(rng: random.Random, depth: int = 0) -> Any:
    choice = rng.random()
    if choice < 0.6 or depth > 4:
        return rng.choice(ODD)
    if choice < 0.75:
        return [_odd(rng, depth + 1) for _ in range(rng.randrange(4))]
    keys = (*"antldfhoyez", "nonce", "error", "absent", "type", "line")
    return {rng.choice(keys): _odd(rng, depth + 1) for _ in range(rng.randrange(1, 3))}


def change(value: Any, rng: random.Random) -> Any:
    """``value`` with one place changed."""
    if isinstance(value, (dict, list)) and value and rng.random() < 0.8:
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        key = rng.choice(keys)
        copy: Any = dict(value) if isinstance(value, dict) else list(value)
        what = rng.random()
        if what < 0.7:
            copy[key] = change(value[key], rng)
        elif what < 0.85:
            del copy[key]
        elif isinstance(copy, list):
            copy += [copy[key]] * rng.choice((1, 2, 50))
        else:
            copy[str(_odd(rng))[:20]] = copy[key]
        return copy
    return _odd(rng)


def _json(value: Any, rng: random.Random) -> bytes:
    text = json.dumps(value)
    what = rng.random()
    if what < 0.03:
        text = text.replace("0", rng.choice(("1e999", "NaN", "-Infinity", "9" * 5000, "00")), 1)
    elif what < 0.05:
        place = rng.randrange(len(text) + 1)
        text = text[:place] + rng.choice(('"', "}", "[" * 3000, '{"a":1,"a":2}', "\\ud800", "\0"))
    return text.encode("utf-8", "surrogatepass")


def _valid(rng: random.Random, nonce: str) -> bytes:
    return _packed(_json({"nonce": nonce, "status": "ok", **rng.choice(REPLIES)}, rng), bytes(64))


def _mutated(rng: random.Random, nonce: str) -> bytes:
    header: Any = {"nonce": nonce, "status": "ok", **rng.choice(REPLIES)}
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        header = change(header, rng)
    return _packed(_json(header, rng), rng.randbytes(rng.choice((0, 8, 12, 32, 64, 300))))


def _any_json(rng: random.Random, nonce: str) -> bytes:
    names = (
        "value", "output", "error", "figures", "lines", "opcodes", "arguments", "callback",
        "replies",
    )  # fmt: skip
    header = {"nonce": nonce, "status": "ok"}
    header |= {name: _odd(rng) for name in rng.sample(names, rng.randrange(1, 5))}
    return _packed(_json(header if rng.random() < 0.9 else _odd(rng), rng), rng.randbytes(32))


def _wrong_sizes(rng: random.Random, nonce: str) -> bytes:
    data = _mutated(rng, nonce)
    sizes = (0, 1, 15, len(data), 2**16, 4 << 20, (4 << 20) + 1, 2**31, 2**63, 2**64 - 1)
    head = struct.pack("<QQ", rng.choice(sizes), rng.choice(sizes))
    return head + data[16:]


def _any_bytes(rng: random.Random, nonce: str) -> bytes:
    return rng.randbytes(rng.randrange(0, 80))


def _cut(rng: random.Random, nonce: str) -> bytes:
    data = _valid(rng, nonce)
    return data[: rng.randrange(len(data))]


def _twice(rng: random.Random, nonce: str) -> bytes:
    return _mutated(rng, nonce) + _valid(rng, rng.choice((nonce, "", "0" * 16)))


def _packed(header: bytes, payload: bytes) -> bytes:
    return struct.pack("<QQ", len(header), len(payload)) + header + payload


_KINDS: tuple[tuple[Callable[[random.Random, str], bytes], int], ...] = (
    (_mutated, 50), (_any_json, 20), (_valid, 5), (_wrong_sizes, 8), (_any_bytes, 5), (_cut, 6),
    (_twice, 6),
)  # fmt: skip


def frame(rng: random.Random, nonce: str) -> bytes:
    """What a hostile worker sends in answer to a request with ``nonce``."""
    kinds, weights = zip(*_KINDS, strict=True)
    return bytes(rng.choices(kinds, weights)[0](rng, nonce))
