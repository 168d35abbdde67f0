"""The class report: what it counts, and what hostile submissions cannot make of it."""

from __future__ import annotations

import ast
import csv
import io
import json
import os
import re
import shlex
import subprocess
import sys
from dataclasses import replace
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from bs4 import BeautifulSoup

from autograder.assignments import find
from autograder.batch.store import Results, file_name
from autograder.classreport import likeness, page, writing
from autograder.classreport.examples import example
from autograder.classreport.figures import histogram
from autograder.classreport.tally import spread, tally
from autograder.classreport.writing import write_report
from autograder.cli import main
from autograder.exports.tables import table_text
from autograder.files import CannotWrite
from autograder.mistakes import catalogue
from autograder.report import CellNote, CheckReport, Refused, Report, TaskReport, Verdict, plain
from autograder.roster import Student, roster_json
from browsing import browser, faults, new_page, screenshot

ROOT = Path(__file__).parent.parent
VARIANTS = ROOT / "autograder" / "variants"
ASSIGNMENT = find("convolution")
NAMES = {task.task for task in ASSIGNMENT.tasks}

EVIL = (
    "</pre></title><script>window.owned = 1</script><img src=http://127.0.0.1:9/x onerror=owned=1>"
)
BELL = "\x1b[31m\x07\u202e"
FLIPPED = "conv_forward.kernel_flipped"


def check(name: str, verdict: Verdict, **more: Any) -> CheckReport:
    points = 1.0 if verdict == "passed" else 0.0
    return CheckReport(
        name, f"title of {name}", verdict, name.startswith("h_"), points, 1.0, **more
    )


def task(name: str, *checks: CheckReport) -> TaskReport:
    points = sum(c.points for c in checks)
    return TaskReport(name, ASSIGNMENT.task(name).title, points, float(len(checks)), checks)


def report(student: str, *tasks: TaskReport, **more: Any) -> Report:
    points, most = sum(t.points for t in tasks), sum(t.max_points for t in tasks)
    made = Report(
        "convolution", student, "graded", "landlock", points, most, tasks,
        hidden_checks=True, kit="0.1.0", seconds=2.0,
    )  # fmt: skip
    return replace(made, **more)


WAITS: dict[str, Any] = {"message": "Not tried: the first one must pass."}
RIGHT = (
    task(
        "same_padding", check("first", "passed"), check("even", "passed"), check("never", "failed")
    ),
    task("conv_forward_naive", check("first", "passed"), check("h_any", "passed")),
)
FAILS = task(
    "conv_forward_naive",
    check("first", "failed", mistake=FLIPPED, hint="Look.", message=f"wrong {EVIL}"),
    check("h_any", "not attempted", **WAITS),
)
HALF = task(
    "same_padding", check("first", "passed"), check("even", "crashed"), check("never", "failed")
)
EMPTY = (
    task("same_padding", *(check(n, "not attempted") for n in ("first", "even", "never"))),
    task("conv_forward_naive", check("first", "not attempted"), check("h_any", "not attempted")),
)


def a_class() -> list[Report]:
    """Eight students; what some of them are called and wrote is hostile."""
    return [
        report("ada", *RIGHT),
        report("ben", *RIGHT, seconds=40.0),
        report("chen", RIGHT[0], FAILS, cells=(CellNote("cell 3", "failed", EVIL + BELL),)),
        report(EVIL.replace("/", ":"), HALF, FAILS, refused=(Refused(EVIL, f"open {EVIL}{BELL}"),)),
        report("emil", *EMPTY),
        report("=cmd()", RIGHT[0], task(
            "conv_forward_naive", check("first", "passed", message=f"remark {EVIL}"),
            check("h_any", "passed"),
        )),
        report("--help", status="not graded", message="the machine ran out of memory"),
        report("it's; rm -rf $HOME", status="unreadable", message=f"it is not JSON {EVIL}{BELL}"),
    ]  # fmt: skip


def right_code(number: int) -> str:
    """Right answers to every task, other ones for each number."""
    cells = []
    for folder in sorted(path for path in (VARIANTS / "convolution").iterdir() if path.is_dir()):
        files = sorted(folder.glob("*.py"))
        if files:
            cells.append(files[number % len(files)].read_text())
    return "\n\n".join(cells)


class Renaming(ast.NodeTransformer):
    """Gives every name that a code has made up another one, the same everywhere."""

    def __init__(self, tree: ast.Module) -> None:
        stored = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and is_stored(n)}
        self.own = stored | {n.arg for n in ast.walk(tree) if isinstance(n, ast.arg)}
        self.own -= NAMES

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(f"my_{node.id}" if node.id in self.own else node.id, node.ctx)

    def visit_arg(self, node: ast.arg) -> ast.arg:
        return ast.arg(f"my_{node.arg}")

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = ast.Name("tuple", ast.Load())
        return self.generic_visit(node)

    def visit_keyword(self, node: ast.keyword) -> ast.keyword:
        called = f"my_{node.arg}" if node.arg in self.own else node.arg
        # What NumPy calls its arguments stays.
        kept = node.arg in ("axis", "axes", "mode", "dtype", "shape", "size", "order", "out")
        return ast.keyword(node.arg if kept else called, self.visit(node.value))


def is_stored(name: ast.Name) -> bool:
    return not isinstance(name.ctx, ast.Load)


def disguised(code: str) -> str:
    """``code`` with other names, comments, layout, docstrings and annotations."""
    tree = ast.parse(code)
    text = ast.unparse(ast.fix_missing_locations(Renaming(tree).visit(tree)))
    text = re.sub(r"(\n( *)def .*:\n)", r'\1\2    """All my own work."""\n', text)
    text = re.sub(r"^( *)return", r"\1# here it comes\n\n\1return", text, flags=re.MULTILINE)
    return "# all my own work\n" + text


def save(folder: Path, reports: list[Report], codes: dict[str, str] | None = None) -> Path:
    """Write ``reports`` as a folder of results."""
    for found in reports:
        here = folder / (found.assignment or "unreadable")
        (here / "code").mkdir(parents=True, exist_ok=True)
        (here / f"{file_name(found.student)}.json").write_text(found.to_json())
    for student, text in (codes or {}).items():
        (folder / "convolution" / "code" / f"{file_name(student)}.py").write_text(text)
    return folder


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    reports = a_class()
    codes = {
        found.student: right_code(number) + f"\nmark = {EVIL!r}  # {BELL}\n"
        for number, found in enumerate(reports)
        if found.status == "graded"
    }
    codes["ben"] = disguised(codes["ada"])
    folder = save(tmp_path_factory.mktemp("results"), reports, codes)
    roster = [Student("ada", f"Lovelace, Ada {EVIL}", email="ada@example.org")]
    (folder / "students.json").write_text(roster_json(roster))
    return folder


@pytest.fixture(scope="module")
def written(results: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("report") / "here"
    write_report(results, out, submissions="hand ins/*.ipynb")
    return out


def soup(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def pages(out: Path) -> list[Path]:
    return sorted(out.rglob("*.html"))


def table(out: Path, name: str) -> list[dict[str, str]]:
    with (out / "tables" / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


# Counting.


def test_checks_are_counted_by_what_they_say() -> None:
    found = tally("convolution", a_class())
    first = found.tasks["conv_forward_naive"].checks["first"]
    counts = (first.passed, first.failed, first.not_attempted, first.not_tried)
    assert counts == (3, 2, 1, 0)
    hidden = found.tasks["conv_forward_naive"].checks["h_any"]
    assert (hidden.passed, hidden.failed, hidden.not_attempted, hidden.not_tried) == (3, 0, 1, 2)
    even = found.tasks["same_padding"].checks["even"]
    assert (even.passed, even.failed) == (4, 1)
    notices = {c.name: c.notice for c in found.tasks["same_padding"].checks.values()}
    assert notices == {"first": "nobody fails", "even": "", "never": "everybody fails"}
    assert found.tasks["same_padding"].untouched == 1
    assert [r.student for r in found.others] == ["--help", "it's; rm -rf $HOME"]


def test_a_fault_of_the_grader_is_no_ones_failure() -> None:
    found = tally("convolution", [report("ada", task("same_padding", check("first", "error")))])
    counts = found.tasks["same_padding"].checks["first"]
    assert (counts.failed, counts.faults, counts.notice) == (0, 1, "nobody got this far")


def test_mistakes_are_counted_by_student() -> None:
    twice = task(
        "conv_forward_naive",
        check("first", "failed", mistake=FLIPPED), check("h_any", "failed", mistake=FLIPPED),
    )  # fmt: skip
    also = task("conv_forward_vectorized", check("first", "failed", mistake=FLIPPED))
    one = task("same_padding", check("first", "failed", mistake="same_padding.pad_ignored"))
    found = tally("convolution", [report("ada", one, twice, also), report("ben", twice)]).mistakes
    assert [(m.name, m.students) for m in found] == [
        (FLIPPED, ["ada", "ben"]),
        ("same_padding.pad_ignored", ["ada"]),
    ]
    assert found[0].tasks == ["conv_forward_naive", "conv_forward_vectorized"]


def test_quartiles_and_bars() -> None:
    found = spread([0.0, 1.0, 2.0, 3.0, 4.0])
    assert found is not None
    assert (found.lower, found.median, found.upper, found.mean) == (1.0, 2.0, 3.0, 2.0)
    assert spread([]) is None
    picture = histogram([0, 0.99, 1, 10], most=10, unit="points", what="Points", name="x")
    assert [count for _, count in picture.rows] == ["2", "1", *"0000000", "1"]
    assert histogram([], most=0, unit="points", what="Points", name="x").rows[0][1] == "0"


# Known mistakes.


@pytest.mark.parametrize("assignment", catalogue.assignments())
def test_every_known_mistake_has_an_example(assignment: str) -> None:
    shown = 0
    for mistake in catalogue.all_mistakes(assignment):
        found = example(mistake.name, ROOT / "solutions")
        assert found is not None
        assert (found.sentence, found.hint) == (mistake.sentence, mistake.hint)
        added = [line for line in found.diff if line.startswith("+")]
        taken = [line for line in found.diff if line.startswith("-")]
        assert added or taken, mistake.name
        shown += bool(added and taken)
    # The rest have only what they compute.
    assert shown > 50


def test_an_example_is_a_small_step_from_right_code() -> None:
    found = example("conv_output_size.pad_counted_once", ROOT / "solutions")
    assert found is not None
    text = "\n".join(found.diff)
    assert "-    return correct(size, kernel, stride, pad)" in text
    assert "+    return correct(size + pad, kernel, stride, 0)" in text
    assert "Draw the padded input" in found.hint
    assert example("conv_forward.no_such_mistake", ROOT / "solutions") is None


# Likeness.


def compared(codes: dict[str, str], released: str | None = None) -> likeness.Likeness:
    given = None if released is None else likeness.read_code(released, NAMES)
    read = {student: likeness.read_code(code, NAMES) for student, code in codes.items()}
    return likeness.likeness(read, given)


def groups(found: likeness.Likeness) -> list[tuple[str, ...]]:
    return [group.students for group in found.groups]


def test_a_disguised_copy_is_found_and_other_right_answers_are_not() -> None:
    codes = {f"s{number}": right_code(number) for number in range(4)}
    copy = disguised(codes["s1"])
    assert copy != codes["s1"]
    found = compared({**codes, "copy": copy})
    assert groups(found) == [("copy", "s1")]
    assert found.groups[0].pairs[0].shares == (1.0, 1.0)
    assert found.compared == 5


def test_a_copy_with_changes_is_found_and_where_it_is_alike() -> None:
    one = right_code(0)
    parts = re.split(r"\n(?=def )", one)
    changed = "\n".join([*parts[:-1], "def mine(a):\n    return sorted(a)[::-1][: len(a) // 2]\n"])
    found = compared({"one": one, "other": changed, "third": right_code(1)})
    assert groups(found) == [("one", "other")]
    pair = found.groups[0].pairs[0]
    assert likeness.SHARE <= pair.share < 1
    lines = dict(zip(pair.students, pair.lines, strict=True))["other"]
    last = changed.rstrip().count("\n") + 1
    assert 1 in {n - changed.split("\n").index(parts[0].split("\n")[0]) for n in lines}
    assert last not in lines


def test_what_everybody_was_given_is_nobodys_own() -> None:
    given = right_code(0)
    found = compared({"one": given, "other": disguised(given)}, given)
    assert groups(found) == []
    assert set(found.left_out) == {"one", "other"}


def test_what_many_have_is_nobodys_own() -> None:
    shared = right_code(0)
    few = likeness.COMMON - 2

    def codes(count: int) -> dict[str, str]:
        tails = [f"def extra{n}(a):\n    return [{'a, ' * n}a][{n}] * {n}\n" for n in range(count)]
        return {f"s{n:02}": f"{shared}\n\n{tail}" for n, tail in enumerate(tails)}

    assert len(groups(compared(codes(few)))[0]) == few
    assert groups(compared(codes(likeness.COMMON + 3))) == []


def test_short_code_is_alike_by_nature_and_not_compared() -> None:
    code = "def same_padding(kernel):\n    return (kernel - 1) // 2\n"
    found = compared({"one": code, "other": code})
    assert groups(found) == []
    assert found.left_out["one"] == "it has too little code of its own"


def test_nothing_near_is_missed() -> None:
    """The pairs that are compared exactly are chosen by an index: against all pairs."""
    base = re.split(r"\n(?=def )", right_code(0))
    other = re.split(r"\n(?=def )", right_code(2))
    codes = {}
    for number in range(9):
        mixed = base[: len(base) - number] + other[len(other) - number :]
        codes[f"s{number}"] = disguised("\n".join(mixed)) if number % 2 else "\n".join(mixed)
    read = {student: likeness.read_code(code, NAMES) for student, code in codes.items()}
    empty = likeness._runs("")
    fingerprints = likeness._Fingerprints(read, empty)
    tied = likeness._Tied(iter(read))
    near = 0
    own = {student: likeness._Own(likeness._runs(read[student].marks), empty) for student in read}
    for one, two in combinations(read, 2):
        pair = fingerprints.compare(one, two)
        assert own[one].share(own[two]) == pytest.approx(pair.share)
        if pair.share >= likeness.SHARE:
            near += 1
            tied.join(pair)
    assert 0 < near < 36
    assert groups(likeness.likeness(read)) == [group.students for group in tied.groups()]


HOSTILE = {
    "brackets": "(" * 199_000,
    "minus": "-" * 40_000 + "1",
    "sum": "x = " + "1+" * 20_000 + "1",
    "lambda": "lambda:" * 6_000 + "1",
    "many lines": "x = 1\n" * 100_000,
    "huge number": "x = 0x" + "f" * 40_000,
    "nul": "x = 1\0",
    "deep": "\n".join(" " * n + "if 1:" for n in range(99)),
    "half": "def f(:\n" * 5_000,
    "braces": "{" * 5_000,
    "text": "x = '" + "a" * 49_000,
    "nothing": "",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_code_costs_only_its_own_comparison(kind: str) -> None:
    codes = {"one": right_code(0), "other": disguised(right_code(0)), "hostile": HOSTILE[kind]}
    codes["twin"] = codes["hostile"]
    assert ("one", "other") in groups(compared(codes))


def test_a_syntax_error_leaves_the_rest_to_compare() -> None:
    code = right_code(0)
    unfinished = "def unfinished(x:\n    return x +\n\n"
    broken = unfinished + code
    found = compared({"one": code, "other": broken, "third": unfinished + disguised(code)})
    assert groups(found) == [("one", "other", "third")]
    parts = [part.name for part in likeness.read_code(broken, NAMES).parts]
    assert parts[0] == "unfinished"
    assert {"conv_backward_naive", "conv3d_forward"} <= set(parts)


def test_the_result_does_not_depend_on_chance(tmp_path: Path) -> None:
    """copydetect's hashes are those of Python's texts, which change from run to run."""
    for number in range(5):
        code = right_code(number % 3)
        (tmp_path / f"{number}.py").write_text(disguised(code) if number > 2 else code)
    program = (
        "import sys, pathlib; from autograder.classreport.likeness import likeness, read_code;"
        "files = sorted(pathlib.Path(sys.argv[1]).iterdir());"
        "print(likeness({file.stem: read_code(file.read_text()) for file in files}).groups)"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    said = {
        subprocess.run(
            [sys.executable, "-c", program, str(tmp_path)], check=True, capture_output=True,
            text=True, cwd=ROOT, env={**environment, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(said) == 1
    assert "Group" in said.pop()


# The pages.


def test_every_page_is_well_formed_and_accessible(written: Path) -> None:
    assert len(pages(written)) > 9
    for path in pages(written):
        html = soup(path)
        levels = [int(heading.name[1]) for heading in html.find_all(re.compile("^h[1-6]$"))]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(b <= a + 1 for a, b in pairwise(levels)), (path, levels)
        for found in html.find_all("table"):
            assert found.caption is not None
            assert found.caption.get_text(strip=True)
            assert all(head.get("scope") for head in found.find_all("th"))
        for figure in html.find_all("svg"):
            assert figure["role"] == "img"
            assert len(figure["aria-label"]) > 20
        ids = [tag["id"] for tag in html.find_all(id=True)]
        assert len(ids) == len(set(ids)), path
        assert html.html is not None
        assert html.html["lang"] == "en"
        assert html.title is not None
        assert html.title.get_text(strip=True)
        assert len(html.find_all("main")) == 1


def test_links_lead_somewhere(written: Path) -> None:
    count = 0
    for path in pages(written):
        for link in soup(path).find_all("a"):
            name, _, anchor = str(link["href"]).partition("#")
            target = path if not name else path.parent / unquote(name)
            assert target.exists(), (path, link)
            if anchor:
                assert soup(target).find(id=anchor), (path, link)
            count += 1
    assert count > 50


def test_no_page_holds_anything_that_runs_or_loads(written: Path) -> None:
    for path in pages(written):
        html = soup(path)
        policy = html.find("meta", attrs={"http-equiv": "Content-Security-Policy"})
        assert policy is not None
        assert "default-src 'none'" in policy["content"]
        names = {tag.name for tag in html.find_all(True)}
        assert not names & {"script", "iframe", "object", "embed", "link", "form", "img", "base"}
        for tag in html.find_all(True):
            assert not [name for name in tag.attrs if name.startswith("on")], tag
            assert not {"src", "srcset", "data", "action"} & set(tag.attrs), tag
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"[\x00-\x08\x0b-\x1f\u202e]", text)


def test_the_first_page_says_what_there_is_to_do(written: Path) -> None:
    html = soup(written / "index.html")
    text = re.sub(r"\s+", " ", html.get_text(" "))
    assert "Everybody who came to it fails “title of never” of same_padding." in text
    assert f"2 made the mistake {FLIPPED}" in text
    mistake = catalogue.by_name(FLIPPED)
    assert mistake.hint in text
    diff = html.find("pre", class_="diff")
    assert diff is not None
    assert diff.find("ins")
    assert "the machine ran out of memory" in text
    assert "remark </pre>" in text
    assert "open </pre>" in text


def test_counts_stand_in_the_table_of_checks(written: Path) -> None:
    region = soup(written / "index.html").find(attrs={"aria-label": "Checks of convolution"})
    assert region is not None
    rows = {}
    for body in region.find_all("tbody"):
        head, *checks = body.find_all("tr")
        for row in checks:
            name = re.sub(r"\s+", " ", row.th.get_text(" ", strip=True))
            cells = [cell.get_text(" ", strip=True) for cell in row.find_all("td")[1:]]
            rows[re.findall(r"same_padding|conv_forward_naive", head.get_text())[0], name] = cells
    assert rows["conv_forward_naive", "title of first"] == ["3", "2", "1", "0", ""]
    assert rows["conv_forward_naive", "title of h_any (hidden)"] == [
        "3",
        "0",
        "1",
        "2",
        "nobody fails",
    ]
    assert rows["same_padding", "title of never"] == ["0", "5", "1", "0", "everybody fails"]


def test_figures_have_the_same_data_as_their_tables(written: Path) -> None:
    html = soup(written / "index.html")
    figure = html.find("svg")
    assert figure is not None
    assert "median" in figure["aria-label"]
    rows = figure.find_parent("figure").find_next("table").find_all("tr")[1:]
    counts = [int(row.td.get_text()) for row in rows]
    assert sum(counts) == 6
    drawn = [text.get_text(strip=True) for text in figure.find_all("text")]
    assert all(str(count) in drawn for count in counts if count)


def test_a_students_page_says_nothing_about_others(written: Path) -> None:
    html = soup(written / "students" / "chen.html")
    text = html.get_text(" ")
    assert "Hint." in text
    assert "window.owned" in text
    assert not re.search(r"\b(ada|ben|emil|Lovelace)\b", text)
    assert html.find("a", href="../index.html")


def test_a_pairs_page_shows_both_codes_and_accuses_nobody(written: Path, results: Path) -> None:
    [path] = sorted((written / "pairs").glob("*.html"))
    html = soup(path)
    text = html.get_text(" ")
    assert "100 %" in text
    assert not re.search(r"cheat|plagiar|copied", text, re.IGNORECASE)
    shown = "\n".join(pre.get_text() for pre in html.find_all("pre"))
    for student in ("ada", "ben"):
        code = Results(results).code(next(r for r in a_class() if r.student == student))
        wanted = [
            line for line in plain(code).splitlines() if line.strip() and line.strip()[0] != "#"
        ]
        missing = [line for line in wanted if line not in shown]
        assert not missing
    assert html.find("mark")


def test_commands_can_be_copied(written: Path) -> None:
    pre = soup(written / "index.html").find("pre", class_="command")
    assert pre is not None
    commands = [shlex.split(line) for line in pre.get_text().splitlines() if line.strip()]
    assert [words[:3] for words in commands] == [["autograder", "grade", "hand ins/*.ipynb"]] * 2
    assert commands[0][-2:] == ["--student=--help", "--force"]
    assert commands[1][-3:] == ["--student", "it's; rm -rf $HOME", "--force"]


def test_tables_have_no_formulas(written: Path) -> None:
    names = {row["student"] for row in table(written, "students.csv")}
    assert "'=cmd()" in names
    assert "'--help" in names
    assert {row["status"] for row in table(written, "students.csv")} == {
        "graded", "not graded", "unreadable",
    }  # fmt: skip
    [flipped] = table(written, "mistakes.csv")
    assert (flipped["mistake"], flipped["students"]) == (FLIPPED, "2")
    assert len(table(written, "checks.csv")) == 5
    assert len(table(written, "not-graded.csv")) == 2
    assert len(table(written, "refused.csv")) == 1
    assert len(table(written, "remarks.csv")) == 1
    assert len(table(written, "alike.csv")) == 1


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r=", " =", "\n=", "＝", "\x00="])
def test_csv_defuses(start: str) -> None:
    text = table_text(("a", "b"), [{"a": f"{start}1+1", "b": -1.5}])
    [row] = csv.DictReader(io.StringIO(text))
    assert row["b"] == "-1.5"
    assert row["a"][0] in ("'", "\N{REPLACEMENT CHARACTER}")


def test_in_a_real_browser(written: Path) -> None:
    """No request, no script, no error; figures are drawn; text can be read in both modes."""
    files = [
        written / "index.html",
        *sorted((written / "pairs").glob("*.html")),
        *sorted((written / "students").glob("*.html")),
    ]
    with browser() as running:
        for scheme in ("light", "dark"):
            opened = running.new_page(color_scheme=scheme, viewport={"width": 1280, "height": 900})
            asked: list[str] = []
            said: list[str] = []
            opened.on("request", lambda request, asked=asked: asked.append(request.url))
            opened.on("console", lambda message, said=said: said.append(message.text))
            opened.on("pageerror", lambda error, said=said: said.append(str(error)))
            for path in files:
                opened.goto(path.as_uri())
                assert opened.evaluate("window.owned") is None
                assert opened.evaluate("document.images.length") == 0
                assert opened.evaluate(CONTRAST) >= 4.5, path
                wide = "document.documentElement.scrollWidth - window.innerWidth"
                assert opened.evaluate(wide) <= 0, path
            assert asked == [path.as_uri() for path in files]
            assert said == []
            opened.goto(files[0].as_uri())
            boxes = opened.evaluate(FIGURES)
            assert len(boxes) == 3
            assert all(width > 300 and height > 90 and paths > 5 for width, height, paths in boxes)
            opened.keyboard.press("Tab")
            assert opened.evaluate("document.activeElement.textContent") == "Skip to the report"
            opened.close()


def test_axe_finds_no_fault_wide_and_narrow_in_light_and_dark(written: Path) -> None:
    """On the first page, a student's and a pair's."""
    pair = sorted((written / "pairs").glob("*.html"))[0]
    files = {
        "index": written / "index.html",
        "student": written / "students" / "chen.html",
        "pair": pair,
    }
    with browser() as running:
        for scheme, width in (("light", 1280), ("dark", 320)):
            size = {"width": width, "height": 900}
            opened = new_page(running, color_scheme=scheme, viewport=size)
            for name, path in files.items():
                opened.goto(path.as_uri())
                opened.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
                assert faults(opened) == [], f"{path.name}, {scheme}, {width} pixels"
                screenshot(opened, f"class-report-{name}-{scheme}")
            opened.close()


FIGURES = """[...document.querySelectorAll('figure svg')].map(svg => {
    const box = svg.getBoundingClientRect();
    return [box.width, box.height, svg.querySelectorAll('path').length];
})"""

CONTRAST = """(() => {
    const canvas = document.createElement('canvas')
        .getContext('2d', {willReadFrequently: true});
    const rgb = colour => {
        canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const light = colour => rgb(colour).slice(0, 3).map(v => v / 255)
        .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
    let least = 21;
    for (const element of document.querySelectorAll('body *')) {
        const own = [...element.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
        if (!own || element.closest('svg') || !element.offsetParent) continue;
        let behind = element;
        while (behind && rgb(getComputedStyle(behind).backgroundColor)[3] === 0)
            behind = behind.parentElement;
        const back = getComputedStyle(behind || document.body).backgroundColor;
        const [a, b] = [light(getComputedStyle(element).color), light(back)];
        least = Math.min(least, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05));
    }
    return least;
})()"""


# The command.


def test_an_anonymous_report_names_nobody(results: Path, tmp_path: Path) -> None:
    """Also where a report with names was before."""
    write_report(results, tmp_path)
    assert (tmp_path / "students" / "ada.html").exists()
    write_report(results, tmp_path, anonymous=True)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.parent.name for path in files} == {tmp_path.name, "tables"}
    for path in files:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\b(ada|ben|chen|emil|Lovelace|cmd|example\.org)\b", text), path
        assert "owned" not in text, path
        assert "rm -rf" not in text, path
    text = soup(tmp_path / "index.html").get_text(" ")
    assert {int(n) for n in re.findall(r"student (\d+)", text)} == set(range(1, 9))
    assert "alike" not in text


def test_what_an_older_report_left_is_removed_and_nothing_else(
    results: Path, tmp_path: Path
) -> None:
    again = tmp_path / "results"
    graded = [r for r in a_class() if r.student in ("ada", "emil")]
    save(again, graded)
    out = tmp_path / "out"
    write_report(again, out)
    (out / "students" / "mine.html").write_text("notes")
    (again / "convolution" / "emil.json").unlink()
    write_report(again, out)
    assert sorted(p.name for p in (out / "students").iterdir()) == ["ada.html", "mine.html"]
    listed = json.loads((out / writing.WRITTEN).read_text())
    (out / writing.WRITTEN).write_text(json.dumps([*listed, "../results/convolution/ada.json"]))
    write_report(again, out)
    assert (again / "convolution" / "ada.json").exists()


def test_a_page_of_someone_elses_is_not_overwritten(results: Path, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("mine")
    assert main(["report", str(results), "--out", str(tmp_path)]) == 2
    assert (tmp_path / "index.html").read_text() == "mine"


def test_the_page_before_stays_until_the_new_one_is_whole(
    results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_report(results, tmp_path)
    before = (tmp_path / "index.html").read_text()

    def full(*_: Any) -> str:
        raise CannotWrite("the disk is full")

    monkeypatch.setattr(writing, "first_page", full)
    assert main(["report", str(results), "--out", str(tmp_path)]) == 3
    assert (tmp_path / "index.html").read_text() == before
    monkeypatch.undo()
    write_report(results, tmp_path, anonymous=True)
    assert not list((tmp_path / "students").iterdir())


def test_the_same_results_give_the_same_pages(results: Path, tmp_path: Path) -> None:
    for name in ("one", "other"):
        write_report(results, tmp_path / name)
    for path in pages(tmp_path / "one"):
        twin = tmp_path / "other" / path.relative_to(tmp_path / "one")
        one, other = (re.sub(r"made [^<]*", "", p.read_text()) for p in (path, twin))
        assert one == other


def test_the_command(results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert main(["report", str(results), "--out", str(out), "--assignment", "convolution"]) == 0
    said = capsys.readouterr().out
    assert "convolution: 6 graded" in said
    assert "2 not graded or unreadable" in said
    assert str(out / "index.html") in said.replace("\n", "")
    assert main(["report", str(results), "--assignment", "pooling"]) == 2
    assert "no results of 'pooling'" in capsys.readouterr().err
    assert main(["report", str(tmp_path / "nowhere")]) == 2
    (tmp_path / "file").write_text("")
    assert main(["report", str(results), "--out", str(tmp_path / "file")]) == 3


def test_other_commands_do_not_wait_for_what_draws() -> None:
    program = (
        "import sys; from autograder.cli import _parser; _parser();"
        "print({'matplotlib', 'jinja2', 'copydetect'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.stdout.strip() == "set()"


def test_files_of_no_assignment_are_listed(tmp_path: Path) -> None:
    lost = report("zoe", assignment="", status="unreadable", message="it is empty")
    save(tmp_path, [report("ada", *RIGHT), lost])
    made = write_report(tmp_path, tmp_path / "out", assignment="convolution")
    assert [r.student for r in made.others] == ["zoe"]
    assert "it is empty" in soup(tmp_path / "out" / "index.html").get_text()


def test_a_class_without_a_single_graded_submission(tmp_path: Path) -> None:
    save(tmp_path, [report("ada", status="not graded", message="no memory")])
    write_report(tmp_path, tmp_path / "out")
    assert "no memory" in soup(tmp_path / "out" / "index.html").get_text()


def test_without_the_library_the_page_says_so(
    results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "available", lambda: False)
    write_report(results, tmp_path)
    assert "pip install" in soup(tmp_path / "index.html").get_text()
    assert not list((tmp_path / "pairs").iterdir())


def test_the_page_warns_of_points_that_are_not_worth_the_same(tmp_path: Path) -> None:
    weak = report("ben", *RIGHT, isolation="process", hidden_checks=False, kit="0.0.9")
    save(tmp_path, [report("ada", *RIGHT), weak])
    write_report(tmp_path, tmp_path / "out")
    text = soup(tmp_path / "out" / "index.html").get_text(" ")
    assert "1 of 2 were graded in a weaker sandbox, or in none (process)" in text
    assert "1 of 2 were graded without the hidden checks" in text
    assert "different versions of the kit: 0.0.9, 0.1.0" in text


def test_long_lists_are_cut_and_say_so(tmp_path: Path) -> None:
    count = page.SHOWN + 5
    lost = [report(f"s{n:03}", status="unreadable", message=f"reason {n}") for n in range(count)]
    save(tmp_path, [report("ada", *RIGHT), *lost])
    write_report(tmp_path, tmp_path / "out")
    html = soup(tmp_path / "out" / "index.html")
    assert "5 more are in not-graded.csv" in html.get_text()
    assert len(table(tmp_path / "out", "not-graded.csv")) == count
    pre = html.find("pre", class_="command")
    assert pre is not None
    assert pre.get_text().count("autograder grade") == count


@pytest.fixture(autouse=True)
def _in_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command finds the released notebooks and the solutions where it is run."""
    monkeypatch.chdir(ROOT)
