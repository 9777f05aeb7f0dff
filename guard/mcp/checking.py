"""Whether a result is what the server's own schema says. A schema is a stranger's, so nothing is fetched for it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from ...runtime.strict_json import NotJSON, read_request


def fits(answer: Mapping[str, Any], schema: Mapping[str, Any] | None) -> bool:
    """Whether the structured content of an answer fits a schema, where there is one."""
    if schema is None:
        return True
    if "structuredContent" not in answer:
        return False
    validator = _validator(json.dumps(schema, sort_keys=True))
    if validator is None:
        return False
    try:
        return bool(validator.is_valid(answer["structuredContent"]))
    except Exception:  # noqa: BLE001 -- a reference to nowhere, a pattern that is none: the schema says nothing then
        return False


@lru_cache(maxsize=512)
def _validator(schema: str) -> Any:
    from jsonschema import SchemaError, validators  # type: ignore[import-untyped]
    from referencing import Registry

    try:
        found = read_request(schema)
        cls = validators.validator_for(found)
        cls.check_schema(found)
    except (SchemaError, NotJSON):
        return None
    return cls(found, registry=Registry())
