"""Tools of MCP servers by the names that clients make of them, and permits with duties that hooks cannot do."""

from __future__ import annotations

from pathlib import Path

import pytest

from .agent import POLICY, hooked

pytestmark = pytest.mark.anyio
OWN = """
language 2
package developing

use workstation

owner "Desk" contact "desk@acme.example"
agent coder = "spiffe://acme.example/ns/dev/sa/coder"
intent develop "Work"

tool notes {
    write action add(text: string)
    read action list
}
tool shelf {
    read action list
}
bind mcp {
    resource notes "my.notes" { add = "add-note", list = "list" }
    resource shelf "my_notes" { list = "list" }
}

grant working {
    to coder
    for develop
    allow notes.add, notes.list, shelf.list
    allow workstation.client.use
}
"""


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def policy(folder: Path, text: str = OWN) -> Path:
    own = folder / "policies"
    own.mkdir()
    (own / "tools.agp").write_text((POLICY / "tools.agp").read_text())
    (own / "policy.agp").write_text(text)
    return own


async def test_a_tool_of_a_server_is_found_by_where_its_resource_is_bound(tmp_path: Path) -> None:
    async with hooked(tmp_path, policy(tmp_path)) as agent:
        assert await agent.say("") == {} and agent.events("said") == []
        assert await agent.use("mcp__my_notes__add-note", text="x") is None
        assert "does not declare" in (
            await agent.use("mcp__my_notes__add-note", text="x", to="y") or ""
        )
        assert "not what" in (await agent.use("mcp__my_notes__add-note", text=1) or "")
        for name in ("mcp__my_notes__add", "mcp__other__add-note", "mcp__my_notes__list"):
            assert "binds no tool" in (
                await agent.use(name) or ""
            )  # the last could be either of two
        assert [effect for _, effect in agent.decisions()] == ["permit"]


@pytest.mark.parametrize(
    ("duty", "runs"),
    [
        ('oblige redact(fields: "a")', False),
        ('oblige unheard_of(a: "b")', False),
        ("audit full", True),
    ],
    ids=("redact", "unknown", "audit"),
)
async def test_a_duty_that_hooks_cannot_do_keeps_a_tool_from_running(
    tmp_path: Path, duty: str, runs: bool
) -> None:
    text = OWN.replace("    for develop\n", f"    for develop\n    {duty}\n")
    async with hooked(tmp_path, policy(tmp_path, text)) as agent:
        why = await agent.use("TodoWrite", todos=[])
        assert (why is None) is runs
        assert agent.outcomes() == (["done"] if runs else ["withdrawn"])
