"""Nobody is two people, whatever their id is written with, and nobody is taken for another one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from unicodedata import is_normalized, normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agpc.service.config.callers import PersonEntry
from agpc.service.config.models import Settings
from agpc.service.core import Problem, Start
from agpc.service.core.people.names import folded, may_be_same, why_no_name
from agpc.service.identity.persons import ClaimNames, identified
from agpc.service.tokens.compact import Refused

from .asking import bodies, in_session, judge, know, refund
from .checking import checked, of_kind, wrong
from .desk import DESK, Desk, opened, policy, start

NAME = "user:am\u00e9lie"
ALIKE = [
    "user:AM\u00c9LIE",
    "USER:am\u00e9lie",
    "user:\uff41m\u00e9lie",
    "user:am\u00e9\u217eie".replace("\u217e", "\uff4c"),
]
NONE = [
    "user:ame\u0301lie",
    "user:ann\u200b",
    "user:\u202eann",
    " user:ann",
    "user:ann\n",
    "spiffe://a/b",
    "",
    "x" * 513,
    "a\ud800",
]


@pytest.fixture
def desk(store_url: str) -> Iterator[Desk]:
    with opened(store_url, policy()) as desk:
        yield desk


def start_for(desk: Desk, user: str) -> str:
    request = start()
    request["context"] = {"user": {"id": user}}
    return str(desk.do(Start(caller=DESK, key=desk.key(), request=request))["task"]["id"])


@pytest.mark.parametrize("name", ALIKE)
def test_no_two_people_are_called_nearly_alike(desk: Desk, name: str) -> None:
    know(desk, NAME, "role:lead")
    with pytest.raises(Problem) as found:
        know(desk, name, "role:lead")
    assert found.value.code == "look_alike"
    with pytest.raises(Problem) as found:
        start_for(desk, name)
    assert found.value.code == "look_alike"
    know(desk, NAME, "role:clerk")
    start_for(desk, NAME)


@pytest.mark.parametrize("name", NONE)
def test_what_is_no_name_names_nobody(desk: Desk, name: str) -> None:
    assert why_no_name(name) is not None
    for work in (lambda: know(desk, name), lambda: start_for(desk, name)):
        with pytest.raises(Problem) as found:
            work()
        assert found.value.status == 400
    with pytest.raises(ValueError):
        PersonEntry(id=name, key_sha256="0" * 64)
    if name:
        with pytest.raises(Refused):
            identified(ClaimNames("sub", "", "groups", {}, {}), {"sub": name})


@pytest.mark.parametrize("name", ALIKE)
def test_nobody_approves_for_themselves_under_another_writing(desk: Desk, name: str) -> None:
    task = start_for(desk, name)  # before anybody knows the person
    know(desk, NAME, "role:lead")
    with pytest.raises(Problem) as found:
        judge(desk, refund(desk, task), NAME)
    assert found.value.code == "forbidden" and bodies(desk, "verdict") == []


def test_the_verifier_finds_people_who_are_called_alike(desk: Desk) -> None:
    know(desk, NAME, "role:lead")
    know(desk, "user:bob", "role:lead")
    assert wrong(checked(desk)) == []
    names: dict[str, Any] = {"user:bob": ALIKE[0]}

    def change(event: Any) -> Any:
        person = (event.body or {}).get("person")
        return of_kind("admin", person=names[person])(event) if person in names else event

    assert wrong(checked(desk, change)) == [
        "two people have ids that differ in nothing but how they are written"
    ]
    names["user:bob"] = "user:ame\u0301lie"
    assert wrong(checked(desk, change)) == [
        "the id of a person is not written in the normal form of Unicode"
    ]


ODD = "group:50%_\\é'\"x"


@pytest.mark.parametrize("name", ["user:bob", ODD])
def test_nothing_is_a_person_and_a_role(desk: Desk, name: str) -> None:
    know(desk, name, "role:lead")
    with pytest.raises(Problem) as found:
        know(desk, "user:mallory", "role:clerk", name)
    assert found.value.code == "role_of_name"
    with pytest.raises(Problem) as found:
        in_session(desk, "user:mallory", name)
    assert found.value.code == "role_of_name"
    know(desk, name, active=False)  # and may come back
    with pytest.raises(Problem, match="name of a person"):
        know(desk, "user:mallory", name)
    with pytest.raises(Problem, match="name of a person"):
        know(desk, "user:eve", "user:eve")
    assert [each["person"] for each in bodies(desk, "admin") if each["what"] == "person"] == [
        name,
        name,
    ]


@pytest.mark.parametrize("name", ["group:lead", ODD])
def test_nobody_becomes_known_by_the_name_of_a_role(desk: Desk, name: str) -> None:
    know(desk, "user:ann", "role:clerk", name)
    for work in (lambda: know(desk, name), lambda: in_session(desk, name)):
        with pytest.raises(Problem) as found:
            work()
        assert found.value.code == "name_of_role"
    know(desk, name.replace("_", "-").replace("lead", "Le%d"))  # which is another one
    with pytest.raises(Problem) as found:
        know(desk, "role:lead")
    assert found.value.status == 400
    know(desk, "user:ann")
    know(desk, name)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ({"people": [("user:bob", []), ("user:eve", ["user:bob"])]}, "is a person"),
        ({"people": [("user:bob", ["user:bob"])]}, "is a person"),
        ({"people": [("group:lead", []), ("user:eve", ["group:lead"])]}, "is a person"),
        ({"people": [("user:bob", [])], "oidc": {"x": ["user:bob"]}}, "is a person"),
        ({"people": [("role:lead", [])]}, "is the name of a role"),
    ],
    ids=str,
)
def test_settings_in_which_a_role_is_a_person_are_refused(text: Any, why: str) -> None:
    settings: dict[str, Any] = {
        "public_url": "https://agp.example",
        "callers": [
            {"name": "gate", "roles": ["outcome"], "key_sha256": "0" * 64},
        ],
        "people": [
            {"id": id, "roles": roles, "key_sha256": f"{number}" * 64}
            for number, (id, roles) in enumerate(text["people"], 1)
        ],
    }
    if "oidc" in text:
        settings["oidc"] = {
            "issuer": "https://id.example",
            "client_id": "agpc",
            "roles": text["oidc"],
        }
    with pytest.raises(ValueError, match=why):
        Settings.model_validate(settings)
    for each in settings["people"]:
        each["roles"], each["id"] = ["role:lead"], each["id"].replace("role:", "user:")
    settings.pop("oidc", None)
    Settings.model_validate(settings)


def test_the_verifier_finds_what_is_a_person_and_a_role(desk: Desk) -> None:
    know(desk, "user:ann", "role:lead")
    know(desk, "user:bob", "role:lead")
    assert wrong(checked(desk)) == []

    def as_changed(of: str, **changes: Any) -> list[str]:
        def change(event: Any) -> Any:
            is_it = (event.body or {}).get("person") == of
            return of_kind("admin", **changes)(event) if is_it else event

        return wrong(checked(desk, change))

    assert as_changed("user:bob", roles=["user:ann"]) == ["a role has the name of a person"]
    assert as_changed("user:bob", roles=["user:bob"]) == ["a role has the name of a person"]
    assert as_changed("user:bob", person="role:lead") == [
        "a person has the name of a role",
        "a role has the name of a person",  # their own
        "a person has the name of a role that somebody has",
    ]
    assert as_changed("user:ann", roles=["user:bob"]) == [
        "a person has the name of a role that somebody has"
    ]


@given(st.text(min_size=1, max_size=20))
def test_writing_a_name_otherwise_makes_nobody_else(name: str) -> None:
    for other in (
        normalize("NFC", name),
        normalize("NFD", name),
        normalize("NFKC", name),
        name.upper(),
    ):
        if other == name.upper() and name.casefold() != other.casefold():
            continue  # no pair of one letter
        assert may_be_same(name, other)
    assert folded(folded(name)) == folded(name)
    assert why_no_name(name) is not None or is_normalized("NFC", name)
