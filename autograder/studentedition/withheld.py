"""What students must not see, gathered from the checkout: what :mod:`.leaks` looks for.

There are no lists to keep: everything is read from the sources, and so is what is allowed. A line
or a fragment is no secret if it stands in the *scaffold*, which is the source notebooks without
what is between ``BEGIN`` and ``END`` of a solution. One of the reference, of known mistakes, of
right answers or of hidden checks is none either if it stands in the public suites. Solutions have
no such excuse.
"""

from __future__ import annotations

import ast
import functools
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .. import rooms
from . import normal

__all__ = ["Secret", "Secrets", "gathered", "numbers_in"]

LEAST_WEIGHT = 9
"""Nodes of a statement on one line that is worth looking for."""

LEAST_CHARACTERS = 14
"""Characters of such a line, without spaces."""

LONG = 40
"""Characters, without spaces, of a line that is looked for although it is no statement by itself:
a piece of a longer one, or a sentence of a model answer."""

LEAST_FRAGMENT = 14
"""Nodes of a statement that is looked for whatever its names are."""

LEAST_FUNCTION = 12
"""Nodes of a whole function that is; those of solutions are looked for however short they are."""

LEAST_DIGITS = 5
"""Digits of a number that is taken for a value and not for a size."""

_REGION = re.compile(
    r"[^\n]*### BEGIN (?:SOLUTION|MARK SCHEME|HIDDEN TESTS)[^\n]*\n(.*?)"
    r"[^\n]*### END (?:SOLUTION|MARK SCHEME|HIDDEN TESTS)[^\n]*\n?",
    re.DOTALL,
)
_NUMBER = re.compile(r"(?<![\w.])\d[\d,_]*(?:\.\d+)?(?:e[+-]?\d+)?(?![\w])")

ROOMS = {
    "reference": ("reference/**/*.py",),
    "known mistake": ("mistakes/**/*.py",),
    "right answer": ("variants/**/*.py",),
    "hidden check": ("suites/hidden/**/*.py",),
}
"""Where in the package secrets stand, by their kind; solutions stand in the source notebooks."""


@dataclass(frozen=True)
class Secret:
    """One thing that must not get out: of which kind, where it stands, and how it reads."""

    kind: str
    where: str
    text: str


@dataclass
class Secrets:
    """Everything that is looked for, by its normal form.

    ``lines`` are squeezed lines, looked for inside of any text; ``fragments`` forms of statements,
    in any Python; ``words`` are names and texts, as a name or as a text in quotes; ``numbers`` in
    any text and any array.
    """

    lines: dict[str, Secret] = field(default_factory=dict)
    fragments: dict[str, Secret] = field(default_factory=dict)
    words: dict[str, Secret] = field(default_factory=dict)
    numbers: dict[float, Secret] = field(default_factory=dict)

    @functools.cached_property
    def table(self) -> normal.Table:
        """The lines, to be looked for; made once, when all of them are there."""
        return normal.Table(self.lines)

    def __len__(self) -> int:
        return len(self.lines) + len(self.fragments) + len(self.words) + len(self.numbers)

    def add_code(self, kind: str, where: str, source: str, *, first: int = 1) -> None:
        """Add the lines and statements of Python source whose first line has the number given."""
        tree = normal.parsed(source)
        rows = source.split("\n")
        for number, line in normal.lines(source, tree):
            short = normal.squeezed(line)
            heavy = len(short) >= LEAST_CHARACTERS and normal.weight(line) >= LEAST_WEIGHT
            if heavy or (len(short) >= LONG and not _is_head(line)):
                secret = Secret(kind, f"{where}, line {number + first - 1}", line)
                self.lines.setdefault(short, secret)
        for fragment in normal.fragments(tree) if tree is not None else ():
            if fragment.size >= (LEAST_FUNCTION if fragment.function else LEAST_FRAGMENT):
                place = f"{where}, line {fragment.line + first - 1}"
                text = rows[fragment.line - 1].strip()
                self.fragments.setdefault(fragment.form, Secret(kind, place, text))

    def add_functions(self, kind: str, where: str, source: str) -> None:
        """Add whole functions, whatever their size."""
        tree = normal.parsed(source)
        for fragment in normal.fragments(tree) if tree is not None else ():
            if fragment.function:
                self.fragments.setdefault(fragment.form, Secret(kind, where, "the whole function"))

    def add_prose(self, kind: str, where: str, text: str) -> None:
        """Add the long lines of a text."""
        for line in text.splitlines():
            short = normal.squeezed(line)
            if len(short) >= LONG:
                self.lines.setdefault(short, Secret(kind, where, line.strip()))

    def add_check(self, where: str, source: str) -> None:
        """Add names, texts and numbers of hidden checks."""
        tree = ast.parse(source)
        texts = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                for name in (node.name, node.name.removeprefix("test_")):
                    self._word(where, node.lineno, name)
            elif isinstance(node, ast.keyword) and node.arg == "title":
                self._word(where, node.value.lineno, str(getattr(node.value, "value", "")))
            elif isinstance(node, ast.Constant) and id(node) not in texts:
                if isinstance(node.value, str) and len(normal.squeezed(node.value)) >= LONG:
                    self._word(where, node.lineno, node.value)
                elif isinstance(node.value, int | float) and _is_value(repr(float(node.value))):
                    secret = Secret(
                        "hidden check", f"{where}, line {node.lineno}", repr(node.value)
                    )
                    self.numbers.setdefault(float(node.value), secret)

    def _word(self, where: str, line: int, word: str) -> None:
        short = normal.squeezed(word)
        if len(short) > 3:
            self.words.setdefault(short, Secret("hidden check", f"{where}, line {line}", word))

    def without(self, public: Public, kinds: Iterable[str]) -> Secrets:
        """These secrets, but for those of ``kinds`` that are public."""
        kinds = set(kinds)
        stands = set(normal.occurring(self.table, public.text))

        def kept(secret: Secret, known: bool) -> bool:
            return secret.kind not in kinds or not known

        return Secrets(
            {k: s for k, s in self.lines.items() if kept(s, k in stands)},
            {k: s for k, s in self.fragments.items() if kept(s, k in public.forms)},
            {k: s for k, s in self.words.items() if kept(s, public.knows(k))},
            {k: s for k, s in self.numbers.items() if kept(s, k in public.numbers)},
        )


@dataclass
class Public:
    """What everybody may read, in the forms in which secrets are kept."""

    text: str = ""
    forms: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    numbers: set[float] = field(default_factory=set)

    def add(self, source: str) -> None:
        """Add Python source, or a text."""
        tree = normal.parsed(source)
        if tree is not None:
            self.forms |= {fragment.form for fragment in normal.fragments(tree)}
        self.text += f"\n{normal.squeezed(source)}\n{normal.squeezed(normal.uncommented(source))}"
        self.names |= set(re.findall(r"\w+", source))
        self.numbers |= set(numbers_in(source))

    def knows(self, word: str) -> bool:
        """Whether ``word`` stands here as a name, as that of a check, or in quotes."""
        return bool({word, f"test_{word}"} & self.names) or f'"{word}"' in self.text


def gathered(root: Path, notebooks: Mapping[str, Any]) -> Secrets:
    """The secrets of the checkout ``root`` of the kit, and of the course whose source notebooks are
    ``notebooks``, by name."""
    secrets, public = Secrets(), Public()
    for name, notebook in notebooks.items():
        for cell in notebook.cells:
            where = f"solutions/{name}.py, {cell.get('id', '')}"
            parts, rest = _regions(cell)
            if parts and cell.cell_type == "code":
                secrets.add_functions("solution", where, cell.source)
            for part in parts:
                if cell.cell_type == "code":
                    secrets.add_code("solution", where, part)
                else:
                    secrets.add_prose("solution", where, part)
                    for number in numbers_in(part):
                        secrets.numbers.setdefault(
                            number, Secret("solution", where, f"{number:,g}")
                        )
            public.add(rest)
    course = rooms.course()
    homes = [root / "autograder", *([course / rooms.FOLDER] if course is not None else [])]
    for kind, patterns in ROOMS.items():
        for home, path in _matching(homes, *patterns):
            where = path.relative_to(home.parent).as_posix()
            source = path.read_text(encoding="utf-8")
            secrets.add_code(kind, where, source)
            if kind == "hidden check":
                secrets.add_check(where, source)
    secrets = secrets.without(public, ("solution", *ROOMS))
    for _, path in _matching(homes, "suites/*.py", "suites/public/*.py"):
        public.add(path.read_text(encoding="utf-8"))
    return secrets.without(public, ROOMS)


def _matching(homes: Iterable[Path], *patterns: str) -> Iterator[tuple[Path, Path]]:
    """The files below ``homes`` that a pattern fits, each with its home."""
    for home in homes:
        for path in sorted(path for pattern in patterns for path in home.glob(pattern)):
            yield home, path


def _regions(cell: Any) -> tuple[list[str], str]:
    """What of a cell of a source notebook students do not get, and the rest.

    A cell to be solved without any mark is replaced by nbgrader as a whole.
    """
    parts = [match[1] for match in _REGION.finditer(cell.source)]
    info = cell.metadata.get("nbgrader", {})
    if not parts and info.get("solution") and not info.get("task"):
        return [cell.source], ""
    return parts, _REGION.sub("", cell.source)


def numbers_in(text: str) -> Iterator[float]:
    """The numbers in a text that have enough digits to be a value."""
    for match in _NUMBER.finditer(text):
        digits = match[0].replace(",", "").replace("_", "")
        if _is_value(digits):
            yield float(digits)


def _is_value(digits: str) -> bool:
    value = float(digits)
    significant = digits.partition("e")[0].replace(".", "").strip("0")
    return math.isfinite(value) and len(significant) >= LEAST_DIGITS


def _is_head(line: str) -> bool:
    return re.match(r"(from|import|def|class|async def)\b|@|\)|\"|'", line) is not None
