"""The language of messages: what students read comes in the words of a catalogue, or in English."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import jsonschema
import numpy as np
import pytest

from autograder import assignments, language, rooms, settings
from autograder.assertions import pattern, values
from autograder.assignments import all_assignments, find
from autograder.batch import work
from autograder.exports.github import workflow_commands
from autograder.exports.gradescope import results_json
from autograder.exports.html import report_html, task_html
from autograder.exports.junit import junit
from autograder.exports.markdown import markdown
from autograder.exports.progress import Progress, progress_html, progress_text, step_of
from autograder.exports.text import report_text, task_text
from autograder.grading import check_live, grade, run_suites
from autograder.language import say
from autograder.layers import TRUSTED
from autograder.report import SCHEMA_FILE, CheckReport, Refused, Report
from autograder.settings import WrongSetting, read
from autograder.studentedition import contents
from autograder.studentedition.edition import _choices
from autograder.vectors import Case
from autograder.worker.host import LiveSubmission, Sandbox

ROOT = Path(__file__).parent.parent
CACHES = (
    rooms.course,
    settings.settings,
    assignments.all_assignments,
    assignments.whole_assignments,
    language._entries,
)
HEAD = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    """``tools/messages.py``."""
    sys.path.insert(0, str(ROOT / "tools"))
    try:
        import messages
    finally:
        sys.path.pop(0)
    return messages


def clear() -> None:
    for kept in CACHES:
        kept.cache_clear()


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Path]]:
    """Makes the course that is asked from now on, with ``course.toml`` and catalogues of its own,
    by their path below ``grading``; its folder."""

    def make(text: str, **catalogues: str) -> Path:
        (tmp_path / "course.toml").write_text(text)
        for name, entries in catalogues.items():
            path = tmp_path / "grading" / "catalogues" / f"{name}.po"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(HEAD + entries, encoding="utf-8")
        monkeypatch.setenv("AUTOGRADER_COURSE", str(tmp_path))
        clear()
        return tmp_path

    yield make
    monkeypatch.undo()
    clear()


@pytest.fixture
def german(course: Callable[..., Path]) -> Path:
    return course("language = 'de'\n")


def flipped(x: Any, w: Any, b: Any, conv_param: Any) -> Any:
    return TRUSTED.conv_forward(x, w[:, :, ::-1, ::-1], b, conv_param)[0], None


def last_column_off(x: Any, w: Any, b: Any, conv_param: Any) -> Any:
    """Right where all is square."""
    out, _ = TRUSTED.conv_forward(x, w, b, conv_param)
    if out.shape[2] != out.shape[3]:
        out[..., -1] += np.arange(out.shape[2])
    return out, (x, w, b, conv_param)


def live(function: Any, name: str = "conv_forward_naive") -> Report:
    return check_live(name, find("convolution"), {name: function})


def check_of(report: Report, name: str) -> CheckReport:
    return next(check for check in report.tasks[0].checks if check.name == name)


# Catalogues are complete


@pytest.mark.parametrize(
    "path", sorted((rooms.PACKAGE / "catalogues").glob("*.po")), ids=lambda path: path.stem
)
def test_a_catalogue_of_the_kit_has_every_message_and_no_other(
    tool: ModuleType, path: Path
) -> None:
    for room, wanted in tool.messages(rooms.PACKAGE).items():
        assert len(wanted) > 50
        compared = tool.compare(rooms.PACKAGE / room / path.name, wanted)
        assert (compared.missing, compared.unused, compared.odd) == ([], [], [])
        assert compared.path.read_text(encoding="utf-8") == compared.text


def test_what_is_said_is_found(tool: ModuleType, tmp_path: Path) -> None:
    public, hidden = tmp_path / "suites", tmp_path / "suites" / "hidden"
    hidden.mkdir(parents=True)
    (public / "one.py").write_text(
        "from autograder.language import say as speak, term\n"
        "speak('a {b} '\n 'c', b=1)\nterm('rows')\nsay('of somebody else')\n"
        "f'{speak(\"inside\")}'\n"
    )
    (hidden / "test_one.py").write_text(
        "from autograder.language import term\nterm('rows')\n"
        "@pytest.mark.check('task', title='a secret')\ndef test(): pass\n"
    )
    found = tool.messages(tmp_path)
    assert list(found["catalogues"]) == ["a {b} c", "rows", "inside"]
    assert list(found["suites/hidden/catalogues"]) == ["a secret"]


def test_the_tool_names_what_is_wrong_and_mends_it(tool: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "xx.po"
    path.write_text(
        HEAD + '# by hand\nmsgid "a {b}"\nmsgstr "A {c}"\n\nmsgid "gone"\nmsgstr "G"\n\n'
        '#, fuzzy\nmsgid "old"\nmsgstr "O"\n'
    )
    wanted = {"a {b}": ["one.py"], "old": ["one.py"], "new": ["two.py"]}
    compared = tool.compare(path, wanted)
    assert compared.missing == ["old", "new"]
    assert compared.unused == ["gone"]
    assert compared.odd == ["a {b}"]
    path.write_text(compared.text)
    assert "# by hand\n#: one.py\nmsgid" in compared.text
    assert '#, fuzzy\nmsgid "old"' in compared.text
    assert tool.compare(path, wanted).unused == []


def test_the_tool_begins_a_catalogue_for_a_course(tmp_path: Path) -> None:
    course = tmp_path / "course"
    shutil.copytree(ROOT / "examples" / "own-course", course)
    command = [sys.executable, ROOT / "tools" / "messages.py", "fr", "--course", course]
    done = subprocess.run([*command, "--write"], capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    assert "missing: What most neighbours say" in done.stdout
    text = (course / "grading/catalogues/fr.po").read_text()
    assert 'msgid "What most neighbours say"\nmsgstr ""' in text
    done = subprocess.run([*command, "--mistakes"], capture_output=True, text=True)
    assert done.stdout.count("missing") > text.count("msgid")


# English costs nothing and stays as it was


def test_english_reads_no_catalogue(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, course: Callable[..., Path]
) -> None:
    def never(path: Path) -> dict[str, str]:
        raise AssertionError(path)

    monkeypatch.setattr(language, "catalogue", never)
    for text in (None, "", "language = 'en'"):
        clear()
        if text is not None:
            course(text)
        said = task_text(live(flipped).tasks[0])
        assert "Your output is exactly what you get when the kernel is flipped" in said


def test_english_does_without_babel() -> None:
    code = (
        "import sys\nfrom autograder import check\nfrom autograder.exports.progress import *\n"
        "def same_padding(kernel):\n    return kernel / 2\n"
        "said = check('same_padding')._repr_html_()\nassert 'exactly what you get' in said, said\n"
        "print([name for name in sys.modules if name.split('.')[0] == 'babel'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd="/")
    assert done.stdout.strip() == "[]", done.stderr


# In German


@pytest.fixture(scope="module")
def graded(
    sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory, example_class: ModuleType
) -> Report:
    """A report in German on a notebook with mistakes, with hidden checks."""
    folder = tmp_path_factory.mktemp("german")
    (folder / "course.toml").write_text("language = 'de'\n[limits]\ncall = 0.5\n")
    answers = {
        **example_class.answers("convolution", "square_only"),
        "same_padding": "def same_padding(kernel):\n    return (kernel - 1) / 2",
        "conv_output_size": "def conv_output_size(size, kernel, stride=1, pad=0):\n    while 1: 0",
        "conv1x1_forward": "def conv1x1_forward(x, w, b):\n    return x[9]",
    }
    notebook = json.loads((ROOT / "assignments/convolution/convolution.ipynb").read_text())
    for cell in notebook["cells"]:
        name = str(cell["metadata"].get("nbgrader", {}).get("grade_id", ""))
        if name.removesuffix("-code") in answers and name.endswith("-code"):
            cell["source"] = answers[name.removesuffix("-code")]
    notebook["cells"].append(
        {**notebook["cells"][-1], "cell_type": "code", "id": "own", "metadata": {}, "outputs": [],
         "execution_count": None, "source": "open('/etc/hostname')"}
    )  # fmt: skip
    path = folder / "convolution.ipynb"
    path.write_text(json.dumps(notebook))
    tasks = [*answers, "conv_cost", "conv_backward_naive"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTOGRADER_COURSE", str(folder))
        clear()
        report = grade(path, hidden=True, box=sandbox, seed=1, tasks=tasks)
    clear()
    return report


def test_a_notebook_is_graded_in_german(graded: Report) -> None:
    said = {
        (task.task, check.name): (check.verdict, check.hidden, check.message)
        for task in graded.tasks
        for check in task.checks
    }
    verdict, hidden, message = said["same_padding", "basic"]
    assert (verdict, hidden) == ("failed", False)
    assert "das Ergebnis muss der int 0 sein, ist aber der float 0.0. Teilen mit /" in message
    verdict, hidden, message = said["conv_output_size", "basic"]
    assert verdict == "timeout"
    assert "conv_output_size wurde nach 0.5 Sekunden abgebrochen." in message
    verdict, hidden, message = said["conv_forward_naive", "random_shapes"]
    assert (verdict, hidden) == ("failed", True)
    assert message.startswith("Getestet mit x (")
    assert said["conv_cost", "basic"][2].endswith("conv_cost ist noch nicht geschrieben.")
    assert "hat IndexError ausgelöst: index 9 is out of" in said["conv1x1_forward", "basic"][2]
    waiting = said["conv_cost", "many_layers"][2]
    assert waiting == "Noch nicht versucht: Zuerst muss „erste Beispiele“ bestanden sein."
    titles = {task.task: task.title for task in graded.tasks}
    assert titles["conv_forward_naive"] == "Vorwärts mit Schleifen"
    assert {entry.title for entry in graded.by_hand} > {"Parameter einer Faltung"}


def test_a_german_report_follows_the_schema_and_has_the_same_verdicts(graded: Report) -> None:
    data = json.loads(graded.to_json())
    jsonschema.validate(data, json.loads(SCHEMA_FILE.read_text()))
    assert Report.from_json(graded.to_json()) == graded
    verdicts = {check.verdict for task in graded.tasks for check in task.checks}
    assert verdicts == {"passed", "failed", "timeout", "not attempted"}


ENGLISH = re.compile(
    r"\b(the|is|are|must|not|of|and|points|checks|passed|failed|tried|hidden|expected|Hint|Next)\b"
)


def test_all_that_people_read_of_it_is_german(graded: Report, german: Path) -> None:
    """But for what Python says, and what known mistakes teach."""
    checks = [check for task in graded.tasks for check in task.checks]
    foreign = {text for c in checks if c.mistake for text in (c.hint, c.reason.partition(": ")[2])}
    foreign |= {"index 9 is out of bounds for axis 0 with size 1", "No such file or directory"}
    pages = [
        report_text(graded),
        markdown([graded], {}).replace("\\", ""),
        re.sub(r"<[^>]*>", "", report_html(graded)),
        workflow_commands([graded], {}),
        json.loads(results_json([graded], {}))["output"],
        *(test["name"] for test in json.loads(results_json([graded], {}))["tests"]),
        *re.findall(r'<testcase classname="[^"]*" name="([^"]*)"', junit([graded], {})),
    ]
    for page in pages:
        left = " ".join(page.replace("%0A", " ").split())
        for words in sorted(filter(None, foreign), key=len, reverse=True):
            left = left.replace(words, "")
        assert ENGLISH.findall(left) == [], left
    assert "von 3 Tests bestanden" in pages[0]
    assert "(verborgen)" in pages[0]
    assert "Punkten (Sandbox: " in pages[0]
    assert "nicht bestanden" in pages[1]


def test_evidence_of_a_public_check_is_german(german: Path) -> None:
    report = live(last_column_off)
    assert check_of(report, "basic").verdict == "passed"
    reason = check_of(report, "rectangles").reason
    assert reason == "out: Nur Werte am Rand weichen ab."
    page = task_html(report.tasks[0])
    assert "<strong>erwartet</strong> out[0, 0" in page
    assert "Derselbe Aufruf, zum Kopieren in eine Zelle" in page
    assert "Ein Punkt ist richtig" in page
    assert "Was erwartet war und was kam" in page


def test_pages_say_their_language(german: Path) -> None:
    report = live(flipped)
    assert task_html(report.tasks[0]).startswith('<div lang="de" style=')
    assert '<div lang="de"' in report_html(report)
    task = find("convolution").tasks[0]
    page = progress_html(Progress(find("convolution"), (step_of(task, None),)))
    assert page.count('lang="de"') == 2
    assert "noch nicht getestet" in page
    assert "Größe der Ausgabe" in page


def test_pages_in_english_say_none() -> None:
    report = live(flipped)
    assert "lang=" not in task_html(report.tasks[0]) + report_html(report)


def test_the_map_is_german(german: Path) -> None:
    assignment = find("pooling")
    steps = tuple(step_of(task, None) for task in assignment.tasks if not task.by_hand)
    said = progress_text(Progress(assignment, steps))
    assert re.search(r"^Pooling: 0 von \d+ Punkten nach den öffentlichen Tests\.$", said, re.M)
    assert "Als Nächstes: Max-Pooling mit Schleifen (max_pool_forward_naive), etwa 25" in said


def test_what_was_refused_is_told_in_german(german: Path) -> None:
    assert str(Refused("cell 3", "read /home/x")) == "cell 3 hat versucht, /home/x zu lesen"
    network = Refused("f", "open a network connection")
    assert str(network) == "f hat versucht, eine Netzwerkverbindung zu öffnen"
    # What somebody has put into a report is no template.
    assert str(Refused("f", "read {x} /y")) == "f hat versucht, read {x} /y"


def test_a_file_that_is_no_notebook_is_told_in_german(german: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    path.write_text("{")
    report = grade(path)
    assert report.status == "unreadable"
    said = report_text(report)
    assert said.startswith(f"a: nicht lesbar: {path}: es ist kein gültiges JSON (Zeile 1: ")


def test_a_known_mistake_is_named_in_a_german_frame(german: Path) -> None:
    check = check_of(live(flipped), "basic")
    start = "Deine Ausgabe ist genau die, die bei diesem Fehler herauskommt: "
    assert check.reason.startswith(start + "the kernel is flipped")
    assert check.mistake == "conv_forward.kernel_flipped"


@pytest.mark.parametrize("code", ["de", "en"])
def test_a_check_that_waits_is_known_in_any_language(
    course: Callable[..., Path], code: str
) -> None:
    course(f"language = '{code}'")
    submission = LiveSubmission({"conv_forward_naive": flipped})
    ledger = run_suites(submission, find("convolution"), True, 1, {"conv_forward_naive"})
    (task,) = ledger.tasks({"conv_forward_naive": ("Forward", 14.0)})
    waiting = [check for check in task.checks if check.verdict == "not attempted"]
    assert len(waiting) > 3
    assert all(check.waits for check in waiting)
    assert "not tried" not in task_text(task) or code == "en"
    unwritten = check_live("same_padding", find("convolution"), {})
    assert not check_of(unwritten, "basic").waits


def test_a_report_in_english_is_still_read_in_german(course: Callable[..., Path]) -> None:
    task = live(flipped).tasks[0]
    waiting = [check.waits for check in task.checks]
    assert any(waiting)
    course("language = 'de'")
    assert [check.waits for check in task.checks] == waiting


def test_every_sentence_on_a_pattern_can_be_said(german: Path) -> None:
    rng = np.random.default_rng(0)
    right = rng.standard_normal((4, 3, 5, 5))
    bad = np.zeros(right.shape, bool)
    bad[:, :, ::2] = True
    got = np.where(bad, right + rng.standard_normal(right.shape), right)
    said = pattern.pattern(got, right, bad)
    assert said == "Auf der Achse „Zeile“ weichen nur Werte an jeder zweiten Stelle ab (0, 2, 4)."
    every = np.ones(right.shape, bool)
    said = pattern.pattern(5 * right, right, every, {"x": np.zeros((4, 5, 2, 2))})
    assert (
        said
        == "Deine Werte sind 5-mal so groß wie die erwarteten, und das ist die Zahl der Kanäle."
    )
    assert pattern.pattern(np.flip(right, (2, 3)), right, every).endswith(": Zeilen und Spalten.")
    assert pattern.of_shapes(right[:, :, 1:], right) == (
        "Entlang Achse 2 (Zeilen) ist es um 1 zu kurz."
    )


def test_a_sentence_begins_large_behind_a_colon(german: Path) -> None:
    case = Case("f", "x", {"x": np.ones(3)}, np.ones(3))
    with pytest.raises(values.Finding) as raised:
        values.expect(-np.ones(3), case, "f", ("out",))
    assert raised.value.reason == "out: Deine Werte haben das falsche Vorzeichen."


# A course's own catalogue


def test_a_courses_own_words_come_first(course: Callable[..., Path]) -> None:
    course(
        "language = 'de'",
        de='msgid "first examples"\nmsgstr "zum Aufwärmen"\n\n'
        'msgid "the kernel is flipped before it slides over the input"\n'
        'msgstr "der Filter ist gespiegelt"\n\n'
        'msgid "Output size"\nmsgstr ""\n\n#, fuzzy\nmsgid "stride"\nmsgstr "Schritt"\n',
    )
    check = check_of(live(flipped), "basic")
    assert check.title == "zum Aufwärmen"
    assert check.reason.endswith("herauskommt: der Filter ist gespiegelt.")
    assert find("convolution").tasks[0].title == "Größe der Ausgabe"
    assert say("stride") == "Schrittweite"


def test_a_language_of_the_courses_alone_is_english_where_it_has_no_entry(
    course: Callable[..., Path],
) -> None:
    course("language = 'la'", la='msgid "first examples"\nmsgstr "exempla prima"\n')
    report = live(flipped)
    assert check_of(report, "basic").title == "exempla prima"
    assert check_of(report, "padding").message == "Not tried: “exempla prima” must pass first."
    assert "lang=" in report_html(report)


def test_a_course_may_have_other_english_words(course: Callable[..., Path]) -> None:
    course("", en='msgid "first examples"\nmsgstr "warm up"\n')
    report = live(flipped)
    assert check_of(report, "basic").title == "warm up"
    assert "lang=" not in report_html(report)


def test_what_hidden_checks_say_has_a_catalogue_of_its_own(course: Callable[..., Path]) -> None:
    folder = course("language = 'de'")
    assert say("the same result twice") == "zweimal dasselbe Ergebnis"
    path = folder / "grading/suites/hidden/catalogues/de.po"
    path.parent.mkdir(parents=True)
    path.write_text(HEAD + 'msgid "the same result twice"\nmsgstr "doppelt"\n')
    clear()
    assert say("the same result twice") == "doppelt"


def test_values_are_no_templates(course: Callable[..., Path]) -> None:
    course("language = 'de'")
    said = say("{function} is not written yet.", function="{x}")
    assert said == "{x} ist noch nicht geschrieben."
    assert say("a {text} of nobody") == "a {text} of nobody"


# What is wrong


def test_an_unknown_language_is_named_with_its_line(course: Callable[..., Path]) -> None:
    course("name = 'x'\nlanguage = 'xx'\n", la="")
    with pytest.raises(WrongSetting, match=r"course\.toml, line 2: language: .*xx\.po") as raised:
        all_assignments()
    assert str(raised.value).endswith("there are the languages de, en, la")


def test_a_language_is_no_path(tmp_path: Path) -> None:
    path = tmp_path / "course.toml"
    path.write_text("language = '../de'")
    with pytest.raises(WrongSetting, match=r"line 1: language: must be of letters"):
        read(path)


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        (
            'msgid "{function} is not written yet."\nmsgstr "{funktion} fehlt."\n',
            "line 4: '{funktion} fehlt.' must have the names",
        ),
        (
            'msgid "{function} is not written yet."\nmsgstr "{function fehlt."\n',
            "line 4: '{function fehlt.' must have the names",
        ),
        ('msgid "stride"\nmsgsrt "Schritt"\n', "line 5: Unknown or misformatted keyword"),
    ],
)
def test_an_entry_that_cannot_be_used_is_named_with_its_line(
    course: Callable[..., Path], entries: str, said: str
) -> None:
    course("language = 'de'", de=entries)
    with pytest.raises(WrongSetting, match=r"catalogues/de\.po, line") as raised:
        all_assignments()
    assert said in str(raised.value)


def test_a_catalogue_that_is_no_text_is_named(course: Callable[..., Path]) -> None:
    folder = course("language = 'de'", de="")
    (folder / "grading/catalogues/de.po").write_bytes(b'msgid "a"\nmsgstr "\xff\xfe"\n')
    clear()
    with pytest.raises(WrongSetting, match=r"de\.po cannot be read"):
        say("a")


# Elsewhere


def test_another_word_is_another_grading(course: Callable[..., Path]) -> None:
    folder = course("language = 'de'", de="")
    digests = set()
    for text in ("", 'msgid "stride"\nmsgstr "Schritt"\n'):
        (folder / "grading/catalogues/de.po").write_text(HEAD + text)
        digests.add(work.kit_digest.__wrapped__())
    assert len(digests) == 2


def test_students_get_the_words_and_not_those_of_hidden_checks(
    course: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = course("language = 'de'", de='msgid "stride"\nmsgstr "Schritt"\n')
    hidden = folder / "grading/suites/hidden/catalogues/de.po"
    hidden.parent.mkdir(parents=True)
    hidden.write_text(HEAD)
    files = contents.needed(rooms.PACKAGE, ["convolution"], [], folder / "grading")
    assert [name for name in files if name.endswith(".po")] == [
        "catalogues/course/de.po",
        "catalogues/de.po",
    ]
    # As a student's installation has them.
    package = tmp_path / "installed"
    for name, path in files.items():
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, package / name)
    (package / rooms.FILE).write_text(_choices(settings.settings(), ["convolution"]))
    monkeypatch.delenv("AUTOGRADER_COURSE")
    monkeypatch.setattr(rooms, "PACKAGE", package)
    monkeypatch.chdir(tmp_path / "grading")
    clear()
    assert (say("stride"), say("padding"), say("test mode")) == ("Schritt", "Padding", "Testmodus")
    assert say("the same result twice") == "the same result twice"
