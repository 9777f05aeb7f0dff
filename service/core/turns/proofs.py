"""Proofs of possession: each counts once, in whichever process, and only for what was taken by it."""

from __future__ import annotations

from ....runtime.values import NANOSECONDS
from ...store import Proof, Turn
from ..operations.of_leases import Issue, Lend, Renew
from ..operations.problem import Problem
from .step import Step

KEPT = 300 * NANOSECONDS
"""How long it is remembered that a proof was used: well beyond the age up to which one is taken, clocks included."""


def check_unused(step: Step[Issue] | Step[Renew] | Step[Lend]) -> None:
    """Refuse a proof that was used before."""
    proof = step.operation.proof
    if proof is not None and step.turn.get(Proof, proof) is not None:
        raise Problem(401, "replayed", "the proof of possession was used before")


def use(step: Step[Issue] | Step[Renew] | Step[Lend]) -> None:
    """Take in that a proof was used, by an operation that is taken."""
    proof = step.operation.proof
    if proof is not None:
        step.turn.add(Proof(proof, step.turn.time + KEPT))


def prune(turn: Turn) -> int:
    """Forget proofs that nobody takes any more, and give how many. It is no event: they say nothing by themselves."""
    ((found,),) = turn.select("SELECT count(*) FROM proof WHERE until <= ?", (turn.time,))
    if found:
        turn.write("DELETE FROM proof WHERE until <= ?", [(turn.time,)])
        turn.forget(Proof)
    return int(found)
