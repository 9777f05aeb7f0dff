"""JSON Schemas of tool arguments to the types of AGP.

A schema says what a server expects, and a type what a condition may read, so a schema that AGP has
no type for is `json`: such an argument can be asked for with `has`, and nothing else. A type that
turns out narrower than the tool's own idea of it closes: the value is malformed then.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..structs import Struct, field
from ..text.field_names import can_be_quoted, written
from .tool_list import shown
from .tool_names import Enums, is_member

MAX_DEPTH = 16  # of schemas in schemas, references and alternatives included
MAX_NODES = 500  # schemas looked at for one tool, however often they are referred to
MAX_PARAMETERS = 100
MAX_MEMBERS = 100
MAX_DOUBTS = 12  # that are said of one tool: what is like that is like that often

COMPOSED = ("$ref", "allOf", "anyOf", "oneOf", "if", "patternProperties", "dependentSchemas")
"""Keywords that may bring a tool arguments which its `properties` do not have."""
_FORMATS = {
    "date-time": "time",
    "date": "date",
    "ipv4": "ip",
    "ipv6": "ip",
    "email": "email",
    "hostname": "domain",
}
"""What formats of JSON Schema are read as. Not `uri`, which has schemes, fragments and more that a `url` has not."""
_LIMITS = {
    "format": "format",
    "pattern": "pattern",
    "minLength": "shortest",
    "maxLength": "longest",
    "minimum": "minimum",
    "exclusiveMinimum": "more than",
    "maximum": "maximum",
    "exclusiveMaximum": "less than",
    "multipleOf": "multiple of",
    "minItems": "fewest",
    "maxItems": "most",
    "default": "default",
}
"""What JSON Schema says of a value that no type of AGP says, and how a comment says it."""
_SCALARS = {"boolean": "bool", "integer": "int", "number": "number"}


class Parameter(Struct):
    """One argument of a tool, with its type as AGP writes it; `limits` is what no type can say."""

    name: str
    type: str
    optional: bool
    description: str
    limits: str


class ToolTypes(Struct, frozen=False):
    """Reads the schema of one tool; `notes` says what could not be said as it stands.

    `doubts` says why an argument, or a part of one, is `json`.
    """

    tool: str
    root: Mapping[str, Any]
    enums: Enums
    notes: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    _seen: int = 0
    _depth: int = 0

    def parameters(self) -> tuple[Parameter, ...]:
        """Give the arguments whose name a condition can write, in quotes if need be, in the schema's order."""
        properties = self.root.get("properties", {})
        if not isinstance(properties, dict) or not self.root.keys().isdisjoint(COMPOSED):
            self.notes.append("its schema does not list all of its arguments")
            properties = properties if isinstance(properties, dict) else {}
        if len(properties) > MAX_PARAMETERS:
            self.notes.append(f"only the first {MAX_PARAMETERS} of its arguments are declared")
        found = []
        required = strings(self.root.get("required"))
        for name, schema in list(properties.items())[:MAX_PARAMETERS]:
            if not can_be_quoted(name):
                self.notes.append(f"no condition can read its argument {shown(name)}")
                continue
            type_, nullable = self._type(schema, (name,), ())
            described = schema if isinstance(schema, dict) else {}
            description = described.get("description")
            found.append(
                Parameter(
                    name,
                    type_,
                    nullable or name not in required,
                    description if isinstance(description, str) else "",
                    limits_of(described),
                )
            )
        return tuple(found)

    def result(self) -> str | None:
        """Give the type of the whole schema, as of what a call gives back; None if it says nothing."""
        type_, _ = self._type(self.root, ("result",), ())
        return None if type_ == "json" else type_

    def _type(
        self, schema: Any, path: tuple[str, ...], references: tuple[str, ...]
    ) -> tuple[str, bool]:
        """Give the type of a schema, and whether it may be null."""
        self._seen += 1
        if not isinstance(schema, dict):
            return self._json(path, "its schema says nothing of its type"), False
        if self._seen > MAX_NODES or self._depth == MAX_DEPTH:
            return self._json(path, "its schema is nested too deeply, or too long"), False
        self._depth += 1
        try:
            return self._type_within_bounds(schema, path, references)
        finally:
            self._depth -= 1

    def _json(self, path: tuple[str, ...], why: str) -> str:
        """Give the type `json`, and note why: conditions can only ask whether it is there."""
        doubt = f"`{_place(path)}` is `json`, which only `has` can look at: {why}"
        if doubt not in self.doubts and len(self.doubts) < MAX_DOUBTS:
            self.doubts.append(doubt)
        return "json"

    def _type_within_bounds(
        self, schema: Mapping[str, Any], path: tuple[str, ...], references: tuple[str, ...]
    ) -> tuple[str, bool]:
        reference = schema.get("$ref")
        if isinstance(reference, str):
            if reference in references:
                return self._json(path, "it contains itself"), False
            found = self._resolve(reference)
            if found is None:
                why = f"nothing in the schema is at {shown(reference)}"
                return self._json(path, why), False
            return self._type(found, path, (*references, reference))
        if "enum" in schema or "const" in schema:
            return self._enum(schema, path, references)
        stated = schema.get("type")
        if isinstance(stated, list):
            kinds = stated[: MAX_MEMBERS + 1]
            return self._one_of([{**schema, "type": each} for each in kinds], path, references)
        if isinstance(stated, str):
            return self._stated(stated, schema, path, references), False
        for key in ("anyOf", "oneOf"):
            variants = schema.get(key)
            if isinstance(variants, list):
                return self._one_of(variants, path, references)
        parts = schema.get("allOf")
        if isinstance(parts, list):
            return self._all_of(parts, path, references)
        return self._json(path, "its schema says nothing of its type"), False

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
            if nullable:
                return f"[{self._json((*path, 'item'), 'it may be null, and no list holds that')}]"
            return f"[{inner}]"
        if stated == "object":
            return self._record(schema, path, refs)
        return self._json(path, f"{shown(stated)} is not a type of JSON Schema")

    def _record(
        self, schema: Mapping[str, Any], path: tuple[str, ...], references: tuple[str, ...]
    ) -> str:
        properties = schema.get("properties")
        if not isinstance(properties, dict) or not properties:
            return self._json(path, "it is a map, whose names the schema does not list")
        if len(properties) > MAX_PARAMETERS:
            return self._json(path, f"it has more than {MAX_PARAMETERS} fields")
        required = strings(schema.get("required"))
        fields = []
        for name, inner in properties.items():
            if not can_be_quoted(name):
                where = _place(path)
                self.notes.append(f"no condition can read {shown(name)} of its argument `{where}`")
                continue
            type_, nullable = self._type(inner, (*path, name), references)
            mark = "?" if nullable or name not in required else ""
            fields.append(f"{written(name)}{mark}: {type_}")
        if not fields:
            return self._json(path, "none of its fields has a name that a condition can write")
        return f"{{ {', '.join(fields)} }}"

    def _one_of(
        self, variants: list[Any], path: tuple[str, ...], references: tuple[str, ...]
    ) -> tuple[str, bool]:
        """Give the type that all variants but `null` fit, if there is one.

        Texts of several kinds are a `string`, and a value beside a list of such values is the list: a
        value that comes alone is malformed then, which closes.
        """
        enums, notes, doubts = dict(self.enums.members), list(self.notes), list(self.doubts)
        found = [
            self._type(each, path, references)
            for each in variants[:MAX_MEMBERS]
            if not is_null(each)
        ]
        nullable = any(is_null(each) for each in variants) or any(each[1] for each in found)
        types = {each[0] for each in found}
        if len(types) == 1 and len(variants) <= MAX_MEMBERS:
            return types.pop(), nullable
        common = self._common(types) if len(variants) <= MAX_MEMBERS else None
        # What was declared and noted for variants that are not the type is about nothing.
        self.enums.members = {
            name: members
            for name, members in self.enums.members.items()
            if name in enums or (common or "").strip("[]") == name
        }
        self.notes[:], self.doubts[:] = notes, doubts
        if common is not None:
            if common.startswith("[") and common.strip("[]") != "json":
                where = _place(path)
                self.notes.append(
                    f"its argument `{where}` may come alone; here it is a list always"
                )
            return common, nullable
        listed = " or ".join(sorted(f"`{_in_short(each)}`" for each in types))
        return self._json(path, f"it is {listed}" if types else "it can only be null"), nullable

    def _common(self, types: set[str]) -> str | None:
        """Give the one type that values of these types may be read as."""
        if types == {"int", "number"}:
            return "number"
        if types <= self._texts:
            return "string"
        lists = {each for each in types if each.startswith("[")}
        inner = {each[1:-1] for each in lists} | (types - lists)
        if lists and len(inner) == 1 and inner != {"json"}:
            return f"[{inner.pop()}]"
        if lists and inner <= self._texts:
            return "[string]"
        return None

    @property
    def _texts(self) -> set[str]:
        """The types whose values are texts in JSON and can be read as a `string`."""
        return {"string", *_FORMATS.values(), *self.enums.members}

    def _all_of(
        self, parts: list[Any], path: tuple[str, ...], references: tuple[str, ...]
    ) -> tuple[str, bool]:
        """Give the type that one part says, where the others only narrow it."""
        enums, notes, doubts = dict(self.enums.members), list(self.notes), list(self.doubts)
        found = [self._type(each, path, references) for each in parts[:MAX_MEMBERS]]
        said = [each for each in found if each[0] != "json"]
        if len(said) == 1 and len(parts) <= MAX_MEMBERS:
            self.doubts[:] = doubts
            return said[0]
        self.enums.members = enums
        self.notes[:], self.doubts[:] = notes, doubts
        return self._json(path, "it has to fit several schemas at once"), False

    def _enum(
        self, schema: Mapping[str, Any], path: tuple[str, ...], references: tuple[str, ...]
    ) -> tuple[str, bool]:
        values = schema["enum"] if "enum" in schema else [schema["const"]]
        if not isinstance(values, list):
            return self._json(path, "its `enum` is not a list"), False
        members = tuple(dict.fromkeys(each for each in values if isinstance(each, str)))
        nullable = None in values
        others = [each for each in values if each is not None and not isinstance(each, str)]
        if others or not members:
            stated = schema.get("type")
            if not members and isinstance(stated, str) and stated != "string":
                return self._stated(stated, schema, path, references), nullable
            return self._type_of_values(others, bool(members), path), nullable
        where = _place(path)
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

    def _type_of_values(self, values: list[Any], has_texts: bool, path: tuple[str, ...]) -> str:
        """Give the type of an enumeration that does not say it, and is not of texts alone."""
        kinds = {type(each) for each in values}
        if not has_texts and kinds == {bool}:
            return "bool"
        if not has_texts and kinds == {int}:
            return "int"
        if not has_texts and kinds and kinds <= {int, float}:
            return "number"
        return self._json(path, "its values are of several types, or of none that AGP has")

    def _resolve(self, reference: str) -> Any:
        """Follow a reference inside the tool's own schema; None for any other."""
        if not reference.startswith("#/"):
            return None
        found: Any = self.root
        for step in reference[2:].split("/"):
            step = step.replace("~1", "/").replace("~0", "~")
            found = found.get(step) if isinstance(found, dict) else None
        return found


def limits_of(schema: Mapping[str, Any]) -> str:
    """What a schema says of a value beside its type, for a comment.

    >>> limits_of({"type": "integer", "minimum": 1, "default": 20})
    'minimum 1, default 20'
    """
    found = []
    for key, words in _LIMITS.items():
        value = schema.get(key)
        if isinstance(value, str | int | float) and (value is not True or key == "default"):
            found.append(f"{words} {json.dumps(value)}")
    return ", ".join(found)


def _place(path: tuple[str, ...]) -> str:
    """Write where in an argument something is."""
    return ".".join(map(written, path))


def _in_short(type_: str) -> str:
    return "{ … }" if type_.startswith("{") else "[{ … }]" if type_.startswith("[{") else type_


def is_null(schema: Any) -> bool:
    """Whether a schema allows null and nothing else."""
    return isinstance(schema, dict) and (
        schema.get("type") == "null" or ("const" in schema and schema["const"] is None)
    )


def strings(value: Any) -> frozenset[str]:
    """The strings in a list; none if it is not a list."""
    listed = value if isinstance(value, list) else ()
    return frozenset(each for each in listed if isinstance(each, str))
