"""JUnit XML, which CI systems show as test results: a suite a task, a case a check.

What the format has no place for: points are properties of the suite, and a remark on a check that
passed is its output. Elements and attributes are those that Jenkins' schema has.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from xml.etree import ElementTree

from ..report import CheckReport, Report, TaskReport, plain
from ..roster import Student
from .exporter import Exporter, who
from .html import named, points
from .markdown import told

__all__ = ["EXPORTER", "junit"]

# What XML 1.0 cannot hold, beyond what no text of ours holds.
_NOT_IN_XML = re.compile("[\ufffe\uffff]")


def junit(reports: Sequence[Report], students: Mapping[str, Student]) -> str:
    """One document with the suites of all reports.

    A check that waits for another is skipped, since its cause is counted there; one whose function
    is not written is a failure. A submission that was not graded is one case with an error.
    """
    root = ElementTree.Element("testsuites", name="autograder")
    for report in reports:
        student = who(report, students)
        name = "" if len(reports) == 1 else f"{student.name or student.id}: "
        if report.status != "graded":
            _problem(root, report, name)
            continue
        for task in report.tasks:
            _suite(root, report, task, name)
    suites = list(root)
    for count in ("tests", "failures", "errors"):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in suites)))
    root.set("time", _seconds(sum(float(suite.get("time", "0")) for suite in suites)))
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _problem(root: ElementTree.Element, report: Report, name: str) -> None:
    ours = report.status == "not graded"
    suite = ElementTree.SubElement(
        root, "testsuite", name=_text(f"{name}{report.assignment or 'submission'}"),
        tests="1", failures=str(int(not ours)), errors=str(int(ours)), skipped="0", time="0.000",
    )  # fmt: skip
    _properties(suite, report)
    case = ElementTree.SubElement(
        suite, "testcase", classname=_class(report, "submission"), name="graded", time="0.000"
    )
    _outcome(case, "error" if ours else "failure", report.status, report.message)


def _suite(root: ElementTree.Element, report: Report, task: TaskReport, name: str) -> None:
    verdicts = [_kind(check) for check in task.checks]
    suite = ElementTree.SubElement(
        root, "testsuite", name=_text(f"{name}{task.task}"),
        tests=str(len(task.checks)), failures=str(verdicts.count("failure")),
        errors=str(verdicts.count("error")), skipped=str(verdicts.count("skipped")),
        time=_seconds(sum(check.seconds for check in task.checks)),
    )  # fmt: skip
    _properties(suite, report, points=points(task.points), max_points=points(task.max_points))
    for check, kind in zip(task.checks, verdicts, strict=True):
        case = ElementTree.SubElement(
            suite, "testcase", classname=_class(report, task.task),
            name=_text(named(check)), time=_seconds(check.seconds),
        )  # fmt: skip
        if kind:
            _outcome(case, kind, check.verdict, told(check))
        elif check.message:
            ElementTree.SubElement(case, "system-out").text = _text(told(check))


def _kind(check: CheckReport) -> str:
    if check.verdict == "passed":
        return ""
    if check.waits:
        return "skipped"
    return "error" if check.verdict == "error" else "failure"


def _properties(suite: ElementTree.Element, report: Report, **more: str) -> None:
    entries = {
        "assignment": report.assignment,
        "student": report.student,
        "isolation": report.isolation,
        "kit": report.kit,
        **more,
    }
    holder = ElementTree.SubElement(suite, "properties")
    for name, value in entries.items():
        ElementTree.SubElement(holder, "property", name=name, value=_text(value))


def _outcome(case: ElementTree.Element, kind: str, verdict: str, message: str) -> None:
    head = message.partition("\n")[0]
    outcome = ElementTree.SubElement(case, kind, type=verdict, message=_text(head))
    outcome.text = _text(message)


def _class(report: Report, task: str) -> str:
    """What CI systems group by: they cut it at its dots."""
    parts = [report.assignment or "submission", report.student, task]
    return ".".join(_text(part).replace(".", "_") for part in parts if part)


def _seconds(value: float) -> str:
    return f"{value:.3f}"


def _text(text: str) -> str:
    return _NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", plain(text))


EXPORTER = Exporter(
    "junit",
    "JUnit XML, which CI systems show as test results",
    "junit.xml",
    junit,
)
