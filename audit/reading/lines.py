"""The files of lines in an export: each is what follows from the events, line by line, whoever writes them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any, TypeAlias

from .findings import Findings
from .trail import Leaf

Writer: TypeAlias = Callable[[bytes, "bytes | None"], "bytes | None"]
"""Gives the line of an event from its entry and its body; None if it has none."""

_BROKEN = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What a writer raises of an event that is none: nobody can say what should stand there."""


class LineFiles:
    """Compares files with what should stand in them, while the events go by."""

    def __init__(
        self, directory: Path, writers: Mapping[str, Writer], findings: Findings, opened: ExitStack
    ) -> None:
        """Open those that there are; one that is missing is told."""
        self._findings = findings
        self._writers = dict(writers)
        self._files: dict[str, IO[bytes]] = {}
        for name in writers:
            try:
                self._files[name] = opened.enter_context((directory / name).open("rb"))
            except OSError:
                findings.is_wrong(None, f"`{name}` is not there")

    def take(self, leaf: Leaf) -> None:
        """Compare the lines of one event."""
        for name, file in list(self._files.items()):
            try:
                expected = self._writers[name](leaf.entry, leaf.body)
            except _BROKEN:
                self._findings.is_wrong(leaf.seq, f"no line of `{name}` can be made of the event")
                del self._files[name]
                continue
            if expected is None:
                continue
            found = file.read(len(expected) + 1)
            if found != expected + b"\n":
                found += file.readline()
                self._differs(name, leaf.seq, expected, found)

    def _differs(self, name: str, seq: int, expected: bytes, found: bytes) -> None:
        del self._files[name]
        version = _version(expected)
        if version is not None and _version(found) not in (None, version):
            self._findings.is_undetermined("lines")
        else:
            self._findings.is_wrong(seq, f"the line of the event in `{name}` is another one")

    def end(self) -> None:
        """See that nothing stands behind the last event."""
        for name, file in self._files.items():
            if file.read(1):
                self._findings.is_wrong(
                    None, f"`{name}` goes on behind the last event: export it again"
                )
            else:
                self._findings.is_proved("lines")


def _version(line: bytes) -> Any:
    """The version of the program that wrote a line, if the line says so."""
    try:
        return json.loads(line)["metadata"]["product"]["version"]
    except (ValueError, KeyError, TypeError):
        return None
