"""What a test expects of a decision, in the words of the language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from .. import nodes as ir
from .conditions import string_text
from .rules import credential_text, needs_text, obligation_text, owner_text

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")


def expectation_text(
    effect: str, rules: Iterable[str] | None = None, terms: ir.Terms | None = None
) -> str:
    """Write what follows `expect`.

    >>> expectation_text("permit", ("p.g.a",), ir.Terms(ir.Credential(900, 3), ()))
    'permit by p.g.a with credential ttl 15m renew 3, no obligation'
    """
    parts = [effect]
    if rules is not None:
        parts.append(f"by {', '.join(map(rule_text, rules)) or 'no rule'}")
    if terms is not None:
        parts += [f"{word} {text}" for word, text in phrases(terms)]
    return " ".join(parts)


def rule_text(id: str) -> str:
    """Write the identity of a rule, in quotes where it is not a name."""
    return id if _NAME.fullmatch(id) else string_text(id)


def phrases(terms: ir.Terms) -> Iterator[tuple[str, str]]:
    """Write each clause about terms: the word with which it begins, and what it says."""
    if terms.asking is not None:
        yield "asking", asking_text(terms.asking)
    with_ = [*credential_terms(terms), *obligation_terms(terms), *owner_terms(terms)]
    if with_:
        yield "with", ", ".join(with_)
    if terms.reasons is not None:
        yield "because", reasons_text(terms.reasons)


def asking_text(asking: Iterable[Iterable[ir.Requirement]]) -> str:
    """Write the ways to turn a challenge into a permit."""
    return " or ".join(map(needs_text, asking))


def reasons_text(reasons: Iterable[str]) -> str:
    """Write the reasons of a denial."""
    return ", ".join(map(string_text, reasons))


def credential_terms(terms: ir.Terms) -> Iterator[str]:
    """Write what is said of the credential, if anything is."""
    match terms.credential:
        case None:
            pass
        case "none":
            yield "no credential"
        case credential:
            yield credential_text(credential)


def obligation_terms(terms: ir.Terms) -> Iterator[str]:
    """Write what is said of obligations, each by itself."""
    if terms.obligations == ():
        yield "no obligation"
    yield from map(duty_text, terms.obligations or ())


def owner_terms(terms: ir.Terms) -> Iterator[str]:
    """Write what is said of who answers, if anything is."""
    match terms.owner:
        case None:
            pass
        case "none":
            yield "no owner"
        case owner:
            yield owner_text(owner)


def duty_text(duty: ir.Duty) -> str:
    """Write an obligation that is expected."""
    if duty.properties is None:
        return f"oblige {duty.name}"
    return obligation_text(ir.Obligation(duty.name, duty.properties))
