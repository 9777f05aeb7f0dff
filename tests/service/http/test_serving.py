"""`agpc serve` as a process: how it starts, takes up policies, counts together and ends."""

from __future__ import annotations

import os
import resource
import signal
import socket
import sqlite3
import ssl
import stat
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from forking import COLD, agpc

from .processes import POLICY, Process, make_certificate, process
from .served import CALL, START


def write(folder: Path, limit: int | str = 100) -> None:
    """Write the policy in one step, as careful people do."""
    (folder / "new").write_text(POLICY.replace("LIMIT", str(limit)))
    (folder / "new").rename(folder / "policies" / "bank.agp")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "policies").mkdir()
    write(tmp_path)
    return tmp_path


@pytest.fixture
def served(folder: Path) -> Iterator[Process]:
    with process(folder, "policies") as found:
        found.ready()
        yield found


def started(served: Process, key: str = "start") -> str:
    answer = served.ask("POST", "/v1/tasks", {**START, "key": key})
    assert answer.json["decision"] is True, answer.json
    return str(answer.json["task"]["id"])


def paid(served: Process, task: str, key: str, amount: int = 50) -> Any:
    properties = {"amount": amount}
    body = {**CALL, "key": key, "context": {"task": {"id": task}}}
    body["action"] = {"name": "pay", "properties": properties}
    return served.ask("POST", "/v1/calls", body).json


def test_an_hour_of_it(served: Process) -> None:
    """What a gateway does, from the start of a task to its end, and what is left behind."""
    task = started(served)
    shown = served.ask("GET", f"/v1/tasks/{task}/possible")
    assert shown.json["task"] == task and "bank.account.pay" in shown.json["capabilities"]
    assert served.ask("GET", "/v1/tasks/t-nobody/possible").status == 404
    assert served.ask("GET", f"/v1/tasks/{task}/possible?agent=x").status == 400
    first = paid(served, task, "pay-1")
    assert first["decision"] is True
    assert paid(served, task, "pay-1") == first
    assert paid(served, task, "pay-2", 101)["decision"] is False
    answer = served.ask(
        "POST", f"/v1/calls/{first['call']}/outcome", {"key": "out-1", "outcome": "done"}
    )
    assert answer.json == {"call": first["call"], "outcome": "done"}
    again = served.ask(
        "POST", f"/v1/calls/{first['call']}/outcome", {"key": "out-2", "outcome": "failed"}
    )
    assert again.status == 409
    open_ = served.ask("POST", "/v1/calls", {**CALL, "key": "pay-1"})
    assert (open_.status, open_.json["code"]) == (409, "key_reused")
    assert paid(served, task, "pay-3")["decision"] is True
    listed = served.ask("GET", "/v1/calls?outcome=none&task=" + task).json["calls"]
    assert [each["outcome"] for each in listed] == [None]
    settled = served.ask(
        "POST",
        f"/v1/calls/{listed[0]['id']}/settle",
        {"key": "s", "outcome": "failed", "why": "it hung"},
    )
    assert settled.status == 200
    assert (
        served.ask("POST", f"/v1/tasks/{task}/said", {"key": "say", "text": "go on"}).status == 200
    )
    assert (
        served.ask(
            "POST", f"/v1/tasks/{task}/context", {"key": "c", "context": {"confidence": 1}}
        ).status
        == 200
    )
    ended = served.ask("POST", f"/v1/tasks/{task}/state", {"key": "end", "state": "ended"})
    assert ended.json["task"]["state"] == "ended"
    assert paid(served, task, "pay-4")["decision"] is False
    shown = served.ask("GET", f"/v1/tasks/{task}").json
    assert shown["task"]["state"] == "ended" and shown["said"][0]["text"] == "go on"
    assert len(shown["calls"]) == 4
    events = served.ask("GET", "/v1/events?limit=500").json
    assert [each["seq"] for each in events["events"]] == list(range(events["size"]))
    call = served.ask("GET", f"/v1/calls/{first['call']}").json
    assert call["event"]["body"]["request"]["action"]["properties"] == {"amount": 50}


def test_it_ends_in_order_and_signs_what_it_has(served: Process, folder: Path) -> None:
    started(served)
    assert served.end() == 0
    assert "ended in order" in served.log and "Traceback" not in served.log
    with process(folder, "policies") as again:
        again.ready()
        note = again.ask("GET", "/log/checkpoint").content.decode().split("\n")
        size = again.ask("GET", "/v1/events").json["size"]
        assert (note[0], int(note[1])) == ("localhost/agpc", size)
        assert again.ask("GET", f"/log/tile/0/000.p/{size}").status == 200
        assert again.ask("GET", f"/log/tile/entries/000.p/{size}").status == 200
        for path in (
            "0/000",
            "0/1",
            "entries/x000/000",
            f"0/{'x999/' * 5}999",
            "7/000.p/1",
            "../checkpoint",
        ):
            assert again.ask("GET", f"/log/tile/{path}").status == 404


def test_a_second_signal_ends_it_at_once(served: Process) -> None:
    with socket.create_connection(("127.0.0.1", served.port)) as held:
        held.sendall(b"POST /v1/calls HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\n\r\n")
        served.until(lambda: b"livesum" not in served.ask("GET", "/metrics").content, "it answers")
        served.process.send_signal(signal.SIGTERM)
        with pytest.raises(subprocess.TimeoutExpired):
            served.process.wait(2)  # it waits for the body
        served.process.send_signal(signal.SIGTERM)
        assert served.process.wait(120) == 143
    assert "Traceback" not in served.log


def test_a_signal_while_it_starts_is_not_lost(folder: Path) -> None:
    for each in range(5):  # at slightly different moments
        process = subprocess.Popen(
            [*COLD, "serve", "nowhere", "--listen", "127.0.0.1:0"],
            cwd=folder, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert process.stderr is not None
        first = process.stderr.readline()
        assert "do not load" in first
        time.sleep(each / 200)
        process.send_signal(signal.SIGTERM)
        try:
            rest = process.communicate(timeout=120)[0]
        finally:
            process.kill()
        assert process.returncode == 0, rest


def test_what_it_makes_is_for_nobody_else(served: Process, folder: Path) -> None:
    for name in ("agpc.db", "agpc.key", "agpc.trail.key"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600, name


def test_a_key_that_others_may_read_is_told_of(served: Process, folder: Path) -> None:
    served.end()
    assert not [each for each in served.lines if "a file that holds a secret" in each["says"]]
    (folder / "agpc.key").chmod(0o644)
    with process(folder, "policies") as again:
        again.ready()
        (line,) = [each for each in again.lines if "a file that holds a secret" in each["says"]]
    assert (line["level"].upper(), line["mode"]) == ("WARNING", "0644")
    assert line["file"].endswith("agpc.key")


def test_a_store_without_its_key_is_refused(served: Process, folder: Path) -> None:
    served.end()
    (folder / "agpc.key").rename(folder / "elsewhere")
    with process(folder, "policies") as again:
        assert again.process.wait(60) == 2
    assert "the key of the store is not in" in again.log


def test_policies_are_taken_up_whole_or_not_at_all(served: Process, folder: Path) -> None:
    task = started(served)
    assert paid(served, task, "a", 150)["decision"] is False
    write(folder, 200)
    served.until(lambda: served.log.count("policies are active") == 2, "the change is taken up")
    assert paid(served, task, "b", 150)["decision"] is True
    write(folder, "wrong wrong")
    served.until(lambda: "do not load" in served.log, "the mistake is told")
    assert paid(served, task, "c", 150)["decision"] is True
    assert (
        'agpc_reloads_total{result="refused"} 1.0' in served.ask("GET", "/metrics").content.decode()
    )
    assert served.ask("GET", "/readyz").status == 200
    assert any("bank.agp" in line for each in served.lines for line in each.get("diagnostics", ()))
    write(folder, 300)
    served.until(lambda: served.log.count("policies are active") == 3, "it is mended")


@pytest.mark.parametrize(
    "paths", [["policies/bank.agp"], ["."]], ids=["a file", "where the store lies"]
)
def test_only_what_may_be_a_policy_is_watched(folder: Path, paths: list[str]) -> None:
    with process(folder, *paths) as served:
        served.ready()
        task = started(served)
        for each in range(20):
            paid(served, task, f"k-{each}")
        write(folder, 200)
        served.until(lambda: served.log.count("policies are active") == 2, "the change is taken up")
        metrics = served.ask("GET", "/metrics").content.decode()
        assert 'agpc_reloads_total{result="changed"} 2.0' in metrics
        assert 'result="same"' not in metrics  # what calls write is no change of policies


def test_sighup_asks_for_policies(folder: Path) -> None:
    (folder / "service.toml").write_text("[reload]\nwatch = false\n")
    with process(folder, "--config", "service.toml") as served:
        served.ready()
        write(folder, 200)
        served.process.send_signal(signal.SIGHUP)
        served.until(lambda: served.log.count("policies are active") == 2, "the change is taken up")


def test_without_policies_it_is_not_ready_and_says_why(folder: Path) -> None:
    write(folder, "wrong wrong")
    with process(folder, "policies") as served:
        served.until(lambda: served.ask("GET", "/healthz").status == 200, "it answers")
        answer = served.ask("GET", "/readyz")
        assert (answer.status, answer.json["reasons"]) == (503, ["no policy is active"])
        refused = served.ask("POST", "/v1/tasks", START)
        assert (refused.status, refused.json["code"]) == (503, "unavailable")
        assert "no call is taken until one loads" in served.log and "stays" not in served.log
        write(folder)
        served.ready()
        started(served)


def test_what_was_active_goes_on_where_the_files_do_not_load(served: Process, folder: Path) -> None:
    task = started(served)
    served.end()
    write(folder, "wrong wrong")
    with process(folder, "policies") as again:
        again.ready()
        assert paid(again, task, "a")["decision"] is True
        assert "the policy of the store stays active" in again.log


def test_workers_serve_one_store_and_count_together(folder: Path) -> None:
    with process(folder, "policies", "--workers", "2") as served:
        served.ready()
        served.until(lambda: served.log.count("the service listens") == 2, "both listen")
        task = started(served)
        answers = [paid(served, task, f"k-{each % 10}") for each in range(40)]
        assert len({each["call"] for each in answers}) == 10
        metrics = served.ask("GET", "/metrics").content.decode()
        assert 'agpc_decisions_total{asked="call",effect="permit"} 40.0' in metrics
        write(folder, 10)
        served.until(lambda: served.log.count("policies are active") > 1, "the change is taken up")
        assert [paid(served, task, f"l-{each}")["decision"] for each in range(10)] == [False] * 10
        assert served.end() == 0


def test_processes_share_one_postgresql(folder: Path, postgres_url: str) -> None:
    with process(folder, "policies", AGPC_SERVE_STORE=postgres_url) as first:
        first.ready()
        task = started(first)
        with process(folder, "policies", "--workers", "2", AGPC_SERVE_STORE=postgres_url) as second:
            second.ready()
            answers = [paid(each, task, f"k-{n}") for n in range(10) for each in (first, second)]
            assert all(each["decision"] for each in answers)
            assert len({each["call"] for each in answers}) == 10
            size = first.ask("GET", "/v1/events").json["size"]
            assert second.ask("GET", "/v1/events").json["size"] == size
            assert second.end() == 0
        assert first.end() == 0


def test_the_trail_that_it_leaves_verifies(served: Process, folder: Path) -> None:
    task = started(served)
    for each in range(5):
        paid(served, task, f"k-{each}", each * 30)
    assert served.end() == 0
    (vkey,) = {each["verifier_key"] for each in served.lines if "verifier_key" in each}

    def verify() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*agpc(), "audit", "verify", "--store", f"sqlite:///{folder}/agpc.db", "--key", vkey],
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    assert verify().returncode == 0, verify().stdout + verify().stderr
    with sqlite3.connect(folder / "agpc.db") as database:
        ((seq, body),) = database.execute(
            "SELECT seq, body FROM event WHERE kind = 'call' LIMIT 1 OFFSET 2"
        )
        changed = (
            bytes(body).replace(b"30", b"31")
            if isinstance(body, bytes)
            else body.replace("30", "31")
        )
        database.execute("UPDATE event SET body = ? WHERE seq = ?", (changed, seq))
    assert verify().returncode == 1


def test_a_password_stands_on_no_command_line(folder: Path) -> None:
    url = "postgresql://ann:S3CRET@127.0.0.1:1/agpc"
    for arguments, environment in ((["--store", url], {}), ([], {"AGPC_SERVE_STORE": url})):
        with process(folder, "policies", *arguments, **environment) as found:
            assert found.process.wait(60) == 2
    assert "a password stands in no file of settings" in found.log
    assert "the PostgreSQL store cannot be used" in found.log
    assert "S3CRET" not in found.log


def test_idle_connections_are_in_nobody_s_way(folder: Path) -> None:
    """Some hundreds; `AGPC_TEST_CONNECTIONS=10000` asks for more."""
    many = int(os.environ.get("AGPC_TEST_CONNECTIONS", "300"))
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < many + 200:
        pytest.skip(
            f"no more than {soft} files may be open here, and {many} connections take one each"
        )
    with process(folder, "policies") as served:
        served.ready()
        task = started(served)
        idle = [socket.create_connection(("127.0.0.1", served.port)) for _ in range(many)]
        try:
            assert paid(served, task, "among many")["decision"] is True
            for each in idle[:: max(1, many // 50)]:
                each.sendall(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n")
                assert each.recv(100).startswith(b"HTTP/1.1 200")
        finally:
            for each in idle:
                each.close()
        assert served.end() == 0


def test_a_worker_that_dies_is_started_again(folder: Path) -> None:
    with process(folder, "policies", "--workers", "2") as served:
        served.ready()
        served.until(lambda: served.log.count("the service listens") == 2, "both listen")
        children = subprocess.run(
            ["ps", "-ww", "-o", "pid=,args=", "--ppid", str(served.process.pid)],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()
        worker = next(int(each.split()[0]) for each in children if "spawn_main" in each)
        os.kill(worker, signal.SIGKILL)
        served.until(lambda: served.log.count("the service listens") == 3, "there is another one")
        assert served.end() == 0


def test_a_candidate_decides_beside_and_never_answers(folder: Path) -> None:
    (folder / "next").mkdir()
    (folder / "next" / "bank.agp").write_text(POLICY.replace("LIMIT", "60"))
    with process(folder, "policies", "--candidate", "next") as served:
        served.ready()
        task = started(served)
        assert [paid(served, task, f"k-{each}", each * 20)["decision"] for each in range(7)] == [
            True
        ] * 6 + [False]

        def all_compared() -> bool:
            return bool(served.ask("GET", "/v1/candidate").json["compared"] == 8)

        served.until(all_compared, "all are compared")
        found = served.ask("GET", "/v1/candidate").json
        assert (found["same"], found["not_decidable"]) == (6, 0)
        (difference,) = found["differences"]
        assert (difference["active"], difference["candidate"], difference["count"]) == (
            "permit",
            "deny",
            2,
        )
        assert {each["action"] for each in difference["examples"]} == {"pay"}
        online = candidate(folder, AGPC_SERVICE=f"http://127.0.0.1:{served.port}")
        offline = candidate(folder, "next", "--store", f"sqlite:///{folder}/agpc.db")
        assert (online.returncode, offline.returncode) == (1, 1), online.stderr + offline.stderr
        assert online.stdout == offline.stdout
        assert online.stdout.startswith(
            "8 calls compared: 6 the same, 2 otherwise\n\npermit → deny: 2\n"
        )
        same = candidate(folder, "policies", "--store", f"sqlite:///{folder}/agpc.db")
        assert (same.returncode, same.stdout) == (0, "8 calls compared: 8 the same, 0 otherwise\n")
        assert candidate(folder, "policies").returncode == 2
        assert candidate(folder, "policies", "--store", "sqlite:////none").returncode == 2
        assert candidate(folder, "none", "--store", "sqlite:////none").returncode == 3
        metrics = served.ask("GET", "/metrics").content.decode()
        assert 'agpc_candidate_total{active="permit",candidate="deny"} 2.0' in metrics


def candidate(
    folder: Path, *arguments: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*agpc(), "candidate", *arguments],
        cwd=folder, capture_output=True, text=True, timeout=60, check=False, env={**os.environ, **environment},
    )  # fmt: skip


def test_it_speaks_tls(folder: Path) -> None:
    make_certificate(folder)
    with process(folder, "policies", "--tls", "cert.pem", "key.pem") as served:
        trusted = ssl.create_default_context(cafile=str(folder / "cert.pem"))

        def answers() -> bool:
            with (
                socket.create_connection(("127.0.0.1", served.port)) as plain,
                trusted.wrap_socket(plain, server_hostname="localhost") as connection,
            ):
                connection.sendall(
                    b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
                )
                return connection.recv(100).startswith(b"HTTP/1.1 200")

        served.until(answers, "it answers with TLS")
        assert served.end() == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--listen", "0.0.0.0:0"], "without `callers`"),
        (["--listen", "nonsense"], "an address to listen on"),
        (["--store", "mysql://x"], "a store is `sqlite:///relative/path`"),
        (["--store", "sqlite:////nowhere/at/all.db"], "/nowhere/at/all.db"),
        (["--config", "none.toml"], "cannot read `none.toml`"),
        (["--workers", "0"], "`--workers`"),
        (["--candidate", "none"], "the candidate policies do not load"),
        (["--tls", "none", "none"], "cannot be used: No such file or directory"),
        (["--role", "decide"], "go with --new-key"),
        (["--new-key", "a b", "--role", "read"], "--new-key"),
        (["--new-key", "a"], "--role"),
        (["--new-key", "a", "--role", "decide"], "for which"),
        (["--new-key", "a", "--role", "decide", "--agent", "x'y"], "--agent"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_is_said_and_no_traceback(
    folder: Path, arguments: list[str], said: str
) -> None:
    ran = subprocess.run(
        [*agpc(), "serve", "policies", "--listen", "127.0.0.1:0", *arguments],
        cwd=folder, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (ran.returncode, said in ran.stderr, "Traceback" in ran.stderr) == (2, True, False), (
        ran.stderr
    )


def test_a_new_key_opens_what_its_entry_says(folder: Path) -> None:
    ran = subprocess.run(
        [*COLD, "serve", "--new-key", "eye", "--role", "read"],
        cwd=folder, capture_output=True, text=True, check=True,
    )  # fmt: skip
    key = ran.stderr.strip()  # and nothing else, so that `2> FILE` is what --key-file takes
    (folder / "service.toml").write_text(f'[logging]\nlevel = "info"{ran.stdout}')  # by `>>`
    with process(folder, "policies", "--config", "service.toml") as served:
        served.ready()
        assert served.ask("GET", "/v1/tasks").status == 401
        assert served.ask("GET", "/v1/tasks", authorization=f"Bearer {key}").status == 200
        assert served.ask("POST", "/v1/tasks", START, authorization=f"Bearer {key}").status == 403
        assert key not in served.log
