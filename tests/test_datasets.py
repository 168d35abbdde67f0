"""The data: what a notebook gets, and what happens when a file is damaged, missing or hostile."""

from __future__ import annotations

import hashlib
import io
import pickle
import shutil
import tarfile
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

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


HASHES = ["0e86321bc2ec8b05", "51a0a06ba7297ab7", "0c439a4e9461ba83", "0a43e6e8944a68f3"]
"""The first digits of the SHA-256 of the four arrays of ``shapes()``."""

SPLITS: dict[str, tuple[Callable[[], datasets.Split], tuple[int, int], tuple[int, ...]]] = {
    "digits": (datasets.digits, (1437, 360), (1, 8, 8)),
    "mnist": (datasets.mnist, (6000, 1000), (1, 28, 28)),
    "shapes": (datasets.shapes, (4000, 1000), (3, 32, 32)),
}


@pytest.mark.parametrize("name", SPLITS)
def test_a_split_is_what_its_docstring_says(name: str) -> None:
    load, (train, test), shape = SPLITS[name]
    data = load()
    for x, y, count in ((data.x_train, data.y_train, train), (data.x_test, data.y_test, test)):
        assert (x.shape, x.dtype) == ((count, *shape), np.float32)
        assert (y.shape, y.dtype) == ((count,), np.int64)
        assert 0 <= x.min() < x.max() <= 1
        assert set(y.tolist()) == set(range(10))
    data.x_train[:] = 0
    assert load().x_train.any(), "the arrays must be new at each call"


def test_no_image_is_in_both_parts() -> None:
    data = datasets.mnist()
    known = {image.tobytes() for image in data.x_train}
    assert len(known) == len(data.x_train)
    assert not known & {image.tobytes() for image in data.x_test}


def test_classes_are_balanced() -> None:
    data = datasets.mnist()
    assert np.bincount(data.y_train).tolist() == [600] * 10
    assert np.bincount(data.y_test).tolist() == [100] * 10
    assert np.bincount(datasets.digits().y_test).tolist() == [36] * 10


def test_shapes_are_the_same_on_every_machine() -> None:
    hashes = [hashlib.sha256(a.tobytes()).hexdigest()[:16] for a in datasets.shapes()]
    assert hashes == HASHES
    other = datasets.shapes(seed=1)
    assert hashlib.sha256(other.x_test.tobytes()).hexdigest()[:16] != HASHES[2]
    assert datasets.shapes(train=30, test=20).x_test.shape == (20, 3, 32, 32)
    with pytest.raises(ValueError, match="at least one image"):
        datasets.shapes(train=0)


def test_a_linear_classifier_learns_little_of_the_shapes() -> None:
    """Least squares on the pixels; a convolutional network reaches over 80 % (see the notebook)."""
    data = datasets.shapes()
    x = data.x_train.reshape(len(data.x_train), -1).astype(np.float64) - 0.5
    weights = np.linalg.solve(x.T @ x + 100 * np.eye(x.shape[1]), x.T @ np.eye(10)[data.y_train])
    scores = (data.x_test.reshape(len(data.x_test), -1) - 0.5) @ weights
    assert (scores.argmax(axis=1) == data.y_test).mean() < 0.25


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[bytes], None]]:
    """Serves a file in the place of CIFAR-10, from this machine."""
    (tmp_path / "site").mkdir()
    handler = partial(_Quiet, directory=str(tmp_path / "site"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def serve(data: bytes) -> None:
        (tmp_path / "site" / "c.tar.gz").write_bytes(data)
        address = f"http://127.0.0.1:{server.server_port}/c.tar.gz"
        monkeypatch.setattr(datasets, "CIFAR10", (address, hashlib.sha256(data).hexdigest()))

    yield serve
    server.shutdown()
    server.server_close()


def archive(batch: Callable[[int], Any]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        names = [*(f"data_batch_{number}" for number in range(1, 6)), "test_batch"]
        for number, name in enumerate(names):
            data = pickle.dumps(batch(number), protocol=2)
            info = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def test_cifar10_is_fetched_once_and_read(served: Callable[[bytes], None]) -> None:
    served(
        archive(
            lambda number: {
                b"data": np.full((4, 3072), 51 * number, np.uint8),
                b"labels": [0, 1, 2, number],
            }
        )
    )
    with pytest.raises(datasets.DatasetError, match="while online"):
        datasets.cifar10(download=False)
    data = datasets.cifar10()
    assert data.x_train.shape == (20, 3, 32, 32)
    assert data.y_test.tolist() == [0, 1, 2, 5]
    assert data.x_test.dtype == np.float32
    assert data.x_test.max() == 1
    assert datasets.cifar10(download=False).x_train.shape == data.x_train.shape


class _Hostile:
    def __reduce__(self) -> Any:
        return (Path.touch, (Path("hostile"),))


def test_a_hostile_archive_runs_nothing(
    served: Callable[[bytes], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    served(archive(lambda number: _Hostile()))
    with pytest.raises(datasets.DatasetError, match="is not CIFAR-10"):
        datasets.cifar10()
    assert not (tmp_path / "hostile").exists()


def test_offline_says_what_to_do(
    served: Callable[[bytes], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(datasets, "CIFAR10", ("http://127.0.0.1:9/c.tar.gz", "0" * 64))
    with pytest.raises(datasets.DatasetError, match="every other data set works offline"):
        datasets.cifar10()


@pytest.mark.parametrize("name", ["digits", "mnist"])
def test_a_damaged_split_is_noticed(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(ROOT / "datasets", tmp_path / "data")
    monkeypatch.setenv("AUTOGRADER_DATASETS", str(tmp_path / "data"))
    (path,) = (tmp_path / "data").glob(f"{name}.*")
    path.write_bytes(path.read_bytes()[:-10] + b"0123456789")
    with pytest.raises(datasets.DatasetError, match="damaged"):
        SPLITS[name][0]()
    path.unlink()
    with pytest.raises(datasets.DatasetError, match="cannot be read"):
        SPLITS[name][0]()
