"""A policy in parts, which a defect can change before it is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

TERMS = ("short", "watched")
LIMITED = "resource.sensitivity <= internal"


@dataclass
class Grant:
    """One grant of a policy that is about to be written."""

    name: str
    to: str
    intents: str
    allows: dict[str, str]
    clauses: dict[str, str]


@dataclass(frozen=True)
class Sending:
    """How the receiver of what is sent is limited, and what asks for more than that."""

    parameter: str
    condition: str
    narrower: tuple[str, ...]


@dataclass
class Draft:
    """A policy in parts that a defect can change.

    Each agent `a0`, `a1`, … has an intent, a tool, a directory and a grant of the same number, and a forbid.
    """

    random: Random
    agents: dict[str, str] = field(default_factory=dict)
    head: dict[str, str] = field(default_factory=dict)
    intents: dict[str, str] = field(default_factory=dict)
    tools: dict[str, dict[str, str]] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)
    grants: list[Grant] = field(default_factory=list)
    forbids: dict[str, dict[str, str]] = field(default_factory=dict)
    delegations: list[str] = field(default_factory=list)
    statements: dict[str, str] = field(default_factory=dict)
    sendings: list[Sending] = field(default_factory=list)
    """By an agent's number: how the receiver of what it sends is limited."""
    helped: int = 0
    """The number of the agent that hands tasks on to `helper`."""

    def text(self) -> str:
        """The policy as it is written."""
        lines = ["language 2", "package finance", *self.head.values(), *self.agents.values()]
        lines += [f'intent {name} "Work {name}" {fields}' for name, fields in self.intents.items()]
        for name, actions in self.tools.items():
            lines.append(f"tool {name} {{ {self.attributes[name]}")
            lines += [f"    {_action(action, rest)}" for action, rest in actions.items()]
            lines.append("}")
        lines += self.facts.values()
        for grant in self.grants:
            lines.append(f"grant {grant.name} {{\n    to {grant.to}\n    for {grant.intents}")
            lines += [f"    {each}" for each in (*grant.clauses.values(), *grant.allows.values())]
            lines.append("}")
        for name, clauses in self.forbids.items():
            lines += [f"forbid {name} {{", *(f"    {each}" for each in clauses.values()), "}"]
        return "\n".join([*lines, *self.delegations, *self.statements.values(), ""])

    def clauses(self) -> dict[str, str]:
        """How the access of a grant ends, and what goes with it."""
        random = self.random
        return {
            "credential": f"credential ttl {random.choice((5, 15, 60))}m",
            "valid": f"valid until 2027-{random.randint(1, 12):02d}-{random.randint(1, 28):02d}",
            "revoke": f"revoke when {random.choice(('context.confidence < 0.', 'not context.confidence >= 0.'))}"
            f"{random.randint(1, 9)}",
            "terms": f"terms {random.choice(TERMS)}",
        }

    def more(
        self, name: str, to: str, intents: str, *allows: str, like: int | None = None
    ) -> Grant:
        """One more grant, which ends as another one does if that is named."""
        clauses = self.clauses() if like is None else dict(self.grants[like].clauses)
        numbered = {str(number): allow for number, allow in enumerate(allows)}
        self.grants.append(Grant(name, to, intents, numbered, clauses))
        return self.grants[-1]

    def tool(
        self,
        name: str,
        attributes: str = "sensitivity: sensitivity region: region",
        /,
        **actions: str,
    ) -> None:
        """One more tool: of each action the kinds, before a `(`, then the parameters and what it gives back."""
        self.tools[name] = actions
        self.attributes[name] = attributes

    def some(self) -> int:
        """One of the agents, by number."""
        return self.random.randrange(len(self.sendings))

    def another(self, at: int) -> int:
        """Another one of the agents."""
        return self.random.choice([each for each in range(len(self.sendings)) if each != at])

    def alone(self) -> int:
        """One of the agents that hand nothing on."""
        return self.another(self.helped)

    def narrow(self, at: int, action: str, more: str) -> None:
        """Let one allow of a grant ask for more."""
        allows = self.grants[at].allows
        allow, requires, needs = allows[action].partition(" require ")
        allows[action] = f"{allow} and {more}{requires}{needs}"

    def sends(self, at: int, parameter: str, condition: str) -> None:
        """Let another condition limit to whom an agent sends."""
        self.sendings[at] = Sending(parameter, condition, ())
        self.tools[f"t{at}"]["send"] = f"send action({parameter})"
        self.grants[at].allows["send"] = f"allow t{at}.send when {LIMITED} and {condition}"


def _action(name: str, rest: str) -> str:
    kinds, _, signature = rest.partition("action")
    return f"{kinds}action {name}{signature}"
