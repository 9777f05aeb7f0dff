"""`agpc audit`: verify, show and export, and what other commands make of an export."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from generators.trails import POLICY, STRICTER, MemoryLog, an_hour, signer

from agpc.service.audit import checkpoints
from agpc.service.audit.export import export
from agpc.service.audit.notes import Signer

from ..conftest import Run

VKEY = signer().vkey


@pytest.fixture
def trail(work: Path) -> Path:
    directory = work / "trail"
    export(an_hour(), directory)
    return directory


def test_a_trail_that_is_proved(trail: Path, run: Run) -> None:
    found = run("audit", "verify", trail, "--key", VKEY, "--since", trail / "checkpoint")
    assert (found.status, found.err) == (0, "")
    assert found.out == (
        "proved: log.example/agpc, 29 events up to 2026-11-24T10:00:29.000000203Z\n"
        "  proved: 2 signatures, 29 entries, 29 bodies, 1 tile, 2 policies\n"
        "  decided again: 12 calls, of 12 the facts derived again, 1 piece of evidence used once\n"
        "  people: 1 verdict, 0 of them signed with a passkey; 1 approval used; 0 sessions\n"
        "  nothing was left out since the checkpoint of 29 events\n"
    )


def test_an_earlier_checkpoint_by_a_key_of_before(work: Path, run: Run) -> None:
    log = an_hour()
    before, other = Signer.generate("log.example/agpc"), Signer.generate("other.example")
    for name, by in (("before", before), ("other", other)):
        (work / name).write_text(checkpoints.signed(by, log.edge))
    export(log, work / "trail")
    verify = ("audit", "verify", "trail", "--key", VKEY)
    assert run(*verify, "--since", "before", "--old-key", before.vkey).status == 0
    refused = run(*verify, "--since", "before")
    assert refused.status == 1
    assert "the earlier checkpoint is none: it has no signature of this key" in refused.out
    of_other = run(*verify, "--since", "other", "--old-key", before.vkey, "--old-key", other.vkey)
    assert of_other.status == 1
    assert "it is of another log" in of_other.out


def test_a_trail_with_something_wrong(trail: Path, run: Run) -> None:
    path = trail / "bodies/000.p/29.jsonl"
    path.write_bytes(path.read_bytes().replace(b"joe@x.example about", b"eve@x.example about"))
    found = run("audit", "verify", trail, "--key", VKEY)
    assert found.status == 1
    assert found.out.startswith("wrong: log.example/agpc, 29 events")
    assert "  wrong: event 3: the body is not the one whose digest the entry has\n" in found.out
    told = run("audit", "verify", trail, "--key", VKEY, "--format", "json")
    assert told.status == 1
    wrong = json.loads(told.out)
    assert wrong["verdict"] == "wrong"
    assert wrong["wrong_count"] == len(wrong["wrong"])
    assert {"seq": 3, "what": "the body is not the one whose digest the entry has"} in wrong[
        "wrong"
    ]


def test_a_trail_that_nobody_can_decide_to_its_end(work: Path, run: Run) -> None:
    export(an_hour(MemoryLog(metadata=True)), work / "trail")
    found = run("audit", "verify", "trail", "--key", VKEY)
    assert found.status == 5
    assert "10 decisions whose arguments were not kept" in found.out
    log = an_hour()
    log.tell("unheard", {"lease": "\u202el\x1b"})
    log.sign()
    export(log, work / "other")
    found = run("audit", "verify", "other", "--key", VKEY)
    assert found.status == 5
    assert "    `unheard`: 1\n" in found.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("trail", "--key", "nonsense"), "a verifier key is `name+id+key`"),
        (("trail", "--key", VKEY.replace("7515591e", "00000000")), "does not belong to its name"),
        (("trail",), "say with which key: --key VKEY; the service says it at its start"),
        (("nowhere", "--key", VKEY), "`nowhere` is no directory"),
        (("https://x.example/", "--key", VKEY), "copy the files from there first"),
        (("empty", "--key", VKEY), "there is no `checkpoint`"),
        (("trail", "--key", VKEY, "--since", "nowhere"), "cannot read `nowhere`"),
        (("--key", VKEY), "either a directory, or --store URL"),
        (("--store", "mysql://x", "--key", VKEY), "a store is"),
        (("--store", "sqlite:///nowhere.db", "--key", VKEY), ""),
    ],
)
def test_what_cannot_be_read(
    trail: Path, run: Run, arguments: tuple[str, ...], message: str
) -> None:
    (trail.parent / "empty").mkdir()
    found = run("audit", "verify", *arguments)
    assert found.status == 2
    assert message in found.err
    assert "Traceback" not in found.err


def test_a_trail_for_people(trail: Path, run: Run) -> None:
    found = run("audit", "show", trail)
    assert (found.status, found.err) == (0, "")
    lines = found.out.splitlines()
    assert len(lines) == 29
    assert lines[4].split() == [
        *("4", "2026-11-24T10:00:05.000000035Z", "call", "c-4", "permit", "p.t.mail(1)", "by"),
        *("spiffe://t.example/bot", "in", "t-0", "under", "p.g.t.mail", "[gateway]"),
    ]


def test_some_of_a_trail(trail: Path, run: Run) -> None:
    def numbers(*options: str) -> list[int]:
        return [
            int(line.split()[0]) for line in run("audit", "show", trail, *options).out.splitlines()
        ]

    assert numbers("--task", "t-1") == [19, 20, 21, 22, 23, 26]
    assert numbers("--call", "c-4") == [4, 5]
    assert numbers("--since", "2026-11-24T10:00:26Z") == [25, 26, 27, 28]
    assert numbers("--task", "t-1", "--since", "2026-11-24T10:00:26Z") == [26]
    whole = run("audit", "show", trail, "--event", "3")
    assert json.loads(whole.out)["body"]["text"] == "write to joe@x.example about eve"
    line = run("audit", "show", trail, "--call", "c-12", "--format", "json")
    asked, said = map(json.loads, line.out.splitlines())
    assert asked["body"]["effect"] == "challenge"
    assert said["body"]["verdict"] == "approve"
    assert run("audit", "show", trail, "--since", "noon").status == 2
    asked = run("audit", "show", trail, "--call", "c-4", "--format", "request")
    request = json.loads(asked.out)  # that of the call alone, and nothing of its outcome
    assert request["resource"]["type"] == "p.t" and request["context"]["task"]["id"] == "t-0"


def test_a_request_whose_values_are_not_kept_is_named_and_not_shown(work: Path, run: Run) -> None:
    export(an_hour(MemoryLog(metadata=True)), work / "other")
    found = run("audit", "show", "other", "--call", "c-4", "--format", "request")
    assert (found.status, found.out) == (1, "")
    assert "event 4: what was asked is not kept" in found.err


def test_nothing_in_a_trail_acts_on_a_terminal(work: Path, run: Run) -> None:
    log = an_hour()
    log.start(said="pay \u202etxt.exe\x1b[2J\nnow")
    log.sign()
    export(log, work / "trail")
    for options in ((), ("--event", "31")):
        found = run("audit", "show", "trail", *options)
        assert found.status == 0
        assert not {"\u202e", "\x1b"} & {*found.out}
        assert "<U+202E>" in found.out


def test_what_cannot_be_read_of_a_trail_is_said(trail: Path, run: Run) -> None:
    path = trail / "bodies/000.p/29.jsonl"
    path.write_bytes(path.read_bytes().replace(b"joe@x.example about", b"eve@x.example about"))
    found = run("audit", "show", trail)
    assert found.status == 1
    assert found.err == "warning: event 3: the body is not the one whose digest the entry has\n"


def test_facts_and_replay_take_the_record_of_an_export(trail: Path, work: Path, run: Run) -> None:
    (work / "p.agp").write_text(POLICY)
    (work / "stricter.agp").write_text(STRICTER)
    asked = json.loads((trail / "record.jsonl").read_text().splitlines()[8])
    assert asked["event"] == "call"
    (work / "asked.json").write_text(json.dumps(asked["request"]))
    lines = (trail / "record.jsonl").read_bytes().splitlines(keepends=True)
    (work / "before.jsonl").write_bytes(b"".join(lines[:8]))
    found = run("facts", "p.agp", "--record", "before.jsonl", "--request", "asked.json")
    assert (found.status, found.err) == (0, "")
    assert json.loads(found.out) == asked["request"]
    same = run("replay", trail / "record.jsonl", "--policy", "stricter.agp", "--format", "json")
    told = json.loads(same.out)
    assert same.status in (0, 1)
    assert told["records"] == 12
    assert told.get("malformed", {}).get("count", 0) == 0


def test_an_export_of_a_store(work: Path, run: Run) -> None:
    found = run("audit", "export", "trail", "--store", "sqlite:///nowhere.db")
    assert found.status == 2
    assert not (work / "nowhere.db").exists()
