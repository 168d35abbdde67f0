"""The layers of a network, taken from earlier notebooks: what is used, and what is said."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from autograder import my_layers
from autograder.layers import TRUSTED

ROOT = Path(__file__).parent.parent
NAMES = ("conv_forward", "conv_backward", "max_pool_forward", "max_pool_backward")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for the network's notebook, with the folders of two earlier ones beside it."""
    (tmp_path / "convnet").mkdir()
    monkeypatch.chdir(tmp_path / "convnet")
    return tmp_path


def put(home: Path, assignment: str, source: str = "solutions", **cells: str) -> None:
    notebook = json.loads((ROOT / source / assignment / f"{assignment}.ipynb").read_text())
    for cell in notebook["cells"]:
        grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
        if grade_id.removesuffix("-code") in cells and grade_id.endswith("-code"):
            cell["source"] = cells[grade_id.removesuffix("-code")]
    (home / assignment).mkdir(exist_ok=True)
    (home / assignment / f"{assignment}.ipynb").write_text(json.dumps(notebook))


def test_right_notebooks_are_used(home: Path) -> None:
    put(home, "convolution")
    put(home, "pooling")
    layers = my_layers()
    for name in NAMES:
        assert layers.origin[name].startswith(f"yours: {name}_vectorized")
        assert getattr(layers, name) is not getattr(TRUSTED, name)
    x = np.random.default_rng(0).standard_normal((2, 3, 6, 6))
    w, b = np.ones((4, 3, 3, 3)), np.ones(4)
    out, cache = layers.conv_forward(x, w, b, {"stride": 1, "pad": 1})
    expected, _ = TRUSTED.conv_forward(x, w, b, {"stride": 1, "pad": 1})
    np.testing.assert_allclose(out, expected)
    assert len(layers.conv_backward(out, cache)) == 3


def test_what_is_missing_is_named_and_replaced(home: Path) -> None:
    put(home, "convolution", "assignments")
    layers = my_layers()
    assert layers.origin["conv_forward"].startswith("the kit's, because convolution.ipynb: ")
    assert "not written yet" in layers.origin["conv_forward"]
    assert "no pooling.ipynb was found" in layers.origin["max_pool_forward"]
    for name in NAMES:
        assert getattr(layers, name) is getattr(TRUSTED, name)


def test_what_is_wrong_is_named_and_the_naive_version_is_tried(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flipped = (
        "def conv_forward_vectorized(x, w, b, conv_param):\n"
        "    out, _ = conv_forward_naive(x, w[:, :, ::-1, ::-1], b, conv_param)\n"
        "    return out, (x, w, b, conv_param)\n"
    )
    put(home, "convolution", conv_forward_vectorized=flipped)
    layers = my_layers()
    assert layers.origin["conv_forward"].startswith("yours: conv_forward_naive")
    assert "will take long" in layers.origin["conv_forward"]
    assert "yours: conv_forward_naive" in capsys.readouterr().out
    put(
        home,
        "convolution",
        conv_forward_vectorized=flipped,
        conv_forward_naive=flipped.replace("_vectorized", "_naive").replace(
            "conv_forward_naive(x, w[", "conv_forward_naive(x, 0 * w["
        ),
    )
    assert "the kit's" in my_layers().origin["conv_forward"]


def test_a_broken_notebook_stops_nobody(home: Path) -> None:
    put(home, "convolution", conv_output_size="def conv_output_size(:")
    assert "raised SyntaxError" in my_layers().origin["conv_forward"]
    (home / "convolution" / "convolution.ipynb").write_text("{")
    layers = my_layers()
    assert "cannot be read" in layers.origin["conv_forward"]
    assert layers.conv_forward is TRUSTED.conv_forward


def test_paths_can_be_given(home: Path, tmp_path: Path) -> None:
    put(home, "pooling")
    other = tmp_path / "mine.ipynb"
    shutil.move(home / "pooling" / "pooling.ipynb", other)
    assert "mine.ipynb" in my_layers(other).origin["max_pool_forward"]
    with pytest.raises(FileNotFoundError, match="there is no notebook nothing"):
        my_layers("nothing.ipynb")
