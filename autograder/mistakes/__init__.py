"""Known mistakes: wrong implementations that students really write, by operator.

They test the suites, which must reject every one of them, and they explain failures: an output
that equals a known mistake's output on the same input says what went wrong.
"""

from .. import rooms
from .register import Mistake, Register

__all__ = ["Mistake", "Register"]

__path__ = rooms.extended(__path__, "mistakes")
