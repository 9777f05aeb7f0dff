"""Cedar's own engine, under the translation of requests that is shipped.

A fault of the translation that changes a decision shows where the interpreter is the oracle, and any
other in `cedar_judge`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import cedarpy

from agpc.runtime.cedar_request import translate

from .javascript import Module, node

PROGRAM = "javascript/"


class Engine:
    """The three files of the target, ready to decide AuthZEN requests."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self.policies = cedarpy.PolicySet.from_str(files["policies.cedar"])
        self.schema = cedarpy.Schema.from_json_str(files["schema.json"])
        self.translation = json.loads(files["request.json"])
        self.validation = cedarpy.validate_policies(files["policies.cedar"], self.schema)

    def decide(self, request: object) -> bool:
        """Whether Cedar permits; a request that cannot be translated is denied."""
        translated = translate(self.translation, request)
        if translated is None:
            return False
        return self.ask(*translated)

    def ask(self, asked: dict[str, Any], entities: list[dict[str, Any]]) -> bool:
        """Whether Cedar permits a request of its own."""
        result = cedarpy.is_authorized(asked, self.policies, entities, schema=self.schema)
        if result.decision == cedarpy.Decision.NoDecision or result.diagnostics.errors:
            raise AssertionError(f"{result.diagnostics.errors} for {asked}, {entities}")
        return bool(result.allowed)


def program(files: Mapping[str, str]) -> Module:
    """The JavaScript translation that is among the files, on Node."""
    running = node()
    assert running is not None
    return running.load(
        {each.removeprefix(PROGRAM): files[each] for each in files if each.startswith(PROGRAM)}
    )
