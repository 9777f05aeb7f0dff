"""Whether a result is what the server's own schema says, as far as that can be found out in a while.

A schema is a stranger's, so nothing is fetched for it, and none of its patterns is tried: there are some that no reader
is done with in a lifetime. What else takes too long to check does not fit.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from ...runtime.strict_json import NotJSON, read_request

LONGEST = 1.0
"""Seconds of work that one check may take."""
LARGEST = 64 * 1024
"""Characters of a schema, as JSON."""
_UNTRIED = (
    *("pattern", "patternProperties", "uniqueItems"),
    *("unevaluatedItems", "unevaluatedProperties"),
)
"""Keywords that try patterns, or that take time of which nobody has any count."""


def fits(answer: Mapping[str, Any], schema: Mapping[str, Any] | None) -> bool:
    """Whether the structured content of an answer fits a schema, where there is one."""
    if schema is None:
        return True
    if "structuredContent" not in answer:
        return False
    check = _check(json.dumps(schema, sort_keys=True))
    return check is not None and check.takes(answer["structuredContent"])


class _Check:
    """One schema; whatever it says, it is done in time."""

    def __init__(self, schema: Any) -> None:
        from jsonschema import validators  # type: ignore[import-untyped]
        from referencing import Registry

        cls = validators.validator_for(schema)
        cls.check_schema(schema)
        keywords = {name: self._timed(name, each) for name, each in cls.VALIDATORS.items()}
        self._validator = validators.extend(cls, keywords)(
            _without_dialects(schema), registry=Registry()
        )
        self._until = 0.0

    def takes(self, value: Any) -> bool:
        """Whether a value fits."""
        self._until = time.thread_time() + LONGEST
        try:
            return bool(self._validator.is_valid(value))
        except Exception:  # noqa: BLE001 -- no time left, a reference to nowhere: the schema says nothing then
            return False

    def _timed(self, name: str, keyword: Any) -> Any:
        def timed(validator: Any, said: Any, value: Any, schema: Any) -> Any:
            if time.thread_time() > self._until:
                raise TimeoutError
            if name in _UNTRIED or (
                name == "additionalProperties" and "patternProperties" in schema
            ):
                return ()
            return keyword(validator, said, value, schema)

        return timed


def _without_dialects(schema: Any) -> Any:
    """Leave out what would have a part of a schema checked by other keywords than ours."""
    if isinstance(schema, dict):
        return {
            name: _without_dialects(each)
            for name, each in schema.items()
            if name != "$schema" or not isinstance(each, str)
        }
    return [_without_dialects(each) for each in schema] if isinstance(schema, list) else schema


@lru_cache(maxsize=512)
def _check(schema: str) -> _Check | None:
    from jsonschema import SchemaError

    if len(schema) > LARGEST:
        return None
    try:
        return _Check(read_request(schema))
    except (SchemaError, NotJSON, RecursionError):
        return None
