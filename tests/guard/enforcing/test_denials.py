"""What a model is told: short, on one line, in characters that can be seen, and with nothing that it must not learn."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agpc.guard import Answer, Question
from agpc.guard.enforcing import denials
from agpc.guard.enforcing.denials import LONGEST, Explain

SECRET = "s3cr3t-v4lue"
TEXTS = st.text(max_size=500)
EXPLAIN: list[Explain] = ["full", "reasons", "nothing"]
REQUIREMENTS = st.lists(
    st.one_of(
        st.builds(
            lambda by: {"type": "approval", "by": by, "count": 1}, st.lists(TEXTS, max_size=9)
        ),
        st.just({"type": "confirmation"}),
        st.builds(lambda method: {"type": "step_up", "method": method}, TEXTS),
        st.dictionaries(TEXTS, TEXTS, max_size=3),
    ),
    max_size=9,
).map(tuple)
DECISIONS = st.fixed_dictionaries(
    {
        "effect": st.just("deny"),
        "rules": st.lists(TEXTS, max_size=30),
        "reasons": st.lists(TEXTS, max_size=30),
        "owner": st.one_of(
            st.none(), st.fixed_dictionaries({"name": TEXTS, "contact": TEXTS}), TEXTS
        ),
        "evidence": st.just([{"by": SECRET, "args": {"order": SECRET}}]),
        "requirements": st.just([{"type": "confirmation", "args": SECRET}]),
        "conditions": st.just(SECRET),
    }
)


def is_plain(text: str) -> bool:
    return text.isprintable() and len(text) <= LONGEST and text == text.strip()


@given(decision=DECISIONS, explain=st.sampled_from(EXPLAIN))
def test_a_denial_is_short_and_plain_and_tells_no_values(
    decision: dict[str, Any], explain: Explain
) -> None:
    text = denials.denied(Answer(None, "deny", decision), explain)
    assert is_plain(text) and SECRET not in text
    assert text.startswith("This call was not made") and "Nothing ran." in text


@given(tool=st.none() | TEXTS, possible=st.sets(TEXTS, max_size=40))
def test_what_would_be_permitted_is_told_in_names_alone(
    tool: str | None, possible: set[str]
) -> None:
    text = denials.denied(Answer(None, "deny", DENIED), tool=tool, possible=possible)
    assert is_plain(text)
    assert ("Other calls of this tool" in text) == (tool in possible)
    assert "In this task" not in denials.denied(
        Answer(None, "deny", DENIED), "nothing", tool=tool, possible=possible
    )


@given(
    texts=st.tuples(TEXTS, TEXTS, TEXTS),
    requirements=REQUIREMENTS,
    explain=st.sampled_from(EXPLAIN),
)
def test_what_waits_is_told_so(
    texts: tuple[str, str, str], requirements: tuple[Any, ...], explain: Explain
) -> None:
    text = denials.waiting(Question(*texts, requirements), explain)
    assert is_plain(text)
    assert "Repeat exactly the same call later" in text and "Nothing ran." in text


@given(why=TEXTS)
def test_whatever_is_said_stays_one_line(why: str) -> None:
    for tell in (denials.not_now, denials.malformed, denials.withheld, denials.undone):
        assert is_plain(tell(why))
    assert "Nothing ran." not in denials.withheld(why.replace("Nothing ran.", ""))


DENIED = {
    "effect": "deny",
    "rules": ["desk.secrets"],
    "reasons": ["Notes are read by everybody."],
    "owner": {"name": "Desk", "contact": "desk@acme.example"},
}


@pytest.mark.parametrize(
    ("explain", "told", "kept"),
    [
        ("full", ["read by everybody", "desk@acme.example", "desk.secrets"], []),
        ("reasons", ["read by everybody", "desk@acme.example"], ["desk.secrets"]),
        ("nothing", [], ["read by everybody", "desk@acme.example", "desk.secrets"]),
    ],
)
def test_the_setting_says_how_much(explain: Explain, told: list[str], kept: list[str]) -> None:
    text = denials.denied(Answer(None, "deny", DENIED), explain)
    assert all(each in text for each in told)
    assert not any(each in text for each in kept)
    assert "another way" in text
