"""The choices of a course: ``course.toml``, read, checked, and typed.

Every key may be left out; ``course.schema.json`` says what there is, with the defaults. The file
lies in the course's folder. A student edition carries a copy in the package, so that checks at home
judge by the same limits and points.
"""

from __future__ import annotations

import difflib
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from . import rooms

__all__ = [
    "SCHEMA_FILE",
    "AssignmentChoices",
    "Limits",
    "Settings",
    "WrongSetting",
    "read",
    "require_tasks",
    "settings",
    "wrong",
]

SCHEMA_FILE = Path(__file__).with_name("course.schema.json")

Isolation = Literal["bubblewrap", "landlock", "seatbelt", "process"]

_KINDS = {
    "array": "a list",
    "integer": "a whole number",
    "number": "a number",
    "object": "a table",
    "string": "a text",
}


class WrongSetting(ValueError):
    """``course.toml`` cannot be used; the text says where and why, and what may stand there."""


@dataclass(frozen=True)
class Limits:
    """How long a submission may take, in seconds of CPU time: a ``cell``, a ``call`` of a task, all
    of it together; and the memory of its worker, in MiB."""

    cell: float = 10.0
    call: float = 5.0
    total: float = 300.0
    memory_mib: int = 1536


@dataclass(frozen=True)
class AssignmentChoices:
    """Choices for one assignment.

    ``tasks`` are those to keep, None for all; ``points`` replaces the points of tasks; ``speed``
    is a factor on the limit of a task's speed, 1 where a task is not named.
    """

    tasks: tuple[str, ...] | None = None
    points: Mapping[str, float] = field(default_factory=dict)
    speed: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Settings:
    """What ``course.toml`` says; ``path`` is None where there is none, and all is by default."""

    path: Path | None = None
    name: str = ""
    language: str = "en"
    isolation: Isolation = "landlock"
    packages: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    assignments: Mapping[str, AssignmentChoices] = field(default_factory=dict)

    def of(self, assignment: str) -> AssignmentChoices:
        """The choices for ``assignment``."""
        return self.assignments.get(assignment, AssignmentChoices())

    def slower(self, task: str) -> float:
        """How many times longer than by default ``task`` may take."""
        for choices in self.assignments.values():
            if task in choices.speed:
                return choices.speed[task]
        return 1.0


@rooms.kept
def settings() -> Settings:
    """The choices of this course. Raises :class:`WrongSetting`."""
    folder = rooms.course()
    path = (folder if folder is not None else rooms.PACKAGE) / rooms.FILE
    return read(path) if path.is_file() else Settings()


def read(path: Path) -> Settings:
    """The choices in the file ``path``. Raises :class:`WrongSetting`, which names the line."""
    try:
        text = path.read_text(encoding="utf-8")
        data = tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        raise WrongSetting(f"{path} cannot be read: {error}") from None
    except tomllib.TOMLDecodeError as error:
        raise WrongSetting(f"{path} is not TOML: {error}") from None
    _validate(path, text, data)
    choices = {
        name: AssignmentChoices(
            tuple(entry["tasks"]) if "tasks" in entry else None,
            entry.get("points", {}),
            entry.get("speed", {}),
        )
        for name, entry in data.pop("assignments", {}).items()
    }
    return Settings(
        path=path,
        name=data.get("name", ""),
        language=data.get("language", Settings.language),
        isolation=data.get("isolation", Settings.isolation),
        packages=tuple(data.get("packages", ())),
        limits=Limits(**data.get("limits", {})),
        assignments=choices,
    )


def wrong(settings: Settings, place: Sequence[str | int], problem: str) -> WrongSetting:
    """An error about what stands at ``place``, a path of keys, in the file of ``settings``."""
    assert settings.path is not None
    return _wrong(settings.path, settings.path.read_text(encoding="utf-8"), place, problem)


def require_tasks(settings: Settings, assignment: str, tasks: Sequence[str]) -> None:
    """Raise :class:`WrongSetting` where a choice for ``assignment`` names none of its ``tasks``."""
    choices = settings.of(assignment)
    named = [(["tasks"], task) for task in choices.tasks or ()]
    named += [(["points", task], task) for task in choices.points]
    named += [(["speed", task], task) for task in choices.speed]
    for place, task in named:
        if task not in tasks:
            problem = f"{task} is no task of it; there are: {', '.join(tasks)}"
            raise wrong(settings, ["assignments", assignment, *place], problem)


def _wrong(path: Path, text: str, place: Sequence[str | int], problem: str) -> WrongSetting:
    key = ".".join(str(part) for part in place if isinstance(part, str))
    return WrongSetting(f"{path}, line {_line(text, place)}: {f'{key}: ' if key else ''}{problem}")


def _validate(path: Path, text: str, data: Any) -> None:
    import jsonschema  # slow to import, and most people have no such file

    schema = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    errors = sorted(
        jsonschema.Draft202012Validator(schema).iter_errors(data),
        key=lambda error: _line(text, _place(error)),
    )
    if errors:
        raise _wrong(path, text, _place(errors[0]), _problem(errors[0]))


def _place(error: Any) -> list[str | int]:
    """The path of keys to what is wrong."""
    place = list(error.absolute_path)
    return [*place, *_unknown(error)[:1]] if error.validator == "additionalProperties" else place


def _unknown(error: Any) -> list[str]:
    return [key for key in error.instance if key not in error.schema["properties"]]


def _problem(error: Any) -> str:
    """What is wrong, for people."""
    kind, wanted, value = error.validator, error.validator_value, error.instance
    if kind == "additionalProperties":
        known = list(error.schema["properties"])
        near = difflib.get_close_matches(_unknown(error)[0], known, 1)
        return f"there is no such key; {f'{near[0]}?' if near else f'there are {_and(known)}'}"
    if kind == "type":
        return f"must be {_KINDS[wanted]}, not {value!r}"
    if kind == "enum":
        return f"must be one of {', '.join(map(repr, wanted))}, not {value!r}"
    if kind in ("minimum", "maximum", "exclusiveMinimum"):
        than = {"minimum": "at least", "maximum": "at most", "exclusiveMinimum": "more than"}[kind]
        return f"must be {than} {wanted}, not {value!r}"
    if kind == "pattern":
        return f"must be of letters, digits, '.', '_' and '-', not {value!r}"
    if kind == "uniqueItems":
        return "names something twice"
    if kind == "minItems":
        return "is empty"
    return str(error.message)


def _and(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _line(text: str, place: Sequence[str | int]) -> int:
    """The number of the line of a TOML text where what stands at ``place`` begins.

    It is in the text's shortest beginning that is TOML and has it; a value of several lines begins
    after the longest beginning before that is TOML, too.
    """
    lines = text.splitlines(keepends=True)
    before = 0
    for number in range(1, len(lines) + 1):
        try:
            value = tomllib.loads("".join(lines[:number]))
        except tomllib.TOMLDecodeError:
            continue
        if _has(value, place):
            return before + 1
        before = number
    return max(1, len(lines))


def _has(value: Any, place: Sequence[str | int]) -> bool:
    for part in place:
        if isinstance(value, list):
            value = dict(enumerate(value))
        if not isinstance(value, dict) or part not in value:
            return False
        value = value[part]
    return True
