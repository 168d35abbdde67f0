"""Small real data for the notebooks: photographs that may be used and passed on freely.

``datasets/NOTICE`` names the source, the author and the licence of every file, and
``datasets/checksums.json`` its SHA-256. The sandbox loads this module as a file of its own, so it
imports nothing from this package.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["DatasetError", "folder", "names", "photograph"]

_REPAIR = "install the kit again, or restore the folder from its repository"


class DatasetError(Exception):
    """A file of the data is missing or damaged; the text says which, and what to do."""


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
