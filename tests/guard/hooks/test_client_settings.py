"""The settings that are written for clients."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agpc.guard.enforcing.governed import Settings
from agpc.guard.hooks.client_settings import (
    CannotWrite,
    checked,
    hooks_for,
    merged,
    replace_file,
    version_of,
    written,
)
from agpc.guard.hooks.running import LONGEST_WAIT, bounded

COMMAND = ["/usr/bin/python3", "-I", "-m", "agpc", "guard", "hook", "claude-code"]
OTHERS = {"matcher": "Bash", "hooks": [{"type": "command", "command": "mine.sh"}]}


def test_hooks_of_others_stay_and_ours_are_there_once() -> None:
    hooks = hooks_for("claude-code", COMMAND)
    text = json.dumps({"model": "x", "hooks": {"PreToolUse": [OTHERS], "Stop": [OTHERS]}})
    first, notes = merged(text, hooks, managed=False)
    again, _ = merged(written(first), hooks, managed=False)
    assert first == again and first["model"] == "x"
    assert first["hooks"]["PreToolUse"][0] == OTHERS and len(first["hooks"]["PreToolUse"]) == 2
    assert first["hooks"]["Stop"] == [OTHERS]
    assert len(notes) == 1 and "PreToolUse" in notes[0]
    named_alike = {"hooks": [{"type": "command", "command": "~/guard hooks/mine.sh"}]}
    text = json.dumps({"hooks": {"PreToolUse": [named_alike]}})
    assert named_alike in merged(text, hooks, managed=False)[0]["hooks"]["PreToolUse"]
    assert merged(None, hooks, managed=True)[0]["allowManagedHooksOnly"] is True


def test_every_event_that_comes_before_something_stops_it_where_the_hook_fails() -> None:
    hooks = hooks_for("claude-code", COMMAND)
    for name in ("UserPromptSubmit", "PreToolUse"):
        (entry,) = hooks[name]
        assert "matcher" not in entry  # of every tool
        assert entry["hooks"][0]["onFailure"] == "block"
        assert entry["hooks"][0]["command"].endswith("exit 2; }")
    codex = hooks_for("codex", COMMAND)
    assert "onFailure" not in codex["PreToolUse"][0]["hooks"][0]
    assert set(codex) == {"UserPromptSubmit", "PreToolUse", "PostToolUse", "SessionEnd"}


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "{",
        '{"hooks": []}',
        '{"hooks": {"PreToolUse": {}}}',
        '{"hooks": {}, "hooks": {}}',
        '{"disableAllHooks": true}',
        '{"hooks": {"PreToolUse": ["x"]}}',
        '{"hooks": {"Stop": [{"hooks": "x"}]}}',
        '{"hooks": {"Stop": [{"hooks": [1]}]}}',
        '{"hooks": {"Stop": [{}]}}',
        '{"env": {"AI_AGENT": "claude-code_9-9-9"}}',
        '{"env": []}',
    ],
)
def test_settings_that_would_not_hold_are_not_written(text: str) -> None:
    with pytest.raises(CannotWrite):
        merged(text, hooks_for("claude-code", COMMAND), managed=False)


@pytest.mark.parametrize(
    "said", ["2.1.294 (Claude Code)", "2.0.999", "1.0.0", "", "none", "2.1.295-beta.1"]
)
def test_an_older_client_is_refused(said: str) -> None:
    with pytest.raises(CannotWrite):
        checked("claude-code", said)


def test_a_newer_client_is_taken() -> None:
    assert checked("claude-code", "2.1.295 (Claude Code)") == "2.1.295"
    assert checked("codex", "codex-cli 0.171.0") == "0.171.0"
    with pytest.raises(CannotWrite, match="does not run"):
        version_of("codex", "/nonexistent/codex")


def test_a_file_is_put_in_place_whole(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "settings.json"
    replace_file(path, "{}\n")
    assert path.read_text() == "{}\n"
    (tmp_path / "link").symlink_to(path)
    replace_file(tmp_path / "link", "[]\n")
    assert path.read_text() == "[]\n" and (tmp_path / "link").is_symlink()
    assert [each.name for each in path.parent.iterdir()] == ["settings.json"]


def test_hooks_promise_nothing_that_they_cannot_do() -> None:
    settings = bounded(Settings(wait=3600))
    assert settings.wait == LONGEST_WAIT
    assert "redact" not in settings.obligations and "audit" in settings.obligations
