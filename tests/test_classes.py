"""The class that benchmarks grade: no two notebooks alike, and right ones still right."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from autograder.grading import grade
from autograder.worker.host import Sandbox

sys.path.insert(0, str(Path(__file__).parent.parent / "benchmarks"))
from classes import build_class, renamed

SOURCE = """
import numpy as np

def outer(x, scale=1):
    total, parts = 0, [np.sum(row) for row in x]
    def inner(total):
        nonlocal parts
        more = total
        parts = parts + [more]
        return lambda row: row + more
    for part in parts:
        total += part * scale
    return total, inner(2)(3), {"total": total}
"""


def test_locals_get_other_names_and_results_stay() -> None:
    results = []
    for number in (1, 2):
        source = renamed(SOURCE, number)
        assert f"part_{number}" in source
        namespace: dict[str, object] = {}
        exec(source, namespace)
        results.append(namespace["outer"]([[1, 2], [3]], scale=2))  # type: ignore[operator]
    assert results[0] == results[1] == (12, 5, {"total": 12})
    assert renamed(SOURCE, 1) != renamed(SOURCE, 2)
    assert renamed("x = (", 3) == "x = (\n# 3"


def test_a_class_has_no_two_alike_and_right_ones_have_full_marks(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    files = build_class(tmp_path, 110)
    code = [
        "".join("".join(c["source"]) for c in json.loads(path.read_text())["cells"])
        for path in files
    ]
    assert len(set(code)) == len(files)
    names = [path.parent.parent.name for path in files]
    chosen = [n for n, name in enumerate(names) if "_forward_vectorized-" in name][:2]
    assert len(chosen) == 2
    for number in chosen:
        report = grade(files[number], box=sandbox)
        assert report.points == report.max_points, names[number]
