"""The inner end of the pipe: runs cells and calls functions of one submission.

A :class:`Guest` answers requests, one reply each. In a worker, :func:`serve` feeds it from a
socket; in a live notebook kernel, the same class is called directly. Nothing it says is trusted by
the other side: it shares a process with the student's code.

Requests (``op``) and what they answer with, besides ``nonce`` and ``status``:

``cell``       run a cell's ``source``; ``output``, ``number``, ``error``, figures as PNG
``call``       call ``function`` with ``arguments``; ``value``, ``output``, ``error``; new arrays
               hold garbage, unless the call is ``timed``; ``absent`` if there is no such function
``trace``      the same, counting executed opcodes; ``opcodes``, ``lines``, ``shortcuts``
``calls``      several calls of one function; ``replies``, each with the length of its payload
``put``        keep a value; ``value`` is its handle
``get``        the value behind a handle
``drop``       forget handles
``forget``     forget all of them
``yardstick``  the fixed piece of work that speed is compared with
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import functools
import importlib.util
import io
import linecache
import os
import random
import re
import sys
import threading
import time
import traceback
import types
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from . import memory, shortcuts, wire
from .layers import LAYERS

__all__ = ["ADDRESS", "Guest", "datasets", "prepare", "serve", "watch"]

MAX_OUTPUT = 20_000
MAX_FIGURES = 8
MAX_REACHED = 20
MAX_FIGURE_BYTES = 2 << 20

FORESEEN_SECONDS = 0.25
FORESEEN_BYTES = 4 << 20
"""After so much CPU time, or so many bytes of results, several calls are left off."""

YARDSTICK = 8, 16, 72, 576
"""How many matrices, their rows, what is summed over, and columns: five million products, about a
millisecond. One of the right matrices fits into a core's second cache."""

# As Python's reprs have it; a student's own hexadecimal numbers stay.
ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]{6,}")

Reply = tuple[dict[str, Any], list[bytes]]


class _Output(io.TextIOBase):
    """A text stream that keeps the first ``MAX_OUTPUT`` characters and counts the rest."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._room = MAX_OUTPUT
        self._lost = 0

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        kept = text[: self._room]
        if kept:
            self._parts.append(kept)
        self._room -= len(kept)
        self._lost += len(text) - len(kept)
        return len(text)

    def text(self) -> str:
        tail = f"\n[{self._lost} more characters not shown]" if self._lost else ""
        return "".join(self._parts) + tail


class _BudgetSpent(BaseException):
    """The traced call ran more opcodes than it may."""


class Guest:
    """Runs one submission's code in ``namespace``, the globals of its notebook."""

    def __init__(self, namespace: dict[str, Any], trusted: Any = None) -> None:
        self.namespace = namespace
        self.trusted = trusted
        self._kept: dict[int, Any] = {}
        self._next = 1

    def handle(self, header: Mapping[str, Any], payload: bytes | memoryview) -> Reply:
        """Answer one request. Whatever the submission raises becomes part of the reply."""
        attachments: list[bytes] = []
        operation: Callable[..., dict[str, Any]] = getattr(self, f"_{header['op']}")
        if "function" in header and not callable(self.namespace.get(header["function"])):
            body: dict[str, Any] = {"absent": True}
        else:
            body = operation(header, payload, attachments)
        if _reached:
            body["reached"] = list(_reached)
            _reached.clear()
        return {"nonce": header.get("nonce"), "status": "ok", **body}, attachments

    def _cell(
        self, header: Mapping[str, Any], payload: bytes | memoryview, out: list[bytes]
    ) -> dict[str, Any]:
        source, label = header["source"], header["label"]
        filename = f"<{label}>"
        linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
        value: Any = None

        def run() -> None:
            nonlocal value
            tree = ast.parse(source, filename)
            last = None
            if tree.body and isinstance(tree.body[-1], ast.Expr):
                last = ast.Expression(tree.body.pop().value)
            exec(_compiled(tree, filename, "exec"), self.namespace)
            if last is not None:
                value = eval(_compiled(last, filename, "eval"), self.namespace)

        output, error = _guarded(run)
        shown = "" if value is None or error else _text(value)
        number = float(value) if type(value) in (int, float) else None
        return {
            "output": _steady(output),
            "error": error,
            "shown": shown,
            "number": number if number is not None and abs(number) < 1e300 else None,
            "figures": _figures(out),
        }

    def _call(
        self, header: Mapping[str, Any], payload: bytes | memoryview, out: list[bytes]
    ) -> dict[str, Any]:
        function, arguments = self._prepare_call(header, payload)
        value: Any = None

        def run() -> None:
            nonlocal value
            # Filling memory takes time, and must not where time counts.
            strictly = not header.get("timed")
            value = memory.strictly(function, arguments) if strictly else function(*arguments)

        output, error = _guarded(run)
        reply: dict[str, Any] = {"output": output, "error": error}
        if error is None:
            reply["value"] = wire.encode(self._keep(value, header.get("keep")), out)
        if header.get("return_arguments"):
            reply["arguments"] = wire.encode(arguments, out)
        return reply

    def _calls(
        self, header: Mapping[str, Any], payload: bytes | memoryview, out: list[bytes]
    ) -> dict[str, Any]:
        """Make several calls one after the other, each as if it had been asked for alone. It leaves
        off where they take long or give much: then the rest is asked for alone."""
        name, view = header["function"], memoryview(payload)
        replies: list[list[Any]] = []
        place = given = 0
        until = time.process_time() + FORESEEN_SECONDS
        for call, size in header["calls"]:
            attachments: list[bytes] = []
            reply = self._call(call, view[place : place + size], attachments)
            length = sum(map(len, attachments))
            replies.append([reply, length])
            out += attachments
            place, given = place + size, given + length
            late = given > FORESEEN_BYTES or time.process_time() > until
            if late or not callable(self.namespace.get(name)):
                break
        return {"replies": replies}

    def _trace(
        self, header: Mapping[str, Any], payload: bytes | memoryview, out: list[bytes]
    ) -> dict[str, Any]:
        function, arguments = self._prepare_call(header, payload)
        counter = _OpcodeCounter(header["budget"])
        found: list[str] = []

        def run() -> None:
            found.extend(shortcuts.named(function, self.namespace))
            with shortcuts.counted(self.namespace):
                counter.run(function, arguments)

        output, error = _guarded(run)
        return {
            "output": output,
            "error": error,
            "opcodes": counter.total,
            "spent": counter.total >= header["budget"],
            "disturbed": counter.disturbed,
            "shortcuts": found,
            "lines": counter.lines(),
        }

    def _prepare_call(
        self, header: Mapping[str, Any], payload: bytes | memoryview
    ) -> tuple[Callable[..., Any], list[Any]]:
        arguments = [self._resolve(a) for a in wire.decode(header["arguments"], payload)]
        return self.namespace[header["function"]], arguments

    def _resolve(self, value: Any) -> Any:
        if type(value) is wire.Handle:
            return self._kept[value.number]
        if type(value) is wire.Trusted:
            return self.trusted
        if type(value) is wire.Named:
            return LAYERS[value.name]
        if type(value) in (tuple, list):
            return type(value)(self._resolve(item) for item in value)
        if type(value) is dict:
            return {key: self._resolve(item) for key, item in value.items()}
        return value

    def _keep(self, value: Any, keep: Any) -> Any:
        # ``keep`` is True for the whole value, or the positions of a tuple's items.
        if keep is True:
            return self._store(value)
        if keep and issubclass(type(value), tuple | list):
            kind = tuple if issubclass(type(value), tuple) else list
            return kind(
                self._store(item) if position in keep else item
                for position, item in enumerate(value)
            )
        return value

    def _store(self, value: Any) -> wire.Handle:
        number = self._next
        self._next += 1
        self._kept[number] = value
        return wire.Handle(number)

    def _put(
        self, header: Mapping[str, Any], payload: bytes | memoryview, out: list[bytes]
    ) -> dict[str, Any]:
        value = self._resolve(wire.decode(header["value"], payload))
        return {"value": wire.encode(self._store(value), out)}

    def _get(
        self, header: Mapping[str, Any], payload: bytes | memoryview, out: list[bytes]
    ) -> dict[str, Any]:
        return {"value": wire.encode(self._kept.get(header["handle"]), out)}

    def _drop(
        self, header: Mapping[str, Any], payload: bytes | memoryview, out: list[bytes]
    ) -> dict[str, Any]:
        for number in header["handles"]:
            self._kept.pop(number, None)
        return {}

    def _forget(
        self, header: Mapping[str, Any], payload: bytes | memoryview, out: list[bytes]
    ) -> dict[str, Any]:
        self._kept.clear()
        return {}

    def _yardstick(
        self, header: Mapping[str, Any], payload: bytes | memoryview, out: list[bytes]
    ) -> dict[str, Any]:
        np.einsum("ri,bic->brc", *_factors(), optimize=False)
        return {}


@functools.cache
def _factors() -> tuple[Any, Any]:
    """What the yardstick multiplies, made once in a process."""
    batch, rows, inner, columns = YARDSTICK
    left = np.linspace(-1, 1, rows * inner).reshape(rows, inner)
    return left, np.linspace(-1, 1, batch * inner * columns).reshape(batch, inner, columns)


def _compiled(source: Any, filename: str, mode: str) -> Any:
    # Without this file's own import from the future: hints of a student's functions are evaluated.
    return compile(source, filename, mode, dont_inherit=True)


def _guarded(run: Callable[[], None]) -> tuple[str, dict[str, Any] | None]:
    """Run code of the submission; return what it printed and how it failed, if it did."""
    output = _Output()
    stdout, stderr = sys.stdout, sys.stderr
    sys.stdout = sys.stderr = output
    try:
        run()
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        return output.text(), _describe(error)
    finally:
        sys.stdout, sys.stderr = stdout, stderr
    return output.text(), None


def _describe(error: BaseException) -> dict[str, Any]:
    """What a student needs to know of an exception: type, text, and the lines of their own code."""
    try:
        message = str(error)
    except Exception:
        message = "(its text could not be read)"
    places = []
    line = None
    for frame, number in traceback.walk_tb(error.__traceback__):
        filename = frame.f_code.co_filename
        if filename == __file__:
            continue
        own = shortcuts.is_cell(filename)
        if own:
            line = number
            text = linecache.getline(filename, number).strip()
            places.append(f"{frame.f_code.co_name}, line {number}: {text}"[:300])
    if isinstance(error, SyntaxError) and error.lineno is not None:
        line = error.lineno
        places.append(f"line {error.lineno}: {(error.text or '').strip()}"[:300])
        message = error.msg
    if len(places) > 12:
        places = [*places[:6], f"… {len(places) - 12} calls more …", *places[-6:]]
    # Programs that fail by exhaustion are told apart by type, and a subclass counts as its base.
    known = next(
        (b.__name__ for b in type(error).__mro__ if vars(builtins).get(b.__name__) is b), ""
    )
    return {
        "type": type(error).__name__[:100],
        "base": known,
        "message": _steady(message[: 2 * MAX_OUTPUT])[:2000],
        "line": line,
        "places": places,
    }


def _steady(text: str) -> str:
    """``text`` without what is another in every worker: addresses, and the name of its folder."""
    home = os.environ.get("HOME", "")
    if len(home) > 1 and home in text:
        text = re.sub(rf"{re.escape(home)}(?!\w)", "~", text)
    return ADDRESS.sub("at 0x…", text)


def _text(value: Any) -> str:
    try:
        return _steady(repr(value)[: 2 * MAX_OUTPUT])[:MAX_OUTPUT]
    except Exception as error:
        return f"(its repr raised {type(error).__name__})"


def _figures(out: list[bytes]) -> list[Any]:
    """Encode and close the open figures of matplotlib, as PNG."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is None:
        return []
    encoded = []
    try:
        for number in pyplot.get_fignums()[:MAX_FIGURES]:
            buffer = io.BytesIO()
            pyplot.figure(number).savefig(buffer, format="png", dpi=72, bbox_inches="tight")
            data = buffer.getvalue()
            if len(data) <= MAX_FIGURE_BYTES:
                encoded.append(wire.encode(np.frombuffer(data, np.uint8), out))
    except Exception:  # a figure that cannot be drawn is not shown; nothing depends on it
        pass
    finally:
        with contextlib.suppress(Exception):
            pyplot.close("all")
    return encoded


_TOOL = 4
"""The number under which opcodes are asked for: one that no debugger or profiler has."""


def _watch(step: Callable[[types.CodeType, int], None]) -> None:
    """Show ``step`` every opcode that runs, where Python can do that (3.12 and newer).

    There, a trace function does not get the opcodes of a function's first call: Python adds what
    asks for them when the function has begun.
    """
    if sys.version_info >= (3, 12):
        _unwatch()  # a submission may have taken the number
        sys.monitoring.use_tool_id(_TOOL, __name__)
        sys.monitoring.register_callback(_TOOL, sys.monitoring.events.INSTRUCTION, step)
        sys.monitoring.set_events(_TOOL, sys.monitoring.events.INSTRUCTION)


def _watching() -> bool:
    """Whether nobody has changed what :func:`_watch` did."""
    if sys.version_info >= (3, 12):
        asked = sys.monitoring.events.INSTRUCTION
        name = sys.monitoring.get_tool(_TOOL)
        return bool(name == __name__ and sys.monitoring.get_events(_TOOL) == asked)
    return True


def _unwatch() -> None:
    if sys.version_info >= (3, 12) and sys.monitoring.get_tool(_TOOL) is not None:
        sys.monitoring.set_events(_TOOL, 0)
        sys.monitoring.free_tool_id(_TOOL)


class _OpcodeCounter:
    """Counts the opcodes that a call executes, in all Python frames below it, by line."""

    def __init__(self, budget: int) -> None:
        self.total = 0
        self.disturbed = False
        self._budget = budget
        # Code objects by identity: their hash goes through all that they hold, every time.
        self._counts: dict[int, tuple[types.CodeType, dict[int, int], Any]] = {}

    def run(self, function: Callable[..., Any], arguments: list[Any]) -> None:
        before = sys.gettrace()
        tracer = self._enter
        threading.settrace(tracer)
        sys.settrace(tracer)
        _watch(self._count)
        try:
            function(*arguments)
        except _BudgetSpent:
            pass
        finally:
            changed = sys.gettrace() != tracer or not _watching()
            self.disturbed = changed and self.total < self._budget
            _unwatch()
            sys.settrace(before)
            threading.settrace(None)

    def _of(self, code: types.CodeType) -> tuple[types.CodeType, dict[int, int], Any]:
        """``code`` (so that its id stays its own), its counts by offset, and what counts them."""
        known = self._counts.get(id(code))
        if known is None:
            counts: dict[int, int] = {}
            known = self._counts[id(code)] = code, counts, self._stepping(counts)
        return known

    def _enter(self, frame: types.FrameType, event: str, argument: Any) -> Any:
        if sys.version_info >= (3, 12) or frame.f_code.co_filename == __file__:
            return None
        frame.f_trace_opcodes = True
        frame.f_trace_lines = False
        return self._of(frame.f_code)[2]

    def _stepping(self, counts: dict[int, int]) -> Any:
        """A trace function for the frames of one code object."""

        def step(frame: types.FrameType, event: str, argument: Any) -> Any:
            if event == "opcode":
                self.total += 1
                offset = frame.f_lasti
                counts[offset] = counts.get(offset, 0) + 1
                if self.total >= self._budget:
                    raise _BudgetSpent
            return step

        return step

    def _count(self, code: types.CodeType, offset: int) -> None:
        if code.co_filename == __file__:
            return
        self.total += 1
        counts = self._of(code)[1]
        counts[offset] = counts.get(offset, 0) + 1
        if self.total >= self._budget:
            _unwatch()
            raise _BudgetSpent

    def lines(self) -> list[Any]:
        """The busiest lines of the submission: ``[text, line, times the line was run]``."""
        times: dict[tuple[str, int], int] = {}
        for code, counts, _ in self._counts.values():
            if not shortcuts.is_cell(code.co_filename):
                continue
            for start, stop, line in code.co_lines():
                count = max(counts.get(offset, 0) for offset in range(start, stop, 2))
                if line is not None and count:
                    key = (code.co_filename, line)
                    times[key] = max(times.get(key, 0), count)
        busiest = sorted(times.items(), key=lambda item: -item[1])[:5]
        return [
            [linecache.getline(filename, line).strip()[:200], line, count]
            for (filename, line), count in busiest
        ]


class _Shell:
    """What ``get_ipython()`` gives in a worker: magics are ignored, the code behind them is run."""

    def __init__(self, namespace: dict[str, Any]) -> None:
        self._namespace = namespace

    def run_line_magic(self, name: str, line: str, *_: Any, **__: Any) -> None:
        if name in ("time", "timeit", "prun", "memit"):
            self._run(line)
        print(f"[%{name} was ignored]")

    def run_cell_magic(self, name: str, line: str, cell: str, *_: Any, **__: Any) -> None:
        if name in ("time", "timeit", "capture", "prun"):
            self._run(cell)
        print(f"[%%{name} was ignored]")

    def system(self, command: str, *_: Any) -> None:
        print("[a shell command was ignored]")

    getoutput = getpipe = system_raw = system

    def _run(self, source: str) -> None:
        exec(_compiled(source, "<cell magic>", "exec"), self._namespace)

    def __getattr__(self, name: str) -> Any:
        return lambda *_, **__: None


_FOR_PEOPLE = ("check", "progress", "race", "submit_check")
"""What a worker has of the kit for notebooks that call it, and that does nothing there."""

KIT = tuple(sorted((*_FOR_PEOPLE, "datasets", "my_layers", "play")))
"""All that a submission can import from ``autograder``."""


def _draws_nothing(name: str) -> Any:
    """Stands for every picture to play with; those are for people. Whoever looks at all modules, as
    ``inspect`` does, finds neither a file nor a path here."""
    if name.startswith("_"):
        raise AttributeError(name)
    return lambda *_, **__: None


def datasets(file: str) -> types.ModuleType:
    """Load ``autograder.datasets`` from ``file``, and what it imports: in a zygote, so that it has
    that already, and anew in each worker, which shares nothing with others."""
    spec = importlib.util.spec_from_file_location("autograder.datasets", file)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["autograder.datasets"] = module
    exec(_code_of(file), module.__dict__)
    return module


@functools.cache
def _code_of(file: str) -> types.CodeType:
    code: types.CodeType = _compiled(Path(file).read_bytes(), file, "exec")
    return code


def prepare(seed: int, datasets_file: str | None) -> Guest:
    """Set up a worker's interpreter for a submission: its ``__main__`` and what it may import."""
    main = types.ModuleType("__main__")
    namespace = main.__dict__
    shell = _Shell(namespace)
    namespace["get_ipython"] = lambda: shell
    namespace["display"] = _display
    sys.modules["__main__"] = main
    kit = types.ModuleType("autograder")
    for name in _FOR_PEOPLE:
        setattr(kit, name, lambda *_, **__: None)
    # Pictures to play with are for people: here whatever they are called with draws nothing.
    kit.play = play = types.ModuleType("autograder.play")  # type: ignore[attr-defined]
    play.__getattr__ = _draws_nothing  # type: ignore[method-assign]
    sys.modules["autograder"], sys.modules["autograder.play"] = kit, play
    if datasets_file is not None:
        kit.datasets = datasets(datasets_file)  # type: ignore[attr-defined]
    ipython, display = types.ModuleType("IPython"), types.ModuleType("IPython.display")
    ipython.display = display  # type: ignore[attr-defined]
    ipython.get_ipython = namespace["get_ipython"]  # type: ignore[attr-defined]
    display.display = _display  # type: ignore[attr-defined]
    for name in ("HTML", "Image", "Markdown", "Math", "SVG", "clear_output"):
        setattr(display, name, lambda *_, **__: None)
    sys.modules["IPython"], sys.modules["IPython.display"] = ipython, display
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None:
        pyplot.show = lambda *_, **__: None  # type: ignore[attr-defined]
    np.random.seed(seed % (1 << 32))
    random.seed(seed)
    warnings.resetwarnings()
    guest = Guest(namespace)
    kit.my_layers = lambda *_, **__: guest.trusted  # type: ignore[attr-defined]
    return guest


_reached: dict[str, None] = {}
"""What the submission tried to reach of the machine's files, since the last reply."""

_PLACES = {
    "open": "read",
    "os.listdir": "list",
    "os.scandir": "list",
    "os.chdir": "enter",
    "os.remove": "remove",
    "os.rename": "change",
    "os.mkdir": "make",
    "os.link": "link to",
    "os.symlink": "link to",
    "os.chmod": "change",
    "os.truncate": "change",
}


def watch(known: Sequence[str]) -> None:
    """Note from now on when the submission names a file outside of the folders ``known``.

    For the report: a path of one's own computer is an honest slip, and the reader should see it. A
    submission that wants to hide what it does can.
    """
    inside = tuple(f"{folder.rstrip('/')}/" for folder in known)

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        verb = _PLACES.get(event)
        if verb is None or len(_reached) >= MAX_REACHED or type(arguments[0]) is not str:
            return
        path = os.path.abspath(arguments[0])
        if not f"{path}/".startswith(inside):
            if verb == "read" and type(arguments[2]) is int and arguments[2] & 3:
                verb = "write"
            _reached[f"{verb} {path[:200]}"] = None

    sys.addaudithook(hook)


class _CalledBack:
    """The trusted layers, computed on the other side of the pipe."""

    def __init__(self, sock: Any) -> None:
        self._sock = sock

    def _ask(self, name: str, arguments: Any) -> Any:
        payload: list[bytes] = []
        encoded = wire.encode(list(arguments), payload)
        wire.send(self._sock, {"callback": name, "arguments": encoded}, payload)
        header, answer = wire.receive(self._sock)
        if "refused" in header:
            raise ValueError(header["refused"])
        return wire.decode(header["value"], answer)

    def conv_forward(self, x: Any, w: Any, b: Any, conv_param: Any) -> Any:
        inputs = (x, w, b, conv_param)
        return self._ask("conv_forward", inputs), inputs

    def conv_backward(self, dout: Any, cache: Any) -> Any:
        return self._ask("conv_backward", (dout, *cache))

    def max_pool_forward(self, x: Any, pool_param: Any) -> Any:
        return self._ask("max_pool_forward", (x, pool_param)), (x, pool_param)

    def max_pool_backward(self, dout: Any, cache: Any) -> Any:
        return self._ask("max_pool_backward", (dout, *cache))

    def __repr__(self) -> str:
        return "the kit's layers"


def _display(*values: Any, **_: Any) -> None:
    for value in values:
        if value is not None:
            print(_text(value))


def serve(guest: Guest, sock: Any) -> Iterator[None]:
    """Answer requests on ``sock`` until the other side closes it; yields after each reply."""
    guest.trusted = _CalledBack(sock)
    while True:
        try:
            header, payload = wire.receive(sock)
        except wire.ConnectionLost:
            return
        reply, attachments = guest.handle(header, payload)
        wire.send(sock, reply, attachments)
        yield
