"""The parts of the reference interpreter, each against the same rule written another way."""

from __future__ import annotations

import copy
import datetime
import itertools
import re
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from generators import cases, hostile_text
from generators.policies import WINDOWS
from generators.requests import AGENTS, HOSTILE, NOT_JSON
from generators.values import TIMES
from generators.vocabularies import PATTERNS
from hypothesis import given
from hypothesis import strategies as st

from agpc.compiler.ir import nodes as ir
from agpc.compiler.ir.spiffe import spiffe_matches
from agpc.compiler.meaning.conditions import Truth, conjunction, disjunction, negation, truth
from agpc.compiler.meaning.interpreter import decide, in_window, is_valid
from agpc.compiler.meaning.request import Call, strangers
from agpc.compiler.report.source import Span
from agpc.runtime.values import (
    NANOSECONDS,
    is_too_deep,
    json_equal,
    read_time,
)
from agpc.runtime.windows import Validity, Window
from agpc.targets.python import evaluator

# --- Kleene's logic: false < unknown < true, `and` is the least, `or` the greatest ----------------

RANKS: dict[Truth, int] = {False: 0, None: 1, True: 2}
TRUTHS = st.lists(st.sampled_from(list(RANKS)), min_size=1, max_size=4)


@given(TRUTHS)
def test_and_is_the_least_and_or_the_greatest(values: list[Truth]) -> None:
    assert RANKS[conjunction(values)] == min(RANKS[each] for each in values)
    assert RANKS[disjunction(values)] == max(RANKS[each] for each in values)


def test_not_turns_the_order_round() -> None:
    for value, rank in RANKS.items():
        assert RANKS[negation(value)] == 2 - rank


def test_of_nothing_and_is_true_and_or_is_false() -> None:
    assert conjunction([]) is True
    assert disjunction([]) is False


# --- Identities -----------------------------------------------------------------------------------


def pattern_as_regex(pattern: str) -> str:
    """A SPIFFE pattern as a regular expression."""
    segment = r"(?!\.{1,2}(?:/|\Z))[A-Za-z0-9._-]+"
    many = rf"{segment}(?:/{segment})*"
    parts = {"*": segment, "**": many}
    return "/".join(parts.get(each, re.escape(each)) for each in pattern.split("/"))


IDS = st.lists(
    st.sampled_from(("a", "b", "ns", "sa", "x", "", ".", "..", "...", "*", "**", "é", "A", "a b")),
    max_size=6,
).map(lambda parts: "/".join(("spiffe://t.example", *parts)))
ANY_PATTERN = st.lists(st.sampled_from(("a", "ns", "x", "*")), max_size=4).flatmap(
    lambda parts: st.sampled_from(("*", "**", "x")).map(
        lambda last: "/".join(("spiffe://t.example", *parts, last))
    )
)


@given(st.sampled_from(PATTERNS) | ANY_PATTERN, IDS | st.sampled_from(AGENTS) | hostile_text())
def test_a_pattern_matches_by_segments(pattern: str, agent: str) -> None:
    expected = re.fullmatch(pattern_as_regex(pattern), agent) is not None
    assert spiffe_matches(pattern, agent) == expected


@pytest.mark.parametrize("pattern", ["spiffe://t.example/**", "spiffe://t.example/*"])
def test_a_pattern_matches_nothing_that_is_too_long(pattern: str) -> None:
    start = "spiffe://t.example/"
    assert spiffe_matches(pattern, start + "x" * (2048 - len(start)))
    assert not spiffe_matches(pattern, start + "x" * (2049 - len(start)))


# --- Time -----------------------------------------------------------------------------------------

INSTANTS = st.integers(-(2**63), 2**63 - 1) | st.datetimes(
    datetime.datetime(2026, 1, 1), datetime.datetime(2027, 1, 1)
).map(lambda at: (at - datetime.datetime(1970, 1, 1)) // datetime.timedelta(microseconds=1) * 1000)


@given(
    st.sampled_from(WINDOWS), INSTANTS | st.sampled_from(TIMES).map(lambda text: read_time(text))
)
def test_a_window_is_a_stretch_of_the_wall_clock(window: ir.Window, now: int) -> None:
    """It starts on a named day, and ends that day or the next, whatever the clock does between."""
    utc = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC) + datetime.timedelta(
        microseconds=now // 1000
    )
    wall = utc.astimezone(ZoneInfo(window.zone)).replace(tzinfo=None)
    length = (window.end - window.start) if window.start < window.end else (
        window.end + 1440 - window.start
    )  # fmt: skip
    expected = False
    for day in (wall.date(), wall.date() - datetime.timedelta(days=1)):
        start = datetime.datetime.combine(day, datetime.time()) + datetime.timedelta(
            minutes=window.start
        )
        inside = start <= wall < start + datetime.timedelta(minutes=length)
        expected = expected or (day.weekday() in window.days and inside)
    assert in_window(window, now) is expected
    assert Window(window.days, window.start, window.end, window.zone).holds(now) is expected


def test_without_a_clock_no_window_and_no_validity_is_met() -> None:
    assert not in_window(WINDOWS[0], None)
    assert not is_valid(ir.Validity(None, "2200-01-01T00:00:00Z"), None)
    assert in_window(None, None)
    assert is_valid(None, None)


@given(st.sampled_from((None, *TIMES)), st.sampled_from((None, *TIMES)), st.sampled_from(TIMES))
def test_a_validity_has_its_start_and_not_its_end(
    start: str | None, end: str | None, now: str
) -> None:
    instants = [None if each is None else read_time(each) for each in (start, end, now)]
    first, last, moment = instants
    assert moment is not None
    expected = (first is None or moment >= first) and not (last is not None and moment >= last)
    assert is_valid(ir.Validity(start, end), moment) is expected
    assert Validity(start, end).holds(moment) is expected


# --- Whole decisions ------------------------------------------------------------------------------

SPAN = Span("p.agp", 1, 1, 1, 2)
AGENT = "spiffe://t.example/bot"
JSON_ARGUMENT = ir.Attribute("args", ("deep",), ir.JSON)


def policy_with(condition: ir.Condition | None, *requirements: ir.Requirement) -> ir.Policy:
    allow = ir.Allow(
        "p.g.x", ("p.bot",), ("p.work",), ("p.t.read",), condition, requirements, (), None, None,
        None, (), None, (), SPAN,
    )  # fmt: skip
    return ir.Policy(
        packages=(ir.Package("p", None, ()),),
        agents=(ir.Agent("p.bot", AGENT, (), SPAN),),
        intents=(ir.Intent("p.work", "", (), SPAN),),
        resources=(
            ir.Resource("p.t", "tool", (), (ir.Action("read", (), SPAN, is_open=True),), SPAN),
        ),
        allows=(allow,),
    )


def request_with(arguments: Any, **context: Any) -> dict[str, Any]:
    return {
        "subject": {"type": "agent", "id": AGENT},
        "action": {"name": "read", "properties": arguments},
        "resource": {"type": "p.t", "id": "r"},
        "context": {
            "time": "2026-11-24T10:00:00Z",
            "task": {"id": "t", "intent": "p.work", "state": "active"},
            **context,
        },
    }


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [{"a": value}]
    return value


def test_a_request_has_64_levels_at_most() -> None:
    policy = policy_with(ir.Has(JSON_ARGUMENT))
    for levels, effect in ((30, "permit"), (31, "deny"), (50_000, "deny")):
        request = request_with({"deep": nested(levels)})
        for answer in (decide(policy, request), evaluator(policy).decide(request)):
            assert answer.effect == effect
    deepest = [nested(30)]  # the request, the action, its properties, and 61 more
    assert decide(policy, request_with({"deep": deepest})).effect == "permit"
    assert decide(policy, request_with({"other": [deepest]})).effect == "deny"


def test_deep_arguments_are_compared() -> None:
    approval = {
        "by": "user:ann", "roles": ["role:x"], "at": "2026-11-24T10:00:00Z", "task": "t",
        "capability": "p.t.read", "resource": "r", "args": {"deep": nested(25)},
    }  # fmt: skip
    policy = policy_with(None, ir.Approval(("role:x",)))
    arguments = {"deep": nested(25)}
    assert decide(policy, request_with(arguments, approvals=[approval])).effect == "permit"
    other = {**approval, "args": {"deep": nested(26)}}
    assert decide(policy, request_with(arguments, approvals=[other])).effect == "challenge"


def shared(levels: int) -> Any:
    """A value of a few objects, each of which stands twice in the next."""
    value: Any = 1
    for _ in range(levels):
        value = [value, value]
    return value


def test_what_holds_itself_or_stands_in_many_places_comes_to_an_end() -> None:
    circle: dict[str, Any] = {}
    circle["again"] = circle
    other: dict[str, Any] = {}
    other["again"] = other
    assert json_equal(circle, other)
    assert json_equal(shared(60), shared(60))
    assert not json_equal(shared(60), shared(59))
    policy = policy_with(None, ir.Approval(("role:x",)))
    for value, effect in ((circle, "deny"), (shared(40), "permit"), (shared(70), "deny")):
        approval = {
            "by": "user:ann", "roles": ["role:x"], "at": "2026-11-24T10:00:00Z", "task": "t",
            "capability": "p.t.read", "resource": "r", "args": {"deep": value},
        }  # fmt: skip
        request = request_with({"deep": value}, approvals=[approval])
        for answer in (decide(policy, request), evaluator(policy).decide(request)):
            assert answer.effect == effect


PLACES = ((), ("subject",), ("subject", "properties"), ("action",), ("action", "properties"), ("resource",),
          ("resource", "properties"), ("context",), ("context", "task"), ("context", "user"))  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("many", [0, 70])
def test_evaluators_count_the_same_levels(place: tuple[str, ...], many: int) -> None:
    policy = policy_with(None)
    effects = []
    for levels in range(58, 67):
        request = request_with({})
        holder: Any = request
        for step in place:
            holder = holder.setdefault(step, {})
        deep: Any = [[] for _ in range(many)]
        for _ in range(levels - 2):
            deep = [deep]
        holder["unread"] = deep
        answer = decide(policy, request)
        assert evaluator(policy).decide(request) == answer
        effects.append(answer.effect)
    first = effects.index("deny")
    assert effects == ["permit"] * first + ["deny"] * (len(effects) - first)


def test_one_long_list_in_many_places_is_looked_at_once() -> None:
    listed: list[Any] = [[]] * 30_000
    request = request_with({"many": [listed] * 30_000})
    assert evaluator(policy_with(None)).decide(request).effect == "permit"


class Raising(str):
    """A key that can be put beside another one, and then raises where it is compared."""

    is_armed = False

    def __eq__(self, other: object) -> bool:
        if Raising.is_armed:
            raise RuntimeError
        return False

    __hash__ = str.__hash__


@pytest.mark.parametrize("key", ["subject", "action", "resource", "context"])
def test_a_key_that_raises_denies(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    policy = policy_with(None)
    request = request_with({})
    hostile = {Raising(key): 1, **request}
    inner = {**request, key: {Raising(each): 1 for each in ("id", "name", "task", "type")}}
    monkeypatch.setattr(Raising, "is_armed", True)
    for each in (hostile, inner):
        for decided in (decide(policy, each), evaluator(policy).decide(each)):
            assert decided.effect == "deny"


def test_long_lists_take_no_time_for_each_pair() -> None:
    listed = ir.Attribute("args", ("a",), ir.ListType(ir.STRING))
    other = ir.Attribute("args", ("b",), ir.ListType(ir.STRING))
    element = ir.Quantified("every", listed, ir.In(ir.Element(ir.STRING), other))
    values = [str(number) for number in range(20_000)]
    for condition in (ir.ListTest("subset of", listed, other), element):
        request = request_with({"a": values, "b": values[::-1]})
        assert decide(policy_with(condition), request).effect == "permit"


class Text(str):
    """A text that compares as it likes."""

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = str.__hash__


class Object(dict[str, Any]):
    """An object that holds everything."""

    def get(self, key: str, default: Any = None) -> Any:
        return "active"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("subject", "id"), Text("spiffe://t.example/stranger")),
        (("subject", "type"), Text("user")),
        (("resource", "type"), Text("p.other")),
        (("action", "name"), Text("write")),
        (("context", "task", "intent"), Text("p.other")),
        (("context", "task", "state"), Text("ended")),
        (("context", "task"), Object()),
        (("context",), Object()),
        (("subject",), Object()),
    ],
)
def test_values_that_only_look_like_json_open_nothing(path: tuple[str, ...], value: Any) -> None:
    request = request_with({})
    assert decide(policy_with(None), request).effect == "permit"
    holder: Any = request
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value
    assert decide(policy_with(None), request).effect == "deny"


@given(cases(), st.sampled_from((*HOSTILE, *NOT_JSON)))
def test_what_nothing_reads_cannot_matter(case: tuple[ir.Policy, Any], value: object) -> None:
    """Without conditions and requirements five texts, the intent and the state are looked at, and what is called what."""
    policy, request = case
    if not isinstance(request, dict):
        return
    allows = tuple(bare(rule) for rule in policy.allows)
    forbids = tuple(bare(rule) for rule in policy.forbids)
    policy = ir.Policy(**{**vars_of(policy), "allows": allows, "forbids": forbids})
    call = Call.read(policy, request)
    if call is not None and next(strangers(call), None) is not None:
        return
    changed = copy.deepcopy(request)
    for part in ("subject", "resource"):
        if isinstance(changed.get(part), dict):
            changed[part]["properties"] = value
    context = changed.get("context")
    if isinstance(context, dict):
        context.update({"time": value, "user": value, "approvals": value, "step_up": value})
    if is_too_deep(changed):
        return
    assert decide(policy, changed) == decide(policy, request)


def bare(rule: ir.Rule) -> ir.Rule:
    """A rule without all that reads a request beyond whom, why and what."""
    nothing: dict[str, Any] = {"condition": None}
    if isinstance(rule, ir.Allow):
        nothing |= {"requirements": (), "revoke": (), "validity": None, "window": None}
        return ir.Allow(**{**slots_of(rule), **nothing})
    nothing |= {"window": None, "unless": None, "unless_evidence": ()}
    return ir.Forbid(**{**slots_of(rule), **nothing})


def slots_of(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


def vars_of(policy: ir.Policy) -> dict[str, Any]:
    return slots_of(policy)


def test_every_pair_of_comparisons_is_consistent() -> None:
    """Of two known numbers exactly one of `<`, `==`, `>` holds, and `<=` is their disjunction."""
    amount = ir.Attribute("args", ("n",), ir.NUMBER)
    for value, constant in itertools.product((0, -0.0, 1, 0.1, 2**53, 1e300, -1), repeat=2):
        found = {
            op: decide(
                policy_with(ir.Compare(op, amount, ir.Constant(ir.NUMBER, constant))),
                request_with({"n": value}),
            ).decision
            for op in ("<", "<=", "==", ">=", ">")
        }
        assert [found["<"], found["=="], found[">"]].count(True) == 1, (value, constant)
        assert found["<="] is (found["<"] or found["=="])
        assert found[">="] is (found[">"] or found["=="])


def test_an_age_of_a_nanosecond_counts() -> None:
    seen = ir.Attribute("args", ("t",), ir.TIME)
    policy = policy_with(ir.Compare("<", ir.Age(seen), ir.Constant(ir.DURATION, 1)))
    assert decide(policy, request_with({"t": "2026-11-24T09:59:59.000000001Z"})).decision
    assert not decide(policy, request_with({"t": "2026-11-24T09:59:59Z"})).decision
    assert NANOSECONDS == 1_000_000_000


def test_a_call_that_is_kept_never_takes_one_list_for_another() -> None:
    call = Call(
        ir.Policy(),
        {
            "subject": {"type": "agent", "id": "spiffe://t.example/bot"},
            "action": {"name": "x", "properties": {"n": 7}},
            "resource": {"type": "t", "id": "r"},
        },
    )
    for number in range(50):  # of which each may be where the last one was
        of = ir.Constants(ir.NUMBER, (number,))
        test = ir.In(ir.Attribute("args", ("n",), ir.NUMBER), of)
        assert truth(test, call) is (number == 7)
