"""Archives from strangers: what is wanted comes out, and nothing else happens."""

from __future__ import annotations

import contextlib
import gzip
import io
import os
import stat
import tarfile
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.archive import STUDENT, Bounds, UnusableArchive, is_archive, unpack

Files = dict[str, bytes]


def a_zip(path: Path, files: Files, **more: object) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def a_tar(path: Path, files: Files) -> Path:
    with tarfile.open(path, "w:gz" if path.name.endswith("gz") else "w") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return path


KINDS: dict[str, Callable[[Path, Files], Path]] = {
    "a.zip": a_zip,
    "a.tar": a_tar,
    "a.tar.gz": a_tar,
    "a.tgz": a_tar,
}


def inside(folder: Path) -> Files:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("kind", KINDS)
def test_notebooks_come_out_and_litter_does_not(kind: str, tmp_path: Path) -> None:
    files = {
        "ada/work.ipynb": b"{}",
        "ben/more/Work.IPYNB": b"[]",
        "ada/notes.txt": b"x",
        "numpy.py": b"x",
        "__MACOSX/ada/._work.ipynb": b"x",
        "ada/.ipynb_checkpoints/work-checkpoint.ipynb": b"x",
    }
    out = tmp_path / "out"
    assert unpack(KINDS[kind](tmp_path / kind, files), out) == []
    assert inside(out) == {"ada/work.ipynb": b"{}", "ben/more/Work.IPYNB": b"[]"}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("../out.ipynb", "leads out"),
        ("a/../../out.ipynb", "leads out"),
        ("/tmp/out.ipynb", "leads out"),
        ("C:\\out.ipynb", "leads out"),
        ("..\\out.ipynb", "leads out"),
        ("a/" * 40 + "out.ipynb", "too long"),
        ("ADA.ipynb", "another entry"),
    ],
)
def test_a_path_that_cannot_be_is_left_out_with_a_remark(
    kind: str, name: str, why: str, tmp_path: Path
) -> None:
    archive = KINDS[kind](tmp_path / kind, {"ada.ipynb": b"{}", name: b"hostile"})
    out = tmp_path / "deep" / "out"
    (remark,) = unpack(archive, out)
    assert why in remark
    assert inside(out) == {"ada.ipynb": b"{}"}
    assert inside(tmp_path / "deep") == {"out/ada.ipynb": b"{}"}


def test_names_are_made_plain_and_short(tmp_path: Path) -> None:
    files = {"a\u202eb\x07.ipynb": b"1", "x" * 250 + ".ipynb": b"2", "dots. /n.ipynb": b"3"}
    out = tmp_path / "out"
    assert unpack(a_zip(tmp_path / "a.zip", files), out) == []
    names = sorted(inside(out))
    assert names[0] == "a\ufffdb\ufffd.ipynb"
    assert names[1] == "dots/n.ipynb"
    assert names[2].endswith("xx.ipynb")
    assert len(os.fsencode(names[2])) <= 200


def test_links_and_devices_of_a_tar_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    kinds = [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, b"S"]
    with tarfile.open(path, "w") as archive:
        for number, kind in enumerate(kinds):
            entry = tarfile.TarInfo(f"{number}.ipynb")
            entry.type, entry.linkname = kind, "/etc/passwd"
            archive.addfile(entry)
        archive.addfile(tarfile.TarInfo("ok.ipynb"))
    remarks = unpack(path, tmp_path / "out")
    assert inside(tmp_path / "out") == {"ok.ipynb": b""}
    assert len(remarks) == len(kinds)


def test_links_secrets_and_odd_methods_of_a_zip_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        link = zipfile.ZipInfo("link.ipynb")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("lzma.ipynb", b"x" * 100, zipfile.ZIP_LZMA)
        archive.writestr("ok.ipynb", b"{}")
        archive.writestr("secret.ipynb", b"{}")
    data = bytearray(path.read_bytes())
    at = data.rindex(b"PK\x01\x02")
    data[at + 8] |= 1  # the bit that says: encrypted
    path.write_bytes(data)
    remarks = unpack(path, tmp_path / "out")
    assert inside(tmp_path / "out") == {"ok.ipynb": b"{}"}
    assert [remark.split()[0] for remark in remarks] == ["link.ipynb", "lzma.ipynb", "secret.ipynb"]


SMALL = Bounds(packed=1 << 20, unpacked=4 << 20, entries=50)


def test_a_bomb_stops_at_what_may_come_out(tmp_path: Path) -> None:
    zeros = bytes(1 << 20)
    for path in (
        a_zip(tmp_path / "a.zip", {f"{n}.ipynb": zeros for n in range(6)}),
        a_tar(tmp_path / "a.tar.gz", {f"{n}.ipynb": zeros for n in range(6)}),
    ):
        out = tmp_path / f"out-{path.name}"
        with pytest.raises(UnusableArchive, match="more than 4 MB"):
            unpack(path, out, SMALL)
        assert sum(map(len, inside(out).values())) <= SMALL.unpacked


def test_a_bomb_in_what_is_not_wanted_stops_too(tmp_path: Path) -> None:
    path = a_tar(tmp_path / "a.tar.gz", {"big.bin": bytes(8 << 20), "n.ipynb": b"{}"})
    with pytest.raises(UnusableArchive, match="more than 4 MB"):
        unpack(path, tmp_path / "out", SMALL)


def test_a_long_header_takes_no_more_memory_than_may_come_out(tmp_path: Path) -> None:
    """The extended header of an entry is read into memory, whatever size it says."""
    entry = tarfile.TarInfo("header")
    entry.type, entry.size = tarfile.XHDTYPE, 1 << 30
    path = tmp_path / "a.tar.gz"
    with gzip.open(path, "wb", 1) as file:
        file.write(entry.tobuf())
        for _ in range(64):
            file.write(bytes(1 << 20))
    tracemalloc.start()
    try:
        with pytest.raises(UnusableArchive, match="more than 4 MB"):
            unpack(path, tmp_path / "out", SMALL)
        assert tracemalloc.get_traced_memory()[1] < 5 * SMALL.unpacked
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("kind", KINDS)
def test_too_many_entries_are_not_looked_at(kind: str, tmp_path: Path) -> None:
    path = KINDS[kind](tmp_path / kind, {f"{n}.txt": b"" for n in range(60)})
    with pytest.raises(UnusableArchive, match="more than 50 entries"):
        unpack(path, tmp_path / "out", SMALL)


def test_a_notebook_that_is_too_large_costs_itself_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autograder.archive.MAX_BYTES", 1000)
    path = a_zip(tmp_path / "a.zip", {"big.ipynb": bytes(1001), "n.ipynb": bytes(1000)})
    (remark,) = unpack(path, tmp_path / "out")
    assert remark.startswith("big.ipynb")
    assert list(inside(tmp_path / "out")) == ["n.ipynb"]


def test_a_damaged_entry_costs_itself_only(tmp_path: Path) -> None:
    path = a_zip(tmp_path / "a.zip", {"a.ipynb": os.urandom(3000), "b.ipynb": b"{}"})
    data = bytearray(path.read_bytes())
    data[1000:1010] = bytes(10)
    path.write_bytes(data)
    (remark,) = unpack(path, tmp_path / "out")
    assert remark.startswith("a.ipynb")
    assert inside(tmp_path / "out") == {"b.ipynb": b"{}"}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "cannot be unpacked"),
        (b"PK\x03\x04 and no more", "cannot be unpacked"),
        (b"\x1f\x8b\x08 nonsense", "cannot be unpacked"),
        (b"Rar!\x1a\x07\x00", "a RAR archive"),
        (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
        (b"plain text, a good deal of it" * 40, "cannot be unpacked"),
    ],
)
def test_what_is_no_archive_is_named(content: bytes, says: str, tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(content)
    with pytest.raises(UnusableArchive, match=says):
        unpack(path, tmp_path / "out")


def test_cut_off_anywhere_it_is_an_unusable_archive_or_part_of_one(tmp_path: Path) -> None:
    files = {f"{n}.ipynb": b'{"n": 1}' * n for n in range(5)}
    for name in ("a.zip", "a.tar.gz"):
        data = KINDS[name](tmp_path / name, files).read_bytes()
        for length in range(0, len(data), 7):
            path = tmp_path / f"cut-{name}"
            path.write_bytes(data[:length])
            out = tmp_path / f"out-{name}-{length}"
            with contextlib.suppress(UnusableArchive):
                unpack(path, out, STUDENT)
            whole = inside(out)
            assert all(files[name].startswith(content) for name, content in whole.items())


def test_a_link_to_an_archive_is_not_followed(tmp_path: Path) -> None:
    path = a_zip(tmp_path / "a.zip", {"n.ipynb": b"{}"})
    (tmp_path / "link.zip").symlink_to(path)
    with pytest.raises(UnusableArchive):
        unpack(tmp_path / "link.zip", tmp_path / "out")


def test_archives_are_known_by_their_names() -> None:
    names = ["a.zip", "A.ZIP", "a.tar.gz", "a.tgz", "a.rar", "a.7z", "a.ipynb", "zip", "a.gz"]
    assert [is_archive(Path(name)) for name in names] == [True] * 6 + [False] * 3
