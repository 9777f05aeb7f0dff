"""Importing again changes what the server changed, and keeps what people wrote."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.format.formatter import format_source
from agpc.compiler.importers.tool_list import Tool, ToolList, ToolListError
from agpc.compiler.importers.tool_source import servers_of, servers_to_source
from agpc.compiler.importers.tool_update import Updated, update
from agpc.compiler.report.source import Source

MODE = {"enum": ["fast", "slow"], "title": "Mode"}


def tool(name: str, required: tuple[str, ...] = (), **properties: Any) -> Tool:
    return Tool(name, "", {"properties": properties, "required": list(required)})


def first(*tools: Tool, name: str = "github") -> str:
    servers = servers_of([(name, ToolList(None, tools))], "p")
    return format_source(Source("tools.agp", servers_to_source(servers, "p")))


def again(text: str, *tools: Tool, complete: bool = True, name: str = "github") -> Updated:
    servers = servers_of([(name, ToolList(None, tools, complete))], "p")
    found = update(Source("tools.agp", text), servers, "p")
    assert compile_sources([Source("tools.agp", found.text)]).diagnostics == ()
    return found


STRING, NUMBER = {"type": "string"}, {"type": "number"}
BEFORE = (
    tool("read-file", path=STRING),
    tool("list", mode=MODE),
    tool("rm", ("path",), path=STRING),
)


def test_the_same_tools_change_nothing() -> None:
    text = first(*BEFORE)
    assert again(text, *BEFORE) == Updated(text, ())


def test_each_change_is_said_and_made() -> None:
    found = again(
        first(*BEFORE),
        tool("read-file", ("encoding",), path=NUMBER, encoding=STRING),
        tool("list", mode={"enum": ["fast", "turbo"], "title": "Mode"}),
        tool("write", ("path",), path=STRING),
    )
    assert found.changes == (
        "changed: enum `github_mode`: turbo new; slow gone",
        (
            'changed: "read-file": `path` was `string` and is `number`; argument `encoding` is new, '
            "and required"
        ),
        'added: "write"',
        'removed: "rm"',
    )
    text = format_source(Source("tools.agp", found.text))
    assert "action read_file(path?: number, encoding: string)\n" in text
    assert "enum github_mode = fast, turbo\n" in text
    assert "action write(path: string)\n" in text
    assert 'write     = "write"\n' in text
    assert "rm" not in text


def test_what_people_wrote_stays() -> None:
    text = first(*BEFORE)
    text = text.replace(
        "tool github {\n",
        "tool github {\n    repo: string  # who asks for which\n    action by_hand(x: int)\n",
    )
    text = text.replace("action rm(path: string)", "# Mine.\n    action rm(path: string)")
    text += 'owner "o" contact "o@x.y"\n'
    text = text.replace("read_file(path?: string)", "read_file(path?: kind)")
    text += "enum kind = large, small\n"
    found = again(text, *BEFORE[:2], tool("rm", ("path",), path=STRING, force={"type": "boolean"}))
    assert found.changes == ('changed: "rm": argument `force` is new',)
    for kept in (
        "repo: string  # who asks for which\n",
        "action by_hand(x: int)\n",
        "# Mine.\n    action rm(path: string, force?: bool)\n",
        'owner "o" contact "o@x.y"\n',
        "read_file(path?: kind)",
    ):
        assert kept in found.text


def test_a_string_stays_where_a_schema_names_a_format() -> None:
    text = first(tool("rm", ("path",), path=STRING))
    for name in ("email", "date", "hostname"):
        assert again(text, tool("rm", ("path",), path={**STRING, "format": name})).changes == ()
    instant = {**STRING, "format": "date-time"}
    assert again(text, tool("rm", ("path",), path=instant)).changes != ()


def test_a_list_that_is_not_whole_removes_nothing() -> None:
    text = first(*BEFORE)
    assert again(text, BEFORE[0], complete=False).changes == ()


def test_an_action_may_have_another_name_than_its_tool() -> None:
    text = first(*BEFORE).replace("read_file", "fetch")
    assert again(text, *BEFORE).changes == ()
    assert again(text, *BEFORE[1:]).changes == ('removed: "read-file"',)


def test_one_of_several_actions_of_a_line_goes() -> None:
    for actions in ("action a, b, c", "action b, a, c", "action b, c, a"):
        text = (
            f"package p\ntool github {{ {actions} }}\n"
            "bind mcp { resource github { a = a, b = b, c = c } }\n"
        )
        found = again(text, tool("b"), tool("c"))
        assert found.changes == ('removed: "a"',)
        assert "action b, c\n" in format_source(Source("tools.agp", found.text))


def test_another_server_joins_the_file() -> None:
    text = first(*BEFORE)
    found = again(text, tool("list", mode={"enum": ["x", "y"]}), name="jira")
    assert found.changes == ("added: tool `jira` with 1 actions",)
    assert "enum jira_mode = x, y\n" in found.text
    assert found.text.startswith(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("package p\ntool {", "the file is not AGP"),
        ("package q\n", "the file declares package `q`, and not `p`"),
        ("tool github { }", "the file is not AGP"),
        (
            'package p tool github { action a } bind mcp { resource github { a = "b" } }',
            "would be the action `a`, which the file binds to another tool",
        ),
    ],
)
def test_what_cannot_be_brought_up_to_date_is_left_alone(text: str, why: str) -> None:
    with pytest.raises(ToolListError, match=why):
        again(text, tool("a"))


NAMES = st.sampled_from(["a", "b", "get-it", "send.all", "action", "9"])
TYPES = st.sampled_from([STRING, NUMBER, MODE, {}, {"type": "array", "items": STRING}])
TOOLS = st.lists(
    st.builds(
        lambda name, properties, required: tool(name, tuple(required), **properties),
        NAMES,
        st.dictionaries(st.sampled_from(["x", "y", "when"]), TYPES),
        st.lists(st.sampled_from(["x", "y"]), unique=True),
    ),
    unique_by=lambda each: each.name,
    max_size=4,
)


@given(TOOLS, TOOLS)
def test_an_update_ends_where_a_first_import_would(before: list[Tool], today: list[Tool]) -> None:
    text = again(first(*before), *today).text
    first_policy = compile_sources([Source("tools.agp", first(*before))]).policy
    policy = compile_sources([Source("tools.agp", text)]).policy
    fresh = compile_sources([Source("tools.agp", first(*today))]).policy
    assert first_policy is not None
    assert policy is not None
    assert fresh is not None
    first_types, types = (
        {
            (action.name, each.name): each.type
            for action in compiled.resources[0].actions
            for each in action.parameters
        }
        for compiled in (first_policy, fresh)
    )
    for action in policy.resources[0].actions:
        for each in action.parameters:
            here = (action.name, each.name)
            assert each.type in (types[here], first_types.get(here))
    assert [each.name for each in policy.resources[0].actions] == [
        each.name for each in fresh.resources[0].actions
    ]
    assert again(text, *today).changes == ()
