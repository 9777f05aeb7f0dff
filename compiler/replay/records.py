"""What one line of a log holds: requests of the OpenID AuthZEN interface, and the answers that they got."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, get_args

from ...runtime.decision import Decision, Effect
from ..analysis.diff.order import RANK, Direction, Kind, more
from ..structs import Struct

PARTS = ("subject", "action", "resource", "context")
ENVELOPES = (("request", "response"), ("input", "result"))
"""What a record calls a request and its answer: by itself, and in the decision log of Open Policy Agent."""


class NotARecord(ValueError):
    """JSON that holds no request; the message says why."""


class RecordedAnswer(Struct):
    """A recorded answer, as far as it says something."""

    permitted: bool
    effect: Effect | None = None
    """None where only a yes or no was recorded."""
    rules: tuple[str, ...] = ()
    whole: Decision | None = None
    """With its terms, where these were recorded, too."""

    @property
    def word(self) -> str:
        """The answer in a word."""
        return self.effect or ("permit" if self.permitted else "no permit")


class RecordedRequest(Struct):
    """A request, and the answer that was recorded of it, if one was."""

    request: dict[str, Any]
    answer: RecordedAnswer | None = None


def records(document: object) -> Iterator[RecordedRequest]:
    """The requests of a line. Raises `NotARecord`."""
    if type(document) is not dict:
        raise NotARecord("a record is a JSON object")
    for asked, answered in ENVELOPES:
        if asked in document:
            request = document[asked]
            if type(request) is not dict:
                raise NotARecord(f"its `{asked}` is no JSON object")
            answer = document.get(answered)
            if answer is None and "effect" in document:
                answer = {"context": {"effect": document["effect"]}}
            yield from _of_request(request, answer, answered)
            return
    if not any(part in document for part in (*PARTS, "evaluations")):
        raise NotARecord("it has none of `subject`, `request`, `input` and `evaluations`")
    yield from _of_request(document, None, "response")


def _of_request(request: dict[str, Any], answer: object, where: str) -> Iterator[RecordedRequest]:
    items = request.get("evaluations")
    if items is None or items == []:  # then it is one evaluation
        single = {part: value for part, value in request.items() if part in PARTS}
        yield RecordedRequest(single, None if answer is None else read_answer(answer, f"`{where}`"))
        return
    if type(items) is not list:
        raise NotARecord("its `evaluations` are no list")
    answers: object = []
    if answer is not None:
        answers = answer.get("evaluations") if type(answer) is dict else None
        if type(answers) is not list or len(answers) > len(items):
            raise NotARecord(f"its `{where}` has not an answer for each of its `evaluations`")
    assert type(answers) is list
    defaults = {part: request[part] for part in PARTS if part in request}
    found: list[RecordedRequest] = []
    for number, item in enumerate(items):
        if type(item) is not dict:
            raise NotARecord(f"number {number} of its `evaluations` is no JSON object")
        own = {part: value for part, value in item.items() if part in PARTS}
        was = None
        if number < len(answers):  # others were not answered, since one before decided for all
            was = read_answer(answers[number], f"number {number} of `{where}`")
        found.append(RecordedRequest({**defaults, **own}, was))
    yield from found


# --- Answers --------------------------------------------------------------------------------------


def read_answer(answer: object, where: str) -> RecordedAnswer:
    """Read an AuthZEN response, or a decision alone. Raises `NotARecord`."""
    if type(answer) is bool:
        return RecordedAnswer(answer)
    if type(answer) is not dict:
        raise NotARecord(f"{where} is no answer")
    context = answer.get("context")
    effect = context.get("effect") if type(context) is dict else None
    said = answer.get("decision")
    if effect is None:
        if type(said) is not bool:
            raise NotARecord(f"{where} has no `decision` that is true or false")
        return RecordedAnswer(said)
    if effect not in get_args(Effect):
        raise NotARecord(f"{where} has an effect that is none of permit, challenge and deny")
    permitted = effect == "permit"
    if said is not None and said is not permitted:
        raise NotARecord(f"{where} has a `decision` that is not that of its effect")
    assert type(context) is dict
    rules = _rules(context.get("rules"))
    return RecordedAnswer(permitted, effect, rules, _whole(effect, rules, context))


MOST_RULES, LONGEST = 100, 200  # rules of an answer, and characters of their names, that are kept


def _rules(value: object) -> tuple[str, ...]:
    """The rules that decided; what is no list of names says nothing."""
    if type(value) is not list or len(value) > MOST_RULES:
        return ()
    return tuple(value) if all(type(each) is str and len(each) <= LONGEST for each in value) else ()


def _whole(effect: Effect, rules: tuple[str, ...], context: Mapping[str, Any]) -> Decision | None:
    """The decision with its terms; None where these were not recorded, or not as they are answered."""
    asked, obliged, credential = (
        context.get(each) for each in ("requirements", "obligations", "credential")
    )
    if (
        type(asked) is not list
        or type(obliged) is not list
        or "credential" not in context
        or not all(map(_is_requirement, asked))
        or not all(map(_is_obligation, obliged))
        or not (credential is None or _is_credential(credential))
    ):
        return None
    return Decision(
        effect,
        rules,
        requirements=tuple(asked),
        obligations=tuple(obliged),
        credential=credential,
    )


def _is_requirement(value: object) -> bool:
    if type(value) is not dict or type(value.get("rule")) is not str:
        return False
    within = value.get("within_seconds", False)
    if not (within is None or type(within) is int):
        return False
    if value.get("type") == "step_up":
        return type(value.get("method")) is str
    if value.get("type") == "confirmation":
        return True
    by = value.get("by")
    return (
        value.get("type") == "approval"
        and type(by) is list
        and all(type(each) is str for each in by)
        and type(value.get("count")) is int
        and type(value.get("per_task")) is bool
    )


def _is_obligation(value: object) -> bool:
    return (
        type(value) is dict
        and type(value.get("type")) is str
        and type(value.get("properties")) is dict
    )


def _is_credential(value: object) -> bool:
    return type(value) is dict and all(
        type(value.get(each)) is int for each in ("ttl_seconds", "renew")
    )


# --- The change -----------------------------------------------------------------------------------


class AnswerChange(Struct):
    """How an answer differs from the one before."""

    direction: Direction
    what: tuple[Kind, ...]


def change(
    before: RecordedAnswer | Decision, after: Decision, forbids: Collection[str] = ()
) -> AnswerChange | None:
    """What changed, as far as the answer before was recorded; None for nothing.

    `forbids` are the identities of those that may ask for evidence.
    """
    if isinstance(before, RecordedAnswer) and before.whole is not None:
        before = before.whole
    if isinstance(before, Decision):
        if before.effect == after.effect == "deny":
            return None
        up, down = more(before, after, forbids), more(after, before, forbids)
    else:
        up, down = _by_effect(before, after)
    if not up and not down:
        return None
    direction: Direction = "incomparable" if up and down else "more" if up else "less"
    return AnswerChange(direction, tuple(sorted(up | down)))


def _by_effect(before: RecordedAnswer, after: Decision) -> tuple[frozenset[Kind], frozenset[Kind]]:
    if before.effect is None:
        steps = (after.effect == "permit") - before.permitted
    else:
        steps = RANK[after.effect] - RANK[before.effect]
    is_permit = "permit" in (before.word, after.effect)
    what: frozenset[Kind] = frozenset(("permit" if is_permit else "challenge",))
    nothing: frozenset[Kind] = frozenset()
    return (what if steps > 0 else nothing, what if steps < 0 else nothing)
