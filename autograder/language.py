"""The language of messages: what students and graders read comes in the words of a catalogue.

Such a text stands in the code in English and goes through :func:`say` where it is put together.
``language`` in ``course.toml`` names catalogues of gettext, ``<language>.po``. They lie in the
rooms ``catalogues`` and, for what only hidden checks say, ``suites/hidden/catalogues``, of the kit
and of the course; entries of the course come first, and what no catalogue has stays English.
"""

from __future__ import annotations

import functools
import string
from collections.abc import Mapping
from pathlib import Path

from . import rooms
from .settings import WrongSetting, settings, wrong

__all__ = [
    "ENGLISH",
    "OF_THE_COURSE",
    "ROOMS",
    "after_colon",
    "catalogue",
    "fields",
    "language",
    "languages",
    "say",
    "term",
]

ENGLISH = "en"

ROOMS = ("catalogues", "suites/hidden/catalogues")
"""Where catalogues lie, in the package and in the ``grading`` folder of a course."""

OF_THE_COURSE = "catalogues/course"
"""Where a student edition, which has no folder of the course's, keeps the course's catalogues."""


def say(text: str, /, **values: object) -> str:
    """``text`` in the language of this course, with ``values`` in the place of its ``{names}``.

    Without ``values``, braces are braces. Raises :class:`~autograder.settings.WrongSetting` where
    there is no such language, or where a catalogue cannot be used.
    """
    template = _entries(settings().language, rooms.course()).get(text, text)
    return template.format(**values) if values else template


def term(text: str) -> str:
    """``text`` as it is: marks, for those who look for texts, one that is said later."""
    return text


def after_colon(sentence: str) -> str:
    """``sentence``, which has been said, as it is written behind a colon: in English it begins
    small. In other languages it stays, as its first word may be one that must not."""
    small = settings().language == ENGLISH
    return f"{sentence[:1].lower()}{sentence[1:]}" if small else sentence


def language() -> str:
    """The language of this course, as pages name it."""
    return settings().language.replace("_", "-")


def languages() -> tuple[str, ...]:
    """Every language that ``course.toml`` may name."""
    folders = (folder for room in (*ROOMS, OF_THE_COURSE) for folder in rooms.places(room))
    return tuple(sorted({ENGLISH, *(path.stem for f in folders for path in f.glob("*.po"))}))


@functools.cache
def _entries(language: str, course: Path | None) -> Mapping[str, str]:
    """All entries of a language; ``course`` is where the course's catalogues lie."""
    files = [place / f"{language}.po" for room in ROOMS for place in rooms.places(room)]
    files.sort(key=lambda path: path.is_relative_to(rooms.PACKAGE))
    files = [rooms.PACKAGE / OF_THE_COURSE / f"{language}.po", *files]
    found = [path for path in files if path.is_file()]
    if not found and language != ENGLISH:
        known = ", ".join(languages())
        problem = f"there is no catalogue {language}.po; there are the languages {known}"
        raise wrong(settings(), ["language"], problem)
    entries: dict[str, str] = {}
    for path in found:
        entries = {**catalogue(path), **entries}
    return entries


def catalogue(path: Path) -> dict[str, str]:
    """The entries of the file ``path`` that can be used, by their English text: not those that are
    empty, marked as fuzzy, or of a context.

    Raises :class:`~autograder.settings.WrongSetting` with the line where it is no catalogue, or
    where an entry has other ``{names}`` than its English text, with which nothing could be said.
    """
    from babel.messages.pofile import PoFileError, read_po  # slow, and English does without

    try:
        with path.open("rb") as file:
            found = read_po(file, ignore_obsolete=True, abort_invalid=True)
    except PoFileError as error:
        what = str(error).rpartition(" on ")[0]
        raise WrongSetting(f"{path}, line {error.lineno + 1}: {what}") from None
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise WrongSetting(f"{path} cannot be read: {error}") from None
    entries = {}
    for message in found:
        text, said = message.id, message.string
        if not isinstance(text, str) or not isinstance(said, str) or not text or not said:
            continue
        if message.fuzzy or message.context is not None:
            continue
        if not _fits(text, said):
            problem = f"must have the names of its English text {text!r}, as they are written there"
            raise WrongSetting(f"{path}, line {message.lineno}: {said!r} {problem}")
        entries[text] = said
    return entries


def _fits(text: str, said: str) -> bool:
    """Whether ``said`` can take the place of ``text``, whatever the values are."""
    try:
        known = fields(text)
    except ValueError:
        return True  # no template, so it is said as it is
    try:
        return fields(said) <= known
    except ValueError:
        return False


def fields(template: str) -> frozenset[str]:
    """The ``{names}`` of a template with how they are formatted, as ``count:,`` in ``{count:,}``.

    Raises ``ValueError`` for what is no template.
    """
    return frozenset(
        f"{name}{f'!{conversion}' if conversion else ''}{f':{how}' if how else ''}"
        for _, name, how, conversion in string.Formatter().parse(template)
        if name is not None
    )
