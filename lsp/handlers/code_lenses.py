"""Code lenses, and the commands that they and an author's palette send."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from ..features import commands
from ..features.about.access import KeptAnswers
from ..features.code_lenses import COVERAGE, MEETING, RUN, WHO_CAN, code_lenses, resolved
from ..features.results import Known, Results
from ..registry import Here, asked, asked_of_all, command
from ..session import Session

RESULTS = Results()
KNOWN = KeptAnswers()
Later = Callable[[], Any]


@asked(types.TEXT_DOCUMENT_CODE_LENS, types.CodeLensOptions(resolve_provider=True))
def lenses(here: Here, params: types.CodeLensParams) -> list[types.CodeLens]:
    """The lenses of a document."""
    return code_lenses(here.snapshot, here.name, _known(here), here.session.preferences)


@asked_of_all(types.CODE_LENS_RESOLVE, later=True)
def resolve(session: Session, lens: types.CodeLens) -> types.CodeLens | Later:
    """What a lens says."""
    data = lens.data
    if not isinstance(data, dict) or not isinstance(data.get("rule"), str):
        return lens
    if data.get("command") not in (MEETING, COVERAGE) or not isinstance(data.get("uri"), str):
        return lens
    here = session.here(data["uri"])
    known = None if here is None else _known(here)
    return lambda: resolved(lens, known)


def _known(here: Here) -> Known | None:
    """What is known of the policy as it is now; None where it does not compile."""
    policy = here.snapshot.compilation.policy
    return None if policy is None else RESULTS.of(here.snapshot.home.key, policy)


# --- Commands -------------------------------------------------------------------------------------


def _asked_about(session: Session, arguments: list[Any]) -> tuple[Here, commands.Given]:
    """The document and the arguments of a command. Raises `JsonRpcInvalidParams`."""
    given = arguments[0] if arguments else None
    if isinstance(given, str):
        given = {"uri": given}
    if not isinstance(given, dict) or not isinstance(given.get("uri"), str):
        raise JsonRpcInvalidParams("the command takes an object with the `uri` of a document")
    here = session.here(given["uri"])
    if here is None:
        raise JsonRpcInvalidParams("there is no such document")
    return here, given


def _of_now(session: Session, arguments: list[Any], work: commands.OfKnown) -> Later:
    """Answer of the policy as it is now."""
    here, given = _asked_about(session, arguments)
    known = _known(here)
    if known is None:
        raise JsonRpcInvalidParams("the policy has errors: mend them first")
    return lambda: _told(lambda: work(here.snapshot, known, here.name, given))


def _of_last(session: Session, arguments: list[Any], work: commands.OfPolicy) -> Later:
    """Answer of the policy as it last compiled."""
    here, given = _asked_about(session, arguments)
    policy = here.snapshot.policy
    if policy is None:
        raise JsonRpcInvalidParams("the policy has errors: mend them first")
    return lambda: _told(lambda: work(here.snapshot, policy, given))


def _told(work: Later) -> Any:
    try:
        return work()
    except commands.NoAnswer as refused:
        raise JsonRpcInvalidParams(str(refused)) from None


@command(RUN, later=True)
def run_tests(session: Session, arguments: list[Any]) -> Later:
    """Run tests, and have the lenses say what they came to."""
    work = _of_now(session, arguments, commands.run_tests)
    refresh = session.refresher()

    def later() -> Any:
        found = work()
        refresh()
        return found

    return later


@command(COVERAGE, later=True)
def coverage(session: Session, arguments: list[Any]) -> Later:
    """Which tests a rule decides."""
    return _of_now(session, arguments, commands.coverage)


@command(MEETING, later=True)
def meeting(session: Session, arguments: list[Any]) -> Later:
    """Which rules meet a rule."""
    return _of_now(session, arguments, commands.meeting)


@command(WHO_CAN, later=True)
def who_can(session: Session, arguments: list[Any]) -> Later:
    """Who can call a capability."""
    return _of_last(
        session,
        arguments,
        lambda snapshot, policy, given: commands.who_can(snapshot, policy, given, KNOWN),
    )


@command("agpc.matrix", later=True)
def matrix(session: Session, arguments: list[Any]) -> Later:
    """Agents by capabilities."""
    return _of_last(session, arguments, commands.matrix)


@command("agpc.explain", later=True)
def explain(session: Session, arguments: list[Any]) -> Later:
    """Why a request is decided as it is."""
    return _of_last(session, arguments, commands.explain)


@command("agpc.diff", later=True)
def diff(session: Session, arguments: list[Any]) -> Later:
    """What has changed since a revision."""
    return _of_last(session, arguments, commands.diff)
