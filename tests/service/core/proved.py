"""A desk under a clock of the test's own, of which all that is done is proved when the test is over."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from agpc.audit.reading.notes import LogKey
from agpc.audit.reading.trail import StoredTrail
from agpc.audit.verify import verify
from agpc.service.audit.notes import Signer
from agpc.service.core import SYSTEM, Publish
from agpc.service.policies.generation import Generation
from agpc.service.store import Store

from .clocks import Clock
from .desk import Desk, opened_on

SIGNER = Signer.generate("log.example/desk")


@contextmanager
def proved(url: str, generation: Generation, clock: Clock) -> Iterator[Desk]:
    """A desk whose trail and rows are looked at in the end, where the block itself did not fail."""
    with opened_on(Store(url, clock=clock), generation, signer=SIGNER) as desk:
        yield desk
        desk.do(Publish(caller=SYSTEM, key="publish"))
        with desk.core.view() as view:
            verified = verify(StoredTrail(view, view), LogKey.read(SIGNER.vkey))
            leases = [each for each in view.events(0, view.head.seq) if each.kind == "lease"]
        assert (verified.verdict, verified.wrong) == ("proved", [])
        assert verified.proved["leases"] == len(leases)
