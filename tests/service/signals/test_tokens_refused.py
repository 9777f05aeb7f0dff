"""Tokens that are not good, and do nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from agpc.service.identity.bundles import Bundles, Source
from agpc.service.outbound.fetching import Reach
from agpc.service.signals.reading import NotTaken

from ..identity.issuer import b64, new_key
from .hearing import House, a_house, hostile, served_with
from .transmitting import known


@pytest.fixture(scope="module")
def unmoved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One for all that moves nothing in it."""
    with a_house(f"sqlite:///{tmp_path_factory.mktemp('unmoved')}/agpc.db") as found:
        yield found


@pytest.mark.parametrize("what", sorted(hostile()))
def test_a_token_that_is_not_good_does_nothing(unmoved: House, what: str) -> None:
    lease = unmoved.lease(unmoved.task())
    code, make = hostile()[what]
    answer = unmoved.push(make(unmoved.there.sender))
    assert (answer.status, answer.json["err"]) == (400, code), answer.content
    assert answer.headers["content-type"] == "application/json"
    assert unmoved.is_good(lease) and unmoved.bodies("signal") == []


def test_keys_that_stand_twice_are_not_read(house: House) -> None:
    sender = house.there.sender
    head, _, _ = sender.set().split(".")
    body = b64(b'{"iss": "https://id.example", "iss": "x"}')
    assert house.push(f"{head}.{body}.{b64(b'x')}").status == 400


def test_who_may_bring_events(house: House) -> None:
    text = house.there.sender.set()
    assert house.push(text, key="nobody").status == 401
    assert house.push(text, key="reader").status == 403
    other = house.push(text, key="other")
    assert (other.status, other.json["err"]) == (400, "access_denied")
    assert house.push(text, media="application/json").status == 400
    assert house.push(text).status == 202


def test_nothing_is_lost_while_the_keys_or_the_core_are_away(house: House) -> None:
    lease, text = house.lease(house.task()), house.there.sender.set()
    without = known(house.there.sender, house.url)
    without.bundles = Bundles([Source("id", "http://127.0.0.1:1/keys", Reach(private=True))])
    with served_with(house.desk, without) as served:
        assert House(house.desk, served, house.there, house.url).push(text).status == 503
    assert house.is_good(lease)
    assert house.push(text).status == 202 and not house.is_good(lease)


def test_a_key_that_is_new_is_known_once_it_was_looked_for(house: House) -> None:
    house.there.sender.keys["k2"] = new_key()
    transmitters = known(house.there.sender, house.url)
    house.there.sender.keys["k3"] = new_key()
    text = house.there.sender.set(kid="k3")
    with pytest.raises(NotTaken):
        transmitters.heard(text, caller="okta")
    transmitters.bundles.refresh(all=True)
    assert transmitters.heard(text, caller="okta").jti == "e-1"
