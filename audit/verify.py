"""Verifies a trail: that nothing was changed or left out, and that each decision follows from its request and its policy."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing

from ..runtime.time_text import format_time
from .checking.checks import Checks
from .checking.facts import check_facts
from .known.index import Index
from .known.policies import Policies
from .reading.events import Broken, Event, read_event
from .reading.findings import Findings
from .reading.hashing import Tree, of_leaf
from .reading.notes import BadCheckpoint, Checkpoint, LogKey, read_checkpoint
from .reading.trail import Trail
from .stored.rows import RowCheck

_RECORDED = ("task", "said", "call", "outcome", "verdict")


def verify(
    trail: Trail,
    key: LogKey,
    since: tuple[bytes, ...] = (),
    progress: Callable[[int], object] = lambda _: None,
    *,
    old_keys: tuple[LogKey, ...] = (),
) -> Findings:
    """Verify a trail under a key, and that it goes on from earlier checkpoints. Raises `Unreadable`.

    Earlier checkpoints may be signed by one of the keys that the log had before.
    """
    findings = Findings()
    try:
        now = read_checkpoint(trail.checkpoint(), key)
    except BadCheckpoint as error:
        findings.is_wrong(None, f"the checkpoint of the trail is none: {error}")
        return findings
    findings.is_proved("signatures")
    findings.checkpoint = _told(now)
    earlier = list(_earlier(since, (key, *old_keys), now, findings))
    with closing(Index()) as index:
        _Reading(trail, now, earlier, index, findings, progress).run()
    return findings


def _earlier(
    since: tuple[bytes, ...], keys: tuple[LogKey, ...], now: Checkpoint, findings: Findings
) -> Iterator[Checkpoint]:
    """The earlier checkpoints that the trail should go on from."""
    for note in since:
        try:
            found = _read_by_one_of(note, keys)
            if found.origin != now.origin:
                raise BadCheckpoint("it is of another log")
        except BadCheckpoint as error:
            findings.is_wrong(None, f"the earlier checkpoint is none: {error}")
            continue
        findings.is_proved("signatures")
        if found.size > now.size:
            findings.is_wrong(
                now.size,
                f"the trail ends here, and an earlier checkpoint has {found.size} events: its end was cut off",
            )
            continue
        yield found


def _read_by_one_of(note: bytes, keys: tuple[LogKey, ...]) -> Checkpoint:
    """Read a checkpoint by the first key that has signed it. Raises what the key at hand says of it."""
    *others, last = reversed(keys)
    for key in others:
        try:
            return read_checkpoint(note, key)
        except BadCheckpoint:
            continue
    return read_checkpoint(note, last)


def _told(checkpoint: Checkpoint) -> dict[str, object]:
    root = base64.b64encode(checkpoint.root).decode()
    return {"origin": checkpoint.origin, "size": checkpoint.size, "root": root}


class _Reading:
    """One verification on its way."""

    def __init__(
        self,
        trail: Trail,
        now: Checkpoint,
        earlier: list[Checkpoint],
        index: Index,
        findings: Findings,
        progress: Callable[[int], object],
    ) -> None:
        self.trail, self.now, self.earlier = trail, now, earlier
        self.findings, self.progress = findings, progress
        self.policies = Policies(trail, findings)
        self.checks = Checks(index, self.policies, findings)
        self.tree = Tree()
        rows = trail.rows()
        self.rows = None if rows is None else RowCheck(trail, findings)
        self.end = now.size if rows is None else max(now.size, trail.size())
        """Of a store all events are looked at, also those that no checkpoint covers yet."""
        self.lines = 0
        self.decided: Counter[str] = Counter()
        """How many calls each policy decided whose facts may be derived again."""

    def run(self) -> None:
        """Read the trail once, and once more for the facts of each policy."""
        self._compare_signed()
        for leaf in self.trail.leaves(self.end, self.findings):
            self.tree.add(of_leaf(leaf.entry))
            self._compare_signed()
            try:
                event = read_event(leaf)
            except Broken as error:
                self.findings.is_wrong(leaf.seq, str(error))
                continue
            self.checks.take(event)
            if self.rows is not None:
                self.rows.take(event, leaf)
            self._count(event)
            self.findings.checkpoint["time"] = format_time(event.time)
            if self.tree.size % 1000 == 0:
                self.progress(self.tree.size)
        self.checks.close()
        if self.rows is not None and self.tree.size == self.end:
            self.rows.compare(self.tree.root())
            self.rows.close()
        unsigned = self.tree.size - self.now.size
        if unsigned > 0:
            told = "1 event" if unsigned == 1 else f"{unsigned} events"
            self.findings.notes.append(
                f"{told} behind the checkpoint fit, and nobody has signed them yet"
            )
        self._check_pruned()
        self._check_facts()

    def _check_pruned(self) -> None:
        """Bodies that are not there were pruned, which is an event. One of after the checkpoint no export has."""
        missing, first = self.checks.not_pruned()
        if not missing:
            return
        told = f"of {missing} bodies that are not there no event says that they were pruned"
        if self.rows is not None:
            self.findings.is_wrong(first, told)
        else:
            self.findings.notes.append(f"{told}: perhaps one that no checkpoint covers yet")

    def _compare_signed(self) -> None:
        """See whether the trail was what a checkpoint says, now that it has that size."""
        if self.tree.size == self.now.size:
            if self.tree.root() != self.now.root:
                self.findings.is_wrong(
                    None,
                    "the entries are not those of the signed checkpoint: the root is another one",
                )
            else:
                self.findings.is_proved("entries", self.tree.size)
        for each in self.earlier:
            if each.size != self.tree.size:
                continue
            same = each.root == self.tree.root()
            self.findings.since.append({**_told(each), "consistent": same})
            if same:
                self.findings.is_proved("consistency")
            else:
                self.findings.is_wrong(
                    None,
                    f"the first {each.size} events are not those of the earlier checkpoint: the trail was written anew",
                )

    def _count(self, event: Event) -> None:
        if event.body is not None:
            self.findings.is_proved("bodies")
        if event.kind in _RECORDED:
            self.lines += 1
        if event.kind == "call" and event.policy is not None:
            self.decided[event.policy] += 1

    def _check_facts(self) -> None:
        """Derive facts anew; where something is wrong already, that would only say it again."""
        if self.findings.wrong_count:
            self.findings.notes.append("facts were not derived, since something is wrong already")
            return
        for digest in self.decided:
            loaded = self.policies.find(digest, 0)
            if loaded is not None:
                check_facts(self.trail, self.end, loaded, self.lines, self.findings)
