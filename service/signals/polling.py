"""Events of others are fetched where they lie (RFC 8936): what was taken in is acknowledged once it lasts, and not before."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ...runtime.strict_json import NotJSON, read_request
from ..core import Heed, Problem
from ..http.telemetry import logs
from ..outbound.fetching import NotFetched, Reach, fetch
from .reading import KeysMissing, NotTaken, Transmitter, Transmitters

AT_ONCE = 50
MOST_ROUNDS = 200
"""Answers that are read in a row: a transmitter that always has more waits for its turn."""
_JSON = {"content-type": "application/json", "accept": "application/json"}

Do = Callable[[Heed], dict[str, Any]]


@dataclass(slots=True)
class PollEndpoint:
    """Where the events of a transmitter are fetched, and what it was not told yet of those that came."""

    transmitter: Transmitter
    url: str
    every: float
    reach: Reach
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    taken: set[str] = field(default_factory=set)
    refused: dict[str, dict[str, str]] = field(default_factory=dict)


class Poller:
    """Fetches events. It blocks."""

    def __init__(self, transmitters: Transmitters) -> None:
        """Keep who verifies them."""
        self._transmitters = transmitters

    def poll(self, place: PollEndpoint, do: Do) -> None:
        """Fetch what there is, until there is no more. Raises `NotFetched`."""
        for _ in range(MOST_ROUNDS):
            found, more = self._fetched(place)
            held = [name for name, text in found.items() if not self._take(place, name, text, do)]
            if held or not (more or place.taken or place.refused):
                return  # what could not be taken in now comes again

    def _fetched(self, place: PollEndpoint) -> tuple[dict[str, object], bool]:
        taken, refused = sorted(place.taken), dict(place.refused)
        asked: dict[str, Any] = {"maxEvents": AT_ONCE, "returnImmediately": True}
        if taken:
            asked["ack"] = taken
        if refused:
            asked["setErrs"] = refused
        reply = fetch(
            place.url,
            place.reach,
            method="POST",
            headers={**_JSON, **place.headers},
            content=json.dumps(asked).encode("ascii"),
        )
        if reply.status != 200:
            raise NotFetched(f"the answer is {reply.status}")
        try:
            told = read_request(reply.content)
        except NotJSON:
            raise NotFetched("the answer is no JSON") from None
        sets = told.get("sets") if type(told) is dict else None
        if type(sets) is not dict:
            raise NotFetched("the answer has no `sets`")
        place.taken.difference_update(taken)
        for name in refused:
            place.refused.pop(name, None)
        return dict(list(sets.items())[:AT_ONCE]), told.get("moreAvailable") is True

    def _take(self, place: PollEndpoint, name: str, text: object, do: Do) -> bool:
        """Take one in, and say whether that is done with, be it that it is refused for good."""
        try:
            if type(text) is not str:
                raise NotTaken("invalid_request", "it is no text")
            asked = self._transmitters.heard(text, sender=place.transmitter)
            if asked.jti != name:
                raise NotTaken("invalid_request", "it has another `jti` than it came with")
            heed(do, asked)
        except NotTaken as problem:
            place.refused[name] = {"err": problem.code, "description": str(problem)}
            say_refused(place.transmitter.name, problem)
            return True
        except KeysMissing:
            logs.say(
                logging.ERROR,
                "events wait, since the keys of their transmitter cannot be had",
                transmitter=place.transmitter.name,
            )
            return False
        place.taken.add(name)
        return True


def heed(do: Do, asked: Heed) -> dict[str, Any]:
    """Have a token taken in, and tell of what names nobody here. Raises `NotTaken`, and `Problem` where it cannot be now."""
    try:
        answer = do(asked)
    except Problem as problem:
        raise refusal_of(problem) from None
    say_idle(asked, answer)
    return answer


def refusal_of(problem: Problem) -> Exception:
    """Give why a token is not taken, where the core refuses what it asks; what fails for now stays a problem."""
    if problem.status >= 500 or problem.status == 429:
        return problem
    return NotTaken("invalid_request", "another event came under this `jti` before")


def say_idle(asked: Heed, answer: dict[str, Any]) -> None:
    """Tell of events that would end something, and name nobody who is known here."""
    for event in answer["nobody"]:
        logs.say(
            logging.WARNING,
            "a signal names nobody who is known here",
            transmitter=asked.caller.name.partition(":")[2],
            event=event,
        )


def say_refused(transmitter: str, problem: NotTaken) -> None:
    """Tell that a token was not taken."""
    logs.say(
        logging.ERROR,
        "a signal is refused",
        transmitter=transmitter,
        code=problem.code,
        why=str(problem),
    )
