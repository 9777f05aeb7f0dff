"""The client: each thing is done once, and whatever the other side does, there is one clear sentence."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from forking.ports import free_port

from agpc.service.client import exchange
from agpc.service.client.address import read_address
from agpc.service.client.client import Client, Refused, ServiceProblem, Unreachable

from ..scripted import Says, problem, scripted


def client(address: str, **more: Any) -> Client:
    return Client(read_address(address), pause=lambda _: None, **more)


def test_what_changes_something_carries_its_key_and_who_calls() -> None:
    with scripted(Says({"task": "t-1", "event": 3})) as (address, asked):
        answer = client(address, api_key="agpk_k").say("t-1", "Pay", "key-1")
    assert answer == {"task": "t-1", "event": 3}
    (one,) = asked
    assert (one.method, one.path) == ("POST", "/v1/tasks/t-1/said")
    assert one.json == {"key": "key-1", "text": "Pay"}
    assert one.headers["authorization"] == "Bearer agpk_k"
    assert one.headers["content-type"] == "application/json"


def test_what_may_ever_be_permitted_is_read() -> None:
    says = {"task": "t/1", "policy": "sha256:0", "capabilities": ["desk.shop.lookup"]}
    with scripted(Says(says)) as (address, asked):
        assert client(address).possible("t/1") == says
    (one,) = asked
    assert (one.method, one.path) == ("GET", "/v1/tasks/t%2F1/possible")


@pytest.mark.parametrize("first", [429, 502, 503, 504])
def test_what_another_attempt_may_change_is_asked_again_with_the_same_key(first: int) -> None:
    with scripted(problem(first, "busy", "not now"), Says({"task": {}})) as (address, asked):
        client(address).move("t-1", "ended", None, "key-1")
    assert [each.json for each in asked] == [{"key": "key-1", "state": "ended"}] * 2


def test_an_answer_that_is_lost_is_asked_for_again_with_the_same_key() -> None:
    lost = Says(does=lambda connection: connection.shutdown(socket.SHUT_RDWR))
    with scripted(lost, lost, Says({"a": 1})) as (address, asked):
        assert client(address).report("t-1", {"c": 1}, "key-1") == {"a": 1}
    assert [each.json["key"] for each in asked] == ["key-1"] * 3


def test_it_is_asked_three_times_and_no_more() -> None:
    lost = Says(does=lambda connection: connection.shutdown(socket.SHUT_RDWR))
    with scripted(lost) as (address, asked), pytest.raises(Unreachable, match="agpc serve"):
        client(address).report("t-1", {"c": 1}, "key-1")
    assert len(asked) == 3
    ill = problem(503, "not_ready", "no policy is active yet")
    with scripted(ill) as (address, asked), pytest.raises(Refused, match="no policy is active yet"):
        client(address).tasks()
    assert len(asked) == 3


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413])
def test_what_is_refused_is_not_asked_again(status: int) -> None:
    no = problem(status, "word", "It is refused.")
    with scripted(no) as (address, asked), pytest.raises(Refused) as caught:
        client(address).start({}, "key-1")
    assert len(asked) == 1
    assert (caught.value.status, caught.value.code) == (status, "word")
    assert str(caught.value).startswith("It is refused")


def test_the_service_says_how_long_to_wait_within_bounds() -> None:
    waited: list[float] = []
    busy = [problem(429, "busy", "no", retry_after=each) for each in ("3", "9" * 300, "-1")]
    for each in busy:
        with scripted(each, Says({})) as (address, _):
            Client(read_address(address), pause=waited.append).tasks()
    assert waited == [3.0, 5.0, 0.2]


def test_an_id_leads_nowhere_else() -> None:
    with scripted(Says({})) as (address, asked):
        client(address).task("../../healthz?a#b c/é")
        client(address).tasks(state="a&b=c", before=None)
    assert asked[0].path.startswith("/v1/tasks/%2E%2E%2F%2E%2E%2Fhealthz%3Fa%23b%20c%2F%C3%A9")
    assert asked[1].path == "/v1/tasks?state=a%26b%3Dc"


def test_a_key_is_not_sent_where_it_can_be_read() -> None:
    with pytest.raises(ServiceProblem, match="https") as caught:
        Client(read_address("http://acme.example"), api_key="agpk_secret")
    assert "agpk_secret" not in str(caught.value)


def test_a_redirect_takes_the_key_nowhere() -> None:
    with scripted(Says({})) as (other, elsewhere):
        away = Says(b"", 307, headers={"location": f"{other}/v1/tasks"})
        with scripted(away) as (address, _), pytest.raises(ServiceProblem, match="307"):
            client(address, api_key="agpk_k").tasks()
    assert elsewhere == []


@pytest.mark.parametrize(
    "says",
    [
        Says([1]),
        Says("text"),
        Says(b"not json"),
        Says(b'{"a": 1, "a": 2}'),
        Says(b'{"a": NaN}'),
        Says(b"\xff\xfe{}"),
        Says(b"[" * 10_000),
        Says(b"<html>", type="text/html"),
        Says({}, type="text/plain"),
        Says(b"", status=204),
        Says(b"<html>", status=404, type="text/html"),
        Says(b"<html>", status=500, type="text/html"),
        Says([], status=400),
        Says({"detail": 5, "code": 7}, status=400),
        Says({"detail": "x" * 100_000}, status=400),
        Says(does=lambda connection: connection.sendall(b"SSH-2.0-x\r\n\r\n")),
        Says(does=lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 200 + b"\r\n")),
        Says(does=lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\na: " + b"b" * 70_000 + b"\r\n\r\n")),
        Says(does=lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{")),
    ],
)  # fmt: skip
def test_whatever_comes_back_ends_in_a_sentence(says: Says) -> None:
    with scripted(says) as (address, _), pytest.raises(ServiceProblem) as caught:
        client(address).tasks()
    assert 0 < len(str(caught.value)) < 1000


def test_an_answer_that_is_too_long_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "MAX_ANSWER", 100)
    with (
        scripted(Says({"a": "x" * 200})) as (address, _),
        pytest.raises(ServiceProblem, match="100 bytes"),
    ):
        client(address).tasks()


@pytest.mark.parametrize("head", [b"content-length: 900", b"connection: close"])
def test_who_answers_a_byte_at_a_time_is_waited_for_no_longer_than_anybody(head: bytes) -> None:
    hung_up = threading.Event()

    def drip(connection: socket.socket) -> None:
        connection.sendall(
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n" + head + b"\r\n\r\n"
        )
        for _ in range(200):
            try:
                connection.sendall(b" ")
            except OSError:
                hung_up.set()
                return
            time.sleep(0.05)

    with (
        scripted(Says(does=drip)) as (address, _),
        pytest.raises(Unreachable, match=r"within 0\.2 s"),
    ):
        client(address, timeout=0.2).tasks()
    assert hung_up.wait(60)


def test_who_begins_tls_and_says_no_more_is_not_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"https://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(Unreachable, match=r"within 0\.2 s"):
            client(address, timeout=0.2).tasks()


def test_where_nobody_listens_it_is_said() -> None:
    port = free_port()
    with pytest.raises(Unreachable, match="nothing listens there"):
        client(f"http://127.0.0.1:{port}").tasks()
    with pytest.raises(Unreachable, match="its host is not known"):
        client("http://nobody.invalid").tasks()


# --- certificates ---


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of 127.0.0.1 with its key, in one file."""
    from datetime import datetime, timedelta
    from ipaddress import ip_address

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    now = datetime.now()
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=2))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path


def test_a_certificate_is_believed_if_it_was_named_and_else_not(
    certificate: Path, tmp_path: Path
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with scripted(Says({"tasks": []}), tls=context) as (address, asked):
        assert client(address, api_key="agpk_k", ca=str(certificate)).tasks() == {"tasks": []}
        with pytest.raises(ServiceProblem, match="say who vouches for it with --ca FILE"):
            client(address, api_key="agpk_k").tasks()
        with pytest.raises(ServiceProblem, match="certificate"):  # the right one, of another host
            client(address.replace("127.0.0.1", "localhost"), ca=str(certificate)).tasks()
        with pytest.raises(ServiceProblem, match="cannot read"):
            client(address, ca=str(tmp_path / "none.pem")).tasks()
        (tmp_path / "empty.pem").write_text("nothing")
        with pytest.raises(ServiceProblem, match="holds no certificates"):
            client(address, ca=str(tmp_path / "empty.pem")).tasks()
    assert len(asked) == 1


def test_who_speaks_no_tls_is_said_to() -> None:
    with scripted(Says({})) as (address, _), pytest.raises(ServiceProblem, match="TLS"):
        client(address.replace("http:", "https:")).tasks()


def test_nothing_but_the_standard_library_is_loaded() -> None:
    import subprocess
    import sys

    program = (
        "import sys; import agpc.service.client.client;"
        "print({each.partition('.')[0] for each in sys.modules} - set(sys.stdlib_module_names) - {'agpc', '__main__'})"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True
    )
    assert (
        "starlette" not in done.stdout
        and "pydantic" not in done.stdout
        and "click" not in done.stdout
    )
