"""Data for the notebooks: photographs, digits, MNIST, drawn shapes, and CIFAR-10 on request.

    >>> from autograder import datasets
    >>> data = datasets.digits()
    >>> data.x_train.shape, data.y_train.shape
    ((1437, 1, 8, 8), (1437,))

Images for classification come as a :class:`Split`. ``datasets/NOTICE`` names the source, the
author and the licence of every file, and ``datasets/checksums.json`` its SHA-256. The sandbox loads
this module as a file of its own, so it imports nothing from this package.
"""

from __future__ import annotations

import functools
import hashlib
import io
import json
import lzma
import os
import pickle
import tarfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

__all__ = [
    "CLASSES",
    "DatasetError",
    "Split",
    "cifar10",
    "digits",
    "folder",
    "mnist",
    "names",
    "photograph",
    "problems",
    "shapes",
]

CLASSES = (
    "disc",
    "ring",
    "square",
    "frame",
    "triangle",
    "cross",
    "plus",
    "horizontal bars",
    "vertical bars",
    "checkerboard",
)
"""What the classes 0 to 9 of :func:`shapes` show."""

CIFAR10 = (
    "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
    "6d958be074577803d12ecdefd02955f39262c83c16fe9394329d7fe0b5c001ce",
)
"""Where CIFAR-10 lies, and the SHA-256 of that file."""

Array = np.ndarray[Any, np.dtype[Any]]

_REPAIR = "install the kit again, or restore the folder from its repository"


class DatasetError(Exception):
    """A file of the data is missing or damaged; the text says which, and what to do."""


class Split(NamedTuple):
    """Images to learn from and images to be tested on.

    ``x_train`` and ``x_test`` are ``float32`` arrays ``(N, C, H, W)`` with values in 0 to 1,
    ``y_train`` and ``y_test`` are ``int64`` arrays ``(N,)`` with the classes 0 to 9. The order is
    random and fixed. The arrays are new at each call.
    """

    x_train: Array
    y_train: Array
    x_test: Array
    y_test: Array


def folder() -> Path:
    """Where the data lie.

    ``AUTOGRADER_DATASETS`` if it is set, else the copy in the installed package, else the folder
    ``datasets`` of the checkout.
    """
    chosen = os.environ.get("AUTOGRADER_DATASETS")
    if chosen:
        return Path(chosen)
    package = Path(__file__).resolve().parent
    installed = package / "_datasets"
    return installed if installed.is_dir() else package.parent / "datasets"


def names() -> list[str]:
    """The names that :func:`photograph` knows, sorted. Raises :class:`DatasetError`."""
    return sorted(Path(file).stem for file in _checksums() if file.startswith("photographs/"))


def photograph(name: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The photograph ``name`` as a new ``float64`` array ``(H, W, 3)``: red, green, blue in 0 to 1.

    Raises ``ValueError`` for an unknown name, and :class:`DatasetError` where the file is missing
    or is not the one that was published.
    """
    if name not in names():
        raise ValueError(f"there is no photograph {name!r}; there are: {', '.join(names())}")
    data = _read(f"photographs/{name}.png")
    import matplotlib.image  # slow to import, and only photographs need it

    image = matplotlib.image.imread(io.BytesIO(data), format="png")
    # matplotlib gives float32; each value is k/255, which float64 can say more exactly.
    return np.rint(image[..., :3].astype(np.float64) * 255) / 255


def problems() -> list[str]:
    """What is wrong with the files of the data, a sentence for each that is missing or damaged."""
    try:
        files = sorted(_checksums())
    except DatasetError as error:
        return [str(error)]
    found = []
    for file in files:
        try:
            _read(file)
        except DatasetError as error:
            found.append(str(error))
    return found


def digits() -> Split:
    """1,797 handwritten digits of 8×8 pixels: 1,437 to learn from, 360 to test; one channel.

    From scikit-learn's copy of the UCI data set "Optical Recognition of Handwritten Digits"
    (CC BY 4.0). The original values 0 to 16 are divided by 16. Every class has nearly the same
    share of both parts. Raises :class:`DatasetError` where the file is missing or damaged.
    """
    with np.load(io.BytesIO(_read("digits.npz")), allow_pickle=False) as archive:
        images, labels, tests = archive["images"], archive["labels"], int(archive["tests"])
    return _split(images[:, None], labels, tests, 16)


def mnist() -> Split:
    """7,000 handwritten digits of MNIST, 28×28 pixels: 6,000 to learn from, 1,000 to test.

    One channel, white on black. Both parts hold every class equally often. The pixels are MNIST's
    own, divided by 255. ``datasets/NOTICE`` says what is known about the terms. Raises
    :class:`DatasetError` where the file is missing or damaged.
    """
    data = np.frombuffer(lzma.decompress(_read("mnist.xz")), np.uint8).reshape(7000, 785)
    return _split(data[:, 1:].reshape(7000, 1, 28, 28), data[:, 0], 1000, 255)


def shapes(train: int = 4000, test: int = 1000, seed: int = 0) -> Split:
    """Drawn shapes in colour, 32×32 pixels: 4,000 to learn from, 1,000 to test; three channels.

    The classes are :data:`CLASSES`. Place, size, colours, a slope of the background and the noise
    are random, so that no single pixel tells anything: what counts is how neighbours relate. Made
    from ``seed`` by whole numbers only, hence the same on every machine; ours, under the kit's
    licence.

    Raises ``ValueError`` for fewer than one image in either part.
    """
    if train < 1 or test < 1:
        raise ValueError(f"both parts need at least one image, got train={train}, test={test}")
    images, labels = _drawn(train + test, seed)
    return _split(images, labels.copy(), test, 255)


@functools.lru_cache(maxsize=4)
def _drawn(count: int, seed: int) -> tuple[Array, Array]:
    """``count`` shapes as ``uint8`` images ``(count, 3, 32, 32)``, and their classes."""
    rng = np.random.Generator(np.random.PCG64(seed))
    labels = rng.integers(0, 10, size=count)
    half = rng.integers(5, 9, size=count)
    places = np.stack([rng.integers(half, 32 - half), rng.integers(half, 32 - half)])
    colours = rng.integers(0, 256, size=(count, 2, 3))
    # The two colours of an image differ clearly: where they do not, one becomes its opposite.
    close = np.abs(colours[:, 0] - colours[:, 1]).sum(axis=1) < 200
    colours[close, 1] = (colours[close, 0] + 128) % 256
    tilt = rng.integers(-5, 6, size=(count, 2))
    noise = rng.integers(-32, 33, size=(count, 3, 32, 32))
    rows = np.arange(32)[:, None]
    images = np.empty((count, 3, 32, 32), np.uint8)
    for index in range(count):
        down, right = rows - places[0, index], rows.T - places[1, index]
        inside = _mask(int(labels[index]), down, right, int(half[index]))
        slope = tilt[index, 0] * (rows - 16) + tilt[index, 1] * (rows.T - 16)
        ground = colours[index, 1, :, None, None] + slope
        plain = np.where(inside, colours[index, 0, :, None, None], ground)
        images[index] = np.clip(plain + noise[index], 0, 255)
    return images, labels


def _mask(kind: int, down: Array, right: Array, half: int) -> Array:
    """Where a shape lies whose box reaches ``half`` pixels from the middle: ``bool (32, 32)``."""
    far_down, far_right = np.abs(down), np.abs(right)
    box = (far_down <= half) & (far_right <= half)
    round_ = down**2 + right**2
    bar = half // 2
    thin = 1 + half // 6
    masks = (
        lambda: round_ <= half**2,
        lambda: (round_ <= half**2) & (round_ > (half - 3) ** 2),
        lambda: (far_down < half) & (far_right < half),
        lambda: box & ((far_down > half - 3) | (far_right > half - 3)),
        lambda: box & (2 * far_right <= down + half),
        lambda: box & (np.abs(far_down - far_right) <= thin),
        lambda: box & ((far_down <= thin) | (far_right <= thin)),
        lambda: box & ((down + half) // bar % 2 == 0),
        lambda: box & ((right + half) // bar % 2 == 0),
        lambda: box & (((down + half) // bar + (right + half) // bar) % 2 == 0),
    )
    found: Array = masks[kind]()
    return found


def cifar10(download: bool = True) -> Split:
    """CIFAR-10: 60,000 photographs of 32×32 pixels, 50,000 to learn from; three channels.

    Not part of the kit, because its licence is not clear: fetched once (170 MB) from its authors'
    page with pooch, checked against a known SHA-256, and kept in pooch's folder for the user's
    cached files. ``download=False`` uses only what is there already.

    Raises :class:`DatasetError` where the file can neither be found nor be fetched.
    """
    path = _fetched(*CIFAR10, download)
    try:
        with tarfile.open(path, "r:gz") as archive:
            batches = [f"data_batch_{number}" for number in range(1, 6)]
            train = [_batch(archive, name) for name in batches]
            x_test, y_test = _batch(archive, "test_batch")
    except (OSError, KeyError, ValueError, tarfile.TarError, pickle.UnpicklingError) as error:
        raise DatasetError(f"{path} is not CIFAR-10 ({error}); delete it and try again") from None
    return Split(
        np.concatenate([x for x, _ in train]), np.concatenate([y for _, y in train]), x_test, y_test
    )


def _fetched(address: str, sha256: str, download: bool) -> Path:
    try:
        import pooch
    except ImportError:
        raise DatasetError("CIFAR-10 needs the package pooch: pip install pooch") from None
    cache = Path(pooch.os_cache("convnet-assignment-kit"))
    path = cache / address.rpartition("/")[2]
    if not download and not path.exists():
        raise DatasetError(f"CIFAR-10 is not in {cache} yet; call cifar10() while online")
    try:
        return Path(pooch.retrieve(address, f"sha256:{sha256}", fname=path.name, path=cache))
    except Exception as error:  # requests, urllib3, the file system and pooch have their own each
        raise DatasetError(
            f"CIFAR-10 could not be fetched from {address} ({type(error).__name__}). Try again "
            f"while online, or put the file into {cache}; every other data set works offline"
        ) from None


class _OnlyArrays(pickle.Unpickler):
    """Reads the pickles of CIFAR-10 and nothing that could do more than hold numbers."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in (
            ("numpy.core.multiarray", "_reconstruct"),
            ("numpy._core.multiarray", "_reconstruct"),
        ):
            return np._core.multiarray._reconstruct  # type: ignore[attr-defined]
        if (module, name) in (("numpy", "ndarray"), ("numpy", "dtype")):
            return getattr(np, name)
        if (module, name) == ("_codecs", "encode"):
            import codecs

            return codecs.encode
        raise pickle.UnpicklingError(f"it asks for {module}.{name}")


def _batch(archive: tarfile.TarFile, name: str) -> tuple[Array, Array]:
    file = archive.extractfile(f"cifar-10-batches-py/{name}")
    if file is None:
        raise KeyError(name)
    batch = _OnlyArrays(file, encoding="bytes").load()
    images, labels = np.asarray(batch[b"data"]), np.array(batch[b"labels"], np.int64)
    if images.dtype != np.uint8 or images.shape != (len(labels), 3072):
        raise ValueError(f"{name} has an unknown form")
    return images.reshape(-1, 3, 32, 32).astype(np.float32) / 255, labels


def _split(images: Array, labels: Array, tests: int, largest: int) -> Split:
    """The last ``tests`` images are for testing; values from 0 to ``largest`` become 0 to 1."""
    x = images.astype(np.float32) / np.float32(largest)
    y = labels.astype(np.int64)
    return Split(x[:-tests].copy(), y[:-tests].copy(), x[-tests:].copy(), y[-tests:].copy())


def _read(file: str) -> bytes:
    path = folder() / file
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DatasetError(f"{path} cannot be read ({error.strerror}); {_REPAIR}") from None
    if hashlib.sha256(data).hexdigest() != _checksums()[file]:
        raise DatasetError(f"{path} is damaged: its checksum is not the published one; {_REPAIR}")
    return data


def _checksums() -> dict[str, str]:
    path = folder() / "checksums.json"
    try:
        checksums: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DatasetError(
            f"{path} cannot be read ({error.strerror}); set AUTOGRADER_DATASETS to the folder of "
            f"the data, or {_REPAIR}"
        ) from None
    except ValueError:
        raise DatasetError(f"{path} is damaged: it is not JSON; {_REPAIR}") from None
    return checksums
