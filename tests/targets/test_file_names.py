"""Names of agents and intents become paths that every file system in use can hold."""

from __future__ import annotations

from generators import hostile_text
from hypothesis import given
from hypothesis import strategies as st

from agpc.targets.file_names import Paths, segment
from agpc.targets.write import check_paths

names = hostile_text() | st.text(max_size=4) | st.just("n" * 300) | st.just("\u65e5" * 99)


@given(st.lists(st.tuples(names, names), max_size=6))
def test_all_paths_that_are_taken_can_be_written_together(pairs: list[tuple[str, str]]) -> None:
    paths = Paths()
    taken = [paths.take(f"{segment(one)}/{segment(other)}", ".json") for one, other in pairs]
    assert len({each.lower() for each in taken}) == len(pairs)
    check_paths(dict.fromkeys(taken))


@given(names, names)
def test_two_names_are_two_segments(one: str, other: str) -> None:
    assert (segment(one) == segment(other)) is (one == other)


def test_plain_names_are_as_they_are_and_long_ones_keep_their_beginning() -> None:
    assert segment("shop.order_bot-2") == "shop.order_bot-2"
    assert segment("n" * 200) == "n" * 200
    assert segment("n" * 201).startswith("n" * 183 + "~")
    assert len(segment("n" * 5_000)) == 200


def test_a_path_that_differs_in_case_alone_has_a_number() -> None:
    paths = Paths()
    assert [paths.take(each, ".json") for each in ("a/B", "a/b", "A/b")] == [
        "a/B.json",
        "a/b~2.json",
        "A/b~3.json",
    ]
