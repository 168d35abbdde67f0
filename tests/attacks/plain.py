"""The same attacks against what courses often use: pytest and the submission in one process.

That is how it goes wrong: a test file that imports the student's code and compares with numpy. A
submission that solves nothing gets full marks there from every attack that is marked ``plain``.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from .attack import Attack, cells_of

__all__ = ["full_marks"]

_TESTS = """
import numpy as np
from submission import conv1x1_forward, same_padding

PADDINGS = [(1, 0), (5, 2), (7, 3)]
PIXELS = np.arange(8.0).reshape(1, 2, 2, 2).sum(axis=1, keepdims=True)

def test_same_padding():
    for kernel, expected in PADDINGS:
        np.testing.assert_equal(same_padding(kernel), expected)

def test_conv1x1_forward():
    x = np.arange(8.0).reshape(1, 2, 2, 2)
    expected = PIXELS
    np.testing.assert_allclose(conv1x1_forward(x, np.ones((1, 2)), np.zeros(1)), expected)
"""


def full_marks(attack: Attack | None, folder: Path, solved: str = "") -> bool:
    """Whether plain pytest is content: exit code 0, which a course's script turns into points.

    Without an ``attack``, only ``solved`` is handed in.
    """
    source = str(attack.source) if attack is not None else solved
    (folder / "submission.py").write_text("\n".join(cells_of(source, {})))
    (folder / "test_tasks.py").write_text(_TESTS)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:autograder",
    ]
    done = subprocess.run(
        [*command, "-c", os.devnull, "--rootdir=.", "test_tasks.py"],
        cwd=folder, capture_output=True, check=False, timeout=120,
    )  # fmt: skip
    return done.returncode == 0
