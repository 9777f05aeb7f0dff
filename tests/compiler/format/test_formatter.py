"""The one layout: golden files, and what a layout may never change."""

from __future__ import annotations

from pathlib import Path

import pytest

from agpc.compiler.format.formatter import UnformattableError, format_source
from agpc.compiler.report.source import Source

HERE = Path(__file__).parent / "formatted"


def formatted(text: str) -> str:
    return format_source(Source("x.agp", text))


def body(text: str) -> str:
    return formatted(f"package p\n{text}").removeprefix("package p\n").lstrip("\n")


def test_the_page_of_the_language_is_formatted() -> None:
    page = (HERE / "language.agp").read_text(encoding="utf-8")
    assert formatted(page) == page


def test_a_file_on_one_line_becomes_what_a_reader_expects() -> None:
    squeezed = (HERE / "squeezed.agp").read_text(encoding="utf-8")
    assert formatted(squeezed) == (HERE / "spread.agp").read_text(encoding="utf-8")


def test_what_is_formatted_stays_as_it_is() -> None:
    spread = (HERE / "spread.agp").read_text(encoding="utf-8")
    assert formatted(spread) == spread


def test_a_file_with_mistakes_is_not_formatted() -> None:
    with pytest.raises(UnformattableError) as caught:
        formatted("package p\nset s = 5\n")
    assert [each.code for each in caught.value.diagnostics] == ["AGP1001"]


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("set s=[1_000,-0.50,1E3]", "set s = [1_000, -0.50, 1E3]"),
        (r'set s=["\u{000041}\u{1f600}\n\"é\*"]', r'set s = ["\u{41}\u{1F600}\n\"é\*"]'),
        ('set s=["a\tb"]', r'set s = ["a\tb"]'),
        ("let a=not(b.c)", "let a = not b.c"),
        ("let a=((b.c==1))and(d.e or(f.g))", "let a = b.c == 1 and (d.e or f.g)"),
        ("let a=not(b.c or d.e)", "let a = not (b.c or d.e)"),
        ("let a=(b and c)and d", "let a = (b and c) and d"),
        ("let a=every b.c not in[d,]", "let a = every b.c not in [d]"),
        ('agents a="x",b,{c:int d?:[{e:ip}]}', 'agents a = "x", b { c: int, d?: [{ e: ip }] }'),
        ("controls a:b,", "controls a:b"),
        ('controls "a:b","c d"', 'controls a:b, "c d"'),
        ("assert agent can a.b", "assert any agent can a.b"),
        ("separate a.b,c.d per task", "separate a.b, c.d per task"),
    ],
)
def test_statements_are_canonical(written: str, canonical: str) -> None:
    assert body(written) == f"{canonical}\n"


def test_neighbours_are_aligned_and_a_blank_line_parts_them() -> None:
    text = 'agent a = "x"\nagents bcd = a\n\nagent efghi = "y"\n'
    assert body(text) == 'agent  a   = "x"\nagents bcd = a\n\nagent efghi = "y"\n'


def test_blank_lines_are_kept_to_one_and_none_begins_a_block() -> None:
    text = "use a\n\n\n\nuse b\ntool t {\n\n\n a: int\n\n\n b: int\n\n}\nuse c"
    assert body(text) == ("use a\n\nuse b\n\ntool t {\n    a: int\n\n    b: int\n}\n\nuse c\n")


def test_what_is_too_long_is_broken_and_ends_with_a_comma() -> None:
    members = ", ".join(f'"member-{number:03}"' for number in range(9))
    lines = body(f"set s = [{members}]").splitlines()
    assert lines[0] == "set s = ["
    assert lines[1] == '    "member-000",'
    assert lines[-2:] == ['    "member-008",', "]"]
    chain = " and ".join(f"args.attribute_{number:02} == {number}" for number in range(6))
    lines = body(f"let long = {chain}").splitlines()
    assert lines[:2] == ["let long = args.attribute_00 == 0", "    and args.attribute_01 == 1"]


COMMENTED = """\
# before the package
package p                # behind it

# before a statement

# alone
set s = [  # opens
    # inside
    "a",   # behind a
    "b"    # behind b
    # last
] # closes
grant g { # head
    # first
    to a # behind to
    for b, # behind a comma

    allow c.d # behind allow
        # before when
        when e.f # behind e
            and g.h # behind g
    # at the end
} # behind
# the end
"""


def test_comments_stay_where_they_are() -> None:
    assert (
        formatted(COMMENTED)
        == """\
# before the package
package p                # behind it

# before a statement

# alone
set s = [  # opens
    # inside
    "a",   # behind a
    "b",   # behind b
    # last
]  # closes

grant g {  # head
    # first
    to  a  # behind to
    for b  # behind a comma

    allow c.d  # behind allow
        # before when
        when e.f  # behind e
            and g.h  # behind g
    # at the end
}  # behind

# the end
"""
    )


def test_a_comment_in_the_midst_of_a_line_comes_before_it() -> None:
    text = 'owner # whose\n    "a" contact # whom\n    "b"\n'
    assert body(text) == '# whose\n# whom\nowner "a" contact "b"\n'
