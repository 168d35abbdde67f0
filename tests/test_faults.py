"""When the grader is killed, interrupted, or out of room: nothing half, nothing left, no zero."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import jsonschema
import psutil
import pytest

from autograder.files import CannotWrite, write_whole
from autograder.report import SCHEMA_FILE, Finding
from autograder.worker.host import Cell, Limits, Sandbox, SandboxedSubmission, open_sandbox
from processes import PATIENCE, descendants, expect_gone
from test_nbgrader import FULL, Course

ROOT = Path(__file__).parent.parent
SCHEMA = json.loads(SCHEMA_FILE.read_text())


@pytest.fixture(scope="module")
def notebooks(example_class: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Four submissions that are graded quickly."""
    built = example_class.build(tmp_path_factory.mktemp("faults"))
    found = {path.parent.parent.name: path for path in built}
    return [found[name] for name in ("hugo", "gita", "finn", "ada")]


HIDDEN = {".lock", ".seed", "grades.csv"}
"""What a folder of results holds besides reports and the list of students."""


class Grader:
    """``autograder grade`` in a process of its own."""

    def __init__(self, out: Path, notebooks: list[Path], level: str, tmp: Path) -> None:
        self.out = out
        tmp.mkdir(exist_ok=True)
        path = os.environ["PATH"]
        if level == "landlock":
            path = os.pathsep.join(
                f for f in path.split(os.pathsep) if not Path(f, "bwrap").exists()
            )
        self.process = subprocess.Popen(
            [sys.executable, "-m", "autograder.cli", "grade", *map(str, notebooks), "--out", out],
            cwd=ROOT,
            env={**os.environ, "TMPDIR": str(tmp), "PATH": path},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def reports(self) -> list[Path]:
        return sorted(self.out.glob("*/*.json"))

    def wait_for(self, reports: int) -> None:
        """Until so many reports are there, or it has ended."""
        while len(self.reports()) < reports and self.process.poll() is None:
            time.sleep(0.005)

    def children(self) -> list[psutil.Process]:
        """Its zygotes and workers."""
        return descendants(self.process.pid)

    def end(self) -> tuple[int, str]:
        _, said = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, said


def expect_whole(reports: list[Path]) -> None:
    for path in reports:
        jsonschema.validate(json.loads(path.read_text()), SCHEMA)


@pytest.mark.parametrize(("level", "finished"), [("bubblewrap", 2), ("landlock", 0)])
def test_a_killed_grader_leaves_whole_reports_and_no_process(
    level: str, finished: int, notebooks: list[Path], tmp_path: Path
) -> None:
    out, tmp = tmp_path / "reports", tmp_path / "tmp"
    grader = Grader(out, notebooks, level, tmp)
    grader.wait_for(finished)
    time.sleep(random.Random(f"{level}{finished}").uniform(0, 1.5))
    children = grader.children()
    grader.process.kill()
    grader.end()
    expect_gone(children)
    expect_whole(grader.reports())
    again = Grader(out, notebooks, level, tmp)
    code, said = again.end()
    assert code == 0, said
    assert len(again.reports()) == len(notebooks)
    expect_whole(again.reports())
    assert {path.name for path in out.iterdir()} == {"convolution", "students.json", *HIDDEN}
    assert list(out.rglob("*.part")) == []
    assert [path.name for path in tmp.iterdir() if path.name.startswith("autograder")] == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_grader_says_so_in_one_line(
    number: int, notebooks: list[Path], tmp_path: Path
) -> None:
    grader = Grader(tmp_path / "reports", notebooks * 5, "landlock", tmp_path / "tmp")
    grader.wait_for(1)
    children = grader.children()
    grader.process.send_signal(number)
    code, said = grader.end()
    assert code == 130, said
    assert "Traceback" not in said
    assert "interrupted; what was finished is kept" in said
    expect_gone(children)
    expect_whole(grader.reports())
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_full_disk_is_named_and_what_was_finished_is_kept(
    notebooks: list[Path], tmp_path: Path
) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can make a small disk for a test")
    out = tmp_path / "reports"
    out.mkdir()
    command = f"mount -t tmpfs -o size=64k none {out} && exec {sys.executable} -m autograder.cli "
    command += f"grade {' '.join(map(str, notebooks))} --out {out}"
    command = f"{command}; code=$?; cp {out}/*/*.json {tmp_path}/; ls -aR {out}; exit $code"
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", command.replace("exec ", "")],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 3, done.stderr
    assert "No space left" in done.stderr
    assert "run the same command again" in done.stderr
    assert "Traceback" not in done.stderr
    assert ".part" not in done.stdout
    expect_whole([*tmp_path.glob("*.json")])


@pytest.mark.parametrize("kind", ["file", "read-only"])
def test_a_folder_that_cannot_take_reports_is_named_before_grading(
    kind: str, notebooks: list[Path], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    if kind == "file":
        out.write_text("")
        folder = out
    else:
        folder = Path("/proc/autograder")
    done = subprocess.run(
        [sys.executable, "-m", "autograder.cli", "grade", str(notebooks[0]), "--out", str(folder)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 3
    assert len(done.stderr.strip().splitlines()) == 1
    assert str(folder) in done.stderr


def test_a_file_is_whole_or_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "report.json"
    write_whole(path, "first")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CannotWrite, match="No space left"):
        write_whole(path, "second")
    assert path.read_text() == "first"
    assert [p.name for p in tmp_path.iterdir()] == ["report.json"]


@pytest.fixture(params=["bubblewrap", "landlock"])
def box(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    with open_sandbox(request.param, request.param) as running:
        yield running


WORK = "import time\ncalls = []\ndef work():\n    time.sleep(0.5)\n    return 7"


def _later(seconds: float, act: object) -> None:
    timer = threading.Timer(seconds, act)  # type: ignore[arg-type]
    timer.daemon = True
    timer.start()


def test_a_worker_killed_from_outside_is_asked_again(box: Sandbox) -> None:
    """As the kernel does when memory runs out: not the submission's doing."""
    with SandboxedSubmission(box, [Cell("cell 1", WORK)], Limits(patience=20)) as submission:
        submission.run()
        assert submission._worker is not None
        pid = submission._worker.pid
        _later(0.1, lambda: os.kill(pid, signal.SIGKILL))
        assert submission.work() == 7


def test_a_worker_killed_in_a_cell_costs_no_cell(box: Sandbox) -> None:
    cells = [Cell("cell 1", "import time; time.sleep(0.5)"), Cell("cell 2", "1")]
    with SandboxedSubmission(box, cells, Limits(patience=20)) as submission:
        killed: list[int] = []

        def kill() -> None:
            while not killed:
                worker = submission._worker
                if worker is not None:
                    killed.append(worker.pid)
                    time.sleep(0.1)
                    os.kill(worker.pid, signal.SIGKILL)

        _later(0.0, kill)
        assert [result.status for result in submission.run()] == ["ok", "ok"]
        assert killed


def test_a_zygote_that_is_killed_is_replaced(box: Sandbox) -> None:
    with SandboxedSubmission(box, [Cell("cell 1", WORK)], Limits(patience=20)) as submission:
        submission.run()
        for _ in range(3):  # the second one finds what the first has left
            worker = submission._worker
            assert worker is not None
            assert box._process is not None
            inside = psutil.Process(worker.pid)
            os.kill(box._process.pid, signal.SIGKILL)
            expect_gone([inside])
            with contextlib.suppress(Finding):  # what was in the worker is gone, and said to be
                submission.work()
            assert submission.work() == 7


@pytest.fixture
def course(tmp_path: Path) -> Course:
    made = Course(tmp_path)
    for student in ("ann", "bob", "cem"):
        made.submit(student)
    return made


def _nbgrader(course: Course, *arguments: str) -> subprocess.Popen[str]:
    config = course.root / "nbgrader_config.py"
    config.write_text(
        "from autograder import nbgrader_plugin\nc = get_config()\n"
        f"c.CourseDirectory.root = {str(course.root)!r}\nc.CourseDirectory.course_id = 'test'\n"
        f"c.CourseDirectory.db_url = 'sqlite:///{course.root}/gradebook.db'\n"
        f"c.Exchange.root = {str(course.root / 'exchange')!r}\nnbgrader_plugin.configure(c)\n"
    )
    return subprocess.Popen(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=course.root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env={**os.environ, "JUPYTER_CONFIG_DIR": str(course.root / "jupyter")},
    )  # fmt: skip


@pytest.mark.parametrize("finished", [0, 2])
def test_a_killed_nbgrader_finishes_the_job_when_it_is_run_again(
    finished: int, course: Course
) -> None:
    process = _nbgrader(course, "autograde", "convolution")
    pattern = "autograded/*/convolution/convolution.ipynb"
    while len([*course.root.glob(pattern)]) <= finished and process.poll() is None:
        time.sleep(0.005)
    time.sleep(random.Random(finished).uniform(0, 0.6))
    children = descendants(process.pid)
    process.kill()
    process.communicate()
    expect_gone(children)
    with sqlite3.connect(course.root / "gradebook.db") as gradebook:
        assert gradebook.execute("pragma integrity_check").fetchone() == ("ok",)
    again = _nbgrader(course, "autograde", "convolution")
    said, _ = again.communicate()
    assert again.returncode == 0, said[-3000:]
    for student in ("ann", "bob", "cem"):
        assert course.scores(student) == FULL, said[-3000:]
        assert course.report(student).points == 6


@pytest.mark.parametrize("trouble", ["locked", "refusing"])
def test_a_gradebook_that_cannot_be_written_gives_no_zero(trouble: str, course: Course) -> None:
    path = course.root / "gradebook.db"
    with sqlite3.connect(path) as holder:
        holder.execute("delete from student where id in ('bob', 'cem')")
    if trouble == "locked":
        holder.execute("begin exclusive")
    else:
        refuse = "begin select raise(abort, 'attempt to write a readonly database'); end"
        holder.execute(f"create trigger refuse before update on grade {refuse}")
    process = _nbgrader(course, "autograde", "convolution", "--student=ann")
    said, _ = process.communicate()
    assert process.returncode != 0, said[-2000:]
    assert "locked" in said or "readonly" in said
    if trouble == "locked":
        holder.rollback()
    else:
        assert set(course.scores("ann").values()) == {None}
        holder.execute("drop trigger refuse")
    holder.close()
    again = _nbgrader(course, "autograde", "convolution", "--student=ann")
    said, _ = again.communicate()
    assert again.returncode == 0, said[-2000:]
    assert course.scores("ann") == FULL
