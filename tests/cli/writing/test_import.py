"""`agpc import mcp` as a user meets it: shapes of input, options, notes, exit statuses."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ..conftest import Run

TOOLS = [
    {
        "name": "ledger.post-entry",
        "description": 'Posts an "entry".',
        "inputSchema": {
            "type": "object",
            "properties": {
                "amount": {"type": "number"},
                "memo": {"type": "string"},
                "entry-id": {"type": "string"},
            },
            "required": ["amount"],
        },
    },
    {"name": "ledger_get", "inputSchema": {"type": "object"}},
]


def agpc(
    *arguments: str, stdin: str = "", cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    found = subprocess.run(
        [sys.executable, "-m", "agpc", *arguments],
        input=stdin,
        capture_output=True,
        encoding="utf-8",
        cwd=cwd,
        check=False,
    )
    assert "Traceback" not in found.stderr
    return found


@pytest.mark.parametrize(
    "data",
    [
        TOOLS,
        {"tools": TOOLS},
        {"jsonrpc": "2.0", "id": 1, "result": {"tools": TOOLS}},
        {"result": {"tools": TOOLS}},
        {"finance": TOOLS},
        {"toolConfig": {"tools": TOOLS}},
    ],
)
def test_every_shape_of_a_list_gives_the_same_declarations(data: Any) -> None:
    found = agpc(
        "import", "mcp", "-", "--package", "finance", "--tool", "ledger", stdin=json.dumps(data)
    )
    assert found.returncode == 0, found.stderr
    assert "package finance\n" in found.stdout
    assert (
        '    action ledger_post_entry(amount: number, memo?: string, "entry-id"?: string)\n'
        in found.stdout
    )
    assert "    action ledger_get\n" in found.stdout
    assert 'ledger_post_entry = "ledger.post-entry"' in found.stdout
    assert '# Posts an "entry".\n' in found.stdout
    assert found.stderr == ""


def test_what_comes_out_is_checked_and_formatted(tmp_path: Path) -> None:
    source = tmp_path / "tools.json"
    source.write_text(json.dumps({"one": TOOLS, "two": TOOLS}))
    out = tmp_path / "policies" / "tools.agp"
    out.parent.mkdir()
    assert agpc("import", "mcp", str(source), "--out", str(out)).returncode == 0
    assert [each.name for each in out.parent.iterdir()] == ["tools.agp"]
    checked = agpc("check", str(out.parent))
    assert (checked.returncode, checked.stderr) == (0, ""), checked.stderr
    assert agpc("fmt", "--check", str(out.parent)).returncode == 0
    text = out.read_text()
    assert "package tools\n" in text
    assert "tool one {" in text
    assert "tool two {" in text


def test_one_suite_names_its_package_and_its_tool() -> None:
    data = json.dumps({"banking": TOOLS, "workspace": []})
    found = agpc("import", "mcp", "-", "--suite", "banking", stdin=data)
    assert found.returncode == 0, found.stderr
    assert "package banking\n" in found.stdout
    assert "tool banking {" in found.stdout
    assert "workspace" not in found.stdout


def test_pages_that_follow_are_mentioned() -> None:
    data = json.dumps({"tools": [], "nextCursor": "more"})
    found = agpc("import", "mcp", "-", stdin=data)
    assert found.returncode == 0, found.stderr
    assert found.stderr == "note: the list of `tools` is not whole: the server has more pages\n"


@pytest.mark.parametrize(
    ("arguments", "stdin", "message"),
    [
        (["-"], "{", "this is not JSON"),
        (["-"], '{"x": 1}', "no list of tools"),
        (["nowhere.json"], "", "cannot read `nowhere.json`: no such file or directory"),
        (["."], "", "cannot read `.`"),
        (["-", "--suite", "three"], '{"one": [], "two": []}', 'no suite "three" in it; it has "one", "two"'),
        (["-", "--tool", "x"], '{"one": [], "two": []}', "choose one with `--suite`"),
        (["-", "--tool", "any"], "[]", '"any" cannot be the name of a tool'),
        (["-", "--package", "a-b"], "[]", '"a-b" cannot be the name of a package'),
        (["-"], '{"my suite": []}', '"my suite" cannot be the name of a package'),
        (["-", "--out", "nowhere/tools.agp"], "[]", "cannot write `nowhere/tools.agp`"),
    ],
)  # fmt: skip
def test_what_cannot_be_imported_is_said_in_one_line(
    arguments: list[str], stdin: str, message: str, tmp_path: Path
) -> None:
    found = agpc("import", "mcp", *arguments, stdin=stdin, cwd=tmp_path)
    assert found.returncode == 2
    assert found.stdout == ""
    assert found.stderr.startswith("error: ")
    assert message in found.stderr
    assert found.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "cannot import `tools.json`: this is not JSON: it is empty"),
        ("{", "cannot import `tools.json`: this is not JSON, from line 1, column 2 on"),
    ],
)
def test_what_is_no_json_is_said_in_our_words(
    run: Run, work: Path, content: str, message: str
) -> None:
    (work / "tools.json").write_text(content)
    result = run("import", "mcp", "tools.json")
    assert (result.status, result.out, result.err) == (2, "", f"error: {message}\n")


def test_importing_again_says_what_changed_and_check_only_says_it(run: Run, work: Path) -> None:
    (work / "tools.json").write_text(json.dumps(TOOLS))
    assert run("import", "mcp", "tools.json", "--out", "tools.agp").status == 0
    before = (work / "tools.agp").read_text()
    result = run("import", "mcp", "tools.json", "--out", "tools.agp", "--check")
    assert (result.status, result.out) == (0, "")

    (work / "tools.json").write_text(json.dumps([TOOLS[0], {**TOOLS[1], "name": "wire"}]))
    result = run("import", "mcp", "tools.json", "--out", "tools.agp", "--check")
    assert (result.status, result.out) == (1, 'added: "wire"\nremoved: "ledger_get"\n')
    assert (work / "tools.agp").read_text() == before

    result = run("import", "mcp", "tools.json", "--out", "tools.agp")
    assert (result.status, result.out) == (0, "")
    assert result.err.startswith('added: "wire"\nremoved: "ledger_get"\n')
    after = (work / "tools.agp").read_text()
    assert "action wire\n" in after
    assert "ledger_get" not in after
    binding = after.partition("bind mcp {")[2]
    assert binding and "\n\n" not in binding
    assert run("check", "tools.agp").status == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--check"], "--check compares with the file that --out names"),
        (["--check", "--out", "nowhere.agp"], "cannot read `nowhere.agp`"),
        (["--out", "broken.agp"], "the file is not AGP (broken.agp:1:"),
        (["--out", "other.agp"], "the file declares package `other`, and not `tools`"),
    ],
)
def test_what_cannot_be_compared_is_said(
    run: Run, work: Path, arguments: list[str], message: str
) -> None:
    (work / "tools.json").write_text(json.dumps(TOOLS))
    (work / "broken.agp").write_text("grant {")
    (work / "other.agp").write_text("package other\n")
    result = run("import", "mcp", "tools.json", *arguments)
    assert (result.status, result.out) == (2, "")
    assert message in result.err
    assert (work / "broken.agp").read_text() == "grant {"


def test_the_file_names_the_tool(run: Run, work: Path) -> None:
    for name in ("github.json", "jira-cloud.json"):
        (work / name).write_text(json.dumps({"tools": TOOLS}))
        out = f"{name.partition('.')[0]}.agp"
        assert run("import", "mcp", name, "--out", out).status == 0
    assert "tool github {" in (work / "github.agp").read_text()
    assert "tool jira_cloud {" in (work / "jira-cloud.agp").read_text()
    assert run("check", ".").status == 0


def test_the_same_tools_under_another_file_name_are_not_added_twice_unasked(
    run: Run, work: Path
) -> None:
    (work / "github.json").write_text(json.dumps(TOOLS))
    (work / "today.json").write_text(json.dumps([*TOOLS, {"name": "wire", "inputSchema": {}}]))
    assert run("import", "mcp", "github.json", "--out", "tools.agp").status == 0
    before = (work / "tools.agp").read_text()

    result = run("import", "mcp", "today.json", "--out", "tools.agp")
    assert result.status == 2
    assert "`--tool github`" in result.err and "`--tool today`" in result.err
    assert (work / "tools.agp").read_text() == before

    for name, change in (("github", 'added: "wire"'), ("today", "added: tool `today` with 3")):
        result = run("import", "mcp", "today.json", "--out", "tools.agp", "--tool", name, "--check")
        assert result.status == 1 and result.out.startswith(change)


def test_one_of_several_versions_is_chosen(run: Run, work: Path) -> None:
    versions = {"versions": {"1.0": {"tools": TOOLS[:1]}, "2.0": {"tools": TOOLS}}}
    (work / "server.json").write_text(json.dumps(versions))
    result = run("import", "mcp", "server.json")
    assert result.status == 2
    assert 'several versions of a server: choose "1.0", "2.0" with `--suite`' in result.err
    result = run("import", "mcp", "server.json", "--suite", "1.0")
    assert result.status == 0
    assert "ledger_get" not in result.out
