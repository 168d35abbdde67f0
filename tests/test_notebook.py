"""Reading submissions: every broken file gives one clear line, every odd one is read."""

from __future__ import annotations

import json
import os
import random
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from autograder import notebook as reading
from autograder.notebook import UnreadableNotebook, read, recognise
from autograder.runnable import runnable_cells
from fuzz.frames import change

ROOT = Path(__file__).parent.parent


def plain(**changes: Any) -> dict[str, Any]:
    cell = {"cell_type": "code", "source": ["def conv_cost():\n", "    pass"], "metadata": {}}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell], **changes}


def save(path: Path, value: Any) -> Path:
    path.write_bytes(value if isinstance(value, bytes) else json.dumps(value).encode())
    return path


BROKEN: dict[str, tuple[Any, str]] = {
    "empty": (b"", "it is empty"),
    "cut off": (json.dumps(plain()).encode()[:40], "may have been cut off"),
    "binary": (b"\x00\xff\xfe\x01" * 9, "not text in UTF-8"),
    "a list": ([], "not a notebook"),
    "no nbformat": ({}, "names no nbformat"),
    "nbformat 3": (plain(nbformat=3), "open it in JupyterLab"),
    "nbformat text": (plain(nbformat="4"), "names no nbformat"),
    "no cells": (plain(cells=None), "no list of cells"),
    "unknown cell": (plain(cells=[{"cell_type": "java"}]), "cell 1 has no known type"),
    "cell is text": (plain(cells=["x"]), "cell 1 has no known type"),
    "source is a number": (plain(cells=[{"cell_type": "code", "source": 7}]), "cell 1 is not text"),
    "many cells": (plain(cells=[{}] * 5001), "5001 cells"),
    "doubled key": (b'{"nbformat": 4, "nbformat": 4, "cells": []}', "'nbformat' occurs twice"),
    "deep": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "nested too deeply"),
    "deep metadata": (plain(metadata=json.loads("[" * 80 + "]" * 80)), "nested too deeply"),
    "huge integer": (b'{"nbformat": ' + b"9" * 10_000 + b"}", "not valid JSON"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_gives_one_clear_line(name: str, tmp_path: Path) -> None:
    content, says = BROKEN[name]
    with pytest.raises(UnreadableNotebook) as error:
        read(save(tmp_path / "a.ipynb", content))
    assert says in str(error.value)
    assert "\n" not in str(error.value)


def test_what_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(UnreadableNotebook, match="no such file"):
        read(tmp_path / "none.ipynb")
    with pytest.raises(UnreadableNotebook, match="folder"):
        read(tmp_path)


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    with path.open("wb") as file:
        file.truncate(200 << 20)
    with pytest.raises(UnreadableNotebook, match=r"200 MB.*clear its outputs"):
        read(path)


def test_a_link_leads_nowhere(tmp_path: Path) -> None:
    """A repository may hold one that leads to another's work, or to the solutions."""
    (tmp_path / "link.ipynb").symlink_to(save(tmp_path / "a.ipynb", plain()))
    with pytest.raises(UnreadableNotebook, match="link to another file"):
        read(tmp_path / "link.ipynb")
    (tmp_path / "folder").symlink_to(tmp_path)  # of the instructor's own making
    assert read(tmp_path / "folder" / "a.ipynb").cells


def test_what_is_no_ordinary_file_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.ipynb")
    for path in (tmp_path / "pipe.ipynb", Path("/dev/zero")):
        with pytest.raises(UnreadableNotebook, match="no ordinary file"):
            read(path)
    with pytest.raises(UnreadableNotebook, match="no such file"):
        read("a\0b.ipynb")


@pytest.mark.parametrize("unit", ["[],", "{},", "1,"])
def test_a_small_file_cannot_fill_the_memory(unit: str, tmp_path: Path) -> None:
    data = f'{{"nbformat": 4, "cells": [], "metadata": {{"a": [{unit * 6_000_000}1]}}}}'
    path = save(tmp_path / "a.ipynb", data.encode())
    tracemalloc.start()
    try:
        with pytest.raises(UnreadableNotebook, match="too many parts"):
            read(path)
        assert tracemalloc.get_traced_memory()[1] < 3 * len(data)
    finally:
        tracemalloc.stop()


def test_any_change_of_a_notebook_is_read_or_refused_in_one_line(tmp_path: Path) -> None:
    """Keys and cells deleted, doubled, or replaced by odd values, three thousand times."""
    honest = json.loads((ROOT / "assignments/pooling/pooling.ipynb").read_text())
    honest["cells"] = honest["cells"][:6] + honest["cells"][-3:]
    read_well = 0
    for number in range(3000):
        rng = random.Random(number)
        changed = honest
        for _ in range(rng.choice((1, 2, 4))):
            changed = change(changed, rng)
        path = save(tmp_path / "a.ipynb", json.dumps(changed).encode("utf-8", "surrogatepass"))
        said = ""
        try:
            found = read(path)
            runnable_cells(found, recognise(found))
            read_well += 1
        except UnreadableNotebook as problem:
            said = str(problem)
        assert said.isprintable(), said
    assert 300 < read_well < 2900


def test_odd_files_are_read(tmp_path: Path) -> None:
    text = json.dumps(plain())
    for number, data in enumerate(
        [
            text.encode(),
            b"\xef\xbb\xbf" + text.encode(),
            text.encode("utf-16"),
            text.replace("\\n", "\\r\\n").encode(),
            json.dumps(plain(nbformat_minor=0, more=[float("nan")])).encode(),
        ]
    ):
        found = read(save(tmp_path / f"{number}.ipynb", data))
        assert found.cells[0].source == "def conv_cost():\n    pass"
        assert recognise(found).name == "convolution"


def test_metadata_of_wrong_types_is_left_behind(tmp_path: Path) -> None:
    cell = {"cell_type": "code", "source": "", "metadata": {"nbgrader": {"grade_id": 7}, "tags": 3}}
    (found,) = read(save(tmp_path / "a.ipynb", plain(cells=[cell]))).cells
    assert (found.grade_id, found.tags) == ("", frozenset())


def test_another_courses_notebook_is_not_recognised(tmp_path: Path) -> None:
    other = plain(cells=[{"cell_type": "code", "source": "print(1)", "metadata": {}}])
    with pytest.raises(UnreadableNotebook, match="no task of any assignment here"):
        recognise(read(save(tmp_path / "a.ipynb", other)))


def test_names_are_made_printable() -> None:
    assert reading.printable("a\x1b[31m\u202eb") == "a\ufffd[31m\ufffdb"
