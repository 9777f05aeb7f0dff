"""What is read again after an edit is what a fresh parse reads: the same tree at the same places, and the same mistakes."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from agpc.compiler.report.diagnostics import Diagnostics
from agpc.compiler.report.source import Source
from agpc.compiler.syntax.parse import parse
from agpc.compiler.syntax.unchanged import Unchanged, unchanged

ROOT = Path(__file__).parents[3]
PIECES = (
    *("", " ", "\n", "\r\n", "\t", "{", "}", "(", ")", '"', "#", "## ", "x", ".", ",", "= ", "<", "é", "0", "grant ", "for "),
    *("agent more = ", "\nuse x\n", "when a.b", "}\n\nlet other = now == now\n", "\nlevel l = a < b\n< c\n", "language 2\n"),
    *("\nagent a\n", "use\n", "level more = a\n", "owner ", "\ntest", "package again\n", 'intent i "x"', "bind mcp {"),
)  # fmt: skip
SMALL = """language 2
package p
## What it is for.
agent a = "spiffe://x.example/a"
agent b = "spiffe://x.example/b" use q
level l = low < high
set s = ["x"] set t = ["y"]

tool t { read action r(n: int) } # behind it
intent i "i"
grant g {
    to a
    for i
    allow t.r
        when args.n < 3
}
let less = args.n < 2
owner "o" contact "c"
forbid f { deny t.r because "é" }
test "x" { agent a for i call t.r(n: 1) expect permit }
"""
TEXTS = (SMALL, SMALL.replace("\n", "\r\n"), (ROOT / "examples/data/policy.agp").read_text())


def parsed(text: str, kept: Unchanged) -> tuple[str, str]:
    """The tree and what is said, with all places."""
    found: Diagnostics = []
    return repr(parse(Source("a.agp", text), found, kept=kept)), repr(found)


def check(before: str, now: str) -> int:
    """Read a text again, and give how many statements were not."""
    found: Diagnostics = []
    was = Source("a.agp", before)
    file = parse(was, found)
    assert not found
    kept = unchanged(file, was, Source("a.agp", now))
    assert parsed(now, kept) == parsed(now, {})
    return len(kept)


@settings(max_examples=settings.default.max_examples * 4, deadline=None)
@given(
    text=st.sampled_from(TEXTS),
    edits=st.lists(
        st.tuples(st.integers(0, 5000), st.integers(0, 40), st.sampled_from(PIECES)),
        min_size=1,
        max_size=3,
    ),
)
def test_an_edited_text_is_read_as_any_other(text: str, edits: list[tuple[int, int, str]]) -> None:
    now = text
    for where, much, piece in edits:
        start = where % (len(now) + 1)
        now = now[:start] + piece + now[start + (much if much < 20 else 0) :]
    check(text, now)


def test_only_what_an_edit_can_touch_is_read_again() -> None:
    count = len(parse(Source("a.agp", SMALL), []).statements)
    assert check(SMALL, SMALL.replace("args.n < 3", "args.n < 4")) == count - 2
    assert check(SMALL, SMALL) == count - 1
    assert check(SMALL, SMALL + "{") == count - 1
    assert check(SMALL, SMALL.replace("language 2\n", "language 2\n\n", 1)) == 0
    assert check(SMALL, SMALL.replace("low < high\n", "low < high < highest\n")) == count - 1


def test_what_follows_may_change_what_stands_before() -> None:
    first = "language 2\npackage p\nlevel l = a < b\nset s = [1]\n"
    for more in ("< c\n", "\n< c\n", "# x\n < c\n"):
        check(first, first.replace("set s", more + "set s"))
    check(first + "use\nq\n", first + "use\n")
    check(first, first.replace("set s = [1]", "< c"))
