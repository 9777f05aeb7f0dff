"""The settings are read again: who may call and who is asked counts at once, and what does not is named."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from agpc.service.config.read import read_settings
from agpc.service.http.telemetry import logs
from agpc.service.identity.bundles import Bundles
from agpc.service.serving.people import People
from agpc.service.serving.trust import callers_of
from agpc.service.store import Person

from ..core.asking import in_session
from ..core.desk import Desk, opened, policy

CALLERS = """
public_url = "https://agp.example"
[tls]
elsewhere = true
[[callers]]
name = "gate"
roles = ["outcome"]
key_sha256 = "{}"
[[callers]]
name = "okta"
roles = ["signal"]
key_sha256 = "{}"
""".format("0" * 64, "1" * 64)
TRANSMITTER = """
[[transmitters]]
name = "okta"
issuer = "https://acme.okta.example"
jwks_url = "https://acme.okta.example/keys"
caller = "okta"
"""


def person(id: str, *roles: str) -> str:
    digest = f"{sum(id.encode()):064x}"
    return f'[[people]]\nid = "{id}"\nroles = {list(roles)}\nkey_sha256 = "{digest}"\n'


class Gate:
    callers: Any = None


class Reading:
    def __init__(self, desk: Desk, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.file, self.said = folder / "service.toml", list[dict[str, Any]]()
        self.file.write_text(CALLERS)
        loaded = read_settings(self.file, {})
        self.gate: Any = Gate()
        self.gate.callers = callers_of(loaded, Bundles([]))
        live: Any = desk.core
        self.people = People(loaded, live, Bundles([]), self.gate)
        self.desk = desk
        monkeypatch.setattr(
            logs, "say", lambda level, text, **more: self.said.append({"text": text, **more})
        )

    def again(self, text: str) -> bool:
        self.said.clear()
        self.file.write_text(text)
        return asyncio.run(self.people.read_again())

    def roles(self) -> dict[str, str]:
        with self.desk.core.view() as view:
            return {
                each.id: each.roles
                for each in view.reading.find(Person, "1 = 1", ())
                if each.active
            }


def test_what_counts_from_the_next_start_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(f"sqlite:///{tmp_path}/agpc.db", policy()) as desk:
        reading = Reading(desk, tmp_path, monkeypatch)
        assert reading.again(CALLERS + person("user:ann", "role:lead"))
        anew = {"text": "callers and people were read anew", "callers": 2, "people": 1}
        assert reading.said == [anew] and reading.roles() == {"user:ann": '["role:lead"]'}
        for _ in range(2):  # as long as it is so
            assert reading.again(CALLERS + TRANSMITTER + "[limits]\nrate = 5\n")
            (told,) = [each for each in reading.said if "settings" in each]
            assert told["text"] == "settings that are others now count from the next start"
            assert sorted(told["settings"]) == ["limits", "transmitters"]
        assert reading.roles() == {}


def test_whom_the_core_refuses_keeps_nobody_from_leaving(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(f"sqlite:///{tmp_path}/agpc.db", policy()) as desk:
        reading = Reading(desk, tmp_path, monkeypatch)
        in_session(desk, "user:eve", "role:clerk", "group:all")
        assert reading.again(CALLERS + person("user:ann", "group:x") + person("user:bob"))
        assert not reading.again(CALLERS + person("group:all") + person("user:bob", "role:lead"))
        (told,) = reading.said
        assert (told["person"], told["code"]) == ("group:all", "name_of_role")
        assert reading.roles()["user:bob"] == '["role:lead"]' and "user:ann" not in reading.roles()
        # What was a role of somebody's is a person, in whichever order they stand.
        assert reading.again(CALLERS + person("user:ann", "group:x"))
        assert reading.again(CALLERS + person("group:x") + person("user:ann", "role:lead"))
        assert set(reading.roles()) == {"group:x", "user:ann", "user:eve"}


def test_a_file_in_which_a_role_is_a_person_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(f"sqlite:///{tmp_path}/agpc.db", policy()) as desk:
        reading = Reading(desk, tmp_path, monkeypatch)
        assert reading.again(CALLERS + person("user:ann", "role:lead"))
        assert not reading.again(CALLERS + person("user:ann") + person("user:bob", "user:ann"))
        (told,) = reading.said
        assert "`user:ann` of `people.roles` is a person" in str(told["why"])
        assert reading.roles() == {"user:ann": '["role:lead"]'}
