"""The log is signed as it is, its tiles are those of its leaves, and what is pruned leaves its leaf behind."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from agpc.service.audit import checkpoints
from agpc.service.audit.notes import Signer
from agpc.service.audit.tiles import WIDTH, bundle
from agpc.service.audit.tree import leaf_hash, root_of
from agpc.service.core import SYSTEM, Decide, Move, Problem, Prune, Publish, open_view
from agpc.service.policies.generation import Generation

from .desk import DESK, Desk, call, opened, policy


@pytest.fixture
def generation() -> Generation:
    return policy()


def publish(desk: Desk) -> dict[str, Any]:
    return desk.do(Publish(caller=SYSTEM, key=f"p-{desk.key()}"))


def test_tiles_are_those_of_the_leaves(store_url: str, generation: Generation) -> None:
    with opened(store_url, generation, signer=Signer.generate("log.example")) as desk:
        task = desk.start()["task"]["id"]

        async def many(count: int) -> None:
            request = call(task, "shop", "lookup", order="o-7")
            each = (Decide(caller=DESK, key=desk.key(), request=request) for _ in range(count))
            await asyncio.gather(*map(desk.core.do, each))

        for count in (100, 300, 700):
            asyncio.run(many(count))
            publish(desk)
        with open_view(store_url) as view:
            entries = [bytes(each.entry) for each in view.events(0, view.head.seq)]
            leaves = [leaf_hash(each) for each in entries]
            note = checkpoints.read(view.checkpoint() or "")
            assert (note.size, note.root) == (len(leaves), root_of(leaves))
            full, rest = divmod(len(leaves), WIDTH)
            above = []
            for index in range(full):
                some = leaves[index * WIDTH : (index + 1) * WIDTH]
                assert view.tile(0, index, WIDTH) == b"".join(some)
                above.append(root_of(some))
            assert view.tile(0, full, rest) == b"".join(leaves[full * WIDTH :])
            assert view.entries(full, rest) == bundle(entries[full * WIDTH :])
            assert view.tile(1, 0, full) == b"".join(above)
            assert view.tile(0, full, rest + 1) is None and view.tile(1, 0, full + 1) is None
            assert view.entries(full, rest + 1) is None


def test_a_log_is_signed_when_it_has_grown(store_url: str, generation: Generation) -> None:
    signer = Signer.generate("log.example")
    with opened(store_url, generation, signer=signer) as desk:
        first = publish(desk)
        assert publish(desk) == first
        desk.start()
        assert publish(desk)["size"] == first["size"] + 2
    with opened(store_url, generation) as desk, pytest.raises(Problem, match="no key"):
        publish(desk)


def test_what_is_pruned_leaves_its_leaf(store_url: str, generation: Generation) -> None:
    with opened(store_url, generation) as desk:
        ended, active = desk.start()["task"]["id"], desk.start()["task"]["id"]
        desk.do(Move(caller=DESK, key="m", task=ended, state="ended"))
        with desk.core.view() as view:
            size, now = view.head.seq, view.head.time + 1
        answer = desk.do(Prune(caller=SYSTEM, key="prune", before=now))
        assert answer == {"pruned": 3, "more": False}
        with desk.core.view() as view:
            events = list(view.events(0, size + 1))
        kept = {each.kind for each in events if each.body is not None}
        assert kept == {"generation", "call", "task", "admin"}
        assert {each.task for each in events if each.body is not None} == {None, active}
        assert all(each.entry for each in events)
