"""Whatever somebody who has the key writes into a trail: it is told, nothing raises, and memory stays what it was."""

from __future__ import annotations

import copy
import json
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from generators.trails import BEGIN, MemoryLog, an_hour, signer
from hypothesis import given, settings
from hypothesis import strategies as st

from agpc.audit.reading.directory import ExportedTrail
from agpc.audit.reading.findings import Findings
from agpc.audit.reading.notes import BadCheckpoint, BadKey, LogKey, read_checkpoint
from agpc.audit.reading.selection import Selection, selected
from agpc.audit.reading.trail import Leaf, StoredTrail
from agpc.audit.verify import verify
from agpc.cli.output.service.trail import findings_as_text, render_event, render_whole
from agpc.service.audit import checkpoints, events
from agpc.service.audit.export import export
from agpc.service.audit.lines import LINES
from agpc.service.audit.tree import Edge, leaf_hash

VKEY = LogKey.read(signer().vkey)
HOUR = an_hour()
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()  # fmt: skip
    for key, each in items:
        yield from places(each, (*path, key))


def put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    found = copy.copy(value)
    found[path[0]] = put(value[path[0]], path[1:], new)
    return found


def copied() -> MemoryLog:
    log = MemoryLog(found=HOUR.found[:], policies=HOUR.policies[:])
    return log


def sign(log: MemoryLog) -> None:
    edge = Edge()
    edge.extend(leaf_hash(each.entry) for each in log.found)
    log.edge = edge
    log.notes = {edge.size: checkpoints.signed(signer(), edge)}


@given(data=st.data())
@settings(max_examples=2 * settings.default.max_examples)
def test_anything_in_a_body_is_told_and_never_raises(data: st.DataObject) -> None:
    log = copied()
    seq = data.draw(st.integers(0, len(log.found) - 1))
    told = json.loads(log.found[seq].body or b"")
    path = data.draw(st.sampled_from([each for each in places(told) if each]))
    changed = put(told, path, data.draw(JSON))
    body = events.canonical(changed).encode()
    each = log.found[seq]
    policy = json.loads(each.entry)["policy"]
    entry = events.entry(seq, each.time, each.kind, policy, body)
    log.found[seq] = type(each)(seq, each.time, each.kind, entry, body)
    sign(log)
    found = verify(StoredTrail(log), VKEY)
    findings_as_text(found)
    json.dumps(found.to_json())
    for event in selected(StoredTrail(log), Selection(), lambda *_: None):
        render_event(event)
        render_whole(event)
    if path[0] in ("v", "event", "time", "effect", "id", "digest") and changed != told:
        assert found.verdict != "proved", (path, changed)


@given(st.binary(max_size=300), st.integers(0, 28))
@settings(max_examples=25, deadline=None)
def test_any_bytes_as_an_entry_or_a_body(junk: bytes, seq: int) -> None:
    for entry, body in ((junk, HOUR.found[seq].body), (HOUR.found[seq].entry, junk)):
        log = copied()
        each = log.found[seq]
        log.found[seq] = type(each)(seq, each.time, each.kind, entry, body)
        sign(log)
        assert verify(StoredTrail(log), VKEY).verdict == "wrong"


@pytest.mark.parametrize("name", ["entries", "bodies", "tile", "policy", "record", "state"])
@given(junk=st.binary(max_size=200))
@settings(max_examples=10, deadline=None)
def test_any_bytes_as_a_file(
    name: str, junk: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    directory = tmp_path_factory.mktemp("trail")
    export(HOUR, directory)
    path = {
        "entries": "tile/entries/000.p/29",
        "bodies": "bodies/000.p/29.jsonl",
        "tile": "tile/0/000.p/29",
        "policy": f"policies/{HOUR.policies[0].digest.replace(':', '-')}.json",
        "record": "record.jsonl",
        "state": "export.json",
    }[name]
    (directory / path).write_bytes(junk)
    assert verify(ExportedTrail(directory, LINES), VKEY).verdict == "wrong"


@given(st.text(max_size=100) | st.sampled_from(["a+b+c", "PRIVATE+KEY+a+b+c", "+", "a++"]))
def test_any_text_as_a_key(text: str) -> None:
    with pytest.raises(BadKey):
        LogKey.read(text)


@given(
    st.binary(max_size=200) | st.text(max_size=200).map(lambda each: f"{each}\n\n— a b\n".encode())
)
def test_any_bytes_as_a_checkpoint(note: bytes) -> None:
    try:
        read_checkpoint(note, VKEY)
    except BadCheckpoint:
        return
    raise AssertionError(note)


NOTE = HOUR.notes[max(HOUR.notes)]


@pytest.mark.parametrize(
    "text",
    [
        "log.example/agpc\n029\n{root}\n",
        "log.example/agpc\n-1\n{root}\n",
        "log.example/agpc\n29\nAAAA\n",
        "log.example/agpc\n29\n{root}=\n",
        "log.example/agpc\n29\n",
        "log.example/other\n29\n{root}\n",
        "\n29\n{root}\n",
    ],
)
def test_a_checkpoint_that_the_key_has_signed_and_that_is_none(text: str) -> None:
    note = signer().sign(text.format(root=NOTE.split("\n")[2]))
    with pytest.raises(BadCheckpoint):
        read_checkpoint(note.encode(), VKEY)


def test_signatures_of_witnesses_are_passed_over() -> None:
    line = NOTE.splitlines()[-1]
    other = line.replace("log.example/agpc dRVZ", "witness.example AAAA")
    assert read_checkpoint(f"{NOTE}{other}\n".encode(), VKEY).size == 29
    forged = line[:-8] + "AAAAAAA="
    with pytest.raises(BadCheckpoint, match="not valid"):
        read_checkpoint(f"{NOTE}{forged}\n".encode(), VKEY)


def test_deep_json_is_told() -> None:
    log = copied()
    deep = b'{"a":' * 5000 + b"1" + b"}" * 5000
    each = log.found[28]
    for body in (deep, b"[" * 100_000):
        entry = events.entry(28, each.time, each.kind, log.policies[-1].digest, body)
        log.found[28] = type(each)(28, each.time, each.kind, entry, body)
        sign(log)
        found = verify(StoredTrail(log), VKEY)
        assert found.wrong[0].seq == 28


class Long:
    """A trail that is made while it is read."""

    def __init__(self, length: int) -> None:
        self.length = length
        edge = Edge()
        edge.extend(leaf_hash(each.entry) for each in self.leaves(length, None))
        self.note = checkpoints.signed(signer(), edge)

    def checkpoint(self) -> bytes:
        return self.note.encode()

    def rows(self) -> None:
        return None

    def size(self) -> int:
        return self.length

    def policy(self, digest: str) -> bytes | None:
        return None

    def leaves(self, size: int, findings: Findings | None, start: int = 0) -> Iterator[Leaf]:
        for seq in range(start, size):
            told = {"what": "note", "key": f"k{seq}"}
            body = events.body("admin", BEGIN + seq, "ops", told, salt=str(seq))
            yield Leaf(seq, events.entry(seq, BEGIN + seq, "admin", None, body), body)


def peak(length: int) -> int:
    trail = Long(length)
    tracemalloc.start()
    try:
        assert verify(trail, VKEY).verdict == "proved"
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_trail() -> None:
    peak(100)
    assert peak(8_000) < 1.5 * peak(1_000) + 50_000
