"""What would go wrong when a notebook is graded, told before it is handed in.

:func:`examine` reads the file as grading does, runs it from top to bottom in a clean worker, and
gives a :class:`Readiness`: what to mend, warnings, notes, and what the public checks say.
``cells`` are its cells with their outputs, ``saved`` is what the file tells, ``running`` what the
clean run does, ``origins`` where a name that is missing there comes from; ``words`` shows it all,
and ``command`` is ``autograder submit-check``.
"""

from __future__ import annotations

from .examination import examine
from .flaws import Flaw, Readiness

__all__ = ["Flaw", "Readiness", "examine"]
