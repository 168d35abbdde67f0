"""Things to play with in a notebook: pictures with controls.

    >>> from autograder import play
    >>> thing = play.sliding_filter()
    >>> print(thing.words.splitlines()[0])
    The filter stands at row 0, column 0 and writes 27.

A thing shows its controls and, below, a picture with a sentence. The picture is a plain output of
the cell, so it is there too where no controls are: on an exported page, in a saved notebook, in a
viewer without widgets. Controls need the package ipywidgets. Some things draw what the student's
own function computes; none of them needs the reference.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .cubes import normalizations
    from .digits import draw_digit
    from .fields import receptive_fields
    from .kernels import activation_map
    from .modes import train_and_test
    from .padding import padding_and_stride
    from .shifts import pooling_and_shifts
    from .sliding import sliding_filter

__all__ = [
    "activation_map",
    "draw_digit",
    "normalizations",
    "padding_and_stride",
    "pooling_and_shifts",
    "receptive_fields",
    "sliding_filter",
    "train_and_test",
]

# Loaded when first used: matplotlib and the widgets take their time.
_HOMES = {
    "activation_map": ".kernels",
    "draw_digit": ".digits",
    "normalizations": ".cubes",
    "padding_and_stride": ".padding",
    "pooling_and_shifts": ".shifts",
    "receptive_fields": ".fields",
    "sliding_filter": ".sliding",
    "train_and_test": ".modes",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name], __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
