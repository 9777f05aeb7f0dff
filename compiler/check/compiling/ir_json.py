"""A policy as JSON and back, exactly: the places in the sources come back too.

What is loaded has been checked whole, since it comes from outside: the shape of the document
(`schema`), then that it is what the compiler makes of the same policy as source text (`recompile`).
"""

from __future__ import annotations

import json
import re
from dataclasses import fields
from functools import cache
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from ....runtime.strict_json import each_once
from ...garbage import uncollected
from ...ir import nodes as ir
from ...ir import schema as ir_document
from ...ir.schema.base import VERSION
from ...ir.schema.conditions import Constants
from ...lowering.names.controls import STANDARDS, Catalogue
from ...report.source import Span
from ...structs import changed
from .recompile import problems

KINDS: dict[type, str] = {
    ir.Attribute: "attribute",
    ir.Constant: "constant",
    ir.Age: "age",
    ir.Element: "element",
    ir.NameOf: "name_of",
    ir.Constants: "constants",
    ir.And: "and",
    ir.Or: "or",
    ir.Not: "not",
    ir.Compare: "compare",
    ir.In: "in",
    ir.ListTest: "list_test",
    ir.Like: "like",
    ir.Under: "under",
    ir.Within: "within",
    ir.Has: "has",
    ir.Approval: "approval",
    ir.StepUp: "step_up",
    ir.Confirmation: "confirmation",
}
_PAIRS: dict[type, frozenset[str]] = {
    ir.Obligation: frozenset({"properties"}),
    ir.Duty: frozenset({"properties"}),
    ir.ResourceBinding: frozenset({"attributes"}),
    ir.Binding: frozenset({"agents", "tags", "context"}),
}
_UNNAMED: dict[type, ir.Unnamed] = {
    ir.Allow: ir.DECLARED,
    ir.Forbid: ir.ANYONE,
    ir.Assertion: ir.DECLARED,
}
"""Whom a rule is about whose `agents` or `intents` are left out."""
_SPAN = re.compile(r"(.*):([0-9]+):([0-9]+)-([0-9]+):([0-9]+)", re.DOTALL)
_MOST_SHOWN = 20
_LONGEST_PATH = 30
_WAY_OUT = "change the `.agp` files, and write the document again: `agpc compile … --target ir`"


class IRError(ValueError):
    """A document that is not a policy; `problems` are pairs of a part of it and what is wrong there."""

    def __init__(self, problems: list[tuple[str, str]], name: str = "") -> None:
        """Take what is wrong, one thing at least, and what the document is called."""
        super().__init__(problems, name)
        self.problems = problems
        self.name = name

    def __str__(self) -> str:
        """Say what is wrong, a line each, and what to do about it."""
        lines = [
            ": ".join(filter(None, (self.name, part, message)))
            for part, message in self.problems[:_MOST_SHOWN]
        ]
        more = len(self.problems) - _MOST_SHOWN
        return "\n".join((*lines, *[f"and {more} more"] * (more > 0), _WAY_OUT))


def to_json(policy: ir.Policy) -> dict[str, Any]:
    """Give a policy as JSON data, in the form that `policy.schema.json` describes."""
    return {"agp_ir": VERSION, **_encoded_fields(policy)}


def deciding_json(policy: ir.Policy) -> dict[str, Any]:
    """Give what decides of a policy as JSON data: all but what comments say of it, which no digest is over."""
    return to_json(changed(policy, docs=()))


def part_to_json(part: ir.Terms) -> dict[str, Any]:
    """Give a part of a policy as JSON data, in the form that it has in the whole."""
    return _encoded_fields(part)


def from_json(data: object, name: str = "", catalogue: Catalogue = STANDARDS) -> ir.Policy:
    """Read what `to_json` gives. Raises `IRError`, which names the places that are wrong."""
    if type(data) is not dict or "agp_ir" not in data:
        raise IRError(
            [("", "this is not a policy IR: it is not an object with a field `agp_ir`")], name
        )
    version = data["agp_ir"]
    if type(version) is not int or version != VERSION:
        raise IRError([("agp_ir", f"this program reads version {VERSION} alone")], name)
    try:
        document = ir_document.Policy.model_validate(data)
    except ValidationError as error:
        raise IRError(
            [(path_text(each["loc"]), message_of(each)) for each in error.errors()], name
        ) from None
    except RecursionError:
        raise IRError([("", "nested too deeply")], name) from None
    sets = {each.name: tuple(each.values) for each in document.sets}
    try:
        with uncollected():
            policy = _Decoder(sets).decoded(document)
            assert isinstance(policy, ir.Policy)
            found = list(problems(policy, catalogue))
    except RecursionError:
        raise IRError([("", "nested too deeply")], name) from None
    if found:
        raise IRError(found, name)
    return policy


def dumps(policy: ir.Policy) -> str:
    """Write a policy as the text of a JSON document, always the same for the same policy."""
    return _text_of(to_json(policy))


def deciding_text(policy: ir.Policy) -> str:
    """Write what decides of a policy in the same form, which digests are over."""
    return _text_of(deciding_json(policy))


def _text_of(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=1, ensure_ascii=True, allow_nan=False) + "\n"


def loads(text: str | bytes, name: str = "", catalogue: Catalogue = STANDARDS) -> ir.Policy:
    """Read the text of a JSON document; `name` is what an `IRError` calls it.

    The catalogue has the controls that the policy may name.
    """
    try:
        data = json.loads(text, object_pairs_hook=each_once)
    except RecursionError:
        raise IRError([("", "nested too deeply")], name) from None
    except ValueError as error:
        raise IRError([("", f"this is not JSON: {error}")], name) from None
    return from_json(data, name, catalogue)


def message_of(error: ErrorDetails) -> str:
    """What pydantic found, as the other messages put it."""
    if error["type"].startswith("recursion"):
        return "nested too deeply"
    return error["msg"][:1].lower() + error["msg"][1:]


def path_text(path: tuple[str | int, ...]) -> str:
    """Write a path as `allows[0].condition`, of a deep one its start."""
    steps = [f"[{step}]" if isinstance(step, int) else f".{step}" for step in path]
    return "".join(steps[:_LONGEST_PATH] + ["…"] * (len(steps) > _LONGEST_PATH))[1:]


# --- To JSON --------------------------------------------------------------------------------------


def _encoded(value: Any) -> Any:
    match value:
        case ir.Scalar(name):
            return name
        case ir.LevelType(name):
            return {"level": name}
        case ir.EnumType(name):
            return {"enum": name}
        case ir.ListType(element):
            return {"list": _encoded(element)}
        case ir.OrNothing(inner_type):
            return {"or_nothing": _encoded(inner_type)}
        case ir.PartOf(whole, part):
            return {"of": whole.name, "part": part}
        case ir.RecordType(inner):
            return {"record": _encoded(inner)}
        case ir.Constants(type_, values, name):
            said = {"set": name} if name is not None else {"values": list(values)}
            return {"kind": "constants", "type": _encoded(type_), **said}
        case Span():
            end = f"{value.end_line}:{value.end_column}"
            return f"{value.file}:{value.line}:{value.column}-{end}"
        case tuple():
            return [_encoded(each) for each in value]
        case None | str() | bool() | int() | float() | dict():
            return value
        case _:
            pass
    kind = KINDS.get(type(value))
    return {**({"kind": kind} if kind else {}), **_encoded_fields(value)}


def _encoded_fields(value: Any) -> dict[str, Any]:
    """The fields of a dataclass that say something: not None, empty, False or the default."""
    pairs = _pairs_of(type(value))
    found: dict[str, Any] = {}
    for name, default in _fields_of(value.__class__):
        inner = getattr(value, name)
        if (
            inner is None
            or isinstance(inner, ir.Unnamed)
            or (inner == default and type(inner) is type(default))
        ):
            continue
        found[name] = dict(inner) if name in pairs else _encoded(inner)
    return found


@cache
def _fields_of(kind: Any) -> tuple[tuple[str, Any], ...]:
    """The fields of a dataclass, each with what it is when the document leaves it out."""
    model: type[BaseModel] = ir_document.MODELS[kind.__name__]
    by_name = {name.rstrip("_"): each for name, each in model.model_fields.items()}
    found = []
    for each in fields(kind):
        default = by_name[each.name].default
        found.append((each.name, () if default in ([], {}) else default))
    return tuple(found)


def _pairs_of(kind: type) -> frozenset[str]:
    """The fields that are pairs in the IR, and an object in JSON."""
    return _PAIRS.get(kind, frozenset())


# --- From JSON ------------------------------------------------------------------------------------


class _Decoder:
    """Turns the validated document into the classes of the IR."""

    def __init__(self, sets: dict[str, tuple[ir.Value, ...]]) -> None:
        self.sets = sets

    def decoded(self, value: Any) -> Any:
        match value:
            case Constants():
                return self.constants(value)
            case BaseModel():
                return self.fields(value)
            case list():
                return tuple(self.decoded(each) for each in value)
            case _:
                pass
        return value

    def fields(self, model: BaseModel) -> Any:
        kind: Any = getattr(ir, type(model).__name__)
        pairs = _pairs_of(kind)
        given: dict[str, Any] = {}
        for each in fields(kind):
            name = each.name if each.name in type(model).model_fields else f"{each.name}_"
            value = getattr(model, name)
            if each.name == "span":
                value = read_span(value)
            elif each.name in ("type", "of", "result") and isinstance(value, str):
                value = ir.Scalar(value)  # type: ignore[arg-type]  # the model knows the names
            elif each.name in pairs and value is not None:
                value = tuple(sorted(value.items()))
            elif value is None and each.name in ("agents", "intents"):
                value = _UNNAMED[kind]
            elif each.name == "record":
                value = tuple(value)
            elif each.name != "request":
                value = self.decoded(value)
            given[each.name] = value
        return kind(**given)

    def constants(self, model: Constants) -> ir.Constants:
        type_ = ir.Scalar(model.type) if isinstance(model.type, str) else self.decoded(model.type)
        if model.name is not None:
            return ir.Constants(type_, self.sets.get(model.name, ()), model.name)
        return ir.Constants(type_, tuple(model.values or ()), None)


def read_span(text: str | None) -> Span | None:
    """Read a place, as `Place` of the document describes it."""
    match = None if text is None else _SPAN.fullmatch(text)
    if match is None:
        return None
    line, column, end_line, end_column = map(int, match.groups()[1:])
    return Span(match[1], line, column, end_line, end_column)
