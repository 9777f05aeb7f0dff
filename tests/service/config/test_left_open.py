"""Settings that look right and fail later: refused when they are read, or told of when the service starts."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from agpc.service.config.models import Loaded, Settings
from agpc.service.config.read import ConfigError, read_settings
from agpc.service.serving.answering import unanswered
from agpc.service.serving.modes import warn_of_missing_secrets
from agpc.service.serving.process import CannotServe, brokers_of

CALLER = {"name": "gate", "roles": ["outcome"], "key_sha256": "0" * 64}
URL = "https://agp.example"
OIDC = {"issuer": "https://id.example", "client_id": "agpc"}
ANN = {"id": "user:ann", "roles": ["role:lead"]}


def settings(**more: Any) -> Settings:
    return Settings.model_validate({"public_url": URL, "callers": [CALLER], **more})


def test_a_person_who_could_never_sign_in_is_refused() -> None:
    with pytest.raises(ValueError, match="`user:ann` of `people` could never sign in"):
        settings(people=[ANN])
    settings(people=[{**ANN, "key_sha256": "1" * 64}])
    settings(people=[ANN], oidc=OIDC)
    settings(people=[ANN], passkeys={})  # who may have one already


@pytest.mark.parametrize("url", ["http://id.example", "http://10.0.0.1/x", "http://", "ftp://id.example", "https://", "http://[::1"])  # fmt: skip
@pytest.mark.parametrize("of", ["oidc", "receivers", "jwks_url", "poll", "bundle_url"])
def test_what_goes_in_the_clear_stays_on_this_machine(of: str, url: str) -> None:
    def given(url: str) -> dict[str, Any]:
        transmitter = {"name": "t", "issuer": "https://t.example", "jwks_url": url}
        return {
            "oidc": {"oidc": {**OIDC, "issuer": url}},
            "receivers": {"receivers": [{"name": "r", "url": url}]},
            "jwks_url": {"transmitters": [{**transmitter, "poll": "https://t.example/p"}]},
            "poll": {
                "transmitters": [{**transmitter, "jwks_url": "https://t.example/k", "poll": url}]
            },
            "bundle_url": {"trust_domains": [{"name": "a.example", "bundle_url": url}]},
        }[of]

    with pytest.raises(ValueError, match="begins with `https://`"):
        settings(**given(url))
    for good in (
        "https://id.example",
        "http://127.0.0.1:5556/dex",
        "http://localhost/x",
        "http://[::1]:1/x",
    ):
        settings(**given(good))


def test_a_secret_that_is_missing_is_told_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "here").write_text("s\n")
    mail = {"host": "m.example", "sender": "a@m.example", "to": ["b@m.example"], "user": "a"}
    found = settings(
        notices={
            "mail": {**mail, "password": {"file": "gone"}},
            "webhooks": [{"name": "w", "url": {"env": "AGPC_NOT_THERE"}}],
        },
        brokers={
            "vault": {
                "address": "https://v.example",
                "token": {"file": "away"},
                "x": {"file": "here"},
            }
        },
    )
    with caplog.at_level(logging.WARNING):
        warn_of_missing_secrets(Loaded(settings=found, root=tmp_path))
    told = " ".join(str(each.__dict__) for each in caplog.records)
    assert all(each in told for each in ("gone", "away", "AGPC_NOT_THERE")) and "here`" not in told


@pytest.mark.parametrize(
    "asked, more, is_told",
    [
        ({"kind": "approval"}, {}, True),
        ({"kind": "approval"}, {"people": [{**ANN, "key_sha256": "1" * 64}]}, False),
        ({"kind": "approval"}, {"oidc": OIDC}, False),
        ({"kind": "confirmation"}, {}, True),
        ({"kind": "confirmation"}, {"callers": [{**CALLER, "roles": ["confirm"], "agents": ["spiffe://a.example/**"]}]}, False),
        ({"kind": "step_up", "method": "mfa"}, {"oidc": OIDC}, True),
        ({"kind": "step_up", "method": "mfa"}, {"passkeys": {"step_up": ["mfa"]}}, False),
        ({"kind": "step_up", "method": "mfa"}, {"oidc": {**OIDC, "step_up": {"mfa": ["amr:mfa"]}}}, False),
    ],
)  # fmt: skip
def test_a_policy_that_asks_nobody_is_told_of(asked: Any, more: Any, is_told: bool) -> None:
    import json

    ir = json.dumps({"allows": [{"id": "p.g.t.a", "requirements": [asked]}]}).encode()
    found = unanswered(ir, settings(**more))
    assert bool(found) is is_told and all("`p.g.t.a` asks for" in each for each in found)


def test_a_program_approves_nothing(tmp_path: Path) -> None:
    file = tmp_path / "service.toml"
    file.write_text('[[callers]]\nname = "a"\nroles = ["read", "approve"]\n')
    with pytest.raises(ConfigError) as refused:
        read_settings(file, {})
    assert any(
        "line 3" in each and "a program approves nothing" in each for each in refused.value.problems
    )


def test_what_is_wrong_with_a_broker_says_where(tmp_path: Path) -> None:
    file = tmp_path / "service.toml"
    file.write_text(
        '[brokers.prod]\nplugin = "vault"\n\nadress = "https://v.example"\n[brokers.other]\n'
    )
    with pytest.raises(CannotServe) as refused:
        brokers_of(read_settings(file, {}))
    said = str(refused.value)
    assert f"`{file}`, line " in said and "`brokers.prod`: " in said
    assert f"`{file}`, line 5: `brokers.other`: there is no broker `other`" in said
