"""What all things to play with are: controls, and a picture that follows them.

The picture is an output of its own, not a part of the widget. Jupyter saves it with the notebook
and replaces it whenever a control moves, so what is exported, mailed or opened without a kernel
shows the picture as it was left, with its words. A picture inside a widget would be gone there.
"""

from __future__ import annotations

import base64
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from typing import Any
from uuid import uuid4

import numpy as np

from . import controls

__all__ = ["Array", "NothingYet", "Scene", "Thing", "array_of", "ask", "counted", "signed"]

Array = np.ndarray[Any, np.dtype[Any]]

CONTROLS = "The controls of the picture below work in a running notebook."


class NothingYet(Exception):
    """There is nothing to draw; the text says in a sentence what it is waiting for."""


@dataclass(frozen=True)
class Scene:
    """What there is to see: a PNG picture, what it shows in words, and what that means.

    ``alt`` describes the picture to those who do not see it, ``words`` is for everybody. Without a
    picture, ``picture`` and ``alt`` are empty.
    """

    picture: bytes
    alt: str
    words: str


class Thing(ABC):
    """A picture with controls. Displayed, it shows both; printed, it says what there is to see."""

    def __init__(self, *rows: Sequence[Any]) -> None:
        """``rows`` are the controls as they are arranged; the picture follows their values."""
        self._display_id = uuid4().hex
        self._displayed = False
        self._busy = False
        self._rows = rows
        for control in (control for row in rows for control in row):
            control.observe(lambda _: self.refresh(), names="value")
        self.refresh()

    @abstractmethod
    def draw(self) -> Scene:
        """The scene for what the controls say now. May raise :class:`NothingYet`."""

    def settle(self) -> None:  # noqa: B027
        """Bring controls that depend on others into line; called before drawing. Most have none."""

    @property
    def picture(self) -> bytes:
        """The picture as it is now, a PNG; empty if there is nothing to draw yet."""
        return self._scene.picture

    @property
    def alt(self) -> str:
        """What the picture shows, in words."""
        return self._scene.alt

    @property
    def words(self) -> str:
        """What stands below the picture."""
        return self._scene.words

    @contextmanager
    def together(self) -> Iterator[None]:
        """Several controls may be set inside; the picture is drawn once, afterwards."""
        self._busy = True
        try:
            yield
        finally:
            self._busy = False
        self.refresh()

    def refresh(self) -> None:
        """Draw anew. What changes controls while that goes on does not start it once more."""
        if self._busy:
            return
        self._busy = True
        try:
            self.settle()
            self._scene = self.draw()
        except NothingYet as waiting:
            self._scene = Scene(b"", "", str(waiting))
        finally:
            self._busy = False
        if self._displayed:
            self._show(self.picture_bundle(), update=True)

    def picture_bundle(self) -> dict[str, Any]:
        """The picture by MIME type: for pages, for printed documents, and in plain words."""
        words = escape(self.words).replace("\n", "<br>")
        if not self.picture:
            return {"text/html": f"<p>{words}</p>", "text/plain": self.words}
        data = base64.b64encode(self.picture).decode()
        width, height = (int.from_bytes(self.picture[at : at + 4], "big") for at in (16, 20))
        html = (
            f'<figure style="margin:0"><img alt="{escape(self.alt)}" width="{width}" '
            f'height="{height}" style="max-width:100%;height:auto" '
            f'src="data:image/png;base64,{data}">'
            f"<figcaption>{words}</figcaption></figure>"
        )
        return {"text/html": html, "image/png": data, "text/plain": repr(self)}

    def controls_bundle(self) -> dict[str, Any]:
        """The controls by MIME type, or a sentence that says how to get them."""
        box = controls.arranged(self._rows)
        if box is None:
            return {
                "text/html": f"<p>{escape(controls.MISSING)}</p>",
                "text/plain": controls.MISSING,
            }
        bundle: dict[str, Any] = box._repr_mimebundle_()
        return {**bundle, "text/html": f"<p>{CONTROLS}</p>", "text/plain": CONTROLS}

    def _ipython_display_(self) -> None:
        self._show(self.controls_bundle())
        self._show(self.picture_bundle(), display_id=self._display_id)
        self._displayed = True

    def _show(self, bundle: dict[str, Any], **options: Any) -> None:
        from IPython.display import display

        if options.get("update"):
            options["display_id"] = self._display_id
        display(bundle, raw=True, **options)

    def __repr__(self) -> str:
        return f"{self.words}\n[Picture: {self.alt}]" if self.picture else self.words


def signed(value: float) -> str:
    """A number in short, with a real minus sign: ``−0.25``, ``3``."""
    text = f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"
    return "0" if text in ("-0", "0") else text.replace("-", "−")


def counted(number: int, thing: str) -> str:
    """``1 pixel``, ``2 pixels``."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def ask(function: Callable[..., Any], *arguments: Any) -> Any:
    """What the student's ``function`` returns.

    Raises :class:`NothingYet` where it is not written yet, or raises something itself.
    """
    name = getattr(function, "__name__", "your function")
    try:
        return function(*arguments)
    except NotImplementedError:
        raise NothingYet(f"There is something to see here once you have written {name}.") from None
    except Exception as problem:
        raise NothingYet(
            f"There is nothing to see here yet, because {name} raised {type(problem).__name__}: "
            f"{problem}\nIts check says more."
        ) from None


def array_of(result: Any, shape: tuple[int, ...], who: str) -> Array:
    """``result`` as an array of floats, if it has the ``shape`` and all numbers are finite.

    A pair counts as (out, cache). Raises :class:`NothingYet` for anything else.
    """
    out = result[0] if isinstance(result, tuple) and result else result
    try:
        array = np.asarray(out, dtype=float)
    except (TypeError, ValueError):
        raise NothingYet(
            f"There is nothing to see here yet, because {who} did not return an array."
        ) from None
    if array.shape != shape:
        raise NothingYet(
            f"There is nothing to see here yet, because {who} returned the shape {array.shape} "
            f"where {shape} was expected."
        )
    if not np.isfinite(array).all():
        raise NothingYet(
            f"There is nothing to see here yet, because {who} returned numbers that are not finite."
        )
    return array
