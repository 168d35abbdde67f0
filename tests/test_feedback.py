"""What a student reads after ``check``: one sentence, a call to copy, expected beside got."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from nbconvert.filters.strings import clean_html

from autograder.agreement import unchanged
from autograder.assertions.evidence import compare
from autograder.assignments import TEXT_STUB, all_assignments, find
from autograder.exports.evidence import evidence_html, evidence_text
from autograder.exports.html import task_html
from autograder.exports.progress import Progress
from autograder.exports.text import task_text
from autograder.grading import check_live, run_suites
from autograder.jupyter import progress as progressing
from autograder.layers import TRUSTED
from autograder.report import SCHEMA_FILE, CheckReport, Evidence, Report
from autograder.suites import convnet, convolution, normalization, pooling
from autograder.vectors import Case, stored
from autograder.worker.host import LiveSubmission
from autograder.worker.layers import LAYERS
from browsing import browser

ROOT = Path(__file__).parent.parent

PROTOCOLS = {
    module.PROTOCOL.assignment: module.PROTOCOL
    for module in (convnet, convolution, normalization, pooling)
}


def forward(wrong: Callable[[Any], Any] = lambda out: out, side: str = "both") -> Any:
    """A convolution whose output goes through ``wrong``, or that pads ``behind`` only."""

    def conv_forward_naive(x: Any, w: Any, b: Any, conv_param: Any) -> Any:
        pad = conv_param["pad"]
        if side == "behind":
            x = np.pad(x, ((0, 0), (0, 0), (0, 2 * pad), (0, 2 * pad)))
            out, _ = TRUSTED.conv_forward(x, w, b, {**conv_param, "pad": 0})
        else:
            out, _ = TRUSTED.conv_forward(x, w, b, conv_param)
        return wrong(out), (x, w, b, conv_param)

    return conv_forward_naive


def report_of(function: Any, name: str = "conv_forward_naive") -> Report:
    assignment = next(a for a in all_assignments() if name in {t.task for t in a.tasks})
    return check_live(name, assignment, {name: function})


def failed(report: Report, name: str) -> CheckReport:
    return next(check for check in report.tasks[0].checks if check.name == name)


@pytest.fixture(scope="module")
def padded_behind() -> Report:
    return report_of(forward(side="behind"))


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Any]:
    """The globals of a notebook whose kernel has just been started, in a folder without files."""
    monkeypatch.setattr(progressing, "_CHECKED", {})
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    monkeypatch.chdir(tmp_path)
    space: dict[str, Any] = {}
    exec("from autograder import check, progress", space)
    return space


def same_padding(kernel: int) -> int:
    if kernel % 2 == 0:
        raise ValueError("even")
    return (kernel - 1) // 2


def cases() -> Iterator[tuple[str, str, Case]]:
    for assignment, protocol in PROTOCOLS.items():
        operators = {
            task.task: protocol.operator_of(task.task)
            for task in find(assignment).tasks
            if task.task in protocol._calls
        }
        for task, operator in operators.items():
            for case in stored(assignment)[0]:
                if case.operator == operator:
                    yield assignment, task, case


class Recorder:
    """Stands for a submission, and for a notebook's functions: keeps what it is called with."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Any]] = []

    def function(self, name: str) -> Callable[..., Any]:
        def called(*arguments: Any) -> Any:
            self.calls.append((name, copy.deepcopy(arguments)))
            for argument in arguments:
                if type(argument) is dict:
                    argument |= {"running_mean": 0, "running_var": 0}
            return None, "the cache"

        return called


def test_the_call_to_copy_makes_the_call_of_the_check() -> None:
    """For every stored case of every task, with the prescribed cache and with the student's own."""
    tried = set()
    for assignment, task, case in cases():
        protocol = PROTOCOLS[assignment]
        call = protocol[task]
        for own_cache in {call.own_cache, bool(call.forward)}:
            code = protocol.code(task, case.arguments, own_cache)
            assert code, (task, case.label)
            recorder = Recorder()
            space = {name: recorder.function(name) for name in (task, call.forward) if name}
            space["np"] = np
            exec(code, space)
            expected = [
                LAYERS[value] if name in call.named else value
                for name, value in case.arguments.items()
            ]
            if call.trusted is not None:
                expected.insert(call.trusted, TRUSTED)
            made = [(name, list(arguments)) for name, arguments in recorder.calls]
            if not call.forward:
                wanted = [(task, expected)]
            elif own_cache:
                wanted = [(call.forward, expected[1:]), (task, [expected[0], "the cache"])]
            else:
                cache = expected[1] if len(expected) == 2 else tuple(expected[1:])
                wanted = [(task, [expected[0], cache])]
            assert [name for name, _ in made] == [name for name, _ in wanted], code
            for (_, got), (_, want) in zip(made, wanted, strict=True):
                assert len(got) == len(want)
                for one, other in zip(got, want, strict=True):
                    same = one is other if callable(other) else unchanged(other, one)
                    assert same or type(other).__name__ == "Layers", (task, case.label, code)
            tried.add(task)
    assert len(tried) > 40


def test_a_failed_check_says_why_in_one_sentence(padded_behind: Report) -> None:
    padding = failed(padded_behind, "padding")
    assert padding.reason.startswith("Your output is exactly what you get when the input stays")
    assert padding.reason.count(".") == 1
    assert padding.hint


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (lambda out: -out, "out: your values have the opposite sign."),
        (lambda out: out[..., :-1], "out must have the shape (1, 1, 2, 2), but has (1, 1, 2, 1)."),
        (
            lambda out: "an output",
            "out must be an array of shape (1, 1, 2, 2), and is not an array.",
        ),
        (lambda out: 1 / 0, "conv_forward_naive raised ZeroDivisionError: division by zero"),
    ],
)
def test_reasons_where_no_mistake_is_known(wrong: Callable[[Any], Any], reason: str) -> None:
    basic = failed(report_of(forward(wrong)), "basic")
    assert basic.mistake == ""
    assert basic.reason == reason


def test_evidence_holds_the_numbers_and_where_they_differ(padded_behind: Report) -> None:
    evidence = failed(padded_behind, "padding").evidence
    assert evidence is not None
    (out,) = evidence.compared
    case = next(
        c for c in stored("convolution")[0]
        if c.operator == "conv_forward" and c.label.startswith("padding")
    )  # fmt: skip
    assert (out.name, out.at) == ("out", "out[0, 0]")
    assert [float(v) for v in out.expected[0]] == pytest.approx(case.expected[0, 0, 0], abs=1e-2)
    assert len(out.planes) == case.expected.shape[0] * case.expected.shape[1]
    assert {len(plane.levels) for plane in out.planes} == {5}
    assert any("9" in line for plane in out.planes for line in plane.levels)


def test_a_number_that_is_wrong_is_told_in_the_sentence() -> None:
    check = failed(report_of(lambda *_: 30, "conv_output_size"), "basic")
    assert check.reason == "The result must be 5, but is 30."
    assert check.message.count("30") == 1


def test_only_one_wrong_plane_is_marked() -> None:
    expected = np.arange(72.0).reshape(2, 4, 3, 3)
    got = expected.copy()
    got[1, 2, :, 1] += [1, 2, 4]
    (part,) = compare([("out", expected, got)], False)
    assert part.at == "out[1, 2]"
    assert part.differs == (".x.", ".x.", ".x.")
    wrong = [plane for plane in part.planes if set("".join(plane.levels)) != {"0"}]
    assert [(plane.at, plane.levels) for plane in wrong] == [("out[1, 2]", ("030", "050", "090"))]


def test_numbers_that_differ_late_show_the_digit() -> None:
    (part,) = compare([("out", np.array([1.0, 2.0]), np.array([1.0, 2.0000001]))], False)
    assert part.expected == (("1", "2"),)
    assert part.got == (("1", "2.0000001"),)


def test_a_window_around_the_first_difference() -> None:
    expected = np.zeros((40, 50))
    got = expected.copy()
    got[30:, 45] = np.nan
    (part,) = compare([("dx", expected, got)], False)
    assert part.at == "dx[29:35, 44:50]"
    assert (part.row, part.column) == (29, 44)
    assert part.differs[:2] == ("......", ".x....")
    assert part.step == 4
    assert "!" in "".join(part.planes[0].levels)


NUMBERS = st.one_of(
    arrays.arrays(
        st.sampled_from([np.float64, np.float32, np.int64, np.bool_]),
        arrays.array_shapes(min_dims=0, max_dims=5, min_side=0, max_side=20).filter(
            lambda shape: np.prod(shape) <= 4000
        ),
    ),
    st.integers(), st.floats(), st.text(), st.none(), st.booleans(),
)  # fmt: skip
VALUES = st.recursive(
    NUMBERS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.text(max_size=5), inner, max_size=4),
        st.tuples(inner, inner),
    ),
    max_leaves=6,
)


SCHEMA = json.loads(SCHEMA_FILE.read_text())
EVIDENCE = jsonschema.Draft202012Validator(
    {"$defs": SCHEMA["$defs"], **SCHEMA["$defs"]["evidence"]}
)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(VALUES, VALUES), max_size=3))
def test_whatever_comes_is_bounded_and_follows_the_schema(pairs: list[tuple[Any, Any]]) -> None:
    compared = compare([("out", one, other) for one, other in pairs], False)
    shown = Evidence("", compared)
    check = CheckReport("a", "A", "failed", False, 0, 1, evidence=shown)
    data = json.loads(json.dumps(check, default=vars, allow_nan=False))
    EVIDENCE.validate(data["evidence"])
    assert len(evidence_html(shown)) < 250_000
    assert evidence_text(shown) is not None


def test_a_report_with_evidence_follows_the_schema_and_comes_back(padded_behind: Report) -> None:
    text = padded_behind.to_json()
    jsonschema.validate(json.loads(text), json.loads(SCHEMA_FILE.read_text()))
    assert Report.from_json(text) == padded_behind


def test_the_schema_refuses_evidence_of_a_hidden_check(padded_behind: Report) -> None:
    data = json.loads(padded_behind.to_json())
    schema = json.loads(SCHEMA_FILE.read_text())
    for check in data["tasks"][0]["checks"]:
        check["hidden"] = True
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(data, schema)


def test_where_hidden_checks_run_no_report_holds_evidence() -> None:
    submission = LiveSubmission({"conv_forward_naive": forward(side="behind")})
    ledger = run_suites(submission, find("convolution"), True, 7, {"conv_forward_naive"})
    (task,) = ledger.tasks({"conv_forward_naive": ("Forward", 14.0)})
    assert any(check.hidden and check.verdict == "failed" for check in task.checks)
    assert all(check.evidence is None for check in task.checks)
    for check in task.checks:
        if check.hidden:
            # A sentence of ours on the mistake, or nothing: no number of the input.
            assert re.search(r"-?\d+\.\d", check.reason) is None


class Page(HTMLParser):
    """The parts of a page that a screen reader goes by."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.said: list[tuple[bool, str]] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "br":
            self.open.append(tag)
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        folded = "details" in self.open and "summary" not in self.open
        self.said.append((folded, data))


def test_what_is_folded_and_what_is_not(padded_behind: Report) -> None:
    page = Page(task_html(padded_behind.tasks[0], footer="Change the cell above."))
    seen = "".join(text for folded, text in page.said if not folded)
    inside = "".join(text for folded, text in page.said if folded)
    padding = failed(padded_behind, "padding")
    for text in (padding.reason, padding.hint, "Change the cell above.", "checks passed"):
        assert text in seen
    for text in ("first examples", "conv_forward_naive(x, w, b, conv_param)", "out[0, 0]"):
        assert text in inside
        assert text not in seen


def test_the_page_can_be_read_without_colours_styles_and_eyes(padded_behind: Report) -> None:
    page = Page(task_html(padded_behind.tasks[0]))
    names = [tag for tag, _ in page.tags]
    assert not {"script", "style", "img", "svg"} & set(names)
    pictures = [attributes for tag, attributes in page.tags if attributes.get("role") == "img"]
    assert pictures
    assert all("wrong" in str(p["aria-label"]) or "right" in str(p["aria-label"]) for p in pictures)
    assert names.count("table") - len(pictures) == names.count("caption") > 0
    assert all(attributes["scope"] for tag, attributes in page.tags if tag == "th")
    # A wrong number is marked in the text itself, and no colour of text or ground is set.
    assert any(text.startswith("≠ ") for _, text in page.said)
    styles = ";".join(str(attributes.get("style", "")) for _, attributes in page.tags)
    assert not re.search(r"(^|[;\s])color:", styles)
    fills = re.findall(r"background[^;\"]*", styles)
    assert fills
    assert all(re.fullmatch(r"background-color:rgba\(217,95,2,0\.[0-5]\d\)", f) for f in fills)


def test_what_nbgraders_page_of_feedback_lets_through(padded_behind: Report) -> None:
    """It shows the mark-up of every tag that it does not know, and strips styles."""
    checks = tuple(replace(c, evidence=None) for c in padded_behind.tasks[0].checks)
    task = replace(padded_behind.tasks[0], checks=checks)
    for fold, whole in ((False, True), (True, False)):
        cleaned = clean_html(task_html(task, fold=fold))
        assert ("&lt;" not in cleaned) is whole
    cleaned = clean_html(task_html(task, fold=False))
    page = "".join(said for _, said in Page(cleaned).said)
    for text in (failed(padded_behind, "padding").reason, "✓ 3 checks passed", "first examples"):
        assert text in page


def test_axe_finds_no_fault_in_light_and_dark(
    padded_behind: Report, kernel: dict[str, Any], tmp_path: Path
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    kernel["same_padding"] = same_padding
    checks = padded_behind.tasks[0].checks[:2]  # one that passed, and one that did not
    assert [check.verdict for check in checks] == ["passed", "failed"]
    shown = task_html(replace(padded_behind.tasks[0], checks=checks), footer="Change the cell.")
    shown += eval("progress()", kernel)._repr_html_()
    page = tmp_path / "page.html"
    page.write_text(
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Feedback</title>'
        "<style>:root { color-scheme: light dark }</style></head>"
        f"<body><main><h1>Feedback</h1>{shown}</main></body></html>"
    )
    with browser() as running:
        for scheme in ("light", "dark"):
            opened = running.new_page(color_scheme=scheme, viewport={"width": 500, "height": 700})
            opened.goto(page.as_uri())
            opened.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
            found = Axe().run(opened).response["violations"]
            assert [(fault["id"], fault["nodes"][0]["html"]) for fault in found] == []
            opened.close()


def test_plain_text_says_the_same(padded_behind: Report) -> None:
    text = task_text(padded_behind.tasks[0], "Change the cell above.")
    padding = failed(padded_behind, "padding")
    assert padding.evidence is not None
    for line in (padding.reason, padding.hint, *padding.evidence.call.split("\n")):
        assert line in text
    assert "expected out[0, 0]" in text
    assert "≠" in text
    assert text.endswith("Next: Change the cell above.")


def test_what_is_not_written_has_nothing_to_show() -> None:
    def conv_cost(*arguments: int) -> Any:
        raise NotImplementedError

    report = report_of(conv_cost, "conv_cost")
    assert all(check.evidence is None for check in report.tasks[0].checks)
    assert "<details" not in task_html(report.tasks[0])


def test_what_a_function_returned_is_escaped() -> None:
    evil = "<script>alert(1)</script>\x1b[2J\u202e"
    report = report_of(lambda kernel: evil, "same_padding")
    html, text = task_html(report.tasks[0]), task_text(report.tasks[0])
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "\x1b" not in html + text
    assert "\u202e" not in html + text


def test_other_checks_have_evidence_too() -> None:
    def changing(x: Any, w: Any, b: Any, conv_param: Any) -> Any:
        result = TRUSTED.conv_forward(x, w, b, conv_param)
        x += 1
        return result

    check = failed(report_of(changing), "arguments_unchanged")
    assert check.evidence is not None
    assert check.evidence.call.endswith("conv_forward_naive(x, w, b, conv_param)\nx")
    assert check.evidence.compared[0].name == "x"

    def double(x: Any, pool_param: Any) -> Any:
        return TRUSTED.max_pool_forward(x.astype(np.float64), pool_param)

    check = failed(report_of(double, "max_pool_forward_naive"), "float32")
    assert check.evidence is not None
    part = check.evidence.compared[0]
    assert (part.name, part.expected, part.got) == ("out.dtype", (("float32",),), (("float64",),))

    check = failed(report_of(lambda *_: {}, "init_convnet"), "initial")
    assert check.evidence is not None
    assert check.evidence.call.endswith("init_convnet(input_shape, filters, 3, hidden, 10, 0)")

    check = failed(report_of(lambda kernel: (kernel - 1) // 2, "same_padding"), "errors")
    assert check.evidence is not None
    part = check.evidence.compared[0]
    assert check.evidence.call == "same_padding(2)"
    assert (part.expected, part.got) == ((("ValueError",),), (("0",),))


def told(space: dict[str, Any], call: str = "progress()") -> Progress:
    """What ``progress`` says when a cell calls it."""
    return eval(call, space).progress  # type: ignore[no-any-return]


def states(progress: Progress) -> dict[str, tuple[float | None, str, str]]:
    return {step.task.task: (step.points, step.mark, step.state) for step in progress.steps}


def test_progress_needs_to_know_the_assignment(kernel: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="run the cells above, or name the assignment"):
        told(kernel)
    with pytest.raises(ValueError, match="there is no assignment 'nonsense'"):
        told(kernel, "progress('nonsense')")
    assert told(kernel, "progress('pooling')").assignment.name == "pooling"
    kernel["relu_forward"] = lambda x: (x, x)
    assert told(kernel).assignment.name == "convnet"


def test_progress_uses_the_checks_of_this_kernel_and_runs_none(kernel: dict[str, Any]) -> None:
    called = []

    def conv_output_size(*arguments: int) -> int:
        called.append(arguments)
        return 0

    kernel |= {"same_padding": same_padding, "conv_output_size": conv_output_size}
    assert states(told(kernel))["same_padding"] == (None, "–", "not checked yet")
    exec("check('same_padding'); check('conv_output_size'); check('conv_cost')", kernel)
    count = len(called)
    progress = told(kernel)
    assert len(called) == count > 0
    found = states(progress)
    assert found["same_padding"] == (2.0, "✓", "done")
    assert found["conv_output_size"] == (0.0, "✗", "0 of 4 checks passed")
    assert found["conv_cost"] == (0.0, "–", "not written yet")
    assert found["receptive_field"] == (None, "–", "not checked yet")
    assert progress.points == 2.0
    assert progress.next is not None
    assert progress.next.task.task == "conv_output_size"
    assert [step.task for step in progress.steps] == list(find("convolution").tasks)


def test_a_function_that_is_defined_anew_is_to_be_checked_again(kernel: dict[str, Any]) -> None:
    kernel["same_padding"] = same_padding
    exec("check('same_padding')", kernel)
    kernel["same_padding"] = lambda kernel: 0
    _, mark, state = states(told(kernel))["same_padding"]
    assert (mark, state) == ("–", "changed since it was checked (done)")


def test_progress_can_run_all_checks(kernel: dict[str, Any]) -> None:
    kernel["same_padding"] = same_padding
    found = states(told(kernel, "progress(run=True)"))
    assert found["same_padding"] == (2.0, "✓", "done")
    assert found["conv_forward_naive"] == (0.0, "–", "not written yet")


def test_written_answers_are_read_from_the_saved_notebook(
    kernel: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel["same_padding"] = same_padding
    assert states(told(kernel))["written_filters"][1] == "?"
    released = ROOT / "assignments/convolution/convolution.ipynb"
    saved = tmp_path / "mine.ipynb"
    saved.write_bytes(released.read_bytes())
    monkeypatch.setenv("JPY_SESSION_NAME", str(saved))
    assert states(told(kernel))["written_filters"] == (None, "–", "not written yet")
    data = json.loads(saved.read_text())
    for cell in data["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "written_filters":
            cell["source"] = "".join(cell["source"]).replace(TEXT_STUB, "Edges, and colours.")
    saved.write_text(json.dumps(data))
    found = states(told(kernel))
    assert found["written_filters"] == (None, "✓", "written; a person reads it")
    assert found["written_parameters"][1] == "–"


def test_the_map_can_be_read_in_a_page_and_as_text(kernel: dict[str, Any]) -> None:
    kernel["same_padding"] = same_padding
    exec("check('same_padding'); shown = progress()", kernel)
    page = Page(kernel["shown"]._repr_html_())
    assert {tag for tag, _ in page.tags} >= {"table", "caption", "thead", "th"}
    assert all(attributes["scope"] for tag, attributes in page.tags if tag == "th")
    html, text = "".join(said for _, said in page.said), repr(kernel["shown"])
    for said in (
        "Convolution: 2 of 91 points by the public checks; 9 more are given by a person.",
        "done",
        "Output size (conv_output_size), about 5 minutes.",
        "conv_forward_naive",
    ):
        assert said in html
        assert said in text


@pytest.mark.parametrize("assignment", [a.name for a in all_assignments()])
def test_every_notebook_ends_with_the_map_and_grading_does_not_run_it(assignment: str) -> None:
    path = ROOT / "assignments" / assignment / f"{assignment}.ipynb"
    cells = json.loads(path.read_text())["cells"]
    last = [cell for cell in cells if cell["cell_type"] == "code"][-2]  # then only handing in
    assert "".join(last["source"]) == "progress()"
    assert last["metadata"]["tags"] == ["experiment"]
    assert "nbgrader" not in last["metadata"] or not last["metadata"]["nbgrader"]["grade"]
