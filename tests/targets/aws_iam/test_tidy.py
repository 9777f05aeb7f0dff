"""Fewer statements, and the same meaning."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from random import Random

from engines.aws_cases import allow, forbid, policy
from engines.iam import Evaluator, Request
from hypothesis import given, settings
from hypothesis import strategies as st

from agpc.compiler.ir import nodes as ir
from agpc.runtime.glob import Wildcard
from agpc.targets.aws_iam.documents.documents import Writer
from agpc.targets.aws_iam.documents.sids import Sids
from agpc.targets.aws_iam.language.patterns import Glob
from agpc.targets.aws_iam.language.products import KeyTest
from agpc.targets.aws_iam.language.statement import Statement
from agpc.targets.aws_iam.language.tidy import covers, glob_covers, tidy

ANY = Wildcard.ANY
RULES: tuple[ir.Rule, ...] = tuple(
    make(f"{make.__name__[0]}{n}", "any") for n in range(3) for make in (allow, forbid)
)
WRITER = Writer(Sids.of(policy(*RULES)))
ACTIONS = ("s3:GetObject", "s3:PutObject", "s3:ListBucket")
STEM = "arn:aws:s3:::b"
GLOBS: tuple[Glob, ...] = (
    (ANY,), (STEM + "/", ANY), (STEM + "/a/", ANY), (STEM + "/a",), (STEM + "/a:b/c",),
    (STEM + "/", ANY, "/c"), (STEM + "/", ANY, ":", ANY, "/c"), (STEM,),
)  # fmt: skip
ARNS = (STEM, STEM + "/a", STEM + "/a/b", STEM + "/a:b/c", STEM + "/x/c", "arn:aws:s3:::c")
KEYS = ("k:one", "k:two")
VALUES = ("a", "b", "ab", "c")
OPERATORS = (
    "StringEquals", "StringNotEquals", "StringEqualsIfExists", "StringLike", "StringNotLike",
    "StringLikeIfExists", "Null",
)  # fmt: skip


def test_a_deny_of_one_value_goes_into_the_deny_of_all_but_another() -> None:
    """A missing key meets both."""

    def deny(rule: ir.Rule, operator: str, *values: str) -> Statement:
        test = KeyTest(operator, KEYS[0], tuple((each,) for each in values))
        return Statement("Deny", ACTIONS, ((ANY,),), (test,), (rule,))

    one, other, *_ = (each for each in RULES if isinstance(each, ir.Forbid))
    wide = deny(other, "StringNotEquals", "a")
    for operator in ("StringEquals", "StringEqualsIfExists"):
        (kept,) = tidy([deny(one, operator, "b", "c"), wide])
        assert (kept.tests, kept.rules) == (wide.tests, (other, one))
        assert len(tidy([deny(one, operator, "a", "b"), wide])) == 2


@st.composite
def comparisons(draw: st.DrawFn) -> tuple[KeyTest, ...]:
    """Tests of up to two keys, each operator and key once."""
    found = {}
    for operator, key in draw(
        st.lists(st.tuples(st.sampled_from(OPERATORS), st.sampled_from(KEYS)), max_size=2)
    ):
        if operator == "Null":
            values: tuple[object, ...] = (draw(st.sampled_from(("true", "false"))),)
        else:
            texts = draw(st.lists(st.sampled_from(VALUES), min_size=1, max_size=2, unique=True))
            star = "Like" in operator and draw(st.booleans())
            values = tuple((each, ANY) if star else (each,) for each in texts)
        found[operator, key] = KeyTest(operator, key, values)
    return tuple(found[slot] for slot in sorted(found))


@st.composite
def statements(draw: st.DrawFn) -> Statement:
    """One statement of one rule; an allow may bring a deny along."""
    rule = draw(st.sampled_from(RULES))
    denies = isinstance(rule, ir.Forbid) or draw(st.integers(0, 4)) == 0
    some = st.lists(st.sampled_from(GLOBS), min_size=1, max_size=3, unique=True)
    inverse = draw(st.sampled_from(("", "", "", "actions", "resources"))) if denies else ""
    actions = st.lists(st.sampled_from(ACTIONS), min_size=1, max_size=2, unique=True)
    return Statement(
        "Deny" if denies else "Allow",
        tuple(sorted(draw(actions))),
        tuple(draw(some)),
        draw(comparisons()),
        (rule,),
        all_but=inverse,
    )


@st.composite
def alike(draw: st.DrawFn) -> list[Statement]:
    """A statement and some that differ from it in little, so that much can be joined or dropped."""
    first = draw(statements())
    found = [first]
    for _ in range(draw(st.integers(1, 4))):
        other, change = draw(statements()), draw(st.integers(0, 3))
        match change:
            case 0:
                found.append(replace(first, actions=other.actions))
            case 1:
                found.append(replace(first, resources=other.resources))
            case 2:
                tests = {(t.operator, t.key): t for t in map(draw, map(near, first.tests))}
                found.append(replace(first, tests=tuple(tests[slot] for slot in sorted(tests))))
            case _:
                found.append(other)
    return draw(st.permutations(found))


def near(test: KeyTest) -> st.SearchStrategy[KeyTest]:
    """The same test, with more or fewer values, or with and without `IfExists`."""
    if test.operator == "Null":
        return st.just(test)
    star = "Like" in test.operator and any(ANY in each for each in test.values)
    texts = st.lists(st.sampled_from(VALUES), min_size=1, max_size=3, unique=True)
    values = texts.map(lambda found: tuple((each, ANY) if star else (each,) for each in found))
    bare = test.operator.removesuffix("IfExists")
    names = st.just(bare) if "Not" in bare else st.sampled_from((bare, bare + "IfExists"))
    return st.builds(KeyTest, names, st.just(test.key), st.just(test.values) | values)


def requests(rng: Random, count: int) -> list[Request]:
    """Calls on what the statements are about, and on what is near."""
    return [
        Request(
            rng.choice((*ACTIONS, "s3:DeleteObject")),
            rng.choice(ARNS),
            {key: rng.choice((*VALUES, "abc", "x")) for key in KEYS if rng.random() < 0.7},
        )
        for _ in range(count)
    ]


@settings(max_examples=settings().max_examples * 4)
@given(alike() | st.lists(statements(), min_size=1, max_size=6), st.integers(0, 2**32))
def test_fewer_statements_decide_alike(found: list[Statement], seed: int) -> None:
    before, after = WRITER.document(found).data, WRITER.document(tidy(found)).data
    assert len(after["Statement"]) <= len(before["Statement"])
    for request in requests(Random(seed), 40):
        for stop in (True, False):
            evaluator = Evaluator(star_stops_at_colon=stop)
            assert evaluator.decide([before], request) == evaluator.decide([after], request)


@given(st.lists(statements(), min_size=1, max_size=6))
def test_every_rule_is_still_behind_some_statement(found: list[Statement]) -> None:
    before = {rule.id for each in found for rule in each.rules}
    assert {rule.id for each in tidy(found) for rule in each.rules} == before


@given(st.lists(statements(), min_size=1, max_size=6))
def test_what_is_tidy_stays_as_it_is(found: list[Statement]) -> None:
    once = tidy(found)
    assert len(tidy(once)) <= len(once)
    assert tidy(list(found)) == once


@settings(max_examples=settings().max_examples * 4)
@given(alike(), st.integers(0, 2**32))
def test_a_statement_matches_all_that_it_covers(found: list[Statement], seed: int) -> None:
    asked = requests(Random(seed), 40)
    for one, other in permutations(found, 2):
        if covers(one, other):
            wide, narrow = WRITER.document([one, other]).data["Statement"]
            for stop in (True, False):
                evaluator = Evaluator(star_stops_at_colon=stop)
                for request in asked:
                    if evaluator.matches(narrow, request):
                        assert evaluator.matches(wide, request)


def plain(rule: ir.Rule, actions: tuple[str, ...], *resources: Glob, **tests: str) -> Statement:
    """An allow under string tests."""
    found = tuple(KeyTest("StringEquals", f"k:{key}", ((value,),)) for key, value in tests.items())
    return Statement("Allow", actions, resources, found, (rule,))


A, B = allow("a", "any"), allow("b", "any")
FILE, BUCKET = (STEM + "/", ANY), (STEM,)


def test_two_that_differ_in_actions_are_one() -> None:
    (one,) = tidy([plain(A, ("s3:GetObject",), FILE), plain(B, ("s3:PutObject",), FILE)])
    assert one.actions == ("s3:GetObject", "s3:PutObject")
    assert one.rules == (A, B)


def test_two_that_differ_in_actions_and_resources_stay_two() -> None:
    two = [plain(A, ("s3:GetObject",), FILE), plain(B, ("s3:ListBucket",), BUCKET)]
    assert len(tidy(two)) == 2


def test_two_that_differ_in_one_value_are_one_and_in_two_are_two() -> None:
    action = ("s3:GetObject",)
    (one,) = tidy([plain(A, action, FILE, x="1"), plain(B, action, FILE, x="2")])
    assert one.tests[0].values == (("1",), ("2",))
    both = [plain(A, action, FILE, x="1", y="1"), plain(B, action, FILE, x="2", y="2")]
    assert len(tidy(both)) == 2


def test_a_statement_that_another_covers_is_dropped_and_its_rule_kept() -> None:
    action = ("s3:GetObject",)
    narrow = plain(B, action, (STEM + "/a",), x="1")
    (one,) = tidy([narrow, plain(A, action, FILE)])
    assert (one.resources, one.tests, one.rules) == ((FILE,), (), (A, B))


def test_a_star_before_other_text_covers_nothing_since_it_may_stop_at_a_colon() -> None:
    assert not glob_covers((STEM, ANY, "/c"), (STEM + "/a:b/c",))
    assert glob_covers((STEM, ANY), (STEM + "/a:b/c",))


@given(st.lists(st.sampled_from(GLOBS), min_size=1, max_size=6))
def test_resources_are_left_out_exactly_where_another_one_covers_them(globs: list[Glob]) -> None:
    (one,) = tidy([plain(A, ("s3:GetObject",), *globs)])
    wanted = [
        each
        for each in dict.fromkeys(globs)
        if not any(other != each and glob_covers(other, each) for other in globs)
    ]
    assert list(one.resources) == wanted


def test_leaving_out_more_values_is_covered_by_leaving_out_fewer_and_not_the_other_way() -> None:
    fewer, more = (
        replace(
            plain(A, ("s3:GetObject",), FILE), tests=(KeyTest("StringNotEquals", "k:one", values),)
        )
        for values in ((("a",),), (("a",), ("b",)))
    )
    assert covers(fewer, more)
    assert not covers(more, fewer)
