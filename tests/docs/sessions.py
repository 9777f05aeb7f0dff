"""Runs the ```console, ```python and file blocks of a page, in order, in one directory.

A console block has commands after `$ ` and, below each, what it prints (standard output and standard
error, in the order of the page); a line `...` stands for any number of lines, and ` ... ` within a line
for anything. A command of which nothing is shown may print anything, but has to succeed. A block
```LANGUAGE file PATH is written to PATH.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from forking import scripts

from docs.blocks import Block, blocks


class Session:
    """A shell in a directory of its own."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.status = 0
        self.script: list[str] = []
        folders = [scripts(), Path(sys.executable).parent, os.environ["PATH"]]
        self.environment = {
            "PATH": os.pathsep.join(map(str, folders)),
            "HOME": str(directory),
            "LC_ALL": "C.UTF-8",
            "AGPC_CHECK_AT": "2026-11-24",
        }

    def run_page(self, page: Path) -> None:
        for block in blocks(page):
            if block.words[:1] == ("file",):
                path = self.directory / block.words[1]
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(block.text, encoding="utf-8")
            elif block.language == "console":
                self.run_console(block)
            elif block.language == "python":
                self.script.append(block.text)
        if self.script:
            self.run_script()

    def run_console(self, block: Block) -> None:
        for command, shown in commands(block.text):
            done = subprocess.run(
                ["bash", "-c", f"(exit {self.status}); {command}"],
                cwd=self.directory,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=120,
                check=False,
            )
            self.status = done.returncode
            printed = done.stdout.rstrip("\n")
            if not shown:
                assert done.returncode == 0, f"{block.id}: {command}\n{printed}"
                continue
            assert matches(shown, printed), f"{block.id}: {command}\nprinted:\n{printed}"

    def run_script(self) -> None:
        """Run the Python blocks of a page as one program, after its commands."""
        done = subprocess.run(
            [sys.executable, "-c", "\n".join(self.script)],
            cwd=self.directory,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr


def commands(text: str) -> Iterator[tuple[str, str]]:
    """Each command of a console block, and what is shown below it."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, shown = part.partition("\n")
        yield command, shown.rstrip("\n")


def matches(shown: str, printed: str) -> bool:
    """Whether what was printed is what is shown, where `...` stands for anything.

    >>> matches("a\\n...\\nz", "a\\nb\\nc\\nz"), matches("wrote ... files", "wrote 12 files")
    (True, True)
    >>> matches("a\\n...", "b")
    False
    """
    # The lines that `...` stands for are whole, and may be none.
    pattern = re.escape(f"{shown}\n")
    pattern = re.sub(r"(?m)^\\\.\\\.\\\.\\?\n", lambda _: r"(?:.*\n)*?", pattern)
    pattern = pattern.replace(re.escape("..."), ".*")
    return re.fullmatch(pattern, f"{printed}\n") is not None
