"""Grading on a Dask cluster: a real one, with workers in processes of their own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import distributed
import pytest

from autograder import cli
from autograder.batch.cluster import DaskCluster
from autograder.batch.store import Results
from test_batch import PATIENCE, ROOT, submission
from test_submissions import lay_out

COUNT = 16


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as running:
        running.wait_for_workers(2)
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = {f"s{n:02}.ipynb": submission(comment=f"# {n}") for n in range(COUNT)}
    return lay_out(tmp_path / "class", files)


def test_a_worker_that_is_killed_costs_nothing(cluster: Any, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = [sys.executable, "-m", "autograder.cli", "grade", folder, "--out", out]
    process = subprocess.Popen(
        [*command, "--scheduler", cluster.scheduler_address],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    while process.poll() is None and len(list(out.glob("*/*.json"))) < 2:
        time.sleep(0.01)
    victim = next(iter(cluster.workers.values()))
    os.kill(victim.pid, signal.SIGKILL)
    said, problems = process.communicate(timeout=2 * PATIENCE)
    assert process.returncode == 0, problems
    assert f"{COUNT} graded" in said
    reports = list(Results(out).reports())
    assert len(reports) == COUNT
    assert {(report.status, report.points) for report in reports} == {("graded", 1.0)}
    assert (out / "convolution" / "code" / "s07.py").read_text().endswith("# 7")


def test_a_cluster_with_another_version_of_the_kit_is_refused(
    cluster: Any, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    compare = DaskCluster._require_same_kit
    monkeypatch.setattr(DaskCluster, "_require_same_kit", lambda self, mine: compare(self, "other"))
    arguments = ["grade", str(folder), "--out", str(folder.parent / "out")]
    assert cli.main([*arguments, "--scheduler", cluster.scheduler_address]) == 3
    assert "another version of the kit" in capsys.readouterr().err


def test_a_scheduler_that_does_not_answer_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("autograder.batch.cluster.PATIENCE", 1)
    arguments = ["grade", str(folder), "--out", str(folder.parent / "out")]
    assert cli.main([*arguments, "--scheduler", "tcp://127.0.0.1:9"]) == 3
    said = capsys.readouterr().err
    assert "no Dask scheduler answers at tcp://127.0.0.1:9" in said
    assert "Traceback" not in said
