"""Exports are read back with the formats' schemas and with parsers that others wrote."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import jsonschema
import junitparser
import mistune
import pytest
import xmlschema
from defusedxml import ElementTree
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from autograder import cli
from autograder.batch import bundle
from autograder.batch import gradescope as container_side
from autograder.batch.gradescope import Settings
from autograder.exports import canvas, github, grades, gradescope, junit, markdown, moodle
from autograder.exports.exporter import File, LeftOut
from autograder.exports.registry import EXPORTERS
from autograder.exports.tables import no_formula, read_sheet, table_text
from autograder.report import CellNote, CheckReport, HandGraded, Refused, Report, TaskReport
from autograder.roster import Student, roster_json

ROOT = Path(__file__).parent.parent
FORMATS = Path(__file__).with_name("formats")

ATTACKS = (
    "<script>alert(1)</script> <img src=x onerror=alert(1)> &lt;b&gt; <!-- x",
    "[press](javascript:alert(1)) ![x](http://attacker.invalid/x.png) <http://attacker.invalid>",
    "http://attacker.invalid/a www.attacker.invalid a@attacker.invalid @everyone #1 <@here>",
    "```\n# out of the fence\n~~~~\n<b>x</b>",
    "`a` ``b`` | c \\| d ||",
    "]]><error/>&amp;\x00\x1b[31m\x0b\ufffe\uffff\ud800 \u202egnp\u2066",
    "\n::error title=x::y\r\n::set-env name=A::b\n##[error]x %0A::error::y, a:b",
    '=HYPERLINK("http://attacker.invalid";"x")',
    "[ref]: http://attacker.invalid\n\n[ref]\n\n---\n| a |\n| - |\n| <b>x |",
)
HOSTILE = "\n".join(ATTACKS)
# Control characters but line feeds and tabs, those that turn text round, halves of pairs.
CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def check(name: str, verdict: Any = "passed", **more: Any) -> CheckReport:
    points = 1.0 if verdict == "passed" else 0.0
    return CheckReport(name, f"title of {name}", verdict, more.pop("hidden", False), points, 1.0,
                       **more)  # fmt: skip


def report(student: str = "ada", **more: Any) -> Report:
    cost = TaskReport("conv_cost", "Cost", 2.0, 2.0, (check("basic"), check("more", hidden=True)))
    naive = TaskReport(
        "conv_forward_naive",
        "Forward",
        1.0,
        7.0,
        (
            check("basic", seconds=0.25),
            check("failed", "failed", message=HOSTILE, hint="Look at `w`.", mistake="m"),
            check("timeout", "timeout", message="too long", yardsticks=61.4),
            check("crashed", "crashed", message="it died", hidden=True),
            check("memory", "out of memory", message="too much"),
            check("unwritten", "not attempted", message="conv_forward_naive is not written yet."),
            check("waits", "not attempted", message="Not tried: “basic” must pass first."),
        ),
    )
    data: dict[str, Any] = {
        "assignment": "convolution", "student": student, "status": "graded",
        "isolation": "bubblewrap", "points": 3.0, "max_points": 9.0, "tasks": (cost, naive),
        "by_hand": (HandGraded("written", "Why", 3.0),),
        "cells": (CellNote("cell 3", "error", HOSTILE),),
        "refused": (Refused(f"cell {ATTACKS[0]}", f"open {ATTACKS[1]}"),), "hidden_checks": True,
        "seed": "abc", "kit": "1", "seconds": 2.6,
    }  # fmt: skip
    return Report(**{**data, **more})


def failed_here(student: str = "ben") -> Report:
    return report(student, status="not graded", points=0.0, tasks=(), message=f"kit: {HOSTILE}")


def unreadable(student: str = "cleo") -> Report:
    return report(student, status="unreadable", points=0.0, max_points=0.0, tasks=(),
                  message=f"no notebook: {HOSTILE}")  # fmt: skip


STUDENTS = {
    student.id: student
    for student in (
        Student("ada", 'O"Neil, "Ada"; Jr.', "101", "ada@school.org", "ada1"),
        Student("ben", "=1+1", "102", "ben@school.org", "ben1"),
        Student("cleo", "נועה\n\u202eevil", "103", "cleo@school.org", "cleo1"),
        Student("dora", "@SUM(A1)", "104", "", "dora1"),
    )
}


def rows(text: str, **options: Any) -> list[dict[str, str]]:
    assert not CONTROL.search(text.replace("\r\n", "\n"))
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True, **options)
    return list(reader)


# Tables


@given(st.text(st.sampled_from("=+-@\t\r\n\"',;a ＝\x00\u202e\ud800"), max_size=8))
@example("=1+1")
@example("a;=1+1")
@example("\t=1")
def test_no_cell_is_a_formula_and_every_cell_comes_back(text: str) -> None:
    cell = no_formula(text)
    assert cell[:1] not in tuple("=+-@\t\r\n＝")
    # As another spreadsheet cuts it, without regard to quotes.
    for part in re.split(r"[;\t\n]", cell):
        assert part.lstrip()[:1] not in tuple("=+-@＝")
    (row,) = rows(table_text(["a", "b"], [{"a": text, "b": -1.5}]))
    assert row == {"a": cell, "b": "-1.5"}


def test_harmless_text_is_left_as_it_is() -> None:
    for text in ('O"Neil, Jr.', "נועה", "Zoë", "a-b@c.org", "x; y", "1=1", ""):
        assert no_formula(text) == text
    assert no_formula(-1.5) == -1.5


def test_csv_has_a_row_a_student_and_a_column_a_task() -> None:
    table = rows(grades.grades([report(), failed_here(), unreadable()], STUDENTS))
    assert [row["student"] for row in table] == ["ada", "ben", "cleo", "dora"]
    ada, ben, cleo, dora = table
    assert ada["name"] == 'O"Neil, "Ada"; Jr.'
    assert (ada["points"], ada["max_points"], ada["conv_cost"]) == ("3.0", "9.0", "2.0")
    assert ada["conv_forward_naive"] == "1.0"
    assert ada["written"] == ""
    assert (ben["name"], ben["status"], ben["points"]) == ("'=1+1", "not graded", "")
    assert (cleo["name"], cleo["points"]) == ("נועה\n\N{REPLACEMENT CHARACTER}evil", "0.0")
    assert (dora["status"], dora["points"]) == ("nothing handed in", "")


def test_two_assignments_keep_their_rows_apart() -> None:
    other = report(assignment="pooling", points=1.0, tasks=(), by_hand=())
    table = rows(grades.grades([report(), other], {}))
    assert [(row["assignment"], row["points"]) for row in table] == [
        ("convolution", "3.0"),
        ("pooling", "1.0"),
    ]


# Canvas

GRADEBOOK = (
    "\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,Convolution (4711),Other (5),Final Score\r\n"
    ",,,,,Manual Posting,,(read only)\r\n"
    "    Points Possible,,,,,9.00,10.00,\r\n"
    '"O\'Neil, Ada", 101 ,s1,ada1,"A, B",,7.00,1\r\n'
    "=cmd(),105,s5,eve1,A,8,  6.0,\"2\"\r\n"
    "Ben,102,s2,ben1,A,4.5\r\n"
    "\"Two\r\nlines\",103,s3,cleo1,A,5,,\r\n"
    "\"Student, Test\",999,,x,A,,,\r\n"
)  # fmt: skip


def test_canvas_takes_a_new_table() -> None:
    with pytest.warns(LeftOut, match="ben was not graded"):
        text = canvas.canvas([report(), failed_here(), unreadable()], STUDENTS)
    assert text.splitlines()[0].replace('"', "") == (
        "Student,ID,SIS User ID,SIS Login ID,Section,convolution"
    )
    possible, ada, cleo = rows(text)
    assert possible["Student"] == "    Points Possible"
    assert (possible["ID"], possible["convolution"]) == ("", "9")
    assert (ada["ID"], ada["SIS Login ID"], ada["convolution"]) == ("101", "ada1", "3")
    assert (cleo["ID"], cleo["convolution"]) == ("103", "0")
    named = canvas.canvas([report()], STUDENTS, column="Convolution (4711)")
    assert rows(named)[1]["Convolution (4711)"] == "3"


def test_canvas_own_gradebook_is_filled_in_and_all_else_kept_to_the_byte() -> None:
    reports = [report(), failed_here(), unreadable(), report("dora")]
    with pytest.warns(LeftOut) as noted:
        text = canvas.canvas(reports, STUDENTS, gradebook=File("g.csv", GRADEBOOK))
    assert sorted(str(note.message)[:20] for note in noted) == [
        "ben was not graded (", "dora (convolution) h",
    ]  # fmt: skip
    old, new = GRADEBOOK.split("\r\n"), text.split("\r\n")
    changed = {number for number, (a, b) in enumerate(zip(old, new, strict=True)) if a != b}
    assert changed == {3, 7}  # Ada, and the second line of Cleo, who is called Two lines
    after = {row["ID"].strip(): row for row in rows(text.removeprefix("\ufeff"))}
    assert after["101"]["Convolution (4711)"] == "3"
    assert (after["101"]["Student"], after["101"]["Other (5)"]) == ("O'Neil, Ada", "7.00")
    assert after["102"]["Convolution (4711)"] == "4.5"
    assert after["103"]["Convolution (4711)"] == "0"


def test_a_gradebook_with_semicolons_stays_one() -> None:
    text = 'Student;ID;Convolution (1)\n"a;b";101;\n'
    filled = canvas.canvas([report()], STUDENTS, gradebook=File("g", text))
    assert filled == 'Student;ID;Convolution (1)\n"a;b";101;3\n'


@pytest.mark.parametrize(
    ("text", "column", "says"),
    [
        ("Student,ID,Homework (1)\nx,101,\n", "", "say its heading with --column. .*Homework"),
        ("Student,ID,A (1),A (2)\nx,101,\n", "A", "2 columns"),
        ("Student,Name\nx,101\n", "", "no column ID"),
        ("", "", "no table"),
        ('Student,ID\n"x,101\n', "", "no table"),
    ],
)
def test_another_file_than_canvas_wrote_is_refused(text: str, column: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        canvas.canvas([report()], STUDENTS, gradebook=File("g.csv", text), column=column)


def test_of_columns_that_are_alike_the_exact_heading_counts() -> None:
    book = File("g", "Student,ID,A (1),A (2)\nx,101,,\n")
    filled = canvas.canvas([report()], STUDENTS, gradebook=book, column="A (2)")
    assert filled == "Student,ID,A (1),A (2)\nx,101,,3\n"


def test_one_column_is_not_for_two_assignments() -> None:
    with pytest.raises(ValueError, match="--assignment"):
        canvas.canvas([report(), report(assignment="pooling")], STUDENTS, column="x")


def test_two_reports_on_one_student_are_refused() -> None:
    for export in (canvas.canvas, moodle.moodle, gradescope.table):
        with pytest.raises(ValueError, match="two reports on ada"):
            export([report(), report(points=9.0)], STUDENTS)


# Moodle

HEADINGS = (
    "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,"
    "Last modified (submission),Last modified (grade),Feedback comments"
)
WORKSHEET = (
    f"{HEADINGS}\n"
    'Participant 101,"O\'Neil, Ada",a@x.org,Submitted for grading,-,9.00,Yes,"Monday, 1 June",-,\n'
    "Participant 102,Ben,b@x.org,Submitted,4.00,9.00,Yes,-,-,\n"
    'Participant 103,Cleo,c@x.org,Submitted,2.00,9.00,No,-,-,"<p>well, done</p>"\n'
    "Participant 105,=Eve,e@x.org,No submission,-,9.00,Yes,-,-,\n"
)


def test_moodle_takes_a_new_table() -> None:
    with pytest.warns(LeftOut):
        text = moodle.moodle([report(), failed_here()], STUDENTS)
    (ada,) = rows(text)
    assert (ada["Email address"], ada["Username"]) == ("ada@school.org", "ada1")
    assert ada["convolution"] == "3"
    feedback = ada["Feedback: convolution"]
    assert feedback.startswith("conv_cost 2/2; conv_forward_naive 1/7 (title of failed, ")
    assert not set(feedback) & set("<>&\n")


def test_moodles_worksheet_is_filled_in() -> None:
    reports = [report(), failed_here(), report("cleo"), report("dora")]
    with pytest.warns(LeftOut) as noted:
        text = moodle.moodle(reports, STUDENTS, worksheet=File("w.csv", WORKSHEET))
    assert sorted(str(note.message).split()[0] for note in noted) == ["ben", "cleo:", "dora"]
    old, new = WORKSHEET.split("\n"), text.split("\n")
    assert [a == b for a, b in zip(old, new, strict=True)] == [True, False, *[True] * 4]
    ada = rows(text)[0]
    assert ",".join(ada) == HEADINGS
    assert (ada["Grade"], ada["Maximum Grade"]) == ("3", "9.00")
    assert ada["Last modified (submission)"] == "Monday, 1 June"
    assert ada["Feedback comments"].startswith("conv_cost 2/2; ")


@pytest.mark.parametrize(("maximum", "told"), [("9.00", False), ("12.00", False), ("100", True)])
def test_another_maximum_is_told(
    maximum: str, told: bool, recwarn: pytest.WarningsRecorder
) -> None:
    sheet = File("w.csv", WORKSHEET.replace("9.00", maximum))
    moodle.moodle([report()], STUDENTS, worksheet=sheet)
    assert [str(note.message)[:27] for note in recwarn] == ["the maximum grade is 100 in"] * told


def test_a_worksheet_of_another_language_is_refused() -> None:
    sheet = File("w.csv", WORKSHEET.replace("Identifier", "ID", 1))
    with pytest.raises(ValueError, match="English"):
        moodle.moodle([report()], STUDENTS, worksheet=sheet)
    with pytest.raises(ValueError, match="--assignment"):
        moodle.moodle(
            [report(), report(assignment="pooling")], {}, worksheet=File("w.csv", WORKSHEET)
        )


# Gradescope

RESULTS_SCHEMA = json.loads((FORMATS / "gradescope-results.schema.json").read_text())


def test_results_json_follows_gradescopes_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(RESULTS_SCHEMA)
    result = json.loads(gradescope.results_json([report()], STUDENTS))
    jsonschema.validate(result, RESULTS_SCHEMA)
    assert result["score"] == 3.0
    assert sum(test["score"] for test in result["tests"]) == 3.0
    assert result["stdout_visibility"] == "hidden"
    hidden = {test["name"]: test["visibility"] for test in result["tests"]}
    assert hidden["conv_cost: title of basic"] == "visible"
    assert hidden["conv_cost: title of more (hidden)"] == "after_published"
    assert not CONTROL.search("".join(test["output"] for test in result["tests"]))
    formats = {value for test in result["tests"] for key, value in test.items() if "format" in key}
    assert formats == {"text"}


@pytest.mark.parametrize("visibility", gradescope.VISIBILITIES)
def test_who_sees_hidden_checks_is_a_choice(visibility: str) -> None:
    result = json.loads(gradescope.results_json([report()], {}, visibility=visibility))
    jsonschema.validate(result, RESULTS_SCHEMA)
    seen = {test["visibility"] for test in result["tests"] if "(hidden)" in test["name"]}
    assert seen == {visibility}


def test_what_was_not_graded_has_no_results_json() -> None:
    with pytest.raises(ValueError, match="it was not graded"):
        gradescope.results_json([failed_here()], {})
    with pytest.raises(ValueError, match="holds one report"):
        gradescope.results_json([report(), report("ben")], {})
    result = json.loads(gradescope.results_json([unreadable()], {}))
    jsonschema.validate(result, RESULTS_SCHEMA)
    assert result["score"] == 0.0
    assert "could not be read: no notebook" in result["output"]


def test_gradescopes_table() -> None:
    with pytest.warns(LeftOut, match="ben"):
        text = gradescope.table([report(), failed_here()], STUDENTS)
    table = {row["Submission ID"]: row for row in rows(text)}
    assert table["101"]["Total Score"] == "3.0"
    assert table["101"]["conv_cost (2 pts)"] == "2.0"
    missing = [row["Name"] for row in rows(text) if row["Status"] == "Missing"]
    assert len(missing) == 2
    assert "'@SUM(A1)" in missing


# JUnit


def everyone() -> list[Report]:
    return [report(), failed_here(), unreadable()]


def parsed_junit(reports: list[Report]) -> Any:
    return junitparser.JUnitXml.fromstring(junit.junit(reports, STUDENTS).encode())


@pytest.mark.parametrize("reports", [[], [report()], everyone()], ids=["none", "one", "several"])
def test_junit_follows_the_schema(reports: list[Report]) -> None:
    schema = xmlschema.XMLSchema(str(FORMATS / "junit.xsd"))
    schema.validate(junit.junit(reports, STUDENTS))


def test_junit_is_read_by_another_parser() -> None:
    suites = {suite.name: suite for suite in parsed_junit([report()])}
    assert list(suites) == ["conv_cost", "conv_forward_naive"]
    naive = suites["conv_forward_naive"]
    assert (naive.tests, naive.failures, naive.errors, naive.skipped) == (7, 5, 0, 1)
    kinds = {case.name: [type(entry) for entry in case.result] for case in naive}
    assert kinds["title of basic"] == []
    assert kinds["title of failed"] == [junitparser.Failure]
    assert kinds["title of crashed (hidden)"] == [junitparser.Failure]
    assert kinds["title of unwritten"] == [junitparser.Failure]
    assert kinds["title of waits"] == [junitparser.Skipped]
    (failure,) = next(case for case in naive if case.name == "title of failed").result
    assert failure.type == "failed"
    assert "]]><error/>&amp;" in failure.text
    assert "\N{REPLACEMENT CHARACTER}[31m" in failure.text
    assert failure.text.endswith("Hint: Look at `w`.")
    assert {p.name: p.value for p in naive.properties()}["points"] == "1"


def test_junit_tells_our_faults_from_theirs() -> None:
    whole = parsed_junit(everyone())
    assert (whole.tests, whole.failures, whole.errors) == (11, 6, 1)
    by_type = {
        type(entry): case for suite in whole for case in suite for entry in case.result
        if case.name == "graded"
    }  # fmt: skip
    assert by_type[junitparser.Error].classname == "convolution.ben.submission"
    assert by_type[junitparser.Failure].classname == "convolution.cleo.submission"


@given(st.text(st.characters(), max_size=30))
def test_any_text_makes_well_formed_xml(text: str) -> None:
    broken = check("x", "failed", message=text, hint=text)
    task = TaskReport("t", "T", 0.0, 1.0, (broken,))
    made = junit.junit([report(text, tasks=(task,))], {"x": Student("x", text)})
    assert ElementTree.fromstring(made.encode()) is not None


# Markdown


def tokens(text: str) -> Iterator[Any]:
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    for token in parser.parse(text):
        yield token
        yield from token.children or ()


def assert_harmless(text: str) -> None:
    """No HTML and no link in ``text``, for two parsers; outside of code, nothing of a student."""
    outside = ""
    for token in tokens(text):
        assert not token.type.startswith(("html", "link", "image")), token
        if token.type == "text":
            outside += token.content
    assert "attacker" not in outside
    assert "@" not in outside
    plugins = ["table", "url", "footnotes", "strikethrough", "task_lists", "math", "abbr"]
    page = mistune.create_markdown(escape=False, plugins=plugins)(text)
    assert isinstance(page, str)
    tags = set(re.findall(r"<\s*/?\s*([a-zA-Z]+)", page))
    assert tags <= {"h", "p", "strong", "code", "pre", "ul", "li", "table", "thead", "tbody", "tr",
                    "th", "td"}, tags  # fmt: skip
    assert not CONTROL.search(text)


def test_markdown_shows_everything_and_runs_nothing() -> None:
    hostile = {**STUDENTS, "ada": replace(STUDENTS["ada"], name=f"`{ATTACKS[1]} {ATTACKS[4]}")}
    text = markdown.markdown(everyone(), hostile)
    assert_harmless(text)
    code = [token.content for token in tokens(text) if token.type in ("fence", "code_inline")]
    assert sum("<script>alert(1)</script>" in part for part in code) >= 4
    assert any("Measured: 61.4 times the yardstick." in part for part in code)
    inline = [token.content for token in tokens(text) if token.type == "inline"]
    assert sum("convolution" in content for content in inline) == 3
    assert "**3 of 9 points**" in text
    assert "title of waits" in text


@given(st.text(st.sampled_from("`~|\\<>[]()!*_#&;@:/\n\r\t a\x00\u202e1.-"), max_size=30))
@example("`")
@example("``` `")
@example(" ` ")
@example("a\\|b|c")
@example("\n```\n<b>")
def test_code_and_fences_hold_any_text(text: str) -> None:
    if text.strip():
        for line in (f"## {markdown.code(text)}: x", f"- {markdown.code(text)}"):
            kinds = [
                token.type for token in tokens(line) if not token.type.endswith(("open", "close"))
            ]
            wanted = {"inline", "code_inline", "text"}
            assert set(kinds) <= wanted, line
            assert kinds.count("code_inline") == (markdown.code(text) != "–")
    row = f"| a | b |\n| - | - |\n| {markdown.code(text, cell=True)} | end |"
    cells = [token.content for token in tokens(row) if token.type == "inline"]
    assert cells[-1] == "end"
    assert len(cells) == 4
    parts = list(tokens(f"before\n\n{markdown.fenced(text)}\n\nafter"))
    assert [part.type for part in parts if part.type in ("fence", "inline")] == [
        "inline", "fence", "inline",
    ]  # fmt: skip


# GitHub


def read_command(line: str) -> tuple[str, dict[str, str], str]:
    """A workflow command as GitHub's runner reads it."""
    match = re.fullmatch(r"::(\w+)(?: (.*?))?::(.*)", line)
    assert match is not None, line
    properties = {}
    for part in filter(None, (match[2] or "").split(",")):
        name, _, value = part.partition("=")
        for code, sign in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
            value = value.replace(code, sign)
        properties[name] = value
    message = match[3]
    for code, sign in (("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
        message = message.replace(code, sign)
    return match[1], properties, message


NOTEBOOK = """{"cells": [{"source": [
    "def conv_forward_naive(x):\\n",
    "    pass\\n",
    "def conv_forward_naive (x, w):\\n",
    "def conv_forward_naive_fast(x):\\n"
"""


def test_annotations_are_read_as_the_runner_reads_them() -> None:
    text = github.workflow_commands(
        [report()], STUDENTS, notebook=File("a,b/100%:x.ipynb", NOTEBOOK)
    )
    (line,) = text.splitlines()
    level, properties, message = read_command(line)
    assert level == "error"
    assert properties == {
        "file": "a,b/100%:x.ipynb",
        "line": "4",
        "title": "conv_forward_naive: 1 of 7 points",
    }
    assert message.startswith("title of failed: failed\n<script>")
    assert "%0A::error::y, a:b" in message
    assert not CONTROL.search(message)


def test_a_notebook_whose_cells_are_one_text_has_lines_too() -> None:
    source = '{"cells": [\n{"source": "x = 1\\ndef conv_forward_naive(x):\\n    pass"}]}'
    text = github.workflow_commands([report()], {}, notebook=File("x.ipynb", source))
    assert read_command(text.strip())[1]["line"] == "2"


def test_one_command_a_line_whatever_a_student_wrote() -> None:
    hostile = {"ada": Student("ada", "x\n::error::y,file=z"), "ben": Student("ben", HOSTILE)}
    text = github.workflow_commands([report(), failed_here(), unreadable()], hostile)
    commands = [read_command(line) for line in text.splitlines()]
    assert [level for level, _, _ in commands] == ["error", "warning", "error"]
    assert {properties["file"] for _, properties, _ in commands} == {"convolution.ipynb"}
    assert all(set(properties) == {"file", "title"} for _, properties, _ in commands)
    with pytest.raises(ValueError, match="--notebook"):
        github.workflow_commands(everyone(), {}, notebook=File("x", ""))


def test_the_summary_is_a_table_and_no_larger_than_github_takes() -> None:
    hostile = {"ada": Student("ada", HOSTILE)}
    text = github.summary(everyone(), hostile)
    assert_harmless(text)
    table = [token.content for token in tokens(text) if token.type == "inline"]
    assert len(table) == 5 * 4
    assert github.summary([report()], {}) == markdown.markdown([report()], {})
    crowd = github.summary([failed_here(f"s{number}") for number in range(5000)], {})
    assert len(crowd.encode()) < 1 << 20
    assert "more are not shown here" in crowd


# The command


@pytest.fixture
def results(tmp_path: Path) -> Path:
    folder = tmp_path / "results"
    (folder / "convolution").mkdir(parents=True)
    for entry in everyone():
        clean = replace(entry, message=entry.message.encode("utf-8", "replace").decode())
        text = clean.to_json().replace("\ud800", "?")
        (folder / "convolution" / f"{entry.student}.json").write_text(text)
    (folder / "students.json").write_text(roster_json(STUDENTS.values()))
    return folder


@pytest.mark.parametrize("name", sorted(set(EXPORTERS) - {"gradescope-results", "classroom"}))
def test_every_format_is_written(
    name: str, results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code = cli.main(["export", name, str(results)])
    grade_tables = {"canvas", "moodle", "gradescope"}
    assert code == (1 if name in grade_tables else 0)
    assert (tmp_path / EXPORTERS[name].file).stat().st_size > 50


def test_the_command_says_whom_it_left_out(
    results: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert cli.main(["export", "canvas", str(results), "--out", "-"]) == 1
    out, err = capfdbinary.readouterr()
    assert [row["ID"] for row in rows(out.decode())] == ["", "101", "103"]
    assert b"autograder: ben was not graded (convolution): grade it again" in err
    assert cli.main(["export", "canvas", str(results), "--out", "-", "--student", "ada"]) == 0


def test_one_report_will_do(results: Path, tmp_path: Path) -> None:
    out = tmp_path / "results.json"
    one = results / "convolution" / "ada.json"
    assert cli.main(["export", "gradescope-results", str(one), "--out", str(out)]) == 0
    jsonschema.validate(json.loads(out.read_text()), RESULTS_SCHEMA)


def test_a_platforms_file_comes_from_an_option(results: Path, tmp_path: Path) -> None:
    book, out = tmp_path / "book.csv", tmp_path / "out.csv"
    book.write_bytes(GRADEBOOK.encode())
    command = ["export", "canvas", str(results), "--student", "ada", "--out", str(out)]
    assert cli.main([*command, "--gradebook", str(book)]) == 0
    assert out.read_bytes().replace(b'ada1,"A, B",3,', b'ada1,"A, B",,').count(b"\r\n") == 9
    assert read_sheet(File("", out.read_bytes().decode())).columns[5] == "Convolution (4711)"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["csv", "{}/nowhere"], "there is no folder"),
        (["csv", "{}", "--assignment", "pooling"], "assignments there: convolution"),
        (["csv", "{}/students.json"], "cannot be read"),
        (["canvas", "{}", "--gradebook", "{}/none.csv"], "cannot be read: No such file"),
        (["canvas", "{}", "--gradebook", "{}/latin.csv"], "not text in UTF-8"),
        (["gradescope-results", "{}"], "say which with --assignment and --student"),
    ],
)
def test_wrong_use_is_one_line_and_exit_2(
    arguments: list[str], says: str, results: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (results / "latin.csv").write_bytes(b"Student,ID\nZo\xeb,1\n")
    assert cli.main(["export", *(a.replace("{}", str(results)) for a in arguments)]) == 2
    out, err = capfd.readouterr()
    assert says in err
    assert len(err.strip().splitlines()) == 1
    assert out == ""


def test_what_cannot_be_written_is_exit_3(results: Path, tmp_path: Path) -> None:
    assert cli.main(["export", "csv", str(results), "--out", str(tmp_path / "no" / "x.csv")]) == 3


def test_the_example_of_the_docs_is_a_whole_exporter(
    results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs/exports.md").read_text(), re.DOTALL)
    module: dict[str, Any] = {}
    exec(compile(code, "lines.py", "exec"), module)
    monkeypatch.setitem(EXPORTERS, "lines", module["EXPORTER"])
    out = tmp_path / "reports.jsonl"
    command = ["export", "lines", str(results), "--names", "names", "--out", str(out)]
    assert cli.main(command) == 1
    (entry,) = map(json.loads, out.read_text().splitlines())
    assert entry == {
        "student": STUDENTS["ada"].name,
        "assignment": "convolution",
        "share": 3.0 / 9.0,
    }


def test_the_docs_list_every_format() -> None:
    text = (ROOT / "docs/exports.md").read_text()
    listed = re.findall(r"^\| `([\w-]+)` \| .* \| `([\w.]+)` \|$", text, re.MULTILINE)
    assert listed == [(entry.name, entry.file) for entry in EXPORTERS.values()]


# The bundle for Gradescope


@pytest.fixture(scope="module")
def container(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Gradescope's folders after ``setup.sh``, with this Python in place of a new one."""
    root = tmp_path_factory.mktemp("autograder")
    made = bundle.bundle(Settings("convolution", "landlock", "after_published", 7))
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        modes = {entry.filename: entry.external_attr >> 16 for entry in archive.infolist()}
        archive.extractall(root / "source")
    assert modes["setup.sh"] & 0o111
    assert modes["run_autograder"] & 0o111
    for name in ("setup.sh", "run_autograder"):
        (root / "source" / name).chmod(modes[name])
    (root / "submission").mkdir()
    done = start(root, "setup.sh")
    assert done.returncode == 0, done.stderr
    return root


def start(root: Path, script: str, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        [root / "source" / script],
        cwd=root,
        env={
            **inherited,
            "AUTOGRADER_ROOT": str(root),
            "AUTOGRADER_PYTHON": sys.executable,
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )


def hand_in(root: Path, files: dict[str, bytes]) -> None:
    for path in sorted((root / "submission").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    for name, data in files.items():
        path = root / "submission" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


@pytest.fixture(scope="module")
def hugo(example_class: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A submission that turns the kernel round."""
    built = example_class.build(tmp_path_factory.mktemp("bundle"))
    return next(path for path in built if path.parent.parent.name == "hugo").read_bytes()


def test_a_bundle_grades_in_gradescopes_folders(container: Path, hugo: bytes) -> None:
    hand_in(container, {"a.ipynb": b"{", "work/My notebook (2).ipynb": hugo})
    done = start(container, "run_autograder")
    assert done.returncode == 0, done.stdout + done.stderr
    result = json.loads((container / "results/results.json").read_text())
    jsonschema.validate(result, RESULTS_SCHEMA)
    assert result["score"] == 77.0
    assert result["extra_data"]["isolation"] in ("bubblewrap", "landlock")
    hidden = {t["visibility"] for t in result["tests"] if t["name"].endswith("(hidden)")}
    assert hidden == {"after_published"}
    flipped = next(t for t in result["tests"] if t["name"].startswith("conv_forward_naive: first"))
    assert "flipped" in flipped["output"]


OF_ANOTHER = json.dumps(
    {
        "nbformat": 4,
        "cells": [{"cell_type": "code", "source": "def max_pool_forward_naive(x): ..."}],
    }
).encode()


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"a.py": b"x", ".ipynb_checkpoints/b.ipynb": b"{"}, "no notebook was handed in"),
        ({"a.ipynb": b"{"}, "it is not valid JSON"),
        ({"a.ipynb": OF_ANOTHER}, "it is a notebook of pooling, not of this assignment"),
    ],
)
def test_what_is_no_notebook_gets_no_points_and_a_reason(
    files: dict[str, bytes], says: str, container: Path
) -> None:
    hand_in(container, files)
    done = start(container, "run_autograder")
    assert done.returncode == 0, done.stdout + done.stderr
    result = json.loads((container / "results/results.json").read_text())
    jsonschema.validate(result, RESULTS_SCHEMA)
    assert result["score"] == 0.0
    assert says in result["output"]


def test_a_fault_of_ours_leaves_no_result_at_all(container: Path, hugo: bytes) -> None:
    hand_in(container, {"convolution.ipynb": hugo})
    results = container / "results" / "results.json"
    results.parent.mkdir(exist_ok=True)
    results.write_text('{"score": 91}')
    settings = container / "source" / "settings.json"
    before = settings.read_text()
    settings.write_text(before.replace("landlock", "bubblewrap"))
    try:
        done = start(container, "run_autograder", PATH=str(container))
    finally:
        settings.write_text(before)
    assert done.returncode == 3, done.stdout + done.stderr
    assert "through no fault of the student" in done.stdout
    assert not results.exists()


def test_a_submission_cannot_put_a_result_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = tmp_path / "results" / "results.json"
    for folder in ("source", "results"):
        (tmp_path / folder).mkdir()
    settings = Settings("convolution", "process", "visible", 7)
    (tmp_path / "source" / "settings.json").write_text(settings.to_json())

    def graded(folder: Path, settings: Settings) -> Report:
        results.write_text('{"score": 91}')
        return failed_here()

    monkeypatch.setattr(container_side, "_graded", graded)
    assert container_side.main([str(tmp_path)]) == 3
    assert not results.exists()


def test_a_broken_kit_leaves_no_result_at_all(container: Path) -> None:
    results = container / "results" / "results.json"
    results.parent.mkdir(exist_ok=True)
    results.write_text('{"score": 91}')
    (container / "source" / "settings.json").rename(container / "settings.json")
    try:
        done = start(container, "run_autograder")
    finally:
        (container / "settings.json").rename(container / "source" / "settings.json")
    assert done.returncode not in (0, None)
    assert not results.exists()


def test_the_bundle_needs_no_tools_of_development(container: Path) -> None:
    text = (container / "source" / "requirements.txt").read_text()
    names = set(re.findall(r"^([a-z0-9-]+)==", text, re.MULTILINE))
    assert {"numpy", "nbgrader", "pytest", "pyseccomp", "matplotlib"} <= names
    assert not names & {"mypy", "ruff", "playwright", "hypothesis", "cosmic-ray"}
    assert all("--hash=sha256:" in entry for entry in re.split(r"\n(?=\S)", text.strip()))


def test_a_bundle_of_no_assignment_is_refused(capfd: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["gradescope", "homework"]) == 2
    assert "there are: convnet, convolution" in capfd.readouterr().err
