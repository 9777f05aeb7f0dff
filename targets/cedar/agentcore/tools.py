"""Which tools of a gateway a capability is: those that `bind mcp` names as the gateway does."""

from __future__ import annotations

from collections.abc import Iterable

from ....compiler.ir import nodes as ir
from ...partial import Loss
from .service import TOOL


class Tools:
    """The tools of the gateway that a policy knows."""

    def __init__(self, policy: ir.Policy) -> None:
        """Find the tools of each capability, and which tools are more than one of them."""
        self._of: dict[str, list[str]] = {}
        self._are: dict[str, set[str]] = {}
        for resource, tool, action in policy.tools_called:
            target, between, name = tool.partition(TOOL)
            if target and between and name:
                self._of.setdefault(f"{resource}.{action}", []).append(tool)
                self._are.setdefault(tool, set()).add(f"{resource}.{action}")

    def of(self, capabilities: Iterable[str]) -> tuple[str, ...]:
        """The tools of capabilities, sorted."""
        return tuple(sorted({tool for each in capabilities for tool in self._of.get(each, ())}))

    def known(self) -> dict[str, str]:
        """Each tool that is one capability alone, with it."""
        return {
            tool: capability
            for tool, found in sorted(self._are.items())
            if len(found) == 1
            for capability in found
        }

    def permitted(self, capabilities: Iterable[str]) -> tuple[tuple[str, ...], tuple[Loss, ...]]:
        """The tools by which an allow may permit capabilities, and what is lost.

        A tool that is two capabilities is none here: the gateway does not say which of them a call is.
        """
        found: list[str] = []
        losses: list[Loss] = []
        for capability in capabilities:
            tools = self._of.get(capability, [])
            alone = [each for each in tools if len(self._are[each]) == 1]
            found.extend(alone)
            if not tools:
                losses.append(
                    Loss(
                        f"`bind mcp` names no tool of the gateway, TARGET{TOOL}TOOL, for `{capability}`"
                    )
                )
            elif len(alone) < len(tools):
                losses.append(Loss(f"a tool of `{capability}` is another capability too"))
        return tuple(sorted(found)), tuple(losses)
