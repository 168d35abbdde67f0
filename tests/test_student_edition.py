"""The student edition: what is in it, that nothing leaks, that it works, and how it is written."""

from __future__ import annotations

import ast
import io
import json
import os
import random
import re
import subprocess
import sys
import zipfile
from dataclasses import replace
from email import message_from_string
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder import cli, vectors
from autograder.mistakes.cases import pooling as public_inputs
from autograder.release import ReleaseError
from autograder.studentedition import command, contents, folder, normal, trial
from autograder.studentedition.edition import SUMS, Edition, edition, sources
from autograder.studentedition.leaks import Search
from autograder.studentedition.wheel import dependencies, wheel
from autograder.studentedition.withheld import Secrets, gathered

ROOT = Path(__file__).parent.parent
KINDS = ("solution", "reference", "known mistake", "right answer", "hidden check")
NOTEBOOK = "pooling/pooling.ipynb"
MODULE = "autograder/assertions/values.py"
VECTORS = "autograder/suites/public/vectors/pooling.npz"


@pytest.fixture(scope="module")
def notebooks() -> dict[str, Any]:
    return sources(ROOT)


@pytest.fixture(scope="module")
def secrets(notebooks: dict[str, Any]) -> Secrets:
    return gathered(ROOT, notebooks)


@pytest.fixture(scope="module")
def made(notebooks: dict[str, Any]) -> Edition:
    return edition(ROOT, notebooks, ["pooling"])


@pytest.fixture(scope="module")
def inside(made: Edition) -> dict[str, bytes]:
    """The files in the wheel."""
    with zipfile.ZipFile(io.BytesIO(made.wheel.data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def installed(inside: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the contents of the wheel, to be put on Python's path."""
    home = tmp_path_factory.mktemp("installed")
    for name, data in inside.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_bytes(data)
    return home


# What is in it


def test_the_folder_holds_what_a_student_needs(made: Edition) -> None:
    kit = f"kit/{made.wheel.name}"
    names = {NOTEBOOK, kit, "README.md", "requirements.txt", "environment.yml", "LICENSE", SUMS}
    assert names < set(made.files)
    assert {"datasets/NOTICE", "datasets/checksums.json", "datasets/mnist.xz"} < set(made.files)
    for name in ("requirements.txt", "environment.yml"):
        assert f"./{kit}" in made.files[name].decode()
        assert "jinja2" not in made.files[name].decode()
        assert "jupyterlab" in made.files[name].decode()
    readme = made.files["README.md"].decode()
    assert NOTEBOOK in readme
    assert made.wheel.name in readme
    assert re.search(r"{\w+}", readme) is None
    listed = dict(line.split("  ")[::-1] for line in made.files[SUMS].decode().splitlines())
    assert set(listed) == set(made.files) - {SUMS}


def test_the_wheel_holds_nothing_of_the_instructors(inside: dict[str, bytes]) -> None:
    tops = {name.split("/")[1] for name in inside if name.startswith("autograder/")}
    assert {"jupyter", "suites", "worker", "_datasets", "cli.py"} < tops
    assert not tops & {room.partition("/")[0] for room in contents.WITHHELD} - {"suites"}
    assert not any("hidden" in name for name in inside)
    things = {path.name for path in (ROOT / "autograder" / "play").glob("*.py")}
    assert things <= {name.removeprefix("autograder/play/") for name in inside}
    # Layers that work are an answer to the tasks of this assignment.
    assert "autograder/layers.py" not in inside
    assert not any("convolution" in name for name in inside)


def test_only_an_assignment_that_needs_them_brings_layers(notebooks: dict[str, Any]) -> None:
    found = contents.needed(ROOT / "autograder", ["convnet"], ["jupyter.earlier"])
    assert {"layers.py", "jupyter/earlier.py"} < set(found)
    # Layers of earlier notebooks are tried on the public inputs of their own checks.
    assert {"suites/public/vectors/convolution.npz", "suites/public/pooling.json"} < set(found)
    assert "suites/public/normalization.json" not in found


def test_the_wheel_has_a_version_and_doors_of_its_own(
    made: Edition, inside: dict[str, bytes]
) -> None:
    (information,) = (name for name in inside if name.endswith("/METADATA"))
    about = message_from_string(inside[information].decode())
    assert about["Name"] == "convnet-assignment-kit"
    assert re.fullmatch(r"0\.\d+\.\d+\+student\.x[0-9a-f]{8}", about["Version"])
    assert about["Version"] == made.wheel.version
    required = {re.split(r"[^\w-]", line)[0] for line in about.get_all("Requires-Dist")}
    assert {"numpy", "pytest", "notebook", "pyseccomp", "threadpoolctl"} <= required
    assert not required & {"jinja2", "pyyaml", "markupsafe"}
    doors = inside[information.replace("METADATA", "entry_points.txt")].decode()
    assert "autograder = autograder.cli:main" in doors
    assert doors.count("autograder.") == 2  # the command, and the plugin of pytest
    assert any(name.endswith("licenses/datasets/NOTICE") for name in inside)


def test_the_same_input_gives_the_same_wheel(made: Edition, inside: dict[str, bytes]) -> None:
    mark = "autograder/"
    files = {name.removeprefix(mark): d for name, d in inside.items() if name.startswith(mark)}
    required = made.files["requirements.txt"].decode().splitlines()[1:-1]
    (information,) = (inside[name].decode() for name in inside if name.endswith("/METADATA"))
    readme = message_from_string(information).get_payload()
    assert isinstance(readme, str)
    again = wheel(ROOT, files, required, readme)
    assert (again.name, again.data) == (made.wheel.name, made.wheel.data)


def test_what_is_imported_decides_what_is_required() -> None:
    listed = ["numpy>=2.1", "pyyaml>=6", "jinja2>=3", "jupyterlab>=4", "notebook>=7", "rich"]
    found = dependencies(listed, ["import yaml", "def f():\n    from numpy import linalg"])
    assert found == ["numpy>=2.1", "pyyaml>=6", "jupyterlab>=4", "notebook>=7"]


def test_an_import_of_what_is_withheld_is_refused(tmp_path: Path) -> None:
    for name, text in {
        "__init__.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import audit",
        "audit/__init__.py": "",
        "cli.py": "from .report import Report",
        "report.py": "",
        "reference/__init__.py": "",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    assert list(contents.needed(tmp_path, [], [])) == ["__init__.py", "cli.py", "report.py"]
    (tmp_path / "report.py").write_text("def f():\n    from autograder.reference import x")
    with pytest.raises(ReleaseError, match="leaves out reference, and report imports it"):
        contents.needed(tmp_path, [], [])


def test_unknown_names_and_stale_notebooks_are_refused(
    notebooks: dict[str, Any], tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match="no assignment 'pool'; there are: convnet"):
        edition(ROOT, notebooks, ["pool"])
    with pytest.raises(ReleaseError, match="in a course, or with the kit of a checkout"):
        sources(tmp_path)


# Nothing leaks


def found(secrets: Secrets, files: dict[str, bytes]) -> set[str]:
    """The kinds of what leaks in ``files``."""
    return {leak.secret.kind for leak in Search(secrets).leaks(files)}


def test_nothing_leaks(secrets: Secrets, made: Edition) -> None:
    archive = {"pooling.zip": folder.zipped("pooling", made.files)}
    leaks, read = command.leaks_of(secrets, made, {**made.files, **archive})
    assert leaks == []
    assert read > len(made.files) + 60
    assert {secret.kind for secret in secrets.lines.values()} == set(KINDS)
    assert {secret.kind for secret in secrets.fragments.values()} == set(KINDS)


def test_every_line_of_a_solution_is_found_by_itself(secrets: Secrets) -> None:
    search = Search(secrets)
    solutions = [secret for secret in secrets.lines.values() if secret.kind == "solution"]
    others = [secret for secret in secrets.lines.values() if secret.kind != "solution"]
    for number, secret in enumerate([*solutions, *random.Random(1).sample(others, 300)]):
        text = f"def f(x):\n    y = 1\n    {secret.text}\n    return y\n"
        leaks = search.leaks({f"a{number}.py": text.encode()})
        assert secret.kind in {leak.secret.kind for leak in leaks}, secret


def planted(made: Edition, inside: dict[str, bytes], place: str, line: str) -> dict[str, bytes]:
    """A file of the edition with ``line`` somewhere in it."""
    if place == "module":
        return {MODULE: inside[MODULE] + f"\n\n{line}\n".encode()}
    if place == "comment":
        return {MODULE: inside[MODULE] + f"\n# see {line}\n".encode()}
    if place == "readme":
        return {"README.md": made.files["README.md"] + f"\n    {line}\n".encode()}
    if place in ("wheel", "zip"):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr(MODULE, inside[MODULE] + f"\n\n{line}\n".encode())
        if place == "wheel":
            return {f"kit/{made.wheel.name}": buffer.getvalue()}
        return {"c.zip": folder.zipped("c", {f"kit/{made.wheel.name}": buffer.getvalue()})}
    if place == "arrays":
        buffer = io.BytesIO()
        np.savez(buffer, text=np.array(["a", line]))
        return {"more.npz": buffer.getvalue()}
    notebook = json.loads(made.files[NOTEBOOK])
    cell = next(c for c in notebook["cells"] if c["cell_type"] == place)
    cell["source"] = [*cell["source"], "\n", line]
    return {NOTEBOOK: json.dumps(notebook).encode()}


PLACES = ("module", "comment", "readme", "wheel", "zip", "arrays", "code", "markdown")


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_planted_line_is_found_anywhere(
    kind: str, place: str, secrets: Secrets, made: Edition, inside: dict[str, bytes]
) -> None:
    lines = sorted(secret.text for secret in secrets.lines.values() if secret.kind == kind)
    line = random.Random(place).choice(lines)
    assert kind in found(secrets, planted(made, inside, place, line)), line
    assert found(secrets, planted(made, inside, place, "nothing = 'worth hiding'")) == set()


class _Renamed(ast.NodeTransformer):
    """Other names for all that a function makes up itself."""

    def __init__(self, function: ast.FunctionDef) -> None:
        made = {a.arg for n in ast.walk(function) if isinstance(n, ast.arguments) for a in n.args}
        made |= {
            n.id
            for n in ast.walk(function)
            if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
        }
        called = {n.func.id for n in ast.walk(function) if _calls_a_name(n)}  # type: ignore[attr-defined]
        self._names = {name: f"renamed_{i}" for i, name in enumerate(sorted(made - called))}

    def visit_Name(self, node: ast.Name) -> ast.AST:
        node.id = self._names.get(node.id, node.id)
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.arg = self._names.get(node.arg, node.arg)
        return node


def _calls_a_name(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name)


def test_every_solution_is_found_also_renamed_and_laid_out_anew(
    secrets: Secrets, notebooks: dict[str, Any]
) -> None:
    texts: dict[str, str] = {}
    for name, notebook in notebooks.items():
        for cell in notebook.cells:
            if not cell["id"].endswith("-code"):
                continue
            assert "solution" in found(secrets, {"a.py": cell.source.encode()}), cell["id"]
            tree = ast.parse(cell.source)
            (function,) = (n for n in tree.body if isinstance(n, ast.FunctionDef))
            text = ast.unparse(_Renamed(function).visit(tree))
            assert "solution" in found(secrets, {"a.py": text.encode()}), text
            if "shown" not in texts:
                texts["shown"] = text
        released = json.loads((ROOT / "assignments" / name / f"{name}.ipynb").read_bytes())
        assert found(secrets, {"a.ipynb": json.dumps(released).encode()}) == set()
    shown = texts["shown"]
    assert found(secrets, {"a.md": f"So:\n\n```python\n{shown}\n```\n".encode()}) == {"solution"}
    assert found(secrets, {"a.py": f"text = {shown!r}".encode()}) == {"solution"}


@pytest.mark.parametrize("text", ["31,467,520", "31467520", "3.146752e7"])
def test_a_number_of_a_model_answer_is_found(text: str, secrets: Secrets) -> None:
    assert found(secrets, {"a.md": f"There are {text} of them.".encode()}) == {"solution"}


@pytest.mark.parametrize(
    "text", ['x = "random shapes, windows and strides"', "test_equal_maxima", '"equal_maxima"']
)
def test_titles_and_names_of_hidden_checks_are_found(text: str, secrets: Secrets) -> None:
    assert found(secrets, {"a.py": text.encode()}) == {"hidden check"}
    assert found(secrets, {"a.json": json.dumps([text]).encode()}) == {"hidden check"}


def test_numbers_of_hidden_checks_are_found_in_arrays() -> None:
    secrets = Secrets()
    secrets.add_check("test_x.py", "def test_x():\n    compare(x=0.123456)\n")
    buffer = io.BytesIO()
    np.savez(buffer, a=np.array([1.0, 0.123456]))
    assert found(secrets, {"a.npz": buffer.getvalue()}) == {"hidden check"}
    assert found(secrets, {"a.json": b'{"a": [0.123456]}'}) == {"hidden check"}


def test_stored_vectors_hold_public_cases_only(
    secrets: Secrets, inside: dict[str, bytes], tmp_path: Path
) -> None:
    assert found(secrets, {VECTORS: inside[VECTORS]}) == set()
    cases, lessons = vectors.load(io.BytesIO(inside[VECTORS]))
    path = tmp_path / "pooling.npz"
    x = next(value for value in cases[0].arguments.values() if isinstance(value, np.ndarray))
    other = {n: x + 1 if v is x else v for n, v in cases[0].arguments.items()}
    for changed in (
        [*cases, replace(cases[0], label="hidden")],
        [replace(cases[0], arguments=other), *cases[1:]],
        cases[1:],
    ):
        vectors.save(path, changed, lessons)
        assert found(secrets, {VECTORS: path.read_bytes()}) == {"unaccounted"}
    vectors.save(path, cases, lessons)
    with np.load(path) as archive:
        arrays = {name: archive[name] for name in archive.files}
    arrays["float64"] = np.append(arrays["float64"], 0.5)
    np.savez(path, **arrays)
    assert found(secrets, {VECTORS: path.read_bytes()}) == {"unaccounted"}
    assert len(list(public_inputs.entries())) == len(cases)


def test_what_cannot_be_read_is_no_pass(secrets: Secrets) -> None:
    for name, data in {
        "a.bin": b"\xff\xfe",
        "a.zip": b"no zip",
        "a.json": b"{",
        "a.npz": b"",
        "a.ipynb": b"{}",
    }.items():
        assert found(secrets, {name: data}) == {"unknown contents"}, name
    withheld = {"k.whl!autograder/reference/pooling.py": b"", "autograder/release.py": b""}
    assert found(secrets, withheld) == {"withheld"}


def test_what_is_public_is_no_secret(tmp_path: Path) -> None:
    """Only the scaffold excuses a line of a solution; the public suites excuse the others."""
    line, shared = "total = first * second + third * fourth", "value = one * two + three * four"
    suites = tmp_path / "autograder" / "suites"
    for path, text in {
        suites / "public" / "test_a.py": f"{line}\n{shared}\n",
        suites / "hidden" / "test_a.py": f"{shared}\nother = one * two + three * five - 1\n",
    }.items():
        path.parent.mkdir(parents=True)
        path.write_text(text)

    def cell(source: str) -> Any:
        kept = {"cell_type": "code", "source": source, "metadata": {}, "id": "a"}
        return type("Cell", (dict,), {"__getattr__": dict.__getitem__})(kept)

    def lines(*cells: str) -> set[str]:
        notebook = type("Notebook", (), {"cells": [cell(source) for source in cells]})
        return {s.text for s in gathered(tmp_path, {"a": notebook}).lines.values()}

    solution = f"def f():\n    ### BEGIN SOLUTION\n    {line}\n    ### END SOLUTION\n"
    hidden = "other = one * two + three * five - 1"
    assert lines(solution) == {line, hidden}
    assert lines(solution, f"y = 1\n{line}\n") == {hidden}


def test_normal_forms() -> None:
    def forms(text: str) -> list[str]:
        tree = normal.parsed(text)
        assert tree is not None
        return [fragment.form for fragment in normal.fragments(tree)]

    assert forms("a = np.pad(x, 1)  # why") == forms("b: int = np.pad(\n    y, 1\n)")
    assert forms("a = f(x)") != forms("a = g(x)")
    assert forms("a = x + y") != forms("a = x + x")
    assert forms('"""Says."""\nimport os') == []
    assert forms("    indented = x + y") == [forms("if True:\n    a = b + c")[0]]
    assert normal.weight("elif a < b * c:") > normal.weight("else:") > 0
    assert normal.weight("def f(a, b, c, d, e, f, g):") == normal.weight("from a import b") == 0
    assert normal.weight("Array = np.ndarray[Any, np.dtype[Any]]") == normal.weight("f(a,") == 0
    with pytest.raises(ValueError, match="too short"):
        normal.Table(["short"])


# It works


def test_it_installs_and_checks_a_task_offline(made: Edition, notebooks: dict[str, Any]) -> None:
    said: list[str] = []
    trial.attempt(made, notebooks, "borrowed", said.append)
    assert "max_pool_forward_naive" in said[-1]


@pytest.mark.parametrize(
    ("which", "outcome", "complaint"),
    [
        ("unsolved", {"status": "graded", "points": 3, "most": 10}, "not solved yet"),
        ("solved", {"status": "graded", "points": 9, "most": 10}, "own solution"),
        ("solved", {"status": "not graded", "points": 10, "most": 10}, "own solution"),
    ],
)
def test_a_trial_can_fail(
    which: str, outcome: dict[str, Any], complaint: str, tmp_path: Path
) -> None:
    task = {
        "task": "t",
        "unsolved": {"status": "graded", "points": 0, "most": 10},
        "solved": {"status": "graded", "points": 10, "most": 10},
    }
    good = {"package": str(tmp_path / "lib"), "tasks": [task]}
    trial._judge(good, tmp_path)
    with pytest.raises(ReleaseError, match=complaint):
        trial._judge({**good, "tasks": [{**task, which: outcome}]}, tmp_path)
    with pytest.raises(ReleaseError, match="not the wheel"):
        trial._judge({**good, "package": "/elsewhere"}, tmp_path)


WINDOWS = """
import importlib.abc, multiprocessing, os, select, signal, socket, sys
import IPython, matplotlib.pyplot, numpy, pytest, rich.console  # as they are on this system

missing = {"fcntl", "resource", "pwd", "grp", "pyseccomp", "termios"}

class Missing(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name in missing:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

for name in missing:
    sys.modules.pop(name, None)
sys.meta_path.insert(0, Missing())
for module, names in {
    os: "fork getuid geteuid uname setsid", select: "poll", signal: "SIGKILL SIGHUP",
    socket: "SCM_RIGHTS SO_PASSCRED send_fds recv_fds",
}.items():
    for name in names.split():
        if hasattr(module, name):
            delattr(module, name)
sys.platform = "win32"

import autograder, autograder.cli
import numpy as np

max_pool_forward_naive = None
print(autograder.check("max_pool_forward_naive"))
exec(sys.argv[2])
print(autograder.check("max_pool_forward_naive"))
print(autograder.cli.main(["check", sys.argv[1]]))
print(autograder.cli.main(["doctor"]))
"""


def test_students_can_check_on_windows(
    installed: Path, notebooks: dict[str, Any], tmp_path: Path
) -> None:
    """With what that system does not have made to be missing, as far as that can be acted."""
    cell = next(c for c in notebooks["pooling"].cells if c["id"] == "max_pool_forward_naive-code")
    notebook = json.loads((ROOT / "assignments" / NOTEBOOK).read_bytes())
    next(c for c in notebook["cells"] if c["id"] == cell["id"])["source"] = cell.source
    (tmp_path / "mine.ipynb").write_text(json.dumps(notebook))
    variables = {**os.environ, "PYTHONPATH": str(installed), "MPLBACKEND": "Agg"}
    done = subprocess.run(
        [sys.executable, "-c", WINDOWS, str(tmp_path / "mine.ipynb"), cell.source],
        env=variables, cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    before, after, *rest = done.stdout.splitlines()
    assert (before, after) == ("0", "10")
    assert "✓ max_pool_forward_naive: 10 of 10 points" in rest
    assert "10 of 91 points by the public checks (sandbox: live kernel)" in rest
    assert "Submissions cannot be run here." in done.stdout


def test_the_command_line_has_no_room_for_instructors(installed: Path) -> None:
    code = (
        "import sys; from autograder import cli; cli._parser().print_help(); "
        "print(sorted(m for m in sys.modules if m.startswith('autograder')))"
    )
    variables = {**os.environ, "PYTHONPATH": str(installed)}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=variables, cwd=installed, capture_output=True, text=True, check=True,
    )  # fmt: skip
    offered = re.findall(r"^    (\w+) ", done.stdout, re.MULTILINE)
    assert {"check", "doctor"} <= set(offered)
    assert not {"audit", "bundle", "export", "grade", "release", "report"} & set(offered)


# How it is written


@pytest.fixture
def ready(
    made: Edition, secrets: Secrets, notebooks: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> pytest.MonkeyPatch:
    """The command with what takes long already done, and without the wheel."""
    monkeypatch.setattr(command, "sources", lambda _: notebooks)
    monkeypatch.setattr(command, "gathered", lambda *_: secrets)
    monkeypatch.setattr(command, "edition", lambda *_: small(made))
    return monkeypatch


def small(made: Edition) -> Edition:
    return replace(made, files={n: d for n, d in made.files.items() if not n.endswith(".whl")})


def release(*options: str) -> int:
    return cli.main(["release", "pooling", "--no-try", *options])


@pytest.mark.usefixtures("ready")
def test_the_folder_and_its_zip_are_written(
    made: Edition, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "course" / "week 1"
    assert release("--out", str(out), "--zip") == 0
    written = {p.relative_to(out).as_posix(): p.read_bytes() for p in out.rglob("*") if p.is_file()}
    assert written == small(made).files
    with zipfile.ZipFile(tmp_path / "course" / "week 1.zip") as archive:
        assert {f"week 1/{name}" for name in written} == set(archive.namelist())
    assert sorted(p.name for p in out.parent.iterdir()) == ["week 1", "week 1.zip"]
    said = capsys.readouterr()
    assert f"written: {out}" in said.out
    assert "secrets is in any of" in said.err
    assert release("--out", str(out)) == 2
    assert "not empty" in capsys.readouterr().err
    assert release("--out", str(tmp_path / "course" / "week 1.zip")) == 2
    (tmp_path / "other.zip").write_bytes(b"mine")
    assert release("--out", str(tmp_path / "other"), "--zip") == 2
    assert sorted(p.name for p in tmp_path.iterdir()) == ["course", "other.zip"]


@pytest.mark.usefixtures("ready")
def test_what_the_course_added_is_kept_and_searched(
    secrets: Secrets, made: Edition, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert release("--out", str(out)) == 0
    (out / ".git").mkdir()
    (out / ".git" / "HEAD").write_text("main")
    (out / "syllabus.md").write_text("Monday: pooling")
    (out / "syllabus.md").chmod(0o755)
    (out / "README.md").write_text("changed")
    (out / "kit").mkdir()
    old = out / "kit" / "convnet_assignment_kit-0.0.1+student.x0-py3-none-any.whl"
    old.write_bytes(b"of an earlier release")
    with (out / SUMS).open("a") as file:
        file.write(f"{'0' * 64}  kit/{old.name}\n")
    assert release("--out", str(out), "--force") == 0
    assert "kept: syllabus.md" in capsys.readouterr().err
    assert (out / ".git" / "HEAD").read_text() == "main"
    assert (out / "syllabus.md").read_text() == "Monday: pooling"
    assert (out / "syllabus.md").stat().st_mode & 0o777 == 0o755
    assert (out / "README.md").read_bytes() == made.files["README.md"]
    assert not old.exists()
    line = next(s.text for s in secrets.lines.values() if s.kind == "solution")
    (out / "syllabus.md").write_text(f"Monday: {line}")
    assert release("--out", str(out), "--force") == 1
    assert "syllabus.md: solution of solutions/" in capsys.readouterr().err


def test_a_leak_keeps_the_folder_from_being_written(
    ready: pytest.MonkeyPatch,
    secrets: Secrets,
    made: Edition,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    line = next(s.text for s in secrets.lines.values() if s.kind == "hidden check")
    leaky = replace(made, files={**small(made).files, "more.py": f"{line}\n".encode()})
    ready.setattr(command, "edition", lambda *_: leaky)
    assert release("--out", str(tmp_path / "out"), "--zip") == 1
    assert list(tmp_path.iterdir()) == []
    said = capsys.readouterr().err
    assert "more.py: hidden check of autograder/suites/hidden/" in said
    assert line[:60] in said


def test_a_failed_trial_keeps_the_folder_from_being_written(
    ready: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise ReleaseError("the trial failed at pip")

    ready.setattr(command, "attempt", fail)
    assert cli.main(["release", "--out", str(tmp_path / "out"), "--try", "borrowed"]) == 1
    assert list(tmp_path.iterdir()) == []
    assert "the trial failed at pip" in capsys.readouterr().err


def test_a_folder_that_cannot_be_exchanged_is_as_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    folder.put(out, {"a": b"1", "b/c": b"2"}, replace=False)
    (out / ".git").mkdir()
    rename = Path.rename

    def fails(self: Path, target: Path) -> Path:
        if self.name == ".out.part":
            raise PermissionError(13, "no")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fails)
    with pytest.raises(OSError, match="could not be written"):
        folder.put(out, {"a": b"3"}, replace=True)
    assert [p.name for p in tmp_path.iterdir()] == ["out"]
    assert (out / "a").read_bytes() == b"1"
    assert (out / ".git").is_dir()
    monkeypatch.undo()
    folder.put(out, {"a": b"3"}, replace=True)
    assert sorted(p.name for p in out.iterdir()) == [".git", "a"]
    with pytest.raises(folder.Occupied, match="is a file"):
        folder.put(out / "a", {}, replace=True)
