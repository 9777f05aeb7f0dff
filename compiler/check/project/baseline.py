"""A baseline: the findings that a project had when it began to look for them, so that only new ones are told.

It holds what a project may ignore and nothing else. That a policy does not compile, breaks what it asserts of itself,
or could not be determined is told whatever a baseline says.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

from ....runtime.strict_json import NotJSON, read_request
from ...report import Report
from ...report.codes import CODES
from ...report.diagnostics import Diagnostic
from ...report.fingerprints import fingerprint
from ...structs import Struct, changed
from .files import reason
from .settings import can_be_ignored

VERSION = 1
MAX_BYTES = 64 * 1024 * 1024
MAX_COUNT = 1_000_000
NAME = re.compile("[0-9a-f]{32}")
KEYS = {"code": str, "fingerprint": str, "count": int, "file": str, "message": str}


class BaselineError(Exception):
    """A baseline cannot be used; the message names the file and what is wrong."""


class Entry(Struct):
    """Findings that are alike: their name, how many there are, and what a reader wants to know of them."""

    code: str
    fingerprint: str
    count: int
    file: str
    message: str


def entries_of(report: Report) -> list[Entry]:
    """What a baseline says of findings, in the order of files, codes and messages."""
    listed = [each for each in report.diagnostics if can_be_ignored(each.code)]
    names = [fingerprint(each, report) for each in listed]
    counts = Counter(names)
    entries = {
        name: Entry(each.code, name, counts[name], _file(each), each.message)
        for name, each in zip(reversed(names), reversed(listed), strict=True)
    }
    key = ("file", "code", "message", "fingerprint")
    return sorted(entries.values(), key=lambda each: [getattr(each, part) for part in key])


def _file(diagnostic: Diagnostic) -> str:
    return diagnostic.labels[0].span.file if diagnostic.labels else ""


def to_text(entries: Iterable[Entry]) -> str:
    """Write a baseline, an entry a line, so that two changes of it seldom meet."""
    lines = [json.dumps({key: getattr(each, key) for key in KEYS}) for each in entries]
    listed = ",".join(f"\n    {each}" for each in lines)
    end = "\n  " if lines else ""
    return f'{{\n  "version": {VERSION},\n  "findings": [{listed}{end}]\n}}\n'


def read_baseline(path: str | os.PathLike[str]) -> list[Entry]:
    """Read a baseline. Raises `BaselineError` for anything that `to_text` would not have written."""
    shown = f"`{os.fspath(path)}`"
    try:
        with Path(path).open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # a NUL byte in the path
        raise BaselineError(f"cannot read the baseline {shown}: {reason(error)}") from None
    return entries_in(content, shown)


def entries_in(content: bytes, shown: str) -> list[Entry]:
    """Read what a baseline holds; `shown` stands for it in messages. Raises `BaselineError`."""
    if len(content) > MAX_BYTES:
        raise BaselineError(f"{shown} is larger than {MAX_BYTES // 1024**2} MiB")
    try:
        document = read_request(content)
    except NotJSON as error:
        raise BaselineError(f"{shown} is not a baseline: {error}") from None
    if not isinstance(document, dict) or set(document) != {"version", "findings"}:
        raise BaselineError(f"{shown} is not a baseline: it has to have `version` and `findings`")
    version, findings = document["version"], document["findings"]
    if type(version) is not int or version != VERSION:
        raise BaselineError(f"{shown} is not a baseline of version {VERSION}: write it anew")
    if not isinstance(findings, list):
        raise BaselineError(f"{shown} is not a baseline: `findings` has to be a list")
    entries: dict[str, Entry] = {}
    for number, each in enumerate(findings, 1):
        problem = _problem(each)
        if problem is None and each["fingerprint"] in entries:
            problem = "its fingerprint stands twice"
        if problem is not None:
            raise BaselineError(f"{shown} is not a baseline: of finding {number}, {problem}")
        entries[each["fingerprint"]] = Entry(**each)
    return list(entries.values())


def _problem(found: Any) -> str | None:
    """Say what is wrong with an entry."""
    if not isinstance(found, dict) or set(found) != set(KEYS):
        return f"the fields have to be {', '.join(KEYS)}"
    for key, kind in KEYS.items():
        if type(found[key]) is not kind:
            return f"`{key}` has to be {'a text' if kind is str else 'a whole number'}"
    if found["code"] not in CODES:
        return "there is no such code"
    if not can_be_ignored(found["code"]):
        return f"`{found['code']}` cannot be in a baseline: it is an error, or undetermined"
    if not NAME.fullmatch(found["fingerprint"]):
        return "`fingerprint` has to be 32 hexadecimal digits"
    if not 1 <= found["count"] <= MAX_COUNT:
        return f"`count` has to be 1 to {MAX_COUNT}"
    return None


def beyond(report: Report, entries: Iterable[Entry], looked_for: Collection[str]) -> Report:
    """A report of what is new since a baseline, with what is known and which entries apply no more.

    Of an entry whose code was not looked for, nothing is said.
    """
    listed = list(entries)
    left = {(each.code, each.fingerprint): each.count for each in listed}
    new: list[Diagnostic] = []
    known: list[Diagnostic] = []
    for each in report.diagnostics:
        name = (each.code, fingerprint(each, report)) if can_be_ignored(each.code) else None
        if name is not None and left.get(name, 0) > 0:
            left[name] -= 1
            known.append(each)
        else:
            new.append(each)
    gone = [
        changed(each, count=left[each.code, each.fingerprint])
        for each in listed
        if left[each.code, each.fingerprint] and each.code in looked_for
    ]
    said = tuple((each.count, f"{each.code} {each.file}: {each.message}") for each in gone)
    return changed(report, diagnostics=tuple(new), known=tuple(known), gone=said)
