"""Exhausting: processor, memory, files, output, and the grader's own patience."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .attack import WRONG, Attack, cell, cells_of, notebook, write


def _long_cell(source: str) -> Any:
    """A notebook with ``source`` after a cell that the tests call a function of."""

    def build(folder: Path, facts: Mapping[str, Any]) -> Path:
        return write(folder, notebook([cell(text) for text in cells_of(source, facts)]))

    return build


def _many_cells(source: str, count: int) -> Any:
    def build(folder: Path, facts: Mapping[str, Any]) -> Path:
        first, *rest = cells_of(WRONG, facts)
        cells = [first, *rest, *[source.format(number=n) for n in range(count)]]
        return write(folder, notebook([cell(text) for text in cells]))

    return build


ATTACKS = (
    Attack(
        "an endless loop",
        "Loops for ever, in a cell and in every call.",
        """
def same_padding(kernel):
    while True: pass
conv1x1_forward = lambda *_: same_padding(0)
while True: pass
""",
    ),
    Attack(
        "an endless loop in C",
        "Sums an endless range in one call of C code, where no Python line is passed.",
        "def same_padding(kernel):\n    return sum(range(10 ** 15))\n",
    ),
    Attack(
        "an endless generator",
        "Returns generators and iterators that never end.",
        """
import itertools
same_padding = lambda kernel: itertools.count()
conv1x1_forward = lambda *_: (np.zeros(1) for _ in itertools.repeat(0))
conv_cost = lambda *_, **__: itertools.cycle([1])
""",
    ),
    Attack(
        "a regular expression that explodes",
        "Matches a pattern that tries every way to split a text.",
        """
import re
def same_padding(kernel):
    return re.match(r"(a+)+$", "a" * 60 + "b")
""",
    ),
    Attack(
        "a power of powers",
        "Computes numbers of millions of digits, in C code that cannot be interrupted.",
        """
def same_padding(kernel):
    return 7 ** 7 ** 10
def conv1x1_forward(*_):
    return str(1 << (1 << 26))
""",
    ),
    Attack(
        "a number of ten million digits",
        "Returns and shows a huge int, which takes for ever to print.",
        """
same_padding = lambda kernel: 1 << 33_000_000
conv_output_size = lambda *_, **__: 10 ** 4299
conv_cost = lambda *_, **__: ((1 << 64, -(1 << 63) - 1, 1 << 63), 10 ** 30, -(10 ** 30))
1 << 33_000_000
""",
    ),
    Attack(
        "an exabyte of memory",
        "Asks for more memory than there is, in one piece.",
        """
def same_padding(kernel):
    return bytearray(1 << 60)
conv1x1_forward = lambda *_: np.ones((1 << 24, 1 << 24))
np.ones((1 << 20, 1 << 20))
""",
    ),
    Attack(
        "memory a page at a time",
        "Fills memory with small pieces until none is left, and keeps them.",
        """
kept = []
def same_padding(kernel):
    while True:
        kept.append(np.ones(1 << 23))
def conv1x1_forward(*_):
    import mmap
    while True:
        piece = mmap.mmap(-1, 1 << 26)
        piece.write(bytes(1 << 26))
        kept.append(piece)
""",
        own_limits=(("call", 2.0),),
    ),
    Attack(
        "memory beside the limit",
        "Keeps memory in files without names, which count as nobody's address space.",
        """
held = 0
for _ in range(28):
    descriptor = attempt(os.memfd_create, "held")
    if descriptor is None or attempt(lambda: os.posix_fallocate(descriptor, 0, 60 << 20) or 1) is None:
        break
    held += 60
if held > 1536:
    got(f"held {held} MiB, and 1536 are allowed")
""",
        harmful="it takes memory that no limit there counts",
    ),
    Attack(
        "memory in pipes",
        "Fills as many pipes as it may open, each made as large as it may be.",
        """
import fcntl
held = 0
while True:
    ends = attempt(os.pipe)
    if ends is None:
        break
    attempt(fcntl.fcntl, ends[1], 1031, 1 << 20)
    os.set_blocking(ends[1], False)
    held += attempt(os.write, ends[1], bytes(1 << 20)) or 0
if held > 1536 << 20:
    got(f"held {held >> 20} MiB")
""",
    ),
    Attack(
        "two thousand threads",
        "Starts threads until the machine refuses; none of them ends.",
        """
import threading
threading.stack_size(1 << 16)
def same_padding(kernel):
    for _ in range(2000):
        threading.Thread(target=threading.Event().wait, daemon=True).start()
    return kernel
""",
    ),
    Attack(
        "busy threads",
        "Computes in many threads at once, of which a thread's own clock would see one part each.",
        """
import threading
def work():
    while True:
        np.sum(np.ones(1 << 16))
def same_padding(kernel):
    for _ in range(8):
        threading.Thread(target=work, daemon=True).start()
    threading.Event().wait(30)
""",
    ),
    Attack(
        "a fork bomb",
        "Forks and forks again, in every way there is; stops by itself after a hundred tries.",
        """
made = 0
for _ in range(100):
    for fork in (os.fork, os.forkpty, lambda: LIBC.fork(), lambda: LIBC.vfork()):
        child = attempt(fork)
        if child == 0:
            os._exit(0)
        made += child is not None and child != -1
if made:
    got(f"{made} processes")
""",
        harmful="it makes processes",
    ),
    Attack(
        "every descriptor used up",
        "Opens files until no more may be opened, and keeps them open.",
        """
kept = []
while True:
    opened = attempt(open, os.devnull)
    if opened is None:
        break
    kept.append(opened)
def same_padding(kernel):
    return kernel
""",
    ),
    Attack(
        "five thousand small files",
        "Leaves many files and folders behind that the next ones must wait for.",
        """
for number in range(50):
    os.mkdir(str(number))
    for inner in range(100):
        os.close(os.open(f"{number}/{inner}", os.O_CREAT | os.O_WRONLY))
os._exit(0)
""",
    ),
    Attack(
        "a disk full of zeros",
        "Writes files without end; where its folder is on the disk, somebody must look in time.",
        """
written = 0
block = bytes(4 << 20)
for number in range(70):
    with open(str(number), "wb") as file:
        for _ in range(15):
            if attempt(file.write, block) is None or attempt(lambda: file.flush() or 1) is None:
                break
            written += 4
if written > 2048:
    got(f"{written} MiB on the disk, and the sandbox has 512")
""",
        own_limits=(("cell", 5.0),),
        harmful="it fills the disk",
    ),
    Attack(
        "a file of a terabyte",
        "Makes files far larger than the disk, of which not a block is written.",
        """
for size in (1 << 40, 1 << 50, 65 << 20):
    with open("large", "wb") as file:
        attempt(lambda: (file.truncate(size), got(f"a file of {size} bytes")))
        attempt(lambda: (file.seek(size), file.write(b"!"), file.flush(), got("written far behind")))
""",
    ),
    Attack(
        "folders three thousand deep",
        "Nests folders so deeply that removing them fails, and dies twice in them.",
        """
for _ in range(3000):
    os.mkdir("d")
    os.chdir("d")
os._exit(0)
""",
        then="for _ in range(1200):\n    os.mkdir('d')\n    os.chdir('d')\nos._exit(0)",
    ),
    Attack(
        "folders that may not be entered",
        "Takes all rights away from its own folder, so that it cannot be emptied.",
        """
os.makedirs("a/b/c")
open("a/b/c/d", "w").close()
for path in ("a/b/c", "a/b", "a", "."):
    os.chmod(path, 0)
os._exit(0)
""",
    ),
    Attack(
        "a flood of output",
        "Prints without end, to both streams and past them.",
        """
for _ in range(20_000):
    print("all checks passed " * 20)
sys.stderr.write("x" * 30_000_000)
for descriptor in (0, 1, 2):
    attempt(os.write, descriptor, b"x" * 1_000_000)
def same_padding(kernel):
    print("y" * 30_000_000)
    return kernel
""",
    ),
    Attack(
        "a repr of a hundred megabytes",
        "Shows objects whose repr is huge or never comes to an end.",
        """
class Large:
    def __repr__(self):
        return "r" * 100_000_000
class Slow:
    def __repr__(self):
        while True: pass
same_padding = lambda kernel: Large()
conv1x1_forward = lambda *_: [Slow()] * 3
Large()
""",
    ),
    Attack(
        "an exception of a hundred megabytes",
        "Raises exceptions with huge texts, long names and long chains of causes.",
        """
def same_padding(kernel):
    raise RuntimeError("e" * 100_000_000)
def conv1x1_forward(*_):
    error = None
    for number in range(5000):
        try:
            raise RuntimeError(number) from error
        except RuntimeError as caught:
            error = caught
    raise error
def conv_cost(*_, **__):
    raise type("N" * 1_000_000, (Exception,), {})
def conv_output_size(*_, **__):
    error = RuntimeError()
    for _ in range(1000):
        error.add_note("n" * 1000)
    raise error
""",
    ),
    Attack(
        "figures as large as walls",
        "Opens large figures and many figures, which are drawn after the cell.",
        """
import matplotlib.pyplot as plt
plt.figure(figsize=(100, 100))
plt.imshow(np.random.rand(300, 300))
for _ in range(30):
    plt.figure(figsize=(1, 1))
""",
        own_limits=(("cell", 2.0),),
    ),
    Attack(
        "results of hundreds of megabytes",
        "Returns arrays that are large, and arrays that only look large.",
        """
conv1x1_forward = lambda *_: np.ones(7_000_000)
same_padding = lambda kernel: np.broadcast_to(np.zeros(1), (1 << 20, 1 << 20))
conv_cost = lambda *_, **__: [np.zeros(1 << 21)] * 200
conv_output_size = lambda *_, **__: "t" * 200_000_000
""",
    ),
    Attack(
        "results nested without end",
        "Returns lists that contain themselves, and tuples hundreds deep.",
        """
loop = []
loop += [loop, loop]
deep = ()
for _ in range(900):
    deep = (deep, deep)
same_padding = lambda kernel: loop
conv_cost = lambda *_, **__: {"a": {"a": {"a": deep}}}
""",
    ),
    Attack(
        "handles without end",
        "Keeps every argument and result alive, in the guest's own list of handles.",
        """
kept = sys.modules["worker.guest"].Guest
real = kept._store
def store(self, value):
    for _ in range(1000):
        real(self, np.ones(1 << 12))
    return real(self, value)
kept._store = store
""",
        beside="conv1x1_forward",
    ),
    Attack(
        "hashes that collide",
        "Fills dictionaries with keys of one hash, so that each look-up walks over all of them.",
        """
class Key:
    __hash__ = lambda self: 1
def same_padding(kernel):
    return len({Key(): None for _ in range(10 ** 6)})
""",
    ),
    Attack(
        "a sleep in every cell",
        "Sleeps in every cell, each time for less than a cell may take: no clock of the CPU runs.",
        _many_cells(
            "import time\ntime.sleep(0.4)\nif {number} == 13:\n    got('five seconds')", 14
        ),
        own_limits=(("total", 1.0), ("cell", 0.5)),
    ),
    Attack(
        "a second chance for every task",
        "Replaces a helper in the last cell, so that each task is graded again, and sleeps in each.",
        """
def helper(*_, **__):
    import time
    time.sleep(100)
def conv_output_size(*_, **__): return helper()
def same_padding(kernel): return helper()
def conv_cost(*_, **__): return helper()
def receptive_field(layers): return helper()
def compose_convs(*_): return helper()
""",
        own_limits=(("deaths", 1), ("call", 0.25)),
    ),
    Attack(
        "a cell of blank lines",
        "Hands in tens of thousands of blank lines, over which a careless pattern walks again and again.",
        _long_cell("a = 1" + "\n" * 40_000 + "a = 2"),
    ),
    Attack(
        "a broken cell of blank lines",
        "Breaks a cell of blank lines, so that it is searched for each function that is missing.",
        _long_cell("raise ValueError" + "\n" * 40_000 + "def receptive_field(layers): pass"),
    ),
    Attack(
        "five hundred magics",
        "Writes so many magics that rewriting them, one by one, takes the grader minutes.",
        _long_cell("".join(f"x{n} = %time {n}\n" for n in range(500)) + "y = 1\n" * 3000),
        stumbles=True,
    ),
    Attack(
        "a long line before a question mark",
        "Ends a line of tens of thousands of letters like a request for help.",
        _long_cell("a" * 60_000 + "?\n" + "%" * 60_000 + "b" * 60_000 + "?"),
        stumbles=True,
    ),
    Attack(
        "expressions nested a hundred thousand deep",
        "Nests signs and brackets so deeply that whoever parses the cell runs out of stack.",
        _long_cell("x = " + "-" * 100_000 + "1\n"),
    ),
    Attack(
        "powers nested in a later cell",
        "The same with powers, conditions and functions, each in a cell of its own.",
        lambda folder, facts: write(
            folder,
            notebook(
                [
                    *map(cell, cells_of("def same_padding(kernel):\n    return x\n", facts)),
                    cell("x = 1" + "**1" * 50_000),
                    cell("x = " + "lambda:" * 50_000 + "1"),
                    cell("if 1: pass\n" + "elif 1: pass\n" * 50_000),
                    cell("x = " + "(" * 150 + "1" + ")" * 150),
                    cell("x = " + "1 if 1 else " * 50_000 + "1"),
                ]
            ),
        ),
    ),
    Attack(
        "formatted strings of a megabyte",
        "Writes strings with a hundred thousand fields, which parsers read over and over again.",
        lambda folder, facts: write(
            folder,
            notebook(
                [
                    *map(cell, cells_of("def same_padding(kernel):\n    return a\n", facts)),
                    cell('a = 1\nx = f"' + "{a}" * 80_000 + '"'),
                    cell('a = 2\nx = f"' + "{a}" * 80_000 + '"'),
                ]
            ),
        ),
        own_limits=(("cell", 0.5),),
    ),
    Attack(
        "five thousand cells",
        "Hands in as many cells as are read, each with something to run.",
        _many_cells("x = {number}", 4900),
        own_limits=(("cell", 2.0),),
    ),
)
