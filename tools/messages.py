"""What a catalogue of messages lacks: ``tools/messages.py LANGUAGE [--write] [--course DIR]``

Looks through the kit, or with ``--course`` through a course's own assignments, for everything that
is said in the language of the course, and compares it with the catalogues of LANGUAGE. Names what
is missing there, what has other names in braces, and what nobody says any more, and ends with exit
code 1 where there is something. ``--write`` puts what is missing into the catalogues, with nothing
behind ``msgstr``, and takes out what nobody says; a language that is not there yet begins like
that. With ``--mistakes`` the sentences and hints of known mistakes count, too.
"""

from __future__ import annotations

import argparse
import ast
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from babel.messages.pofile import escape, read_po

from autograder import rooms, vectors
from autograder.language import ROOMS, fields
from autograder.worker.seccomp import acts
from autograder.worker.shortcuts import SHORTCUTS

EVERYBODY, HIDDEN = ROOMS

NOT_SAID = ("authoring", "mistakes", "variants")
"""Folders of the package with files that are data here, or code of other people."""

HEADER = (
    'msgid ""\nmsgstr ""\n"Language: {language}\\n"\n'
    '"Content-Type: text/plain; charset=UTF-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n'
)

Messages = dict[str, list[str]]
"""Texts, with the files that say them."""


def messages(home: Path, *, mistakes: bool = False) -> dict[str, Messages]:
    """What is said in ``home``, the package or the ``grading`` folder of a course: by the room that
    its catalogue lies in. What only hidden checks say must not get into a student edition."""
    found: dict[str, Messages] = {room: {} for room in ROOMS}
    said: dict[str, Messages] = {room: {} for room in ROOMS}
    for path in sorted(home.rglob("*.py")):
        place = path.relative_to(home)
        if place.parts[0] not in NOT_SAID:
            room = HIDDEN if place.parts[:2] == ("suites", "hidden") else EVERYBODY
            for text in _texts(ast.parse(path.read_text(encoding="utf-8"))):
                said[room].setdefault(text, []).append(place.as_posix())
    for path in sorted((home / "suites" / "public").glob("*.json")):
        for task in json.loads(path.read_text(encoding="utf-8"))["tasks"]:
            said[EVERYBODY].setdefault(task["title"], []).append(path.relative_to(home).as_posix())
    if home == rooms.PACKAGE:
        for text in (*SHORTCUTS.values(), *acts()):
            said[EVERYBODY].setdefault(text, []).append("worker")
    if mistakes:
        for path in sorted((home / "suites" / "public" / "vectors").glob("*.npz")):
            for lesson in vectors.load(path)[1].values():
                for text in (lesson.sentence, lesson.hint):
                    places = said[EVERYBODY].setdefault(text, [])
                    places.append(path.relative_to(home).as_posix())
    for room in ROOMS:
        for text, places in said[room].items():
            if room == EVERYBODY or text not in said[EVERYBODY]:
                found[room][text] = list(dict.fromkeys(places))
    return found


def _texts(tree: ast.Module) -> Iterator[str]:
    """The texts of ``say`` and ``term``, where they are those of the language, and the titles of
    checks."""
    ours = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").endswith("language")
        for alias in node.names
        if alias.name in ("say", "term")
    }
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    for node in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
        given: ast.expr | None = None
        if isinstance(node.func, ast.Name) and node.func.id in ours and node.args:
            given = node.args[0]
        elif isinstance(node.func, ast.Attribute) and node.func.attr == "check":
            given = next((k.value for k in node.keywords if k.arg == "title"), None)
        if isinstance(given, ast.Constant) and isinstance(given.value, str):
            yield given.value


@dataclass
class Compared:
    """A catalogue beside what is said: ``odd`` are translations with other ``{names}``."""

    path: Path
    missing: list[str] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)
    text: str = ""

    @property
    def complete(self) -> bool:
        return not (self.missing or self.unused or self.odd)


def compare(path: Path, wanted: Mapping[str, list[str]]) -> Compared:
    """The catalogue ``path``, which need not exist, beside ``wanted``; and its text as it should
    be, with an entry for each of them in their order."""
    compared = Compared(path)
    entries = {}
    if path.exists():
        with path.open("rb") as file:
            entries = {m.id: m for m in read_po(file, ignore_obsolete=True) if m.id}
    compared.unused = [text for text in entries if text not in wanted]
    parts = [HEADER.format(language=path.stem)]
    for text, places in wanted.items():
        entry = entries.get(text)
        said = str(entry.string) if entry is not None else ""
        if entry is None or not said or entry.fuzzy:
            compared.missing.append(text)
        elif _names(text) != _names(said):
            compared.odd.append(text)
        comments = [f"# {line}\n" for line in entry.user_comments] if entry is not None else []
        flags = "#, fuzzy\n" if entry is not None and entry.fuzzy else ""
        where = f"#: {' '.join(places)}\n"
        body = f"msgid {escape(text)}\nmsgstr {escape(said)}\n"
        parts.append("".join([*comments, where, flags, body]))
    compared.text = "\n".join(parts)
    return compared


def _names(text: str) -> frozenset[str] | None:
    try:
        return fields(text)
    except ValueError:
        return None


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("language")
    parser.add_argument("--write", action="store_true", help="bring the catalogues up to date")
    parser.add_argument("--course", type=Path, metavar="DIR", help="a course's own assignments")
    parser.add_argument("--mistakes", action="store_true", help="known mistakes, too")
    options = parser.parse_args()
    home = rooms.PACKAGE if options.course is None else options.course / rooms.FOLDER
    done = True
    for room, wanted in messages(home, mistakes=options.mistakes).items():
        compared = compare(home / room / f"{options.language}.po", wanted)
        done &= compared.complete
        for what in ("missing", "unused", "odd"):
            for text in getattr(compared, what):
                print(f"{compared.path}: {what}: {text}")
        if options.write and (wanted or compared.path.exists()):
            compared.path.parent.mkdir(parents=True, exist_ok=True)
            compared.path.write_text(compared.text, encoding="utf-8")
    return 0 if done else 1


if __name__ == "__main__":
    sys.exit(main())
