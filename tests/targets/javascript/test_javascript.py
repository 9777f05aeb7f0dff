"""The generated ES module: what it is made of, what it needs, and what it survives."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from engines.hand_policies import POLICY, SPAN
from engines.javascript import NO_NODE, node
from engines.rego import write
from generators import hostile_text, requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning import interpreter
from agpc.targets.code.literals import Code
from agpc.targets.emission import Options
from agpc.targets.javascript import TARGET
from agpc.targets.javascript.literals import comment, literal
from agpc.targets.javascript.names import LIBRARY_NAMES
from agpc.targets.javascript.target import LIBRARY
from agpc.targets.javascript.types import MOST_TYPED

from ..code.spoiled import spoiled_policies
from .modules import files_of, module_of

needs_node = pytest.mark.skipif(node() is None, reason=NO_NODE)


def assert_agree(policy: ir.Policy, *asked: Any) -> list[bool]:
    answers = module_of(policy).decide(asked)
    for each, answer in zip(asked, answers, strict=True):
        expected = interpreter.decide(policy, each).to_authzen()
        assert answer == json.loads(json.dumps(expected))
    return [answer["decision"] for answer in answers]


# --- What it is -----------------------------------------------------------------------------------


def test_the_library_is_whole() -> None:
    folder = Path(__file__).parents[3] / "targets" / "javascript" / "library"
    assert {path.stem for path in folder.iterdir()} == set(LIBRARY)


def test_the_package_can_be_named() -> None:
    emission = TARGET.emit(POLICY, Options({"package": "@acme/payments"}))
    assert json.loads(emission.files["package.json"])["name"] == "@acme/payments"


@pytest.mark.parametrize(
    "name", ["../evil", "A", "", "é", "a/b", "@a", "a b", ".a", 'a"', "a" * 215]
)
def test_a_name_that_no_package_can_have_is_an_error(name: str) -> None:
    emission = TARGET.emit(POLICY, Options({"package": name}))
    assert [each.code for each in emission.diagnostics] == ["AGP5006"]
    assert not emission.files


def test_the_code_needs_nothing_but_itself() -> None:
    files = files_of(POLICY)
    for path, text in files.items():
        if path.endswith(".js"):
            for imported in re.findall(r'from "(.*)";', text):
                assert os.path.normpath(os.path.join(os.path.dirname(path), imported)) in files
            words = set(re.findall(r"[\w:]+", re.sub(r"/\*.*?\*/|//.*", "", text, flags=re.DOTALL)))
            assert not words & {"require", "process", "Buffer", "eval", "Function", "globalThis"}
            assert "import(" not in text and "node:" not in text


TSC_CONSUMER = """
import { decide, decideText, type Decision, type Obligation, type Request } from "./index.js";

const request: Request = {
  subject: { type: "agent", id: "spiffe://acme.example/bot" },
  action: { name: "post", properties: { amount: 5, to: ["a"] } },
  resource: { type: "p.ledger", id: "main" },
};
const answer: Decision = decide(request);
const duties: Obligation[] = decideText("{}").context.obligations;
for (const each of answer.context.requirements) {
  const text: string = each.type === "approval" ? each.by.join() : each.type === "step_up" ? each.method : each.type;
  console.log(text, each.within_seconds ?? "any", duties.length);
}
const ttl: number | undefined = answer.context.credential?.ttl_seconds;
console.log(ttl, answer.context.owner?.contact);
// @ts-expect-error: an effect is one of three
answer.context.effect === "maybe";
const asked = request.subject;
const names: Request[] = [
  // @ts-expect-error: no such action
  { subject: asked, action: { name: "pots" }, resource: { type: "p.ledger", id: "main" } },
  // @ts-expect-error: no such type of resource
  { subject: asked, action: { name: "post" }, resource: { type: "p.leger", id: "main" } },
  { subject: asked, action: { name: "send", properties: { n: 1, kind: "a", x: 1 } }, resource: { type: "p.mail", id: "" } },
  // @ts-expect-error: an argument of another type
  { subject: asked, action: { name: "send", properties: { n: "1" } }, resource: { type: "p.mail", id: "" } },
  // @ts-expect-error: no member
  { subject: asked, action: { name: "send", properties: { kind: "c" } }, resource: { type: "p.mail", id: "" } },
];
console.log(names);
// @ts-expect-error: text is text
decideText(5);
"""
TSC_OPTIONS = {
    "strict": True,
    "noEmit": True,
    "module": "nodenext",
    "target": "es2022",
    "lib": ["es2022", "dom"],
    "types": [],
}


def find_tsc() -> str | None:
    """Find TypeScript: by the environment's `TSC`, on the path, or in `.cache/node_modules`."""
    cached = Path(__file__).parents[3] / ".cache" / "node_modules" / ".bin" / "tsc"
    return (
        os.environ.get("TSC") or shutil.which("tsc") or (str(cached) if cached.exists() else None)
    )


@pytest.mark.skipif(
    find_tsc() is None, reason="no tsc: .ci/run installs it; or set TSC, or put it on the path"
)
def test_package_is_typed(tmp_path: Path) -> None:
    args = (
        ir.Field("n", ir.INT),
        ir.Field("kind", ir.EnumType("p.kind")),
        ir.Field("all", ir.ListType(ir.RecordType((ir.Field("when", ir.TIME, True),)))),
    )
    mail = ir.Resource("p.mail", "tool", (), (ir.Action("send", args, SPAN),), SPAN)
    kinds = (ir.Enumeration("p.kind", ("a", "b")),)
    policy = replace(POLICY, resources=(*POLICY.resources, mail), enums=kinds)
    write(files_of(policy), tmp_path)
    (tmp_path / "consumer.ts").write_text(TSC_CONSUMER, "utf-8")
    (tmp_path / "tsconfig.json").write_text(json.dumps({"compilerOptions": TSC_OPTIONS}), "utf-8")
    run = subprocess.run(
        [str(find_tsc())],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_a_policy_of_very_many_actions_names_none() -> None:
    actions = tuple(ir.Action(f"a{n}", (), SPAN) for n in range(MOST_TYPED + 1))
    resource = replace(POLICY.resources[0], actions=actions)
    found = files_of(replace(POLICY, allows=(), resources=(resource,)))["index.d.ts"]
    assert "[type: string]" in found and '"a1"' not in found


@needs_node
@pytest.mark.skipif(shutil.which("npm") is None, reason="there is no npm on the path")
def test_npm_installs_the_package(tmp_path: Path) -> None:
    write(files_of(POLICY), tmp_path / "made")
    (tmp_path / "program").mkdir()
    (tmp_path / "program" / "package.json").write_text('{"private": true, "type": "module"}')
    npm = [str(shutil.which("npm")), "--offline", "--no-audit", "--no-fund", "--silent"]
    packed = subprocess.run(
        [*npm, "pack", "../made"], cwd=tmp_path / "program", capture_output=True, check=True
    )
    archive = packed.stdout.decode().split()[-1]
    subprocess.run([*npm, "install", f"./{archive}"], cwd=tmp_path / "program", check=True)
    code = 'import { decide } from "agp-policy"; console.log(decide({}).context.effect);'
    (tmp_path / "program" / "main.js").write_text(code)
    ran = subprocess.run(
        [str(shutil.which("node")), "main.js"],
        cwd=tmp_path / "program",
        capture_output=True,
        check=True,
    )
    assert ran.stdout == b"deny\n"
    there = tmp_path / "program" / "node_modules" / "agp-policy"
    assert (there / "NOTICE").exists() and (there / "library" / "LICENSE").exists()


# --- Hostile text ---------------------------------------------------------------------------------

OWN_WORDS = (
    {name for names in LIBRARY_NAMES.values() for name in names}
    | {"import", "from", "export", "const", "function", "return", "let", "new", "as"}
    | {"undefined", "null", "true", "false", "call", "RULES", "VOCABULARY", "Set"}
    | {"text", "flag", "number", "whole", "time", "date", "duration", "address", "rank", "elements"}
    | {"element", "value", "record", "request", "now", "get", "has", "includes", "every", "some"}
    | {
        "isFirstStart",
        "startsWith",
        "endsWith",
        "length",
        "push",
        "name",
        "contact",
        "agents",
        "intents",
    }
    | {"agent", "agentId", "args", "resource", "resourceId", "task", "context", "user"}
    | {
        "resources",
        "tools",
        "owners",
        "userDeclared",
        "arguments",
        "id",
        "capabilities",
        "applies",
        "binds",
        "delegations",
        "unlessEvidence",
    }
    | {"because", "validity", "window", "requirements", "obligations", "credential", "owner"}
)
MADE_WORD = re.compile(
    r"(allow|forbid|binds)_\w+|part_\d+|other[A-Z]\w*|[A-Z_]+_\d+|[0-9_]+n?|[0-9.]+(e[+-]?\d+)?"
)
TOKEN = re.compile(
    r'"(?:[^"\\\n]|\\[^\n])*"|//[^\n]*|/\*\*[^\n]*\*/|[0-9.]+e[+-][0-9]+|[A-Za-z0-9_.$]+|[^\s]'
)


def assert_own_words(text: str) -> None:
    """Outside of literals and comments nothing stands but what the emitter has put there."""
    assert text.isascii() and text.isprintable() is False and "\x7f" not in text
    for match in TOKEN.finditer(text):
        token = match[0]
        if token.startswith(('"', "//", "/**")):
            assert "\\<" not in token and "</" not in token
            continue
        for word in re.findall(r"[A-Za-z_$][\w$]*|[0-9][\w.]*(?:(?<=e)[+-]\d+)?", token):
            assert word in OWN_WORDS or MADE_WORD.fullmatch(word), word
        assert "`" not in token and "'" not in token


@needs_node
@given(st.data())
@settings(suppress_health_check=list(HealthCheck), max_examples=30)
def test_hostile_text_stays_in_its_quotes(data: st.DataObject) -> None:
    policy = data.draw(spoiled_policies())
    for path, text in files_of(policy).items():
        if path.startswith("rules/") or path in ("constants.js", "vocabulary.js"):
            assert_own_words(text)
    assert_agree(policy, *(data.draw(requests(policy)) for _ in range(3)))


@needs_node
@given(st.lists(hostile_text(4) | st.text() | st.floats(allow_nan=False, allow_infinity=False)))
def test_a_literal_gives_its_value(values: list[str | float]) -> None:
    running = node()
    assert running is not None
    written = literal(values)
    assert written.isascii() and "<" not in written and "\x7f" not in written
    module = running.load(
        {"index.js": f"export const VALUE = {written};\n// {comment(str(values))}\n"}
    )
    found = module.run(
        "return module.VALUE.map((each) => typeof each === 'number' ? `${each}` : [each])"
    )
    assert [float(each) if isinstance(each, str) else each[0] for each in found[0]] == values


def test_an_object_has_no_prototype_written_into_it() -> None:
    with pytest.raises(ValueError, match="__proto__"):
        literal({"__proto__": Code("null")})
