"""Structs do what dataclasses of the standard library do."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import operator
import pickle
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from functools import cached_property
from threading import Barrier
from types import SimpleNamespace, new_class
from typing import Any

import pytest

from agpc.compiler import structs
from agpc.compiler.structs import Struct, changed

Maker = Callable[..., Callable[[type], type]]


class Said:
    """What a field of a class says that is declared again; a class that is no struct has none of structs."""

    def __init__(self, **said: Any) -> None:
        """Keep it."""
        self.said = said


def struct(*, frozen: bool = False, slots: bool = False, **other: bool) -> Callable[[type], type]:
    """Declare a class again, as a struct: what a decorator of the standard library says is said to both."""

    def decorate(cls: type) -> type:
        body = {
            name: structs.field(**value.said) if isinstance(value, Said) else value
            for name, value in vars(cls).items()
            if name not in ("__dict__", "__weakref__")
        }
        bases = (
            *(getattr(each, "stands_for", each) for each in cls.__bases__ if each is not object),
            Struct,
        )
        body["__qualname__"] = cls.__qualname__
        how = {"frozen": frozen, "slots": slots, **other}
        return new_class(cls.__name__, bases, how, lambda made: made.update(body))

    return decorate


def itself(cls: Any) -> Any:
    """What a class inherits from that is a dataclass."""
    return cls


def stand_in(cls: Any) -> Any:
    """What it inherits from that is declared again, by which `struct` knows the base that it has then."""
    return type(cls.__name__, (), {"stands_for": cls})


def made(dataclass: Maker, field: Any, base: Callable[[Any], Any]) -> SimpleNamespace:
    @dataclass(frozen=True, slots=True)
    class Empty:
        """Nothing."""

    @dataclass(frozen=True, slots=True)
    class Node:
        """With what nodes have."""

        name: str
        values: tuple[int, ...] = ()
        span: int | None = field(default=None, compare=False, repr=False)

    @dataclass(frozen=True, slots=True)
    class Longer(base(Node)):  # type: ignore[misc]
        """With one more, and another method for one that it would get."""

        hash: str = "h"

        def __repr__(self) -> str:
            return "longer"

    @dataclass(frozen=True, slots=True, order=True)
    class Place:
        """With an order."""

        line: int
        column: int = field(default=0, compare=False)
        end: int = 0

    @dataclass(slots=True)
    class Kept:
        """With what changes."""

        first: int
        found: list[int] = field(default_factory=list)
        by_name: dict[str, int] = field(default_factory=dict)
        size: int = field(init=False)

        def __post_init__(self) -> None:
            self.size = self.first

    @dataclass(frozen=True)
    class Open:
        """Without slots, so that it can keep what it worked out."""

        first: int
        found: tuple[int, ...] = ()

        @cached_property
        def size(self) -> int:
            return len(self.found)

    return SimpleNamespace(Empty=Empty, Node=Node, Longer=Longer, Place=Place, Kept=Kept, Open=Open)


OURS = made(struct, Said, stand_in)
THEIRS = made(dataclasses.dataclass, dataclasses.field, itself)
CALLS: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    ("Empty", (), {}),
    ("Node", ("a",), {}),
    ("Node", ("a", (1,)), {}),
    ("Node", (), {"name": "a", "span": 3}),
    ("Longer", ("a", (), 1, "x"), {}),
    ("Longer", ("a",), {"hash": "y"}),
    ("Place", (1,), {}),
    ("Place", (1, 2, 3), {}),
    ("Place", (2, 1, 2), {}),
    ("Kept", (1,), {}),
    ("Kept", (1, [2]), {"by_name": {"a": 1}}),
    ("Open", (1,), {}),
    ("Open", (1,), {"found": (2, 3)}),
]


@pytest.mark.parametrize("name", vars(THEIRS))
def test_a_struct_has_the_fields_and_the_parameters_of_a_dataclass(name: str) -> None:
    ours, theirs = getattr(OURS, name), getattr(THEIRS, name)
    assert [repr(each) for each in fields(ours)] == [repr(each) for each in fields(theirs)]
    assert repr(ours.__dataclass_params__) == repr(theirs.__dataclass_params__)
    assert ours.__match_args__ == theirs.__match_args__
    assert vars(ours).get("__slots__") == vars(theirs).get("__slots__")
    assert ours.__doc__ == theirs.__doc__
    for our, their in zip(
        inspect.signature(ours).parameters.values(),
        inspect.signature(theirs).parameters.values(),
        strict=True,
    ):
        assert (our.name, our.kind) == (their.name, their.kind)
        assert (our.default is our.empty) == (their.default is their.empty)


@pytest.mark.parametrize(("name", "given", "named"), CALLS)
def test_a_struct_is_made_shown_and_changed_as_a_dataclass_is(
    name: str, given: tuple[Any, ...], named: dict[str, Any]
) -> None:
    ours, theirs = (getattr(each, name)(*given, **named) for each in (OURS, THEIRS))
    assert repr(ours) == repr(theirs)
    assert dataclasses.asdict(ours) == dataclasses.asdict(theirs)
    assert hasattr(ours, "__dict__") == hasattr(theirs, "__dict__")
    for each in fields(ours):
        if each.init:
            for change in (replace, changed):
                our, their = (change(known, **{each.name: 7}) for known in (ours, theirs))
                assert dataclasses.asdict(our) == dataclasses.asdict(
                    replace(theirs, **{each.name: 7})
                )
                assert dataclasses.asdict(our) == dataclasses.asdict(their)
    assert dataclasses.asdict(changed(ours)) == dataclasses.asdict(theirs)


def outcome(compare: Callable[[Any, Any], object], one: object, other: object) -> object:
    try:
        return compare(one, other)
    except TypeError:
        return TypeError


@pytest.mark.parametrize("one", CALLS)
@pytest.mark.parametrize("other", CALLS)
def test_structs_are_equal_where_dataclasses_are(one: Any, other: Any) -> None:
    def pair(kind: SimpleNamespace) -> tuple[Any, Any]:
        return tuple(getattr(kind, name)(*given, **named) for name, given, named in (one, other))  # type: ignore[return-value]

    (a, b), (c, d) = pair(OURS), pair(THEIRS)
    assert (a == b) == (c == d)
    for compare in (operator.lt, operator.le, operator.gt, operator.ge):
        assert outcome(compare, a, b) == outcome(compare, c, d)
    assert a != "something else"
    if type(c).__hash__ is None:
        with pytest.raises(TypeError):
            hash(a)
    else:
        assert hash(a) == hash(c)


def test_lists_and_the_like_are_made_anew() -> None:
    one, other = OURS.Kept(1), OURS.Kept(1)
    one.found.append(1)
    assert other.found == []


@pytest.mark.parametrize(
    ("given", "named"), [((), {}), (("a",), {"name": "a"}), (("a",), {"nobody": 1}), ((1,) * 4, {})]
)
def test_wrong_arguments_are_refused(given: tuple[Any, ...], named: dict[str, Any]) -> None:
    for each in (OURS, THEIRS):
        with pytest.raises(TypeError):
            each.Node(*given, **named)


@pytest.mark.parametrize("given", [OURS.Longer("a"), OURS.Open(1, (2, 3))])
def test_what_is_frozen_stays_as_it_is(given: Any) -> None:
    for name in (*(each.name for each in fields(given)), "nobody"):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(given, name, "b")
        with pytest.raises(dataclasses.FrozenInstanceError):
            delattr(given, name)


def test_a_method_is_made_for_the_class_that_it_is_of_whoever_asks_first() -> None:
    fresh = made(struct, Said, stand_in)
    more = type("More", (fresh.Node,), {})
    assert more("a") != fresh.Node("a") and more("a") == more("a")
    assert fresh.Node("a") == fresh.Node("a")
    assert "__init__" not in vars(more) and "__eq__" not in vars(more)


def test_what_is_worked_out_is_kept_by_a_struct_without_slots() -> None:
    given = OURS.Open(1, (2, 3))
    assert given.size == 2 and vars(given)["size"] == 2
    assert given == OURS.Open(1, (2, 3))


class Kept(Struct):
    """What can be pickled stands in a module."""

    first: int
    second: tuple[str, ...] = ()


def test_what_is_frozen_is_copied_and_pickled() -> None:
    given = Kept(1, ("a",))
    assert pickle.loads(pickle.dumps(given)) == copy.deepcopy(given) == copy.copy(given) == given


def test_a_class_statement_makes_a_struct_of_which_nothing_else_is_left() -> None:
    class Longer(Kept, Struct, order=True):
        """Who inherits from a struct says so again."""

        third: int = 0

        def told(self) -> str:
            return f"{super().__repr__()}"  # needs the class itself, which is made once

    assert type(Longer) is type and Longer.__bases__ == (Kept,) and Kept.__bases__ == (object,)
    given = Longer(1, ("a",), 3)
    assert given < Longer(1, ("a",), 4) and "third=3" in given.told()


def test_what_structs_cannot_do_is_refused() -> None:
    with pytest.raises(TypeError):
        struct(slots=True, eq=False)(type("Odd", (), {}))
    for kind in ({"kw_only": True}, {"hash": True}):
        with pytest.raises(TypeError):
            struct(slots=True)(
                type("Odd", (), {"__annotations__": {"a": "int"}, "a": Said(**kind)})
            )
    with pytest.raises(TypeError):
        struct(slots=True)(type("Odd", (), {"__annotations__": {"a": "ClassVar[int]"}, "a": 1}))
    for given in (dataclasses.field(default=1), dataclasses.field(default_factory=list)):
        with pytest.raises(TypeError):
            struct(slots=True)(type("Odd", (), {"__annotations__": {"a": "int"}, "a": given}))
    theirs = dataclasses.make_dataclass("Theirs", [("a", int)])
    with pytest.raises(TypeError):
        struct(slots=True)(type("Odd", (theirs,), {"__annotations__": {"b": "int"}}))
    with pytest.raises(TypeError):  # one list for all
        struct(slots=True)(type("Odd", (), {"__annotations__": {"a": "list[int]"}, "a": []}))


class Base(Struct):
    """Something to inherit from."""

    first: int


class Changing(Struct, frozen=False):
    """Something to inherit from that changes."""

    first: int = 0


def frozen_below_what_changes() -> None:
    class Odd(Changing, Struct):
        second: int


def changing_below_what_is_frozen() -> None:
    class Odd(Base, Struct, frozen=False):  # type: ignore[misc]
        second: int


def a_field_that_stands_twice() -> None:
    class Odd(Base, Struct):
        first: int


def fields_without_a_word_of_it() -> None:
    class Odd(Base):
        second: int


def two_lines() -> None:
    class Odd(Base, Changing, Struct):  # type: ignore[misc]
        second: int


def an_unknown_keyword() -> None:
    class Odd(Struct, eq=False):  # type: ignore[call-arg]
        second: int


def a_field_without_a_type() -> None:
    class Odd(Struct):
        second = structs.field(default=1)


def two_defaults() -> None:
    class Odd(Struct):
        second: int = structs.field(default=1, default_factory=int)  # type: ignore[call-overload]


def a_default_that_nobody_sets() -> None:
    class Odd(Struct):
        second: int = structs.field(default=1, init=False)


def slots_of_its_own() -> None:
    class Odd(Struct):
        __slots__ = ("third",)
        second: int


def a_way_to_set_of_its_own() -> None:
    class Odd(Struct):
        second: int

        def __setattr__(self, name: str, value: object) -> None:
            object.__setattr__(self, name, value)


def types_that_are_not_there_yet() -> None:
    """As in Python 3.14 without `from __future__ import annotations`: it would have no fields."""

    class Odd(Struct):
        __annotate_func__ = None


def an_order_of_its_own() -> None:
    class Odd(Struct, order=True):
        second: int

        def __lt__(self, _: object) -> bool:
            return True


def one_that_is_needed_after_one_that_is_not() -> None:
    class Odd(Struct):
        first: int = 1
        second: int  # type: ignore[misc]

    Odd(2)  # type: ignore[call-arg]


def the_same_below_another() -> None:
    class Odd(Changing, Struct, frozen=False):
        second: int  # type: ignore[misc]

    Odd(2)  # type: ignore[call-arg]


@pytest.mark.parametrize(
    "declare",
    [
        frozen_below_what_changes,
        changing_below_what_is_frozen,
        a_field_that_stands_twice,
        fields_without_a_word_of_it,
        two_lines,
        an_unknown_keyword,
        a_field_without_a_type,
        two_defaults,
        a_default_that_nobody_sets,
        slots_of_its_own,
        a_way_to_set_of_its_own,
        types_that_are_not_there_yet,
        an_order_of_its_own,
        one_that_is_needed_after_one_that_is_not,
        the_same_below_another,
        lambda: changed(Base(1), second=2),
        lambda: isinstance(Base(1), Struct),
        lambda: issubclass(Base, Struct),
        lambda: Struct(),
    ],
)
def test_a_mistake_of_an_author_is_refused(declare: Callable[[], object]) -> None:
    # Python 3.11 says of what a class is told of its names that it went wrong, and why beside it.
    with pytest.raises((TypeError, RuntimeError)) as caught:
        declare()
    assert isinstance(caught.value.__cause__ or caught.value, TypeError)


def test_a_base_is_told_of_all_that_inherit_from_it() -> None:
    told = []

    class Telling:
        __slots__ = ()

        def __init_subclass__(cls) -> None:
            told.append(cls)

    class One(Telling, Struct):
        first: int

    class Other(One, Struct):
        second: int

    assert told == [One, Other]


def test_a_method_that_is_asked_of_a_base_is_the_one_of_the_base() -> None:
    """Whether or not somebody asked for it before."""
    fresh = made(struct, Said, stand_in)
    for _ in range(2):
        assert fresh.Node.__eq__(fresh.Longer("a", hash="x"), fresh.Longer("a", hash="y")) is True
        assert fresh.Longer("a", hash="x") != fresh.Longer("a", hash="y")
        one = object.__new__(fresh.Longer)
        fresh.Node.__init__(one, "a", (2,))
        assert one.values == (2,) and not hasattr(one, "hash")


def test_threads_that_ask_first_at_once_have_the_same_answers() -> None:
    """What two classes of a line share was made for the wrong one of them."""

    def ask(number: int) -> bool:
        start.wait()
        one, other = longer("a", (), None, "x"), longer("a", (), None, "y")
        return (one != other, one == changed(other, hash="x"), hash(one) != hash(other)) == (
            True,
        ) * 3

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as threads:
            for _ in range(100):
                longer, start = made(struct, Said, stand_in).Longer, Barrier(4)
                assert all(threads.map(ask, range(4)))
    finally:
        sys.setswitchinterval(interval)


@pytest.mark.parametrize("ask", [lambda one, _: hash(one), operator.eq, operator.lt])
def test_what_stops_the_making_of_a_method_is_not_taken_for_an_answer(
    ask: Callable[[Any, Any], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python takes a method that cannot be had for one that is not there, and what stopped it is lost."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    of_its_own = struct(frozen=True, slots=True, order=True)(
        type("Fresh", (), {"__annotations__": {"a": "int"}})
    )
    given = of_its_own(1)
    with monkeypatch.context() as patch:
        patch.setattr("agpc.compiler.structs._comparing", stop)
        with pytest.raises(KeyboardInterrupt):
            ask(given, of_its_own(2))
    assert ask(given, of_its_own(2)) == ask(of_its_own(1), of_its_own(2))
