"""What the page asks of the compiler: the `agpc` command, run in this process on files in memory.

Nothing here knows what a policy means. Each answer is what a command prints, its exit status, and the files that it
wrote, so that the page cannot say anything else than the command does.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import agpc.cli
from agpc.cli import exits
from agpc.compiler.check.review.review import ReviewKept

HOME = Path("/home/policies")
"""The working directory of each command; the files of the page stand in `policies/` below it."""
POLICIES = "policies"
MADE = "build"
MAX_SHOWN = 4 * 1024 * 1024  # characters of one stream that the page is given
EPOCH = (
    1980,
    1,
    1,
    0,
    0,
    0,
)  # of all files in an archive, so that the same policies make the same one

kept = ReviewKept()  # what one check leaves for the next, as `agpc check --watch` has it


def answer(question: str) -> str:
    """Answer what the page asks, as JSON; the files of the question replace those of the last one."""
    asked = json.loads(question)
    lay_out(asked["files"])
    for name, text in asked.get("beside", {}).items():
        (HOME / name).write_text(text, encoding="utf-8", newline="")
    if asked["kind"] == "check":
        found = check()
    else:
        found = run(asked["arguments"], asked.get("input", ""))
        if MADE in asked["arguments"]:
            found["files"], found["archive"] = made()
    return json.dumps(found)


def lay_out(files: dict[str, str]) -> None:
    """Write the files of the page, and nothing else, below the working directory."""
    os.chdir("/")
    shutil.rmtree(HOME, ignore_errors=True)
    for name, text in files.items():
        path = HOME / POLICIES / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
    (HOME / POLICIES).mkdir(parents=True, exist_ok=True)
    os.chdir(HOME)


def run(arguments: list[str], given: str = "") -> dict[str, Any]:
    """Run a command to its end; its output, what it said on standard error, and its exit status."""

    def command() -> int:
        sys.argv = ["agpc", *arguments]
        return agpc.cli.main()

    return captured(command, given, whole="--format" in arguments)


def check() -> dict[str, Any]:
    """Check the policies as `agpc check` does: for people, and as JSON with the places of what was found."""
    from agpc.cli.checking import show_check
    from agpc.cli.input.checked import reviewed
    from agpc.cli.input.policies import read_files
    from agpc.cli.input.settings import now, settings_for
    from agpc.compiler.garbage import seldom_collected

    with suppress(exits.Stop, exits.Failure), seldom_collected():
        settings = settings_for((POLICIES,), None, (), ())
        if settings.baseline is None:
            files = read_files((POLICIES,))
            found = reviewed(files, settings, now(), kept)
            said = captured(lambda: show_check(found, "text"))
            places = captured(lambda: show_check(found, "json"), whole=True)
            return {**said, "status": found.status(settings.fail_on), "json": places["output"]}
    found_json = run(["check", POLICIES, "--format", "json"])["output"]
    return {**run(["check", POLICIES]), "json": found_json}


def captured(work: Callable[[], Any], given: str = "", whole: bool = False) -> dict[str, Any]:
    """Do some work with standard streams of its own; what the page takes apart it gets whole."""
    before = sys.stdin, sys.stdout, sys.stderr
    streams = [io.BytesIO(given.encode("utf-8", "surrogatepass")), io.BytesIO(), io.BytesIO()]
    sys.stdin, sys.stdout, sys.stderr = (io.TextIOWrapper(each, "utf-8") for each in streams)
    try:
        status = work()
        sys.stdout.flush()
        sys.stderr.flush()
        output, errors = (each.getvalue().decode("utf-8") for each in streams[1:])
    finally:
        sys.stdin, sys.stdout, sys.stderr = before
    return {
        "status": status or 0,
        "output": output if whole else shown(output),
        "errors": shown(errors),
    }


def shown(text: str) -> str:
    """A text that the page can show: what is beyond a few megabytes is left out, and that is said."""
    if len(text) <= MAX_SHOWN:
        return text
    return f"{text[:MAX_SHOWN]}\n… {len(text) - MAX_SHOWN} more characters, which the page does not show\n"


def made() -> tuple[dict[str, str], str]:
    """What `agpc compile` wrote, by path, and all of it as an archive in hexadecimal."""
    root = HOME / MADE
    paths = sorted(each for each in root.rglob("*") if each.is_file())
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in paths:
            entry = zipfile.ZipInfo(path.relative_to(root).as_posix(), EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes())
    files = {
        path.relative_to(root).as_posix(): path.read_bytes().decode("utf-8", "replace")
        for path in paths
    }
    return files, content.getvalue().hex() if paths else ""
