"""Which calls a rule is about, as statements that OPA's rule index finds.

The index takes equalities, membership in constants or in `data`, and prefixes, all of fields of the
input. So each of these is written out in the rule; what the index cannot take (a SPIFFE pattern) follows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from ...compiler.ir import nodes as ir
from ...compiler.ir.spiffe import parted
from ...compiler.structs import Struct, field
from . import text
from .clauses import Clause, clause, clause_head

AGENT, INTENT = "input.subject.id", "input.context.task.intent"
RESOURCE, ACTION = "input.resource.type", "input.action.name"

_SEGMENT = r"(?:[A-Za-z0-9_-]|\.[A-Za-z0-9_-]|\.\.[A-Za-z0-9._-])[A-Za-z0-9._-]*"  # not . or ..
_ROOM = text.LINE - 4  # columns of a statement in a rule's body


class ScopeWriter(Struct, frozen=False):
    """Writes the scopes of rules, and collects the families and the lists that they need."""

    policy: ir.Policy
    lists: dict[str, dict[str, dict[str, bool]]] = field(default_factory=dict)
    """What a rule names and a line has no room for: by rule, then by kind."""
    _families: set[str] = field(default_factory=set)
    _names_all: bool = False

    def scope(self, rule: ir.Rule, kind: str = "") -> tuple[list[str], list[Clause]]:
        """Write that the call is one that the rule names, with the clauses that this needs.

        A rule that is written a second time has a `kind` that tells the clauses apart.

        An allow is about declared calls alone. Whether a call is declared is asked once for all forbids.
        """
        clauses: list[Clause] = []
        lines = self._capabilities(rule, kind, clauses) + self._agents(rule, kind, clauses)
        if isinstance(rule, ir.Allow) and any(
            each == "any" or each.endswith(".*") for each in rule.capabilities
        ):
            lines.append("matching.capability")
        if isinstance(rule, ir.Allow) and rule.is_first_start:
            self._names_all = True  # since no declared agent is a starter
            lines.append("starts.is_asked_for")
        elif rule.intents is ir.DECLARED:
            lines.append("matching.intent_is_declared")
        elif rule.intents is not ir.ANYONE:
            lines.append(self._one_of(rule.id, "intents", INTENT, rule.intents))
        return lines, clauses

    def agents(self) -> list[Clause]:
        """Give the rules that know the declared agents and families, as far as rules name them."""
        found = []
        if self._names_all:
            declared = map(_fits_of_family, self.policy.identify()[1])
            found.append(clause("is_declared", [["matching.agent_has_declared_id"], *declared]))
        for name in sorted(self._families):
            ids, patterns = self.policy.identities[name]
            known = [[self._one_of(name, "members", AGENT, ids)]] if ids else []
            head = f"families contains {text.string(name)}"
            found.append(clause(head, [*known, *map(_fits_of_family, sorted(patterns))]))
        return found

    def delegations(self, side: Literal["above", "below"]) -> list[Clause]:
        """Give the rules that know an agent and its task as one side of each `delegate`, by its number."""
        found = []
        for number, each in enumerate(self.policy.delegations):
            above, below = (each.delegator, each.intent), (each.delegate, each.delegate_intent)
            agent, intent = above if side == "above" else below
            if agent in self.policy.family_names:
                self._families.add(agent)
                named = f"{text.string(agent)} in agents.families"
            else:
                named = f"{AGENT} == {text.string(self.policy.identities[agent][0][0])}"
            body = [f"{INTENT} == {text.string(intent)}", named]
            found.append(clause(f"{side} contains {number}", [body]))
        return found

    def _capabilities(self, rule: ir.Rule, kind: str, clauses: list[Clause]) -> list[str]:
        if "any" in rule.capabilities:
            return []
        actions: dict[str, set[str] | None] = {}
        for capability in rule.capabilities:
            resource, action = capability.rsplit(".", 1)
            if action == "*":
                actions[resource] = None
            elif (known := actions.setdefault(resource, set())) is not None:
                called = self.policy.actions_called[resource]
                known.update(name for name, stands_for in called.items() if stands_for == action)
        bodies = []
        for resource, names in sorted(actions.items()):
            body = [f"{RESOURCE} == {text.string(resource)}"]
            if names is not None:
                body.append(self._one_of(rule.id, f"actions of {resource}", ACTION, names))
            bodies.append(body)
        if len(bodies) == 1:
            return bodies[0]
        if all(names is None for names in actions.values()):
            return [self._one_of(rule.id, "resources", RESOURCE, actions)]
        clauses.append(clause(clause_head(rule.id, f"capabilities{kind}"), bodies))
        return [self._one_of(rule.id, "resources", RESOURCE, actions), clauses[-1].head]

    def _agents(self, rule: ir.Rule, kind: str, clauses: list[Clause]) -> list[str]:
        if rule.agents is ir.ANYONE:
            return []
        if rule.agents is ir.DECLARED:
            self._names_all = True
            return ["agents.is_declared"]
        families = sorted(self.policy.family_names & set(rule.agents))
        ids = self.policy.identify(tuple(set(rule.agents) - set(families)))[0]
        if not families:
            return [self._one_of(rule.id, "agents", AGENT, ids)]
        self._families.update(families)
        bodies = [[self._one_of(rule.id, "agents", AGENT, ids)]] if ids else []
        bodies += [[f"{text.string(name)} in agents.families"] for name in families]
        all_ids, patterns = self.policy.identify(rule.agents)
        hint = _starts([*all_ids, *(_split(parted(each)[0])[0] for each in patterns)])
        if len(bodies) == 1:
            return [*hint, *bodies[0]]
        clauses.append(clause(clause_head(rule.id, f"agents{kind}"), bodies))
        return [*hint, clauses[-1].head]

    def _one_of(self, whose: str, kind: str, place: str, names: Iterable[str]) -> str:
        """Write that a field is one of these names."""
        names = sorted(set(names))
        line = text.among(place, names)
        if len(names) < 2 or len(line) <= _ROOM:
            return line
        self.lists.setdefault(whose, {})[kind] = dict.fromkeys(names, True)
        return f"{text.lookup(f'{text.TABLES}.lists', (whose, kind))}[{place}]"


def _starts(prefixes: Sequence[str]) -> list[str]:
    """Write how an agent's SPIFFE ID has to start, unless a line has no room for it."""
    shortest: list[str] = []
    for prefix in sorted(set(prefixes)):
        if not shortest or not prefix.startswith(shortest[-1]):
            shortest.append(prefix)
    if len(shortest) == 1:
        return [f"startswith({AGENT}, {text.string(shortest[0])})"]
    line = f"strings.any_prefix_match({AGENT}, {text.value(shortest, 0, 1 << 60)})"
    return [line] if len(line) <= _ROOM else []


def _fits_of_family(pattern: str) -> list[str]:
    """Write that an agent's SPIFFE ID fits a pattern of a family, in a body of its own."""
    whole, left_out = parted(pattern)
    return [*_fits(whole), *(f"not {_is_left_out(each)}" for each in left_out)]


def _is_left_out(pattern: str) -> str:
    """Write that an agent's SPIFFE ID is what a family leaves out."""
    return f"{AGENT} == {text.string(pattern)}" if "*" not in pattern else _fits(pattern)[-1]


def _fits(pattern: str) -> list[str]:
    """Write that an agent's SPIFFE ID fits a pattern without an `except`."""
    prefix, segments = _split(pattern)
    behind = text.string(prefix)
    match segments:
        case ["*"]:
            line = f"matching.is_segment_behind({behind})"
        case ["**"]:
            line = f"matching.are_segments_behind({behind})"
        case _:
            line = f"matching.is_behind({behind}, `{segments_regex(segments)}`)"
    return [*_starts([prefix]), line]


def _split(pattern: str) -> tuple[str, list[str]]:
    """Split a SPIFFE pattern: text up to the first segment that is a wildcard, and the segments from it."""
    segments = pattern.split("/")
    wild = next((at for at, each in enumerate(segments) if each in ("*", "**")), len(segments))
    if wild == len(segments):
        return pattern, []
    return "".join(f"{each}/" for each in segments[:wild]), segments[wild:]


def segments_regex(segments: Sequence[str]) -> str:
    r"""Write the end of a SPIFFE pattern, from its first wildcard on, as a regular expression.

    Many patterns share one, and OPA keeps no more than a hundred compiled.

    >>> segments_regex(["x.y"]), segments_regex([])
    ('^x\\.y$', '^$')
    """
    if not segments:
        return "^$"
    *leading, last = segments
    parts = [_SEGMENT if each == "*" else text.regex(each) for each in leading]
    if last == "**":
        parts.append(f"{_SEGMENT}(?:/{_SEGMENT})*")
    else:
        parts.append(_SEGMENT if last == "*" else text.regex(last))
    return f"^{'/'.join(parts)}$"
