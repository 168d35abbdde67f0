"""How two arrays differ, in one sentence: for mistakes that nobody knows yet."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from ..language import say, term
from ..worker.memory import FILLING

__all__ = ["is_unwritten", "of_shapes", "pattern"]

Array = np.ndarray[Any, Any]

_AXES = {
    4: (term("image"), term("channel"), term("row"), term("column")),
    3: (term("image"), term("channel"), term("position")),
    2: (term("row"), term("column")),
}

_SEVERAL = {
    "image": term("images"),
    "channel": term("channels"),
    "row": term("rows"),
    "column": term("columns"),
    "position": term("positions"),
}


def pattern(
    got: Array, expected: Array, bad: Array, arguments: Mapping[str, Any] | None = None
) -> str:
    """One sentence on how the differences are spread, '' if nothing stands out.

    ``bad`` marks the values that differ; the three arrays have one shape. ``arguments`` are those
    of the call: its sizes name a factor, and equal values in ``x`` are ties.
    """
    arguments = arguments or {}
    unwritten = is_unwritten(got)
    if unwritten.any():
        return say(
            "{count} values were never written: np.empty makes an array of whatever was there.",
            count=int(unwritten.sum()),
        )
    if not np.isfinite(got).all():
        count = int((~np.isfinite(got)).sum())
        return say("{count} values are not finite (NaN or infinity).", count=count)
    got, expected = got.astype(np.float64), expected.astype(np.float64)
    for look in (_rounded, _of_all, _ties, _turned, _of_some, _moved):
        found = look(got, expected, bad, arguments)
        if found:
            return found
    return ""


def is_unwritten(got: Array) -> Array:
    """Where an array holds what the worker fills new memory with."""
    if got.dtype.kind != "f":
        return np.zeros(got.shape, bool)
    return np.asarray(got == np.frombuffer(bytes([FILLING]) * got.itemsize, got.dtype)[0])


def of_shapes(got: Array, expected: Array) -> str:
    """One sentence on how two shapes differ, '' if nothing stands out."""
    if got.size == expected.size and got.ndim == expected.ndim:
        for order in itertools.permutations(range(got.ndim)):
            if tuple(got.shape[i] for i in order) == expected.shape and _near(
                got.transpose(order), expected
            ):
                return say(
                    "Your values are right, but the axes are not: transpose{order} mends it.",
                    order=order,
                )
        if sorted(got.shape) == sorted(expected.shape):
            return say("The axes are in another order.")
    if got.size == expected.size and _near(got.reshape(-1), expected.reshape(-1)):
        return say("Your values are right, but the shape is not.")
    if got.ndim != expected.ndim:
        return say(
            "It has {got} axes in place of {expected}.", got=got.ndim, expected=expected.ndim
        )
    axes = [i for i in range(got.ndim) if got.shape[i] != expected.shape[i]]
    by = {got.shape[i] - expected.shape[i] for i in axes}
    names = _AXES.get(got.ndim, ())
    where = _and(_axis(i) + (f" ({_several(names[i])})" if names else "") for i in axes)
    if len(by) != 1:
        return say("It differs along {where}.", where=where)
    much = by.pop()
    if much > 0:
        return say("Along {where} it is {count} too long.", where=where, count=much)
    return say("Along {where} it is {count} too short.", where=where, count=-much)


def _axis(number: int) -> str:
    return say("axis {number}", number=number)


def _several(name: str) -> str:
    """More than one of what lies along an axis; ``name`` is a word of ``_AXES``."""
    return say(_SEVERAL[name])


def _and(parts: Iterable[str]) -> str:
    first, *rest = parts
    return functools.reduce(
        lambda one, other: say("{one} and {other}", one=one, other=other), rest, first
    )


def _near(one: Array, other: Array) -> bool:
    scale = float(np.max(np.abs(other), initial=0.0)) or 1.0
    return bool(np.allclose(one, other, rtol=0.0, atol=1e-7 * scale))


def _rounded(got: Array, expected: Array, bad: Array, arguments: Mapping[str, Any]) -> str:
    """Single precision, and numbers that lost their decimals."""
    whole = (np.trunc(expected), np.floor(expected))
    if any(rounded.any() and _near(got, rounded) for rounded in whole):
        return say(
            "Your values are the expected ones cut to whole numbers: look at the dtype of arrays."
        )
    if np.rint(expected).any() and _near(got, np.rint(expected)):
        return say("Your values are the expected ones rounded to whole numbers.")
    scale = float(np.max(np.abs(expected), initial=0.0)) or 1.0
    if float(np.max(np.abs(got - expected))) <= 1e-5 * scale and (
        np.array_equal(got, got.astype(np.float32)) or _is_rough(got - expected)
    ):
        return say(
            "They differ by as much as arithmetic in float32 loses: look at the dtype of arrays."
        )
    return ""


def _is_rough(difference: Array) -> bool:
    """Whether differences have both signs and no regular size, as rounding errors do."""
    signs = np.sign(difference[difference != 0])
    return signs.size >= 6 and 0.2 < float((signs > 0).mean()) < 0.8


def _of_all(got: Array, expected: Array, bad: Array, arguments: Mapping[str, Any]) -> str:
    if not got.any():
        return say("All your values are zero.")
    if got.size < 2:
        return ""
    # Where both are zero, a factor tells nothing, and an offset shows anyway.
    if _near(got, -expected):
        return say("Your values have the opposite sign.")
    factor = float(np.vdot(expected, got) / (np.vdot(expected, expected) or 1.0))
    if factor and _near(got / factor, expected):
        name = _named(factor, arguments)
        if not name:
            return say("Your values are {factor} times the expected ones.", factor=_number(factor))
        return say(
            "Your values are {factor} times the expected ones, and that is {name}.",
            factor=_number(factor),
            name=name,
        )
    offset = got - expected
    if bad.all() and _near(offset, np.full_like(offset, offset.flat[0])):
        return say("Your values are all off by the same number.")
    found = _by_channel(got, expected, bad)
    if found:
        return found
    if not np.any((got != 0) & bad) and bad.any() and not bad.all():
        return say("The values that differ are zero in yours.")
    return ""


def _by_channel(got: Array, expected: Array, bad: Array) -> str:
    """An offset, or a factor, for each channel (axis 1) or feature."""
    if expected.ndim < 2:
        return ""
    channels = expected.ndim > 2
    turned = [np.moveaxis(a, 1, 0).reshape(a.shape[1], -1) for a in (got, expected)]
    mine, right = turned
    if right.shape[1] < 2 or right.shape[0] < 2:
        return ""
    offset = mine - right
    if _near(offset + right, offset[:, :1] + right):
        if channels:
            return say("Each channel is off by a constant of its own.")
        return say("Each column is off by a constant of its own.")
    power = (right * right).sum(axis=1, keepdims=True)
    factor = (mine * right).sum(axis=1, keepdims=True) / np.where(power, power, 1.0)
    if _near(mine, factor * right) and factor.any():
        if channels:
            return say("Each channel is multiplied by a number of its own.")
        return say("Each column is multiplied by a number of its own.")
    return ""


def _number(value: float) -> str:
    return f"{value:.4g}"


def _named(factor: float, arguments: Mapping[str, Any]) -> str:
    """What a factor may come from: a size of the input, the stride, a pool size; else ''."""
    sizes: dict[str, float] = {}
    x = arguments.get("x")
    if type(x) is np.ndarray and x.ndim >= 2:
        images, channels = term("the number of images"), term("the number of channels")
        rows, columns = term("the number of rows"), term("the number of columns")
        sizes[images if x.ndim > 2 else rows] = x.shape[0]
        sizes[channels if x.ndim > 2 else columns] = x.shape[1]
        if x.ndim > 2:
            pixels = math.prod(x.shape[2:])
            sizes[term("the number of pixels of an image")] = pixels
            sizes[term("the number of images and pixels")] = x.shape[0] * pixels
    w = arguments.get("w")
    if type(w) is np.ndarray and w.ndim > 2:
        sizes[term("the number of weights of a filter")] = math.prod(w.shape[1:])
        sizes[term("the number of pixels of the kernel")] = math.prod(w.shape[2:])
    param = arguments.get("pool_param")
    if isinstance(param, Mapping):
        window = param["pool_height"] * param["pool_width"]
        sizes[term("the number of pixels of a window")] = window
    for name, size in sizes.items():
        for value, start in ((float(size), ""), (1 / size if size else 0.0, "1 / ")):
            if size > 1 and math.isclose(factor, value, rel_tol=1e-6):
                return start + say(name)
    return ""


def _ties(got: Array, expected: Array, bad: Array, arguments: Mapping[str, Any]) -> str:
    """Wrong only where ``x`` has a value more than once in its plane, or is exactly zero."""
    x = arguments.get("x")
    if type(x) is not np.ndarray or x.shape != bad.shape or bad.all():
        return ""
    if bool((x == 0).any()) and not bad[x != 0].any():
        return say("Only values differ where x is exactly zero.")
    if x.ndim < 3:
        return ""
    tied = np.zeros(x.shape, bool)
    for place in np.ndindex(*x.shape[:2]):
        _, back, counts = np.unique(x[place], return_inverse=True, return_counts=True)
        tied[place] = (counts > 1)[back].reshape(x[place].shape)
    if tied.any() and not tied.all() and not bad[~tied].any():
        return say("Only values differ where x has the same value more than once.")
    return ""


def _turned(got: Array, expected: Array, bad: Array, arguments: Mapping[str, Any]) -> str:
    """The right values in other places: axes swapped, or run through backwards."""
    if got.size < 4:
        return ""
    names = _AXES.get(got.ndim, ())
    for one, other in itertools.combinations(range(got.ndim), 2):
        if got.shape[one] == got.shape[other] and _near(got.swapaxes(one, other), expected):
            first, second = (say(names[a]) if names else _axis(a) for a in (one, other))
            return say(
                "Your values are right, but {one} and {other} are swapped.", one=first, other=second
            )
    for count in (1, 2):
        for axes in itertools.combinations(range(got.ndim), count):
            if all(got.shape[a] > 1 for a in axes) and _near(np.flip(got, axes), expected):
                which = _and(_several(names[a]) if names else f"{_axis(a)}s" for a in axes)
                return say("Your values are right, but the {which} run backwards.", which=which)
    return ""


def _of_some(got: Array, expected: Array, bad: Array, arguments: Mapping[str, Any]) -> str:
    if bad.all():
        return ""
    if bad.ndim >= 3:
        inner = (slice(None), slice(None)) + (slice(1, -1),) * (bad.ndim - 2)
        if all(n > 2 for n in bad.shape[2:]) and not bad[inner].any():
            return say("Only values at the border differ.")
    names = _AXES.get(bad.ndim, ())
    for axis, name in enumerate(names):
        found = _along(bad, axis, name)
        if found:
            return found
    return ""


def _along(bad: Array, axis: int, name: str) -> str:
    """What stands out along one axis: one place, every second, all after the first."""
    others = tuple(i for i in range(bad.ndim) if i != axis)
    touched: Array = np.asarray(bad.any(axis=others))
    whole: Array = np.asarray(bad.all(axis=others))
    places = np.flatnonzero(touched)
    if not 0 < len(places) < len(touched):
        return ""
    if not touched[0] and len(places) == len(touched) - 1:
        return say(
            "Everything after the first {name} differs; the first one is right.", name=say(name)
        )
    if not touched[-1] and len(places) == len(touched) - 1 > 1:
        return say("Everything but the last {name} differs.", name=say(name))
    found = {"name": say(name), "where": ", ".join(map(str, places[:6]))}
    steps = np.diff(places)
    if len(places) > 2 and steps[0] > 1 and (steps == steps[0]).all():
        if steps[0] == 2:
            return say("Only values in every second {name} differ ({where}).", **found)
        return say("Only values in one in {step} {name} differ ({where}).", **found, step=steps[0])
    if (whole == touched).all():
        return say("All values of {name} {where} differ, and no others.", **found)
    return say("Only {name} {where} is touched.", **found)


def _moved(got: Array, expected: Array, bad: Array, arguments: Mapping[str, Any]) -> str:
    """The right values, a place or two away."""
    names = _AXES.get(got.ndim, ())
    for axis, name in enumerate(names):
        size = got.shape[axis]
        for step in (1, -1, 2, -2):
            if size <= abs(step) + 1:
                continue
            mine = np.roll(got, step, axis)
            kept = slice(step, None) if step > 0 else slice(None, step)
            part = (slice(None),) * axis + (kept,)
            if _near(mine[part], expected[part]) and np.ptp(expected[part]) > 0:
                return say(
                    "Your values are right, but moved by {count} {name}.",
                    count=abs(step),
                    name=_several(name) if abs(step) > 1 else say(name),
                )
    return ""
