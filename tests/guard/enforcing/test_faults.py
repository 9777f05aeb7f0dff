"""Whatever fails, and whoever gives up waiting: nothing passes undecided, nothing is done twice, nothing is recorded twice."""

from __future__ import annotations

import asyncio
import itertools
import json
import tempfile
from collections import Counter
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from service.audit.stored import SIGNER, in_store

from agpc.guard import (
    Asked,
    Guard,
    Lost,
    NotDone,
    NotSent,
    Returned,
    Settings,
    Task,
    Unavailable,
    Withheld,
)
from agpc.guard.enforcing import asking, governed
from agpc.guard.enforcing.embedded import Embedded
from agpc.guard.enforcing.enforcement import canonical
from agpc.service.core import (
    SYSTEM,
    Adopt,
    Core,
    CoreSettings,
    Judge,
    Know,
    Problem,
    Publish,
    as_person,
)
from agpc.service.policies.generation import Generation, load_generation
from agpc.service.store import Store

from .desk import HELPER, JOE, LEAD, POLICY

Fault = Literal["none", "before", "after"]
"""Whether something fails: before it was done, or after, so that nobody hears that it was."""
Stage = Literal["never", "deciding", "decided", "performing", "performed", "telling", "told"]
"""When whoever waits for a call gives up."""
Ends = Literal["well", "badly", "not sent", "lost", "unfit"]
"""How the tool ends."""


@dataclass
class Plan:
    """What happens with one call."""

    kind: str
    number: int
    cancelled: Stage = "never"
    decides: list[Fault] = field(default_factory=list)
    tells: list[Fault] = field(default_factory=list)
    ends: Ends = "well"
    call: asyncio.Future[Any] | None = None
    performed: int = 0
    result: Any = None
    decides_failed: bool = False
    tells_failed: bool = False

    def __post_init__(self) -> None:
        """Remember whether an answer may never come, however often it is asked for."""
        self.decides_failed = "after" in self.decides
        self.tells_failed = len([each for each in self.tells if each != "none"]) >= governed.TRIES

    def at(self, stage: Stage) -> None:
        if stage == self.cancelled and self.call is not None:
            self.call.cancel()

    @property
    def arguments(self) -> dict[str, Any]:
        text = "the secret" if self.kind == "denied" else "the note"
        return (
            {"order": "o-7", "amount": self.number}
            if self.kind == "asked"
            else {"text": f"{text} {self.number}"}
        )

    @property
    def action(self) -> str:
        return "refund" if self.kind == "asked" else "note"


def written(arguments: dict[str, Any]) -> str:
    return canonical(arguments).decode()


PLAN: ContextVar[Plan] = ContextVar("plan")


class Faulty(Embedded):
    """An enforcement that fails as the plan of a call says, and a while of which passes at each step."""

    async def decide(self, asked: Asked, key: str) -> Any:
        plan = PLAN.get()
        plan.at("deciding")
        found = await _fails(plan.decides, lambda: Embedded.decide(self, asked, key))
        plan.at("decided")
        return found

    async def tell(self, *given: Any, **named: Any) -> None:
        plan = PLAN.get()
        plan.at("telling")
        await _fails(plan.tells, lambda: Embedded.tell(self, *given, **named))
        plan.at("told")


async def _fails(faults: list[Fault], work: Any) -> Any:
    fault = faults.pop(0) if faults else "none"
    await asyncio.sleep(0)
    if fault == "before":
        raise Unavailable("the store cannot be used now")
    found = await work()
    if fault == "after":
        raise Unavailable("no answer came")
    return found


class Broken(Exception):
    """What a tool raises."""


@cache
def generation() -> Generation:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "desk.agp"
        file.write_text(POLICY, encoding="utf-8")
        return load_generation([file])


class Faults(RuleBasedStateMachine):
    """Calls, alone and together, with faults wherever there can be one; and people who answer meanwhile."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.url = f"sqlite:///{self.folder.name}/agpc.db"
        self.runner = asyncio.Runner()
        self.core = Core(
            Store(self.url), generation(), CoreSettings(secret=bytes(32), signer=SIGNER)
        )
        self.guard = Guard(Faulty(self.core), Settings(wait=0))
        self.numbers = itertools.count(1)
        self.plans: list[Plan] = []
        self.task: Task = self.runner.run(self._begin())

    async def _begin(self) -> Task:
        adopt = Adopt(caller=SYSTEM, key="adopt", generation=generation(), note="begin")
        await self.core.do(adopt)
        await self.core.do(Know(caller=SYSTEM, key="know", person=LEAD, roles=("role:lead",)))
        return await self.guard.enforcement.start(
            HELPER, "desk.answer", {"order": "o-7"}, user=JOE, key="start"
        )

    # --- What happens -----------------------------------------------------------------------------

    FAULTS = st.lists(st.sampled_from(["none", "before", "after"]), max_size=5)

    @rule(
        plans=st.lists(
            st.builds(
                Plan,
                kind=st.sampled_from(["permitted", "permitted", "asked", "denied"]),
                number=st.just(0),
                cancelled=st.sampled_from(Stage.__args__),  # type: ignore[attr-defined]
                decides=FAULTS,
                tells=FAULTS,
                ends=st.sampled_from(Ends.__args__),  # type: ignore[attr-defined]
            ),
            min_size=1,
            max_size=5,
        )
    )
    def call(self, plans: list[Plan]) -> None:
        """Make calls at once."""
        for each in plans:
            each.number = next(self.numbers)
        self._run(plans)

    @precondition(lambda self: any(each.kind == "asked" for each in self.plans))
    @rule(again=st.data(), faults=FAULTS)
    def repeat(self, again: st.DataObject, faults: list[Fault]) -> None:
        """Make a call again, as a model does that was told to."""
        asked = [each for each in self.plans if each.kind == "asked"]
        before = again.draw(st.sampled_from(asked))
        self._run([Plan("asked", before.number, decides=faults)])

    @rule(verdict=st.sampled_from(["approve", "refuse"]))
    def judge(self, verdict: Any) -> None:
        """Answer a question, if one is open."""
        with self.core.view() as view:
            found = view.requests(state="pending")
        if found:
            judge = Judge(
                caller=as_person(LEAD),
                key=f"judge-{next(self.numbers)}",
                request=found[-1].id,
                verdict=verdict,
                policy=self.core.generation.digest,
            )
            with suppress(Problem):  # who has approved it has approved it
                self.runner.run(self.core.do(judge))

    def _run(self, plans: list[Plan]) -> None:
        self.plans += plans
        self.runner.run(self._all(plans))

    async def _all(self, plans: list[Plan]) -> None:
        for each in plans:
            token = PLAN.set(each)
            each.call = asyncio.ensure_future(self._one(each))
            PLAN.reset(token)
        futures = [each.call for each in plans if each.call is not None]
        for each, found in zip(
            plans, await asyncio.gather(*futures, return_exceptions=True), strict=True
        ):
            each.result = found
        await self.guard.close()

    async def _one(self, plan: Plan) -> Any:
        asked = Asked(self.task, "desk.shop", plan.action, plan.arguments)

        async def perform(decided: dict[str, Any]) -> Returned:
            assert decided == plan.arguments
            assert self._is_permitted(decided), "it was not permitted before it was done"
            plan.performed += 1
            plan.at("performing")
            await asyncio.sleep(0)
            if plan.ends == "badly":
                raise Broken("it broke")
            if plan.ends == "not sent":
                plan.performed -= 1
                raise NotSent from Broken()
            if plan.ends == "lost":
                raise Lost from Broken()
            plan.at("performed")
            value: Any = float("nan") if plan.ends == "unfit" else "done"
            return Returned(plan.number, value)

        return (await self.guard.call(asked, perform)).given

    # --- What holds -------------------------------------------------------------------------------

    def _bodies(self, kind: str) -> list[dict[str, Any]]:
        with self.core.view() as view:
            rows = view.events(0, view.head.seq)
            return [json.loads(bytes(each.body or b"")) for each in rows if each.kind == kind]

    def _is_permitted(self, decided: dict[str, Any]) -> bool:
        return any(
            each["effect"] == "permit" and each["request"]["action"]["properties"] == decided
            for each in self._bodies("call")
        )

    @invariant()
    def a_call_is_done_only_if_it_was_permitted_and_once_for_each_permit(self) -> None:
        done: Counter[str] = Counter()
        for each in self.plans:
            assert each.performed <= 1
            done[written(each.arguments)] += each.performed
            assert each.kind != "denied" or not each.performed
        permits: Counter[str] = Counter()
        for body in self._bodies("call"):
            if body["effect"] == "permit" and body["request"]["action"]["name"] != "start":
                given = body["request"]["action"]["properties"]
                permits[written(given)] += 1
        assert not done - permits

    @invariant()
    def what_is_told_of_a_call_is_told_once_and_is_true(self) -> None:
        calls = {
            each["id"]: each["request"]["action"].get("properties") for each in self._bodies("call")
        }
        told = Counter(each["call"] for each in self._bodies("outcome"))
        assert all(count == 1 for count in told.values())
        performed = [each.arguments for each in self.plans if each.performed]
        for each in self._bodies("outcome"):
            if each["outcome"] == "done":
                assert calls[each["call"]] in performed

    @invariant()
    def who_waits_hears_the_truth(self) -> None:
        for each in self.plans:
            found = each.result
            if isinstance(found, NotDone):
                assert each.performed == 0
            elif isinstance(found, Withheld):
                assert each.performed == 1
            elif isinstance(found, int):
                assert (found, each.performed) == (each.number, 1)
            else:
                assert isinstance(found, Broken | asyncio.CancelledError), repr(found)

    def teardown(self) -> None:
        """See that the trail is whole, and that nothing is open of which somebody knows the end."""
        self.runner.run(self.core.do(Publish(caller=SYSTEM, key="publish")))
        outcomes = {each["call"]: each["outcome"] for each in self._bodies("outcome")}
        lost = {
            written(each.arguments)
            for each in self.plans
            if each.ends == "lost" or each.decides_failed or each.tells_failed
        }
        for body in self._bodies("call"):
            action = body["request"]["action"]
            if body["effect"] != "permit" or action["name"] == "start":
                continue
            if written(action["properties"]) not in lost:
                assert body["id"] in outcomes, (body["id"], action)
        self.runner.run(self.guard.close())
        self.core.stop()
        self.runner.close()
        found = in_store(self.url)
        self.folder.cleanup()
        assert [each.what for each in found.wrong] == []


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for nothing that only takes time."""
    monkeypatch.setattr(governed, "FIRST_PAUSE", 0.0)
    monkeypatch.setattr(asking, "FIRST_LOOK", 0.0)


TestFaults = Faults.TestCase
TestFaults.settings = settings(
    max_examples=25,
    stateful_step_count=8,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
