"""JSON Schemas of tool arguments to the types of AGP.

A schema says what a server expects, and a type what a condition may read, so a schema that AGP has
no type for is `json`: such an argument can be asked for with `has`, and nothing else. A type that
turns out narrower than the tool's own idea of it closes: the value is malformed then.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .names import ROOTS, SCALARS
from .tool_list import shown

MAX_DEPTH = 16  # of schemas in schemas, references and alternatives included
MAX_NODES = 500  # schemas looked at for one tool, however often they are referred to
MAX_PARAMETERS = 100
MAX_MEMBERS = 100
MAX_IDENTIFIER = 128

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
COMPOSED = ("$ref", "allOf", "anyOf", "oneOf", "if", "patternProperties", "dependentSchemas")
"""Keywords that may bring a tool arguments which its `properties` do not have."""
_LITERALS = ("true", "false", "null")
_FORMATS = {"date-time": "time", "ipv4": "ip", "ipv6": "ip"}
_SCALARS = {"boolean": "bool", "integer": "int", "number": "number"}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument of a tool, with its type as AGP writes it."""

    name: str
    type: str
    optional: bool
    description: str


@dataclass(slots=True)
class Enums:
    """The enums declared so far, shared by tools that mean the same one."""

    members: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def name_for(self, members: tuple[str, ...], wishes: tuple[str, ...]) -> str | None:
        """Declare an enum under the first name that is free or says the same already."""
        for wish in wishes:
            name = snake_case(wish)
            free = is_identifier(name) and name not in (*SCALARS, *ROOTS, *_LITERALS)
            if free and self.members.setdefault(name, members) == members:
                return name
        return None


@dataclass(slots=True)
class ToolTypes:
    """Reads the schema of one tool; `notes` says what could not be said as it stands."""

    tool: str
    root: Mapping[str, Any]
    enums: Enums
    notes: list[str] = field(default_factory=list)
    _seen: int = 0
    _depth: int = 0

    def parameters(self) -> tuple[Parameter, ...]:
        """Give the arguments that have a name which a condition can write, in the schema's order."""
        properties = self.root.get("properties", {})
        if not isinstance(properties, dict) or not self.root.keys().isdisjoint(COMPOSED):
            self.notes.append("its schema does not list all of its arguments")
            properties = properties if isinstance(properties, dict) else {}
        if len(properties) > MAX_PARAMETERS:
            self.notes.append(f"only the first {MAX_PARAMETERS} of its arguments are declared")
        found = []
        required = strings(self.root.get("required"))
        for name, schema in list(properties.items())[:MAX_PARAMETERS]:
            if not is_identifier(name):
                self.notes.append(f"no condition can read its argument {shown(name)}")
                continue
            type_, nullable = self._type(schema, (name,), ())
            description = schema.get("description") if isinstance(schema, dict) else None
            found.append(
                Parameter(
                    name,
                    type_,
                    nullable or name not in required,
                    description if isinstance(description, str) else "",
                )
            )
        return tuple(found)

    def _type(
        self, schema: Any, path: tuple[str, ...], references: tuple[str, ...]
    ) -> tuple[str, bool]:
        """Give the type of a schema, and whether it may be null."""
        self._seen += 1
        if not isinstance(schema, dict) or self._seen > MAX_NODES or self._depth == MAX_DEPTH:
            return "json", False
        self._depth += 1
        try:
            return self._type_within_bounds(schema, path, references)
        finally:
            self._depth -= 1

    def _type_within_bounds(
        self, schema: Mapping[str, Any], path: tuple[str, ...], references: tuple[str, ...]
    ) -> tuple[str, bool]:
        reference = schema.get("$ref")
        if isinstance(reference, str):
            if reference in references:  # it contains itself
                return "json", False
            return self._type(self._resolve(reference), path, (*references, reference))
        if "enum" in schema or "const" in schema:
            return self._enum(schema, path, references)
        stated = schema.get("type")
        if isinstance(stated, list):
            kinds = stated[: MAX_MEMBERS + 1]
            return self._one_of([{**schema, "type": each} for each in kinds], path, references)
        if isinstance(stated, str):
            return self._stated(stated, schema, path, references), False
        for key in ("anyOf", "oneOf", "allOf"):
            variants = schema.get(key)
            if isinstance(variants, list) and (key != "allOf" or len(variants) == 1):
                return self._one_of(variants, path, references)
        return "json", False

    def _stated(
        self, stated: str, schema: Mapping[str, Any], path: tuple[str, ...], refs: tuple[str, ...]
    ) -> str:
        if stated in _SCALARS:
            return _SCALARS[stated]
        if stated == "string":
            format_ = schema.get("format")
            return _FORMATS.get(format_, "string") if isinstance(format_, str) else "string"
        if stated == "array":
            inner, nullable = self._type(schema.get("items"), (*path, "item"), refs)
            return "[json]" if nullable else f"[{inner}]"  # no list of AGP has null in it
        if stated == "object":
            return self._record(schema, path, refs)
        return "json"

    def _record(
        self, schema: Mapping[str, Any], path: tuple[str, ...], references: tuple[str, ...]
    ) -> str:
        properties = schema.get("properties")
        if not isinstance(properties, dict) or len(properties) > MAX_PARAMETERS:
            return "json"
        required = strings(schema.get("required"))
        fields = []
        for name, inner in properties.items():
            if not is_identifier(name):
                where = ".".join(path)
                self.notes.append(f"no condition can read {shown(name)} of its argument `{where}`")
                continue
            type_, nullable = self._type(inner, (*path, name), references)
            mark = "?" if nullable or name not in required else ""
            fields.append(f"{name}{mark}: {type_}")
        return f"{{ {', '.join(fields)} }}" if fields else "json"

    def _one_of(
        self, variants: list[Any], path: tuple[str, ...], references: tuple[str, ...]
    ) -> tuple[str, bool]:
        """Give the type that all variants but `null` have, if they have one."""
        found = [
            self._type(each, path, references)
            for each in variants[:MAX_MEMBERS]
            if not is_null(each)
        ]
        nullable = any(is_null(each) for each in variants) or any(each[1] for each in found)
        types = {each[0] for each in found}
        if types == {"int", "number"}:
            return "number", nullable
        alike = len(types) == 1 and len(variants) <= MAX_MEMBERS
        return (types.pop() if alike else "json"), nullable

    def _enum(
        self, schema: Mapping[str, Any], path: tuple[str, ...], references: tuple[str, ...]
    ) -> tuple[str, bool]:
        values = schema["enum"] if "enum" in schema else [schema["const"]]
        if not isinstance(values, list):
            return "json", False
        members = tuple(dict.fromkeys(each for each in values if isinstance(each, str)))
        nullable = None in values
        if len(members) + nullable < len(values) or not members:
            stated = schema.get("type")
            if not isinstance(stated, str) or stated == "string":
                return "json", nullable
            return self._stated(stated, schema, path, references), nullable
        where = ".".join(path)
        if len(members) > MAX_MEMBERS or not all(is_member(each) for each in members):
            self.notes.append(
                f"its argument `{where}` is one of a few strings, not all of them names"
            )
            return "string", nullable
        title = schema.get("title")
        wishes = (
            references[-1].rpartition("/")[2] if references else "",
            title if isinstance(title, str) else "",
            path[-1] if path[-1] != "item" else "",
            f"{self.tool}_{'_'.join(path)}",
        )
        name = self.enums.name_for(members, tuple(each for each in wishes if each))
        if name is None:
            self.notes.append(f"its argument `{where}` is one of {', '.join(members)}"[:200])
        return name or "string", nullable

    def _resolve(self, reference: str) -> Any:
        """Follow a reference inside the tool's own schema; None for any other."""
        if not reference.startswith("#/"):
            return None
        found: Any = self.root
        for step in reference[2:].split("/"):
            step = step.replace("~1", "/").replace("~0", "~")
            found = found.get(step) if isinstance(found, dict) else None
        return found


def is_identifier(text: str) -> bool:
    """Whether AGP can write this as the name of something declared."""
    return len(text) <= MAX_IDENTIFIER and _IDENTIFIER.fullmatch(text) is not None


def is_member(text: str) -> bool:
    """Whether this can be a member of an enum, and still be compared with."""
    return is_identifier(text) and text not in (*ROOTS, *_LITERALS)


def is_null(schema: Any) -> bool:
    """Whether a schema allows null and nothing else."""
    return isinstance(schema, dict) and (
        schema.get("type") == "null" or ("const" in schema and schema["const"] is None)
    )


def strings(value: Any) -> frozenset[str]:
    """The strings in a list; none if it is no list."""
    listed = value if isinstance(value, list) else ()
    return frozenset(each for each in listed if isinstance(each, str))


def snake_case(text: str) -> str:
    """Write a name as declarations are named.

    >>> snake_case("SharingPermission")
    'sharing_permission'
    """
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text[:MAX_IDENTIFIER])
    return re.sub(r"[^A-Za-z0-9]+", "_", words).strip("_").lower()
