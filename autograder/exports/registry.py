"""The formats, by name. A new one is a module with an ``Exporter``, and a line here."""

from __future__ import annotations

from . import canvas, classroom, github, grades, gradescope, junit, markdown, moodle
from .exporter import Exporter

__all__ = ["EXPORTERS"]

EXPORTERS: dict[str, Exporter] = {
    exporter.name: exporter
    for exporter in (
        grades.EXPORTER,
        canvas.EXPORTER,
        moodle.EXPORTER,
        gradescope.TABLE,
        gradescope.RESULTS,
        junit.EXPORTER,
        github.SUMMARY,
        github.ANNOTATIONS,
        classroom.EXPORTER,
        markdown.EXPORTER,
    )
}
