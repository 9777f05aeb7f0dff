"""How long a secret is looked at tells nothing of it: as often for every caller, and in the one way that takes no shorter.

No time is measured. What is compared is counted, and has one length, whoever asks with whatever.
"""

from __future__ import annotations

import hmac
from pathlib import Path
from typing import Any

import pytest

from agpc.service.config.callers import CallerEntry, PersonEntry
from agpc.service.core.operations.problem import Problem
from agpc.service.http.gate.callers import Callers, hashed
from agpc.service.page.sessions import Sessions

KEYS = ("agpk_first", "agpk_second", "agpk_last")
CODES = ("code-one", "code-two")


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """The lengths of what was compared."""
    found: list[tuple[int, int]] = []
    compare = hmac.compare_digest

    def counting(one: Any, other: Any) -> bool:
        found.append((len(one), len(other)))
        return compare(one, other)

    monkeypatch.setattr(hmac, "compare_digest", counting)
    return found


@pytest.fixture
def callers() -> Callers:
    entries = [
        CallerEntry(name=each, roles=("read",), key_sha256=hashed(each)) for each in KEYS[:2]
    ]
    people = [
        PersonEntry(id="user:ann", key_sha256=hashed(KEYS[2])),
        *(
            PersonEntry(id=f"user:{each}", enrol_sha256=hashed(each), enrol_until="2099-01-01T00:00:00Z")
            for each in CODES
        ),
    ]  # fmt: skip
    return Callers.of(entries, Path(), people=people)


@pytest.mark.parametrize("key", [*KEYS, "agpk_firsu", "agpk_", "x", "agpk_first" * 10])
def test_every_key_is_looked_at_as_often_and_as_a_digest(
    callers: Callers, looks: list[tuple[int, int]], key: str
) -> None:
    try:
        found = callers.identify(f"Bearer {key}", for_people=False)
        assert found is not None and key in KEYS
    except Problem:
        assert key not in KEYS
    assert looks == [(32, 32)] * len(KEYS)


@pytest.mark.parametrize("code", [*CODES, "code-twp", "x"])
def test_every_code_is_looked_at_as_often_and_as_a_digest(
    callers: Callers, looks: list[tuple[int, int]], code: str
) -> None:
    assert (callers.whose_code(code, 0.0) is not None) == (code in CODES)
    assert sorted(looks) == [(0, 64), (64, 64), (64, 64)]


def test_forms_and_seals_are_compared_whole(looks: list[tuple[int, int]]) -> None:
    sessions = Sessions()
    token, seal = sessions.form_token("name"), sessions.seal("text")
    for given in (token, "0" * 64, token[:-1] + "x"):
        assert sessions.is_form_of("name", given) is (given == token)
    for given in (seal, "0" * 64, seal[:-1] + "x"):
        assert sessions.is_sealed("text", given) is (given == seal)
    assert looks == [(64, 64)] * 6
