"""Writing the student edition: the folder is there whole or not at all.

It is written beside its place and put there by a rename. What was there before is replaced only on
demand, and of that only what an earlier release wrote, as its ``SHA256SUMS`` says: files that the
course added are kept.
"""

from __future__ import annotations

import io
import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path

from ..files import CannotWrite
from .edition import SUMS

__all__ = ["Occupied", "added", "check", "put", "zipped"]

_TIME = (2020, 1, 1, 0, 0, 0)


class Occupied(ValueError):
    """The folder is there, and nobody said that it may be replaced."""


def added(folder: Path) -> dict[str, bytes]:
    """The files in ``folder`` that no release wrote, by their path.

    Entries of the folder whose names begin with a dot (``.git``) are not among them: they stay as
    they are, and are none of the edition's. Raises :class:`~autograder.files.CannotWrite` where one
    cannot be read.
    """
    if not folder.is_dir():
        return {}
    try:
        lines = (folder / SUMS).read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    ours = {SUMS, *(line.partition("  ")[2] for line in lines)}
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if name.startswith(".") or name in ours or path.is_dir():
            continue
        try:
            found[name] = path.read_bytes()
        except OSError as error:
            raise CannotWrite(f"{path} cannot be read, so it cannot be kept: {error}") from None
    return found


def put(folder: Path, files: Mapping[str, bytes], *, replace: bool) -> None:
    """Write ``files`` as the folder ``folder``.

    With ``replace``, what is there gives way, but for entries whose names begin with a dot. Raises
    :class:`Occupied` where it is not empty and may not be replaced, and
    :class:`~autograder.files.CannotWrite`.
    """
    check(folder, replace=replace)
    folder = folder.absolute()
    part, old = (folder.with_name(f".{folder.name}.{ending}") for ending in ("part", "old"))
    try:
        shutil.rmtree(part, ignore_errors=True)
        for name, data in files.items():
            path = part / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            if (folder / name).is_file():
                shutil.copymode(folder / name, path)
        part.mkdir(parents=True, exist_ok=True)
        if not folder.is_dir():
            part.rename(folder)
            return
        _exchange(part, folder, old)
    except OSError as error:
        raise CannotWrite(
            f"{folder} could not be written ({error.strerror or error}); what was there is there "
            "as before"
        ) from None
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _exchange(part: Path, folder: Path, old: Path) -> None:
    """Put ``part`` in the place of ``folder``; undo all of it where that fails."""
    if old.exists():
        raise OSError(
            f"{old} is left from a release that was killed: look what it holds, remove it"
        )
    folder.rename(old)
    hidden = [path.name for path in old.iterdir() if path.name.startswith(".")]
    try:
        for name in hidden:
            (old / name).rename(part / name)
        part.rename(folder)
    except BaseException:
        for name in hidden:
            if (part / name).exists():
                (part / name).rename(old / name)
        old.rename(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)


def check(folder: Path, *, replace: bool) -> None:
    """Raise :class:`Occupied` unless ``folder`` may be written."""
    if folder.exists() and not folder.is_dir():
        raise Occupied(f"{folder} is a file; say a folder with --out")
    if folder.is_dir() and any(folder.iterdir()) and not replace:
        raise Occupied(
            f"{folder} is not empty. With --force, files of an earlier release in it are replaced, "
            "and files that you added are kept."
        )


def zipped(name: str, files: Mapping[str, bytes]) -> bytes:
    """``files`` as a zip with one folder ``name``; the same files give the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in sorted(files.items()):
            entry = zipfile.ZipInfo(f"{name}/{path}", _TIME)
            entry.external_attr = 0o644 << 16
            # A wheel is packed already.
            packed = zipfile.ZIP_STORED if path.endswith(".whl") else zipfile.ZIP_DEFLATED
            archive.writestr(entry, data, packed)
    return buffer.getvalue()
