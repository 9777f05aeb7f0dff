"""Planted damage of every kind: no byte of an export can be changed, and no event forged, without a word."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from generators.trails import (
    BOT,
    POLICY,
    MemoryLog,
    an_hour,
    approval,
    call_digest,
    compiled,
    generation_of,
    signer,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from agpc.audit.checking import facts
from agpc.audit.reading.directory import ExportedTrail
from agpc.audit.reading.findings import Findings
from agpc.audit.reading.notes import LogKey
from agpc.audit.reading.trail import Leaf, StoredTrail
from agpc.audit.verify import verify
from agpc.runtime.time_text import format_time
from agpc.service.audit import checkpoints, events
from agpc.service.audit.export import export
from agpc.service.audit.lines import LINES
from agpc.service.audit.notes import Signer

KEY = LogKey.read(signer().vkey)


def checked(directory: Path, *since: str) -> Findings:
    return verify(ExportedTrail(directory, LINES), KEY, tuple(each.encode() for each in since))


def said(found: Findings) -> list[tuple[int | None, str]]:
    return [(each.seq, each.what) for each in found.wrong]


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both an old partial tile and full ones; one that nobody changes."""
    directory = tmp_path_factory.mktemp("exported")
    log = an_hour()
    export(log, directory)
    while len(log.found) < 280:
        log.tell("admin", {"what": "note"})
    log.sign()
    export(log, directory)
    log.tell("admin", {"what": "note"})
    log.sign()
    export(log, directory)
    return directory


def names(directory: Path) -> list[str]:
    return sorted(
        each.relative_to(directory).as_posix()
        for each in directory.rglob("*")
        if each.is_file() and each.name != ".lock"
    )


def test_what_nobody_touched_is_proved(exported: Path) -> None:
    found = checked(exported, an_hour().sign())
    assert said(found) == []
    assert found.verdict == "proved"
    assert found.proved["entries"] == found.proved["bodies"] == 281
    assert found.proved["decisions"] == found.proved["facts"] == 12
    assert found.proved["tiles"] == 3
    assert found.proved["consistency"] == 1
    assert found.since[0]["consistent"] is True


@given(data=st.data())
@settings(max_examples=3 * settings.default.max_examples)
def test_no_byte_changes_unseen(exported: Path, data: st.DataObject) -> None:
    path = exported / data.draw(st.sampled_from(names(exported)))
    whole = path.read_bytes()
    place = data.draw(st.integers(0, len(whole) - 1))
    bit = data.draw(st.integers(0, 7))
    try:
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << bit]) + whole[place + 1 :])
        assert checked(exported).verdict == "wrong" or _is_version(path, whole, place)
    finally:
        path.write_bytes(whole)


def _is_version(path: Path, whole: bytes, place: int) -> bool:
    """Whether it is the version of the program in a line, which then is another one's to judge; it is not proved."""
    mark = b'"version":"0.1.0"'
    inside = any(whole.startswith(mark, place - each) for each in range(len(mark)) if place >= each)
    return path.name == "ocsf.jsonl" and inside and checked(path.parent).verdict == "undetermined"


@pytest.mark.parametrize("how", ["cut", "grow", "delete", "empty"])
def test_no_file_is_shorter_longer_or_gone_unseen(exported: Path, how: str) -> None:
    for name in names(exported):
        path = exported / name
        whole = path.read_bytes()
        try:
            if how == "delete":
                path.unlink()
            else:
                changed = {"cut": whole[:-1], "grow": whole + whole[-1:], "empty": b""}[how]
                path.write_bytes(changed)
            if name == "checkpoint" and how == "delete":
                continue  # nothing is there to be verified: tested with the command
            left_over = ".p/" in name and name.split(".p/")[1].split(".")[0] in ("24", "29")
            if how == "delete" and left_over:  # an earlier checkpoint's, which may go
                assert checked(exported).verdict == "proved"
            else:
                assert checked(exported).verdict == "wrong", name
        finally:
            path.write_bytes(whole)


# --- Somebody who has the key, and whose events are not what happened ------------------------------

Forgery = Callable[[MemoryLog], None]
FORGERIES: dict[str, tuple[Forgery, int | None, str]] = {}


def forgery(seq: int | None, what: str) -> Callable[[Forgery], Forgery]:
    def add(function: Forgery) -> Forgery:
        FORGERIES[function.__name__] = (function, seq, what)
        return function

    return add


def rewritten(log: MemoryLog, seq: int, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the body of an event, and sign all anew: what whoever holds the key may do."""
    told = log.body(seq)
    change(told)
    each = log.found[seq]
    kept = {name: value for name, value in told.items() if name not in ("v", "event", "time")}
    caller = kept.pop("caller")
    salt = kept.pop("salt")
    body = events.body(each.kind, each.time, caller, kept, salt=salt)
    policy = json.loads(each.entry)["policy"]
    replaced(log, seq, events.entry(seq, each.time, each.kind, policy, body), body)


def replaced(log: MemoryLog, seq: int, entry: bytes, body: bytes | None) -> None:
    each = log.found[seq]
    log.found[seq] = type(each)(seq, each.time, each.kind, entry, body)


def as_permit(told: dict[str, Any]) -> None:
    told["effect"] = "permit"
    told["answer"]["decision"] = True
    told["answer"]["context"]["effect"] = "permit"


@forgery(11, "its policy decides deny, and permit is recorded")
def a_permit_that_no_policy_gives(log: MemoryLog) -> None:
    rewritten(log, 11, as_permit)


@forgery(4, "its policy decides permit, and deny is recorded")
def a_denial_that_no_policy_gives(log: MemoryLog) -> None:
    rewritten(log, 4, lambda told: told.update(effect="deny"))


@forgery(4, "the recorded answer has other `rules` than its policy gives")
def another_rule(log: MemoryLog) -> None:
    def change(told: dict[str, Any]) -> None:
        told["answer"]["context"]["rules"] = ["p.other"]

    rewritten(log, 4, change)


@forgery(4, "the recorded answer is another decision than the recorded effect")
def an_answer_that_is_no_answer(log: MemoryLog) -> None:
    def change(told: dict[str, Any]) -> None:
        told["answer"]["decision"] = False

    rewritten(log, 4, change)


@forgery(4, "the recorded answer is that of another call")
def an_answer_of_another_call(log: MemoryLog) -> None:
    def change(told: dict[str, Any]) -> None:
        told["answer"]["call"] = "c-6"

    rewritten(log, 4, change)


@forgery(4, "the digest of the call is not that of its request")
def an_argument_that_was_another(log: MemoryLog) -> None:
    def change(told: dict[str, Any]) -> None:
        told["request"]["action"]["properties"]["n"] = 2

    rewritten(log, 4, change)


@forgery(23, "`p.mails#")
def a_meter_that_counts_less(log: MemoryLog) -> None:
    def change(told: dict[str, Any]) -> None:
        (meter,) = told["request"]["context"]["meters"].values()
        meter.update(before=0, **{"with": 1})
        as_permit(told)
        told["answer"] = {**log.engine.decide(told["request"]).to_authzen(), "call": told["id"]}

    rewritten(log, 23, change)


@forgery(8, "of sources does not follow from the record")
def a_value_that_nobody_said(log: MemoryLog) -> None:
    def change(told: dict[str, Any]) -> None:
        context = told["request"]["context"]
        for key in context["sources"]:
            context["sources"][key] = ["to", "n#links", "to#links"]
        first = compiled(POLICY)
        from agpc.targets.python import evaluator

        as_permit(told)
        told["answer"] = {
            **evaluator(first).decide(told["request"]).to_authzen(),
            "call": told["id"],
        }

    rewritten(log, 8, change)


@forgery(25, "a call was permitted in a task that had ended")
def a_call_after_the_end(log: MemoryLog) -> None:
    def change(told: dict[str, Any]) -> None:
        told["request"]["context"]["task"]["state"] = "active"
        as_permit(told)

    rewritten(log, 25, change)


@forgery(2, "the call before it is no permit to start this task")
def a_task_with_other_fields(log: MemoryLog) -> None:
    rewritten(log, 2, lambda told: told["task"].update(account="666"))


@forgery(4, "the task in the request is not as it was started and moved")
def a_call_in_a_task_with_other_fields(log: MemoryLog) -> None:
    def change(told: dict[str, Any]) -> None:
        told["request"]["context"]["task"]["account"] = "666"

    rewritten(log, 4, change)


@forgery(4, "the person in the request is not the one of the task")
def another_person(log: MemoryLog) -> None:
    def change(told: dict[str, Any]) -> None:
        told["request"]["context"]["user"] = {"id": "user:eve"}

    rewritten(log, 4, change)


@forgery(4, "the time of the request is not that of the event")
def a_request_of_another_time(log: MemoryLog) -> None:
    def change(told: dict[str, Any]) -> None:
        told["request"]["context"]["time"] = "2026-11-24T09:00:00Z"

    rewritten(log, 4, change)


@forgery(29, "its key was used before, at event 4, and answered")
def a_key_that_is_answered_twice(log: MemoryLog) -> None:
    log.call("t-1", "find", key=log.body(4)["key"], name="x")


def another_task(log: MemoryLog) -> str:
    """Start a task in place of the last two events, so that what follows is event 29 and on."""
    del log.found[27:]
    log.edge = type(log.edge)()
    log.edge.extend(events_leaf(each.entry) for each in log.found)
    return log.start("4713")


def events_leaf(entry: bytes) -> bytes:
    from agpc.service.audit.tree import leaf_hash

    return leaf_hash(entry)


def asked(log: MemoryLog) -> str:
    """Ask people something in another task, as event 29, so that what follows is event 30 and on."""
    task = another_task(log)
    log.call(task, "drop", name="old")
    return task


@forgery(33, "the request of an approval was closed before, at event 32")
def an_approval_that_is_used_twice(log: MemoryLog) -> None:
    task = asked(log)
    yes = approval(log, log.judge(29), "old")
    log.call(task, "drop", name="old", approvals=[yes])
    log.call(task, "drop", name="old", approvals=[yes])


@forgery(33, "evidence for one call was used before, at event 31")
def evidence_that_is_used_twice(log: MemoryLog) -> None:
    an_approval_that_is_used_twice(log)


@forgery(31, "an approval of another call is one of this call")
def an_approval_of_another_call(log: MemoryLog) -> None:
    task = asked(log)
    yes = approval(log, log.judge(29), "new")
    log.call(task, "drop", name="new", approvals=[yes])


@forgery(31, "an approval is not the verdict that its id names")
def an_approval_of_another_person(log: MemoryLog) -> None:
    task = asked(log)
    yes = approval(log, log.judge(29), "old")
    log.call(task, "drop", name="old", approvals=[{**yes, "by": "user:eve"}])


@forgery(31, "an approval is not the verdict that its id names")
def a_refusal_that_is_taken_for_an_approval(log: MemoryLog) -> None:
    task = asked(log)
    no = approval(log, log.judge(29, "refuse"), "old")
    log.call(task, "drop", name="old", approvals=[no])


@forgery(30, "a verdict that it is about is not in the trail before it")
def an_approval_that_nobody_gave(log: MemoryLog) -> None:
    task = asked(log)
    yes = approval(log, log.judge(29), "old")
    del log.found[30]
    log.call(task, "drop", name="old", approvals=[{**yes, "id": "v-999"}])


@forgery(32, "an approval has roles that the person did not have")
def an_approval_with_more_roles(log: MemoryLog) -> None:
    task = asked(log)
    log.know("user:bob", "role:clerk")
    yes = approval(log, log.judge(29, by="user:bob", roles=["role:clerk"]), "old")
    log.call(task, "drop", name="old", approvals=[{**yes, "roles": ["role:chief"]}])


@forgery(31, "a person with these roles that it is about is not in the trail before it")
def a_verdict_with_more_roles(log: MemoryLog) -> None:
    asked(log)
    log.know("user:bob", "role:clerk")
    log.judge(29, by="user:bob")


@forgery(30, "a person who may be asked that it is about is not in the trail before it")
def a_verdict_of_nobody(log: MemoryLog) -> None:
    asked(log)
    log.judge(29, by="user:eve")


@forgery(31, "a person who may be asked that it is about is not in the trail before it")
def a_verdict_of_somebody_who_has_left(log: MemoryLog) -> None:
    asked(log)
    log.know("user:ann", "role:chief", active=False)
    log.judge(29)


@forgery(32, "a person who still has the roles of an approval that it is about")
def an_approval_of_somebody_who_has_left(log: MemoryLog) -> None:
    task = asked(log)
    yes = approval(log, log.judge(29), "old")
    log.know("user:ann", "role:chief", active=False)
    log.call(task, "drop", name="old", approvals=[yes])


@forgery(30, "the verdict was given under another policy than the event names")
def a_verdict_under_another_policy(log: MemoryLog) -> None:
    asked(log)
    log.judge(29, policy=log.policies[0].digest)


@forgery(30, "somebody else gave the verdict than the person whose it is")
def a_verdict_that_a_program_gave(log: MemoryLog) -> None:
    asked(log)
    told = log.body(log.judge(29))
    kept = {name: each for name, each in told.items() if name not in ("v", "salt", "caller")}
    del log.found[30]
    log.append("verdict", log.time, kept)


@forgery(30, "a caller says that somebody confirmed who was not asked to")
def a_program_that_confirms_what_has_to_be_approved(log: MemoryLog) -> None:
    asked(log)
    told = log.body(log.judge(29))
    kept = {name: each for name, each in told.items() if name not in ("v", "salt", "caller")}
    del log.found[30]
    log.append("verdict", log.time, {**kept, "roles": []})


@forgery(29, "the call `c-4` asked nothing of people")
def a_verdict_on_what_was_not_asked(log: MemoryLog) -> None:
    another_task(log)
    log.judge(4)


@forgery(30, "the verdict is on another call than it names")
def a_verdict_on_other_arguments(log: MemoryLog) -> None:
    asked(log)
    log.judge(29, digest=events.digest(b"x"))


@forgery(31, "the request was closed before, at event 30")
def an_approval_of_what_was_refused(log: MemoryLog) -> None:
    asked(log)
    log.judge(29, "refuse")
    log.judge(29)


@forgery(31, "an approval that it rests on was not used up")
def a_permit_that_uses_nothing(log: MemoryLog) -> None:
    task = asked(log)
    log.call(task, "drop", name="old", approvals=[approval(log, log.judge(29), "old")])
    del log.found[32]
    log.tell("admin", {"what": "note"})


@forgery(31, "an approval that it rests on was not used up")
def a_permit_that_uses_nothing_at_the_end(log: MemoryLog) -> None:
    task = asked(log)
    log.call(task, "drop", name="old", approvals=[approval(log, log.judge(29), "old")])
    del log.found[32]


@forgery(30, "the verdict is on another task or capability than was asked")
def a_verdict_for_another_task(log: MemoryLog) -> None:
    asked(log)
    log.judge(29, task="t-0")


@forgery(30, "the verdict is on another task or capability than was asked")
def a_verdict_for_another_capability(log: MemoryLog) -> None:
    asked(log)
    log.judge(29, capability="p.t.mail")


@forgery(30, "the request had expired")
def a_verdict_that_comes_too_late(log: MemoryLog) -> None:
    asked(log)
    log.time += 3_600 * 1_000_000_000
    log.judge(29)


@forgery(31, "the request of an approval had expired")
def an_approval_that_comes_too_late(log: MemoryLog) -> None:
    task = asked(log)
    yes = approval(log, log.judge(29), "old")
    log.time += 3_600 * 1_000_000_000
    log.call(task, "drop", name="old", approvals=[yes])


@forgery(32, "an approval is to a request that was refused")
def an_approval_for_a_task_by_somebody_who_refused(log: MemoryLog) -> None:
    task = asked(log)
    yes = approval(log, log.judge(29), "old")
    log.judge(29, "refuse")
    for name in ("args", "resource"):
        del yes[name]
    log.call(task, "drop", name="new", approvals=[yes])


@forgery(33, "the approval was used before, at event 32")
def a_use_twice(log: MemoryLog) -> None:
    task = asked(log)
    log.call(task, "drop", name="old", approvals=[approval(log, log.judge(29), "old")])
    told = log.body(32)
    log.tell("use", {name: told[name] for name in ("verdict", "call", "by")}, told["key"])


@forgery(31, "no permit stands before the use of an approval")
def a_use_without_a_permit(log: MemoryLog) -> None:
    asked(log)
    log.tell("use", {"verdict": f"v-{log.judge(29)}", "call": "c-29", "by": "user:ann"})


@forgery(32, "an approval was used for a call that was not permitted by it")
def a_use_for_a_question(log: MemoryLog) -> None:
    task = asked(log)
    yes = log.judge(29)
    log.call(task, "drop", name="other")
    log.tell("use", {"verdict": f"v-{yes}", "call": "c-31", "by": "user:ann"})


@forgery(32, "the permit does not rest on the approval that is used")
def a_use_for_a_call_that_needs_none(log: MemoryLog) -> None:
    asked(log)
    yes = log.judge(29)
    log.start("4714")  # a call that is permitted, without the task that follows
    del log.found[32]
    log.tell("use", {"verdict": f"v-{yes}", "call": "c-31", "by": "user:ann"})


@forgery(29, "what became of the call `c-4` was told before, at event 5")
def an_outcome_that_is_told_twice(log: MemoryLog) -> None:
    log.outcome("c-4", "failed")


@forgery(29, "the call `c-11` was not permitted, so that nothing became of it")
def an_outcome_of_what_was_denied(log: MemoryLog) -> None:
    log.outcome("c-11")


@forgery(29, "the call that it is about is not in the trail before it")
def an_outcome_of_no_call(log: MemoryLog) -> None:
    log.outcome("c-999")


@forgery(29, "the task was ended before")
def a_task_that_ends_twice(log: MemoryLog) -> None:
    log.end("t-0")


@forgery(29, "the task had drifted by then")
def words_after_the_end(log: MemoryLog) -> None:
    log.tell("said", {"task": "t-1", "text": "and this"})


@forgery(29, "the call `c-4` was recorded before")
def a_call_that_is_recorded_twice(log: MemoryLog) -> None:
    told = {name: each for name, each in log.body(25).items() if name not in ("v", "salt")}
    time = log.tick()
    told["request"]["context"]["time"] = format_time(time)
    log.append("call", time, {**told, "id": "c-4", "key": log.key()})


@forgery(29, "no permit to start the task stands right before it")
def a_task_that_nobody_permitted(log: MemoryLog) -> None:
    log.tell("task", {"task": {"id": "t-9", "intent": "p.work", "account": "1"}, "agent": BOT})


@forgery(29, "the task of the call was never started")
def a_call_in_no_task(log: MemoryLog) -> None:
    log.tasks["t-9"] = {"id": "t-9", "intent": "p.work", "account": "1", "state": "active"}
    log.call("t-9", "find", name="x")


@forgery(29, "its time is not later than that of the event before it")
def a_time_that_goes_back(log: MemoryLog) -> None:
    log.time -= 5_000_000_000
    log.tell("admin", {"what": "note"})


@forgery(29, "it names a policy that was not the active one")
def a_policy_of_before(log: MemoryLog) -> None:
    log.policies.append(log.policies[0])
    log.tell("admin", {"what": "note"})


@forgery(18, "is not as it was: it is another one")
def a_policy_that_was_changed(log: MemoryLog) -> None:
    other = generation_of(compiled(POLICY.replace("mails <= 2", "mails <= 200")))
    log.policies[1] = type(other)(log.policies[1].digest, other.ir, other.mapping, other.directory)


@forgery(0, "is not as it was: it is not there")
def a_policy_that_is_missing(log: MemoryLog) -> None:
    del log.policies[0]


@forgery(18, "the policy that it replaces was not the active one")
def a_policy_that_was_left_out(log: MemoryLog) -> None:
    rewritten(log, 18, lambda told: told.update(previous=None))


@forgery(5, "the entry has the number of another event")
def events_that_are_swapped(log: MemoryLog) -> None:
    log.found[5], log.found[7] = (
        type(log.found[5])(5, *_rest(log.found[7])),
        type(log.found[7])(7, *_rest(log.found[5])),
    )


def _rest(event: Any) -> tuple[Any, ...]:
    return event.time, event.kind, event.entry, event.body


@forgery(6, "the body is not the one whose digest the entry has")
def a_body_of_another_event(log: MemoryLog) -> None:
    replaced(log, 6, log.found[6].entry, log.found[4].body)


@forgery(29, "the entry cannot be read: it is not written in the canonical form")
def an_entry_with_white_space(log: MemoryLog) -> None:
    log.tell("admin", {"what": "note"})
    replaced(log, 29, log.found[29].entry.replace(b":", b": "), log.found[29].body)


@pytest.mark.parametrize("name", FORGERIES)
def test_what_its_own_writer_forges_is_found(name: str, tmp_path: Path) -> None:
    forge, seq, what = FORGERIES[name]
    log = an_hour()
    forge(log)
    signed_anew(log)
    export(log, tmp_path)
    found = checked(tmp_path)
    assert found.verdict == "wrong"
    assert any(each.seq == seq and what in each.what for each in found.wrong), said(found)
    assert not any("root is another" in each.what for each in found.wrong)
    stored = verify(StoredTrail(log), KEY)  # the same from a store
    assert any(each.seq == seq and what in each.what for each in stored.wrong), said(stored)


def signed_anew(log: MemoryLog) -> None:
    edge = type(log.edge)()
    edge.extend(events_leaf(each.entry) for each in log.found)
    log.notes = {edge.size: checkpoints.signed(signer(), edge)}


# --- Between two checkpoints ----------------------------------------------------------------------


def without(log: MemoryLog, seq: int) -> None:
    """Leave an event out, and write all that stand behind it anew."""
    old = log.found[:]
    log.found, log.edge = old[:seq], type(log.edge)()
    log.edge.extend(events_leaf(each.entry) for each in log.found)
    for each in old[seq + 1 :]:
        policy = json.loads(each.entry)["policy"]
        assert each.body is not None
        entry = events.entry(len(log.found), each.time, each.kind, policy, each.body)
        log.found.append(type(each)(len(log.found), each.time, each.kind, entry, each.body))
        log.edge.append(events_leaf(entry))


def test_an_event_that_was_left_out_shows_against_an_earlier_checkpoint(tmp_path: Path) -> None:
    log = an_hour()
    earlier = log.sign()
    without(log, 27)
    log.tell("admin", {"what": "note"})
    log.tell("admin", {"what": "note"})
    log.notes = {}
    log.sign()
    export(log, tmp_path)
    assert checked(tmp_path).verdict == "proved"  # by itself it is a log like any other
    found = checked(tmp_path, earlier)
    assert "the first 29 events are not those of the earlier checkpoint" in found.wrong[0].what


def test_an_end_that_was_cut_off_shows_against_an_earlier_checkpoint(tmp_path: Path) -> None:
    log = an_hour()
    earlier = log.sign()
    without(log, 28)
    log.notes = {}
    log.sign()
    export(log, tmp_path)
    found = checked(tmp_path, earlier)
    assert said(found)[0][0] == 28
    assert "its end was cut off" in found.wrong[0].what


def keys() -> Iterator[tuple[str, str]]:
    yield Signer.generate("log.example/agpc").vkey, "no signature of this key"
    yield Signer.generate("other.example").vkey, "no signature of this key"


@pytest.mark.parametrize(("vkey", "what"), list(keys()), ids=["other key", "other name"])
def test_a_checkpoint_of_somebody_else(exported: Path, vkey: str, what: str) -> None:
    found = verify(ExportedTrail(exported, LINES), LogKey.read(vkey))
    assert what in found.wrong[0].what
    assert found.proved.total() == 0


def test_an_earlier_checkpoint_that_is_none(exported: Path) -> None:
    other = Signer.generate("log.example/agpc")
    found = checked(exported, checkpoints.signed(other, an_hour().edge))
    assert found.verdict == "wrong"
    assert "the earlier checkpoint is none" in found.wrong[0].what


# --- What cannot be decided again -----------------------------------------------------------------


def test_what_was_redacted_is_counted_apart(tmp_path: Path) -> None:
    log = an_hour(MemoryLog(metadata=True))
    export(log, tmp_path)
    found = checked(tmp_path)
    assert said(found) == []
    assert found.verdict == "undetermined"
    assert found.undetermined == {"redacted": 10, "facts": 11}
    assert b"joe@x.example" not in b"".join(
        (tmp_path / each).read_bytes() for each in names(tmp_path)
    )


def test_what_was_pruned_is_counted_apart(tmp_path: Path) -> None:
    log = an_hour()
    log.prune(10)
    export(log, tmp_path)
    found = checked(tmp_path)
    assert said(found) == []
    assert found.verdict == "undetermined"
    assert found.undetermined["pruned"] == 10
    assert found.undetermined["facts"] > 0
    assert found.proved["decisions"] == 7


def test_an_event_of_a_kind_that_nobody_knows_is_never_fine(tmp_path: Path) -> None:
    log = an_hour()
    log.tell("unheard", {"of": "l-1"})
    log.sign()
    export(log, tmp_path)
    found = checked(tmp_path)
    assert found.verdict == "undetermined"
    assert found.unknown_kinds == {"unheard": 1}


def test_the_clock_goes_back_by_an_operators_word(tmp_path: Path) -> None:
    log = an_hour()
    before = log.time
    log.time -= 5_000_000_000
    at = log.tick()
    told = {"what": "clock", "from": format_time(before), "to": format_time(at), "why": "ntp"}
    log.append("clock", at, {**told, "key": log.key()})
    log.tell("admin", {"what": "note"})
    log.sign()
    export(log, tmp_path)
    assert checked(tmp_path).verdict == "proved"


def test_a_long_record_is_read_by_the_monitor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facts, "MOST_LINES", 3)
    export(an_hour(), tmp_path / "right")
    found = checked(tmp_path / "right")
    assert (found.verdict, found.proved["facts"]) == ("proved", 12)
    log = an_hour()
    FORGERIES["a_meter_that_counts_less"][0](log)
    signed_anew(log)
    export(log, tmp_path / "wrong")
    assert checked(tmp_path / "wrong").wrong[0].seq == 23


def test_a_store_whose_events_end_early() -> None:
    log = an_hour()
    del log.found[23:]
    found = verify(StoredTrail(log), KEY)
    assert found.wrong[0] == type(found.wrong[0])(23, "the event is not there")


def test_an_event_knows_what_it_is() -> None:
    log = an_hour()
    leaves = list(StoredTrail(log).leaves(29, None, 27))
    assert leaves == [Leaf(e.seq, e.entry, e.body) for e in log.found[27:]]
    told = log.body(4)
    assert told["digest"] == call_digest(told["request"])


def test_copies_are_the_same(exported: Path, tmp_path: Path) -> None:
    shutil.copytree(exported, tmp_path / "copy")
    assert checked(tmp_path / "copy").verdict == "proved"
