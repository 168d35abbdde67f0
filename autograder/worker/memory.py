"""New arrays that hold garbage until they are written, so that nothing is right by luck.

``np.empty`` gives whatever the memory held before: often zeros, which are the right values of a
gradient that starts to be summed up, and often the result of the call before. A function that
forgets to write a part of its output then passes today and fails tomorrow. Under :func:`strictly`
every byte of a new array is 0x7f: 1.4e306 as ``float64``, 3.4e38 as ``float32``, and nothing that
a right result holds. Arrays that start as zeros do.

The GNU C library fills what it allocates when asked to (``mallopt``, ``M_PERTURB``), but for the
small blocks that it or NumPy keeps at hand. So NumPy is told for the time of the call (NEP 49,
``PyDataMem_SetHandler``) to ask for aligned memory in their stead, which neither keeps; newer
versions of the library would, and ``sandbox.ENVIRONMENT`` forbids it. All this is C calling C; a
Python function in between would let a deep recursion or an interrupt return a wild pointer. What is
allocated is freed by NumPy's own allocator, whenever that is.

It costs a few microseconds a call and a fraction of one an array (``benchmarks/filling.py``
measures both). Elsewhere than on the GNU C library, functions are called as they are.
"""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["FILLING", "kept", "strictly"]

FILLING = 0x7F
"""The value of every byte of a new array under :func:`strictly`."""

# malloc.h; the library writes the complement, 0x7f. NaN is 0xff, and its complement turns this off.
_M_PERTURB, _PERTURB = -6, 0xFF ^ FILLING

# malloc.h: from how much free memory at the end of the heap on it is given back, and how much an
# array must have to get pages of its own.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_MOST = 32 << 20

_ALIGNMENT = 32
"""More than every block has anyway, or the library takes the usual way."""

# Places in NumPy's table of C functions, which never change (numpy/_core/code_generators).
_SET_HANDLER, _GET_HANDLER = 304, 305


@dataclass(frozen=True)
class _Memory:
    """The C functions that are needed; ``kept`` is what they refer to."""

    mallopt: Callable[[int, int], int]
    set_handler: Callable[[Any], Any]
    aligned: Any
    kept: Any


def _memory() -> _Memory | None:
    """The functions as they are here, None where there are none."""
    try:
        import ctypes

        library, python = ctypes.PyDLL(None), ctypes.pythonapi
        mallopt, memalign = library.mallopt, library.memalign
        owner = importlib.import_module("numpy._core._multiarray_umath")._ARRAY_API
    except (ImportError, AttributeError, OSError, TypeError):
        return None

    class Allocator(ctypes.Structure):
        _fields_ = (
            ("context", ctypes.c_void_p),
            ("malloc", ctypes.c_void_p),
            ("calloc", ctypes.c_void_p),
            ("realloc", ctypes.c_void_p),
            ("free", ctypes.c_void_p),
        )

    class Handler(ctypes.Structure):
        _fields_ = (
            ("name", ctypes.c_char * 127),
            ("version", ctypes.c_uint8),
            ("allocator", Allocator),
        )

    pointer = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.py_object, ctypes.c_char_p)(
        ("PyCapsule_GetPointer", python)
    )
    capsule = ctypes.PYFUNCTYPE(
        ctypes.py_object, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p
    )(("PyCapsule_New", python))
    table = ctypes.cast(pointer(owner, None), ctypes.POINTER(ctypes.c_void_p))
    set_handler = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.py_object)(table[_SET_HANDLER] or 0)
    get_handler = ctypes.PYFUNCTYPE(ctypes.py_object)(table[_GET_HANDLER] or 0)

    own = Handler.from_address(pointer(get_handler(), b"mem_handler"))
    if (own.name, own.version) != (b"default_allocator", 1):
        return None
    # NumPy hands the context to malloc as its first argument; its own functions ignore it.
    aligned = Handler(
        b"aligned",
        1,
        Allocator(
            _ALIGNMENT,
            ctypes.cast(memalign, ctypes.c_void_p),
            own.allocator.calloc,
            own.allocator.realloc,
            own.allocator.free,
        ),
    )
    mallopt.argtypes = (ctypes.c_int, ctypes.c_int)
    wrapped = capsule(ctypes.addressof(aligned), b"mem_handler", None)
    # Arrays refer to their handler as long as they live.
    return _Memory(mallopt, set_handler, wrapped, aligned)


_MEMORY = _memory()


def strictly(function: Callable[..., Any], arguments: Sequence[Any]) -> Any:
    """Call ``function`` with every new array of this thread full of 0x7f; return its result."""
    if _MEMORY is None:
        return function(*arguments)
    before = _MEMORY.set_handler(_MEMORY.aligned)
    _MEMORY.mallopt(_M_PERTURB, _PERTURB)
    try:
        return function(*arguments)
    finally:
        _MEMORY.mallopt(_M_PERTURB, 0)
        _MEMORY.set_handler(before)


@contextlib.contextmanager
def kept() -> Iterator[None]:
    """Inside the block, memory that is freed stays at hand for the next array.

    In a worker ``sandbox.ENVIRONMENT`` sees to it. Elsewhere the system may take it back, and clear
    it anew for each call, which takes longer than many a call. What holds afterwards is what the
    library comes to by itself when it frees an array of 32 MiB.
    """
    if _MEMORY is None:
        yield
        return
    _MEMORY.mallopt(_M_MMAP_THRESHOLD, _MOST)
    _MEMORY.mallopt(_M_TRIM_THRESHOLD, 16 * _MOST)
    try:
        yield
    finally:
        _MEMORY.mallopt(_M_TRIM_THRESHOLD, 2 * _MOST)
