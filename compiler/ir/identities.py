"""The identity of an allow, taken apart: its package, its grant, and its label."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from ..text.field_names import is_word
from . import nodes as ir

_NUMBER = re.compile(r"(?:\.[0-9]+)?")


def grant_of(policy: ir.Policy, rule: ir.Allow) -> str:
    """Give the qualified name of the grant that an allow stands in; nothing where no package has one."""
    try:
        package, grant, _ = place_of(rule, policy.package_names)
    except ValueError:
        return ""
    return f"{package}.{grant}"


def place_of(rule: ir.Allow, packages: Collection[str]) -> tuple[str, str, str | None]:
    """Take an allow's identity apart: its package, its grant, and its label if it was given one."""
    end = len(rule.id)
    while (end := rule.id.rfind(".", 0, end)) > 0:  # the longest name of a package first
        package = rule.id[:end]
        if package not in packages:
            continue
        grant, _, name = rule.id[end + 1 :].partition(".")
        if is_word(grant) and _is_unlabelled(name, rule.capabilities, package):
            return package, grant, None
        if is_word(grant) and is_word(name):
            return package, grant, name
    raise ValueError(f"no grant of a package has an allow of the identity `{rule.id}`")


def _is_unlabelled(name: str, capabilities: Iterable[str], package: str) -> bool:
    """Whether it is what an allow of these capabilities is called without a label."""
    own = "+".join(each.removeprefix(f"{package}.") for each in capabilities)
    return name.startswith(own) and _NUMBER.fullmatch(name, len(own)) is not None
