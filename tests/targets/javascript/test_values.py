"""The module reads values as the interpreter does, and takes nothing from JavaScript's own ways."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from engines.hand_policies import ALLOW, AMOUNT, POLICY, policy_with, request
from engines.javascript import NO_NODE, Module, find_node, node
from engines.rego import write

from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning import interpreter

from .modules import files_of, module_of

pytestmark = pytest.mark.skipif(node() is None, reason=NO_NODE)
NUMBER = ir.Constant(ir.NUMBER, 5)
HAS_AMOUNT = ir.Has(AMOUNT)
HAS_JSON = ir.Has(ir.Attribute("args", ("amount",), ir.JSON))
HAS_LIST = ir.Has(ir.Attribute("args", ("amount",), ir.ListType(ir.NUMBER)))
HAS_RECORD = ir.Has(
    ir.Attribute("args", ("amount",), ir.RecordType((ir.Field("a", ir.NUMBER, optional=True),)))
)


def answers_to(policy: ir.Policy, *values: str) -> list[bool]:
    """Decide requests whose `args.amount` is the value of each JavaScript expression."""
    body = """
        const { request, value } = JSON.parse(text);
        request.action.properties.amount = new Function(`return ${value}`)();
        return module.decide(request).decision;
    """
    texts = [json.dumps({"request": request(), "value": f"({value})"}) for value in values]
    return module_of(policy).run(body, texts)


NO_JSON = (
    "undefined", "NaN", "Infinity", "-Infinity", "5n", "() => 5", "Symbol('5')", "new Date(5)",
    "new Number(5)", "new Map([['a', 5]])", "new Set([5])", "new (class A { a = 5 })()",
    "new Uint8Array(5)", "/5/", "Promise.resolve(5)", "new Error('5')", "new WeakMap()",
)  # fmt: skip


@pytest.mark.parametrize("value", NO_JSON)
@pytest.mark.parametrize("condition", [HAS_AMOUNT, HAS_LIST, HAS_RECORD])
def test_what_is_no_json_is_neither_there_nor_missing(value: str, condition: ir.Condition) -> None:
    for asked in (condition, ir.Not(condition)):
        assert answers_to(policy_with(asked), value, f"[{value}]", f"[5, {value}]") == [False] * 3


def test_what_is_no_json_is_not_a_json_value_either() -> None:
    values = [each for each in NO_JSON if each not in ("NaN", "Infinity", "-Infinity")]
    for asked in (HAS_JSON, ir.Not(HAS_JSON)):
        assert not any(answers_to(policy_with(asked), *values))


def test_plain_objects_are_json_wherever_they_come_from() -> None:
    values = ("{ a: 5 }", "Object.assign(Object.create(null), { a: 5 })", "Object.freeze({ a: 5 })")
    assert answers_to(policy_with(HAS_RECORD), *values) == [True] * 3


def test_only_own_properties_count() -> None:
    inner = ir.Has(ir.Attribute("args", ("amount", "a"), ir.NUMBER))
    values = ("Object.create({ a: 5 })", "Object.create(Object.create(null, { a: { value: 5 } }))")
    assert answers_to(policy_with(inner), *values) == [False, False]


def test_names_of_prototypes_are_ordinary_names() -> None:
    for name in ("__proto__", "constructor", "toString", "hasOwnProperty", "length", "valueOf"):
        policy = policy_with(ir.Compare("==", ir.Attribute("args", (name,), ir.STRING), T1))
        asked: Any = [request(), request(**{name: "t1"}), request(**{name: {name: "t1"}})]
        for entry in ("decide", "decideText"):
            found = module_of(policy).decide(asked, entry)  # type: ignore[arg-type]
            assert [each["decision"] for each in found] == [False, True, False]


T1 = ir.Constant(ir.STRING, "t1")


def test_a_policy_may_use_names_of_prototypes() -> None:
    names = ("__proto__", "constructor", "toString")
    for name in names:
        properties = tuple((each, each) for each in sorted(names))
        policy = replace(
            POLICY,
            intents=(replace(POLICY.intents[0], name=name),),
            resources=(
                replace(
                    POLICY.resources[0],
                    name=name,
                    actions=(replace(POLICY.resources[0].actions[0], name=name),),
                ),
            ),
            allows=(
                replace(
                    ALLOW,
                    intents=(name,),
                    capabilities=(f"{name}.{name}",),
                    obligations=(ir.Obligation(name, properties),),
                ),
            ),
        )
        undeclared = [each for each in names if each != name]
        requests = []
        for intent, action, kind in [(name,) * 3, *((each,) * 3 for each in undeclared)]:
            asked = request()
            asked["context"]["task"]["intent"] = intent
            asked["action"]["name"], asked["resource"]["type"] = action, kind
            requests.append(asked)
        found = module_of(policy).decide(requests)
        assert [each["decision"] for each in found] == [True, False, False]
        assert found == [interpreter.decide(policy, each).to_authzen() for each in requests]


def test_a_hole_is_no_element_and_a_long_list_of_holes_is_not_walked() -> None:
    values = ("[5, , 5]", "new Array(4294967295)", "[5, 5]")
    assert answers_to(policy_with(HAS_LIST), *values) == [False, False, True]


def test_each_property_is_read_once() -> None:
    condition = ir.And(
        (
            ir.Compare("<=", AMOUNT, NUMBER),
            ir.Not(ir.Compare("<", AMOUNT, ir.Constant(ir.NUMBER, 1))),
        )
    )
    body = """
        const request = JSON.parse(text);
        let reads = 0;
        Object.defineProperty(request.action.properties, "amount", {
          enumerable: true, get: () => (reads += 1),
        });
        return [module.decide(request).decision, reads];
    """
    assert module_of(policy_with(condition)).run(body, [json.dumps(request())]) == [[True, 1]]


def test_an_error_while_reading_is_a_denial() -> None:
    body = """
        const request = JSON.parse(text);
        const fail = () => { throw new Error("no"); };
        Object.defineProperty(request.action.properties, "amount", { enumerable: true, get: fail });
        return [
          module.decide(request),
          module.decide(new Proxy({}, { ownKeys: fail })),
          module.decide(new Proxy({}, { getPrototypeOf: fail })),
        ];
    """
    (found,) = module_of(POLICY).run(body, [json.dumps(request())])
    nothing = interpreter.decide(POLICY, None).to_authzen()
    assert found == [nothing] * 3


@pytest.mark.parametrize(
    "value",
    ["undefined", "null", "5", "'x'", "[]", "{}", "() => {}", "new Map()", "Symbol()", "5n"],
)
def test_anything_is_answered(value: str, library: Module) -> None:
    nothing = interpreter.decide(POLICY, None).to_authzen()
    body = f"return [module.decide({value}), module.decideText({value})]"
    assert library.run(body) == [[nothing, nothing]]


def approved(policy: ir.Policy, args: str, approved_args: str) -> bool:
    """Whether an approval of some arguments meets a call with others, as expressions."""
    asked = request()
    asked["context"]["time"] = "2026-01-01T00:00:00Z"
    asked["context"]["approvals"] = [
        {
            "by": "user:ann",
            "roles": ["role:x"],
            "at": "2026-01-01T00:00:00Z",
            "task": "t",
            "capability": "p.ledger.post",
            "resource": "main",
            "args": {},
        }
    ]
    body = f"""
        const request = JSON.parse(text);
        request.action.properties = {args};
        request.context.approvals[0].args = {approved_args};
        return module.decide(request).decision;
    """
    (found,) = module_of(policy).run(body, [json.dumps(asked)])
    return bool(found)


APPROVED = replace(
    POLICY, allows=(replace(ALLOW, requirements=(ir.Approval(("role:x",), 1, None, False),)),)
)
DEEP = "(() => { let x = 1; for (let i = 0; i < 50_000; i += 1) x = { a: [x] }; return x; })()"
LEVELS = 60  # below an approval's arguments, which stand on the fifth of 64
SHARED = f"(() => {{ let x = {{}}; for (let i = 1; i < {LEVELS}; i += 1) x = {{ a: x, b: x }}; return x; }})()"
CYCLIC = "(() => { const x = { a: {} }; x.a.b = x; return x; })()"


@pytest.mark.parametrize(
    ("args", "of", "equal"),
    [
        ("{ a: 1, b: [2] }", "{ b: [2], a: 1.0 }", True),
        ("{ a: 0 }", "{ a: -0 }", True),
        ("{ a: true }", "{ a: 1 }", False),
        ("{ a: [] }", "{ a: {} }", False),
        ("{ a: null }", "{}", False),
        ("{ a: undefined }", "{}", False),
        ("{ a: undefined }", "{ a: undefined }", False),
        ("{ a: NaN }", "{ a: NaN }", False),
        ("{ a: 5n }", "{ a: 5n }", False),
        ("{ a: 2 ** 53 }", "{ a: 2 ** 53 }", False),
        ("{ a: '\\ud800' }", "{ a: '\\ud800' }", False),
        ("{ '\\ufffd': 1 }", "{ '\\ufffd': 1 }", False),
        ("{ a: new Date(5) }", "{ a: new Date(5) }", False),
        ("{ ['__proto__']: 1 }", "{ ['__proto__']: 1 }", True),
        ("{ ['__proto__']: 1 }", "{}", False),
        (DEEP, DEEP, False),
        (DEEP, f"({DEEP}).a[0]", False),
        (SHARED, SHARED, True),
        (SHARED, f"({SHARED}).a", False),
        (f"{{ a: {SHARED} }}", f"{{ a: {SHARED} }}", False),
        (CYCLIC, CYCLIC, False),
    ],
)
def test_approvals_are_of_equal_arguments(args: str, of: str, equal: bool) -> None:
    assert approved(APPROVED, args, of) is equal


def test_answers_are_new_each_time() -> None:
    policy = replace(
        POLICY,
        allows=(replace(ALLOW, obligations=(ir.Obligation("log", (("a", 1),)),), owner=OWNER),),
    )
    body = """
        const first = module.decideText(text);
        first.context.rules.push("x");
        first.context.obligations[0].properties.a = 2;
        first.context.owner.name = "x";
        return module.decideText(text);
    """
    (found,) = module_of(policy).run(body, [json.dumps(request())])
    assert found == interpreter.decide(policy, request()).to_authzen()


OWNER = ir.Owner("o", "c")


def test_what_others_write_on_prototypes_does_not_matter() -> None:
    policy = replace(APPROVED, allows=(ALLOW, *APPROVED.allows))
    body = """
        const names = ["effect", "rules", "reasons", "requirements", "obligations", "credential",
          "owner", "applies", "keys", "source", "id", "type", "get", "subject", "state", "amount"];
        for (const name of names) Object.prototype[name] = () => true;
        try {
          return [module.decide(JSON.parse(text)), module.decideText(text)];
        } finally {
          for (const name of names) delete Object.prototype[name];
        }
    """
    ended, empty = request(), request()
    del ended["context"]["task"]["state"]
    del empty["subject"]
    asked = [request(), ended, empty]
    found = module_of(policy).run(body, [json.dumps(each) for each in asked])
    assert found == [[interpreter.decide(policy, each).to_authzen()] * 2 for each in asked]


IN_A_BARE_CONTEXT = """
import { readFileSync } from "node:fs";
import { createContext, SourceTextModule } from "node:vm";

const context = createContext(Object.create(null));
const modules = new Map();
function load(url) {
  if (!modules.has(url.href)) {
    const source = readFileSync(url, "utf8");
    modules.set(url.href, new SourceTextModule(source, { context, identifier: url.href }));
  }
  return modules.get(url.href);
}
const module = load(new URL("./index.js", import.meta.url));
await module.link((name, from) => load(new URL(name, from.identifier)));
await module.evaluate();
console.log(module.namespace.decide(JSON.parse(process.argv[2])).decision);
"""
BARE = ("--experimental-vm-modules", "--no-warnings")


def test_the_module_needs_nothing_but_the_language(tmp_path: Path) -> None:
    window = ir.Window((0, 1, 2, 3, 4, 5, 6), 0, 720, "Europe/Berlin")
    write(files_of(replace(POLICY, allows=(replace(ALLOW, window=window),))), tmp_path)
    (tmp_path / "bare.mjs").write_text(IN_A_BARE_CONTEXT, "utf-8")
    asked = request()
    asked["context"]["time"] = "2026-01-01T06:00:00Z"
    run = subprocess.run(
        [str(find_node()), *BARE, "bare.mjs", json.dumps(asked)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.stdout == "true\n", run.stderr


@pytest.mark.parametrize(
    ("digits", "by_text", "by_data"),
    [
        ("9007199254740991", True, True),
        ("9007199254740992", True, False),
        ("9007199254740993", False, False),  # JSON.parse reads 9007199254740992
        ("-9007199254740993", False, False),
        ("1e300", True, False),
        ("1" + "0" * 22, True, False),
        ("1" + "0" * 23, False, False),
        ("1" + "0" * 400, False, False),
        ("1e400", False, False),
        ("0.1", True, True),
        ("-0", True, True),
        ("-0.0", True, True),
        ("5e-324", True, True),
    ],
)
def test_numbers_that_json_parse_may_have_rounded(
    digits: str, by_text: bool, by_data: bool
) -> None:
    policy = policy_with(HAS_AMOUNT)
    text = json.dumps(request(amount=17)).replace("17", digits)
    assert interpreter.decide(policy, json.loads(text)).decision is by_text
    module = module_of(policy)
    assert module.run("return module.decideText(text).decision", [text]) == [by_text]
    assert module.run("return module.decide(JSON.parse(text)).decision", [text]) == [by_data]
