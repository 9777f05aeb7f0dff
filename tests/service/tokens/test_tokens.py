"""A token is taken if it is one that the service made, for whom it made it, as long as it is good; and else never."""

from __future__ import annotations

import base64
import hmac
import json
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey

from agpc.service.store import Lease, Task
from agpc.service.tokens.compact import Refused
from agpc.service.tokens.dpop import NEWEST, OLDEST, proved
from agpc.service.tokens.keys import TokenKeys
from agpc.service.tokens.tokens import LEEWAY, Tokens, chain_of

US = "https://agp.acme.example"
AGENT = "spiffe://acme.example/ns/desk/sa/helper"
DAY = 86_400
BEGIN = 1_795_514_400
NANO = 10**9
TASK = Task("t-1", "t-1", None, AGENT, None, "desk.answer", "{}", "active", "x", "{}", 1, 1, None)
LEASE = Lease(
    id="l-7",
    seq=7,
    task="t-1",
    agent=AGENT,
    caller="gateway",
    capabilities='["desk.shop.browse"]',
    asked_for="{}",
    policy="sha256:0",
    state="active",
    issued=BEGIN * NANO,
    decided=BEGIN * NANO,
    expires=(BEGIN + 900) * NANO,
    renewed=0,
    renew=2,
    agreed=False,
    chained=False,
    proved=None,
    ended=None,
    cause=None,
)


class Clock:
    def __init__(self) -> None:
        self.now = float(BEGIN)

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tokens(clock: Clock) -> Tokens:
    return Tokens(TokenKeys(bytes(range(32)), 30 * DAY, clock), US, clock=clock)


def b64(value: Any) -> str:
    content = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def part(token: str, number: int) -> dict[str, Any]:
    text = token.split(".")[number]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return found


def test_a_token_says_what_its_lease_is(tokens: Tokens) -> None:
    bound = replace(LEASE, proved="thumb", renewed=1)
    claims = tokens.read(
        tokens.of(bound, TASK, ["spiffe://acme.example/b", "spiffe://acme.example/a"])
    )
    assert claims == {
        "iss": US,
        "sub": AGENT,
        "aud": [US],
        "iat": BEGIN,
        "exp": BEGIN + 900,
        "jti": "l-7.1",
        "lease": "l-7",
        "task": "t-1",
        "intent": "desk.answer",
        "capabilities": ["desk.shop.browse"],
        "scope": "desk.shop.browse",
        "act": {"sub": "spiffe://acme.example/b", "act": {"sub": "spiffe://acme.example/a"}},
        "cnf": {"jkt": "thumb"},
    }  # fmt: skip


def test_the_chain_is_that_of_the_tasks() -> None:
    first = replace(TASK, id="t-0", agent="spiffe://acme.example/a")
    same = replace(first, id="t-a", parent="t-0")
    middle = replace(TASK, id="t-b", agent="spiffe://acme.example/b", parent="t-a")
    inner = replace(TASK, id="t-c", parent="t-b")
    known = {each.id: each for each in (first, same, middle, inner)}
    assert chain_of(inner, known.get) == ["spiffe://acme.example/b", "spiffe://acme.example/a"]
    assert chain_of(same, known.get) == []


def test_another_program_can_check_it_with_the_published_keys(tokens: Tokens) -> None:
    token = tokens.of(LEASE, TASK, [])
    published = tokens.keys.published()["keys"]
    (told,) = [each for each in published if each["kid"] == part(token, 0)["kid"]]
    assert all("d" not in each for each in published) and len(published) == 3
    found = jws.deserialize_compact(token, ECKey.import_key(told), algorithms=["ES256"])
    assert json.loads(found.payload)["sub"] == AGENT


def by_hand(header: dict[str, Any], claims: dict[str, Any], key: Any) -> str:
    """Sign what libraries refuse to sign: `key` is bytes (HMAC), or a key of RSA or of P-256."""
    text = f"{b64(header)}.{b64(claims)}"
    content = text.encode()
    if isinstance(key, bytes):
        return f"{text}.{b64(hmac.digest(key, content, 'sha256'))}"
    private = key.private_key
    if isinstance(key, RSAKey):
        return f"{text}.{b64(private.sign(content, PKCS1v15(), SHA256()))}"
    one, other = decode_dss_signature(private.sign(content, ECDSA(SHA256())))
    return f"{text}.{b64(one.to_bytes(32, 'big') + other.to_bytes(32, 'big'))}"


def forged(header: dict[str, Any], claims: dict[str, Any], key: Any, alg: str = "ES256") -> str:
    return by_hand({**header, "alg": alg}, claims, key)


def test_what_was_not_signed_by_us_is_not_taken(tokens: Tokens) -> None:
    token = tokens.of(LEASE, TASK, [])
    head, claims = part(token, 0), part(token, 1)
    ours = tokens.keys.signing()
    public = {**ours.as_dict(private=False)}
    stranger = ECKey.generate_key("P-256")
    pem = ours.as_pem(private=False)
    tried = [
        f"{b64({**head, 'alg': 'none'})}.{b64(claims)}.",
        f"{b64({**head, 'alg': 'none'})}.{b64(claims)}.{token.split('.')[2]}",
        f"{token.rpartition('.')[0]}.",
        f"{token.rpartition('.')[0]}.{b64(bytes(64))}",
        f"{token.split('.')[0]}.{b64({**claims, 'exp': BEGIN + 10**6})}.{token.split('.')[2]}",
        forged(head, claims, stranger, "ES256"),
        forged({**head, "kid": stranger.thumbprint()}, claims, stranger, "ES256"),
        forged({**head, "jwk": stranger.as_dict(private=False)}, claims, stranger, "ES256"),
        forged(head, claims, pem, "HS256"),
        forged(head, claims, json.dumps(public).encode(), "HS256"),
        forged(head, claims, RSAKey.generate_key(2048), "RS256"),
        forged({**head, "typ": "JWT"}, claims, ours, "ES256"),
        forged({**head, "typ": "secevent+jwt"}, claims, ours, "ES256"),
        forged({"typ": "at+jwt"}, claims, ours, "ES256"),
        forged({**head, "kid": 7}, claims, ours, "ES256"),
        forged({**head, "crit": ["b64"], "b64": True}, claims, ours, "ES256"),
        *("", "a", "a.b", "a.b.c", "..", token + ".", f" {token}", token + "\n", token + "="),
        token.replace(".", ".\n", 1), "é" * 50, "A" * 100_000,
    ]  # fmt: skip
    for each in tried:
        with pytest.raises(Refused):
            tokens.read(each)
    assert tokens.read(token)["lease"] == "l-7"


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://other.example"},
        {"aud": US},
        {"aud": ["https://other.example"]},
        {"aud": [US, "https://other.example"]},
        {"aud": None},
        {"exp": None},
        {"exp": "never"},
        {"exp": True},
        {"exp": 1e400},
        {"exp": 2**60},
        {"iat": BEGIN + LEEWAY + 1},
        {"iat": -1},
        {"lease": 7},
    ],
)
def test_one_that_we_signed_for_something_else_is_not_taken(
    tokens: Tokens, changed: dict[str, Any]
) -> None:
    token = tokens.of(LEASE, TASK, [])
    head, claims, key = part(token, 0), part(token, 1), tokens.keys.signing()
    assert tokens.read(forged(head, claims, key, "ES256")) == claims
    with pytest.raises(Refused):
        tokens.read(forged(head, {**claims, **changed}, key, "ES256"))


def test_a_member_that_stands_twice_is_not_taken(tokens: Tokens) -> None:
    head, body = part(tokens.of(LEASE, TASK, []), 0), part(tokens.of(LEASE, TASK, []), 1)
    text = json.dumps(body)[:-1] + ',"sub":"spiffe://acme.example/other"}'
    registry = jws.JWSRegistry(algorithms=["ES256"])
    twice = jws.serialize_compact(head, text, tokens.keys.signing(), registry=registry)
    with pytest.raises(Refused):
        tokens.read(twice)


def test_clock_edges(tokens: Tokens, clock: Clock) -> None:
    token = tokens.of(LEASE, TASK, [])
    for now in (BEGIN - LEEWAY, BEGIN, BEGIN + 899.999):
        clock.now = now
        assert tokens.read(token)
    for now in (BEGIN - LEEWAY - 0.001, BEGIN + 900, BEGIN + 10**6):  # its end has no leeway
        clock.now = now
        with pytest.raises(Refused):
            tokens.read(token)


def test_keys_rotate_and_the_next_one_is_known_before_it_signs(
    tokens: Tokens, clock: Clock
) -> None:
    begin = (BEGIN // (30 * DAY)) * 30 * DAY
    clock.now = begin + 30 * DAY - 1.0
    old = tokens.keys.signing()
    late = replace(LEASE, decided=int(clock.now) * NANO, expires=int(clock.now + 900) * NANO)
    token, known = (
        tokens.of(late, TASK, []),
        {each["kid"] for each in tokens.keys.published()["keys"]},
    )
    clock.now += 2
    assert tokens.keys.signing().kid != old.kid and tokens.keys.signing().kid in known
    assert tokens.read(token)
    assert tokens.keys.known(str(old.kid)) is not None
    clock.now += 30 * DAY
    assert tokens.keys.known(str(old.kid)) is None


def test_keys_of_another_secret_are_other_ones(clock: Clock) -> None:
    one, other = (TokenKeys(bytes([each]) * 32, DAY, clock) for each in (1, 2))
    again = TokenKeys(bytes([1]) * 32, DAY, clock)
    assert one.signing().kid == again.signing().kid != other.signing().kid


# --- Proofs of possession -------------------------------------------------------------------------

URL = f"{US}/v1/leases"


def proof(key: Any, alg: str, header: dict[str, Any] | None = None, **claims: Any) -> str:
    told = {"jti": "j-1", "htm": "POST", "htu": URL, "iat": BEGIN, **claims}
    told = {name: each for name, each in told.items() if each is not None}
    jwk = {} if isinstance(key, bytes) else {"jwk": key.as_dict(private=False)}
    head = {"typ": "dpop+jwt", **jwk, "alg": alg, **(header or {})}
    if isinstance(key, OKPKey):
        registry = jws.JWSRegistry(algorithms=[alg])
        return jws.serialize_compact(head, json.dumps(told), key, registry=registry)
    return by_hand(head, told, key)


@pytest.mark.parametrize("alg", ["ES256", "Ed25519"])
def test_a_proof_names_its_key_and_itself(alg: str) -> None:
    key = ECKey.generate_key("P-256") if alg == "ES256" else OKPKey.generate_key("Ed25519")
    found = proved(proof(key, alg), "POST", URL, lambda: BEGIN)
    assert found.thumbprint == key.thumbprint()
    assert proved(proof(key, alg, jti="j-2"), "POST", URL, lambda: BEGIN).id != found.id
    assert proved(proof(key, alg), "POST", URL, lambda: BEGIN).id == found.id
    for now in (BEGIN - NEWEST, BEGIN + OLDEST):
        assert proved(proof(key, alg), "POST", URL, lambda now=now: now)
    for now in (BEGIN - NEWEST - 1, BEGIN + OLDEST + 1, BEGIN + 10**9):
        with pytest.raises(Refused):
            proved(proof(key, alg), "POST", URL, lambda now=now: now)


def test_what_is_no_proof_for_this_request_is_not_taken() -> None:
    key, other = ECKey.generate_key("P-256"), ECKey.generate_key("P-256")
    private = key.as_dict(private=True)
    secret = bytes(range(32))
    good = proof(key, "ES256")
    head, body, _ = good.split(".")
    tried = [
        proof(other, "ES256", header={"jwk": key.as_dict(private=False)}),
        proof(key, "ES256", htm="GET"),
        proof(key, "ES256", htu=f"{US}/v1/token"),
        proof(key, "ES256", htu="https://other.example/v1/leases"),
        proof(key, "ES256", jti=None),
        proof(key, "ES256", jti=""),
        proof(key, "ES256", jti="x" * 257),
        proof(key, "ES256", iat=None),
        proof(key, "ES256", header={"typ": "JWT"}),
        proof(key, "ES256", header={"jwk": private}),
        proof(key, "ES256", header={"jwk": other.as_dict(private=False)}),
        proof(key, "ES256", header={"jwk": "key"}),
        proof(key, "ES256", header={"jwk": {"kty": "oct", "k": "AAAA"}}),
        proof(key, "ES256", header={"kid": "k"}),
        proof(secret, "HS256", header={"jwk": {"kty": "oct", "k": b64(secret)}}),
        proof(RSAKey.generate_key(2048), "RS256"),
        f"{b64({'alg': 'none', 'typ': 'dpop+jwt', 'jwk': key.as_dict(private=False)})}.{body}.",
        f"{head}.{body}.{b64(bytes(64))}",
    ]
    for each in tried:
        with pytest.raises(Refused):
            proved(each, "POST", URL, lambda: BEGIN)
