"""What students get, file by file, before anything of it is written."""

from __future__ import annotations

import ast
import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .. import release, rooms
from ..release import ReleaseError
from ..settings import Settings, settings
from . import contents
from .wheel import Wheel, dependencies, project, wheel

__all__ = ["SUMS", "Edition", "edition", "sources"]

SUMS = "SHA256SUMS"
"""The file with the checksums of all others: by it a later release knows its own files."""

README = Path(__file__).with_name("README.md")


@dataclass(frozen=True)
class Edition:
    """The student edition of some assignments.

    ``files`` are all of its files by their path, and ``wheel`` is one of them, with the ``modules``
    of the package by their path there. ``published`` are the checksums of data that were published
    before.
    """

    assignments: tuple[str, ...]
    files: Mapping[str, bytes]
    wheel: Wheel
    modules: frozenset[str]
    published: frozenset[str]


def sources(root: Path) -> dict[str, Any]:
    """The source notebooks of ``root``, a course or a checkout of the kit, by assignment. Raises
    :class:`~autograder.release.ReleaseError` where there are none."""
    names = release.assignments(root)
    if not names:
        raise ReleaseError(
            f"{root} has no solutions/: run this in a course, or with the kit of a checkout"
        )
    return {name: release.synchronised(root, name)[1] for name in names}


def edition(
    root: Path,
    notebooks: Mapping[str, Any],
    names: Sequence[str],
    say: Callable[[str], None] = lambda _: None,
    course: Path | None = None,
) -> Edition:
    """Put together the student edition of the assignments ``names``; ``say`` is told what is done.

    ``root`` is the checkout of the kit, and ``course`` the course's folder, where it is another.
    Raises ``ValueError`` for a name that is none, and :class:`~autograder.release.ReleaseError`
    where ``assignments/`` is not what the source gives, or the wheel cannot be built.
    """
    unknown = [name for name in names if name not in notebooks]
    if unknown:
        raise ValueError(
            f"there is no assignment {unknown[0]!r}; there are: {', '.join(notebooks)}"
        )
    if not (root / "pyproject.toml").is_file():
        raise ReleaseError(
            f"{root} is no checkout of the kit, and a student edition is made from one: use the "
            "program autograder that the checkout's make puts into its .venv"
        )
    files: dict[str, bytes] = {}
    home = course or root
    for name in names:
        for path, data in release.released(home, name, notebooks[name]).items():
            kept = home / "assignments" / name / path
            if not kept.is_file() or kept.read_bytes() != data:
                raise ReleaseError(
                    f"assignments/{name}/{path} is not what the source gives: run "
                    "autograder update, look at what has changed, and release again"
                )
            files[f"{name}/{path}"] = data
        say(f"{name}: the released notebook is what its source gives")
    data_files = _data(root)
    code = [source for name in names for source in _code(files[f"{name}/{name}.ipynb"])]
    rooms_of_course = course / rooms.FOLDER if course is not None else None
    package = contents.needed(root / "autograder", names, _doors(root, code), rooms_of_course)
    inside = {name: path.read_bytes() for name, path in package.items()}
    if course is not None:
        inside[rooms.FILE] = _choices(settings(), names).encode()
    modules = [data.decode() for name, data in inside.items() if name.endswith(".py")]
    inside |= {f"_datasets/{name}": data for name, data in data_files.items()}
    about = project(root)
    requirements = dependencies(about["dependencies"], [*code, *modules])
    requirements += [name for name in settings().packages if name not in requirements]
    readme = _readme(names, "")
    built = wheel(root, inside, requirements, readme)
    say(f"wheel: {built.name}, {len(inside)} files, {len(built.data) >> 10} KiB")
    files[f"kit/{built.name}"] = built.data
    files |= {f"datasets/{name}": data for name, data in data_files.items()}
    files |= {name: (root / name).read_bytes() for name in ("LICENSE", "LICENSE-TEXT")}
    files["README.md"] = _readme(names, built.name).encode()
    files["requirements.txt"] = _requirements(requirements, built.name).encode()
    files["environment.yml"] = _environment(root, requirements, built.name).encode()
    sums = {name: hashlib.sha256(data).hexdigest() for name, data in sorted(files.items())}
    files[SUMS] = "".join(f"{digest}  {name}\n" for name, digest in sums.items()).encode()
    published = frozenset(json.loads(data_files["checksums.json"]).values())
    modules_there = frozenset(name for name in package if name.endswith(".py"))
    return Edition(tuple(names), dict(sorted(files.items())), built, modules_there, published)


def _choices(settings: Settings, names: Sequence[str]) -> str:
    """What a ``course.toml`` says that matters at home, of the assignments ``names``."""
    lines = [f"language = {json.dumps(settings.language)}"]
    lines += [f"packages = {json.dumps(settings.packages)}", "[limits]"]
    lines += [f"{key} = {value}" for key, value in asdict(settings.limits).items()]
    for name in names:
        choices = settings.of(name)
        lines.append(f"[assignments.{json.dumps(name)}]")
        if choices.tasks is not None:
            lines.append(f"tasks = {json.dumps(choices.tasks)}")
        for key, table in (("points", choices.points), ("speed", choices.speed)):
            entries = ", ".join(f"{json.dumps(task)} = {value}" for task, value in table.items())
            lines.append(f"{key} = {{{entries}}}")
    return "\n".join(lines) + "\n"


def _data(root: Path) -> dict[str, bytes]:
    """The data sets with what is said about them, each file as it was published."""
    folder = root / "datasets"
    files = {name: (folder / name).read_bytes() for name in ("NOTICE", "checksums.json")}
    for name, digest in json.loads(files["checksums.json"]).items():
        files[name] = (folder / name).read_bytes()
        if hashlib.sha256(files[name]).hexdigest() != digest:
            raise ReleaseError(f"datasets/{name} is damaged: restore it from the repository")
    return files


def _code(notebook: bytes) -> list[str]:
    """The code cells of a notebook that are plain Python."""
    found = []
    for cell in json.loads(notebook)["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code":
            try:
                ast.parse(source)
            except SyntaxError:
                continue
            found.append(source)
    return found


def _doors(root: Path, code: Sequence[str]) -> list[str]:
    """The modules behind what notebooks take from the package: ``my_layers`` is of
    ``jupyter.earlier``."""
    text = (root / "autograder" / "__init__.py").read_text(encoding="utf-8")
    homes: dict[str, str] = {}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and node.level:
            homes |= {alias.name: node.module or alias.name for alias in node.names}
    taken = [
        alias.name
        for source in code
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom) and node.module == "autograder"
        for alias in node.names
    ]
    return [homes[name] for name in taken]


def _readme(names: Sequence[str], file: str) -> str:
    text = README.read_text(encoding="utf-8")
    rows = "\n".join(f"- `{name}/{name}.ipynb`" for name in names)
    return text.format(first=names[0], notebooks=rows, wheel=f"`{file}`" if file else "this one")


def _requirements(requirements: Sequence[str], file: str) -> str:
    head = "# pip install -r requirements.txt, in this folder\n"
    return head + "".join(f"{line}\n" for line in requirements) + f"./kit/{file}\n"


def _environment(root: Path, requirements: Sequence[str], file: str) -> str:
    """The course's ``environment.yml`` with what students need, and the wheel."""
    names = {re.split(r"[^\w.-]", line)[0] for line in requirements}
    names |= {"python", "pip", "conda-forge", "matplotlib-base" if "matplotlib" in names else ""}
    lines = ["# For conda:  conda env create -f environment.yml, in this folder"]
    for line in (root / "environment.yml").read_text(encoding="utf-8").splitlines():
        entry = re.match(r" +- ([\w.-]+)", line)
        if line.startswith("#") or (entry and entry[1] not in names and "-e ." not in line):
            continue
        lines.append(line.replace("-e .", f"./kit/{file}"))
    return "\n".join(lines) + "\n"
