"""Comparing what a function returned with what it must return.

Tolerances are those of :mod:`autograder.agreement`.
"""

from __future__ import annotations

import reprlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..agreement import is_single, tolerance
from ..language import after_colon, say, term
from ..report import Finding
from ..vectors import Case
from ..worker.guest import ADDRESS
from ..worker.wire import Foreign
from . import pattern

__all__ = [
    "RESULT",
    "agree",
    "describe_call",
    "expect",
    "expect_raises",
    "kind",
    "shapes",
    "tested",
]

Array = np.ndarray[Any, Any]

RESULT = term("the result")
"""What the only value is called that an operator without names for its results gives."""

MOST_IN_A_REASON = 160
"""Characters; what is longer is not read as one sentence."""


class Mismatch(NamedTuple):
    """How a value differs: a text with values, one without, and one sentence, for public checks."""

    text: str
    brief: str
    reason: str


def agree(got: Any, expected: Any, single: bool = False) -> bool:
    """Whether ``got`` has the type, structure, shape and values of ``expected``."""
    return _mismatch(got, expected, single, "the result", {}) is None


def expect(got: Any, case: Case, function: str, names: Sequence[str] = (RESULT,)) -> None:
    """Raise a :class:`Finding` unless ``got`` is the expected result of ``case``.

    ``names`` are the names of a returned tuple's items, for messages.
    """
    names = [say(name) for name in names]
    single = is_single(case.arguments)
    expected = case.expected
    if len(names) > 1:
        if type(got) not in (tuple, list) or len(got) != len(names):
            wanted = {"count": len(names), "names": ", ".join(names)}
            must = say(
                "must return {count} values ({names}), but it returned {got}.",
                **wanted,
                got=kind(got),
            )
            raise Finding(
                f"{describe_call(function, case.arguments)}\n{must}",
                brief=say("It must return {count} values ({names}).", **wanted),
                reason=say("It must return {count} values: {names}.", **wanted),
            )
        problems = [
            _mismatch(g, e, single, name, case.arguments)
            for g, e, name in zip(got, expected, names, strict=True)
        ]
    else:
        problems = [_mismatch(got, expected, single, names[0], case.arguments)]
    wrong = [problem for problem in problems if problem is not None]
    if wrong:
        text = "\n".join(problem.text for problem in wrong)
        brief = " ".join(problem.brief for problem in wrong)
        reason = wrong[0].reason
        raise Finding(
            f"{describe_call(function, case.arguments)}\n{text}",
            brief=tested(case.arguments, brief),
            reason=reason.replace(say(RESULT), say("The result"), 1),
        )


def tested(arguments: Mapping[str, Any], found: str) -> str:
    """``found`` with what a hidden check has tested before it."""
    return say("Tested with {shapes}. {found}", shapes=shapes(arguments), found=found)


def expect_raises(finding: Finding | None, got: Any, case: Case, function: str) -> None:
    """Raise a :class:`Finding` unless the call failed with the exception that ``case`` names."""
    call, raises = describe_call(function, case.arguments), case.raises
    if finding is None:
        must = say("must raise {raises}, but it returned {got}.", raises=raises, got=kind(got))
        raise Finding(
            f"{call}\n{must}",
            brief=say(
                "With {shapes} it must raise {raises}, and did not.",
                shapes=shapes(case.arguments),
                raises=raises,
            ),
            reason=say("It must raise {raises} here, and returned something.", raises=raises),
        )
    if getattr(finding, "exception", None) != case.raises:
        if finding.verdict != "failed":
            raise finding
        must = say("must raise {raises}, but: {found}", raises=raises, found=finding.message)
        raise Finding(
            f"{call}\n{must}",
            brief=say(
                "With {shapes} it must raise {raises}. {found}",
                shapes=shapes(case.arguments),
                raises=raises,
                found=finding.brief,
            ),
            reason=say("It must raise {raises} here, and raised something else.", raises=raises),
        )


def _mismatch(
    got: Any, expected: Any, single: bool, name: str, arguments: Mapping[str, Any]
) -> Mismatch | None:
    """How ``got`` differs, or None."""
    if type(expected) is np.ndarray:
        return _array_mismatch(got, expected, single, name, arguments)
    if type(expected) in (tuple, list):
        if type(got) not in (tuple, list) or len(got) != len(expected):
            return _differs(name, expected, got)
        for g, e in zip(got, expected, strict=True):
            if _mismatch(g, e, single, name, {}) is not None:
                return _differs(name, expected, got)
        return None
    if type(expected) is dict:
        return _dict_mismatch(got, expected, single, name)
    if isinstance(expected, float | np.floating):
        real = isinstance(got, int | float | np.integer | np.floating) or (
            type(got) is np.ndarray and got.shape == () and got.dtype.kind in "fiu"
        )
        wanted = float(expected)
        if real and abs(float(got) - wanted) <= (2e-5 if single else 1e-9) * max(abs(wanted), 1e-3):
            return None
        return _differs(name, expected, got)
    if type(expected) is int:
        whole = type(got) is np.ndarray and got.shape == () and got.dtype.kind in "iu"
        if whole or type(got) is int or isinstance(got, np.integer):
            return None if int(got) == expected else _differs(name, expected, got)
        if isinstance(got, float | np.floating) and got == expected:
            brief = say("{name} must be an int, but is a float.", name=name)
            return Mismatch(
                say(
                    "{name} must be the int {expected}, but is the float {got!r}. "
                    "Division with / always gives a float; // gives an int.",
                    name=name,
                    expected=expected,
                    got=got,
                ),
                brief,
                brief,
            )
        return _differs(name, expected, got)
    return (
        None if type(got) is type(expected) and got == expected else _differs(name, expected, got)
    )


def _dict_mismatch(
    got: Any, expected: Mapping[str, Any], single: bool, name: str
) -> Mismatch | None:
    if type(got) is not dict:
        text = say("{name} must be a dictionary, but is {got}.", name=name, got=kind(got))
        brief = say("{name} must be a dictionary, and is not.", name=name)
        return Mismatch(text, brief, brief)
    if got.keys() != expected.keys():
        missing, extra = sorted(expected.keys() - got.keys()), got.keys() - expected.keys()
        keys = {"name": name, "keys": sorted(expected)}
        if missing:
            brief = say(
                "{name} must have the keys {keys}; missing: {missing}.", **keys, missing=missing
            )
            return Mismatch(brief, brief, brief)
        text = say(
            "{name} must have the keys {keys}; too many: {extra}.",
            **keys,
            extra=sorted(map(str, extra)),
        )
        brief = say("{name} must have the keys {keys}; there are others too.", **keys)
        return Mismatch(text, brief, brief)
    wrong = [
        _mismatch(got[key], value, single, f"{name}[{key!r}]", {})
        for key, value in expected.items()
    ]
    found = [problem for problem in wrong if problem is not None]
    if not found:
        return None
    text, brief = "\n".join(p.text for p in found), " ".join(p.brief for p in found)
    return Mismatch(text, brief, found[0].reason)


def _differs(name: str, expected: Any, got: Any) -> Mismatch:
    values = {"name": name, "expected": expected, "got": kind(got)}
    brief = say("{name} is wrong.", name=name)
    reason = say("{name} must be {expected!r}, but is {got}.", **values)
    return Mismatch(
        say("{name}: expected {expected!r}, got {got}.", **values),
        brief,
        reason if len(reason) <= MOST_IN_A_REASON else brief,
    )


def _array_mismatch(
    got: Any, expected: Array, single: bool, name: str, arguments: Mapping[str, Any]
) -> Mismatch | None:
    if type(got) is not np.ndarray:
        must = {"name": name, "shape": expected.shape}
        # What it is instead may be a text that spells out the input.
        brief = say("{name} must be an array of shape {shape}, and is not an array.", **must)
        text = say("{name} must be an array of shape {shape}, but is {got}.", **must, got=kind(got))
        return Mismatch(text, brief, brief)
    if got.shape != expected.shape:
        text = say(
            "{name} must have the shape {expected}, but has {got}.",
            name=name,
            expected=expected.shape,
            got=got.shape,
        )
        if got.dtype.kind in "fiu":
            return _with_shape(text, pattern.of_shapes(got, expected))
        return Mismatch(text, text, text)
    if got.dtype.kind not in "fiu":
        text = say(
            "{name} must hold real numbers, but has the dtype {dtype}.", name=name, dtype=got.dtype
        )
        return Mismatch(text, text, text)
    allowed = tolerance(expected, single)
    with np.errstate(all="ignore"):
        error = np.abs(got.astype(np.float64) - expected.astype(np.float64))
    bad = ~(error <= allowed)  # so that NaN is bad
    if not bad.any():
        return None
    first = tuple(int(i) for i in np.argwhere(bad)[0])
    worst = tuple(
        int(i)
        for i in np.unravel_index(np.argmax(np.where(np.isnan(error), np.inf, error)), error.shape)
    )
    spread = pattern.pattern(got, expected, bad, arguments)
    brief = say(
        "{name}: {count} of {size} values differ.",
        name=name,
        count=int(bad.sum()),
        size=bad.size,
    )
    found = {
        "differ": brief,
        "first": list(first),
        "expected": f"{expected[first]:.6g}",
        "got": f"{got[first]:.6g}",
    }
    if worst == first:
        text = say("{differ} First at {first}: expected {expected}, got {got}.", **found)
    else:
        text = say(
            "{differ} First at {first}: expected {expected}, got {got}; "
            "most at {worst}: expected {worst_expected}, got {worst_got}.",
            **found,
            worst=list(worst),
            worst_expected=f"{expected[worst]:.6g}",
            worst_got=f"{got[worst]:.6g}",
        )
    reason = f"{name}: {after_colon(spread)}" if spread else brief
    return Mismatch(f"{text} {spread}".strip(), f"{brief} {spread}".strip(), reason)


def _with_shape(text: str, spread: str) -> Mismatch:
    whole = f"{text} {spread}"
    return Mismatch(whole, whole, text)


_SHORT = reprlib.Repr()
_SHORT.maxlevel = 4
_SHORT.maxtuple = _SHORT.maxlist = _SHORT.maxdict = _SHORT.maxset = 20
_SHORT.maxstring = _SHORT.maxlong = _SHORT.maxother = 120


def kind(value: Any, depth: int = 3) -> str:
    """What a function returned, in words or as Python writes it; at most a line.

    No more of it is looked at than is shown, to ``depth`` tuples in each other.
    """
    if type(value) is np.ndarray:
        return say("an array of shape {shape}", shape=value.shape)
    if type(value) is Foreign:
        return say("an object of the type {type}", type=value.description)
    if type(value) is tuple:
        inside = [kind(item, depth - 1) for item in value[:20]] if depth else ["…"]
        items = f"({', '.join(inside)})"
        text = say("a tuple of {count} items: {items}", count=len(value), items=items)
        return text[:200]
    if value is None:
        return say("None (is a return missing?)")
    # An address in a text is another one every time.
    return ADDRESS.sub("at 0x…", _SHORT.repr(value))[:120]


def describe_call(function: str, arguments: Mapping[str, Any]) -> str:
    """A call in words: small values in full, arrays by their shape."""
    return f"{function}({', '.join(_argument(n, v) for n, v in arguments.items())})"


def _argument(name: str, value: Any) -> str:
    if type(value) is np.ndarray:
        kind = "" if value.dtype == np.float64 else f" {value.dtype}"
        return say("{name} of shape {shape}", name=name, shape=value.shape) + kind
    if type(value) is dict and any(type(v) is np.ndarray for v in value.values()):
        return f"{name}={{{', '.join(_argument(k, v) for k, v in value.items())}}}"
    return f"{name}={value!r}"


def shapes(arguments: Mapping[str, Any]) -> str:
    """Shapes of arrays, and settings; no other values, so that hidden inputs stay hidden."""
    parts = []
    for name, value in arguments.items():
        if type(value) is np.ndarray:
            parts.append(f"{name} {value.shape}")
        elif type(value) is dict:
            parts.append(", ".join(f"{k} {getattr(v, 'shape', v)}" for k, v in value.items()))
        else:
            parts.append(f"{name} {value!r}")
    return ", ".join(parts)
