"""What the statements of control policies are for, in words, since JSON has no room for remarks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from ..language.statement import Statement
from .documents import Document

HEAD = """\
Service control policies: what each statement is for. Nothing reads this file but people.

They are denies alone, and go beside FullAWSAccess. A deny is met where all of its conditions are, so
that conditions here often say the opposite of what an agent has to have.
"""

_FENCES = {
    "nothing": "nothing is allowed to the agent, so that everything is denied to its role",
    "actions": "all but the actions of the agent's allows (NotAction)",
    "resources": "an action, on all but the places of the agent's allows (NotResource)",
    "intent": "everything, to a session whose tag is no intent that is served",
    "tag": "everything, to a session whose tag is not the agent",
    "task": "everything, to a session whose task tag is missing or empty",
}
_REMARKS = (
    ("ArnEqualsIfExists", "is met by the agent's role and its sessions, and if AWS tells no role at all"),
    ("IfExists", "is met if the key is missing as well: what AWS does not tell is not let through"),
    ("NotEquals", "is met by another value, and if the key is missing"),
    ("NotLike", "is met by a value that does not match, and if the key is missing; `?*` is any text but the empty one"),
    ("Null", "asks whether a key is missing (true) or there (false)"),
    ("NotIpAddress", "is met by an address outside, and if the key is missing"),
)  # fmt: skip
"""What an operator that ends, or reads, like this does; the first that fits counts."""


def explain(documents: Mapping[str, Document]) -> str:
    """A text about some documents, by path."""
    return HEAD + "".join(line for path in sorted(documents) for line in _of(path, documents[path]))


def _of(path: str, document: Document) -> Iterator[str]:
    """What is in one document."""
    yield f"\n{path}\n"
    for sid, statement in document.statements.items():
        yield f"  {sid}: {_purpose(statement)}\n"
        for test in statement.tests:
            remark = next((why for part, why in _REMARKS if part in test.operator), None)
            if remark is not None:
                yield f"    {test.operator} of {json.dumps(test.key)} {remark}\n"


def _purpose(statement: Statement) -> str:
    """What one statement denies, and for which rule or agent."""
    if statement.rules:
        return "what is forbidden by " + ", ".join(json.dumps(each.id) for each in statement.rules)
    agent = json.dumps(statement.about.name if statement.about else "")
    return f"{_FENCES[statement.title.rpartition('.')[2]]}; agent {agent}"
