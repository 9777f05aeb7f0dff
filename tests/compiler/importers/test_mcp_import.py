"""Lists of tools become declarations, and nothing that a server writes becomes anything else."""

from __future__ import annotations

import json
import re
from importlib import resources
from typing import Any

import pytest
from generators.texts import QUOTED_NAMES
from hypothesis import example, given
from hypothesis import strategies as st

from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.format.formatter import format_source
from agpc.compiler.importers.tool_list import (
    Tool,
    ToolList,
    ToolListError,
    read_tool_lists,
)
from agpc.compiler.importers.tool_source import Imported, action_name, tools_to_source
from agpc.compiler.ir import nodes as ir
from agpc.compiler.ir.roots import ROOTS, SCALARS
from agpc.compiler.report.source import Source


def imported(*tools: Tool) -> Imported:
    return tools_to_source([("server", ToolList(None, tools))], "p")


def compiled(text: str) -> ir.Policy:
    compilation = compile_sources([Source("tools.agp", text)])
    assert compilation.policy is not None, [each.message for each in compilation.diagnostics]
    assert compilation.diagnostics == ()
    return compilation.policy


def parameters(schema: dict[str, Any]) -> tuple[ir.Field, ...]:
    policy = compiled(imported(Tool("t", "", schema)).text)
    return policy.resources[0].actions[0].parameters


def type_of(schema: Any, **root: Any) -> ir.Field:
    (found,) = parameters({"properties": {"a": schema}, "required": ["a"], **root})
    return found


RECORD = ir.RecordType((ir.Field("x", ir.INT), ir.Field("y", ir.STRING, optional=True)))
ONE_OF_TWO = ir.EnumType("p.server_mode")


@pytest.mark.parametrize(
    ("schema", "type_", "optional"),
    [
        ({"type": "string"}, ir.STRING, False),
        ({"type": "boolean"}, ir.BOOL, False),
        ({"type": "integer"}, ir.INT, False),
        ({"type": "number"}, ir.NUMBER, False),
        ({"type": "string", "format": "date-time"}, ir.TIME, False),
        ({"type": "string", "format": "date"}, ir.DATE, False),
        ({"type": "string", "format": "email"}, ir.EMAIL, False),
        ({"type": "string", "format": "hostname"}, ir.DOMAIN, False),
        ({"type": "string", "format": "idn-email"}, ir.STRING, False),
        ({"type": "string", "format": "uri"}, ir.STRING, False),
        (
            {"type": "array", "items": {"type": "string", "format": "email"}},
            ir.ListType(ir.EMAIL),
            False,
        ),
        ({"type": "string", "format": "ipv4"}, ir.IP, False),
        ({"type": "array", "items": {"type": "string"}}, ir.ListType(ir.STRING), False),
        ({"type": "array"}, ir.ListType(ir.JSON), False),
        ({"type": "array", "items": {"type": ["string", "null"]}}, ir.ListType(ir.JSON), False),
        (
            {
                "type": "object",
                "properties": {"x": {"type": "integer"}, "y": {"type": "string"}},
                "required": ["x"],
            },
            RECORD,
            False,
        ),
        ({"type": "object", "additionalProperties": True}, ir.JSON, False),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, ir.STRING, True),
        ({"oneOf": [{"type": "null"}, {"type": "number"}]}, ir.NUMBER, True),
        ({"type": ["integer", "null"]}, ir.INT, True),
        ({"anyOf": [{"type": "integer"}, {"type": "number"}]}, ir.NUMBER, False),
        ({"anyOf": [{"type": "string"}, {"type": "integer"}]}, ir.JSON, False),
        ({"allOf": [{"type": "string"}]}, ir.STRING, False),
        ({"allOf": [{"type": "string"}, {"minLength": 1}]}, ir.STRING, False),
        ({"allOf": [{"type": "string"}, {"type": "integer"}]}, ir.JSON, False),
        ({"anyOf": [{"type": "string"}, {"enum": ["x", "y"]}]}, ir.STRING, False),
        ({"anyOf": [{"type": "string"}, {"type": "string", "format": "ipv4"}]}, ir.STRING, False),
        (
            {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
            ir.ListType(ir.STRING),
            False,
        ),
        (
            {"type": ["array", "integer"], "items": {"type": "integer"}},
            ir.ListType(ir.INT),
            False,
        ),
        ({"anyOf": [{"type": "string"}, {"type": "array"}]}, ir.JSON, False),
        ({"enum": [True, False]}, ir.BOOL, False),
        ({"enum": [1, 2]}, ir.INT, False),
        ({"enum": [1, 2.5, None]}, ir.NUMBER, True),
        ({"enum": [1, True]}, ir.JSON, False),
        ({"enum": ["fast", "slow"], "title": "Mode"}, ONE_OF_TWO, False),
        ({"enum": ["fast", "slow", None], "title": "Mode"}, ONE_OF_TWO, True),
        ({"anyOf": [{"$ref": "#/$defs/Mode"}, {"type": "null"}]}, ONE_OF_TWO, True),
        ({"enum": ["high-priority", "low"]}, ir.EnumType("p.server_a"), False),
        ({"enum": ["", "low"]}, ir.STRING, False),
        ({"enum": ["true", "false"]}, ir.STRING, False),
        ({"enum": [1, 2], "type": "integer"}, ir.INT, False),
        ({"enum": [1, "two"]}, ir.JSON, False),
        ({"const": "only", "title": "Mode"}, ir.EnumType("p.server_mode"), False),
        ({"$ref": "#/$defs/Mode"}, ONE_OF_TWO, False),
        ({"$ref": "#/$defs/Itself"}, ir.JSON, False),
        ({"$ref": "#/$defs/nowhere"}, ir.JSON, False),
        ({"$ref": "https://evil.example/schema.json"}, ir.JSON, False),
        ({"$ref": "#/$defs/a~1b"}, ir.BOOL, False),
        ({}, ir.JSON, False),
        (True, ir.JSON, False),
        ({"type": "mystery"}, ir.JSON, False),
        ({"type": 7, "enum": 3}, ir.JSON, False),
    ],
)
def test_a_schema_becomes_the_type_that_says_as_much(
    schema: Any, type_: ir.Type, optional: bool
) -> None:
    definitions = {
        "Mode": {"enum": ["fast", "slow"], "type": "string"},
        "Itself": {"$ref": "#/$defs/Itself"},
        "a/b": {"type": "boolean"},
    }
    assert type_of(schema, **{"$defs": definitions}) == ir.Field("a", type_, optional)


def test_what_is_not_required_is_optional() -> None:
    found = parameters(
        {"properties": {"a": {"type": "string"}, "b": {"type": "string"}}, "required": ["b"]}
    )
    assert [(each.name, each.optional) for each in found] == [("a", True), ("b", False)]


def test_a_type_that_contains_itself_ends() -> None:
    node = {
        "type": "object",
        "properties": {"value": {"type": "string"}, "next": {"$ref": "#/$defs/Node"}},
        "required": ["value", "next"],
    }
    found = type_of({"$ref": "#/$defs/Node"}, **{"$defs": {"Node": node}})
    assert found.type == ir.RecordType((ir.Field("next", ir.JSON), ir.Field("value", ir.STRING)))


def test_references_that_multiply_come_to_an_end() -> None:
    definitions = {
        f"d{level}": {
            "type": "object",
            "properties": {f"p{n}": {"$ref": f"#/$defs/d{level + 1}"} for n in range(20)},
        }
        for level in range(20)
    }
    text = imported(
        Tool("t", "", {"properties": {"a": {"$ref": "#/$defs/d0"}}, "$defs": definitions})
    ).text
    assert len(text) < 20_000
    compiled(text)


def test_depth_comes_to_an_end() -> None:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(300):
        schema = {"type": "array", "items": schema}
    found = type_of(schema).type
    depth = 0
    while isinstance(found, ir.ListType):
        found, depth = found.of, depth + 1
    assert found == ir.JSON
    assert depth < 20


@pytest.mark.parametrize("key", ["anyOf", "oneOf", "allOf"])
def test_alternatives_of_alternatives_come_to_an_end(key: str) -> None:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(400):
        schema = {key: [schema]}
    assert type_of(schema).type == ir.JSON


def test_a_list_of_lists_of_types_comes_to_an_end() -> None:
    stated: Any = "string"
    for _ in range(400):
        stated = [stated]
    assert type_of({"type": stated}).type == ir.JSON


@pytest.mark.parametrize("key", ["$ref", "allOf", "patternProperties"])
def test_arguments_that_are_not_listed_are_mentioned(key: str) -> None:
    found = imported(Tool("t", "", {key: {}, "properties": {"a": {"type": "string"}}}))
    assert found.notes == ('tool "t": its schema does not list all of its arguments',)
    assert len(compiled(found.text).resources[0].actions[0].parameters) == 1


def test_two_enums_of_one_name_stay_apart() -> None:
    def tool(name: str, *members: str) -> Tool:
        return Tool(name, "", {"properties": {"mode": {"enum": list(members)}}})

    policy = compiled(imported(tool("a", "x", "y"), tool("b", "y", "z"), tool("c", "x", "y")).text)
    assert {each.name: each.members for each in policy.enums} == {
        "p.server_mode": ("x", "y"),
        "p.server_b_mode": ("y", "z"),
    }


def test_what_is_json_says_why() -> None:
    properties = {
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
        "id": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
        "anything": {},
        "node": {"$ref": "#/$defs/node"},
        "far": {"$ref": "https://evil.example/schema.json"},
    }
    node = {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}}}
    text = imported(Tool("t", "", {"properties": properties, "$defs": {"node": node}})).text
    said = " ".join(text.replace("#", " ").split())
    for why in (
        "`labels` is `json`, which only `has` can look at: it is a map",
        "`id` is `json`, which only `has` can look at: it is `int` or `string`",
        "`anything` is `json`, which only `has` can look at: its schema says nothing of its type",
        "`node.next` is `json`, which only `has` can look at: it contains itself",
        "`far` is `json`, which only `has` can look at: nothing in the schema is at",
    ):
        assert why in said
    compiled(text)


def test_an_enum_of_a_variant_that_is_thrown_away_is_not_declared() -> None:
    variants = [{"type": "string"}, {"enum": ["fast", "slow"], "title": "Mode"}]
    policy = compiled(imported(Tool("t", "", {"properties": {"mode": {"anyOf": variants}}})).text)
    assert policy.enums == ()


def test_what_no_type_says_is_a_comment() -> None:
    properties = {
        "size": {"type": "integer", "minimum": 1, "maximum": 100, "default": 20},
        "name": {"type": "string", "pattern": "^[a-z]+$", "description": "Who."},
    }
    hints = {"readOnlyHint": True, "destructiveHint": False, "openWorldHint": "yes"}
    text = imported(Tool("t", "", {"properties": properties}, hints)).text
    assert "#   size: (minimum 1, maximum 100, default 20)\n" in text
    assert '#   name: Who. (pattern "^[a-z]+$")\n' in text
    assert "# The server says of it: it changes nothing.\n" in text


@pytest.mark.parametrize("hint", ["readOnlyHint", "destructiveHint", "openWorldHint"])
def test_what_a_server_says_of_a_tool_marks_and_opens_nothing(hint: str) -> None:
    schema = {"properties": {"a": {"type": "string"}}, "additionalProperties": True}
    for said in (True, False):
        (action,) = (
            compiled(imported(Tool("t", "", schema, {hint: said})).text).resources[0].actions
        )
        assert (action.kinds, action.is_open) == ((), False)


def test_servers_of_one_package_do_not_collide() -> None:
    schema = {"properties": {"sort": {"enum": ["up", "down"]}}}
    other = {"properties": {"sort": {"enum": ["old", "new"]}}}
    sources = [
        Source(f"{name}.agp", tools_to_source([(name, ToolList(None, (tool,)))], "tools").text)
        for name, tool in (("github", Tool("list", "", schema)), ("jira", Tool("list", "", other)))
    ]
    compilation = compile_sources(sources)
    assert compilation.diagnostics == ()
    assert compilation.policy is not None
    assert [each.name for each in compilation.policy.enums] == [
        "tools.github_sort",
        "tools.jira_sort",
    ]


SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}


@pytest.mark.parametrize(
    "entry",
    [
        {"name": "t", "inputSchema": SCHEMA},
        {"name": "t", "input_schema": SCHEMA},
        {"type": "function", "function": {"name": "t", "parameters": SCHEMA}},
        {"type": "function", "name": "t", "parameters": SCHEMA, "strict": True},
        {"toolSpec": {"name": "t", "inputSchema": {"json": SCHEMA}}},
        {"name": "t", "arguments": [{"name": "a", "type": "string", "desc": "An argument"}]},
    ],
)
def test_every_shape_of_a_tool_gives_the_same_action(entry: dict[str, Any]) -> None:
    for text in (
        json.dumps(entry),
        json.dumps([entry]),
        json.dumps({"tools": [entry]}),
        json.dumps({"versions": {"1.0": {"tools": [entry]}}}),
        json.dumps({"versions": [{"version": "1.0", "tools": [entry]}]}),
    ):
        (found,) = read_tool_lists(text)
        policy = compiled(tools_to_source([("server", found)], "p").text)
        (action,) = policy.resources[0].actions
        assert (action.name, action.parameters) == ("t", (ir.Field("a", ir.STRING),))


# --- names ---

REAL_NAMES = [
    "send_email",
    "github.create-issue",
    "files/read",
    'quo"te\\back',
    "9lives",
    "日本語",
    "a b",
    "action",
    "attribute",
    "resource",
    "_",
    "x" * 200,
    "-" * 100 + "y" * 150,
]


def test_every_tool_is_bound_to_its_real_name() -> None:
    policy = compiled(imported(*(Tool(name, "", {}) for name in REAL_NAMES)).text)
    (binding,) = policy.bindings
    assert binding.target == "mcp"
    (resource,) = binding.resources
    assert sorted(each.names[0] for each in resource.actions) == sorted(REAL_NAMES)
    assert {each.action for each in resource.actions} == {
        each.name for each in policy.resources[0].actions
    }


def test_names_that_would_be_one_action_are_refused() -> None:
    with pytest.raises(ToolListError, match="would both be the action `a_b`"):
        imported(Tool("a-b", "", {}), Tool("a_b", "", {}))


def test_arguments_that_are_no_words_are_declared_in_quotes() -> None:
    headers = {"type": "object", "properties": {"content-type": {"type": "string"}}}
    schema = {"properties": {"file-path": {"type": "string"}, 'a"b.c': headers, "plain": headers}}
    found = imported(Tool("t", "", schema))
    assert found.notes == ()
    assert '"file-path"?: string' in found.text
    record = ir.RecordType((ir.Field("content-type", ir.STRING, True),))
    assert compiled(found.text).resources[0].actions[0].parameters == (
        ir.Field("file-path", ir.STRING, True),
        ir.Field('a"b.c', record, True),
        ir.Field("plain", record, True),
    )


@pytest.mark.parametrize("name", ["", "a\nb", "a\u202eb", "x" * 129, "a\u00a0b", "\ud800", "\x00"])
def test_a_name_that_cannot_be_read_is_mentioned_and_left_out(name: str) -> None:
    found = imported(Tool("t", "", {"properties": {name: {"type": "string"}}}))
    assert "no condition can read its argument" in found.notes[0]
    inner = {"type": "object", "properties": {name: {}, "b": {"type": "string"}}}
    found = imported(Tool("t", "", {"properties": {"a-b": inner}}))
    assert 'of its argument `"a-b"`' in found.notes[0]
    assert '"a-b"?: { b?: string }' in found.text


@given(st.text(max_size=12) | st.sampled_from(QUOTED_NAMES))
def test_no_name_of_an_argument_is_more_than_a_name(name: str) -> None:
    found = imported(Tool("t", "", {"properties": {name: {"type": "string"}}}))
    fields = compiled(found.text).resources[0].actions[0].parameters
    assert fields == () if found.notes else fields == (ir.Field(name, ir.STRING, True),)


def test_an_argument_that_no_condition_can_read_is_named() -> None:
    found = imported(Tool("t", "", {"properties": {"file\npath": {"type": "string"}}}))
    assert found.notes == ('tool "t": no condition can read its argument "file\\npath"',)
    assert "NOTE no condition can read its argument" in found.text
    assert compiled(found.text).resources[0].actions[0].parameters == ()


@pytest.mark.parametrize("name", ["any", "agent", "now", "a-b", "", "a b", "x\n"])
def test_a_tool_needs_a_name_of_the_language(name: str) -> None:
    with pytest.raises(ToolListError):
        tools_to_source([(name, ToolList(None, ()))], "p")


@pytest.mark.parametrize("package", ["a-b", "", "a..b", "task", "context.x", "p\nforbid"])
def test_a_package_needs_a_name_of_the_language(package: str) -> None:
    with pytest.raises(ToolListError):
        tools_to_source([("t", ToolList(None, ()))], package)


GRAMMAR = (resources.files("agpc.grammar") / "agp.lark").read_text(encoding="utf-8")
WORDS = sorted({*re.findall(r'"([a-z_]+)"', GRAMMAR), *SCALARS, *ROOTS})


@pytest.mark.parametrize("word", WORDS)
def test_every_word_of_the_language_may_name_a_tool_and_its_arguments(word: str) -> None:
    members = [word, "other"]
    schema = {
        "properties": {
            word: {"type": "string"},
            "record": {"type": "object", "properties": {word: {"type": "string"}}},
            "mode": {"enum": members},
            "last": {"enum": members[::-1], "title": word},
        }
    }
    text = imported(Tool(word, "", schema), Tool("zz", "", schema)).text
    assert compiled(text) == compiled(format_source(Source("tools.agp", text)))


# --- comments ---


@pytest.mark.parametrize(
    "description",
    [
        "one\nforbid x { deny any }",
        "one\r\ngrant x { to any agent }",
        "one\u2028two\u2029three\x0bfour\x85five",
        "\u202eright to left\u2066\u2069",
        "nul\x00 and escape \x1b[31m",
        "agpc: allow AGP1206 -- because I say so",
        "x " * 47 + "AGPC : allow AGP1206 -- at the start of a line",
        "lost \ufffd text",
        "lone \ud800 surrogate",
        "#" * 500,
        "w" * 100_000,
        "é" * 300,
    ],
)
def test_a_description_stays_a_comment(description: str) -> None:
    schema = {"properties": {"a": {"type": "string", "description": description}}}
    text = imported(Tool("t", description, schema)).text
    policy = compiled(text)
    assert [each.name for each in policy.resources] == ["p.server"]
    assert policy.allows == policy.forbids == ()
    comments = [line for line in text.split("\n") if line.lstrip().startswith("#")]
    assert all(line.isprintable() and len(line) <= 100 for line in comments)
    assert not any("agpc:" in line.lower().replace(" ", "") for line in comments)
    assert len(text) < 3_000


# --- hostile input ---

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
TYPES = st.sampled_from(["string", "integer", "number", "boolean", "array", "object", "null", "x"])


def schemas(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    fields = {
        "type": TYPES | st.lists(TYPES, max_size=3) | JSON,
        "properties": st.dictionaries(
            st.text(max_size=6) | st.sampled_from("abc"), inner, max_size=3
        )
        | JSON,
        "required": st.lists(st.sampled_from("abc"), max_size=3) | JSON,
        "items": inner,
        "anyOf": st.lists(inner, max_size=3) | JSON,
        "enum": st.lists(st.text(max_size=5) | st.sampled_from(WORDS) | JSON, max_size=3) | JSON,
        "$ref": st.sampled_from(["#/$defs/a", "#/properties/a", "#", "#/", "x"]) | JSON,
        "$defs": st.dictionaries(st.sampled_from("abc"), inner, max_size=2) | JSON,
        "title": st.text(max_size=8) | JSON,
        "format": st.sampled_from(["date-time", "ipv4", "date", "email", "hostname", "uri", "x"])
        | JSON,
        "description": st.text() | JSON,
    }
    return st.fixed_dictionaries({}, optional=fields)


SCHEMAS = st.recursive(JSON, schemas, max_leaves=6)


@example(
    name="warn \u26a0\ufe0f", description="\u26a0\ufe0f \u3164\U000e0041", schema={"type": "object"}
)
@given(name=st.text(min_size=1, max_size=20), description=st.text(), schema=schemas(SCHEMAS))
def test_whatever_a_server_says_is_refused_or_becomes_one_tool(
    name: str, description: str, schema: dict[str, Any]
) -> None:
    text = json.dumps(
        {"tools": [{"name": name, "description": description, "inputSchema": schema}]}
    )
    try:
        (found,) = read_tool_lists(text)
    except ToolListError:
        return
    policy = compiled(tools_to_source([("server", found)], "p").text)
    (resource,) = policy.resources
    assert [each.name for each in resource.actions] == [action_name(name)]
    assert policy.bindings[0].resources[0].actions[0].names == (name,)
    assert policy.allows == policy.forbids == policy.agents == policy.intents == ()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("7", "no list of tools"),
        ("{}", "no list of tools"),
        ('{"tools": {}}', "no list of tools"),
        ('{"jsonrpc": "2.0", "id": 1, "error": {"code": -32601}}', "JSON-RPC error"),
        ('{"jsonrpc": "2.0", "id": 1}', "no list of tools"),
        ('{"versions": {}}', "no list of tools"),
        ('{"versions": [{"tools": []}]}', "does not say which version"),
        ('{"versions": {"1": {"a": [], "b": []}}}', "more than one list"),
        ('{"name": "t", "arguments": [{"type": "string"}]}', "no `inputSchema`"),
        ("[1]", "entry 1 of the list is not a tool"),
        ('[{"name": ""}]', "entry 1 of the list is not a tool"),
        ('[{"name": "t"}]', "no `inputSchema`"),
        ('[{"name": "t", "inputSchema": []}]', "no `inputSchema`"),
        ('[{"name": "t", "name": "u", "inputSchema": {}}]', "stands twice"),
        ('[{"name": "t", "inputSchema": {}}, {"name": "t", "inputSchema": {}}]', "two tools"),
        ('[{"name": "a\\nb", "inputSchema": {}}]', "cannot be seen"),
        ('[{"name": "a\\u202eb", "inputSchema": {}}]', "cannot be seen"),
        ('[{"name": "a\\ud800", "inputSchema": {}}]', "cannot be seen"),
        ('[{"name": "' + "x" * 300 + '", "inputSchema": {}}]', "longer than"),
        ("[" * 200_000, "nested too deeply"),
        ("9" * 10_000, "too long"),
        ("[NaN]", "not JSON"),
        ("[" + ",".join(['{"name": "t", "inputSchema": {}}'] * 2_001) + "]", "more than 2,000"),
        (" " * (16 * 2**20 + 1), "more than 16,777,216 characters"),
    ],
)
def test_what_is_no_list_of_tools_is_refused_in_one_sentence(text: str, why: str) -> None:
    with pytest.raises(ToolListError, match=why) as caught:
        read_tool_lists(text)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 200


def test_what_a_call_gives_back_is_declared() -> None:
    tool = {
        "name": "lookup",
        "inputSchema": {"type": "object", "properties": {"id": {"type": "string"}}},
        "outputSchema": {
            "type": "object",
            "properties": {"total": {"type": "number"}, "e-mail": {"type": "string"}},
            "required": ["total"],
        },
    }
    text = tools_to_source([("shop", read_tool_lists(json.dumps([tool]))[0])], "p").text
    assert 'action lookup(id?: string) -> { total: number, "e-mail"?: string }' in text
    bare = {**tool, "outputSchema": {"description": "anything"}}
    text = tools_to_source([("shop", read_tool_lists(json.dumps([bare]))[0])], "p").text
    assert "action lookup(id?: string)\n" in text
