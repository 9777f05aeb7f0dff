"""JWT-SVIDs by the book: what is taken, and that nothing else is."""

from __future__ import annotations

import hmac
import json
import logging
import time
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jws

from agpc.service.identity.bundles import Bundles, Source
from agpc.service.identity.jwt_svid import Verifier
from agpc.service.identity.signed import read_token
from agpc.service.outbound.fetching import Reach
from agpc.service.tokens.compact import Refused

from ..outbound.other import answering, sent
from .issuer import AGENT, EVERY, US, Issuer, b64, new_key, unsigned

OTHERS = "spiffe://other.example/ns/a/sa/helper"


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def verifier(folder: Path, issuer: Issuer, *, clock: Any = time.monotonic, **more: Any) -> Verifier:
    """One that knows two trust domains, the second with keys of its own."""
    (folder / "acme.json").write_bytes(issuer.jwks())
    (folder / "other.json").write_bytes(Issuer({"k1": new_key(), "k2": new_key()}).jwks())
    sources = [Source(f"{name}.example", folder / f"{name}.json") for name in ("acme", "other")]
    bundles = Bundles(sources, clock)
    bundles.refresh(all=True)
    return Verifier(bundles, [US, "agp"], **more)


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
def known(tmp_path: Path, issuer: Issuer) -> Verifier:
    return verifier(tmp_path, issuer)


def test_a_token_says_who_calls(known: Verifier, issuer: Issuer) -> None:
    assert known.identify(issuer.token()) == AGENT
    assert known.identify(issuer.token(aud="agp")) == AGENT
    assert known.identify(issuer.token(aud=["them", US])) == AGENT
    assert known.identify(issuer.token(header={"typ": "JOSE"})) == AGENT


@pytest.mark.parametrize("algorithm", EVERY)
def test_all_algorithms_of_jwt_svid(tmp_path: Path, algorithm: str) -> None:
    issuer = Issuer({"k1": new_key(algorithm)})
    assert verifier(tmp_path, issuer).identify(issuer.token(algorithm=algorithm)) == AGENT


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"aud": None}, "for whom"),
        ({"aud": []}, "somebody else"),
        ({"aud": "them"}, "somebody else"),
        ({"aud": f"{US}/"}, "somebody else"),
        ({"aud": {"a": US}}, "for whom"),
        ({"aud": [US, 1]}, "for whom"),
        ({"exp": None}, "when it ends"),
        ({"exp": "2100-01-01"}, "time in it"),
        ({"exp": True}, "time in it"),
        ({"exp": -5}, "time in it"),
        ({"exp": 1}, "expired"),
        ({"exp": 4_000_000_000}, "longer"),
        ({"nbf": 4_000_000_000}, "not good yet"),
        ({"iat": 4_000_000_000}, "not good yet"),
        ({"nbf": "now"}, "time in it"),
        ({"sub": None}, "no workload"),
        ({"sub": 5}, "no workload"),
        ({"sub": "joe"}, "no workload"),
        ({"sub": "spiffe://acme.example"}, "no workload"),
        ({"sub": "spiffe://acme.example/"}, "no workload"),
        ({"sub": "spiffe://acme.example/a/../b"}, "no workload"),
        ({"sub": "spiffe://acme.example/a//b"}, "no workload"),
        ({"sub": "spiffe://ACME.example/a"}, "no workload"),
        ({"sub": "spiffe://acme.example:443/a"}, "no workload"),
        ({"sub": "spiffe://joe@acme.example/a"}, "no workload"),
        ({"sub": "spiffe://acme.example/a?b"}, "no workload"),
        ({"sub": "spiffe://acme.example/%61"}, "no workload"),
        ({"sub": "spiffe://nobody.example/a"}, "no workload"),
        ({"sub": f"spiffe://acme.example/{'a' * 2048}"}, "no workload"),
    ],
    ids=str,
)  # fmt: skip
def test_what_its_claims_have_to_say(
    known: Verifier, issuer: Issuer, claims: dict[str, Any], why: str
) -> None:
    with pytest.raises(Refused, match=why):
        known.identify(issuer.token(**claims))


def test_the_leeway_is_what_is_said(tmp_path: Path, issuer: Issuer) -> None:
    now = 1_800_000_000
    bundles = verifier(tmp_path, issuer).bundles
    known = Verifier(bundles, [US], leeway=30.0, longest=3600.0, clock=lambda: float(now))
    for exp, iat, good in (
        *((now - 29, now, True), (now - 30, now, False), (now + 1, now + 30, True)),
        *((now + 1, now + 31, False), (now + 3630, now, True), (now + 3631, now, False)),
    ):
        token = issuer.token(exp=exp, iat=iat)
        if good:
            assert known.identify(token) == AGENT
        else:
            with pytest.raises(Refused):
                known.identify(token)


def test_no_signature_is_no_signature(known: Verifier, issuer: Issuer) -> None:
    claims = {"sub": AGENT, "aud": [US], "exp": int(time.time()) + 100}
    for name in ("none", "None", "NONE", "nOnE"):
        for token in (
            unsigned({"alg": name, "kid": "k1"}, claims),
            unsigned({"alg": name, "kid": "k1"}, claims, b"x"),
        ):
            with pytest.raises(Refused):
                known.identify(token)


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_a_public_key_is_no_secret(tmp_path: Path, algorithm: str) -> None:
    issuer = Issuer({"k1": new_key(algorithm)})
    known = verifier(tmp_path, issuer)
    claims = {"sub": AGENT, "aud": [US], "exp": int(time.time()) + 100}
    head = unsigned({"alg": "HS256", "kid": "k1", "typ": "JWT"}, claims).rpartition(".")[0]
    key = issuer.keys["k1"]
    told = key.as_dict(private=False)
    for secret in (
        key.as_pem(private=False),
        key.as_der(private=False),
        told.get("n", told.get("x")).encode(),
        b"",
    ):
        mac = hmac.digest(secret, head.encode(), sha256)
        with pytest.raises(Refused, match="none of its key"):
            known.identify(f"{head}.{b64(mac)}")


def test_the_algorithm_is_one_of_its_key(tmp_path: Path) -> None:
    issuer = Issuer({"k1": new_key("RS256"), "e": new_key("ES384")})
    known = verifier(tmp_path, issuer)
    with pytest.raises(Refused):
        known.identify(issuer.token("k1", "ES256", key=new_key()))
    with pytest.raises(Refused):
        known.identify(issuer.token("e", "ES256", key=new_key()))
    only = tmp_path / "acme.json"
    only.write_bytes(Issuer({"k1": issuer.keys["k1"]}).jwks(alg="RS512"))
    known.bundles.refresh(all=True)
    assert known.identify(issuer.token("k1", "RS512")) == AGENT
    with pytest.raises(Refused, match="none of its key"):
        known.identify(issuer.token("k1", "RS256"))


def test_a_domain_speaks_for_itself_alone(tmp_path: Path, issuer: Issuer) -> None:
    known = verifier(tmp_path, issuer)
    with pytest.raises(Refused, match="signature"):
        known.identify(issuer.token(sub=OTHERS))  # a key of the same name
    with pytest.raises(Refused, match="key is none"):
        known.identify(issuer.token("k2", key=new_key()))  # which the other one has


@pytest.mark.parametrize(
    "header",
    [
        *({"kid": None}, {"kid": ""}, {"kid": 1}, {"kid": "k9"}, {"typ": "at+jwt"}, {"typ": None}),
        *({"jku": "https://evil.example/jwks"}, {"x5u": "https://evil.example"}, {"crit": ["exp"], "exp": 1}, {"b64": False}),
    ],
    ids=str,
)  # fmt: skip
def test_a_header_says_little(known: Verifier, issuer: Issuer, header: dict[str, Any]) -> None:
    good = issuer.token()
    told = {"alg": "ES256", "kid": "k1", "typ": "JWT", **header}
    forged = ".".join((b64(json.dumps(told).encode()), *good.split(".")[1:]))
    with pytest.raises(Refused):
        known.identify(forged)


def test_a_header_may_not_bring_its_key(known: Verifier, issuer: Issuer) -> None:
    evil = new_key()
    told = evil.as_dict(private=False)
    for header in ({"jwk": told}, {"jwk": told, "kid": "k1"}):
        with pytest.raises(Refused):
            known.identify(issuer.token(key=evil, header=header))


def test_a_claim_stands_once(known: Verifier, issuer: Issuer) -> None:
    key = issuer.keys["k1"]
    text = (
        f'{{"sub": "{AGENT}", "sub": "{OTHERS}", "aud": "{US}", "exp": {int(time.time()) + 100}}}'
    )
    with pytest.raises(Refused, match="twice"):
        known.identify(
            jws.serialize_compact({"alg": "ES256", "kid": "k1"}, text, key, algorithms=["ES256"])
        )


GOOD = Issuer()
GOOD_TOKEN = GOOD.token(exp=int(time.time()) + 3000)


@pytest.fixture(scope="module")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> Verifier:
    return verifier(tmp_path_factory.mktemp("bundles"), GOOD)


@given(st.data())
@settings(max_examples=400, deadline=None)
def test_a_token_that_was_changed_is_none(trusted: Verifier, data: Any) -> None:
    characters = st.sampled_from(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \n\0é"
    )
    at = data.draw(st.integers(0, len(GOOD_TOKEN)))
    how = data.draw(st.sampled_from(["replace", "insert", "cut", "remove"]))
    new = data.draw(characters)
    changed = {
        "replace": GOOD_TOKEN[:at] + new + GOOD_TOKEN[at + 1 :],
        "insert": GOOD_TOKEN[:at] + new + GOOD_TOKEN[at:],
        "cut": GOOD_TOKEN[:at],
        "remove": GOOD_TOKEN[:at] + GOOD_TOKEN[at + 1 :],
    }[how]
    if changed == GOOD_TOKEN:
        assert trusted.identify(changed) == AGENT
        return
    with pytest.raises(Refused):
        trusted.identify(changed)


@given(st.text() | st.binary().map(lambda each: each.decode("latin-1")))
@settings(max_examples=200, deadline=None)
def test_anything_at_all_is_refused_in_order(trusted: Verifier, text: str) -> None:
    with pytest.raises(Refused):
        trusted.identify(text)
    with pytest.raises(Refused):
        trusted.identify(f"{text}.{text}.{text}")


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
        lambda each: st.lists(each) | st.dictionaries(st.text(), each),
    )
)
@settings(max_examples=200, deadline=None)
def test_claims_of_any_kind_are_refused_in_order(trusted: Verifier, value: Any) -> None:
    for name in ("sub", "aud", "exp"):
        token = GOOD.token(**{name: value}) if value is not None else GOOD.token(**{name: None})
        with pytest.raises(Refused):
            trusted.identify(token)


def test_a_long_token_is_not_looked_at(known: Verifier, issuer: Issuer) -> None:
    with pytest.raises(Refused, match="no signed token"):
        read_token(issuer.token(more="x" * 20_000))


# --- Bundles ------------------------------------------------------------------------------------------


def test_keys_are_turned_over(tmp_path: Path, issuer: Issuer) -> None:
    clock = Clock()
    known = verifier(tmp_path, issuer, clock=clock)
    new = Issuer({"k2": new_key(), **issuer.keys})
    with pytest.raises(Refused):
        known.identify(new.token("k2"))
    (tmp_path / "acme.json").write_bytes(new.jwks())
    known.bundles.refresh()
    with pytest.raises(Refused):
        known.identify(new.token("k2"))  # it is not time yet
    clock.now += 10
    known.bundles.refresh()  # but it is once somebody has shown a key that is not known
    assert known.identify(new.token("k2")) == AGENT == known.identify(new.token("k1"))
    (tmp_path / "acme.json").write_bytes(Issuer({"k2": new.keys["k2"]}).jwks())
    clock.now += 300
    known.bundles.refresh()
    with pytest.raises(Refused):
        known.identify(new.token("k1"))


def test_nobody_makes_us_fetch_more_often(tmp_path: Path, issuer: Issuer) -> None:
    clock = Clock()
    asked: list[str] = []
    bundle = issuer.jwks()
    with answering(lambda handler: (asked.append(handler.path), sent(handler, bundle))[1]) as here:
        bundles = Bundles([Source("acme.example", f"{here}/bundle", Reach(private=True))], clock)
        known = Verifier(bundles, [US])
        bundles.refresh(all=True)
        for _ in range(50):
            with pytest.raises(Refused):
                known.identify(issuer.token("k9", key=new_key()))
            bundles.refresh()
        assert len(asked) == 1
        clock.now += 10
        bundles.refresh()
        assert len(asked) == 2


def test_the_last_good_bundle_counts_until_it_is_too_old(
    tmp_path: Path, issuer: Issuer, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    known = verifier(tmp_path, issuer, clock=clock)
    for broken in (
        b"",
        b"{}",
        b'{"keys": []}',
        b'{"keys": [1]}',
        b"x" * 2_000_000,
        b'{"keys":[],"keys":[]}',
    ):
        (tmp_path / "acme.json").write_bytes(broken)
        clock.now += 300
        with caplog.at_level(logging.ERROR, "agpc.service"):
            known.bundles.refresh()
        assert known.identify(issuer.token()) == AGENT
    assert caplog.records
    (tmp_path / "acme.json").unlink()
    clock.now += 86_400
    known.bundles.refresh()
    with pytest.raises(Refused, match="no good bundle"):
        known.identify(issuer.token())
    (tmp_path / "acme.json").write_bytes(issuer.jwks())
    clock.now += 10
    known.bundles.refresh()
    assert known.identify(issuer.token()) == AGENT


@pytest.mark.parametrize(
    "keys",
    [
        [{**new_key().as_dict(private=True), "kid": "k1", "use": "jwt-svid"}],
        [{"kty": "oct", "k": "c2VjcmV0", "kid": "k1", "use": "jwt-svid"}],
        [{**new_key().as_dict(private=False), "kid": "k1", "use": "jwt-svid"}] * 2,
        [{**new_key().as_dict(private=False), "use": "jwt-svid"} | {"kid": ""}],
        [{**new_key().as_dict(private=False), "kid": "k1", "use": "enc"}],
        [{**new_key("RS256", 1024).as_dict(private=False), "kid": "k1", "use": "jwt-svid"}],
        [{"kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA", "kid": "k1", "use": "jwt-svid"}],
        [{"kty": "EC", "crv": "secp256k1", "x": "AAAA", "y": "AAAA", "kid": "k1", "use": "jwt-svid"}],
        [{"kty": "RSA", "n": "AAAA", "e": 3, "kid": "k1", "use": "jwt-svid"}],
        [{"kty": ["EC"], "kid": "k1"}],
        [{"kid": "k1", "use": "x509-svid", "kty": "EC", "x5c": ["AAAA"]}],
    ],
    ids=range(11),
)  # fmt: skip
def test_what_is_no_bundle(tmp_path: Path, keys: list[Any]) -> None:
    (tmp_path / "b.json").write_text(json.dumps({"keys": keys}))
    bundles = Bundles([Source("acme.example", tmp_path / "b.json")])
    bundles.refresh(all=True)
    (found,) = bundles.all()
    assert found.bundle is None


def test_a_plain_set_of_keys_is_taken_and_keys_of_x509_sign_no_tokens(tmp_path: Path) -> None:
    issuer = Issuer()
    place = tmp_path / "b.json"
    bundles = Bundles([Source("acme.example", place)])
    known = Verifier(bundles, [US])
    for told in ({"use": "sig"}, {"use": "jwt-svid"}):
        place.write_bytes(issuer.jwks(**told))
        bundles.refresh(all=True)
        assert known.identify(issuer.token()) == AGENT
    mixed = json.loads(issuer.jwks(use="sig"))
    mixed["keys"].append({**new_key().as_dict(private=False), "kid": "k2", "use": "jwt-svid"})
    place.write_text(json.dumps(mixed))
    bundles.refresh(all=True)
    with pytest.raises(Refused, match="key is none"):
        known.identify(issuer.token())


def test_a_bundle_is_fetched_from_where_it_may_be(issuer: Issuer) -> None:
    def answer(handler: Any) -> None:
        if handler.path == "/moved":
            sent(handler, b"", 302, location="/bundle")
        else:
            sent(handler, issuer.jwks())

    with answering(answer) as here:
        for place, reach, good in (
            (f"{here}/bundle", Reach(private=True), True),
            (f"{here}/bundle", Reach(), False),
            (f"{here.replace('http:', 'https:')}/bundle", Reach(), False),
            (f"{here}/moved", Reach(private=True), False),
            (f"{here}/bundle", Reach(private=True, most=10), False),
        ):
            bundles = Bundles([Source("acme.example", place, reach)])
            bundles.refresh(all=True)
            assert (bundles.all()[0].bundle is not None) is good
