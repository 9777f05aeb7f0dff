"""Whatever a policy looks like, checking, formatting and compiling it ends in a documented way."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agpc.cli.process import run

EXAMPLES = Path(__file__).parents[2] / "examples"
TEXTS = [path.read_text(encoding="utf-8") for path in sorted(EXAMPLES.glob("finance/*.agp"))]
WORDS = sorted({word for text in TEXTS for word in text.split()})
PIECES = st.sampled_from(
    [*WORDS, *'{}()[]",.:#=<>*?\\/-', "\n", "\t", "\0", "\u202e", "\ufeff", "é"]
)


@st.composite
def broken_policies(draw: st.DrawFn) -> str:
    """A real policy with a few pieces cut out, put in or said twice."""
    text = draw(st.sampled_from(TEXTS))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 40)))
        between = draw(
            st.one_of(st.just(""), PIECES, st.just(text[start:end] * 2), st.text(max_size=5))
        )
        text = text[:start] + between + text[end:]
    return text


@contextlib.contextmanager
def standard_streams(text: bytes) -> Iterator[tuple[io.StringIO, io.StringIO]]:
    """Streams of this process, replaced for one run."""
    out, err = io.StringIO(), io.StringIO()
    stdin = sys.stdin
    sys.stdin = SimpleNamespace(buffer=io.BytesIO(text))  # type: ignore[assignment]
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            yield out, err
    finally:
        sys.stdin = stdin


def outcome(command: str, text: bytes) -> tuple[int, str, str]:
    with standard_streams(text) as (out, err):
        status = run([command, "-"])
    return status, out.getvalue(), err.getvalue()


@pytest.mark.parametrize("command", ["check", "fmt", "test"])
@given(text=broken_policies())
def test_a_broken_policy_gives_diagnostics_and_nothing_else(command: str, text: str) -> None:
    status, out, err = outcome(command, text.encode("utf-8", "surrogatepass"))
    assert "internal error" not in err
    if status == 2:
        assert "is not UTF-8" in err  # a lone surrogate
    assert status in (0, 2, 3, 4)
    if status == 3:
        assert err.startswith(("error[AGP", "warning[AGP"))
    shown = err if command == "fmt" else out + err
    assert not {"\0", "\x1b", "\u202e", "\ufeff", "\r"} & set(shown)


@given(content=st.binary(max_size=200))
def test_bytes_that_are_no_policy_are_told(content: bytes) -> None:
    status, _, err = outcome("check", content)
    assert status in (2, 3)
    assert err.startswith(("error: standard input is not UTF-8", "error[AGP"))
