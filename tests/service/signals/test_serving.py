"""`agpc serve` takes in what is brought, and fetches what lies at a transmitter."""

from __future__ import annotations

from pathlib import Path

from agpc.service.http.gate.callers import hashed

from ..http.processes import POLICY, process
from .transmitting import ISSUER, US, Sender, lying

TOML = f"""
public_url = "{US}"

[[callers]]
name = "okta"
roles = ["signal"]
key_sha256 = "{hashed("okta")}"

[[callers]]
name = "reader"
roles = ["read"]
key_sha256 = "{hashed("reader")}"

[[transmitters]]
name = "okta"
issuer = "{ISSUER}"
jwks = "jwks.json"
caller = "okta"

[[transmitters]]
name = "siem"
issuer = "https://siem.example"
jwks_url = "URL/keys"
poll = "URL/poll"
every = "1s"
token = {{ env = "SIEM" }}
private = true
events = {{ "session-revoked" = [] }}
"""


def test_a_service_hears_signals(tmp_path: Path) -> None:
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "bank.agp").write_text(POLICY.replace("LIMIT", "100"))
    okta = Sender()
    (tmp_path / "jwks.json").write_bytes(okta.jwks(use="sig"))
    with lying() as (siem, url):
        siem.sets = {
            "e-1": siem.sender.set(iss="https://siem.example"),
            "bad": siem.sender.set(iss=ISSUER),
        }
        (tmp_path / "service.toml").write_text(TOML.replace("URL", url))
        with process(tmp_path, "policies", "--config", "service.toml", SIEM="ours") as served:
            served.ready()
            told = {"authorization": "Bearer okta", "content-type": "application/secevent+jwt"}
            text = okta.set(jti="secret-name")
            assert served.ask("POST", "/ssf/events", text, **told).status == 400  # it is JSON
            assert served.say(text, **told) == 202
            served.until(lambda: not siem.sets, "what lies there is acknowledged")
            read = served.ask("GET", "/v1/events", authorization="Bearer reader").json["events"]
            found = {each["body"]["caller"] for each in read if each["event"] == "signal"}
            assert found == {"transmitter:okta", "transmitter:siem"}
            assert served.end() == 0
            log = served.log
    assert "a signal names nobody who is known here" in log and "a signal is refused" in log
    for each in (text, "secret-name", "ours"):
        assert each not in log
