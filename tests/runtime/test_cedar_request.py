"""The translations that are shipped for Cedar, against what the interpreter reads in a request."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from engines import cedar
from engines.cedar_judge import Judge
from engines.javascript import NO_NODE, node
from engines.rego import carried
from generators import policies, requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.check.compiling.load import load_policy
from agpc.compiler.meaning.interpreter import decide
from agpc.compiler.report.source import Source
from agpc.runtime.cedar_request import translate, translate_text
from agpc.runtime.values import MAX_DEPTH
from agpc.targets.cedar import TARGET
from agpc.targets.emission import Options


@settings(suppress_health_check=list(HealthCheck))
@given(st.data())
def test_it_says_what_the_interpreter_reads_and_opens_nothing(data: st.DataObject) -> None:
    policy = data.draw(policies())
    engine, judge = cedar.Engine(TARGET.emit(policy, Options()).files), Judge(policy)
    for _ in range(4):
        request = data.draw(requests(policy))
        found = translate(engine.translation, request)
        assert judge.problems(request, found) == []
        if found is not None and engine.ask(*found):
            assert decide(policy, request).effect == "permit"


EVERY_TYPE = """package p
owner "o" contact "c"
agent bot = "spiffe://acme.example/bot"
intent pay "Pay"
level rank = low < high
enum kind = one, two
tool t { action read(text: string, flag: bool, whole: int, real: number, at: time, long: duration,
    from: ip, any: json, rank: rank, kind: kind, reals: [number], times: [time],
    day: date, zone: domain, mail: email, link: url, links: [url], told: { day: date, link?: url },
    held: { u_x: int, inner?: { _y: bool, z?: string } }) }
grant g { to bot for pay allow t.read }
"""
VALUES: list[Any] = [
    None, True, 0, 1, -1, 1.5, -0.0, 2**53, 10**400, "", "low", "one", "One", "x\ud800", "\ufffd", "10.0.0.1",
    "::ffff:10.0.0.1", "10.0.0.0/8", "1969-12-31T23:59:59.5Z", "2026-11-24T10:00:00+01:00", "15m", "-1s", [], [1, -1.5],
    [None], [[1]], ["1969-12-31T23:59:59.5Z"], {}, {"u_x": 1}, {"u_x": "1"}, {"u_x": 1, "inner": {"_y": True, "z": "z"}},
    "2026-11-24", "2026-02-30", "acme.example", "Acme.example", "ann@acme.example", "ann@", "https://acme.example/a",
    "https://acme.example:-1/a", ["https://acme.example"], ["https://u@acme.example"], {"day": "2026-11-24"},
    {"day": "2026-11-31"}, {"day": "2026-11-24", "link": "//x"},
    {"u_x": 1, "inner": {"_y": 1}}, {"u_x": 1, "inner": {"z": "z"}}, {"inner": None}, {"inner": []}, {"x": 1, "u_x": None},
]  # fmt: skip


def test_every_value_of_every_type_is_what_the_interpreter_reads() -> None:
    compilation = compile_sources([Source("p.agp", EVERY_TYPE)])
    assert compilation.policy is not None, compilation.diagnostics
    engine = cedar.Engine(TARGET.emit(compilation.policy, Options()).files)
    judge = Judge(compilation.policy)
    (resource,) = compilation.policy.resources
    for each in resource.actions[0].parameters:
        for value in VALUES:
            request = asked() | {"action": {"name": "read", "properties": {each.name: value}}}
            found = translate(engine.translation, request)
            if each.name in ("held", "told") and found is None:
                assert not decide(compilation.policy, request).decision  # a field nobody declared
                continue
            assert found is not None
            assert judge.problems(request, found) == [], (each, value)
            assert engine.ask(*found)  # which Cedar refuses unless all is of its type


needs_node = pytest.mark.skipif(node() is None, reason=NO_NODE)


def listed(found: Any) -> Any:
    return None if found is None else json.loads(json.dumps(list(found)))


QUOTED = """package p
owner "o" contact "c"
agent bot = "spiffe://acme.example/bot"
intent pay "Pay"
tool t { action read("page-size"?: { "page-size"?: bool }) }
grant g { to bot for pay allow t.read when not has args."page-size"."page-size" }
"""


@needs_node
def test_what_is_malformed_within_a_record_opens_nothing_by_a_name_in_quotes() -> None:
    """JavaScript named it without its quotes, so that it was taken for absent."""
    policy = compile_sources([Source("p.agp", QUOTED)]).policy
    assert policy is not None
    files = TARGET.emit(policy, Options()).files
    engine = cedar.Engine(files)
    for held, opens in (({}, True), ({"page-size": True}, False), ({"page-size": 1}, False)):
        named = {"action": {"name": "read", "properties": {"page-size": held}}}
        request = asked() | named
        assert (decide(policy, request).effect == "permit") is opens
        body = f"return module.translateText({files['request.json']}, text)"
        (answer,) = cedar.program(files).run(body, [json.dumps(request)])
        assert answer == listed(translate(engine.translation, request))
        assert engine.ask(*answer) is opens


LEFT_OUT = """language 2
package p
owner "o" contact "c"
agents all = "spiffe://t.example/ns/a/*"
agents most = "spiffe://t.example/ns/a/*" except "spiffe://t.example/ns/a/y"
intent pay "Pay"
tool t { action read }
grant g { to all, most for pay allow t.read }
"""


@needs_node
def test_who_is_left_out_of_one_family_is_of_any_that_another_family_names() -> None:
    policy = compile_sources([Source("p.agp", LEFT_OUT)]).policy
    assert policy is not None
    files = TARGET.emit(policy, Options()).files
    engine = cedar.Engine(files)
    request = asked() | {
        "subject": {"type": "agent", "id": "spiffe://t.example/ns/a/y"},
        "action": {"name": "read"},
    }
    found = translate(engine.translation, request)
    assert found is not None
    assert {each["id"] for each in found[1][0]["parents"]} == {"any", "p.all"}
    body = f"return module.translateText({files['request.json']}, text)"
    (answer,) = cedar.program(files).run(body, [json.dumps(request)])
    assert answer == listed(found)


@needs_node
@settings(suppress_health_check=list(HealthCheck))
@given(st.data())
def test_javascript_translates_as_python_does(data: st.DataObject) -> None:
    policy = data.draw(policies())
    files = TARGET.emit(policy, Options()).files
    engine = cedar.Engine(files)
    asked = [data.draw(requests(policy)) for _ in range(8)]
    texts = [carried(each) for each in asked]
    body = f"return module.translateText({files['request.json']}, text)"
    answers = cedar.program(files).run(body, texts)
    for request, text, answer in zip(asked, texts, answers, strict=True):
        assert answer == listed(translate(engine.translation, request))
        assert answer == listed(translate_text(engine.translation, text))
    held = cedar.program(files).run(
        body.replace("translateText", "translate").replace(", text)", ", JSON.parse(text))"), texts
    )
    for request, found in zip(asked, held, strict=True):
        if found is not None and engine.ask(*found):
            assert decide(policy, request).effect == "permit"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    path = tmp_path_factory.mktemp("policy") / "p.agp"
    path.write_text(
        'package p\nowner "o" contact "c"\nagent bot = "spiffe://acme.example/bot"\n'
        'intent pay "Pay"\ntool t { action read(note: json) }\n'
        "grant g { to bot for pay allow t.read }\n"
    )
    policy = load_policy([path])
    return TARGET.emit(policy, Options()).files


@pytest.fixture(scope="module")
def how(files: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(files["request.json"])
    return found


def asked(note: object = None) -> dict[str, Any]:
    return {
        "subject": {"type": "agent", "id": "spiffe://acme.example/bot"},
        "action": {"name": "read", "properties": {"note": note}},
        "resource": {"type": "p.t", "id": "r"},
        "context": {"task": {"id": "t", "intent": "p.pay", "state": "active"}},
    }


def nested(levels: int) -> object:
    value: object = 1
    for _ in range(levels):
        value = [value]
    return value


def test_a_request_deeper_than_the_limit_is_denied(how: dict[str, Any]) -> None:
    above = 3  # the request, the action, its properties
    assert translate(how, asked(nested(MAX_DEPTH - above))) is not None
    assert translate(how, asked(nested(MAX_DEPTH - above + 1))) is None
    assert translate_text(how, json.dumps(asked(0)).replace("0}", "[" * 100_000)) is None


def test_text_is_strict_json(how: dict[str, Any]) -> None:
    text = json.dumps(asked(0))
    assert translate_text(how, text) is not None
    assert translate_text(how, text.encode()) == translate_text(how, text)
    for bad in (
        text.replace('"id": "r"', '"id": "q", "id": "r"'),
        text.replace('"note": 0', '"note": {"a": 1, "a": 1}'),
        text.replace('"note": 0', '"note": NaN'),
        text + "x",
        "",
        "[]",
        "null",
    ):
        assert translate_text(how, bad) is None
    assert translate_text(how, text.encode().replace(b'"r"', b'"\xff"')) is None


def test_shared_and_cyclic_objects_end(how: dict[str, Any]) -> None:
    shared: Any = 1
    for _ in range(60):
        shared = [shared] * 40
    assert translate(how, asked(shared)) is not None
    cyclic: list[Any] = []
    cyclic.append(cyclic)
    assert translate(how, asked(cyclic)) is None


def on_node(files: Mapping[str, str], texts: list[str | bytes]) -> list[Any]:
    body = f"return module.translateText({files['request.json']}, text)"
    answers: list[Any] = cedar.program(files).run(body, [str(each) for each in texts])
    return answers


@needs_node
def test_javascript_is_as_strict_with_text(files: Mapping[str, str]) -> None:
    text = json.dumps(asked(0))
    deep = MAX_DEPTH - 3
    good = [text, json.dumps(asked(nested(deep))), text.replace("0}", "1e400}")]
    bad = [
        json.dumps(asked(nested(deep + 1))),
        text.replace("0}", "[" * 100_000),
        text.replace("0}", "[" * 100_000 + "]" * 100_000 + "}"),
        text.replace('"id": "r"', '"id": "q", "id": "r"'),
        text.replace('"note": 0', '"note": {"a": 1, "a": 1}'),
        text.replace('"note": 0', '"note": NaN'),
        text.replace("spiffe", "\ufffd"),
        text + "x",
        "",
        "[]",
        "null",
        *(text.replace('"p.t"', f'"{each}"') for each in ("__proto__", "constructor", "toString")),
        *(text.replace('"read"', f'"{each}"') for each in ("__proto__", "constructor")),
    ]
    answers = on_node(files, [*good, *bad])
    assert all(each is not None for each in answers[: len(good)])
    assert [each for each in answers[len(good) :] if each is not None] == []


@needs_node
def test_javascript_takes_any_object(files: Mapping[str, str]) -> None:
    body = """
        const how = %s;
        const request = JSON.parse(text);
        const cyclic = [];
        cyclic.push(cyclic);
        const thrower = { ...request, get subject() { throw new Error("no"); } };
        const shared = Array.from({ length: 60 }).reduce((each) => Array(40).fill(each), 1);
        const noted = (note) => ({ ...request, action: { name: "read", properties: { note } } });
        const malformed = (note) => module.translate(how, noted(note))[0].context.malformed;
        return [
          [null, undefined, 1, "x", [], cyclic, thrower, new Map(), () => request]
            .map((each) => module.translate(how, each)),
          module.translate(how, noted(shared)) !== null,
          malformed(new Date(0)),
          malformed(undefined),
        ];
    """
    ((nothing, takes_shared, date, missing),) = cedar.program(files).run(
        body % files["request.json"], [json.dumps(asked(0))]
    )
    assert nothing == [None] * 9
    assert takes_shared is True
    assert (date, missing) == (["args.note"], ["args.note"])
