"""Files of version 1 in version 2: what they say stays, and so do their comments."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agpc.compiler.format.upgrade import upgrade
from agpc.compiler.report.diagnostics import Diagnostics
from agpc.compiler.report.source import Source
from agpc.compiler.syntax import tree as syntax
from agpc.compiler.syntax.parse import parse

OLD = """\
# head, package
package # package
   x
enum c = A, B,
grant g {
    to a,
    for b # why

    # the first
    allow t.a when x.y == 1
    # of all
    when p.q == 2 # trailing
    require step_up "x"
    allow t.b when x.y require approval by "z" require step_up "q"
}
grant h { to a for b allow t.a when x.y == 1 when p.q == 2 allow t.c }
"""
NEW = """\
# head, package
language 2
package # package
   x
enum c = A, B
grant g {
    to a
    for b # why

    # of all
    when p.q == 2 # trailing
    require step_up "x"
    require step_up "q"
    # the first
    allow t.a when x.y == 1
    allow t.b when x.y require approval by "z"
}
grant h { to a for b when p.q == 2
allow t.a when x.y == 1 allow t.c }
"""


def upgraded(text: str) -> str:
    diagnostics: Diagnostics = []
    result = upgrade(Source("x.agp", text), diagnostics)
    assert diagnostics == []
    return result.source.text


def test_commas_go_clauses_move_with_their_comments_and_the_file_says_its_version() -> None:
    assert upgraded(OLD) == NEW
    assert upgraded(NEW) == NEW


def test_how_much_changed_is_counted() -> None:
    result = upgrade(Source("x.agp", OLD), [])
    assert (result.commas, result.clauses) == (2, 4)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("to a, revoke when b.c", "to a revoke when b.c"),
        ("to a, b,\r\n  for c", "to a, b\r\n  for c"),
    ],
)
def test_a_comma_that_would_be_read_otherwise_goes(before: str, after: str) -> None:
    head = "package p grant g {"
    assert upgraded(f"{head} {before} }}") == f"language 2\n{head} {after} }}"


def test_a_file_with_another_mistake_is_left_and_told() -> None:
    diagnostics: Diagnostics = []
    upgrade(Source("x.agp", "package p\nenum c = A,\nset s = 5\n"), diagnostics)
    assert [each.code for each in diagnostics] == ["AGP1001"]
    assert diagnostics[0].labels[0].span.line == 3


ALLOWS = st.sampled_from(
    [
        "allow t.a",
        "allow t.a, t.b when x.y",
        'allow t.c require step_up "m"',
        'allow t.d as l when x.y require step_up "m"',
    ]
)
OTHERS = st.sampled_from(
    ["when p.q == 1", 'require step_up "r"', "audit full", "revoke when x.z", "# note"]
)


@given(st.lists(st.one_of(ALLOWS, OTHERS), max_size=8), st.sampled_from(["\n", "\n    "]))
def test_each_clause_stays_what_it_was(clauses: list[str], joint: str) -> None:
    """Whatever stands behind an `allow`: afterwards no other rule has it, and no `allow` takes it up."""
    text = f"package p\ngrant g {{\n    to a\n    for b{joint}" + joint.join(clauses) + "\n}\n"
    before: Diagnostics = []
    (old,) = parse(Source("x.agp", text), before).statements
    diagnostics: Diagnostics = []
    result = upgrade(Source("x.agp", text), diagnostics)
    (new,) = parse(result.source, []).statements
    assert isinstance(old, syntax.RuleDeclaration) and isinstance(new, syntax.RuleDeclaration)
    kinds = (syntax.WhenClause, syntax.RequireClause)
    for of_all in (True, False):
        one, other = (
            [each for each in rule.clauses if isinstance(each, kinds) is of_all]
            for rule in (old, new)
        )
        assert len(one) == len(other)
        assert one == other or (of_all and all(each in other for each in one))
    assert result.source.text.count("# note") == text.count("# note")
    if not diagnostics:
        assert upgraded(result.source.text) == result.source.text


def test_no_example_needs_an_upgrade() -> None:
    root = Path(__file__).parents[3] / "examples"
    texts = [path.read_text(encoding="utf-8") for path in sorted(root.rglob("*.agp"))]
    assert texts
    assert [upgraded(text) == text for text in texts] == [True] * len(texts)
