"""The module reads values as the interpreter does, and takes nothing from JavaScript's own ways."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from engines.hand_policies import ALLOW, AMOUNT, POLICY, policy_with, request
from engines.javascript import NO_NODE, Module, find_node, node
from engines.rego import write
from hypothesis import given, settings
from hypothesis import strategies as st

from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning import interpreter
from agpc.runtime.glob import glob_match, parse_glob
from agpc.runtime.values import (
    is_text,
    read_address,
    read_duration,
    read_time,
)
from agpc.runtime.windows import Window
from agpc.targets.javascript.constants import Constants, address

from .modules import files_of, module_of

pytestmark = pytest.mark.skipif(node() is None, reason=NO_NODE)

NUMBER = ir.Constant(ir.NUMBER, 5)
HAS_AMOUNT = ir.Has(AMOUNT)
HAS_JSON = ir.Has(ir.Attribute("args", ("amount",), ir.JSON))
HAS_LIST = ir.Has(ir.Attribute("args", ("amount",), ir.ListType(ir.NUMBER)))
HAS_RECORD = ir.Has(
    ir.Attribute("args", ("amount",), ir.RecordType((ir.Field("a", ir.NUMBER, optional=True),)))
)


@pytest.fixture(scope="module")
def library() -> Module:
    return module_of(POLICY)


def answers_to(policy: ir.Policy, *values: str) -> list[bool]:
    """Decide requests whose `args.amount` is the value of each JavaScript expression."""
    body = """
        const { request, value } = JSON.parse(text);
        request.action.properties.amount = new Function(`return ${value}`)();
        return module.decide(request).decision;
    """
    texts = [json.dumps({"request": request(), "value": f"({value})"}) for value in values]
    return module_of(policy).run(body, texts)


# --- What only a program can pass -----------------------------------------------------------------

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


# --- Numbers --------------------------------------------------------------------------------------


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


# --- JSON text ------------------------------------------------------------------------------------

NOT_TEXT = (
    "", " ", "{", "}", "[", "[1", "[1,", "[1,]", "[,1]", "{,}", '{"a"}', '{"a":}', '{"a":1,}',
    "{a:1}", "{'a':1}", '"', '"\\', '"\\x"', '"\\u12"', '"\n"', '"\x00"', "01", "+1", ".5", "1.",
    "1e", "-", "NaN", "Infinity", "-Infinity", "nul", "nulll", "true false", "1 2", "[1 2]", "[1}",
    '{"a":1]', "\ufeff1", "\xa01", "//", "1//", '{"a":1,"a":1}', '{"a":1,"\\u0061":2}',
    '[{"b":{"__proto__":1,"__proto__":2}}]', '{"a" 1}', '{"a":1 "b":2}', "[" * 100_000, "{}{}",
)  # fmt: skip
SHOWN = """
    const shown = (value) =>
      value instanceof Map
        ? Object.fromEntries([...value].map(([key, each]) => [`/${key}`, shown(each)]))
        : Array.isArray(value) ? value.map(shown)
        : typeof value === "symbol" ? "INEXACT" : value;
"""
PARSED = f"""{SHOWN}
    try {{ return [shown(module.parsed(text))]; }} catch (error) {{ return error.name; }}
"""


def test_what_is_no_json_text_is_refused(library: Module) -> None:
    found = library.run(PARSED, NOT_TEXT, "library/json_text.js")
    assert dict(zip(NOT_TEXT, found, strict=True)) == dict.fromkeys(NOT_TEXT, "SyntaxError")


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text()
    | st.floats(allow_nan=False, allow_infinity=False).filter(lambda each: abs(each) < 2**53),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)  # fmt: skip


@given(st.lists(st.tuples(JSON_VALUES, st.booleans(), st.sampled_from([None, 1])), max_size=5))
def test_json_text_is_read_as_python_reads_it(values: list[tuple[Any, bool, int | None]]) -> None:
    texts = [
        json.dumps(value, ensure_ascii=ascii_, indent=indent) for value, ascii_, indent in values
    ]
    found = module_of_library().run(PARSED, texts, "library/json_text.js")
    assert found == [[marked(json.loads(text))] for text in texts]


@given(st.lists(st.text('{}[]":,\\ utfalsern0123456789.eE+-\n', max_size=12), max_size=40))
def test_json_text_is_refused_as_json_parse_refuses_it(texts: list[str]) -> None:
    body = f"""{SHOWN}
        const tried = (read) => {{ try {{ read(text); return true; }} catch {{ return false; }} }};
        return [tried(module.parsed), tried(JSON.parse)];
    """
    for text, (strict, lenient) in zip(
        texts, module_of_library().run(body, texts, "library/json_text.js"), strict=True
    ):
        twice = text.count('":') > 1  # a name may stand twice
        assert strict == lenient or (lenient and twice), text


def marked(value: Any) -> Any:
    """A value with each name marked as the runner marks it, so that none is special."""
    match value:
        case dict():
            return {f"/{key}": marked(each) for key, each in value.items()}
        case list():
            return [marked(each) for each in value]
    return value


_LIBRARY: list[Module] = []


def module_of_library() -> Module:
    """The module of a policy, for tests of the library by Hypothesis."""
    if not _LIBRARY:
        _LIBRARY.append(module_of(POLICY))
    return _LIBRARY[0]


@pytest.mark.parametrize(
    ("pairs", "permits"), [(0, True), (30, True), (31, False), (200_000, False)]
)
@pytest.mark.parametrize("more", [0, 1])
def test_text_may_nest_as_deep_as_a_request_and_no_deeper(
    pairs: int, more: int, permits: bool, library: Module
) -> None:
    deep = '{"a":[' * pairs + "[" * more + "1" + "]" * more + "]}" * pairs  # below three levels
    text = json.dumps(request(amount=17)).replace("17", deep)
    for body in ("return module.decideText(text)", "return module.decide(JSON.parse(text))"):
        assert library.run(f"{body}.decision", [text]) == [permits]


@pytest.mark.parametrize("place", ["request.action.properties", "request", "request.context", "{}"])
@pytest.mark.parametrize("holder", ["{}", "[]"])
def test_what_holds_itself_is_too_deep_as_a_whole(place: str, holder: str, library: Module) -> None:
    body = f"""
        const request = JSON.parse(text);
        const place = {place};
        const holder = {holder};
        holder[0] = holder;
        place.unread = holder;
        return module.decide(request);
    """
    (found,) = library.run(body, [json.dumps(request())])
    assert found["decision"] is (place == "{}")  # where no request holds it


# --- Scalars --------------------------------------------------------------------------------------

TIME_TEXTS = st.one_of(
    st.builds(
        lambda y, mo, d, h, mi, s, f, z: f"{y:04}-{mo:02}-{d:02}T{h:02}:{mi:02}:{s:02}{f}{z}",
        st.sampled_from([0, 1, 50, 99, 1600, 1676, 1677, 1678, 1900, 2000, 2024, 2026, 2261, 2262, 9999]),
        st.integers(0, 13),
        st.sampled_from([0, 1, 11, 21, 28, 29, 30, 31, 32]),
        st.sampled_from([0, 12, 23, 24]),
        st.sampled_from([0, 12, 47, 59, 60]),
        st.sampled_from([0, 16, 43, 59, 60]),
        st.sampled_from(["", ".0", ".145224192", ".145224191", ".854775807", ".854775808", ".1234567890", "."]),
        st.sampled_from(["Z", "z", "", "+00:00", "-23:59", "+24:00", "+01:60", "-01:00", "+0100"]),
    ),
    st.text("0123456789-:TZ.+", max_size=25),
)  # fmt: skip
DURATION_TEXTS = st.text("0123456789dhms-. ", max_size=12) | st.sampled_from(
    ["36500d", "36500d1s", "876000h", "876000h1s", "52560000m", "3153600000s", "3153600001s", "999999999d999999999h"]
)  # fmt: skip
ADDRESS_TEXTS = st.one_of(
    st.ip_addresses().map(str),
    st.ip_addresses(v=6).map(lambda each: each.exploded.upper()),
    st.text("0123456789abcdefFG:.%/", max_size=20),
    st.lists(st.sampled_from(["", "0", "1", "ffff", "FFFF", "00000", "g", "1.2.3.4", "::"]), max_size=10)
    .map(":".join),
    st.sampled_from(["::ffff:1.2.3.4", "::ffff:102:304", "::fffe:1.2.3.4", "::1.2.3.4", "::ffff:01.2.3.4", "1::", "::", "1:2:3:4::5:6:7:8", "1:2:3:4::5:6:7", "1:2::3::4", ":1::", "::1:"]),
)  # fmt: skip


@given(st.lists(TIME_TEXTS, min_size=20, max_size=40), st.lists(DURATION_TEXTS, max_size=20))
def test_times_and_durations_are_read_alike(times: list[str], durations: list[str]) -> None:
    for name, texts, read in (
        ("readTime", times, read_time),
        ("readDuration", durations, read_duration),
    ):
        body = f"return String(module.{name}(text) ?? null)"
        found = module_of_library().run(body, texts, "library/times.js")
        for text, each in zip(texts, found, strict=True):
            assert (None if each == "null" else int(each)) == read(text), text


@given(st.lists(ADDRESS_TEXTS, min_size=10, max_size=40))
def test_addresses_are_read_alike(texts: list[str]) -> None:
    body = "return module.readAddress(text) ?? null"
    for text, each in zip(
        texts, module_of_library().run(body, texts, "library/addresses.js"), strict=True
    ):
        read = read_address(text)
        assert each == (None if read is None else address(*read)), text


LETTERS = st.text("ab🙂𝒳é*", max_size=8)


@given(st.lists(st.tuples(st.text("ab🙂𝒳é*?", max_size=6), LETTERS), min_size=5, max_size=30))
def test_patterns_match_code_points(cases: list[tuple[str, str]]) -> None:
    constants = Constants(ir.Policy())
    names = [constants.glob(pattern) for pattern, _ in cases]
    code = "\n".join(f"const {each.name} = {each.expression};" for each in constants)
    body = f"""
        const {{ ANY, ONE, globMatch }} = module;
        {code}
        return [{", ".join(f"globMatch({n}, {json.dumps(t)})" for n, (_, t) in zip(names, cases, strict=True))}];
    """  # fmt: skip
    (found,) = module_of_library().run(body, path="library/glob.js")
    assert found == [glob_match(parse_glob(pattern), text) for pattern, text in cases]


@given(st.lists(st.text(st.characters(categories=["Cs", "So", "Ll"]) | st.just("\ufffd"))))
def test_broken_text_is_found(texts: list[str]) -> None:
    whole = [json.loads(json.dumps(each)) for each in texts]  # pairs of surrogates become one
    body = "return module.isText(JSON.parse(text))"
    found = module_of_library().run(body, [json.dumps(each) for each in whole], "library/values.js")
    assert found == [is_text(each) for each in whole]


ZONES = (
    "UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Asia/Kathmandu", "Pacific/Apia",
    "Australia/Lord_Howe", "Africa/Casablanca", "America/St_Johns", "Pacific/Kiritimati",
)  # fmt: skip
LOCAL = """
    const { zone, times, start, end, days } = JSON.parse(text);
    const window = new module.Window(days, start, end, zone);
    return times.map((each) => window.holds(BigInt(each)));
"""


@given(
    st.sampled_from(ZONES),
    st.lists(
        st.datetimes(datetime(2000, 1, 1), datetime(2261, 1, 1))
        | st.builds(
            lambda day, minute: datetime(2026, 1, 1) + timedelta(days=day, minutes=minute),
            st.integers(0, 365),
            st.sampled_from([-1, 0, 59, 60, 61, 119, 120, 121, 180, 1439]),
        ),
        min_size=30,
        max_size=60,
    ),
    st.integers(0, 1439),
    st.integers(0, 1439),
    st.sets(st.integers(0, 6), min_size=1),
)
@settings(max_examples=30)
def test_windows_hold_alike(
    zone: str, moments: list[datetime], start: int, end: int, days: set[int]
) -> None:
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    times = [
        (each.replace(tzinfo=UTC) - epoch) // timedelta(microseconds=1) * 1000 for each in moments
    ]
    window = Window(tuple(sorted(days)), start, end, zone)
    asked = {
        "zone": zone,
        "times": [str(each) for each in times],
        "start": start,
        "end": end,
        "days": sorted(days),
    }
    (found,) = module_of_library().run(LOCAL, [json.dumps(asked)], "library/windows.js")
    assert found == [window.holds(each) for each in times]


def test_a_zone_that_is_not_there_is_an_error_at_once(library: Module) -> None:
    with pytest.raises(AssertionError, match="Nowhere"):
        library.run('new module.Window([0], 0, 60, "Mars/Nowhere")', path="library/windows.js")


def test_ids_of_a_family_are_counted_in_characters() -> None:
    family = ir.Family("p.bots", ("spiffe://a.example/🙂/*",), (), (), ALLOW.span)
    policy = replace(POLICY, families=(family,), allows=(replace(ALLOW, agents=("p.bots",)),))
    asked = []
    for more in (0, 1):
        each = request()
        start = "spiffe://a.example/🙂/"
        each["subject"]["id"] = start + "x" * (2048 - len(start) + more)
        asked.append(each)
    found = [each["decision"] for each in module_of(policy).decide(asked)]
    assert found == [True, False]
    assert found == [interpreter.decide(policy, each).decision for each in asked]


def test_many_agents_and_groups_are_forgotten_and_found_again() -> None:
    family = ir.Family("p.bots", ("spiffe://a.example/*",), (), (), ALLOW.span)
    policy = replace(POLICY, families=(family,), allows=(replace(ALLOW, agents=("p.bots",)),))
    body = """
        const request = JSON.parse(text);
        let permits = 0;
        for (let at = 0; at < 10_000; at += 1) {
          request.subject.id = `spiffe://a.example/${at % 5_000}`;
          permits += module.decide(request).decision;
        }
        return permits;
    """
    assert module_of(policy).run(body, [json.dumps(request())]) == [10_000]
