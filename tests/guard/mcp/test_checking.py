"""A server's own schema is held against its results, and cannot keep the guard from its work."""

from __future__ import annotations

from typing import Any

import pytest

from agpc.guard.mcp.checking import fits

SCHEMA = "https://json-schema.org/draft/2020-12/schema"
NUMBER = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
DOUBLING: dict[str, Any] = {
    f"d{at}": {"anyOf": [{"$ref": f"#/$defs/d{at + 1}"}] * 2} for at in range(40)
}
DOUBLING["d40"] = {"type": "string"}
SLOW = "^(a+)+$"
LONG = "a" * 40 + "!"


@pytest.mark.parametrize(
    ("schema", "value", "does"),
    [
        (NUMBER, {"a": 1}, True),
        (NUMBER, {"a": "x"}, False),
        ({**NUMBER, "additionalProperties": False}, {"a": 1, "b": 2}, False),
        ({"$schema": SCHEMA, **NUMBER}, {"a": "x"}, False),
        ({"type": 5}, {}, False),
        ({"$ref": "#"}, {}, False),
        ({"$ref": "https://evil.example/schema"}, {}, False),
        ({"description": "x" * 70_000}, {}, False),
    ],
)
def test_a_result_fits_what_its_server_says_or_not(schema: Any, value: Any, does: bool) -> None:
    assert fits({"structuredContent": value}, schema) is does


def test_a_schema_that_nobody_is_ever_done_with_does_not_hold_up_the_guard() -> None:
    doubling = {"type": "object", "$defs": DOUBLING, "properties": {"a": {"$ref": "#/$defs/d0"}}}
    assert not fits({"structuredContent": {"a": 1}}, doubling)
    other = {"$schema": SCHEMA, "pattern": SLOW, "patternProperties": {SLOW: {}}}
    for schema in (
        {"properties": {"a": {"type": "string", "pattern": SLOW}}},
        {"patternProperties": {SLOW: {}}, "additionalProperties": False},
        {"patternProperties": {SLOW: {}}, "unevaluatedProperties": False},
        {"$schema": SCHEMA, "$defs": {"x": other}, "properties": {"a": {"$ref": "#/$defs/x"}}},
    ):
        assert fits({"structuredContent": {"a": LONG, LONG: 1}}, schema)
