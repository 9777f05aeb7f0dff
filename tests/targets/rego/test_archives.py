"""Bundles in archives and directories: the same each time, and refused where they are none."""

from __future__ import annotations

import contextlib
import gzip
import io
import os
import tarfile
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agpc.targets.rego.archive import BundleError, pack, read_bundle
from agpc.targets.rego.tar import TarError, members

from .signing import FILES


def test_an_archive_is_the_files_and_the_same_each_time(tmp_path: Path) -> None:
    assert pack(FILES) == pack(dict(reversed(FILES.items())))
    (tmp_path / "a.tar.gz").write_bytes(pack(FILES))
    assert read_bundle(tmp_path / "a.tar.gz") == FILES


def archive(*members: tuple[str, bytes]) -> bytes:
    """An archive with a member of each name and kind."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as made:
        for name, kind in members:
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, "/etc/passwd"
            made.addfile(member)
    return zipped(packed.getvalue())


def zipped(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"x", zipped(b"x"), zipped(b"x" * 2048), zipped(b"x")[:-4], zipped(bytes(100)),
        archive(("a", tarfile.SYMTYPE)), archive(("a", tarfile.LNKTYPE)),
        archive(("a", tarfile.CHRTYPE)), archive(("a", tarfile.FIFOTYPE)),
        archive(("a", tarfile.REGTYPE), ("/a", tarfile.REGTYPE)),
    ],
)  # fmt: skip
def test_what_is_no_bundle_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.tar.gz").write_bytes(content)
    with pytest.raises(BundleError):
        read_bundle(tmp_path / "a.tar.gz")


def holding(content: bytes, format: int = tarfile.PAX_FORMAT, **attributes: str) -> bytes:
    """An archive, not zipped, with one file that has these attributes."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=format) as made:
        member = tarfile.TarInfo("a")
        member.size, member.pax_headers = len(content), attributes
        made.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def with_holes() -> bytes:
    """What GNU tar calls a sparse file: a header that says 8 GB, and 77 bytes."""
    header = bytearray(holding(b"x" * 77, tarfile.GNU_FORMAT))
    header[156:157] = b"S"
    header[386:410] = b"00000000000\x00" + b"00000000115\x00"
    header[483:495] = b"77777777777\x00"
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\x00 " % sum(header[:512])
    return bytes(header)


HOSTILE = {
    "sparse, of GNU": with_holes(),
    "sparse": holding(b"x" * 77, **{"GNU.sparse.realsize": "8000000000", "GNU.sparse.map": "0,77"}),
    "sparse, version 1": holding(b"x" * 77, **{"GNU.sparse.major": "1", "GNU.sparse.minor": "0"}),
    "a size of 20 digits": holding(b"x", size="9" * 20),
    "a size of 5,000 digits": holding(b"x", size="9" * 5000),
    "a size that is none": holding(b"x", size="-1"),
    "more than there is": holding(b"x", size="100000"),
    "long attributes": holding(b"x", comment="x" * 100_000),
    "a name that is not text": holding(b"x").replace(b"a", b"\xff", 1),
    "something after the end": holding(b"x") + b"x" * 512,
    "no end": holding(b"x")[:1024],
    "a large file": holding(bytes(2_000_000)),
    "many zeros": bytes(3_000_000),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_nothing_is_read_because_a_header_says_so(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agpc.targets.rego.archive.MOST_BYTES", 1_000_000)
    path = tmp_path / "a.tar.gz"
    path.write_bytes(zipped(HOSTILE[case]))
    tracemalloc.start()
    try:
        with pytest.raises(BundleError):
            read_bundle(path)
        assert tracemalloc.get_traced_memory()[1] < 3_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "format", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT], ids=str
)
def test_the_usual_formats_are_read(format: int, tmp_path: Path) -> None:
    files = {"a.rego": b"x", f"{'b' * 70}/{'c' * 90}": b"y" * 600, "empty": b""}
    if format != tarfile.USTAR_FORMAT:
        files[f"é{'/x' * 150}"] = b"z"
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz", format=format) as made:
        folder = tarfile.TarInfo("b")
        folder.type = tarfile.DIRTYPE
        made.addfile(folder)
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mtime, member.uname = len(content), 1.5, "somebody"
            made.addfile(member, io.BytesIO(content))
    assert read_bundle(tmp_path / "a.tar.gz") == files


@given(st.data())
def test_a_broken_archive_is_no_bundle_or_the_same_one(data: st.DataObject) -> None:
    whole = holding(b"x" * 600, comment="said") if data.draw(st.booleans()) else holding(b"x")
    at = data.draw(st.integers(0, len(whole) - 1))
    changed = whole[:at] + data.draw(st.binary(max_size=12)) + whole[at + 1 :]
    with contextlib.suppress(TarError):
        assert all(name and isinstance(content, bytes) for name, content in read(changed))


def read(whole: bytes) -> list[tuple[str, bytes]]:
    return list(members(io.BytesIO(whole), 10_000))


def test_a_directory_is_not_read_to_any_depth(tmp_path: Path) -> None:
    deep = tmp_path / "b" / "/".join(["d"] * 120)
    deep.mkdir(parents=True)
    with pytest.raises(BundleError, match="too deeply"):
        read_bundle(tmp_path / "b")


def test_a_name_in_a_directory_that_is_not_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / os.fsdecode(b"b/\xff.rego")).write_bytes(b"")
    with pytest.raises(BundleError, match="UTF-8"):
        read_bundle(tmp_path / "b")


def test_a_link_in_a_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "x.rego").symlink_to("/etc/passwd")
    with pytest.raises(BundleError):
        read_bundle(tmp_path / "b")


def test_a_bundle_may_not_be_of_any_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agpc.targets.rego.archive.MOST_BYTES", 1000)
    (tmp_path / "a.tar.gz").write_bytes(pack({"a": b"0" * 1_000_000}))
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "a").write_bytes(b"0" * 1001)
    for name in ("a.tar.gz", "b"):
        with pytest.raises(BundleError, match="too large"):
            read_bundle(tmp_path / name)
