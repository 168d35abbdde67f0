"""Which files of the package students need: what their commands and notebooks import, and no more.

Imports are followed from the doors that students use. A module that nothing of theirs imports is
left out without being named anywhere; one of the rooms in :data:`WITHHELD` that something of theirs
does import is an error.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

from ..language import OF_THE_COURSE
from ..release import ReleaseError

__all__ = ["WITHHELD", "imported", "needed"]

DOORS = (
    "",
    "cli",
    "doctor",
    "jupyter",
    "jupyter.racing",
    "pytest_plugin",
    "suites",
    "suites.public",
)
"""Where students come in, as modules of the package; what notebooks import comes on top."""

WITHHELD = (
    "audit",
    "authoring",
    "batch",
    "choosing",
    "classreport",
    "mistakes",
    "nbgrader_plugin",
    "reference",
    "release",
    "studentedition",
    "suites/hidden",
    "variants",
)
"""Modules and folders that no student gets, whoever imports them."""

Modules = Mapping[str, Path]


def needed(
    package: Path,
    assignments: Collection[str],
    doors: Collection[str],
    course: Path | None = None,
) -> dict[str, Path]:
    """The files that an edition with ``assignments`` needs, by their path inside of ``package``.

    ``course`` is a folder of rooms with suites of a course's own, whose files come where those of
    the package are.

    ``doors`` are modules (``jupyter.racing``) that the notebooks use. Data files lie beside the
    modules that use them: a folder's own ones come with its package, those of the public suites
    with their assignment; a course's catalogues of messages lie in a folder below the kit's. An
    assignment whose suite is imported by another's is there, too, so that the layers of earlier
    notebooks can be tried. Raises :class:`~autograder.release.ReleaseError`, with who imports what,
    where that is withheld.
    """
    roots = [package, *([course] if course is not None else [])]
    modules = {**(_modules(course, package) if course is not None else {}), **_modules(package)}
    wanted = [*DOORS, *doors, *(f"suites.public.test_{name}" for name in assignments)]
    # A folder that notebooks take as a whole loads its modules when they are asked for, by name. Of
    # those in DOORS they take functions: jupyter.earlier would bring layers that work to everybody.
    whole = tuple(f"{door}." for door in doors if door not in DOORS)
    wanted += [name for name in modules if name.startswith(whole)]
    found: dict[str, Path] = {}
    while wanted:
        name = wanted.pop()
        if name in found or name not in modules:
            continue
        found[name] = modules[name]
        for other in (name.rpartition(".")[0], *imported(modules, name)):
            if other in modules and _withheld(_inside(modules[other], roots)):
                raise ReleaseError(
                    f"the student edition leaves out {other}, and {name} imports it. Students "
                    "cannot do without what they import: move that part out of the room."
                )
            wanted.append(other)
        suite = name.removeprefix("suites.")
        if f"suites.public.test_{suite}" in modules:
            wanted.append(f"suites.public.test_{suite}")
    suites = {name.removeprefix("suites.public.test_") for name in found if "test_" in name}
    files = {_inside(path, roots).as_posix(): path for path in found.values()}
    folders = {path.parent for path in found.values() if path.name == "__init__.py"}
    folders |= {root / "suites" / "public" for root in roots[1:]}
    for folder in folders:
        for path in _data(folder) if folder.is_dir() else ():
            relative = _inside(path, roots)
            public = relative.parts[:2] == ("suites", "public")
            if _withheld(relative) or (public and path.stem not in {*suites, "race"}):
                continue
            files[relative.as_posix()] = path
    for path in sorted((course / "catalogues").glob("*.po")) if course is not None else ():
        files[f"{OF_THE_COURSE}/{path.name}"] = path
    return dict(sorted(files.items()))


def _inside(path: Path, roots: Iterable[Path]) -> Path:
    """The place of a file in the package, whichever of ``roots`` it lies in."""
    return next(path.relative_to(root) for root in roots if path.is_relative_to(root))


def _modules(root: Path, package: Path | None = None) -> dict[str, Path]:
    """Every module by its name without the package's: ``worker.host``, ``worker``, and ``""``.

    The rooms of a course, ``root``, are no packages by themselves: their modules count as those of
    ``package``.
    """
    found = {}
    for path in sorted(root.rglob("*.py")):
        folders = path.relative_to(root).parents
        if all(((package or root) / folder / "__init__.py").exists() for folder in folders):
            parts = path.relative_to(root).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imported(modules: Modules, name: str) -> Iterator[str]:
    """Names of what the module ``name`` imports, of the package or not, at whatever place.

    Of the package they come without its name, with those of the things imported from a module,
    which may be modules themselves. What stands under ``if TYPE_CHECKING`` is never imported.
    """
    path = modules[name]
    inside = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in _outside_of_type_checking(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield _own(alias.name)
        elif isinstance(node, ast.ImportFrom):
            module = _own(node.module or "")
            if node.level:
                parts = inside.split(".") if inside else []
                parts = parts[: len(parts) - node.level + 1]
                module = ".".join([*parts, node.module] if node.module else parts)
            yield module
            yield from (f"{module}.{alias.name}".lstrip(".") for alias in node.names)


def _own(name: str) -> str:
    return "" if name == "autograder" else name.removeprefix("autograder.")


def _outside_of_type_checking(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        yield node
        yield from _outside_of_type_checking(node)


def _withheld(relative: Path) -> bool:
    return any(relative.is_relative_to(r) or relative == Path(f"{r}.py") for r in WITHHELD)


def _data(folder: Path) -> Iterator[Path]:
    """The files of a package that are no modules, also those in folders that are no packages."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith((".", "__pycache__", "_datasets")):
            continue
        if path.is_dir():
            if not (path / "__init__.py").exists():
                yield from _data(path)
        elif path.suffix not in (".py", ".pyc"):
            yield path
