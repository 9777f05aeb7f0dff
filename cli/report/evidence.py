"""The controls of each framework, with what names them as what it gives evidence for, and the gaps."""

from __future__ import annotations

from collections import defaultdict

from ...compiler.ir import nodes as ir
from ...compiler.lowering.names.controls import Catalogue
from .facts import Control, Framework


def frameworks_of(policy: ir.Policy, catalogue: Catalogue) -> tuple[Framework, ...]:
    """Every framework that the policy may name, whether it does or not."""
    packages: dict[str, list[str]] = defaultdict(list)
    rules: dict[str, list[str]] = defaultdict(list)
    for package in policy.packages:
        for control in package.controls:
            packages[control].append(package.name)
    for rule in policy.rules:
        for control in rule.controls:
            rules[control].append(rule.id)
    found = []
    for each in catalogue.frameworks:
        controls = [
            Control(id, title, tuple(packages[full]), tuple(sorted(rules[full])))
            for id, title in each.controls.items()
            for full in (f"{each.id}:{id}",)
        ]
        found.append(
            Framework(
                each.id,
                each.name,
                each.version,
                each.source,
                tuple(one for one in controls if one.packages or one.rules),
                tuple(one for one in controls if not one.packages and not one.rules),
            )
        )
    return tuple(found)
