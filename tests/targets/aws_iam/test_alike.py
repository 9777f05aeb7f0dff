"""What IAM cannot tell apart is found without holding each capability against each."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agpc.targets.aws_iam.binding import alike as module
from agpc.targets.aws_iam.binding.alike import alike
from agpc.targets.aws_iam.binding.facts import CapabilityPlace
from agpc.targets.aws_iam.binding.locations import read_location
from agpc.targets.aws_iam.language.patterns import Glob, may_meet

STEM = "arn:aws:s3:::"
LOCATIONS = [
    "*",
    *(STEM + each for each in ("b", "b/a", "b/${x}", "b/a/${x}", "b${x}", "bc/${x}/d", "${x}")),
]
ACTIONS = ("s3:GetObject", "s3:getobject", "s3:PutObject", "s3:ListBucket")
found_places = st.builds(
    lambda number, location, actions: CapabilityPlace(
        f"d.{number}", "d", actions, read_location(location)
    ),
    st.integers(0, 9),
    st.sampled_from(LOCATIONS),
    st.lists(st.sampled_from(ACTIONS), min_size=1, max_size=2, unique=True).map(tuple),
)


@given(st.lists(found_places, max_size=8, unique_by=lambda each: each.capability))
def test_those_that_share_an_action_on_some_arn_are_alike(found: list[CapabilityPlace]) -> None:
    places = {each.capability: each for each in found}

    def share(one: CapabilityPlace, other: CapabilityPlace) -> bool:
        mine, theirs = ({a.lower() for a in each.actions} for each in (one, other))
        return bool(mine & theirs) and may_meet(one.location.glob({}), other.location.glob({}))

    assert alike(places) == {
        name: tuple(o for o in sorted(places) if o != name and share(place, places[o]))
        for name, place in places.items()
    }


def test_places_that_start_otherwise_are_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = 0

    def counted(one: Glob, other: Glob) -> bool:
        nonlocal tried
        tried += 1
        return may_meet(one, other)

    monkeypatch.setattr(module, "may_meet", counted)
    places = {
        f"d{number}.read": CapabilityPlace(
            f"d{number}.read", f"d{number}", ACTIONS[:1], read_location(f"{STEM}b{number}/${{x}}")
        )
        for number in range(2_000)
    }
    assert set(alike(places).values()) == {()}
    assert tried == 0
