"""The `bind` block that somebody can start from, with the names of their own policy in it."""

from __future__ import annotations

from ..compiler.ir import nodes as ir


def beginning(policy: ir.Policy, platform: str, location: str, action: str, identity: str) -> str:
    """Advice that shows a block: its first resource at a location, and its first agent."""
    lines = [f"bind {platform} {{"]
    for resource in policy.resources[:1]:
        lines.append(f"    resource {_last(resource.name)} {location} {{")
        lines += [f"        {each.name} = {action}" for each in resource.actions[:3]]
        lines.append("    }")
    lines += [f"    agent {_last(each.name)} {identity}" for each in policy.agents[:1]]
    return "\n".join(("begin with a block like this one:", *lines, "}"))


def _last(name: str) -> str:
    return name.rpartition(".")[2]
