"""Who brings a token of a lease: it names the agent, its task, and what it stands for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose a token is, as long as its lease holds."""

    lease: str
    task: str
    agent: str
    capabilities: frozenset[str]
    """What it stands for, by `PACKAGE.RESOURCE.ACTION`: its holder calls nothing else with it."""
    proved: str | None = None
    """The thumbprint of the key that its holder has to prove."""

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Holder | None:
        """Read what an introspection says (RFC 7662); None where the token is not good, or that cannot be read."""
        texts = [told.get(each) for each in ("lease", "task", "sub")]
        names, bound = told.get("capabilities"), told.get("cnf")
        if told.get("active") is not True or any(type(each) is not str for each in texts):
            return None
        if type(names) is not list or any(type(each) is not str for each in names):
            return None
        proved = None
        if bound is not None:
            proved = bound.get("jkt") if type(bound) is dict else None
            if type(proved) is not str:  # bound to what nobody here can see proved
                return None
        lease, task, agent = texts
        return cls(str(lease), str(task), str(agent), frozenset(names), proved)
