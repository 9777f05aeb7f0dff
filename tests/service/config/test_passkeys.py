"""Passkeys in the settings: for a host that browsers make them for, with codes that end."""

from __future__ import annotations

import time
import tomllib
from pathlib import Path

import pytest

from agpc.service.config.callers import PersonEntry
from agpc.service.config.read import ConfigError, read_settings
from agpc.service.http.gate.callers import Callers, new_passkey
from agpc.service.serving.trust import passkeys_of

CALLER = """
[[callers]]
name = "gateway"
roles = ["decide"]
agents = ["spiffe://acme.example/**"]
key_sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
"""
CODE = """
[[people]]
id = "user:ann"
enrol_sha256 = "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752"
enrol_until = "2030-11-28T10:00:00Z"
"""


@pytest.mark.parametrize(
    ("url", "site", "origin"),
    [
        ("https://agp.acme.example", "agp.acme.example", "https://agp.acme.example"),
        ("https://AGP.acme.example:443/agp", "agp.acme.example", "https://agp.acme.example"),
        ("https://agp.acme.example:8443", "agp.acme.example", "https://agp.acme.example:8443"),
        ("http://localhost:8080", "localhost", "http://localhost:8080"),
    ],
)
def test_they_are_for_the_public_url(tmp_path: Path, url: str, site: str, origin: str) -> None:
    file = tmp_path / "service.toml"
    file.write_text(f'public_url = "{url}"\n[passkeys]\nrequired = true\n{CALLER}{CODE}')
    found = passkeys_of(read_settings(file, {}))
    assert found is not None and found.required
    assert (found.site.id, found.site.origin) == (site, origin)


@pytest.mark.parametrize(
    "text",
    [
        f"[passkeys]\n{CALLER}",
        f'public_url = "http://127.0.0.1:8080"\n[passkeys]\n{CALLER}',
        f'public_url = "https://[::1]:8080"\n[passkeys]\n{CALLER}',
        f'public_url = "https://agp.acme.example"\n{CALLER}{CODE}',
        f'public_url = "https://agp.acme.example"\n[passkeys]\n{CALLER}{CODE.replace("enrol_until", "#")}',
        f'public_url = "https://agp.acme.example"\n[passkeys]\n{CALLER}{CODE.replace("2030-11-28T", "")}',
        f'public_url = "https://agp.acme.example"\n[passkeys]\n{CALLER}{CODE}{CODE.replace("ann", "Ann")}',
    ],
)
def test_what_no_browser_would_do_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "service.toml"
    file.write_text(text)
    with pytest.raises(ConfigError):
        read_settings(file, {})


def test_a_code_is_for_its_person_and_ends() -> None:
    code, lines = new_passkey("user:ann", ["role:lead"])
    entry = PersonEntry.model_validate(tomllib.loads(lines)["people"][0])
    callers = Callers.of([], Path(), people=[entry, PersonEntry(id="user:bob")])
    assert callers.known == ()
    now = time.time()
    assert callers.whose_code(code, now) == "user:ann"
    assert callers.whose_code(code, now + 86_401) is None
    assert callers.whose_code(f"{code}x", now) is None and callers.whose_code("", now) is None
