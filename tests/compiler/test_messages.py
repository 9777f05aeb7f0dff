"""How messages read: one sentence, lower-case start, no final period, user input in backticks.

The texts are read from the code itself: every call that takes a code or makes a diagnostic, a label
or an error for the command line, with what its variables are assigned in the same function.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from agpc.compiler.report.codes import CODES

ROOT = Path(__file__).parents[2]
CODE = re.compile(r"AGP\d{4}")
HOLE = "\ue000"  # stands for what an f-string puts in
# Positions of the texts among the arguments of what makes a message, and the names of others.
MAKERS: dict[str, tuple[Iterable[int], tuple[str, ...]]] = {
    "at": ((2,), ("label", "help")),
    "Diagnostic": ((1,), ("help",)),
    "Label": ((1,), ()),
    "Failure": ((0,), ()),
    "NotJSON": ((0,), ()),
    "WriteError": ((0,), ()),
    "TargetError": ((0,), ()),
}
NAMES = (
    "SPIFFE",
    "JSON",
    "AGP",
    "UTF-8",
    "IAM",
    "AWS",
    "OPA",
    "Cedar",
    "Rego",
    "MCP",
    "RFC",
    "U+",
    "Vault",
)


@dataclass(frozen=True)
class Message:
    place: str
    text: str


def modules() -> Iterator[Path]:
    for layer in ("grammar", "compiler", "targets", "cli"):
        yield from sorted((ROOT / layer).rglob("*.py"))


def messages(path: Path, text: str) -> Iterator[Message]:
    tree = ast.parse(text)
    for scope in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]:
        assigned: dict[str, list[ast.expr]] = {}
        for node in ast.walk(scope):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                assigned.setdefault(node.targets[0].id, []).append(node.value)
        for node in ast.walk(scope):
            for argument in texts_of(node):
                for found in literals(argument, assigned, 0):
                    yield Message(f"{path.relative_to(ROOT)}:{node.lineno}", found)


def texts_of(node: ast.AST) -> Iterator[ast.expr]:
    if not isinstance(node, ast.Call):
        return
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    positions, keywords = MAKERS.get(name, ((), ()))
    for position, argument in enumerate(node.args):
        if isinstance(argument, ast.Constant) and CODE.fullmatch(str(argument.value)):
            positions, keywords = range(position + 1, len(node.args)), ("message", "label", "help")
    yield from (node.args[each] for each in positions if each < len(node.args))
    yield from (each.value for each in node.keywords if each.arg in keywords)


def literals(node: ast.expr, assigned: dict[str, list[ast.expr]], depth: int) -> Iterator[str]:
    """The texts that an expression may be, as far as they can be read."""
    match node:
        case ast.Constant(str(text)):
            yield text
        case ast.JoinedStr(parts):
            yield "".join(
                str(part.value) if isinstance(part, ast.Constant) else HOLE for part in parts
            )
        case ast.IfExp(body=one, orelse=other):
            yield from literals(one, assigned, depth)
            yield from literals(other, assigned, depth)
        case ast.BoolOp(values=values):
            for each in values:
                yield from literals(each, assigned, depth)
        case ast.Name(name) if depth < 3:
            for each in assigned.get(name, ()):
                yield from literals(each, assigned, depth + 1)


def faults(text: str) -> list[str]:
    found = []
    if text and text[0].isupper() and not text.startswith(NAMES):
        found.append("starts with a capital")
    if text.endswith((".", "!")) and not text.endswith("..."):
        found.append("ends with a period")
    if text.count("`") % 2:
        found.append("has an odd number of backticks")
    if re.search(f"['\"]{HOLE}['\"]", re.sub(r"`[^`]*`", "", text)):  # code may hold a string
        found.append("has input in quotes instead of backticks")
    if re.search(r"\. [A-Z]", text):
        found.append("is more than one sentence")
    return found


@cache
def everything() -> list[Message]:
    return [each for path in modules() for each in messages(path, path.read_text(encoding="utf-8"))]


def test_every_message_reads_like_the_others() -> None:
    found = [
        f"{each.place}: {each.text.replace(HOLE, '…')!r} {fault}"
        for each in everything()
        for fault in faults(each.text)
    ]
    assert found == []


def test_titles_of_codes_read_like_messages() -> None:
    assert [(code, fault) for code, each in CODES.items() for fault in faults(each.title)] == []


def test_the_messages_are_found() -> None:
    assert len(everything()) > 150
    assert {each.place.split("/")[0] for each in everything()} == {"compiler", "targets", "cli"}


@pytest.mark.parametrize(
    "text",
    ["Unknown name", "unknown name.", "unknown name `x", f"unknown name '{HOLE}'", "no. Not so"],
)
def test_a_message_that_reads_otherwise_is_found(text: str) -> None:
    assert len(faults(text)) == 1


def test_every_code_is_used_and_every_used_code_is_in_the_table() -> None:
    used: set[str] = set()
    for path in modules():
        if path.name != "codes.py":
            used.update(re.findall(r'"(AGP\d{4})"', path.read_text(encoding="utf-8")))
    assert used == set(CODES)
