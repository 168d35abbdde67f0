"""Assignments on convolutional networks, and the grader behind them.

In a notebook: ``from autograder import check, datasets``, and ``my_layers`` for a whole network,
``race`` to see how fast a function is, ``progress`` for the map of the assignment,
``submit_check`` before handing in. In a program::

    >>> import autograder
    >>> report = autograder.grade("convolution.ipynb")  # doctest: +SKIP
    >>> report.points, report.max_points                # doctest: +SKIP
    (91.0, 91.0)
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import datasets
    from .grading import grade
    from .jupyter import check
    from .jupyter.earlier import my_layers
    from .jupyter.handing_in import submit_check
    from .jupyter.progress import progress
    from .jupyter.racing import race
    from .report import Report

__all__ = ["Report", "check", "datasets", "grade", "my_layers", "progress", "race", "submit_check"]

# Loaded when first used, so that a notebook that wants one photograph does not wait for pytest.
_HOMES = {
    "check": ".jupyter",
    "grade": ".grading",
    "my_layers": ".jupyter.earlier",
    "progress": ".jupyter.progress",
    "race": ".jupyter.racing",
    "submit_check": ".jupyter.handing_in",
    "Report": ".report",
}


def __getattr__(name: str) -> Any:
    if name == "datasets":
        return importlib.import_module(".datasets", __name__)
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name], __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
