"""Unpacking archives that students and learning platforms hand over: zip, tar and tar.gz.

Only what grading can use is written (notebooks, archives inside, the platform's own list), each
under a plain name inside the folder that was asked for. An entry that is anything else (a link, a
device, a path that leads out) is left out with a remark, so that one odd name does not stop a
class; an archive that would fill the disk or the memory is not unpacked at all.
"""

from __future__ import annotations

import contextlib
import gzip
import os
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from .notebook import MAX_BYTES, printable

__all__ = ["CLASS", "STUDENT", "Bounds", "UnusableArchive", "is_archive", "unpack"]

WANTED = (".ipynb", ".zip", ".tar", ".tar.gz", ".tgz", "submission_metadata.yml")
"""How the names end that are unpacked, in lower case."""

MOST_PARTS, MOST_IN_A_NAME, MOST_IN_A_PATH = 12, 200, 1_000
"""Folders in a path, bytes of a name, bytes of a path: what every file system can hold."""

FOREIGN = {b"Rar!": "a RAR archive", b"7z\xbc\xaf": "a 7-Zip archive", b"\xfd7zX": "an xz archive"}
"""The first bytes of what people hand in instead."""

PLAIN_ZIP = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
"""Methods whose unpacking needs little memory. LZMA may ask for gigabytes."""


class UnusableArchive(Exception):
    """Nothing of an archive can be used; the text says why, in one line."""


@dataclass(frozen=True)
class Bounds:
    """How much is unpacked: bytes of the archive, bytes and entries that come out of it."""

    packed: int
    unpacked: int
    entries: int


CLASS = Bounds(packed=64 << 30, unpacked=64 << 30, entries=500_000)
"""What a platform exports of a course. It has no reason to harm, and may be large."""

STUDENT = Bounds(packed=MAX_BYTES, unpacked=3 * MAX_BYTES, entries=5_000)
"""What one student hands in."""


def is_archive(path: Path) -> bool:
    """Whether the name of ``path`` is that of an archive, of those that can be unpacked or not."""
    name = path.name.lower()
    return name.endswith((".zip", ".tar", ".tar.gz", ".tgz", ".rar", ".7z", ".tar.xz", ".tar.bz2"))


def unpack(path: Path, into: Path, bounds: Bounds = STUDENT) -> list[str]:
    """Unpack what is wanted of the archive at ``path`` into the folder ``into``.

    Returns a remark for each entry that was wanted and could not be had. Raises
    :class:`UnusableArchive`; what was written until then stays.
    """
    try:
        with _opened(path, bounds) as file:
            head = file.read(4)
            file.seek(0)
            if head in FOREIGN:
                raise UnusableArchive(f"it is {FOREIGN[head]}; hand in the notebook, or a zip file")
            if head[:2] == b"PK":
                return _from_zip(file, into, bounds)
            return _from_tar(file, into, bounds)
    except UnusableArchive:
        raise
    # What the libraries raise for hostile archives is of many kinds; all of it is the archive's.
    except (OSError, zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError) as error:
        raise UnusableArchive(f"it cannot be unpacked ({_said(error)})") from None
    except (ValueError, KeyError, IndexError, RuntimeError, NotImplementedError) as error:
        raise UnusableArchive(f"it cannot be unpacked ({_said(error)})") from None


def _said(error: Exception) -> str:
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return printable(text)[:200]


@contextlib.contextmanager
def _opened(path: Path, bounds: Bounds) -> Iterator[IO[bytes]]:
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    with open(os.open(path, flags | getattr(os, "O_BINARY", 0)), "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise UnusableArchive("it is no ordinary file")
        if status.st_size > bounds.packed:
            raise UnusableArchive(
                f"it has {status.st_size >> 20} MB, and at most {bounds.packed >> 20} MB are "
                "unpacked"
            )
        yield file


class _Folder:
    """Where the entries go, and how much room is left."""

    def __init__(self, path: Path, bounds: Bounds) -> None:
        self._path = path
        self._left = bounds.unpacked
        self._bounds = bounds
        self._taken: set[str] = set()
        self._count = 0
        self.remarks: list[str] = []

    def wants(self, name: str) -> Path | None:
        """Where the entry ``name`` goes, or None if it is of no use or may not be there."""
        self._count += 1
        if self._count > self._bounds.entries:
            raise UnusableArchive(f"it has more than {self._bounds.entries} entries")
        parts = PurePosixPath(name.replace("\\", "/")).parts
        if not parts or not parts[-1].lower().endswith(WANTED) or _is_litter(parts):
            return None
        plain = [_plain(part) for part in parts]
        problem = ""
        if name.startswith(("/", "\\")) or ":" in parts[0] or ".." in parts:
            problem = "its path leads out of the archive"
        elif len(parts) > MOST_PARTS or len(os.fsencode("/".join(plain))) > MOST_IN_A_PATH:
            problem = "its path is too long"
        elif (key := "/".join(plain).casefold()) in self._taken:
            problem = "another entry has that name"
        if problem:
            self.remark(name, problem)
            return None
        self._taken.add(key)
        return self._path.joinpath(*plain)

    def remark(self, name: str, problem: str) -> None:
        if len(self.remarks) < 1_000:
            self.remarks.append(f"{printable(name)[:200]} is left out: {problem}")

    def write(self, source: IO[bytes], target: Path, name: str) -> None:
        """Copy an entry, but no more than may be read of it later."""
        target.parent.mkdir(parents=True, exist_ok=True)
        size = 0
        with target.open("xb") as file:
            while piece := source.read(1 << 20):
                size += len(piece)
                self._left -= len(piece)
                if self._left < 0:
                    raise UnusableArchive(
                        f"it unpacks to more than {self._bounds.unpacked >> 20} MB"
                    )
                if size > MAX_BYTES and not is_archive(target):
                    break
                file.write(piece)
        if size > MAX_BYTES and not is_archive(target):
            target.unlink()
            self.remark(name, f"it has more than {MAX_BYTES >> 20} MB; its outputs can be cleared")


def _is_litter(parts: tuple[str, ...]) -> bool:
    """Whether a path is what macOS, editors and Jupyter leave beside a notebook."""
    return any(p in ("__MACOSX", ".ipynb_checkpoints") or p.startswith("._") for p in parts)


def _plain(part: str) -> str:
    """A name that every file system can hold, and no terminal obeys; its ending stays."""
    part = printable(part).rstrip(" .") or "_"
    data = os.fsencode(part)
    if len(data) <= MOST_IN_A_NAME:
        return part
    stem, dot, ending = part.rpartition(".")
    room = MOST_IN_A_NAME - len(os.fsencode(dot + ending))
    return os.fsencode(stem)[: max(room, 1)].decode("utf-8", "ignore") + dot + ending[:20]


def _from_zip(file: IO[bytes], into: Path, bounds: Bounds) -> list[str]:
    folder = _Folder(into, bounds)
    if bounds.packed <= MAX_BYTES:
        # zipfile makes an object of each entry before anything can be counted.
        if file.read().count(b"PK\x01\x02") > bounds.entries:
            raise UnusableArchive(f"it has more than {bounds.entries} entries")
        file.seek(0)
    with zipfile.ZipFile(file) as archive:
        for entry in archive.infolist():
            target = None if entry.is_dir() else folder.wants(entry.filename)
            if target is None:
                continue
            kind = stat.S_IFMT(entry.external_attr >> 16)
            if kind not in (0, stat.S_IFREG):
                folder.remark(entry.filename, "it is a link or a device")
            elif entry.flag_bits & 1:
                folder.remark(entry.filename, "it has a password")
            elif entry.compress_type not in PLAIN_ZIP:
                folder.remark(entry.filename, "it is compressed in an unusual way")
            else:
                try:
                    with archive.open(entry) as source:
                        folder.write(source, target, entry.filename)
                except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
                    target.unlink(missing_ok=True)
                    folder.remark(entry.filename, _said(error))
    return folder.remarks


class _Bounded:
    """A stream that ends the unpacking when more comes out of it than may."""

    def __init__(self, source: IO[bytes], most: int) -> None:
        self._source = source
        self._left = most
        self._most = most

    def read(self, size: int = -1) -> bytes:
        data = self._source.read(min(size, 1 << 20) if size >= 0 else 1 << 20)
        self._left -= len(data)
        if self._left < 0:
            raise UnusableArchive(f"it unpacks to more than {self._most >> 20} MB")
        return data


def _from_tar(file: IO[bytes], into: Path, bounds: Bounds) -> list[str]:
    folder = _Folder(into, bounds)
    packed = file.read(2) == b"\x1f\x8b"
    file.seek(0)
    source: IO[bytes] = gzip.GzipFile(fileobj=file) if packed else file  # type: ignore[assignment]
    # As a stream, because finding one's way about in a compressed archive means unpacking it again.
    with tarfile.open(fileobj=_Bounded(source, bounds.unpacked), mode="r|") as archive:  # type: ignore[call-overload]
        for entry in archive:
            target = None if entry.isdir() else folder.wants(entry.name)
            if target is None:
                continue
            if not entry.isreg() or entry.issparse():
                folder.remark(entry.name, "it is a link or a device")
                continue
            content = archive.extractfile(entry)
            if content is not None:
                with content:
                    folder.write(content, target, entry.name)
    return folder.remarks
