"""Facts in Cedar's context: each compares as the interpreter says, and what nobody knows opens nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from engines import cedar
from engines.cedar import Engine
from engines.cedar_judge import Judge
from engines.javascript import NO_NODE, node

from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning.interpreter import decide
from agpc.compiler.report.source import Source
from agpc.runtime.cedar_request import translate
from agpc.targets.cedar import TARGET
from agpc.targets.emission import Emission, Options

HEAD = """language 2
package p
owner "o" contact "c"
level rank = low < mid < high
agent bot = "spiffe://acme.example/bot"
intent pay "Pay"
tool t { read action get(n: int, x: number, at: time, d: duration, r: rank, day: date,
    to: [string], link: url, all: [url], held: { u_x: int, when?: date }, rows: [{ to: string }]) }
"""
GRANT = "grant g { to bot for pay allow t.get when CONDITION }\n"
FORBID = (
    'grant g { to bot for pay allow t.get }\nforbid f { deny t.get when CONDITION because "x" }\n'
)
NONE: dict[str, Any] = {"none": True}
SIGNS = ("==", "!=", "<", "<=", ">", ">=")
KNOWN: dict[str, tuple[str, tuple[Any, ...]]] = {
    "n": ("1", (0, 1, 2, 1.0, -1, 2**53 - 1)),
    "x": ("0.5", (0, -0.0, 0.5, 1, -2.25, 1e300)),
    "at": (
        "2026-11-24T10:00:00Z",
        ("2026-11-24T09:59:59.999999999Z", "2026-11-24T11:00:00+01:00", "2026-11-25T00:00:00Z"),
    ),
    "d": ("15m", ("15m", "14m", "1h", "0s")),
    "r": ("mid", ("low", "mid", "high")),
}
"""By argument, a constant of the type of its greatest, and values."""
UNKNOWN: tuple[Any, ...] = (
    *(None, True, "x", [], [1], {}, 2**53, "1", "2026-02-30T00:00:00Z"),
    *({"none": False}, {"none": 1}, {"none": "true"}, {"none": True, "value": 1}, {"value": 1}),
)


def compiled(text: str) -> ir.Policy:
    policy = compile_sources([Source("p.agp", HEAD + text)]).policy
    assert policy is not None
    return policy


def emitted(policy: ir.Policy) -> tuple[Engine, Emission]:
    emission = TARGET.emit(policy, Options())
    engine = Engine(emission.files)
    assert engine.validation.validation_passed, engine.validation.errors
    return engine, emission


def is_exact(emission: Emission) -> bool:
    written = [each for each in emission.ledger if not each.rule.endswith(".start")]
    return all(each.enforcement == "exact" for each in written)


def asked(context: dict[str, Any], **arguments: Any) -> dict[str, Any]:
    return {
        "subject": {"type": "agent", "id": "spiffe://acme.example/bot"},
        "action": {"name": "get", "properties": arguments},
        "resource": {"type": "p.t", "id": "r"},
        "context": {"task": {"id": "t", "intent": "p.pay", "state": "active"}, **context},
    }


def hold(policy: ir.Policy, requests: list[dict[str, Any]]) -> set[bool]:
    """Hold Cedar against the interpreter, and say what it decided."""
    engine, emission = emitted(policy)
    judge = Judge(policy)
    assert is_exact(emission), emission.ledger
    decided = set()
    for request in requests:
        found = translate(engine.translation, request)
        assert judge.problems(request, found) == []
        assert found is not None
        permits = engine.ask(*found)
        assert permits is (decide(policy, request).effect == "permit"), request["context"]
        decided.add(permits)
    return decided


def meter(policy: ir.Policy, said: dict[str, Any]) -> dict[str, Any]:
    (found,) = policy.meters
    return {"meters": {found.key: said}}


@pytest.mark.parametrize("rule", [GRANT, FORBID], ids=["allow", "forbid"])
@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("name", KNOWN)
def test_a_greatest_compares_with_constants_arguments_and_itself(
    name: str, sign: str, rule: str
) -> None:
    constant, values = KNOWN[name]
    for left, right in (("m", constant), (constant, "m"), ("m", f"args.{name}"), ("m.before", "m")):
        text = f"meter m = max args.{name} of t.get per task\n"
        policy = compiled(text + rule.replace("CONDITION", f"{left} {sign} {right}"))
        given = [NONE, *values, *UNKNOWN]
        before = (NONE, *values[:2]) if "m.before" in (left, right) else (NONE,)
        arguments = values[:2] if "args" in right else values[:1]
        said = [{"with": each, "before": other} for each in given for other in before]
        said += [{"with": values[0], "before": each} for each in given]
        said += [{}, {"before": values[0]}, {"with": values[0]}, {"with": NONE}]
        requests = [
            asked(meter(policy, each), **{name: argument})
            for each, argument in product(said, arguments)
        ]
        requests.append(asked(meter(policy, {"with": values[0], "before": NONE})))
        assert hold(policy, requests) == {True, False}


@pytest.mark.parametrize("rule", [GRANT, FORBID], ids=["allow", "forbid"])
@pytest.mark.parametrize(
    ("declared", "condition", "values"),
    [
        ("count of t.get per task", "m <= 3", (0, 3, 4, 3.0, NONE)),
        ("sum args.n of t.get per task", "m < 10", (9, 10, -1, NONE)),
        ("sum args.x of t.get per task", "m.before > 10.5", (10.5, 10.500001, 11, NONE)),
        ("distinct args.r of t.get per task", "m == 2", (1, 2, NONE)),
        ("sum size args.to of t.get per task", "m >= 2", (1, 2, NONE)),
        (
            "last of t.get per task",
            "m.before < now",
            ("2026-11-24T10:00:00Z", "2026-11-25T10:00:00Z", NONE),
        ),
        ("count of t.get per task", "m in [1, 3]", (1, 2, 3)),
    ],
)
def test_every_meter_is_what_the_interpreter_reads(
    declared: str, condition: str, values: tuple[Any, ...], rule: str
) -> None:
    policy = compiled(f"meter m = {declared}\n" + rule.replace("CONDITION", condition))
    (found,) = policy.meters
    time = {"time": "2026-11-24T10:00:00.5Z"}
    requests = [
        asked({**time, **meter(policy, {"before": each, "with": each})})
        for each in (*values, *UNKNOWN)
    ]
    requests += [
        asked({**time, **each})
        for each in (
            {},
            {"meters": None},
            {"meters": []},
            {"meters": {}},
            {"meters": {found.key: [1]}},
            {"meters": {found.name: {"before": 1, "with": 1}}},
            {"meters": {f"{found.name}#{'0' * ir.SHORT}": {"before": 1, "with": 1}}},
            {"sources": {found.key: {"before": 1, "with": 1}}},
            {found.key: {"before": 1, "with": 1}},
        )
    ]
    assert hold(policy, requests) == {True, False}


def listed(policy: ir.Policy) -> Iterator[dict[str, Any]]:
    """What may be said of the sources of a policy, and what nobody would say."""
    (source,) = policy.sources
    names = ["to", "link", "all", "held", "held.u_x", "to#links", "link#links", "rows.to"]
    for one in (names, *([each] for each in names)):
        yield {"sources": {source.key: one}}
    for strange in (None, True, "to", {}, {"to": True}, [None, *names], [*names, 1], [names]):
        yield {"sources": {source.key: strange}}
    yield {"sources": {source.name: names}}
    yield {"sources": [source.key]}
    yield {"meters": {source.key: names}}
    yield {}


@pytest.mark.parametrize(
    "rule",
    [GRANT, FORBID.replace("CONDITION", "not CONDITION"), FORBID.replace(
        "when CONDITION", "unless CONDITION")],
    ids=["allow", "forbid", "unless"],
)  # fmt: skip
@pytest.mark.parametrize(
    ("condition", "values"),
    [
        ("args.to from said", {"to": (["a"], [], None, "a", [None])}),
        ("links args.to from said", {"to": (["a"], [1])}),
        ("args.link from said", {"link": ("https://a.example/x", "//a", None)}),
        ("links args.link from said", {"link": ("https://a.example/x", 1)}),
        ("args.all from said", {"all": (["https://a.example"], ["//a"], [])}),
        ("args.held from said", {"held": ({"u_x": 1}, {"u_x": "1"}, {}, None, 1,
                                          {"u_x": 1, "when": "2026-02-30"})}),
        ("args.held.u_x from said", {"held": ({"u_x": 1}, {"u_x": "1"}, {}, 1,
                                              {"u_x": 1, "when": "2026-02-30"})}),
    ],
)  # fmt: skip
def test_a_source_is_asked_of_an_argument_that_is_there(
    condition: str, values: dict[str, tuple[Any, ...]], rule: str
) -> None:
    policy = compiled(rule.replace("CONDITION", f"({condition})"))
    ((name, given),) = values.items()
    requests = [
        asked(context, **{name: value})
        for context, value in product(listed(policy), given)
    ]  # fmt: skip
    assert hold(policy, requests) == {True, False}


def test_what_cedar_cannot_say_of_facts_is_in_the_ledger() -> None:
    for text, reason in (
        ("meter m = max args.day of t.get per task\n" + GRANT.replace(
            "CONDITION", "m < 2026-11-24"), "Cedar reads no date"),
        (GRANT.replace("CONDITION", "args.rows.to from said"), "no way through lists of records"),
    ):  # fmt: skip
        policy = compiled(text)
        engine, emission = emitted(policy)
        entry = next(each for each in emission.ledger if each.rule == "p.g.t.get")
        assert entry.enforcement == "elsewhere"
        assert reason in entry.reasons[0]
        for found in policy.meters:
            said = {"meters": {found.key: {"with": "2026-11-01"}}}
            assert not engine.decide(asked(said))


def test_a_policy_that_reads_no_facts_is_given_none() -> None:
    policy = compiled(
        "meter m = count of t.get per task\n" + GRANT.replace("CONDITION", "args.n > 0")
    )
    engine, _ = emitted(policy)
    found = translate(engine.translation, asked(meter(policy, {"before": 0, "with": 1}), n=1))
    assert found is not None
    assert found[0]["context"].keys().isdisjoint(("meters", "sources"))
    assert engine.ask(*found)


def test_a_translation_of_an_older_policy_is_refused_and_not_taken_for_nothing() -> None:
    """Cedar's schema requires the facts, so that who does not carry them over permits nothing."""
    forbid = FORBID.replace("CONDITION", "m > 3")
    policy = compiled("meter m = count of t.get per task\n" + forbid)
    engine, _ = emitted(policy)
    found = translate(engine.translation | {"facts": {}}, asked(meter(policy, {"with": 1})))
    assert found is not None
    with pytest.raises(AssertionError, match="meters"):
        engine.ask(*found)


@pytest.mark.skipif(node() is None, reason=NO_NODE)
def test_javascript_carries_facts_over_as_python_does() -> None:
    declared = "".join(f"meter m{name} = max args.{name} of t.get per task\n" for name in KNOWN)
    condition = " and ".join(f"m{name} >= {constant}" for name, (constant, _) in KNOWN.items())
    policy = compiled(declared + GRANT.replace("CONDITION", f"{condition} and args.to from said"))
    engine, emission = emitted(policy)
    values = [NONE, *UNKNOWN, *(each for _, known in KNOWN.values() for each in known)]
    requests = [
        asked({"meters": {each.key: {"with": value, "before": value} for each in policy.meters}})
        for value in values
    ]
    requests += [asked(each, to=["a"]) for each in listed(policy)]
    body = f"return module.translateText({emission.files['request.json']}, text)"
    answers = cedar.program(emission.files).run(body, [json.dumps(each) for each in requests])
    for request, answer in zip(requests, answers, strict=True):
        found = translate(engine.translation, request)
        assert found is not None
        assert answer == json.loads(json.dumps(list(found)))
