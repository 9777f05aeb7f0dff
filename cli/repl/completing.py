"""What a line at the prompt may go on with: words, and names of the policy that is held."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ...compiler.ir import nodes as ir
from ...compiler.text.field_names import is_word, written
from .asking import package_of
from .changing import rules_of
from .question_table import QUESTIONS

if TYPE_CHECKING:
    from .session import Session

DELIMITERS = " \t\n(){}[],:'"
CLAUSES = (
    "for", "call", "resource", "context", "user", "task", "at", "after", "said", "did", "failed", "tried", "asked",
    "approved by", "confirmed", "step_up",
)  # fmt: skip
"""What a request that is typed may say."""
_CALL = re.compile(r"\b(?:call|did|failed|tried|asked)\s+([A-Za-z0-9_.]+)\s*\(")
_OPEN = re.compile(r"([A-Za-z0-9_.]+)\s*[{(][^{}()]*$")
_MEMBER = re.compile(r'(?:([A-Za-z_][A-Za-z0-9_]*)|("(?:[^"\\]|\\.)*"))\s*:\s*\S*$')


def completions(session: Session, before: str, word: str) -> list[str]:
    """What the word at the end of a line may become; `before` is all that stands before it."""
    found = sorted({each for each in _fitting(session, before, word) if each.startswith(word)})
    return found


def _fitting(session: Session, before: str, word: str) -> Iterator[str]:
    policy = session.policy
    question, _, rest = before.lstrip().partition(" ")
    if not before.strip():
        yield from (f"{each} " for each in QUESTIONS)
    elif question in ("decide", "explain"):
        yield from _of_request(session, rest, word)
    elif word.startswith("-"):
        yield from _options(question)
    elif re.search(r"--for\s+$", before):
        yield from _names((each.name for each in policy.intents), word)
    elif re.search(r"--format\s+$", before):
        yield from _choices(question, "format")
    elif question == "who-can" and not rest.strip():
        yield from _names(policy.capabilities, word, parts=2)
    elif question == "what-can" and not rest.strip():
        yield from _names(policy.identities, word)
    elif question in ("show", "change") and not rest.strip():
        yield from _names(rules_of(session), word)
    elif question == "help" and not rest.strip():
        yield from QUESTIONS


def _names(names: Iterable[str], word: str, parts: int = 1) -> Iterator[str]:
    """Names without their package where that is enough, and in full once somebody types that."""
    listed = sorted(names)
    for each in listed:
        short = ".".join(each.split(".")[-parts:])
        is_one = sum(other == short or other.endswith(f".{short}") for other in listed) == 1
        if is_one:
            yield f"{short} "
        if not is_one or (word and each.startswith(word)):
            yield f"{each} "


def _options(question: str) -> Iterator[str]:
    from ..table import COMMANDS, agpc

    if question in COMMANDS:
        import click

        command = agpc.get_command(click.Context(agpc), question)
        if command is not None:
            for each in command.params:
                yield from (f"{name} " for name in each.opts if name.startswith("--"))


def _choices(question: str, option: str) -> Iterator[str]:
    from ..table import COMMANDS, agpc

    if question in COMMANDS:
        import click

        command = agpc.get_command(click.Context(agpc), question)
        for each in () if command is None else command.params:
            if each.name == option and isinstance(each.type, click.Choice):
                yield from (f"{choice} " for choice in each.type.choices)


# --- Requests -------------------------------------------------------------------------------------


def _of_request(session: Session, before: str, word: str) -> Iterator[str]:
    """What a request that is typed may go on with."""
    policy = session.policy
    package = package_of(session, before)
    last = before.split()[-1] if before.split() else ""
    opened = _OPEN.search(before)
    if opened is not None:
        fields = list(_fields(policy, package, before, opened[1]))
        member = _MEMBER.search(before)
        if member is not None and not before.rstrip().endswith(","):
            name = member[1] or member[2]
            yield from (
                each
                for field in fields
                if written(field.name) == name
                for each in _values(policy, field.type)
            )
        else:
            yield from (f"{written(each.name)}: " for each in fields)
    elif last in ("", "agent"):
        yield from (f"{each} " for each in _own((each.name for each in policy.agents), package))
    elif last == "for":
        yield from (f"{each} " for each in _own((each.name for each in policy.intents), package))
    elif last in ("call", "did", "failed", "tried", "asked"):
        yield from (f"{each}(" for each in _own(policy.capabilities, package))
    else:
        yield from (f"{each} " for each in CLAUSES)


def _own(names: Iterable[str], package: str) -> Iterator[str]:
    """Names as a package writes them."""
    for each in names:
        rest = each.removeprefix(f"{package}.")
        yield rest


def _fields(policy: ir.Policy, package: str, before: str, holder: str) -> Iterator[ir.Field]:
    """The fields of what stands before a bracket that is open."""
    names = (holder, f"{package}.{holder}")
    called = [*_CALL.finditer(before)]
    capability = called[-1][1] if called else ""
    for name, action in policy.declared_actions.items():
        if name in names and before.rstrip().rfind("(") > before.rstrip().rfind("{"):
            yield from action.parameters
    if holder == "resource":
        for resource in policy.resources:
            if capability.startswith(
                (f"{resource.name}.", f"{resource.name.removeprefix(f'{package}.')}.")
            ):
                yield from resource.attributes
    elif holder in ("context", "user"):
        yield from (policy.context if holder == "context" else policy.user or ())
    for agent in policy.agents:
        if agent.name in names and re.search(
            rf"(?:^|agent\s+){re.escape(holder)}\s*\{{[^{{}}]*$", before
        ):
            yield from agent.attributes
    for intent in policy.intents:
        if intent.name in names and re.search(
            rf"\bfor\s+{re.escape(holder)}\s*\{{[^{{}}]*$", before
        ):
            yield from intent.fields


def _values(policy: ir.Policy, type_: ir.Type) -> Iterator[str]:
    """The values of a type, if they can be listed."""
    match type_:
        case ir.LevelType(name) | ir.EnumType(name):
            for each in policy.members_of.get(name, ()):
                yield each if is_word(each) else written(each)
        case ir.Scalar("bool"):
            yield from ("true", "false")
        case _:
            pass
