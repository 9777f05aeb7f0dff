"""What a model is told of a call that did not run: short, and with nothing that the agent must not learn.

Reasons are what a policy says to everybody (`because`); conditions, and the values that they look at, are not. A text has
no character that a terminal or a model takes for something else, and is bounded.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Literal, TypeAlias

from .enforcement import Answer, Question

Explain: TypeAlias = Literal["full", "reasons", "nothing"]
LONGEST = 2_000  # characters
LONGEST_REASON = 400
MOST_REASONS = 5
LONGEST_NAME = 64
MOST_NAMES = 12

_DENIED = (
    "This call was not made: the policy does not permit it. This is a decision and not a fault. Nothing ran. Do not"
    " repeat it, and do not try to reach the same by another way."
)
_UNDONE = (
    "This call was not made: the policy permits it only with something that cannot be done here. That is a fault of how"
    " this enforcement point is set up or of what it needs, for who runs it to mend, and no decision against the call."
    " Nothing ran. Do not repeat it meanwhile, and do not try to reach the same by another way."
)
_WAITING = (
    "This call was not made yet: the policy asks a person first. Nothing ran. Repeat exactly the same call later: it is"
    " made once it is approved, and a call that differs is asked about anew."
)
_NOT_NOW = (
    "This call was not made: it could not be decided or recorded, and nothing runs undecided. Nothing ran. It may be"
    " repeated later."
)
_UNASKED = "A person would have to be asked, which cannot be done about this call."
_MALFORMED = "This call was not made: it is not as the policy declares it. Nothing ran."
_WITHHELD = "This call was made, and its result is withheld. Do not repeat it."


def denied(
    answer: Answer,
    explain: Explain = "reasons",
    *,
    tool: str | None = None,
    possible: Collection[str] | None = None,
) -> str:
    """Tell a model that a call of a tool was denied; `possible` are the tools that may ever be called in its task.

    They are those that a list shows, so that nothing is told of conditions.
    """
    parts = [_DENIED]
    if explain != "nothing":
        parts.extend(_reasons(answer.reasons))
        if possible is not None:
            parts.append(_would_be(tool, possible))
        owner = answer.decision.get("owner")
        if type(owner) is dict and type(owner.get("contact")) is str:
            parts.append(f"Who answers for this policy: {_plain(owner['contact'])}.")
    if explain == "full":
        rules = [each for each in answer.decision.get("rules") or () if type(each) is str]
        if rules:
            parts.append(f"Rules: {_plain(', '.join(rules[:MOST_REASONS]))}.")
    return _bounded(parts)


def waiting(question: Question, explain: Explain = "reasons") -> str:
    """Tell a model that a call waits for people."""
    parts = [_WAITING, f"Request {_plain(question.id)}, open until {_plain(question.expires_at)}."]
    if explain != "nothing":
        parts.extend(_asked(question))
    parts.append(f"People answer at {_plain(question.url)}")
    return _bounded(parts)


def undone(why: str, explain: Explain = "reasons") -> str:
    """Tell a model that a call is permitted only with what this enforcement point cannot do."""
    return _bounded([_UNDONE, *([] if explain == "nothing" else [_sentence(why)])])


def unasked(answer: Answer, explain: Explain = "reasons") -> str:
    """Tell a model that somebody would have to be asked who cannot be asked here."""
    return _bounded([_DENIED, *([] if explain == "nothing" else [_UNASKED])])


def not_now(why: str) -> str:
    """Tell a model that nothing could be decided."""
    return _bounded([_NOT_NOW, _sentence(why)])


def malformed(why: str) -> str:
    """Tell a model that a call is not as it has to be."""
    return _bounded([_MALFORMED, _sentence(why)])


def withheld(why: str) -> str:
    """Tell a model that a call ran, whose result it does not get."""
    return _bounded([_WITHHELD, _sentence(why)])


def _would_be(tool: str | None, possible: Collection[str]) -> str:
    if tool in possible:
        return "Other calls of this tool may be permitted in this task."
    if not possible:
        return "In this task no call is permitted."
    names = [_plain(each)[:LONGEST_NAME] for each in sorted(possible)]
    more = "" if len(names) <= MOST_NAMES else f" and {len(names) - MOST_NAMES} more"
    return f"In this task calls may be permitted of: {', '.join(names[:MOST_NAMES])}{more}."


def _reasons(reasons: Iterable[str]) -> Iterable[str]:
    found = [_plain(each)[:LONGEST_REASON].rstrip(". ") for each in reasons]
    listed = list(dict.fromkeys(each for each in found if each))[:MOST_REASONS]
    return [f"Why: {'; '.join(listed)}."] if listed else []


def _asked(question: Question) -> Iterable[str]:
    for each in question.requirements[:MOST_REASONS]:
        kind = each.get("type")
        if kind == "approval":
            by = [_plain(one) for one in each.get("by") or () if type(one) is str]
            yield f"It needs an approval by {' or '.join(by[:MOST_REASONS]) or 'a person'}."
        elif kind == "confirmation":
            yield "It needs a confirmation by the person for whom this is done."
        elif kind == "step_up":
            yield "It needs the person to sign in again, more strongly."
        else:
            yield "It needs something else of people, which this enforcement point cannot name."


def _plain(text: str) -> str:
    """Leave out what is no visible character: a line is one line."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())


def _sentence(text: str) -> str:
    plain = _plain(text).removesuffix(".")
    return f"{plain[:1].upper()}{plain[1:]}."


def _bounded(parts: list[str]) -> str:
    text = " ".join(parts).strip()
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1].rstrip()}…"
