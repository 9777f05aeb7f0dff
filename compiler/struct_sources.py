"""The sources of what `struct_methods.py` keeps ready; of structs that it does not know, as in tests, they are compiled."""

from __future__ import annotations

from typing import Any

from .struct_methods import FACTORY
from .structs import OPERATORS, comparing_name, init_name


def compiled(name: str, source: str) -> Any:
    """The function that a source defines."""
    made: dict[str, Any] = {"FACTORY": FACTORY, "__name__": __name__}
    exec(source, made)  # noqa: S102 -- of numbers alone
    return made[name]


def init_source(anew: tuple[bool, ...], frozen: bool, more: bool) -> str:
    """A maker of `__init__`, which takes what that calls; `anew` says which fields have a default factory."""
    numbers = range(len(anew))
    called = [f"set{n}" for n in numbers if frozen] + [f"make{n}" for n in numbers if anew[n]]
    lines = []
    for n in numbers:
        value = f"make{n}() if a{n} is FACTORY else a{n}" if anew[n] else f"a{n}"
        lines.append(f"        set{n}(self, {value})" if frozen else f"        self.a{n} = {value}")
    if more:
        lines.append("        self.__post_init__()")
    return (
        f"def {init_name(anew, frozen, more)}({', '.join(called)}):\n"
        f"    def __init__(self{''.join(f', a{n}' for n in numbers)}):\n"
        + ("\n".join(lines) or "        pass")
        + "\n\n    return __init__\n"
    )


def comparing_source(method: str, size: int) -> str:
    """What makes `__hash__`, or the method of an operator, for as many fields."""
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
    return f"def {comparing_name(method, size)}():\n{body}\n    return {method}\n"
