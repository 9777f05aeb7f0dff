"""The duties that the guard itself does: `audit`, `redact` and `rate_hint`; `notify` has a file of its own."""

from __future__ import annotations

from collections.abc import Collection
from copy import copy
from typing import Any

from ...compiler.ir import nodes as ir
from ...runtime.values import read_duration
from .duties import CannotDo, Duty, Obligation

REDACTED = "[redacted]"


def only(duty: Duty, *names: str) -> None:
    """See that a duty has these properties, and no other. Raises `CannotDo`."""
    if set(duty.properties) != set(names):
        listed = ", ".join(f"`{each}`" for each in names) or "none"
        raise CannotDo(f"the policy obliges to `{duty.name}` with other properties than {listed}")


class Audit(Obligation):
    """`audit full` and `audit metadata`: whoever decided has recorded the call that way."""

    def check(self, duty: Duty) -> None:
        """Know the level."""
        only(duty, "level")
        if duty.properties["level"] not in ("full", "metadata"):
            raise CannotDo("the policy obliges to `audit` with a level that is not known")


class Redact(Obligation):
    """`redact(fields: "customer, card.number")`: what stands in these fields of the result is left out.

    They have to be fields that the policy declares of the result, and the result has to be as declared: else nobody
    knows whether what is to be left out stands somewhere else.
    """

    def check(self, duty: Duty) -> None:
        """Know every field."""
        only(duty, "fields")
        result = None if duty.tool is None else duty.tool.result
        for path in self._paths(duty):
            if not _is_declared(result, path):
                raise CannotDo(
                    "the policy obliges to `redact` a field that it does not declare of the result"
                )

    async def after(self, duty: Duty, value: Any) -> Any:
        """Leave the fields out."""
        if duty.tool is None or duty.tool.reads_result is None:
            raise CannotDo("nothing is known of the result")
        if duty.tool.reads_result(value) is None:
            raise CannotDo("the result is not as the policy declares it")
        # Made anew even if none of the fields is there: what goes round the value, as text beside it, may have them.
        value = copy(value)
        for path in self._paths(duty):
            value = _without(value, path)
        return value

    @staticmethod
    def _paths(duty: Duty) -> Collection[tuple[str, ...]]:
        fields = duty.properties["fields"]
        paths = fields.split(",") if type(fields) is str else ()
        found = [tuple(each.strip().split(".")) for each in paths]
        if not found or not all(all(path) for path in found):
            raise CannotDo(
                'the policy obliges to `redact` without fields, as "customer, card.number"'
            )
        return found


def _is_declared(type_: ir.Type | None, path: tuple[str, ...]) -> bool:
    if not path:
        return True
    inner = type_ and ir.innermost_type(type_)
    if not isinstance(inner, ir.RecordType):
        return False
    return any(each.name == path[0] and _is_declared(each.type, path[1:]) for each in inner.fields)


def _without(value: Any, path: tuple[str, ...]) -> Any:
    """Give a value with a mark in the place of what stands at the end of a path."""
    if type(value) is list:
        return [_without(each, path) for each in value]
    if not path:
        return REDACTED
    if type(value) is not dict:
        return value  # null, where a record is optional
    if path[0] not in value:
        return value
    return {**value, path[0]: _without(value[path[0]], path[1:])}


class RateHint(Obligation):
    """`rate_hint(calls: 10, within: 1m)`: the agent is told how many calls are welcome. It is a hint, and limits nothing."""

    def check(self, duty: Duty) -> None:
        """Know what to say."""
        only(duty, "calls", "within")
        calls, within = duty.properties["calls"], duty.properties["within"]
        if type(calls) is not int or calls < 1 or read_duration(within) is None:
            raise CannotDo(
                "the policy obliges to `rate_hint` without a number of calls and a duration"
            )

    def hint(self, duty: Duty) -> str | None:
        """Say it."""
        calls, within = duty.properties["calls"], duty.properties["within"]
        return f"At most {calls} calls of this within {within} are welcome."
