"""What `explain` says of a request is so: each part that it shows has the truth that it says."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from generators import WRITTEN, cases
from hypothesis import assume, given

from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.ir import nodes as ir
from agpc.compiler.ir.printing.policy import policy_sources
from agpc.compiler.meaning import interpreter
from agpc.compiler.meaning.conditions import conjunction, disjunction, truth
from agpc.compiler.meaning.explain import (
    Explanation,
    Finding,
    RuleReport,
    explain,
)
from agpc.compiler.meaning.request import Call
from agpc.compiler.report.source import Source

MARK = ir.Compare(
    "==", ir.Attribute("now", (), ir.TIME), ir.Constant(ir.TIME, "2001-02-03T04:05:06Z")
)
MARK_TEXT = "now == 2001-02-03T04:05:06Z"


def compiled(text: str) -> ir.Policy:
    result = compile_sources([Source("a.agp", text)])
    assert result.policy is not None, result.diagnostics
    return result.policy


def read_back(policy: ir.Policy, rule: ir.Rule, text: str) -> ir.Condition:
    """What a text means as the condition of a rule; of a source it may be asked only where truth is demanded."""
    bare: dict[str, Any] = {"condition": MARK}
    if isinstance(rule, ir.Allow):
        bare["revoke"] = ()
        if rule.intents == ():  # the rule of first starts, which nobody writes
            bare |= {"id": rule.id.replace(".", ".first.", 1), "intents": ir.DECLARED}
    marked: Any = replace(rule, **bare)
    kind = "allows" if isinstance(rule, ir.Allow) else "forbids"
    empty = {"allows": (), "forbids": (), "tests": (), "separations": (), "isolations": ()}
    alone: Any = {**empty, "assertions": (), "bindings": (), kind: (marked,)}
    printed = policy_sources(replace(policy, **alone))
    assert sum(source.text.count(MARK_TEXT) for source in printed) == 1
    for before in ("", "not "):
        put = f"({before}({text}))"
        sources = [Source(each.name, each.text.replace(MARK_TEXT, put)) for each in printed]
        result = compile_sources(sources)
        if not any(each.code == "AGP1605" for each in result.diagnostics):
            break
    assert result.policy is not None, (text, result.diagnostics)
    (rule,) = result.policy.rules
    condition = rule.condition
    assert condition is not None
    return ir.Not(condition) if before else condition


def conditions_of(rule: ir.Rule) -> Iterator[tuple[str, ir.Condition, bool]]:
    """The clauses of a rule with a condition, and what each has to be if the rule is to apply."""
    if isinstance(rule, ir.Allow):
        if rule.condition is not None:
            yield "when", rule.condition, True
        for each in rule.revoke:
            yield "revoke when", each, False


@given(cases(features=WRITTEN))
def test_what_is_printed_of_a_condition_reads_as_something_with_the_truth_that_it_is_said_to_have(
    case: tuple[ir.Policy, Any],
) -> None:
    policy, request = case
    call = Call.read(policy, request)
    reports = explain(policy, request).reports
    found = [(report.rule, each) for report in reports for each in report.findings if each.part]
    assume(found and call is not None)
    assert call is not None
    for rule, finding in found[:4]:
        assert finding.part is not None
        said = truth(read_back(policy, rule, finding.text), call)
        assert said is finding.part.truth, finding
        for each in finding.part.tests[:2]:
            assert truth(read_back(policy, rule, each.text), call) is each.truth, each


@given(cases(features=WRITTEN))
def test_the_parts_of_a_clause_have_together_the_truth_of_the_clause(
    case: tuple[ir.Policy, Any],
) -> None:
    policy, request = case
    call = Call.read(policy, request)
    assume(call is not None)
    assert call is not None
    for report in explain(policy, request).reports:
        if report.effect == "forbid" or report.state != "does not apply":
            continue
        whens = [(each, want) for word, each, want in conditions_of(report.rule) if word == "when"]
        for condition, wanted in whens:
            shown = [f.part.truth for f in report.findings if f.clause == "when" and f.part]
            if truth(condition, call) is wanted:
                assert shown == []
            else:
                assert conjunction(shown) is truth(condition, call)
        ends = [each for word, each, _ in conditions_of(report.rule) if word == "revoke when"]
        shown = [f.part.truth for f in report.findings if f.clause == "revoke when" and f.part]
        assert disjunction(shown) is disjunction(truth(each, call) for each in ends)


POLICY = """
package shop
owner "o" contact "o@x.example"
agent bot = "spiffe://acme.example/bot"
intent sell "Sell"
intent stock "Stock"
level grade = low < middle < high
context { seen: time, from: ip }
dataset files { path: string, grade: grade, at: [time] action read(n: int, to: [string], all: bool) }
grant g {
    to bot
    for sell
    allow files.read as it when CONDITION
}
"""
REQUEST: dict[str, Any] = {
    "subject": {"type": "agent", "id": "spiffe://acme.example/bot"},
    "action": {"name": "read", "properties": {"n": 1, "to": ["a", "b"], "all": True}},
    "resource": {
        "type": "shop.files",
        "id": "f",
        "properties": {"path": "/a/b", "grade": "low", "at": ["2026-01-01T00:00:00Z"]},
    },
    "context": {
        "time": "2026-01-02T00:00:00Z",
        "seen": "2026-01-01T00:00:00Z",
        "from": "10.0.0.1",
        "task": {"id": "t", "intent": "shop.sell", "state": "active"},
    },
}


def asked(condition: str, **changes: Any) -> Explanation:
    """Explain the request with what is changed in it, `action__properties__n=2`."""
    return explain(compiled(POLICY.replace("CONDITION", condition)), changed(changes))


def changed(changes: dict[str, Any]) -> dict[str, Any]:
    request = copy.deepcopy(REQUEST)
    for path, value in changes.items():
        *steps, last = path.split("__")
        holder = request
        for step in steps:
            holder = holder[step]
        if value is None:
            del holder[last]
        else:
            holder[last] = value
    return request


def only(found: Explanation) -> RuleReport:
    (report,) = found.reports
    return report


def findings(found: Explanation) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(each.clause, each.text, each.seen) for each in only(found).findings]


def test_a_negated_conjunction_keeps_its_not() -> None:
    assert findings(asked("not (args.all and args.n == 1)")) == [
        (
            "when",
            "not (args.all and args.n == 1)",
            ("`args.all` is true: `args.all` is `true`", "`args.n == 1` is true: `args.n` is `1`"),
        )
    ]


def test_a_negated_disjunction_comes_apart_into_negations() -> None:
    assert findings(asked("not (args.all or args.n == 2)")) == [
        ("when", "not args.all", ("`args.all` is `true`",))
    ]


def test_of_a_disjunction_all_is_shown_as_one() -> None:
    assert findings(asked('args.n == 2 or (args.all and resource.path == "/c")')) == [
        (
            "when",
            'args.n == 2 or (args.all and resource.path == "/c")',
            (
                "`args.n == 2` is false: `args.n` is `1`",
                '`resource.path == "/c"` is false: `resource.path` is `"/a/b"`',
            ),
        )
    ]


def test_a_conjunction_comes_apart() -> None:
    assert [text for _, text, _ in findings(asked("args.n == 2 and args.all and args.n > 3"))] == [
        "args.n == 2",
        "args.n > 3",
    ]


@pytest.mark.parametrize(
    ("condition", "changes", "said"),
    [
        ("args.n > 1", {"action__properties__n": None}, "`args.n` is absent"),
        ("args.n > 1", {"action__properties__n": "2"}, "is not of type `int`: it is a string"),
        ("args.n > 1", {"action__properties__n": 2.5}, "is not of type `int`: it has a fraction"),
        ("args.n > 1", {"action__properties__n": 2**53}, "beyond 2^53-1"),
        ("args.n > 1", {"action__properties": [1]}, "`action.properties` is `[1]`, which is not an object"),
        ('"c" in args.to', {"action__properties__to": ["a", 5]}, "element 1 of the list: `5` is not of type `string`"),
        ('every args.to == "a"', {}, 'for `args.to[1]`, `"b"`, it is false'),
        ('every args.to under "/x"', {"action__properties__to": ["/x/../y"]}, "it has `..` in it"),
        ('resource.path under "/a"', {"resource__properties__path": "/a/../b"}, "it has `..` in it"),
        ('resource.path under "/a"', {"resource__properties__path": "a/b"}, "it is not absolute"),
        ('resource.path under "/a"', {"resource__properties__path": "/a//b"}, "an empty segment"),
        ("resource.grade == high", {"resource__properties__grade": "hihg"}, "did you mean `high`?"),
        ("age(context.seen) < 1h", {"context__seen": "2026-02-01T00:00:00Z"}, "its time has not come"),
        ("age(context.seen) < 1h", {"context__seen": "yesterday"}, "a time is written like"),
        ("age(context.seen) < 1h", {"context__time": None}, "the request has no `context.time`"),
        ('context.from within "10.0.0.0/8"', {"context__from": "10.0.0"}, "an address is written like"),
        (
            "context.seen < now",
            {"context__seen": None, "context__sene": "2026-01-01T00:00:00Z"},
            "`context.seen` is absent, and the request has `context.sene`: did you mean `seen`?",
        ),
    ],
)  # fmt: skip
def test_why_a_value_is_unknown_is_said(condition: str, changes: dict[str, Any], said: str) -> None:
    *_, finding = only(asked(condition, **changes)).findings  # behind one about arguments, if any
    assert any(said in line for line in finding.seen), finding.seen


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"context__task__intent": "shop.sel"}, "did you mean `shop.sell`?"),
        ({"context__task__intent": "sell"}, "did you mean `shop.sell`?"),
        ({"context__task__intent": 5}, "`context.task.intent` is `5`, which is not a string"),
        ({"context__task": {"id": "t", "intnet": "shop.sell"}}, "`context.task.intnet`: did you mean `intent`?"),
        ({"resource__type": "shop.file"}, "did you mean `shop.files`?"),
        ({"resource__type": "files"}, "did you mean `shop.files`?"),
        ({"action__name": "raed"}, "did you mean `read`?"),
        ({"subject__id": "spiffe://acme.example/bto"}, "did you mean `spiffe://acme.example/bot`?"),
        ({"subject__id": None, "subject__idd": "x"}, "`subject.idd`: did you mean `id`?"),
        ({"resource": None, "resuorce": {}}, "`resuorce`: did you mean `resource`?"),
    ],
)  # fmt: skip
def test_what_is_mistyped_gets_a_suggestion(changes: dict[str, Any], said: str) -> None:
    notes = asked("args.all", **changes).notes
    assert any(said in note for note in notes), notes


def test_a_mistyped_state_of_the_task_is_seen() -> None:
    task = {"id": "t", "intent": "shop.sell", "stat": "active"}
    (finding,) = only(asked("args.all", context__task=task)).findings
    assert finding.seen == (
        "`task.state` is absent, and the request has `context.task.stat`: did you mean `state`?",
    )


def test_what_is_declared_is_not_taken_for_a_misspelling() -> None:
    text = POLICY.replace("action read(n: int", "action read(n: int, amount: int, amounts: int")
    policy = compiled(text.replace("CONDITION", "args.amount == 1"))
    request = changed({"action__properties__amounts": 1})
    (finding,) = only(explain(policy, request)).findings
    assert finding.seen == ("`args.amount` is absent",)


def test_a_null_is_said_to_be_one() -> None:
    request = changed({"action__properties": {"n": None}})
    found = explain(compiled(POLICY.replace("CONDITION", "args.n == 1")), request)
    assert only(found).findings[0].seen == ("`args.n` is absent: it is `null`",)


def test_a_rule_of_the_tasks_own_intent_stands_before_those_of_others() -> None:
    text = POLICY.replace("CONDITION", "args.n == 2 and resource.grade == high and not args.all")
    other = "grant a { to bot for stock allow files.read as it }"
    reports = explain(compiled(text + other), REQUEST).reports
    assert [each.rule.id for each in reports] == ["shop.g.it", "shop.a.it"]
    assert len(reports[0].findings) == 3


def test_hostile_keys_are_not_compared_one_by_one() -> None:
    task = {"intent": "shop.sell", "state": "active"}
    keys: dict[str, Any] = {"x" * 100_000: 1, "": 1, "\x1b[31m": 2}
    found = explain(
        compiled(POLICY.replace("CONDITION", "args.n == 1")),
        changed({"action__properties": keys, "context__task": task}),
    )
    slipped_in, condition = only(found).findings
    assert slipped_in.seen[0].startswith('the call has `"xxxx')
    assert condition.seen == ("`args.n` is absent",)


def test_a_finding_without_a_condition_has_no_part() -> None:
    policy = compiled(POLICY.replace("CONDITION", "args.all") + 'forbid f { deny any because "x" }')
    found = explain(policy, REQUEST)
    assert found.decision == interpreter.decide(policy, REQUEST)
    assert all(isinstance(each, Finding) for report in found.reports for each in report.findings)


def test_one_person_who_approves_for_two_rules_is_said_to_be_too_few() -> None:
    policy = compiled("""language 2
package p
agent bot = "spiffe://t.example/bot"
intent work "Work"
tool mail { send action send(to: string) }
grant g { to bot for work allow mail.send require approval by "role:lead" within 1h }
forbid f { deny mail.send unless approval by "role:privacy" within 1h because "No." }
test "one person" {
    agent bot for work
    user { id: "user:kim" }
    call mail.send(to: "x")
    at 2026-11-24T10:00:00Z
    approved by "user:ann" as "role:lead", "role:privacy" 1m ago
    expect challenge
}
""")
    found = explain(policy, policy.tests[0].request)
    assert found.decision.effect == "challenge"
    states = {
        each.rule.id: (each.state, [f.clause for f in each.findings]) for each in found.reports
    }
    assert states == {"p.f": ("applies", ["unless"]), "p.g.mail.send": ("waits", ["require"])}
    assert all("too few" in f.seen[0] for each in found.reports for f in each.findings)
