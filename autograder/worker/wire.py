"""What travels between the grader and a worker, and how it is checked on arrival.

A *frame* is a fixed head (two unsigned 64-bit lengths, little-endian), a JSON header and a payload
of raw bytes. Arrays travel in the payload, everything else in the header, so nothing that arrives
is ever executed or unpickled. Both lengths are checked against a cap before memory is allocated.

Values are written as JSON with one-letter tags, because JSON alone cannot tell a tuple from a list
or an array from both:

=========  =======================================================================
``{"a"}``  array: ``[dtype, shape, offset, nbytes]`` with its bytes in the payload
``{"n"}``  NumPy scalar: the same, with an empty shape
``{"t"}``  tuple, ``{"l"}`` list: the encoded items
``{"d"}``  dictionary: a list of ``[key, value]`` pairs
``{"f"}``  a float that JSON cannot spell: ``"nan"``, ``"inf"``, ``"-inf"``
``{"h"}``  handle: the number of an object that stays in the worker
``{"o"}``  an object that cannot travel: a description of its type
``{"y"}``  the trusted layers, ``{"e"}`` a tiny layer by its name: the worker puts
           an object in the place of either
=========  =======================================================================

The reader accepts exactly this and raises :class:`MalformedFrame` for anything else.
"""

from __future__ import annotations

import json
import math
import select
import socket
import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = [
    "MAX_HEADER",
    "MAX_PAYLOAD",
    "ConnectionLost",
    "DeadlinePassed",
    "Foreign",
    "Handle",
    "MalformedFrame",
    "Named",
    "Trusted",
    "decode",
    "encode",
    "receive",
    "send",
]

MAX_HEADER = 4 << 20
"""Largest header accepted, in bytes."""

MAX_PAYLOAD = 128 << 20
"""Largest payload accepted, in bytes."""

AT_ONCE = 1 << 18
"""Up to so many bytes of payload, a frame is put together and written in one piece."""

MAX_DEPTH = 16
MAX_DIMENSIONS = 8
MAX_ITEMS = 10_000
MAX_VALUES = 40_000
MAX_TEXT = 100_000
"""Most levels of a value, axes of an array, items of a collection, items of all collections in one
value, characters of a text."""
_HEAD = struct.Struct("<QQ")
_DTYPES = {
    np.dtype(code).str: np.dtype(code)
    for code in ["?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16"]
}
_CODES = {dtype: code for code, dtype in _DTYPES.items()}


class MalformedFrame(Exception):
    """The other side sent something that is not a frame, or not a value."""


class ConnectionLost(Exception):
    """The other side closed the pipe in the middle of a conversation."""


class DeadlinePassed(Exception):
    """Nothing complete arrived in time."""


@dataclass(frozen=True)
class Handle:
    """The name of an object that stays in the worker."""

    number: int


@dataclass(frozen=True)
class Foreign:
    """Stands for an object that cannot travel; ``description`` is its sender's word for it."""

    description: str


@dataclass(frozen=True)
class Trusted:
    """An argument that stands for the trusted layers, which the worker calls back for."""


@dataclass(frozen=True)
class Named:
    """An argument that stands for one of the functions in ``layers.LAYERS`` of this package."""

    name: str

    def __repr__(self) -> str:
        return self.name


def encode(value: Any, payload: list[bytes]) -> Any:
    """Return the JSON form of ``value``, appending the bytes of its arrays to ``payload``.

    Types are matched exactly, but for named tuples and the like: subclasses of ``tuple``, ``list``
    and ``dict`` travel as their base, without a call of their own methods. What cannot travel, or
    is too much for one frame, becomes a :class:`Foreign`, so that encoding never fails.
    """
    return _Encoder(payload).value(value, 0)


class _Encoder:
    """Encodes one value; knows how much room its frame has left."""

    def __init__(self, payload: list[bytes]) -> None:
        self._payload = payload
        self._offset = sum(map(len, payload))
        self._room = MAX_HEADER // 2

    def value(self, value: Any, depth: int) -> Any:
        value = _as_base(value)
        kind = type(value)
        self._room -= len(value) * 6 if kind is str else 100
        if self._room < 0:
            return {"o": f"{kind.__name__[:100]} in a value that is too large to be sent"}
        if value is None or kind is bool:
            return value
        if kind is str:
            return value if len(value) <= MAX_TEXT else {"o": f"str of {len(value)} characters"}
        if kind is int:
            return value if _fits(value) else {"o": "int beyond 64 bits"}
        if kind is float:
            return value if math.isfinite(value) else {"f": repr(value)}
        if kind is Handle:
            return {"h": value.number}
        if kind is Trusted:
            return {"y": 0}
        if kind is Named:
            return {"e": value.name}
        if kind is Foreign:
            return {"o": value.description[:200]}
        if kind in (tuple, list, dict):
            return self._items(value, depth)
        if kind is np.ndarray or isinstance(value, np.generic):
            return self._array(value)
        return {"o": f"{kind.__module__}.{kind.__qualname__}"[:200]}

    def _items(self, value: Any, depth: int) -> Any:
        kind = type(value)
        if depth >= MAX_DEPTH:
            return {"o": f"{kind.__name__} nested more than {MAX_DEPTH} deep"}
        if len(value) > MAX_ITEMS:
            return {"o": f"{kind.__name__} of {len(value)} items"}
        if kind is not dict:
            tag = "t" if kind is tuple else "l"
            return {tag: [self.value(item, depth + 1) for item in value]}
        if not all(_is_key(key) for key in value):
            return {"o": "dict with keys that cannot travel"}
        self._room -= sum(6 * len(key) if type(key) is str else 24 for key in value)
        return {"d": [[key, self.value(item, depth + 1)] for key, item in value.items()]}

    def _array(self, value: Any) -> Any:
        array = np.asarray(value)
        code = _CODES.get(array.dtype, "")
        if not code:
            # Of the other byte order, perhaps; else it does not travel.
            native = array.dtype.newbyteorder("=")
            code = _CODES.get(native, "")
            array = array.astype(native) if code else array
        what = "array" if type(value) is np.ndarray else "scalar"
        if not code or array.ndim > MAX_DIMENSIONS:
            return {"o": f"{what} of dtype {str(array.dtype)[:60]} with {array.ndim} dimensions"}
        if array.nbytes > MAX_PAYLOAD // 2 or self._offset + array.nbytes > MAX_PAYLOAD:
            return {"o": f"{what} of {array.nbytes >> 20} MiB"}
        if not array.size and _extent(array.shape) * array.itemsize > MAX_PAYLOAD:
            return {"o": f"empty {what} with long axes"}
        data = array.tobytes()
        offset = self._offset
        self._offset += len(data)
        self._payload.append(data)
        tag = "a" if what == "array" else "n"
        return {tag: [code, list(array.shape), offset, len(data)]}


def _as_base(value: Any) -> Any:
    kind = type(value)
    if kind in (tuple, list, dict) or not issubclass(kind, tuple | list | dict):
        return value
    if issubclass(kind, dict):
        return dict.copy(value)
    base = tuple if issubclass(kind, tuple) else list
    return base.__getitem__(value, slice(None))


def _fits(number: int) -> bool:
    return -(1 << 63) <= number < 1 << 64


def _is_key(key: Any) -> bool:
    if type(key) is int:
        return _fits(key)
    return type(key) is bool or (type(key) is str and len(key) <= MAX_TEXT)


def _extent(shape: Sequence[int]) -> int:
    """The product of all axes but empty ones; NumPy multiplies those of an empty array out too."""
    return math.prod(n for n in shape if n)


def decode(value: Any, payload: bytes | bytearray | memoryview) -> Any:
    """Rebuild a value from its JSON form. Arrays are fresh, writable and C-contiguous.

    Raises :class:`MalformedFrame` for anything that :func:`encode` could not have written, nothing
    else. The arrays lie in the payload one after the other, as they are written, so that what is
    rebuilt takes no more memory than what arrived.
    """
    return _Decoder(payload).value(value, 0)


class _Decoder:
    """Decodes one value; knows how much of ``payload`` is used up."""

    def __init__(self, payload: bytes | bytearray | memoryview) -> None:
        self._payload = payload
        self._used = 0
        self._values = 0

    def value(self, value: Any, depth: int) -> Any:
        self._values += 1
        if self._values > MAX_VALUES:
            raise MalformedFrame("a value has too many parts")
        if value is None or type(value) is bool:
            return value
        if type(value) in (int, float, str):
            return _plain(value)
        if depth > MAX_DEPTH:
            raise MalformedFrame("a value is nested too deeply")
        if type(value) is not dict or len(value) != 1:
            raise MalformedFrame("a value has no tag")
        ((tag, body),) = value.items()
        if tag in ("a", "n"):
            array = self._array(body)
            if tag == "n" and array.shape != ():
                raise MalformedFrame("a scalar has a shape")
            return array if tag == "a" else array[()]
        if tag in ("t", "l", "d"):
            return self._items(tag, body, depth)
        if tag == "f" and type(body) is str and body in ("nan", "inf", "-inf"):
            return float(body)
        if tag == "h" and type(body) is int and abs(body) < 1 << 63:
            return Handle(body)
        if tag == "y" and type(body) is int and body == 0:
            return Trusted()
        if tag == "e" and type(body) is str:
            return Named(body[:200])
        if tag == "o" and type(body) is str:
            return Foreign(body[:200])
        raise MalformedFrame("a value has an unknown tag or body")

    def _items(self, tag: str, body: Any, depth: int) -> Any:
        if type(body) is not list or len(body) > MAX_ITEMS:
            raise MalformedFrame("a collection is no list, or too long")
        if tag != "d":
            items = [self.value(item, depth + 1) for item in body]
            return tuple(items) if tag == "t" else items
        result = {}
        for pair in body:
            if type(pair) is not list or len(pair) != 2 or type(pair[0]) not in (str, int, bool):
                raise MalformedFrame("a dictionary entry is not a key and a value")
            result[_plain(pair[0])] = self.value(pair[1], depth + 1)
        return result

    def _array(self, body: Any) -> np.ndarray[Any, Any]:
        if type(body) is not list or len(body) != 4:
            raise MalformedFrame("an array is not described by four items")
        code, shape, offset, nbytes = body
        if type(code) is not str or code not in _DTYPES:
            raise MalformedFrame("an array has a dtype that is not numeric")
        if (
            type(shape) is not list
            or len(shape) > MAX_DIMENSIONS
            or any(type(n) is not int or not 0 <= n <= MAX_PAYLOAD for n in shape)
        ):
            raise MalformedFrame("an array has an impossible shape")
        if type(offset) is not int or type(nbytes) is not int or offset < self._used or nbytes < 0:
            raise MalformedFrame("an array has an impossible place in the payload")
        dtype = _DTYPES[code]
        if math.prod(shape) * dtype.itemsize != nbytes or offset + nbytes > len(self._payload):
            raise MalformedFrame("an array's size does not fit its shape or the payload")
        self._used = offset + nbytes
        if _extent(shape) * dtype.itemsize > MAX_PAYLOAD:
            raise MalformedFrame("an array has an impossible shape")
        return np.ndarray(shape, dtype, self._payload, offset).copy()


def _plain(value: Any) -> Any:
    """A number or a text as it is, if :func:`encode` would have sent it so."""
    if type(value) is int and not _fits(value):
        raise MalformedFrame("a whole number is beyond 64 bits")
    if type(value) is float and not math.isfinite(value):
        raise MalformedFrame("a number is not finite")
    if type(value) is str and len(value) > MAX_TEXT:
        raise MalformedFrame("a text is too long")
    return value


def send(
    sock: socket.socket,
    header: dict[str, Any],
    payload: list[bytes],
    deadline: float | None = None,
) -> None:
    """Write one frame. ``deadline`` is a time of ``time.monotonic()``; without it, no limit."""
    text = _encoded(header).encode("utf-8", "surrogatepass")
    size = sum(map(len, payload))
    parts = [_HEAD.pack(len(text), size), text, *payload]
    if size <= AT_ONCE:
        # Every write wakes the other side, which costs more than copying what is small.
        parts = [b"".join(parts)]
    for part in parts:
        view = memoryview(part)
        while view:
            try:
                view = view[sock.send(view, _flags(deadline)) :]
            except BlockingIOError:
                _wait(sock, select.POLLOUT, deadline)
            except OSError as error:
                raise ConnectionLost(str(error)) from None


def receive(
    sock: socket.socket, deadline: float | None = None
) -> tuple[dict[str, Any], memoryview]:
    """Read one frame; return its header, a dictionary, and its payload.

    Raises :class:`ConnectionLost`, :class:`DeadlinePassed` or :class:`MalformedFrame`.
    """
    head = _read(sock, _HEAD.size, deadline)
    header_size, payload_size = _HEAD.unpack(head)
    if header_size > MAX_HEADER or payload_size > MAX_PAYLOAD:
        raise MalformedFrame("a frame is larger than allowed")
    body = _read(sock, header_size + payload_size, deadline)
    text, payload = body[:header_size], body[header_size:]
    try:
        header = _decoded(str(text, "utf-8", "surrogatepass"))
    except (ValueError, RecursionError):
        raise MalformedFrame("a header is not JSON") from None
    if type(header) is not dict:
        raise MalformedFrame("a header is not a dictionary")
    return header, payload


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


# As json.dumps and json.loads would make them anew for every frame.
_encoded = json.JSONEncoder(allow_nan=False).encode
_decoded = json.JSONDecoder(parse_constant=_no_constant).decode


def _read(sock: socket.socket, size: int, deadline: float | None) -> memoryview:
    # Grow with what really arrives: a claimed length costs the claimer, not us.
    buffer = bytearray(min(size, 1 << 20))
    filled = 0
    while filled < size:
        if filled == len(buffer):
            buffer.extend(bytes(min(size - filled, len(buffer))))
        try:
            count = sock.recv_into(memoryview(buffer)[filled:], flags=_flags(deadline))
        except BlockingIOError:
            _wait(sock, select.POLLIN, deadline)
            continue
        except OSError as error:
            raise ConnectionLost(str(error)) from None
        if count == 0:
            raise ConnectionLost("the pipe was closed")
        filled += count
    return memoryview(buffer)


def _flags(deadline: float | None) -> int:
    """How to read and write at once what can be; raises :class:`DeadlinePassed`.

    Looking at the clock is cheap, asking the kernel whether it would block is not.
    """
    if deadline is None:
        return 0
    if time.monotonic() >= deadline:
        raise DeadlinePassed
    return socket.MSG_DONTWAIT


def _wait(sock: socket.socket, event: int, deadline: float | None) -> None:
    if deadline is None:
        return
    left = deadline - time.monotonic()
    poll = select.poll()
    poll.register(sock, event)
    if left <= 0 or not poll.poll(math.ceil(left * 1000)):
        raise DeadlinePassed
