"""The settings that make a client ask at every event, and not go on without an answer."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ...runtime.strict_json import NotJSON, read_request
from .events import Client

OLDEST: Mapping[Client, tuple[int, int, int]] = {"claude-code": (2, 1, 295), "codex": (0, 171, 0)}
"""The first version that does not go on where a hook fails, and the first of Codex that these hooks were run with."""
PROGRAMS: Mapping[Client, str] = {"claude-code": "claude", "codex": "codex"}
TIMEOUT = 600
"""Seconds that a client waits for a hook, which ends itself long before."""
MARK = " -m agpc guard hook "
_FAILED = '{ echo "agpc guard: the hook failed. Nothing runs undecided." >&2; exit 2; }'
_BEFORE = ("UserPromptSubmit", "PreToolUse")
_AFTER: Mapping[Client, tuple[str, ...]] = {
    "claude-code": ("PostToolUse", "PostToolUseFailure", "SessionEnd"),
    "codex": ("PostToolUse", "SessionEnd"),
}
_VERSION = re.compile(r"\b(\d{1,6})\.(\d{1,6})\.(\d{1,6})\b(?!-)")


class CannotWrite(Exception):
    """Settings cannot be made, or would not hold; the message says why."""


def version_of(client: Client, program: str | None) -> str:
    """Give the version of an installed client, if it is new enough. Raises `CannotWrite`."""
    name = program or PROGRAMS[client]
    try:
        ran = subprocess.run(
            [name, "--version"],
            capture_output=True,
            timeout=60,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise CannotWrite(
            f"`{name} --version` does not run ({type(error).__name__}): say where the client is, or which version, --client or --client-version"
        ) from None
    return checked(client, ran.stdout[:1000].decode("utf-8", "replace"))


def checked(client: Client, said: str) -> str:
    """Give a version that is new enough. Raises `CannotWrite`."""
    found = _VERSION.search(said)
    if found is None:
        raise CannotWrite(f"`{said.strip()[:80]}` is no version of {client}")
    version, oldest = tuple(int(each) for each in found.groups()), OLDEST[client]
    if version < oldest:
        raise CannotWrite(
            f"{client} {found[0]} may go on where a hook fails: update it to {'.'.join(map(str, oldest))} or later"
        )
    return found[0]


def works(command: Sequence[str]) -> None:
    """See that the command of the hooks starts at all. Raises `CannotWrite`."""
    try:
        ran = subprocess.run(
            [*command, "--help"],
            capture_output=True,
            timeout=60,
            check=False,
            stdin=subprocess.DEVNULL,
            cwd="/",
        )
        started = ran.returncode == 0
    except (OSError, subprocess.SubprocessError):
        started = False
    if not started:
        raise CannotWrite(
            f"`{shlex.join(command[:4])}` does not start: install agpc where no PYTHONPATH is needed"
        )


def hooks_for(client: Client, command: Sequence[str]) -> dict[str, Any]:
    """Give the hooks; `command` runs `agpc guard hook CLIENT …`."""
    line = shlex.join(command)
    before: dict[str, Any] = {
        "type": "command",
        "command": f"{line} || {_FAILED}",
        "timeout": TIMEOUT,
    }
    if client == "claude-code":
        before["onFailure"] = "block"
    after = {"type": "command", "command": f"{line} --after", "timeout": 60}
    found = {each: [{"hooks": [before]}] for each in _BEFORE}
    return found | {each: [{"hooks": [after]}] for each in _AFTER[client]}


def merged(
    text: str | None, hooks: Mapping[str, Any], *, managed: bool
) -> tuple[dict[str, Any], list[str]]:
    """Put hooks into settings, in place of those of before, and give what has to be looked at. Raises `CannotWrite`."""
    settings = _read(text)
    theirs = settings.get("hooks", {})
    if type(theirs) is not dict or any(type(each) is not list for each in theirs.values()):
        raise CannotWrite("`hooks` of the settings is not what a client reads")
    if not all(_is_entry(each) for entries in theirs.values() for each in entries):
        raise CannotWrite(
            "`hooks` of the settings has an entry that is none: a client may leave out the whole file"
        )
    if _sets_version(settings.get("env")):
        raise CannotWrite(
            "`env` of the settings sets AI_AGENT, by which a hook sees how old its client is: take it out first"
        )
    if settings.get("disableAllHooks"):
        raise CannotWrite(
            "`disableAllHooks` of the settings turns every hook off: take it out first"
        )
    kept = {
        name: [each for each in entries if not _is_ours(each)] for name, entries in theirs.items()
    }
    notes = [
        f"another hook of {name} may change what is decided, or say that it may run: look at it"
        for name in ("PreToolUse", "PermissionRequest")
        if kept.get(name)
    ]
    together = {name: kept.get(name, []) + list(hooks.get(name, [])) for name in {**kept, **hooks}}
    settings["hooks"] = {name: entries for name, entries in together.items() if entries}
    if managed:
        settings["allowManagedHooksOnly"] = True
    return settings, notes


def _read(text: str | None) -> dict[str, Any]:
    if text is None or not text.strip():
        return {}
    try:
        settings = read_request(text)
    except NotJSON as error:
        raise CannotWrite(f"the settings are no JSON: {error}") from None
    if type(settings) is not dict:
        raise CannotWrite("the settings are no JSON object")
    return settings


def _is_entry(entry: Any) -> bool:
    handlers = entry.get("hooks") if type(entry) is dict else None
    return type(handlers) is list and all(type(each) is dict for each in handlers)


def _sets_version(env: Any) -> bool:
    return (type(env) is not dict and env is not None) or "AI_AGENT" in (env or {})


def _is_ours(entry: Any) -> bool:
    handlers = entry["hooks"]
    return bool(handlers) and all(MARK in str(each.get("command")) for each in handlers)


def written(settings: Mapping[str, Any]) -> str:
    """Write settings."""
    return json.dumps(settings, indent=2, ensure_ascii=False) + "\n"


def replace_file(path: Path, text: str) -> None:
    """Put a file in place whole. Raises `CannotWrite`."""
    try:
        target = Path(os.path.realpath(path))
        target.parent.mkdir(parents=True, exist_ok=True)
        mode = target.stat().st_mode & 0o777 if target.exists() else 0o644
        made, name = tempfile.mkstemp(dir=target.parent, prefix=".agpc-")
        with open(made, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(name, mode)
        os.replace(name, target)
    except OSError as error:
        raise CannotWrite(f"`{path}` cannot be written: {error.strerror or error}") from None
