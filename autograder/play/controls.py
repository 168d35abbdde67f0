"""Controls by ipywidgets; where it is missing, values that nobody can move.

Either kind has a ``value`` and may be asked to call back when it changes, so whoever draws need not
know which it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = [
    "MISSING",
    "SLIDER",
    "arranged",
    "button",
    "choice",
    "library",
    "made",
    "number",
    "slider",
]

MISSING = (
    "This picture has controls, but the package ipywidgets is not installed: "
    "run `pip install ipywidgets`, restart Jupyter and reload this page."
)


class Still:
    """Stands in for a widget: holds what it is made of, and never calls anybody."""

    def __init__(self, **state: Any) -> None:
        self.__dict__.update(state)

    def observe(self, *_: Any, **__: Any) -> None:
        """Nobody can move it, so there is nothing to tell."""

    on_click = observe


def library() -> Any:
    """The module ``ipywidgets``, or None."""
    try:
        import ipywidgets
    except ImportError:
        return None
    return ipywidgets


def made(kind: str, description: str, **state: Any) -> Any:
    """The widget ``kind`` with a description and more of its traits, or what stands in for it."""
    widgets = library()
    if widgets is None:
        return Still(description=description, **state)
    return getattr(widgets, kind)(description=description, **state)


_WHOLE = {"style": {"description_width": "initial"}}
"""Descriptions are never cut off."""

SLIDER: dict[str, Any] = {"layout": {"width": "28em"}, **_WHOLE}
"""Wide enough that the longest description leaves room to slide."""


def slider(description: str, value: int, low: int, high: int) -> Any:
    """A slider over whole numbers; Page Up, Page Down, Home and End move it, in JupyterLab arrow
    keys too, and its number can be typed over."""
    return made("IntSlider", description, value=value, min=low, max=high, **SLIDER)


def choice(description: str, options: Sequence[Any] | Mapping[str, Any], value: Any) -> Any:
    """A list to choose one from."""
    given = list(options.items()) if isinstance(options, Mapping) else list(options)
    return made("Dropdown", description, options=given, value=value, **_WHOLE)


def number(description: str, value: float) -> Any:
    """A field for a number."""
    return made(
        "FloatText", description, value=value, step=0.25, layout={"width": "14em"}, **_WHOLE
    )


def button(description: str, tooltip: str) -> Any:
    """A button; its ``on_click`` takes what is to happen."""
    return made("Button", description, tooltip=tooltip)


def arranged(rows: Sequence[Sequence[Any]]) -> Any:
    """Rows of widgets, one below the other; None where ipywidgets is missing."""
    widgets = library()
    if widgets is None:
        return None
    wrap = {"flex_flow": "row wrap"}
    return widgets.VBox([widgets.HBox(list(row), layout=wrap) for row in rows])
