"""Logs of every kind are read to their end, or it is said why not; none of them fills the memory."""

from __future__ import annotations

import gzip
import io
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agpc.compiler.replay import streams
from agpc.compiler.replay.streams import Log, WholeLines

zstd = streams.zstd()
LINES = b"".join(b'{"line": %d}\n' % number for number in range(300))


def read(content: bytes) -> tuple[list[WholeLines], str | None]:
    log = Log(io.BytesIO(content))
    return list(log), log.problem


def text(chunks: list[WholeLines]) -> bytes:
    return b"".join(each.content for each in chunks)


@given(st.integers(1, 40), st.lists(st.binary(max_size=30), max_size=20))
def test_chunks_are_whole_lines_with_their_numbers(size: int, lines: list[bytes]) -> None:
    content = b"\n".join(each.replace(b"\x1f", b"").replace(b"\x28", b"") for each in lines)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(streams, "CHUNK", size)
        chunks, problem = read(content)
    assert (text(chunks), problem) == (content, None)
    line = 1
    for each in chunks:
        assert each.line == line
        line += each.content.count(b"\n")
    assert all(each.content.endswith(b"\n") for each in chunks[:-1])


def test_compressed_logs_are_read_as_plain_ones() -> None:
    assert zstd is not None  # of the standard library, or of the group `test`
    for content in (
        LINES,
        gzip.compress(LINES),
        gzip.compress(LINES[:900]) + gzip.compress(LINES[900:]),
        zstd.compress(LINES),
        zstd.compress(LINES[:900]) + zstd.compress(LINES[900:]),
    ):
        chunks, problem = read(content)
        assert (text(chunks), problem) == (LINES, None)


def test_what_is_cut_short_is_said() -> None:
    assert zstd is not None
    noise = bytes(zlib.crc32(b"%d" % number) & 255 for number in range(400_000))
    for content in (gzip.compress(noise), zstd.compress(noise)):
        chunks, problem = read(content[:-20])
        assert problem == "it ends before the end of what was compressed"
        assert noise.startswith(text(chunks))


def test_what_is_broken_is_said() -> None:
    assert zstd is not None
    for content in (gzip.compress(LINES), zstd.compress(LINES)):
        for broken in (content[:20] + b"\xff\xff\xff\xff\xff" + content[25:], content + b"rest"):
            _, problem = read(broken)
            assert problem is not None and problem.startswith(("it is not whole", "it ends before"))


def test_a_log_is_read_as_far_as_it_goes() -> None:
    for content in (gzip.compress(LINES) + b"rest", gzip.compress(LINES)[:-4]):
        chunks, problem = read(content)
        assert text(chunks) == LINES
        assert problem is not None


def test_zstd_that_this_python_does_not_read_names_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert zstd is not None
    monkeypatch.setattr(streams, "zstd", lambda: None)
    chunks, problem = read(zstd.compress(LINES))
    assert chunks == []
    assert problem is not None and "`agpc[zstd]`" in problem


def test_a_line_that_is_too_long_is_passed_over_and_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(streams, "CHUNK", 10)
    monkeypatch.setattr(streams, "LONGEST", 25)
    chunks, problem = read(b"1\n" + b"x" * 1000 + b"\n3\n4")
    assert problem is None
    assert [(each.line, each.content) for each in chunks if each.content] == [
        (1, b"1\n"),
        (3, b"3\n"),
        (4, b"4"),
    ]
    assert [each.line for each in chunks if each.too_long] == [2]


def test_what_grows_without_end_is_not_read_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert zstd is not None
    monkeypatch.setattr(streams, "FREE", 2_000_000)
    monkeypatch.setattr(streams, "MOST_GROWTH", 100)
    zeros = bytes(8_000_000)
    for content in (gzip.compress(zeros), zstd.compress(zeros)):
        _, problem = read(content)
        assert problem is not None and problem.startswith("it grows to more than 100 times")


def test_a_stream_that_fails_is_said() -> None:
    class Failing(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() > 3:
                raise OSError(5, "Input/output error")
            return super().read(size)

    log = Log(Failing(b"1\n2\n3\n4\n"))
    assert list(log) == [WholeLines(1, b"1\n2\n")]
    assert log.problem == "it cannot be read: Input/output error"
