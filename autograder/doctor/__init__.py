"""What works on a machine, and what to do where something does not.

``desk`` is for students: is all there that the notebooks need, and does Jupyter start the right
Python? ``sandboxes`` is for those who grade: which sandbox works, and what it stops. ``command`` is
``autograder doctor``.
"""

from __future__ import annotations

from .desk import Desk, Item, look_at_desk
from .sandboxes import Examination, LevelResult, examine

__all__ = ["Desk", "Examination", "Item", "LevelResult", "examine", "look_at_desk"]
