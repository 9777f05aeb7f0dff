"""Structs do what dataclasses of the standard library do."""

from __future__ import annotations

import copy
import dataclasses
import importlib
import inspect
import operator
import pickle
import pkgutil
from collections.abc import Callable
from dataclasses import fields, replace
from functools import cached_property
from types import SimpleNamespace, new_class
from typing import Any

import pytest

import agpc
from agpc.compiler import structs
from agpc.compiler.structs import Struct, changed

Maker = Callable[..., Callable[[type], type]]


def struct(*, frozen: bool = False, slots: bool = False, **other: bool) -> Callable[[type], type]:
    """Declare a class again, as a struct: what a decorator of the standard library says is said to both."""

    def decorate(cls: type) -> type:
        body = {
            name: vars(cls)[name] for name in vars(cls) if name not in ("__dict__", "__weakref__")
        }
        bases = (*(each for each in cls.__bases__ if each is not object), Struct)
        body["__qualname__"] = cls.__qualname__
        how = {"frozen": frozen, "slots": slots, **other}
        return new_class(cls.__name__, bases, how, lambda made: made.update(body))

    return decorate


def made(dataclass: Maker, field: Any) -> SimpleNamespace:
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
    class Longer(Node):
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


OURS = made(struct, structs.field)
THEIRS = made(dataclasses.dataclass, dataclasses.field)
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
    fresh = made(struct, structs.field)
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
    assert not isinstance(given, Struct)


def test_who_inherits_from_a_struct_and_has_fields_of_its_own_is_one() -> None:
    """Types are checked as if all were; to Python, who does not say so again has no such fields."""
    for found in pkgutil.walk_packages(agpc.__path__, "agpc."):
        if found.name.endswith("__main__"):
            continue
        for each in vars(importlib.import_module(found.name)).values():
            if isinstance(each, type) and hasattr(each, "__struct_names__"):
                assert "__struct_names__" in vars(each) or not vars(each).get("__annotations__"), (
                    each
                )


def test_what_structs_cannot_do_is_refused() -> None:
    with pytest.raises(TypeError):
        struct(slots=True, eq=False)(type("Odd", (), {}))
    for kind in ({"kw_only": True}, {"hash": True}):
        with pytest.raises(TypeError):
            struct(slots=True)(
                type("Odd", (), {"__annotations__": {"a": "int"}, "a": structs.field(**kind)})  # type: ignore[call-overload]
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
