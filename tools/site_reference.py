"""A hook of MkDocs: pages that are made from the program, and so cannot be out of date.

The tasks of all assignments, the commands' own help, the public names of ``autograder`` with their
docstrings, and the fields of a report.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import importlib
import inspect
import io
import json
import os
import re
from collections.abc import Iterator, Mapping
from typing import Any

from mkdocs.structure.files import File, Files

import autograder
from autograder import cli, release
from autograder.assignments import all_assignments
from autograder.report import SCHEMA_FILE

COURSE = ("convolution", "pooling", "normalization", "convnet")


def on_files(files: Files, config: Any) -> Files:
    """Add the generated pages."""
    pages = {
        "tasks.md": tasks(),
        "command-line.md": command_line(),
        "python.md": python(),
        "report.md": report(),
    }
    for uri, text in pages.items():
        files.append(File.generated(config, uri, content=text))
    return files


def tasks() -> str:
    """Every task, with its points, in the order of the course."""
    text = (
        "# Tasks\n\nPoints, stars from one (easy) to five, and the minutes that a task takes most "
        "people. Written answers are read by a person.\n"
    )
    found = {assignment.name: assignment for assignment in all_assignments()}
    for name in sorted(found, key=lambda name: (*COURSE, name).index(name)):
        listed = found[name].tasks
        hours = sum(task.minutes for task in listed) / 60
        points = sum(task.points for task in listed)
        text += f"\n## {name}\n\n{len(listed)} tasks, {points:g} points, about {hours:.0f} hours.\n"
        text += "\n| task | name | points | | minutes |\n| --- | --- | ---: | --- | ---: |\n"
        for task in listed:
            by_hand = " (written)" if task.by_hand else ""
            stars = "★" * task.difficulty
            text += f"| {task.title}{by_hand} | `{task.task}` | {task.points:g} | {stars} | "
            text += f"{task.minutes} |\n"
    return text


def commands(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """``parser`` and its sub-commands, and theirs."""
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for sub in action.choices.values():
                yield from commands(sub)


def command_line() -> str:
    """``--help`` of every command."""
    text = "# Command line\n\nThe commands' own help.\n"
    with _eighty_columns():
        for parser in commands(cli._parser()):
            text += f"\n## {parser.prog}\n\n```text\n{parser.format_help().strip()}\n```\n"
        shown = io.StringIO()
        with contextlib.redirect_stdout(shown), contextlib.suppress(SystemExit):
            release.main(["--help"])
        text += f"\n## python -m autograder.release\n\n```text\n{shown.getvalue().strip()}\n```\n"
    return text


@contextlib.contextmanager
def _eighty_columns() -> Iterator[None]:
    before = os.environ.get("COLUMNS")
    os.environ["COLUMNS"] = "88"
    try:
        yield
    finally:
        if before is None:
            del os.environ["COLUMNS"]
        else:
            os.environ["COLUMNS"] = before


def python() -> str:
    """The public names of ``autograder``."""
    text = f"# Python\n\n{prose(inspect.getdoc(autograder) or '')}\n"
    for name in autograder.__all__:
        text += f"\n## {name}\n"
        value = getattr(autograder, name)
        if inspect.ismodule(value):
            text += f"\n{prose(inspect.getdoc(value) or '')}\n"
            for inner in importlib.import_module(value.__name__).__all__:
                text += entry(f"{name}.{inner}", getattr(value, inner), "###")
        else:
            text += entry(f"autograder.{name}", value, "")
    return text


def entry(name: str, value: Any, heading: str) -> str:
    """A function or a class: how it is called, its docstring, its fields and methods."""
    text = f"\n{heading} {name}\n" if heading else ""
    if not callable(value):
        return f"{text}\n```python\n{value!r}\n```\n"
    text += f"\n```python\n{signature(name, value)}\n```\n"
    text += f"\n{prose(inspect.getdoc(value) or '')}\n"
    if inspect.isclass(value) and dataclasses.is_dataclass(value):
        fields = (f"| `{field.name}` | `{field.type}` |" for field in dataclasses.fields(value))
        text += "\n| field | type |\n| --- | --- |\n" + "\n".join(fields) + "\n"
    if inspect.isclass(value):
        for method, made in vars(value).items():
            if method.startswith("_") or not getattr(made, "__doc__", ""):
                continue
            if isinstance(made, property | classmethod) or inspect.isfunction(made):
                call = made.__func__ if isinstance(made, classmethod) else made
                said = prose(inspect.getdoc(made) or "").replace("\n", "\n    ")
                text += f"\n`{signature(f'{value.__name__}.{method}', call)}`\n:   {said}\n"
    return text


def signature(name: str, value: Any) -> str:
    """How ``value`` is called; a property has no parentheses."""
    if isinstance(value, property):
        return name
    if inspect.isclass(value):
        return f"class {name}"
    shown = str(inspect.signature(value)).replace("'", "")
    return name + re.sub(r"\((?:self|cls)(?:, )?", "(", shown)


def prose(docstring: str) -> str:
    """A docstring as Markdown."""
    text = re.sub(r":[a-z]+:`~?(?:[\w.]*\.)?(\w+)`", r"`\1`", docstring)
    text = re.sub(r"``([^`]+)``", r"`\1`", text)
    text = re.sub(r"::$", ":", text, flags=re.MULTILINE)
    return re.sub(r"\s*# doctest:.*$", "", text, flags=re.MULTILINE)


def report() -> str:
    """The fields of a report, from its schema."""
    schema = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    text = (
        f"# Report\n\n{schema['description']} This is version "
        f"{schema['properties']['version']['const']} of the schema, "
        "[as JSON Schema](../autograder/report.schema.json).\n"
    )
    text += fields("", schema)
    for name, part in schema["$defs"].items():
        text += f"\n## {name}\n"
        text += f"\n{part['description'].capitalize()}.\n" if "description" in part else ""
        text += fields(name, part)
    return text


def fields(of: str, part: Mapping[str, Any]) -> str:
    """The table of the fields of one object; of anything else, what it is."""
    if "properties" not in part:
        return f"\nA {kind(part)}.\n"
    text = "\n| field | type | |\n| --- | --- | --- |\n"
    for name, field in part["properties"].items():
        said = field.get("description", "")
        if name not in part["required"]:
            said = f"{said} (may be missing)".strip()
        text += f"| `{name}` | {kind(field)} | {said} |\n"
    return text


def kind(field: Mapping[str, Any]) -> str:
    """The type of a field, in words."""
    if "const" in field:
        return f"`{field['const']}`"
    if "enum" in field:
        return ", ".join(f"`{value}`" if value else "empty" for value in field["enum"])
    if "$ref" in field:
        name = field["$ref"].rpartition("/")[2]
        return f"[{name}](#{name})"
    if "anyOf" in field or "oneOf" in field:
        return " or ".join(kind(part) for part in field.get("anyOf") or field["oneOf"])
    if field.get("type") == "array":
        return f"list of {kind(field['items'])}"
    least = ", at least 0" if field.get("minimum") == 0 else ""
    types = field["type"] if isinstance(field["type"], list) else [field["type"]]
    words = {"string": "text", "boolean": "true or false"}
    return " or ".join(words.get(name, str(name)) for name in types) + least
