"""A bound location and the condition of an allow to the paths that they stand for together.

A placeholder is a whole segment: `secret/data/${team}/${name}`. What the condition says of it becomes part
of the path; what it says of anything else cannot be said to Vault.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product

from ...compiler.ir import nodes as ir
from ...compiler.ir.definite import All, Asked, Question, definitely
from ...compiler.ir.walk import Leaf, attributes
from ...runtime.glob import Wildcard, parse_glob
from ..partial import Unsayable, see
from .abilities import VAULT
from .paths import ONE, Path, is_plain

_PLACEHOLDER = re.compile(r"\$\{([^{}]*)\}")


def placeholders(location: str) -> tuple[str, ...]:
    """The attributes that a location names. Raises `Unsayable` where it is not a path for Vault."""
    names = []
    segments = location.split("/")
    for segment in segments:
        found = _PLACEHOLDER.fullmatch(segment)
        if found:
            names.append(found[1])
        elif "${" in segment or not is_plain(segment):
            raise Unsayable(f"the place `{location}`, in which `{segment}` is not a plain segment,")
    return tuple(names)


def paths_of(location: str, condition: ir.Condition | None) -> list[Path]:
    """The paths at which a condition is true. Raises `Unsayable`."""
    choices: dict[str, list[Path]] = {}
    names = placeholders(location)
    for leaf in () if condition is None else demanded(definitely(condition, True)):
        for attribute, _ in attributes(leaf):
            see(attribute, VAULT)
        name, allowed = said(leaf)
        if name not in names:
            raise Unsayable(f"what it asks of `resource.{name}`")
        if name in choices:
            raise Unsayable(f"more than one condition on `resource.{name}`")
        choices[name] = allowed
    segments = location.split("/")
    parts: list[list[Path]] = []
    for number, segment in enumerate(segments):
        found = _PLACEHOLDER.fullmatch(segment)
        at_end = number == len(segments) - 1
        if not found:
            parts.append([Path((segment,))])
        elif found[1] in choices:
            allowed = choices[found[1]]
            if not at_end and any(each.open or len(each.segments) > 1 for each in allowed):
                raise Unsayable(
                    f"a part of `resource.{found[1]}` that is not at the end of the path"
                )
            parts.append(allowed)
        else:
            # Any value: at the end whatever follows, in the middle one segment, which is stricter.
            parts.append([Path(("",), open=True)] if at_end else [Path((ONE,))])
    return sorted({joined(chosen) for chosen in product(*parts)})


def joined(parts: tuple[Path, ...]) -> Path:
    """Paths one after another; only the last may be open."""
    return Path(tuple(s for part in parts for s in part.segments), parts[-1].open)


def demanded(question: Question) -> Iterator[Leaf]:
    """What has to hold together. Raises `Unsayable` of anything but that."""
    match question:
        case Asked(leaf, True):
            yield leaf
        case All(parts):
            for part in parts:
                yield from demanded(part)
        case _:
            raise Unsayable("a condition on something else than the path")


def said(leaf: Leaf) -> tuple[str, list[Path]]:
    """The attribute that a leaf is about, and the ends of paths that make it true."""
    match leaf:
        case ir.Compare("==", ir.Attribute("resource", (name,), type), ir.Constant(_, value)) | (
            ir.Compare("==", ir.Constant(_, value), ir.Attribute("resource", (name,), type))
        ):
            return name, [exact(name, type, value)]
        case ir.In(ir.Attribute("resource", (name,), type), ir.Constants(_, values)):
            return name, [exact(name, type, value) for value in values]
        case ir.Like(ir.Attribute("resource", (name,)), pattern):
            return name, [glob(name, pattern)]
        case _:
            pass
    raise Unsayable("a condition on something else than the path")


def exact(name: str, type_: ir.Type, value: ir.Value) -> Path:
    """The end of a path that is one value."""
    if isinstance(type_, ir.Scalar) and type_.name != "string":
        raise Unsayable(f"`resource.{name}`, which is not text,")
    if not isinstance(value, str) or not is_plain(value):
        raise Unsayable(f"the value of `resource.{name}`, which means something else in a path,")
    return Path(tuple(value.split("/")))


def glob(name: str, pattern: str) -> Path:
    """The end of a path that a pattern matches: text, then one `*` at most."""
    parts = parse_glob(pattern)
    text = "".join(part for part in parts if isinstance(part, str))
    wildcards = [part for part in parts if isinstance(part, Wildcard)]
    if wildcards not in ([], [Wildcard.ANY]) or (wildcards and parts[-1] is not Wildcard.ANY):
        raise Unsayable(f"a pattern on `resource.{name}` with more than a `*` at its end")
    if not is_plain(text.removesuffix("/")):
        raise Unsayable(f"a pattern on `resource.{name}` that means something else in a path")
    return Path(tuple(text.split("/")), open=bool(wildcards))
