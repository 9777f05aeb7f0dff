"""Classes that are declared by their fields, as dataclasses are, and load in a fraction of the time.

The standard `dataclass` compiles up to six functions for each of hundreds of classes, puts them into the class one by
one, then makes a second class that has slots. But the functions of two classes with as many fields differ in names
alone: here they stand ready for a number of fields (`struct_methods.py`, as `struct_sources.py`
writes them), each class gets copies in which the names are its own once somebody asks for one, and it is made once,
with everything in it. It does what the standard one does, also for `dataclasses` itself, which is imported only by
who asks that of a class.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from operator import attrgetter
from types import FunctionType

from . import struct_methods
from .struct_methods import FACTORY

TYPE_CHECKING = False  # what typing says, without the cost of importing it
if TYPE_CHECKING:
    import dataclasses
    from dataclasses import field
    from dataclasses import replace as changed
    from typing import Any, ClassVar, NoReturn, dataclass_transform

__all__ = ["MISSING", "Struct", "changed", "field", "fields_of"]

MISSING = object()
"""Stands for a default that a field does not have."""
OPERATORS = {"__eq__": "==", "__lt__": "<", "__le__": "<=", "__gt__": ">", "__ge__": ">="}


class Field:
    """A field of a struct."""

    __slots__ = ("compare", "default", "default_factory", "init", "name", "repr", "type")
    name: str
    type: str

    def __init__(
        self,
        *,
        default: Any = MISSING,
        default_factory: Any = MISSING,
        init: bool = True,
        repr: bool = True,
        compare: bool = True,
    ) -> None:
        """Keep what `dataclasses.field` takes, as far as structs know it."""
        defaults = (default, default_factory).count(MISSING)
        if defaults < (1 if init else 2):
            raise TypeError("a field has one default, and none if it is not given")
        self.default, self.default_factory = default, default_factory
        self.init, self.repr, self.compare = init, repr, compare

    def __set_name__(self, _: object, name: str) -> None:
        """Refuse a class that keeps this: it is taken out of the body of a struct where it has a type."""
        raise TypeError(f"{name} is a field of no struct, or has no type")


if TYPE_CHECKING:

    @dataclass_transform(frozen_default=True, field_specifiers=(field,))
    class _Declaring(type):
        pass

    class Struct(metaclass=_Declaring):
        """A class that names this as its base is a dataclass; it is frozen and has slots unless it says otherwise.

        `class Span(Struct)`, `class Page(Struct, frozen=False)`, and so `slots=False` and `order=True`. Who inherits
        from such a class names this again, after that.
        """

        __slots__: ClassVar[tuple[str, ...]]
        __dataclass_fields__: ClassVar[dict[str, dataclasses.Field[Any]]]

        def __init_subclass__(
            cls, *, frozen: bool = True, slots: bool = True, order: bool = False
        ) -> None:
            """Take what a class statement says of the kind that it is of."""

else:
    field = Field

    class _Declaring(type):
        """Makes the class of a statement that names `Struct`, which is then none of its bases.

        So its type is `type`, of which Python asks fastest whether something is an instance.
        """

        def __new__(
            cls,
            name: str,
            bases: tuple[type, ...],
            body: dict[str, Any],
            *,
            frozen: bool = True,
            slots: bool = True,
            order: bool = False,
        ) -> type:
            """Make it, with all that `dataclasses.dataclass` would give it."""
            if not bases:
                return super().__new__(cls, name, bases, body)
            others = tuple(each for each in bases if each is not Struct)
            below = _below(name, others, frozen) if others else ()
            methods = _methods(frozen, order, len(below))
            annotations = body.setdefault("__annotations__", {})
            given = {each: body[each] for each in annotations if each in body}
            _refuse_unknown(name, annotations, given)
            _refuse_twice(name, annotations, below)
            if not body.keys().isdisjoint(_taken(frozen, order)):
                raise TypeError(f"{name} has of its own what makes a struct of its kind")
            made = {**methods, **body}
            for each in given:
                del made[each]
            if slots:
                made["__slots__"] = tuple(annotations)
            made.setdefault("__doc__", name)
            made["__struct_given__"] = annotations, given
            return type(name, others, made)

        def __call__(cls, *_: object, **__: object) -> NoReturn:
            """Refuse an instance of what is no class of its own."""
            raise TypeError("Struct only declares structs")

        def __instancecheck__(cls, _: object) -> NoReturn:
            """Refuse a question whose answer would be no for every struct."""
            raise TypeError("Struct is no base of the classes that name it")

        __subclasscheck__ = __instancecheck__

    class Struct(metaclass=_Declaring):
        """A base that makes a class a struct."""

    def changed(struct: Any, /, **changes: Any) -> Any:
        """Do as `dataclasses.replace` does, in a quarter of the time."""
        places, values_of = _layout(type(struct))
        values = [*values_of(struct)]
        for name, value in changes.items():
            if name not in places:
                raise TypeError(f"{type(struct).__name__} is not made of {name!r}")
            values[places[name]] = value
        return type(struct)(*values)


class Later:
    """What a class has once somebody asks for it: most classes that a start loads are not used."""

    def __init__(self, name: str, make: Callable[[type], Any], depth: int) -> None:
        """Say how it is called, and made for a class; all classes of one depth may share this."""
        self.name, self.make, self.depth = name, make, depth

    def __get__(self, instance: object, asking: type) -> Any:
        """Make it, and put it into the place of this in the class that it is of: those who ask may be of a subclass."""
        owner = _structs_of(asking)[-1 - self.depth]
        made = owner.__dict__[self.name]
        if made is self:  # and no other thread was first
            made = self.make(owner)
            setattr(owner, self.name, made)
        is_method = instance is not None and isinstance(made, FunctionType)
        return made.__get__(instance) if is_method else made


def _structs_of(kind: type) -> list[type]:
    """The structs that a class is and inherits from, itself first; at most one of them has each depth."""
    return [each for each in kind.__mro__ if "__struct_given__" in each.__dict__]


def fields_of(kind: type) -> tuple[Field, ...] | None:
    """The fields of a class, as structs have them; None if it is not one."""
    return getattr(kind, "__struct_fields__", None)


def _standard_fields(cls: type) -> Any:
    from .standard_dataclass import standard_fields

    return standard_fields(fields_of(cls) or ())


def _below(name: str, bases: Sequence[type], frozen: bool) -> Sequence[type]:
    """The structs that a class inherits from, nearest first: a line of one kind, frozen or not."""
    lines = [found for each in bases if (found := _structs_of(each))]
    below = lines[0] if lines else []
    if len(lines) > 1:
        raise TypeError(f"{name} inherits from several structs")
    if below and (vars(below[0]).get("__setattr__") is _set) is not frozen:
        raise TypeError(f"{name} and {below[0].__name__} are not both frozen")
    for each in (base for one in bases for base in one.__mro__):
        if each not in below and "__dataclass_fields__" in each.__dict__:
            raise TypeError(f"{each.__name__} is a base, and no struct")
    return below


def _refuse_twice(name: str, annotations: dict[str, Any], below: Sequence[type]) -> None:
    """Refuse a class that has a field of its bases again."""
    for each in below:
        for twice in annotations.keys() & each.__dict__["__struct_given__"][0].keys():
            raise TypeError(f"{name} has the field {twice!r} of {each.__name__} again")


def _refuse_unknown(name: str, annotations: dict[str, Any], given: dict[str, Any]) -> None:
    """Refuse a class with a kind of field that structs do not know."""
    types = " ".join(map(str, annotations.values()))
    defaults = (each.default if isinstance(each, Field) else each for each in given.values())
    if (
        "ClassVar" in types
        or "InitVar" in types
        or "KW_ONLY" in types
        or any(
            each.__class__.__hash__ is None or each.__class__.__module__ == "dataclasses"
            for each in defaults
        )
    ):
        raise TypeError(f"{name} has a kind of field that structs do not know")


def _fields(cls: type) -> tuple[Field, ...]:
    """The fields of a struct, those of its bases first."""
    _, *below = _structs_of(cls)
    its: list[Field] = [*below[0].__struct_fields__] if below else []  # type: ignore[attr-defined]
    annotations, given = cls.__dict__["__struct_given__"]
    for name, type_ in annotations.items():
        default = given.get(name, MISSING)
        made = default if isinstance(default, Field) else Field(default=default)
        made.name, made.type = name, type_
        its.append(made)
    needed = [each.default is each.default_factory for each in its if each.init]
    if needed != sorted(needed, reverse=True):
        raise TypeError(f"{cls.__name__} has a field without a default after one that has one")
    return tuple(its)


@cache
def _layout(cls: type) -> tuple[dict[str, int], Callable[[Any], tuple[Any, ...]]]:
    """Where each field stands among the arguments of a class, and what reads all of them."""
    its: Sequence[Any] | None = fields_of(cls)
    if its is None:
        from dataclasses import fields

        its = fields(cls)
    names = [each.name for each in its if each.init]
    places = {name: place for place, name in enumerate(names)}
    if names[1:]:
        return places, attrgetter(*names)
    return places, lambda record: tuple(getattr(record, name) for name in names)


def _init(cls: Any, frozen: bool) -> FunctionType:
    its = [each for each in cls.__struct_fields__ if each.init]
    anew = tuple(each.default_factory is not MISSING for each in its)
    make = _init_for(anew, frozen, hasattr(cls, "__post_init__"))
    setters = [_setter(cls, each.name) for each in its] if frozen else []
    factories = [each.default_factory for each in its if each.default_factory is not MISSING]
    function = _renamed(make(*setters, *factories), its)
    function.__defaults__ = tuple(
        FACTORY if each.default is MISSING else each.default
        for each in its
        if each.default is not MISSING or each.default_factory is not MISSING
    )
    return function


def _setter(cls: type, name: str) -> Callable[[Any, object], None]:
    if hasattr(cls, name):  # a slot
        return getattr(cls, name).__set__  # type: ignore[no-any-return]

    def into_dict(self: Any, value: object) -> None:
        self.__dict__[name] = value

    return into_dict


@cache
def _init_for(anew: tuple[bool, ...], frozen: bool, more: bool) -> Any:
    """A maker of `__init__` for as many fields, of which those of `anew` have a default factory."""
    return _ready(init_name(anew, frozen, more), "init_source", anew, frozen, more)


def init_name(anew: tuple[bool, ...], frozen: bool, more: bool) -> str:
    """How such a maker is called."""
    kinds = "".join("m" if each else "g" for each in anew)
    return f"init{'_frozen' if frozen else ''}{'_more' if more else ''}_{kinds}"


def _comparison(name: str, depth: int) -> Any:
    # No `Later`: where one fails or is interrupted, Python takes the class for one that cannot be compared.
    def first(self: Any, *others: object) -> Any:
        owner: Any = _structs_of(type(self))[-1 - depth]
        made = owner.__dict__[name]
        if made is first:  # and no other thread was
            compared = [each for each in owner.__struct_fields__ if each.compare]
            made = _renamed(_comparing(name, len(compared)), compared)
            setattr(owner, name, made)
        return made(self, *others)

    return first


@cache
def _comparing(name: str, size: int) -> Any:
    """`__hash__`, or what an operator does, of as many fields."""
    return _ready(comparing_name(name, size), "comparing_source", name, size)()


def comparing_name(method: str, size: int) -> str:
    """How what makes such a method is called."""
    return f"{method.strip('_')}_{size}"


def _ready(name: str, source: str, *shape: Any) -> Any:
    """A function that `struct_methods.py` has; elsewhere, as for classes of tests, it is compiled."""
    found = getattr(struct_methods, name, None)
    if found is None:
        from . import struct_sources

        found = struct_sources.compiled(name, getattr(struct_sources, source)(*shape))
    return found


def _renamed(function: Any, its: Sequence[Field]) -> FunctionType:
    """A copy of a function in which `a0` is the name of the first of some fields, and so on."""
    names = {f"a{number}": each.name for number, each in enumerate(its)}
    code = function.__code__
    return FunctionType(
        code.replace(
            co_varnames=tuple(map(names.get, code.co_varnames, code.co_varnames)),
            co_names=tuple(map(names.get, code.co_names, code.co_names)),
        ),
        function.__globals__,
        code.co_name,
        closure=function.__closure__,
    )


@cache
def _shown(cls: Any) -> tuple[str, ...]:
    return tuple(each.name for each in cls.__struct_fields__ if each.repr)


def _repr(self: Any) -> str:
    shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in _shown(self.__class__))
    return f"{self.__class__.__qualname__}({shown})"


def _set(self: Any, name: str, value: object) -> NoReturn:
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _delete(self: Any, name: str) -> NoReturn:
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _state(self: Any) -> list[object]:
    return [getattr(self, each.name) for each in self.__struct_fields__]


def _set_state(self: Any, state: list[object]) -> None:
    for each, value in zip(self.__struct_fields__, state, strict=True):
        object.__setattr__(self, each.name, value)


FROZEN = {
    "__setattr__": _set,
    "__delattr__": _delete,
    "__getstate__": _state,
    "__setstate__": _set_state,
}


LAZY_TYPES = "__annotate_func__"
"""What Python 3.14 puts in the place of the fields where a file does not import `annotations` from the future."""
MAY_DIFFER = {"__init__", "__init_subclass__", "__repr__", "__eq__", "__hash__", "__match_args__"}
"""What a class that writes it itself has instead of the one of structs."""


def _refuse_unsaid(cls: type[Any], /, **said: object) -> None:
    first: Any = _structs_of(cls)[-1]
    super(first, cls).__init_subclass__(**said)
    if "__struct_given__" not in cls.__dict__ and vars(cls).get("__annotations__"):
        raise TypeError(f"{cls.__name__} has fields, and does not name Struct")


@cache
def _methods(frozen: bool, order: bool, depth: int) -> dict[str, Any]:
    """What the classes of a kind share, until somebody asks one of them for its own.

    They have as many structs below them: so whoever stands in one of these knows which class of a line it is in.
    """
    later: dict[str, Callable[[type], Any]] = {
        "__init__": partial(_init, frozen=frozen),
        "__match_args__": _match_args,
        "__struct_fields__": _fields,
        "__dataclass_fields__": _standard_fields,
        "__dataclass_params__": lambda _: _standard_parameters(frozen, order),
    }
    compared = (*(OPERATORS if order else ("__eq__",)), *(("__hash__",) if frozen else ()))
    return {
        **({} if depth else {"__init_subclass__": classmethod(_refuse_unsaid)}),
        "__repr__": _repr,
        "__hash__": None,
        **{name: Later(name, make, depth) for name, make in later.items()},
        **{name: _comparison(name, depth) for name in compared},
        **(FROZEN if frozen else {}),
    }


@cache
def _taken(frozen: bool, order: bool) -> frozenset[str]:
    """What no class of a kind may write itself."""
    return frozenset({"__slots__", LAZY_TYPES, *_methods(frozen, order, 0)} - MAY_DIFFER)


def _match_args(cls: Any) -> tuple[str, ...]:
    return tuple(each.name for each in cls.__struct_fields__ if each.init)


def _standard_parameters(frozen: bool, order: bool) -> Any:
    from .standard_dataclass import standard_parameters

    return standard_parameters(frozen, order)
