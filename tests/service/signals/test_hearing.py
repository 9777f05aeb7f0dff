"""What another system tells ends leases, and sessions of people, in the turn in which it is recorded, and once."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from joserfc.jwk import ECKey

from agpc.audit.reading.notes import LogKey
from agpc.audit.reading.trail import StoredTrail
from agpc.audit.verify import verify
from agpc.service.audit.notes import Signer
from agpc.service.core import (
    SYSTEM,
    Caller,
    Issue,
    Judge,
    Know,
    Problem,
    Publish,
    SignIn,
    Start,
    as_person,
)
from agpc.service.http.endpoints.hearing import hearing_routes
from agpc.service.http.gate.callers import hashed
from agpc.service.identity.bundles import Bundles, Source
from agpc.service.outbound.fetching import NotFetched, Reach
from agpc.service.signals.meanings import DEFAULTS, NAMES
from agpc.service.signals.polling import PollEndpoint, Poller
from agpc.service.signals.reading import NotTaken, Transmitters

from ..core.desk import HELPER, OTHER, Desk, opened, policy, start
from ..http.served import Answer, Served, serving
from ..identity.issuer import b64, new_key, unsigned
from .transmitting import ISSUER, JOE, REVOKED, US, Lying, Sender, known, lying

SIGNER = Signer.generate("log.example/desk")
GATEWAY = Caller("gateway", ("start", "decide"), (HELPER, OTHER))
POLICY = """
language 2
package desk

agent helper = "spiffe://acme.example/ns/desk/sa/helper"
agent other  = "spiffe://acme.example/ns/desk/sa/other"
intent answer "Answer a customer" { order: string }
intent look   "Look an order up" { order: string }
tool shop { read action peek() }

delegate other for look to helper for answer

grant peeking {
    to  helper
    for answer
    allow shop.peek
    credential ttl 1h
}
grant looking {
    to  other
    for look
    allow shop.peek
    allow answer.start
    credential ttl 1h
}
"""


class House:
    """A service with a transmitter that it believes."""

    def __init__(self, desk: Desk, served: Served, there: Lying, url: str) -> None:
        self.desk, self.served, self.there, self.url = desk, served, there, url

    def push(
        self, text: str, *, key: str = "okta", media: str = "application/secevent+jwt"
    ) -> Answer:
        return self.served.ask(
            "POST", "/ssf/events", key=key, content=text.encode(), headers={"content-type": media}
        )

    def told(self, **claims: Any) -> None:
        """Bring an event that is taken in."""
        answer = self.push(self.there.sender.set(**claims))
        assert (answer.status, answer.content) == (202, b""), answer

    def task(self, user: str = "user:joe", agent: str = HELPER, inside: str | None = None) -> str:
        intent = "answer" if agent == HELPER else "look"
        request = start(intent=intent, task=inside)
        if inside is None:
            request["subject"]["id"] = agent
            request["context"] = {"user": {"id": user}}
        else:
            request["subject"]["id"] = OTHER
        operation = Start(
            caller=GATEWAY, key=self.desk.key(), request=request, agent=inside and agent
        )
        found: str = self.desk.do(operation)["task"]["id"]
        return found

    def lease(self, task: str, **context: Any) -> str:
        issue = Issue(
            caller=GATEWAY, key=self.desk.key(), task=task, capabilities=("desk.shop.peek",),
            context={"delegation": [], **context},
        )  # fmt: skip
        found: str = self.desk.do(issue)["lease"]
        return found

    def is_good(self, lease: str) -> bool:
        with self.desk.core.view() as view:
            found = view.lease(lease)
            assert found is not None
            return view.is_good(found)

    def bodies(self, kind: str) -> list[dict[str, Any]]:
        with self.desk.core.view() as view:
            found = view.events(0, view.head.seq)
            return [json.loads(bytes(each.body or b"{}")) for each in found if each.kind == kind]


@contextmanager
def a_house(url: str) -> Iterator[House]:
    with (
        opened(url, policy(POLICY), signer=SIGNER) as desk,
        lying() as (there, where),
        served_with(desk, known(there.sender, where, agents=(HELPER, OTHER))) as served,
    ):
        yield House(desk, served, there, where)
        desk.do(Publish(caller=SYSTEM, key="publish"))
        with desk.core.view() as view:
            found = verify(StoredTrail(view, view), LogKey.read(SIGNER.vkey))
        assert (found.verdict, found.wrong) == ("proved", [])


@pytest.fixture
def house(store_url: str) -> Iterator[House]:
    with a_house(store_url) as found:
        yield found


@pytest.fixture
def any_house(sqlite_url: str) -> Iterator[House]:
    """One for what does not depend on its store."""
    with a_house(sqlite_url) as found:
        yield found


@pytest.fixture(scope="module")
def unmoved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One for all that moves nothing in it."""
    with a_house(f"sqlite:///{tmp_path_factory.mktemp('unmoved')}/agpc.db") as found:
        yield found


def served_with(desk: Desk, transmitters: Transmitters) -> Any:
    callers = [
        {"name": name, "roles": [role], "key_sha256": hashed(name)}
        for name, role in (("okta", "signal"), ("other", "signal"), ("reader", "read"))
    ]
    return serving({"callers": callers}, desk.core, more=[hearing_routes(desk.core, transmitters)])


def sign_in(house: House, person: str = "user:joe", *roles: str) -> str:
    now = int(time.time())
    operation = SignIn(
        caller=SYSTEM, key=house.desk.key(), person=person, roles=roles, source=ISSUER,
        methods=("mfa",), at=now, ends=now + 3600,
    )  # fmt: skip
    return str(house.desk.do(operation)["session"])


# --- Whom it is about -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "subject",
    [
        JOE,
        {"format": "opaque", "id": "joe"},
        {"format": "email", "email": "JOE"},
        {"format": "account", "uri": "acct:joe"},
        {"format": "aliases", "identifiers": [{"format": "did", "url": "did:x"}, JOE]},
        {"format": "complex", "user": JOE, "device": {"format": "opaque", "id": "d-1"}},
        {"format": "complex", "user": JOE, "session": {"format": "opaque", "id": "l-999"}},
    ],
)
def test_the_leases_of_a_person_end_whichever_way_they_are_named(
    house: House, subject: dict[str, Any]
) -> None:
    mine, theirs = house.lease(house.task()), house.lease(house.task("user:ann"))
    house.told(sub_id=subject)
    assert not house.is_good(mine) and house.is_good(theirs)
    (ended,) = house.bodies("revoked")
    (signal,) = house.bodies("signal")
    assert (ended["cause"], ended["lease"], ended["why"]) == ("signal", mine, REVOKED)
    assert signal["caller"] == "transmitter:id" and signal["jti"] == "e-1"
    assert signal["events"] == [
        {"event": REVOKED, "understood": True, "effects": ["leases", "sessions"], "people": ["user:joe"]}
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("stored", "told"),
    [
        ("user:Joe@Acme.example", "jOE@acme.EXAMPLE"),
        ("user:joe@acme.example", "jOE@acme.EXAMPLE"),
        ("user:josé@acme.example", "JOSÉ@acme.example"),
        ("user:JOSÉ@acme.example", "jose\u0301@acme.example"),
    ],
)
@pytest.mark.parametrize("is_known", [False, True])
def test_an_address_is_one_whichever_way_it_is_written(
    house: House, stored: str, told: str, is_known: bool
) -> None:
    lease = house.lease(house.task(stored))
    if is_known:
        sign_in(house, stored)
    house.told(sub_id={"format": "email", "email": told})
    assert not house.is_good(lease)
    assert house.bodies("signal")[-1]["events"][0]["people"] == [stored]


def test_what_a_provider_calls_somebody_is_taken_to_the_letter(house: House) -> None:
    lease = house.lease(house.task())
    house.told(sub_id={**JOE, "sub": "Joe"})
    house.told(sub_id={**JOE, "iss": "https://elsewhere.example"})
    assert house.is_good(lease)


def test_the_leases_of_an_agent_end_and_of_those_who_act_for_it(house: House) -> None:
    above = house.task(agent=OTHER)
    inside, named = house.task(agent=HELPER, inside=above), house.task()
    chain = [{"agent": OTHER, "task": {"id": above}}]
    leases = [house.lease(above), house.lease(inside), house.lease(named, delegation=chain)]
    alone = house.lease(house.task())
    house.told(sub_id={"format": "uri", "uri": OTHER})
    assert [house.is_good(each) for each in (*leases, alone)] == [False, False, False, True]


def test_a_lease_and_a_task_end_by_their_names(house: House) -> None:
    task, other = house.task(), house.task()
    one, two, three = house.lease(task), house.lease(task), house.lease(other)
    agent = {"format": "uri", "uri": HELPER}
    named = {"format": "complex", "user": agent, "session": {"format": "opaque", "id": one}}
    house.told(sub_id=named)
    assert [house.is_good(each) for each in (one, two, three)] == [False, True, True]
    house.told(sub_id={"format": "opaque", "id": task})
    assert [house.is_good(each) for each in (one, two, three)] == [False, False, True]
    unknown = {**named, "session": {"format": "opaque", "id": "l-999"}}
    house.told(sub_id=unknown)  # a session that nobody knows here narrows nothing
    assert not house.is_good(three)


def test_an_agent_that_is_gone_has_no_session_left(house: House) -> None:
    one, two = house.lease(house.task()), house.lease(house.task())
    session = {"format": "opaque", "id": one}
    named = {"format": "complex", "user": {"format": "uri", "uri": HELPER}, "session": session}
    gone = "https://schemas.openid.net/secevent/risc/event-type/account-disabled"
    house.told(sub_id=named, events={gone: {}})
    assert [house.is_good(each) for each in (one, two)] == [False, False]


def test_nobody_speaks_of_agents_who_are_not_theirs(house: House) -> None:
    lease = house.lease(house.task())
    mine = known(house.there.sender, house.url, agents=("spiffe://acme.example/ns/ops/**",))
    with served_with(house.desk, mine) as served:
        other = House(house.desk, served, house.there, house.url)
        for subject in (
            {"format": "uri", "uri": HELPER},
            {"format": "opaque", "id": lease},
            {**JOE, "sub": HELPER},
        ):
            other.told(sub_id=subject)
    assert house.is_good(lease)


def test_a_draft_names_whom_it_is_about_in_the_event(house: House) -> None:
    lease = house.lease(house.task())
    house.told(sub_id=None, events={REVOKED: {"subject": JOE}})
    assert not house.is_good(lease)


# --- What it does ---------------------------------------------------------------------------------


GOOD = {
    "device-compliance-change": {"current_status": "compliant"},
    "assurance-level-change": {"change_direction": "increase"},
    "risk-level-change": {"current_level": "LOW"},
}


@pytest.mark.parametrize("name", sorted(NAMES))
def test_each_event_ends_what_it_ends_by_itself(any_house: House, name: str) -> None:
    house = any_house
    lease = house.lease(house.task())
    house.told(events={NAMES[name]: GOOD.get(name, {})})
    ends = "leases" in DEFAULTS[NAMES[name]] and name not in GOOD
    assert house.is_good(lease) is not ends
    if name in GOOD:
        house.told(events={NAMES[name]: {}})
        assert not house.is_good(lease)


def test_an_event_that_nobody_knows_is_recorded_as_such(house: House) -> None:
    lease = house.lease(house.task())
    house.told(events={"https://x.example/strange": {}})
    assert house.is_good(lease)
    (event,) = house.bodies("signal")[0]["events"]
    assert (event["understood"], event["effects"]) == (False, [])


def test_settings_say_what_an_event_ends(house: House) -> None:
    chosen: dict[str, Any] = {REVOKED: (), "https://x.example/strange": ("leases",)}
    lease = house.lease(house.task())
    with served_with(house.desk, known(house.there.sender, house.url, chosen=chosen)) as served:
        other = House(house.desk, served, house.there, house.url)
        other.told()
        assert house.is_good(lease)
        other.told(events={"https://x.example/strange": {}})
    assert not house.is_good(lease)


def test_the_sessions_of_a_person_end_and_those_that_begin_later_go_on(house: House) -> None:
    before, other = sign_in(house), sign_in(house, "user:ann")
    house.told()
    later = sign_in(house)
    with house.desk.core.view() as view:
        person, ann = view.person("user:joe"), view.person("user:ann")
    assert person is not None and ann is not None and person.active and ann.out is None
    number = person.out or 0
    assert int(before[2:]) < number < int(later[2:]) and other
    answer = house.desk
    judge = Judge(
        caller=as_person("user:joe"), key="j", request="q-1", verdict="approve", policy="x",
        session=before,
    )  # fmt: skip
    with pytest.raises(Problem, match="the session has ended"):
        answer.do(judge)


def test_who_is_disabled_has_left_but_for_whom_the_settings_say_to_be_there(house: House) -> None:
    sign_in(house)
    house.desk.do(Know(caller=SYSTEM, key="ann", person="user:ann", roles=("role:lead",)))
    for sub in ("joe", "ann"):
        house.told(sub_id={**JOE, "sub": sub}, events={NAMES["account-disabled"]: {}})
    with house.desk.core.view() as view:
        joe, ann = view.person("user:joe"), view.person("user:ann")
    assert joe is not None and not joe.active
    assert ann is not None and ann.active and ann.out is not None
    with pytest.raises(Problem, match="has left"):
        sign_in(house)


def test_several_events_of_one_token_are_one_operation(house: House) -> None:
    sign_in(house)
    lease = house.lease(house.task())
    house.told(
        events={NAMES["account-disabled"]: {}, REVOKED: {}, NAMES["verification"]: {"state": "x"}}
    )
    assert not house.is_good(lease)
    assert len(house.bodies("signal")) == 1 and len(house.bodies("revoked")) == 1


# --- Whether it is taken --------------------------------------------------------------------------


def test_what_was_signed_anew_to_be_sent_again_is_the_same(house: House) -> None:
    """A transmitter whose answer was lost may sign again, by an algorithm that never signs twice alike."""
    lease, at = house.lease(house.task()), int(time.time())
    one, other = (house.there.sender.set(jti="again", iat=at) for _ in range(2))
    assert one != other and one.split(".")[:2] == other.split(".")[:2]
    for text in (one, other):
        assert house.push(text).status == 202
    assert not house.is_good(lease)
    assert len(house.bodies("signal")) == 1


def test_what_comes_again_is_acknowledged_and_does_nothing(house: House) -> None:
    text = house.there.sender.set(jti="once")
    assert house.push(text).status == 202
    lease = house.lease(house.task())
    assert house.push(text).status == 202
    assert house.is_good(lease) and len(house.bodies("signal")) == 1
    again = house.push(house.there.sender.set(jti="once", iat=int(time.time()) - 5))
    assert (again.status, again.json["err"]) == (400, "invalid_request")
    assert house.is_good(lease)


def hostile() -> dict[str, tuple[str, Callable[[Sender], str]]]:
    """Tokens that are not taken, each with the word why."""
    future = int(time.time()) + 3600
    deep: Any = {}
    for _ in range(100):
        deep = {"a": deep}
    claims = {
        "iss": ISSUER,
        "aud": US,
        "iat": 1,
        "jti": "x",
        "sub_id": JOE,
        "events": {REVOKED: {}},
    }
    return {
        "nothing": ("invalid_request", lambda _: ""),
        "no token": ("invalid_request", lambda _: "a.b"),
        "no signature": (
            "invalid_request",
            lambda _: unsigned({"alg": "none", "typ": "secevent+jwt", "kid": "k1"}, claims),
        ),
        "alg none": (
            "invalid_key",
            lambda _: unsigned({"alg": "none", "typ": "secevent+jwt", "kid": "k1"}, claims, b"x"),
        ),
        "a shared secret": (
            "invalid_key",
            lambda _: unsigned({"alg": "HS256", "typ": "secevent+jwt", "kid": "k1"}, claims, b"x"),
        ),
        "another key": ("invalid_key", lambda s: s.set(key=new_key())),
        "an unknown key": ("invalid_key", lambda s: s.set(kid="k9", key=new_key())),
        "its own key": (
            "invalid_request",
            lambda s: s.set(header={"jwk": ECKey.generate_key("P-256").as_dict(private=False)}),
        ),
        "an identity token": ("invalid_request", lambda s: s.set(header={"typ": "JWT"})),
        "another issuer": ("invalid_issuer", lambda s: s.set(iss="https://elsewhere.example")),
        "no issuer": ("invalid_issuer", lambda s: s.set(iss=None)),
        "for others": ("invalid_audience", lambda s: s.set(aud=["https://elsewhere.example"])),
        "for nobody": ("invalid_audience", lambda s: s.set(aud=None)),
        "not yet": ("invalid_request", lambda s: s.set(iat=future)),
        "no time": ("invalid_request", lambda s: s.set(iat=None)),
        "a bad time": ("invalid_request", lambda s: s.set(iat="now")),
        "with an end": ("invalid_request", lambda s: s.set(exp=future)),
        "no name": ("invalid_request", lambda s: s.set(jti=None)),
        "an empty name": ("invalid_request", lambda s: s.set(jti="")),
        "a broken name": ("invalid_request", lambda s: s.set(jti="a\0b")),
        "no events": ("invalid_request", lambda s: s.set(events={})),
        "events that are none": ("invalid_request", lambda s: s.set(events=[REVOKED])),
        "an event that is none": ("invalid_request", lambda s: s.set(events={REVOKED: "x"})),
        "many events": (
            "invalid_request",
            lambda s: s.set(events={f"https://x.example/{i}": {} for i in range(17)}),
        ),
        "about nobody": ("invalid_request", lambda s: s.set(sub_id=None)),
        "a broken subject": ("invalid_request", lambda s: s.set(sub_id={**JOE, "sub": "j\0"})),
        "a subject in itself": (
            "invalid_request",
            lambda s: s.set(sub_id={"format": "complex", "user": {"format": "complex"}}),
        ),
        "aliases in aliases": (
            "invalid_request",
            lambda s: s.set(
                sub_id={"format": "aliases", "identifiers": [{"format": "aliases"}]}
            ),
        ),
        "huge": ("invalid_request", lambda s: s.set(events={REVOKED: {"x": "y" * 20_000}})),
        "deep": ("invalid_request", lambda s: s.set(events={REVOKED: deep})),
    }  # fmt: skip


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


# --- Fetching -------------------------------------------------------------------------------------


def place(house: House) -> tuple[Poller, PollEndpoint]:
    transmitters = known(house.there.sender, house.url)
    found = PollEndpoint(
        transmitters.all[0], f"{house.url}/poll", 10, Reach(private=True), {"authorization": "Bearer ours"}
    )  # fmt: skip
    return Poller(transmitters), found


def lie(house: House, count: int, **claims: Any) -> list[str]:
    for _ in range(count):
        text = house.there.sender.set(**claims)
        house.there.sets[f"e-{house.there.sender.count}"] = text
    return list(house.there.sets)


def test_what_lies_there_is_fetched_and_acknowledged(house: House) -> None:
    lease, names = house.lease(house.task()), lie(house, 5)
    house.there.most = 2
    poller, where = place(house)
    poller.poll(where, house.desk.core.do_now)
    assert not house.is_good(lease) and house.there.sets == {}
    assert [each["jti"] for each in house.bodies("signal")] == names
    assert house.there.refused == {}


def test_nothing_is_acknowledged_before_it_lasts(house: House) -> None:
    lease, names = house.lease(house.task()), lie(house, 2)
    poller, where = place(house)

    def failing(operation: Any) -> dict[str, Any]:
        if operation.jti == names[1]:
            raise Problem(503, "unavailable", "the store is away")
        return house.desk.core.do_now(operation)

    with pytest.raises(Problem):
        poller.poll(where, failing)
    assert len(house.there.sets) == 2 and all("ack" not in each for each in house.there.asked)
    poller.poll(where, house.desk.core.do_now)
    assert house.there.sets == {} and not house.is_good(lease)
    assert [each["jti"] for each in house.bodies("signal")] == names  # the first of them once


def test_what_was_not_acknowledged_comes_again_and_does_nothing(house: House) -> None:
    (name,) = lie(house, 1)
    poller, where = place(house)
    house.there.answers = [json.dumps({"sets": dict(house.there.sets)}).encode(), b"{"]
    with pytest.raises(NotFetched):
        poller.poll(where, house.desk.core.do_now)
    place_of_another_process = place(house)
    place_of_another_process[0].poll(place_of_another_process[1], house.desk.core.do_now)
    assert [each["jti"] for each in house.bodies("signal")] == [name]


def test_what_is_not_good_is_told_and_keeps_nobody_waiting(house: House) -> None:
    bad = {what: make(house.there.sender) for what, (_, make) in hostile().items()}
    house.there.sets = {**bad, "none": 7, "other": house.there.sender.set(jti="x")}
    lease = house.lease(house.task())
    (good,) = (each for each in lie(house, 1) if each.startswith("e-"))
    poller, where = place(house)
    poller.poll(where, house.desk.core.do_now)
    assert not house.is_good(lease) and house.there.sets == {}
    codes = {name: each["err"] for name, each in house.there.refused.items()}
    expected = {what: code for what, (code, _) in hostile().items()}
    assert codes == {**expected, "none": "invalid_request", "other": "invalid_request"}
    assert [each["jti"] for each in house.bodies("signal")] == [good]


@pytest.mark.parametrize("answer", [b"[]", b"{}", b'{"sets": []}', b"\xff", b"[" * 5000])
def test_an_answer_that_is_none_is_not_read(any_house: House, answer: bytes) -> None:
    house = any_house
    house.there.answers = [answer]
    poller, where = place(house)
    with pytest.raises(NotFetched):
        poller.poll(where, house.desk.core.do_now)
