"""The policies of a trail: each is there, has the digest by which events name it, and is loaded to decide again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ..reading import strict
from ..reading.findings import Findings
from ..reading.trail import PARTS, Trail, digest_of_policy
from .changing_times import times_in

if TYPE_CHECKING:
    from ...compiler.ir import nodes as ir
    from ...compiler.lowering.names.controls import Catalogue
    from ...runtime.evaluator import Evaluator

_MOST_LOADED = 8


@dataclass(frozen=True, slots=True)
class Loaded:
    """A policy that decides again."""

    digest: str
    policy: ir.Policy
    engine: Evaluator
    redacting: frozenset[str]
    """The capabilities of which the record may keep no values."""
    instants: frozenset[int]
    """The times that stand in it, in nanoseconds since 1970."""
    without_leases: frozenset[str]
    """The capabilities for which no lease may stand."""
    timed: frozenset[str]
    """The capabilities of which time alone may end what is permitted."""
    aging: frozenset[str]
    """Those of them of which a rule asks how old something is."""
    windows: Mapping[str, tuple[ir.Window, ...]]


class Policies:
    """Finds policies of a trail by their digests; what is wrong with one is said once."""

    def __init__(self, trail: Trail, findings: Findings) -> None:
        """Look in a trail."""
        self._trail = trail
        self._findings = findings
        self._loaded: dict[str, Loaded | None] = {}
        self._told: set[str] = set()

    def find(self, digest: str, seq: int) -> Loaded | None:
        """Give a policy that an event names; None if it is missing, wrong, or not for this version to read."""
        if digest not in self._loaded:
            if len(self._loaded) >= _MOST_LOADED:
                self._loaded.pop(next(iter(self._loaded)))
            self._loaded[digest] = self._load(digest, seq)
        return self._loaded[digest]

    def _load(self, digest: str, seq: int) -> Loaded | None:
        is_new = digest not in self._told
        self._told.add(digest)
        try:
            document = self._trail.policy(digest)
            if document is None:
                raise strict.NotCanonical("it is not there")
            parts = strict.read_document(document)
            if tuple(parts) != PARTS or digest_of_policy(parts) != digest:
                raise strict.NotCanonical("it is another one")
        except strict.NotCanonical as error:
            if is_new:
                self._findings.is_wrong(seq, f"the policy `{digest}` is not as it was: {error}")
            return None
        if is_new:
            self._findings.is_proved("policies")
        return _compiled(digest, strict.canonical(parts["ir"]))


@lru_cache(maxsize=_MOST_LOADED)
def _compiled(digest: str, text: bytes) -> Loaded | None:
    """Load a policy: once in a process, whichever trails have it and however often they are looked at."""
    from ...compiler.check.compiling.ir_json import IRError, loads
    from ...compiler.ir.leases import aging, timed, windows, without_leases
    from ...targets.python import evaluator

    try:
        policy = loads(text, "the policy", _catalogue_of(json.loads(text)))
    except (IRError, RecursionError):
        return None  # of a version that this one does not read
    return Loaded(
        digest=digest,
        policy=policy,
        engine=evaluator(policy),
        redacting=_redacting(policy),
        instants=times_in(text.decode()),
        without_leases=frozenset(without_leases(policy)),
        timed=timed(policy),
        aging=aging(policy),
        windows=windows(policy),
    )


def _redacting(policy: ir.Policy) -> frozenset[str]:
    return frozenset(
        capability
        for rule in policy.allows
        if any(
            each.name == "audit" and ("level", "metadata") in each.properties
            for each in rule.obligations
        )
        for capability in policy.expand(rule.capabilities)
    )


def _catalogue_of(data: Any) -> Catalogue:
    """A catalogue with the controls that a policy names: they were a project's own where it was compiled."""
    from ...compiler.lowering.names.controls import Catalogue, Framework, standards

    shipped = {each.id for each in standards()}
    own: dict[str, dict[str, str]] = {}
    pending = [data]
    while pending:
        each = pending.pop()
        if isinstance(each, dict):
            named = each.get("controls")
            for text in named if isinstance(named, list) else ():
                framework, colon, control = str(text).partition(":")
                if colon and framework not in shipped:
                    own.setdefault(framework, {})[control] = control
            pending.extend(each.values())
        elif isinstance(each, list):
            pending.extend(each)
    return Catalogue(tuple(Framework(id, id, "", own[id], "") for id in sorted(own)))
