"""Statements to policy documents: JSON text, Sids, sizes, and how a document is split."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from ....compiler.structs import Struct
from ..language.patterns import write_pattern, write_text
from ..language.products import KeyTest
from ..language.statement import Statement
from ..limits import can_hold
from .sids import Sids

VERSION = "2012-10-17"


class TooLarge(Exception):
    """A document that does not fit, and cannot be split; `largest` is the most of it."""

    def __init__(self, size: int, limit: int, largest: Statement) -> None:
        """Keep sizes in characters."""
        super().__init__(f"{size} characters, where AWS takes {limit}")
        self.largest = largest


class Document(Struct):
    """One policy: its JSON data, and the statement behind each Sid (or position, without Sids)."""

    data: dict[str, Any]
    statements: dict[str, Statement]

    @property
    def size(self) -> int:
        """Its bytes without white space between tokens; never less than its characters."""
        return len(self.compact.encode("utf-8"))

    @property
    def compact(self) -> str:
        """The text without white space between tokens."""
        return json.dumps(self.data, ensure_ascii=False, separators=(",", ":"))

    @property
    def readable(self) -> str:
        """The text with one value a line, for limits that do not count white space."""
        return json.dumps(self.data, ensure_ascii=False, indent=2) + "\n"


class Writer(Struct):
    """Makes documents, in which statements are numbered where there are no `sids`."""

    sids: Sids | None

    def document(self, statements: Iterable[Statement], *, is_template: bool = False) -> Document:
        """Make one document, in which every statement has a Sid of its own.

        INVARIANT: only a template may hold what IAM does not take.
        """
        named: dict[str, Statement] = {}
        written: list[dict[str, Any]] = []
        for position, each in enumerate(statements, 1):
            name = f"#{position}" if self.sids is None else self.sids.name(each, named)
            named[name] = each
            written.append({**({} if self.sids is None else {"Sid": name}), **_write(each)})
        document = Document({"Version": VERSION, "Statement": written}, named)
        if not is_template and not all(map(can_hold, _texts(document.data))):
            raise ValueError("nothing that IAM cannot hold may get this far")
        return document

    def split(self, statements: Sequence[Statement], limit: int, most: int) -> list[Document]:
        """Share statements out among documents of at most `limit` bytes, at most `most` of them.

        The policies of a role are evaluated as one, so that where a statement stands does not
        matter; so are the denies of several service control policies.
        """
        whole = self.document(statements)
        if whole.size <= limit:
            return [whole]
        waiting = list(reversed(statements))
        fitting: list[Statement] = []
        while waiting:
            each = waiting.pop()
            alone = self.document([each]).size
            parts = halves(each) if alone > limit else (each,)
            if not parts:
                raise TooLarge(alone, limit, each)
            if len(parts) == 1:
                fitting.append(each)
            waiting.extend(reversed(parts) if len(parts) > 1 else ())
        for in_order in (True, False):  # as they come, if that will do
            groups = self._shared_out(fitting, limit, most, in_order)
            if groups is not None:
                return [self.document(group) for group in groups]
        raise TooLarge(whole.size, limit * most, self.largest(statements))

    def _shared_out(
        self, statements: Iterable[Statement], limit: int, most: int, in_order: bool
    ) -> list[list[Statement]] | None:
        """Fill documents one after the other, or whichever has room; None if it takes too many."""
        groups: list[list[Statement]] = []
        for each in statements:
            candidates = groups[-1:] if in_order else groups
            room = (g for g in candidates if self.document([*g, each]).size <= limit)
            group = next(room, None)
            if group is not None:
                group.append(each)
            elif len(groups) == most:
                return None
            else:
                groups.append([each])
        return groups

    def largest(self, statements: Iterable[Statement]) -> Statement:
        """The statement that takes the most characters; INVARIANT: there is one."""
        return max(statements, key=lambda each: self.document([each], is_template=True).size)


def halves(statement: Statement) -> tuple[Statement, ...]:
    """Two statements that together are one: of its resources, or of the values of a test.

    Any of several resources will do, and any of several values, but of a negated test's values none
    may match. Nothing, if there is nothing to share out.
    """
    count = len(statement.resources)
    if count > 1 and statement.all_but != "resources":
        return tuple(
            replace(statement, resources=half)
            for half in (statement.resources[: count // 2], statement.resources[count // 2 :])
        )
    for position, test in enumerate(statement.tests):
        count = len(test.values)
        if count > 1 and "Not" not in test.operator and ":" not in test.operator:
            before, after = statement.tests[:position], statement.tests[position + 1 :]
            return tuple(
                replace(statement, tests=(*before, replace(test, values=half), *after))
                for half in (test.values[: count // 2], test.values[count // 2 :])
            )
    return ()


def _write(statement: Statement) -> dict[str, Any]:
    """One statement as JSON data, without its Sid."""
    data: dict[str, Any] = {"Effect": statement.effect}
    if statement.principal:
        kinds = dict(statement.principal)
        data["Principal"] = "*" if kinds == {"*": "*"} else kinds
    data["NotAction" if statement.all_but == "actions" else "Action"] = _one_or_many(
        statement.actions
    )
    if not statement.principal:
        resources = [write_pattern(each) for each in statement.resources]
        inverse = statement.all_but == "resources"
        data["NotResource" if inverse else "Resource"] = _one_or_many(resources)
    if statement.tests:
        condition: dict[str, dict[str, Any]] = {}
        for test in statement.tests:
            condition.setdefault(test.operator, {})[test.key] = _one_or_many(_values(test))
        data["Condition"] = condition
    return data


def _values(test: KeyTest) -> list[str]:
    """The values of a test as IAM text."""
    operator = test.operator.rpartition(":")[2]
    if not operator.startswith("String"):
        return list(test.values)
    if "Like" in operator:
        return [write_pattern(each) for each in test.values]
    return [write_text("".join(each)) for each in test.values]


def _texts(data: Any) -> Iterator[str]:
    """All texts in a document."""
    match data:
        case str():
            yield data
        case dict():
            yield from _texts([*data, *data.values()])
        case list():
            for each in data:
                yield from _texts(each)
        case _:
            pass


def _one_or_many(values: Sequence[str]) -> str | list[str]:
    """One value as itself, several as a list, as IAM takes them; INVARIANT: there is one."""
    if not values:
        raise ValueError("an empty list would not say what was meant")
    return values[0] if len(values) == 1 else list(values)
