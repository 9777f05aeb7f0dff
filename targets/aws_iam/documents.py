"""Statements to policy documents: JSON text, Sids, sizes, and how a document is split."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ...compiler import ir
from .limits import can_hold
from .patterns import write_pattern, write_text
from .products import Test
from .statements import Statement

VERSION = "2012-10-17"
_SID_SIZE = 48


class TooLarge(Exception):
    """A document that does not fit, and cannot be split."""

    def __init__(self, size: int, limit: int) -> None:
        """Keep both in characters."""
        super().__init__(f"{size} characters, where AWS takes {limit}")


@dataclass(frozen=True, slots=True)
class Document:
    """One policy: its JSON data, and the rule behind each Sid."""

    data: dict[str, Any]
    rules: dict[str, ir.Rule]

    @property
    def size(self) -> int:
        """Its characters without white space between tokens."""
        return len(self.compact)

    @property
    def compact(self) -> str:
        """The text without white space between tokens."""
        return json.dumps(self.data, ensure_ascii=False, separators=(",", ":"))

    @property
    def readable(self) -> str:
        """The text with one value a line, for limits that do not count white space."""
        return json.dumps(self.data, ensure_ascii=False, indent=2) + "\n"


def document_of(statements: Iterable[Statement], packages: Iterable[ir.Package]) -> Document:
    """Make one document, in which every statement has a Sid of its own."""
    names = sorted((each.name for each in packages), key=len, reverse=True)
    rules: dict[str, ir.Rule] = {}
    written: list[dict[str, Any]] = []
    for each in statements:
        sid = _sid(each, names, rules)
        rules[sid] = each.rule
        written.append(_write(each, sid))
    return Document({"Version": VERSION, "Statement": written}, rules)


def split(
    statements: Sequence[Statement], packages: Iterable[ir.Package], limit: int, most: int
) -> list[Document]:
    """Share statements out among documents of at most `limit` characters, at most `most` of them.

    The policies of a role are evaluated as one, so that where a statement stands does not matter.
    """
    packages = tuple(packages)
    whole = document_of(statements, packages)
    if whole.size <= limit:
        return [whole]
    groups: list[list[Statement]] = [[]]
    waiting = list(reversed(statements))
    while waiting:
        each = waiting.pop()
        alone = document_of([each], packages).size
        if alone > limit:
            parts = halves(each)
            if not parts:
                raise TooLarge(alone, limit)
            waiting.extend(reversed(parts))
            continue
        if groups[-1] and document_of([*groups[-1], each], packages).size > limit:
            groups.append([])
        groups[-1].append(each)
    if len(groups) > most:
        raise TooLarge(whole.size, limit * most)
    return [document_of(group, packages) for group in groups]


def halves(statement: Statement) -> tuple[Statement, ...]:
    """Two statements that together are one: of its resources, or of the values of a test.

    Any of several resources will do, and any of several values, but of a negated test's values none
    may match. Nothing, if there is nothing to share out.
    """
    count = len(statement.resources)
    if count > 1:
        return tuple(
            replace(statement, resources=half)
            for half in (statement.resources[: count // 2], statement.resources[count // 2 :])
        )
    for position, test in enumerate(statement.tests):
        count = len(test.values)
        if count > 1 and "Not" not in test.operator:
            before, after = statement.tests[:position], statement.tests[position + 1 :]
            return tuple(
                replace(statement, tests=(*before, replace(test, values=half), *after))
                for half in (test.values[: count // 2], test.values[count // 2 :])
            )
    return ()


def _sid(statement: Statement, packages: Iterable[str], taken: Iterable[str]) -> str:
    """A Sid that tells people which rule it is, and no other statement has."""
    name = statement.rule.id
    for package in packages:
        if name.startswith(package + "."):
            name = name[len(package) + 1 :]
            break
    words = re.split(r"[^0-9A-Za-z]+", name)
    guard = "Guard" if statement.effect == "Deny" and isinstance(statement.rule, ir.Allow) else ""
    base = "".join(each[:1].upper() + each[1:] for each in words)[:_SID_SIZE] + guard or "Rule"
    sid, number = base, 1
    while sid in taken:
        number += 1
        sid = f"{base}{number}"
    return sid


def _write(statement: Statement, sid: str) -> dict[str, Any]:
    """One statement as JSON data."""
    data: dict[str, Any] = {
        "Sid": sid,
        "Effect": statement.effect,
        "Action": _one_or_many(statement.actions),
        "Resource": _one_or_many([write_pattern(each) for each in statement.resources]),
    }
    if statement.tests:
        condition: dict[str, dict[str, Any]] = {}
        for test in statement.tests:
            condition.setdefault(test.operator, {})[test.key] = _one_or_many(_values(test))
        data["Condition"] = condition
    return data


def _values(test: Test) -> list[str]:
    """The values of a test as IAM text."""
    if not test.operator.startswith("String"):
        return list(test.values)
    if "Like" in test.operator:
        return [write_pattern(each) for each in test.values]
    return [write_text("".join(each)) for each in test.values]


def _one_or_many(values: Sequence[str]) -> str | list[str]:
    """One value as itself, several as a list, as IAM takes them; INVARIANT: IAM can hold them."""
    if not values or not all(map(can_hold, values)):
        raise ValueError("nothing that IAM cannot hold may get this far")
    return values[0] if len(values) == 1 else list(values)
