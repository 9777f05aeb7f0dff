"""Classes that are declared by their fields, as dataclasses are, and load in a fraction of the time.

The standard `dataclass` compiles up to six functions for each of hundreds of classes, puts them into the class one by
one, then makes a second class that has slots. But the functions of two classes with as many fields differ in names
alone: here they stand ready for a number of fields (`struct_methods.py`), each class gets copies in which the names
are its own once somebody asks for one, and it is made once, with everything in it. It does what the standard one
does, also for `dataclasses` itself, which is imported only by who asks that of a class.
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
        self.default, self.default_factory = default, default_factory
        self.init, self.repr, self.compare = init, repr, compare


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
            annotations = body.setdefault("__annotations__", {})
            known = _known(others)
            own = tuple(each for each in annotations if each not in known)
            given = {each: body[each] for each in annotations if each in body}
            _refuse_unknown(name, annotations, given)
            made = {**_methods(frozen, order), **body}
            for each in own if given else ():
                made.pop(each, None)
            if slots:
                made["__slots__"] = own
            made.setdefault("__doc__", name)
            made["__struct_names__"] = (*known, *own)
            made["__struct_given__"] = annotations, given
            return type(name, others, made)

    class Struct(metaclass=_Declaring):
        """A base that makes a class a struct."""

    def changed(struct: Any, /, **changes: Any) -> Any:
        """Do as `dataclasses.replace` does, in a quarter of the time."""
        places, values_of = _layout(type(struct))
        values = [*values_of(struct)]
        for name, value in changes.items():
            values[places[name]] = value
        return type(struct)(*values)


class Later:
    """What a class has once somebody asks for it: most classes that a start loads are not used."""

    def __init__(self, name: str, make: Callable[[type], Any]) -> None:
        """Say how it is called, and made for a class; many classes may share this."""
        self.name, self.make = name, make

    def __get__(self, instance: object, asking: type | None = None) -> Any:
        """Make it, and put it into the place of this in the class that it is of: those who ask may be of a subclass."""
        owner = _owner(asking, self.name, self)
        if owner is None:  # another thread was first
            return getattr(asking if instance is None else instance, self.name)
        made = self.make(owner)
        setattr(owner, self.name, made)
        is_method = instance is not None and isinstance(made, FunctionType)
        return made.__get__(instance) if is_method else made


def _owner(asking: Any, name: str, value: object) -> type | None:
    """The class that has something under a name, of those that one inherits from."""
    return next((each for each in asking.__mro__ if each.__dict__.get(name) is value), None)


def fields_of(kind: type) -> tuple[Field, ...] | None:
    """The fields of a class, as structs have them; None if it is not one."""
    return getattr(kind, "__struct_fields__", None)


def _standard_fields(cls: type) -> Any:
    from .standard_dataclass import standard_fields

    return standard_fields(fields_of(cls) or ())


def _known(bases: Sequence[type]) -> dict[str, None]:
    """The names of the fields that the bases of a class have."""
    names: dict[str, None] = {}
    for base in (each for one in reversed(bases) for each in one.__mro__[-2::-1]):
        if "__struct_names__" in base.__dict__:
            names.update(dict.fromkeys(base.__dict__["__struct_names__"]))
        elif "__dataclass_fields__" in base.__dict__:
            raise TypeError(f"{base.__name__} is a base, and no struct")
    return names


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
    its: dict[str, Field] = {}
    for base in cls.__mro__[-2:0:-1]:
        if "__struct_names__" in base.__dict__:
            its.update((each.name, each) for each in fields_of(base) or ())
    annotations, given = cls.__dict__["__struct_given__"]
    for name, type_ in annotations.items():
        default = given.get(name, MISSING)
        made = default if isinstance(default, Field) else Field(default=default)
        made.name, made.type = name, type_
        its[name] = made
    return tuple(its.values())


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


def _init(cls: type, frozen: bool) -> FunctionType:
    its = [each for each in fields_of(cls) or () if each.init]
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
    return _ready(*init_shape(anew, frozen, more))


def init_shape(anew: tuple[bool, ...], frozen: bool, more: bool) -> tuple[str, str]:
    """The name of such a maker, which takes what `__init__` calls, and its source."""
    numbers = range(len(anew))
    called = [f"set{n}" for n in numbers if frozen] + [f"make{n}" for n in numbers if anew[n]]
    lines = []
    for n in numbers:
        value = f"make{n}() if a{n} is FACTORY else a{n}" if anew[n] else f"a{n}"
        lines.append(f"        set{n}(self, {value})" if frozen else f"        self.a{n} = {value}")
    if more:
        lines.append("        self.__post_init__()")
    kinds = "".join("m" if each else "g" for each in anew)
    name = f"init{'_frozen' if frozen else ''}{'_more' if more else ''}_{kinds}"
    return name, (
        f"def {name}({', '.join(called)}):\n"
        f"    def __init__(self{''.join(f', a{n}' for n in numbers)}):\n"
        + ("\n".join(lines) or "        pass")
        + "\n\n    return __init__\n"
    )


def _comparison(name: str) -> Any:
    # No `Later`: where one fails or is interrupted, Python takes the class for one that cannot be compared.
    def first(self: Any, *others: object) -> Any:
        owner = _owner(type(self), name, first)
        if owner is None:  # another thread was first
            return getattr(self, name)(*others)
        compared = [each for each in fields_of(owner) or () if each.compare]
        made = _renamed(_comparing(name, len(compared)), compared)
        setattr(owner, name, made)
        return made(self, *others)

    return first


@cache
def _comparing(name: str, size: int) -> Any:
    """`__hash__`, or what an operator does, of as many fields."""
    return _ready(*comparing_shape(name, size))()


def comparing_shape(method: str, size: int) -> tuple[str, str]:
    """The name of what makes such a method, and its source."""
    name = f"{method.strip('_')}_{size}"
    mine, others = (
        f"({''.join(f'{whose}.a{n}, ' for n in range(size))})" for whose in ("self", "other")
    )
    if method == "__hash__":
        body = f"    def __hash__(self):\n        return hash({mine})\n"
    else:
        body = (
            f"    def {method}(self, other):\n"
            "        if other.__class__ is not self.__class__:\n"
            "            return NotImplemented\n"
            f"        return {mine} {OPERATORS[method]} {others}\n"
        )
    return name, f"def {name}():\n{body}\n    return {method}\n"


def _ready(name: str, source: str) -> Any:
    """A function that `struct_methods.py` has; elsewhere, as for classes of tests, it is compiled."""
    found = getattr(struct_methods, name, None)
    if found is not None:
        return found
    made: dict[str, Any] = {"FACTORY": FACTORY, "__name__": __name__}
    exec(source, made)  # noqa: S102 -- of numbers alone
    return made[name]


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
def _shown(cls: type) -> tuple[str, ...]:
    return tuple(each.name for each in fields_of(cls) or () if each.repr)


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


@cache
def _methods(frozen: bool, order: bool) -> dict[str, Any]:
    """What the classes of a kind share, until somebody asks one of them for its own."""
    return {
        "__init__": Later("__init__", partial(_init, frozen=frozen)),
        "__repr__": _repr,
        "__hash__": None,
        **{name: _comparison(name) for name in (OPERATORS if order else ("__eq__",))},
        **({"__hash__": _comparison("__hash__"), **FROZEN} if frozen else {}),
        "__match_args__": Later("__match_args__", _match_args),
        "__struct_fields__": Later("__struct_fields__", _fields),
        "__dataclass_fields__": Later("__dataclass_fields__", _standard_fields),
        "__dataclass_params__": Later(
            "__dataclass_params__", lambda _: _standard_parameters(frozen, order)
        ),
    }


def _match_args(cls: type) -> tuple[str, ...]:
    return tuple(each.name for each in fields_of(cls) or () if each.init)


def _standard_parameters(frozen: bool, order: bool) -> Any:
    from .standard_dataclass import standard_parameters

    return standard_parameters(frozen, order)
