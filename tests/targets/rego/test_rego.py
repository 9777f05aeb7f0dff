"""The Rego bundle: what it is made of, how it reads, and what text cannot do to it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from engines.hand_policies import SPAN
from engines.rego import Opa, RegoCpp
from generators import hostile_text
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning import interpreter
from agpc.compiler.text.strings import is_seen
from agpc.targets.rego import text
from agpc.targets.rego.conditions import glob_pattern

from .emitting import FIELD_NAMES, HOSTILE_POLICY, emit, field_policy
from .opa import OPA, needs_opa
from .policies import request


def is_visible(code: str) -> bool:
    return all(is_seen(each) or each in "\n\t" for each in code)


ANY_TEXT = hostile_text() | st.text(st.characters(exclude_categories=["Cs"]))


@given(ANY_TEXT)
def test_a_string_literal_says_the_text_and_nothing_else(value: str) -> None:
    literal = text.string(value)
    assert json.loads(literal) == value
    assert is_visible(literal)
    assert "\n" not in literal


@given(ANY_TEXT)
def test_a_yaml_scalar_stays_inside_its_comment(value: str) -> None:
    first, *rest = text.yaml(value).split("\n")
    assert all(line.startswith("#     ") for line in rest)
    folded = "".join([first, *(line.removeprefix("#     ") for line in rest)])
    assert folded.isascii()
    assert folded.isprintable()
    unquoted = folded[1:-1].replace("\\\\", "").replace('\\"', "")
    assert '"' not in unquoted


@given(ANY_TEXT)
def test_a_pattern_cannot_leave_its_raw_string(value: str) -> None:
    quoted = value.replace("\\", "\\\\").replace("*", "\\*").replace("?", "\\?")
    pattern = glob_pattern(quoted)
    assert pattern.count("`") == 2
    assert is_visible(pattern)


@given(st.lists(ANY_TEXT))
def test_names_are_not_looked_for_in_strings(values: list[str]) -> None:
    code = " == ".join(["request.args.x", *map(text.string, values)])
    assert text.names(code) == {"request"}


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | ANY_TEXT,
        lambda inner: st.lists(inner) | st.dictionaries(ANY_TEXT, inner),
        max_leaves=10,
    ),
    st.integers(0, 3),
    st.sampled_from([0, 40, 200]),
)
def test_a_term_is_the_data(data: Any, indent: int, room: int) -> None:
    if "Infinity" in json.dumps(data):
        return
    written = text.value(data, indent, room)
    assert (
        json.loads(re.sub(r",\n(\t*[}\]])", r"\1", written)) == data
    )  # Rego ends lists with commas
    assert is_visible(written)


def hostile(policy: ir.Policy, value: str) -> ir.Policy:
    """The policy with a text wherever one may stand."""
    owner = ir.Owner(value, value)
    x = ir.Attribute("args", ("x",), ir.STRING)
    equal = ir.Compare("==", x, ir.Constant(ir.STRING, value))
    glob = value.replace("\\", "\\\\").replace("*", "\\*").replace("?", "\\?")
    return replace(
        policy,
        packages=tuple(replace(each, owner=owner) for each in policy.packages),
        sets=(ir.ConstantSet("p.s", ir.STRING, (value, "b")),),
        allows=tuple(
            replace(
                each,
                condition=ir.Or(
                    (
                        equal,
                        ir.In(x, ir.Constants(ir.STRING, (value, "b"), "p.s")),
                        ir.Like(x, glob),
                    )
                ),
                owner=owner,
                controls=(value,),
                obligations=(ir.Obligation("note", (("text", value),)),),
                span=SPAN._replace(file=value),
            )
            for each in policy.allows
        ),
        forbids=tuple(
            replace(
                each,
                condition=ir.Compare(
                    "==", ir.Attribute("args", ("y",), ir.STRING), ir.Constant(ir.STRING, value)
                ),
                because=value or None,
            )
            for each in policy.forbids
        ),
        tests=(ir.Test(value, calls(value)[1], "permit", ("p.g.post",), SPAN),),
    )


def calls(value: str) -> list[Any]:
    """Requests: without `y`, with one that is another text, and with the text itself."""
    found = [request(value), request(value, note=value), request("z"), request(value)]
    found[1]["action"]["properties"]["y"] = f"{value}z"
    found[2]["action"]["properties"]["y"] = ""
    found[3]["action"]["properties"]["y"] = value
    return found


HOSTILE_TEXTS = ['"', "\\", "`", "\n", "\r\n", "${x}", "{{ x }}", "{% raw %}", "# METADATA", "\0"]
HOSTILE_TEXTS += [
    "\u202e",
    "\u2028",
    "\ufeff",
    "\U0001f600",
    '"}\nallow := true\n#',
    "a" * 300,
    "%s",
]


@needs_opa
@pytest.mark.parametrize("value", HOSTILE_TEXTS)
def test_text_reaches_opa_as_it_is(value: str, tmp_path: Path) -> None:
    policy = hostile(HOSTILE_POLICY, value)
    files = emit(policy).files
    asked = calls(value)
    opa = Opa(OPA, files, tmp_path)
    assert opa.decide(asked) == [interpreter.decide(policy, each).to_authzen() for each in asked]
    opa.run("check", "--strict", "--bundle", opa.folder)
    assert opa.run("fmt", "--list", tmp_path) == ""
    folders = (opa.folder, tmp_path / "tests")
    opa.run("test", *folders)
    notes = [
        each["annotations"]
        for folder in folders
        for each in json.loads(opa.run("inspect", "-a", "-f", "json", folder))["annotations"]
    ]
    assert value in [each.get("title") for each in notes]
    assert [value] in [each.get("custom", {}).get("controls") for each in notes]


@given(hostile_text())
@settings(max_examples=20, suppress_health_check=list(HealthCheck))
def test_nothing_invisible_is_in_a_bundle(value: str) -> None:
    for content in emit(hostile(HOSTILE_POLICY, value)).files.values():
        assert is_visible(content)


FIELD_NAMES += ["input", "not", "null", "package", "set", "some", "true", "with", "_", "__"]
FIELD_NAMES += ["plain"]


def field_requests() -> list[Any]:
    found = [request()]
    for name in FIELD_NAMES:
        found.append(request())
        found[-1]["action"]["properties"] = {name: 1, "all": {name: 1}, "l": name}
    return found


@needs_opa
def test_a_field_of_any_name_is_written_as_opa_s_formatter_has_it(tmp_path: Path) -> None:
    policy, asked = field_policy(), field_requests()
    opa = Opa(OPA, emit(policy).files, tmp_path)
    opa.run("check", "--strict", "--bundle", opa.folder)
    assert opa.run("fmt", "--list", opa.folder) == ""
    assert opa.decide(asked) == [interpreter.decide(policy, each).to_authzen() for each in asked]


def test_rego_cpp_reads_a_field_of_any_name() -> None:
    policy = field_policy()
    engine = RegoCpp(policy, emit(policy).files)
    for asked in field_requests():
        assert engine.decide(asked) == interpreter.decide(policy, asked).to_authzen()
