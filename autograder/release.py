"""From the source of an assignment to what students get.

``solutions/<assignment>.py`` is the source that people review: a script in jupytext's percent
format. ``solutions/<assignment>/<assignment>.ipynb`` is the same as a notebook, for JupyterLab and
nbgrader. From it nbgrader makes ``assignments/<assignment>/``, and this module the list of tasks,
``suites/public/<assignment>.json`` beside the public suite. The same source gives the same bytes.
The *root* of all that is a checkout of the kit, or a course.

``python -m autograder.release`` brings all of them up to date, ``--check`` only says what is not.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

from . import rooms
from .assignments import CODE_STUB, TEXT_STUB, digest

__all__ = [
    "ReleaseError",
    "add_options",
    "assignments",
    "bring_up_to_date",
    "cell_ids",
    "configure",
    "main",
    "out_of_date",
    "plan",
    "released",
    "script_of",
    "source_notebook",
    "synchronised",
    "task_list",
]

Side = Literal["script", "notebook"]
Notebook = Any

NOTEBOOK_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
CELL_METADATA = ("autograder", "nbgrader", "tags")
LEFT_BEHIND_BY_NBGRADER = ("checksum", "cell_type")
IGNORED = shutil.ignore_patterns(".ipynb_checkpoints", "__pycache__")


class ReleaseError(Exception):
    """The source cannot be released; the text says why and what to do."""


def configure(config: Any) -> None:
    """Set in ``config``, a traitlets ``Config``, what our released notebooks need of nbgrader: what
    stands where the source has a solution, and what ``course.toml`` says of tasks and points."""
    from nbgrader.converters import GenerateAssignment

    steps = GenerateAssignment.preprocessors.default()
    config.GenerateAssignment.preprocessors = ["autograder.choosing.ChooseTasks", *steps]
    config.ClearSolutions.code_stub = {"python": CODE_STUB}
    config.ClearSolutions.text_stub = TEXT_STUB


def assignments(root: Path) -> list[str]:
    """Names of the assignments in the checkout ``root``, sorted."""
    solutions = root / "solutions"
    names = {path.stem for path in solutions.glob("*.py")}
    names |= {path.stem for path in solutions.glob("*/*.ipynb") if path.parent.name == path.stem}
    return sorted(names)


def source_notebook(script: str) -> Notebook:
    """The notebook that a script in percent format stands for."""
    import jupytext

    return _tidy(jupytext.reads(script, fmt="py:percent"))


def script_of(notebook: Notebook, root: Path) -> str:
    """The script in percent format that stands for ``notebook``, by ``root/jupytext.toml``, where
    there is one."""
    import jupytext
    from jupytext.config import JupytextConfiguration, load_jupytext_configuration_file

    path = root / "jupytext.toml"
    if path.exists():
        config = load_jupytext_configuration_file(str(path))
    else:
        config = JupytextConfiguration(
            notebook_metadata_filter="-all",
            cell_metadata_filter=f"{','.join(CELL_METADATA)},-all",
        )
    script: str = jupytext.writes(_tidy(notebook), fmt="py:percent", config=config)
    return script


def _tidy(notebook: Notebook) -> Notebook:
    """A new notebook with the cells of ``notebook`` and nothing that varies from run to run."""
    from nbformat import v4

    tidy = v4.new_notebook(metadata=json.loads(json.dumps(NOTEBOOK_METADATA)))
    for cell in notebook.cells:
        metadata = {key: cell.metadata[key] for key in CELL_METADATA if cell.metadata.get(key)}
        if "nbgrader" in metadata:
            nbgrader = metadata["nbgrader"]
            metadata["nbgrader"] = {
                key: nbgrader[key] for key in sorted(nbgrader) if key not in LEFT_BEHIND_BY_NBGRADER
            }
        new: dict[str, Any] = {
            "code": v4.new_code_cell,
            "markdown": v4.new_markdown_cell,
            "raw": v4.new_raw_cell,
        }
        tidy.cells.append(new[cell.cell_type](source=cell.source, metadata=metadata))
    for cell, identity in zip(tidy.cells, cell_ids(tidy), strict=True):
        cell["id"] = identity
    return tidy


def cell_ids(notebook: Notebook) -> list[str]:
    """An id for each cell: its ``grade_id``, else its first line in short; unique and stable."""
    taken = {cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells}
    ids = []
    for cell in notebook.cells:
        identity = cell.metadata.get("nbgrader", {}).get("grade_id")
        if identity is None:
            first = next((line for line in cell.source.splitlines() if line.strip()), "empty")
            short = re.sub(r"[^a-z0-9]+", "-", first.lower()).strip("-")[:40].strip("-") or "cell"
            identity, number = short, 1
            while identity in taken:
                number += 1
                identity = f"{short}-{number}"
            taken.add(identity)
        ids.append(identity)
    return ids


def synchronised(root: Path, name: str, side: Side | None = None) -> tuple[str, Notebook]:
    """Script and notebook of the assignment ``name``, made equal.

    The notebook records what it last agreed with the script on, so it is known which of the two has
    changed since, and that one wins. The layout of a script, blank lines between its cells, is no
    change, and is kept. ``side`` names the winner where both have. Raises
    :class:`ReleaseError` where both have changed and no ``side`` is given.
    """
    script_path, notebook_path = _script_path(root, name), _notebook_path(root, name)
    script = script_path.read_text(encoding="utf-8") if script_path.exists() else None
    in_script = None if script is None else source_notebook(script)
    in_notebook = _read(notebook_path) if notebook_path.exists() else None
    if in_script is None:
        side = "notebook"
    elif in_notebook is None:
        side = "script"
    elif side is None:
        agreed = in_notebook.metadata.get("autograder", {}).get("script_sha256")
        ours, theirs = script_of(in_script, root), script_of(in_notebook, root)
        if ours == theirs or _sha256(theirs) == agreed:
            side = "script"
        elif _sha256(ours) == agreed:
            side = "notebook"
        else:
            raise ReleaseError(
                f"{script_path.relative_to(root)} and {notebook_path.relative_to(root)} have both "
                "changed since they last agreed. Say which one is to be kept, with --from-script "
                "or --from-notebook; the changes in the other one are lost."
            )
    if side == "notebook" or script is None:
        script = script_of(in_notebook, root)
    notebook = source_notebook(script)
    notebook.metadata["autograder"] = {"script_sha256": _sha256(script_of(notebook, root))}
    return script, notebook


def task_list(name: str, notebook: Notebook) -> dict[str, Any]:
    """What ``suites/public/<name>.json`` says about the tasks of a source notebook.

    Raises :class:`ReleaseError` for a grade cell that breaks one of the conventions.
    """
    cells = {
        cell.metadata["nbgrader"]["grade_id"]: cell
        for cell in notebook.cells
        if "nbgrader" in cell.metadata
    }
    tasks = []
    for task, cell in cells.items():
        nbgrader = cell.metadata["nbgrader"]
        if not nbgrader["grade"]:
            continue
        about = cell.metadata.get("autograder", {})
        missing = [key for key in ("title", "difficulty", "minutes") if key not in about]
        if missing:
            raise ReleaseError(f"{name}: the metadata of {task} lack {', '.join(missing)}")
        by_hand = nbgrader["solution"]
        if not by_hand and cell.source != f'check("{task}")':
            raise ReleaseError(f'{name}: the grade cell of {task} must be check("{task}"), no more')
        if not by_hand and f"{task}-code" not in cells:
            raise ReleaseError(f"{name}: no cell {task}-code holds the solution of {task}")
        tasks.append(
            {
                "task": task,
                "title": about["title"],
                "points": nbgrader["points"],
                "graded": "by hand" if by_hand else "automatically",
                "difficulty": about["difficulty"],
                "minutes": about["minutes"],
            }
        )
    experiments = [
        digest(cell.source)
        for cell in notebook.cells
        if cell.cell_type == "code" and "experiment" in cell.metadata.get("tags", ())
    ]
    return {
        "assignment": name,
        "notebook": f"{name}.ipynb",
        "tasks": tasks,
        "experiments": sorted(set(experiments)),
    }


def released(root: Path, name: str, notebook: Notebook) -> dict[str, bytes]:
    """The files of the release of ``name`` as nbgrader makes them, by their path in its folder.

    nbgrader works on a copy, without a gradebook and with an exchange of its own, so neither those
    of the course nor those of the machine are touched.
    """
    from nbgrader.apps import NbGraderAPI
    from traitlets.config import Config

    with tempfile.TemporaryDirectory(prefix="autograder-release-") as folder:
        course = Path(folder, "course")
        source = course / "source" / name
        original = root / "solutions" / name
        if original.is_dir():
            shutil.copytree(original, source, ignore=IGNORED)
        source.mkdir(parents=True, exist_ok=True)
        given = source_notebook(script_of(notebook, root))
        (source / f"{name}.ipynb").write_bytes(_bytes(given))

        config = Config()
        config.CourseDirectory.root = str(course)
        config.Exchange.root = str(Path(folder, "exchange"))
        # What nbgrader's own option --no-db sets: a release needs no gradebook.
        config.GenerateAssignment.no_database = True
        config.SaveCells.enabled = False
        configure(config)
        result = NbGraderAPI(config=config).generate_assignment(name)
        if not result["success"]:
            said, _, _ = str(result.get("log")).partition("[ERROR] There was an error processing")
            raise ReleaseError(f"nbgrader could not release {name}:\n{said.rstrip()}")
        output = course / "release" / name
        files = {
            str(path.relative_to(output)): path.read_bytes()
            for path in sorted(output.rglob("*"))
            if path.is_file()
        }
        files[f"{name}.ipynb"] = _bytes(_read(output / f"{name}.ipynb"))
    return files


def plan(root: Path, side: Side | None = None) -> dict[Path, bytes | None]:
    """Every generated file of the checkout ``root`` as it should be; ``None`` for one too many."""
    files: dict[Path, bytes | None] = {}
    for name in assignments(root):
        script, notebook = synchronised(root, name, side)
        tasks = json.dumps(task_list(name, notebook), indent=2, ensure_ascii=False) + "\n"
        files[_script_path(root, name)] = script.encode()
        files[_notebook_path(root, name)] = _bytes(notebook)
        suites = _suites(root)
        if (suites / f"test_{name}.py").exists():
            files[suites / f"{name}.json"] = tasks.encode()
        folder = root / "assignments" / name
        files |= dict.fromkeys(_files_in(folder))
        files |= {folder / path: data for path, data in released(root, name, notebook).items()}
    return files


def out_of_date(files: dict[Path, bytes | None]) -> list[Path]:
    """Those of the ``files`` of :func:`plan` that are not on the disk as they should be."""
    return [
        path
        for path, data in files.items()
        if data is None or not path.exists() or path.read_bytes() != data
    ]


def _suites(root: Path) -> Path:
    """The folder of the public suites that belong to the sources in ``root``."""
    kit = (root / "autograder" / "release.py").exists()
    return root / ("autograder" if kit else rooms.FOLDER) / "suites" / "public"


def _script_path(root: Path, name: str) -> Path:
    return root / "solutions" / f"{name}.py"


def _notebook_path(root: Path, name: str) -> Path:
    return root / "solutions" / name / f"{name}.ipynb"


def _files_in(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and ".ipynb_checkpoints" not in path.parts:
            yield path


def _read(path: Path) -> Notebook:
    import nbformat

    try:
        return nbformat.read(path, as_version=4)
    except (ValueError, nbformat.ValidationError) as error:
        raise ReleaseError(f"{path} cannot be read as a notebook: {error}") from None


def _bytes(notebook: Notebook) -> bytes:
    import nbformat

    text: str = nbformat.writes(notebook)
    return (text.rstrip("\n") + "\n").encode()


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def main(arguments: Sequence[str] | None = None) -> int:
    """The command ``python -m autograder.release``. Returns its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m autograder.release",
        description="Bring the source notebooks, the releases and the lists of tasks up to date.",
    )
    add_options(parser)
    parser.add_argument(
        "--root", type=Path, default=Path(__file__).resolve().parents[1], help="the checkout"
    )
    options = parser.parse_args(arguments)
    return bring_up_to_date(options.root.resolve(), check=options.check, side=options.side)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add ``--check``, ``--from-script`` and ``--from-notebook``."""
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit with 1 if a file is out of date"
    )
    sides = parser.add_mutually_exclusive_group()
    for side, other in (("script", "notebook"), ("notebook", "script")):
        sides.add_argument(
            f"--from-{side}",
            dest="side",
            action="store_const",
            const=side,
            help=f"keep what the {side} says, whatever has changed in the {other}",
        )


def bring_up_to_date(root: Path, *, check: bool, side: Side | None) -> int:
    """Write what is out of date in ``root``, or with ``check`` only say so; an exit code."""
    try:
        files = plan(root, side)
    except ReleaseError as error:
        print(error, file=sys.stderr)
        return 1
    stale = out_of_date(files)
    for path in stale:
        print(f"{'out of date' if check else 'written'}: {path.relative_to(root)}")
        if check:
            continue
        data = files[path]
        if data is None:
            path.unlink()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    if not stale:
        print("everything is up to date")
    return 1 if stale and check else 0


if __name__ == "__main__":
    sys.exit(main())
