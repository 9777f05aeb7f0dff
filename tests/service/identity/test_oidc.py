"""People by OpenID Connect: with two real providers, and with one that answers as no provider should."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jws
from joserfc.jwk import OctKey

from agpc.service.identity.oidc import Client, SignIn, Unreachable
from agpc.service.identity.persons import ClaimNames, identified
from agpc.service.outbound.fetching import Reach
from agpc.service.tokens.compact import Refused

from .hostile import CALLBACK, client, flow, hostile
from .issuer import Issuer, new_key, unsigned
from .providers import SECRET, Browser, dex, provider, why_no_dex, why_no_provider

needs_provider = pytest.mark.skipif(why_no_provider() is not None, reason=why_no_provider() or "")
needs_dex = pytest.mark.skipif(why_no_dex() is not None, reason=why_no_dex() or "")


READING = ClaimNames(
    person="sub", prefix="user:", roles_claim="groups", roles={"finance-leads": ("role:controller",)},
    methods={"mfa": ("amr:mfa", "acr:aal2")},
)  # fmt: skip


@needs_provider
@pytest.mark.parametrize(("id", "secret"), [("agpc", SECRET), ("public", None)])
def test_a_person_signs_in_with_a_provider(id: str, secret: str | None) -> None:
    with provider(CALLBACK) as issuer:
        sign_in, began, browser = client(issuer, id, secret), flow(), Browser()
        url = sign_in.begin(began)
        asked = parse_qs(urlsplit(url).query)
        assert asked["code_challenge_method"] == ["S256"] and began.verifier not in url
        answer = browser.signs_in(url, CALLBACK, login="ann", amr="pwd mfa")
        found = identified(READING, sign_in.complete(began, answer))
        assert (found.person, found.roles, found.methods) == (
            "user:ann",
            ("role:controller",),
            ("mfa",),
        )
        assert found.at is not None and abs(found.at - time.time()) < 60
        with pytest.raises(Refused, match="does not take the code"):
            sign_in.complete(began, answer)  # a code is good once

        again = flow(again=True)
        asked_again = sign_in.begin(again, acr=("aal2",))
        answer = browser.signs_in(asked_again, CALLBACK, login="ann", acr="aal2")
        shown = identified(READING, sign_in.complete(again, answer))
        assert shown.methods == ("mfa",) and shown.at is not None and shown.at >= found.at


@needs_provider
def test_what_was_answered_to_another_question_is_refused() -> None:
    with provider(CALLBACK) as issuer:
        sign_in, mine, theirs = client(issuer), flow(), flow()
        answer = Browser().signs_in(sign_in.begin(mine), CALLBACK, login="ann")
        for other, why in (
            ({**answer, "state": "x"}, "another question"),
            ({**answer, "state": theirs.state}, "another question"),
            ({**answer, "iss": "https://evil.example"}, "another provider"),
            ({name: each for name, each in answer.items() if name != "iss"}, "another provider"),
            ({**answer, "error": "access_denied"}, "let nobody in"),
            ({name: each for name, each in answer.items() if name != "code"}, "no code"),
        ):
            with pytest.raises(Refused, match=why):
                sign_in.complete(mine, other)
        with pytest.raises(Refused, match="does not take the code"):  # of which PKCE sees to it
            sign_in.complete(theirs, {**answer, "state": theirs.state})


@needs_provider
def test_who_is_let_in_by_nobody_is_nobody() -> None:
    with provider(CALLBACK) as issuer:
        sign_in, began = client(issuer), flow()
        answer = Browser().signs_in(sign_in.begin(began), CALLBACK, login="")
        with pytest.raises(Refused, match="let nobody in"):
            sign_in.complete(began, answer)


@needs_dex
def test_a_person_signs_in_with_dex(tmp_path: Path) -> None:
    with dex(tmp_path, CALLBACK) as issuer:
        sign_in, began = client(issuer), flow()
        answer = Browser().signs_in(sign_in.begin(began), CALLBACK)
        claims = sign_in.complete(began, answer)
        reading = ClaimNames(
            "email", "user:", "groups", {"authors": ("role:writer",)}, {"mfa": ("amr:mfa",)}
        )
        found = identified(reading, claims)
        assert (found.person, found.roles) == ("user:kilgore@kilgore.trout", ("role:writer",))
        assert (found.methods, found.at) == ((), None)  # Dex does not say when, or how


# --- A provider that answers as it likes ---------------------------------------------------------------


def test_the_provider_that_a_test_makes_is_one() -> None:
    with hostile() as other:
        assert other.signs_in()["sub"] == "ann"
        other.claims = {"aud": ["agpc", "them"], "azp": "agpc"}
        assert other.signs_in()["sub"] == "ann"


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"iss": "https://evil.example"}, "another provider"),
        ({"iss": None}, "another provider"),
        ({"aud": "them"}, "somebody else"),
        ({"aud": ["agpc", "them"]}, "another client"),
        ({"azp": "them"}, "another client"),
        ({"nonce": "x"}, "another sign-in"),
        ({"nonce": None}, "another sign-in"),
        ({"nonce": 5}, "another sign-in"),
        ({"exp": 1}, "expired"),
        ({"exp": None}, "when it ends"),
        ({"iat": 4_000_000_000}, "not good yet"),
        ({"auth_time": 4_000_000_000}, "not come"),
        ({"auth_time": "now"}, "a time in it"),
    ],
    ids=str,
)  # fmt: skip
def test_identity_tokens_that_are_not_for_this_sign_in(claims: dict[str, Any], why: str) -> None:
    with hostile() as other:
        other.claims = claims
        with pytest.raises(Refused, match=why):
            other.signs_in()


def test_who_was_to_show_again_who_they_are_has_done_so() -> None:
    with hostile() as other:
        assert other.signs_in(again=True)["sub"] == "ann"
        for claims in ({"auth_time": int(time.time()) - 120}, {"auth_time": None}):
            other.claims = claims
            with pytest.raises(Refused, match="not asked the person again"):
                other.signs_in(again=True)


def test_who_has_shown_it_too_long_ago_for_what_was_asked_has_to_again() -> None:
    with hostile() as other:
        for ago in (0, 8 * 3600 - 60):
            other.claims = {"auth_time": int(time.time()) - ago}
            assert other.signs_in()["sub"] == "ann"
        for at in (1, int(time.time()) - 8 * 3600 - 120):
            other.claims = {"auth_time": at}
            with pytest.raises(Refused, match="longer ago"):
                other.signs_in()
        other.claims = {
            "auth_time": None
        }  # many do not say when: nothing counts for a step-up then
        assert other.signs_in()["sub"] == "ann"


def test_identity_tokens_that_the_provider_has_not_signed() -> None:
    with hostile() as other:
        claims = {**other.good(), "iss": other.issuer}
        other.flow = flow()
        secret = jws.serialize_compact(
            {"alg": "HS256", "kid": "k1"},
            json.dumps(claims),
            OctKey.import_key(SECRET),
            algorithms=["HS256"],
        )
        for token, why in (
            (unsigned({"alg": "none", "kid": "k1"}, claims, b"x"), "none of its key"),
            (secret, "none of its key"),
            (other.keys.token("k1", "RS256", key=new_key("RS256"), **claims), "not of its key"),
            (
                other.keys.token("k2", "RS256", key=new_key("RS256"), **claims),
                "none of the provider",
            ),
            ("x", "no signed token"),
        ):
            other.token = token
            with pytest.raises(Refused, match=why):
                other.signs_in()


@pytest.mark.parametrize(
    "document",
    [
        {"issuer": "https://evil.example"},
        {"issuer": None},
        {"token_endpoint": None},
        {"token_endpoint": "ftp://127.0.0.1/"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": ["https://a"]},
    ],
    ids=str,
)
def test_a_document_that_leads_elsewhere(document: dict[str, Any]) -> None:
    with hostile() as other:
        other.document = document
        with pytest.raises(Unreachable):
            other.signs_in()


def test_a_provider_inside_is_asked_where_that_is_meant_alone() -> None:
    with hostile() as other:
        for issuer in (other.issuer, other.issuer.replace("http:", "https:")):
            far = SignIn(Client(issuer, "agpc", SECRET, CALLBACK, (), Reach()))
            with pytest.raises(Unreachable):
                far.begin(flow())
        assert other.asked == []


def test_codes_that_cannot_be_exchanged() -> None:
    with hostile() as other:
        for status in (302, 400, 500):
            other.status = status
            with pytest.raises(Refused, match="does not take"):
                other.signs_in()
        other.status, other.token = 200, ""


def test_keys_are_read_again_when_they_change() -> None:
    with hostile() as other:
        sign_in = client(other.issuer)
        ticks = [0.0]
        sign_in.found._clock = lambda: ticks[0]

        def once() -> Any:
            other.flow = flow()
            sign_in.begin(other.flow)
            return sign_in.complete(other.flow, {"code": "c", "state": other.flow.state})

        once()
        other.keys = Issuer({"k1": other.keys.keys["k1"], "k2": new_key("RS256")})
        for _ in range(5):
            other.token = other.keys.token("k2", "RS256", **other.good())
            with pytest.raises(Refused):
                once()
        assert (
            other.asked.count("/jwks") == 1
        )  # whoever sends tokens does not make us ask more often
        ticks[0] += 10
        other.flow = flow()
        sign_in.begin(other.flow)
        other.token = other.keys.token("k2", "RS256", **other.good())
        assert (
            sign_in.complete(other.flow, {"code": "c", "state": other.flow.state})["sub"] == "ann"
        )


# --- What claims mean ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claims", "roles"),
    [
        ({"groups": ["finance-leads"]}, ("role:controller",)),
        ({"groups": "finance-leads"}, ("role:controller",)),
        ({"groups": ["role:controller", "Finance-Leads", "finance-leads "]}, ()),
        ({"groups": {"finance-leads": True}}, ()),
        ({"groups": [["finance-leads"], 5, None]}, ()),
        ({"groups": None}, ()),
        ({}, ()),
    ],
    ids=str,
)
def test_only_what_the_settings_name_is_a_role(
    claims: dict[str, Any], roles: tuple[str, ...]
) -> None:
    assert identified(READING, {"sub": "ann", **claims}).roles == roles


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"sub": None},
        {"sub": ""},
        {"sub": 5},
        {"sub": ["ann"]},
        {"sub": "a\ufffd"},
        {"sub": "x" * 600},
    ],
    ids=str,
)
def test_who_has_no_name_is_nobody(claims: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        identified(READING, claims)


@pytest.mark.parametrize("name", ["role:lead", "role:other", "controller"])
def test_nobody_is_a_role(name: str) -> None:
    roles = {"leads": ("controller",), "others": ("role:lead",)}
    reading = ClaimNames("preferred_username", "", "groups", roles, {})
    assert identified(reading, {"preferred_username": "ann"}).person == "ann"
    with pytest.raises(Refused, match="the name of a role"):
        identified(reading, {"preferred_username": name})


def test_nobody_is_a_workload_or_an_address_that_is_not_verified() -> None:
    bare = ClaimNames("sub", "", "groups", {}, {})
    with pytest.raises(Refused):
        identified(bare, {"sub": "spiffe://acme.example/ns/a/sa/b"})
    mail = ClaimNames("email", "user:", "groups", {}, {})
    for verified in (None, False, "true", 1):
        with pytest.raises(Refused, match="verified"):
            identified(mail, {"email": "ann@acme.example", "email_verified": verified})


@pytest.mark.parametrize(
    ("claims", "methods"),
    [
        ({"amr": ["pwd", "mfa"]}, ("mfa",)),
        ({"acr": "aal2"}, ("mfa",)),
        ({"amr": ["pwd"], "acr": "aal1"}, ()),
        ({"amr": "aal2", "acr": "mfa"}, ()),
        ({"amr": {"mfa": 1}}, ()),
    ],
    ids=str,
)
def test_only_what_shows_a_method_is_one(claims: dict[str, Any], methods: tuple[str, ...]) -> None:
    assert identified(READING, {"sub": "ann", **claims}).methods == methods
