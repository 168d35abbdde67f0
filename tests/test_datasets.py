"""Photographs: what a notebook gets, and what happens when a file is damaged or missing."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from autograder import datasets

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("name", datasets.names())
def test_a_photograph_is_an_array_of_colours(name: str) -> None:
    image = datasets.photograph(name)
    assert image.dtype == np.float64
    assert image.ndim == 3
    assert image.shape[2] == 3
    assert 0 <= image.min() < image.max() <= 1


def test_every_photograph_has_its_source_and_licence() -> None:
    notice = (ROOT / "datasets" / "NOTICE").read_text()
    assert len(datasets.names()) >= 3
    for name in datasets.names():
        assert name in notice


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=datasets.names()[0]):
        datasets.photograph("nothing")


def test_a_damaged_file_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "datasets", tmp_path / "data")
    monkeypatch.setenv("AUTOGRADER_DATASETS", str(tmp_path / "data"))
    name = datasets.names()[0]
    assert datasets.photograph(name).size
    (path,) = (tmp_path / "data").rglob(f"{name}.png")
    path.write_bytes(path.read_bytes()[:-10] + b"0123456789")
    with pytest.raises(datasets.DatasetError, match=name):
        datasets.photograph(name)
    path.unlink()
    with pytest.raises(datasets.DatasetError, match=name):
        datasets.photograph(name)
