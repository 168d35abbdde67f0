"""Which submissions are nearly identical, once names, comments and layout are taken away.

Code is read as a sequence of marks, one for each node of its syntax tree: every name that a
submission made up is the same mark, texts are another, and what NumPy, Python and the assignment
name keep their own. Of these, copydetect makes fingerprints (all runs of :data:`RUN` marks) and
says which share of each submission another one has too.

Left out is what is nobody's own: runs that the released notebook has, and runs that more than
:data:`COMMON` submissions, or a tenth of a large class, have. (What is in more than ten programs is
taken for common by MOSS too, by default. Fingerprints: S. Schleimer, D. Wilkerson and A. Aiken,
"Winnowing", SIGMOD 2003.)
"""

from __future__ import annotations

import ast
import functools
import importlib.util
import io
import re
import zlib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

__all__ = [
    "COMMON",
    "MOST_COMPARED",
    "OWN",
    "SHARE",
    "Code",
    "Group",
    "Likeness",
    "Pair",
    "Part",
    "available",
    "likeness",
    "read_code",
]

RUN = 24
"""Marks in a fingerprint: one or two statements of array code."""

COMMON = 10

SHARE = 0.8
"""Two submissions are nearly identical if each has this share of the other's own code."""

OWN = 120
"""Fewer runs of one's own, some ten lines, are too few to say anything."""

PREFILTER = 0.3
"""The least share of common runs, of the longer one's, with which a pair is looked at. A pair that
has :data:`SHARE` of its marks in common lies below only if its differences are spread evenly over
all of it, one in every few statements."""

MOST_PAIRS = 50_000
"""So many pairs are looked at, the most alike first."""

MOST_COMPARED, MOST_PARSED, MOST_MARKS = 200_000, 50_000, 20_000
"""Characters of a submission, characters parsed at once (Python takes up to a second for the worst
of them), and marks of a submission: beyond these it is not compared, or not parsed."""

Ints = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class Part:
    """A top-level function, class or a stretch of other code: its name and its lines, from 1."""

    name: str
    first: int
    last: int


@dataclass(frozen=True)
class Code:
    """A submission's code as it is compared. ``marks`` has one character for each mark, ``lines``
    the line that each comes from. ``problem`` says why it is not compared."""

    text: str
    marks: str = ""
    lines: tuple[int, ...] = ()
    parts: tuple[Part, ...] = ()
    problem: str = ""


@dataclass(frozen=True)
class Pair:
    """Two students and the share of each one's own code that the other has too; ``lines`` are the
    lines of that code in each submission."""

    students: tuple[str, str]
    shares: tuple[float, float]
    lines: tuple[frozenset[int], frozenset[int]]

    @property
    def share(self) -> float:
        """The smaller one of the two shares."""
        return min(self.shares)


@dataclass(frozen=True)
class Group:
    """Students whose submissions are nearly identical, by the pairs that tie them together."""

    students: tuple[str, ...]
    pairs: tuple[Pair, ...]


@dataclass
class Likeness:
    """The groups, the largest first; who was not compared and why; how many were; and whether some
    pairs were left out because there were too many (``cut``)."""

    groups: list[Group] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    compared: int = 0
    cut: int = 0


def available() -> bool:
    """Whether the library that compares is installed."""
    return importlib.util.find_spec("copydetect") is not None


# From code to marks.


def read_code(text: str, names: Set[str] = frozenset()) -> Code:
    """``text`` as it is compared. ``names`` are those of the assignment's functions, which stay.

    Never raises: what Python cannot parse, up to the next function, is read word by word.
    """
    if len(text) > MOST_COMPARED:
        return Code(text, problem=f"it has {len(text):,} characters")
    marks: list[str] = []
    lines: list[int] = []
    parts: list[Part] = []
    pieces = list(_pieces(text))
    modules, made = _top_level([tree for _, _, tree in pieces if tree is not None])
    for start, piece, tree in pieces:
        if tree is None:
            found = list(_words(piece, start))
            parts.append(_part(piece, start))
        else:
            found = list(_nodes(tree, start, modules, made, names))
            parts += _parts_of(tree, start)
        marks += (_mark(word[:100]) for word, _ in found)
        lines += (line for _, line in found)
        if len(marks) > MOST_MARKS:
            return Code(text, problem="it has too many parts")
    return Code(text, "".join(marks), tuple(lines), tuple(parts))


def _parsed(text: str) -> ast.Module | None:
    if len(text) > MOST_PARSED:
        return None
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        # The parser says MemoryError to what is nested too deeply.
        return None


_START = re.compile(r"^(?=(?:@|def\b|class\b|async[ \t]+def\b|# %%))", re.MULTILINE)


def _pieces(text: str) -> Iterator[tuple[int, str, ast.Module | None]]:
    """``text`` whole if it can be parsed, else cut before every function: the line before which
    each piece begins, the piece, and its tree if there is one."""
    tree = _parsed(text)
    if tree is not None:
        yield 0, text, tree
        return
    cuts = sorted({0, *(match.start() for match in _START.finditer(text)), len(text)})
    line = 0
    for start, end in pairwise(cuts):
        piece = text[start:end]
        yield line, piece, _parsed(piece)
        line += piece.count("\n")


def _part(piece: str, start: int) -> Part:
    named = re.match(r"(?:async[ \t]+)?(?:def|class)[ \t]+(\w{1,100})", piece)
    last = start + max(piece.rstrip().count("\n"), 0) + 1
    return Part(named[1] if named else "", start + 1, last)


def _parts_of(tree: ast.Module, start: int) -> Iterator[Part]:
    """The functions and classes of ``tree``, and the stretches between them."""
    first = last = 0
    for node in tree.body:
        end = node.end_lineno or node.lineno
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            if first:
                yield Part("", start + first, start + last)
                first = 0
            begin = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            yield Part(node.name, start + begin, start + end)
        else:
            first, last = first or node.lineno, end
    if first:
        yield Part("", start + first, start + last)


# What says nothing about what code does.
_NOTES = frozenset({"annotation", "ctx", "returns", "type_comment", "type_ignores"})


def _children(node: ast.AST) -> list[ast.AST]:
    """The parts of ``node`` in the order of the code, without annotations and docstrings."""
    found: list[ast.AST] = []
    for name in node._fields:
        value = None if name in _NOTES else getattr(node, name, None)
        if isinstance(value, list):
            found += [part for part in value if isinstance(part, ast.AST) and not _is_idle(part)]
        elif isinstance(value, ast.AST):
            found.append(value)
    return found


def _is_idle(node: ast.AST) -> bool:
    """Whether ``node`` does nothing: a docstring, or another text that stands alone."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    return isinstance(node, ast.Pass)


def _nodes(
    tree: ast.Module,
    start: int,
    modules: Mapping[str, str],
    made: Set[str],
    names: Set[str],
) -> Iterator[tuple[str, int]]:
    """A word for each node of ``tree``, in the order of the code, with its line.

    ``made`` are names that the code has made up outside of its functions; each function has its own
    besides. Without recursion: a submission may be nested as deeply as the parser allows.
    """
    for top in tree.body:
        if _is_idle(top):
            continue
        bound = ({name for node in _all_nodes(top) for name in _bound_by(node)} | made) - names
        stack: list[tuple[ast.AST, int]] = [(top, 1)]
        while stack:
            node, line = stack.pop()
            line = getattr(node, "lineno", line)
            if not isinstance(node, ast.Expr):
                yield _word(node, modules, bound), start + line
            stack += [(child, line) for child in reversed(_children(node))]


def _all_nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """Every node of ``tree``, in no order."""
    stack = [tree]
    while stack:
        node = stack.pop()
        yield node
        stack += _children(node)


_FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def _bound_by(node: ast.AST) -> tuple[str, ...]:
    """The names that ``node`` itself gives a meaning to."""
    if isinstance(node, ast.Name):
        return () if isinstance(node.ctx, ast.Load) else (node.id,)
    if isinstance(node, ast.arg):
        return (node.arg,)
    if isinstance(node, _FUNCTION | ast.ExceptHandler) and node.name:
        return (node.name,)
    return ()


def _top_level(trees: Sequence[ast.Module]) -> tuple[dict[str, str], set[str]]:
    """Modules by what the code calls them, and the names that it made up outside of functions."""
    modules: dict[str, str] = {}
    made: set[str] = set()
    for top in (node for tree in trees for node in tree.body):
        if isinstance(top, ast.Import | ast.ImportFrom):
            modules |= {alias.asname: alias.name for alias in top.names if alias.asname}
        elif isinstance(top, _FUNCTION):
            made.add(top.name)
        else:
            made.update(name for node in _all_nodes(top) for name in _bound_by(node))
    return modules, made


def _word(node: ast.AST, modules: Mapping[str, str], bound: Collection[str]) -> str:
    kind = type(node).__name__
    if isinstance(node, ast.Name):
        return "name" if node.id in bound else f"name {modules.get(node.id, node.id)}"
    if isinstance(node, ast.Attribute):
        return f"attribute {node.attr}"
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return f"{kind} {'' if node.name in bound else node.name}"
    if isinstance(node, ast.Constant):
        value = node.value
        # The digits of a huge number would take long; texts are easily said in other words.
        return "text" if isinstance(value, str | bytes) else f"{type(value).__name__} {hash(value)}"
    return kind


_WORDS = re.compile(r"#[^\n]*|\"[^\"\n]*\"|'[^'\n]*'|[^\W\d]\w*|\d[\w.]*|\S")


def _words(text: str, start: int) -> Iterator[tuple[str, int]]:
    """The words of code that is none: names are alike, comments are dropped."""
    for number, line in enumerate(text.split("\n"), start + 1):
        for word in _WORDS.findall(line):
            if word[0] in "\"'":
                yield "word text", number
            elif word[0] != "#":
                yield f"word {'' if word.isidentifier() else word[:40]}", number


@functools.lru_cache(maxsize=100_000)
def _mark(word: str) -> str:
    """One character for ``word``, the same in every run and on every machine."""
    return chr(0x10000 + zlib.crc32(word.encode("utf-8", "replace")) % 0x100000)


# From marks to groups.


def likeness(
    codes: Mapping[str, Code],
    released: Code | None = None,
    done: Callable[[int, int], None] = lambda count, total: None,
) -> Likeness:
    """The groups of nearly identical submissions among ``codes``, by student.

    ``released`` is what everybody was given. ``done`` is told how many of how many exact
    comparisons are done. Time and memory are bounded by the number of submissions and their length
    (:data:`MOST_MARKS`), and grow with what submissions share, not with the number of pairs.
    """
    found = Likeness()
    same: dict[str, list[str]] = defaultdict(list)
    for student, code in codes.items():
        if code.problem:
            found.left_out[student] = code.problem
        else:
            same[code.marks].append(student)
    # Who hands in the same is looked at once, and counts once where it is asked what many have.
    firsts = [students[0] for students in same.values()]
    runs = [_runs(codes[student].marks) for student in firsts]
    others = _runs(released.marks) if released is not None else np.empty(0, np.int64)
    common = _common(runs, others)
    enough: list[str] = []
    own: list[_Own] = []
    for student, its in zip(firsts, runs, strict=True):
        group = same[codes[student].marks]
        mine = _Own(its, common)
        if len(mine.runs) < OWN:
            found.left_out |= dict.fromkeys(group, "it has too little code of its own")
        else:
            enough.append(student)
            own.append(mine)
            found.compared += len(group)
    candidates = _candidates([mine.runs for mine in own])
    found.cut = max(len(candidates) - MOST_PAIRS, 0)
    fingerprints = _Fingerprints(codes, common)
    tied = _Tied(student for s in enough for student in same[codes[s].marks])
    for student in enough:
        first, *copies = same[codes[student].marks]
        for copy in copies:
            tied.join(fingerprints.compare(first, copy))
    total = min(len(candidates), MOST_PAIRS)
    for count, (i, j) in enumerate(candidates[:MOST_PAIRS], 1):
        one, other = enough[i], enough[j]
        # Two that are in one group already need no other proof.
        if not tied.together(one, other) and own[i].share(own[j]) >= SHARE:
            tied.join(fingerprints.compare(one, other))
        done(count, total)
    found.groups = tied.groups()
    return found


class _Own:
    """The runs of a code that are its own, sorted, and what share of its marks they cover that
    another code has too: what copydetect's comparison gives, in a fraction of the time."""

    def __init__(self, runs: Ints, common: Ints) -> None:
        self._all = runs
        self._mine = ~np.isin(runs, common)
        self.runs = np.unique(runs[self._mine])
        self._covered = self._cover(self._mine)

    def _cover(self, starts: np.ndarray[Any, np.dtype[np.bool_]]) -> int:
        """How many marks lie in the runs that begin at ``starts``."""
        sums = np.concatenate([np.zeros(RUN, np.int64), np.cumsum(starts), [0] * (RUN - 1)])
        sums[len(sums) - RUN + 1 :] = sums[len(sums) - RUN]
        return int(np.count_nonzero(sums[RUN:] - sums[:-RUN]))

    def share(self, other: _Own) -> float:
        """The smaller one of the shares that two codes have in common."""
        shares = []
        for one, two in ((self, other), (other, self)):
            place = np.minimum(np.searchsorted(two.runs, one._all), len(two.runs) - 1)
            both = one._mine & (two.runs[place] == one._all)
            shares.append(one._cover(both) / one._covered)
        return min(shares)


def _fingerprint(marks: str) -> Any:
    """copydetect's fingerprint. A window of 1 keeps every run: which ones winnowing keeps depends
    on Python's hashes of texts, and so on chance."""
    from copydetect import CodeFingerprint

    return CodeFingerprint("", RUN, 1, filter=False, fp=io.StringIO(marks))


def _runs(marks: str) -> Ints:
    """The fingerprint of every run of a code, in order."""
    from copydetect.utils import hashed_kgrams

    return np.asarray(hashed_kgrams(marks, RUN), np.int64)


def _common(runs: Sequence[Ints], released: Ints) -> Ints:
    """The runs that are nobody's own, sorted."""
    if not runs:
        return released
    every, counts = np.unique(np.concatenate([*map(np.unique, runs)]), return_counts=True)
    return np.union1d(every[counts > max(COMMON, len(runs) / 10)], released)


def _candidates(own: Sequence[Ints]) -> list[tuple[int, int]]:
    """The pairs that share :data:`PREFILTER` of their runs or more, the most alike first.

    Counted for all pairs at once, as a matrix product over an inverted index, some thousand runs at
    a time.
    """
    if len(own) < 2:
        return []
    owner = np.repeat(np.arange(len(own)), [len(runs) for runs in own])
    _, column, counts = np.unique(np.concatenate(own), return_inverse=True, return_counts=True)
    shared = counts[column] > 1
    owner, column = owner[shared], column[shared]
    order = np.argsort(column, kind="stable")
    owner, column = owner[order], np.unique(column[order], return_inverse=True)[1]
    both = np.zeros((len(own), len(own)), np.float32)
    width = 4096
    for start in range(0, int(column[-1]) + 1 if len(column) else 0, width):
        low, high = np.searchsorted(column, (start, start + width))
        has = np.zeros((len(own), width), np.float32)
        has[owner[low:high], column[low:high] - start] = 1
        both += has @ has.T
    sizes = np.array([len(runs) for runs in own], np.float32)
    share = np.triu(both / np.maximum.outer(sizes, sizes), 1)
    first, second = np.nonzero(share >= PREFILTER)
    best = np.argsort(-share[first, second], kind="stable")
    return [(int(first[i]), int(second[i])) for i in best]


class _Fingerprints:
    """copydetect's fingerprints of some codes, without the runs ``common``; the last few are kept,
    because one takes a hundred times the memory of its code."""

    def __init__(self, codes: Mapping[str, Code], common: Ints) -> None:
        self._codes = codes
        self._common = common
        self._of = functools.lru_cache(maxsize=64)(self._make)

    def _make(self, student: str) -> Any:
        from copydetect.utils import get_token_coverage

        marks = self._codes[student].marks
        made = _fingerprint(marks)
        # copydetect can leave out given runs itself, but then drops runs that occur twice as well.
        hashes = np.fromiter(made.hash_idx, np.int64, len(made.hash_idx))
        for run in hashes[np.isin(hashes, self._common)]:
            made.hashes.discard(run)
            del made.hash_idx[run]
        made.token_coverage = get_token_coverage(made.hash_idx, RUN, len(marks))
        return made

    def compare(self, one: str, other: str) -> Pair:
        """The share that two codes have in common, exactly."""
        from copydetect import compare_files

        _, shares, slices = compare_files(self._of(one), self._of(other))
        lines = tuple(
            frozenset(
                line
                for start, end in np.asarray(places, np.int64).T
                for line in self._codes[student].lines[start:end]
            )
            for student, places in zip((one, other), slices, strict=True)
        )
        return Pair((one, other), (float(shares[0]), float(shares[1])), (lines[0], lines[1]))


class _Tied:
    """Students in groups, joined pair by pair."""

    def __init__(self, students: Iterator[str]) -> None:
        self._head = {student: student for student in students}
        self._pairs: list[Pair] = []

    def _find(self, student: str) -> str:
        while self._head[student] != student:
            self._head[student] = student = self._head[self._head[student]]
        return student

    def together(self, one: str, other: str) -> bool:
        """Whether both are in one group."""
        return self._find(one) == self._find(other)

    def join(self, pair: Pair) -> None:
        """Put the two into one group."""
        self._head[self._find(pair.students[1])] = self._find(pair.students[0])
        self._pairs.append(pair)

    def groups(self) -> list[Group]:
        """The groups of two and more, the largest first, each with its closest pairs first."""
        pairs: dict[str, list[Pair]] = defaultdict(list)
        for pair in self._pairs:
            pairs[self._find(pair.students[0])].append(pair)
        made = [
            Group(
                tuple(sorted({student for pair in found for student in pair.students})),
                tuple(sorted(found, key=lambda pair: (-pair.share, pair.students))),
            )
            for found in pairs.values()
        ]
        return sorted(made, key=lambda group: (-len(group.students), group.students))
