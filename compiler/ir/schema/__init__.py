"""The JSON form of a policy, version 1: what `ir_json` writes and reads, and the schema tells.

Every class stands for the class of its name in `compiler.ir`, whose docstrings say what the fields
mean. What is left out is None, empty, False or the default of that class. `kind` tells alternatives
apart; `set` in constants names the declared set whose values they are. A place is written
`file:line:column-line:column`.
"""

from __future__ import annotations

from typing import Any, Literal

from .base import Model
from .documentation import Doc
from .rules import Allow, Forbid
from .statements import Assertion, Binding, Containment, Delegation, Isolation, Separation, Test
from .types import Field
from .vocabulary import (
    Agent,
    ConstantSet,
    Enumeration,
    Family,
    Intent,
    Meter,
    Package,
    Resource,
    Source,
)


class Policy(Model):
    """A policy set, as a document of version 1."""

    agp_ir: Literal[1]
    packages: list[Package] = []
    agents: list[Agent] = []
    families: list[Family] = []
    intents: list[Intent] = []
    resources: list[Resource] = []
    levels: list[Enumeration] = []
    enums: list[Enumeration] = []
    sets: list[ConstantSet] = []
    context: list[Field] = []
    user: list[Field] | None = None
    meters: list[Meter] = []
    sources: list[Source] = []
    delegations: list[Delegation] = []
    allows: list[Allow] = []
    forbids: list[Forbid] = []
    separations: list[Separation] = []
    isolations: list[Isolation] = []
    containments: list[Containment] = []
    assertions: list[Assertion] = []
    tests: list[Test] = []
    bindings: list[Binding] = []
    docs: list[Doc] = []


Policy.model_rebuild()  # here and not at the first use, which several threads may come to at once

MODELS: dict[str, type[Model]] = {each.__name__: each for each in Model.__subclasses__()}
"""Every part of the document, by the name of the class that it stands for."""


def schema() -> dict[str, Any]:
    """Give the JSON Schema of the document (draft 2020-12)."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "AGP policy IR, version 1",
        **{key: value for key, value in Policy.model_json_schema().items() if key != "title"},
    }
