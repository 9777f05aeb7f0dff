"""How many planted defects the analysis finds in clean policies, and what else it says.

A clean policy is drawn at random, one known defect is planted in it, and the findings before and after
are compared. Run as a script it writes the table of `docs/analysis-results.md`.
"""

from __future__ import annotations

import argparse
import datetime
import platform
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from agpc import __version__
from agpc.compiler.analysis.run import FINDINGS, analyze
from agpc.compiler.check.compile import compile_sources
from agpc.compiler.report.source import Source
from agpc.runtime.values import read_time

TODAY = read_time("2026-11-24T10:00:00Z")
RESULTS = Path(__file__).parents[4] / "docs" / "analysis-results.md"


@dataclass
class Grant:
    """One grant of a policy that is about to be written."""

    name: str
    to: str
    intents: str
    allows: list[str]
    clauses: dict[str, str]


@dataclass
class Draft:
    """A policy in parts that a mutation can change."""

    random: Random
    head: dict[str, str] = field(default_factory=dict)
    agents: dict[str, str] = field(default_factory=dict)
    intents: list[str] = field(default_factory=list)
    tools: dict[str, dict[str, str]] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)
    grants: list[Grant] = field(default_factory=list)
    forbids: dict[str, dict[str, str]] = field(default_factory=dict)
    tail: list[str] = field(default_factory=list)

    def text(self) -> str:
        lines = ["package finance", *self.head.values(), *self.agents.values()]
        lines += [f'intent {name} "Work {name}"' for name in self.intents]
        for name, actions in self.tools.items():
            body = " ".join(f"action {action}{rest}" for action, rest in actions.items())
            lines.append(f"tool {name} {{ {self.attributes[name]} {body} }}")
        for grant in self.grants:
            lines.append(f"grant {grant.name} {{\n    to {grant.to}\n    for {grant.intents}")
            lines += [f"    {each}" for each in (*grant.clauses.values(), *grant.allows)]
            lines.append("}")
        for name, clauses in self.forbids.items():
            lines += [f"forbid {name} {{", *(f"    {each}" for each in clauses.values()), "}"]
        return "\n".join([*lines, *self.tail, ""])

    def clauses(self) -> dict[str, str]:
        """How the access of a grant ends."""
        random = self.random
        return {
            "credential": f"credential ttl {random.choice((5, 15, 60))}m",
            "valid": f"valid until 2027-{random.randint(1, 12):02d}-{random.randint(1, 28):02d}",
            "revoke": f"revoke when context.confidence < 0.{random.randint(1, 9)}",
        }

    def more(self, name: str, to: str, intents: str, *allows: str, like: int | None = None) -> None:
        """One more grant, which ends as another one does if that is named."""
        clauses = self.clauses() if like is None else dict(self.grants[like].clauses)
        self.grants.append(Grant(name, to, intents, list(allows), clauses))

    def tool(self, name: str, **actions: str) -> None:
        """One more tool."""
        self.tools[name] = actions
        self.attributes[name] = "sensitivity: sensitivity region: region"

    def some(self) -> int:
        """One of the agents, by number; its tool, intent and grant have the same."""
        return self.random.randrange(len(self.intents))


LIMITED = "resource.sensitivity <= internal"


def clean(random: Random) -> Draft:
    """A policy in which nothing is wrong: each agent has an intent, a tool and a grant of its own."""
    draft = Draft(random)
    draft.head = {
        "owner": 'owner "payments" contact "payments@acme.example"',
        "control": "controls nist-ai-rmf-1.0:GOVERN-1.2",
        "level": "level sensitivity = public < internal < confidential < restricted",
        "enum": "enum region = EU, US, APAC",
        "context": "context { confidence: number }",
    }
    for at in range(random.randint(2, 5)):
        draft.agents[f"a{at}"] = f'agent a{at} = "spiffe://acme.example/ns/n{at}/sa/a{at}"'
        draft.intents.append(f"i{at}")
        draft.tool(
            f"t{at}",
            read="(path: string)",
            update="(amount: number, kind: region)",
            void="(reason: string)",
            send="(to: string)",
        )
        kind = random.choice((
            "resource.region == EU",
            "resource.region in [EU, US]",
            f'args.path like "/p{random.randint(1, 99)}/*"',
            f'args.path under "/srv/{random.randint(1, 99)}"',
        ))  # fmt: skip
        draft.more(
            f"g{at}",
            f"a{at}",
            f"i{at}",
            f"allow t{at}.read when {LIMITED} and {kind}",
            f"allow t{at}.update when {LIMITED} and args.amount <= {random.randint(10, 1000)} "
            'require approval by "role:controller" within 1h',
            f'allow t{at}.send when {LIMITED} and args.to like "*@acme.example"',
        )
        draft.forbids[f"f{at}"] = {
            "deny": f"deny t{at}.void",
            "when": f"when resource.region {random.choice(('== US', 'in [US, APAC]', '!= EU'))}",
            "because": f'because "{random.choice(("four eyes", "no voids"))}"',
        }
    return draft


def overridden(draft: Draft) -> None:
    at = draft.some()
    kind = draft.random.choice(("update", "send", "read"))
    draft.forbids["extra"] = {
        "deny": f"deny t{at}.{kind}",
        "when": f"when resource.sensitivity <= {draft.random.choice(('internal', 'confidential'))}",
        "because": 'because "not now"',
    }


def partly_forbidden(draft: Draft) -> None:
    at = draft.some()
    draft.forbids["extra"] = {
        "deny": f"deny t{at}.{draft.random.choice(('update', 'send', 'read'))}",
        "when": "when resource.sensitivity == internal",
        "because": 'because "not now"',
    }


def redundant(draft: Draft) -> None:
    at = draft.some()
    end = draft.random.choice(("x@acme.example", "*@acme.example", "*.y@acme.example"))
    draft.grants[at].allows.append(f'allow t{at}.send when {LIMITED} and args.to like "{end}"')


def covered_forbid(draft: Draft) -> None:
    at = draft.some()
    when = draft.forbids[f"f{at}"]["when"]
    more = draft.random.choice((" and context.confidence < 0.5", ' and args.reason like "x*"'))
    draft.forbids["extra"] = {**draft.forbids[f"f{at}"], "when": when + more}


def vacuous(draft: Draft) -> None:
    at, low = draft.some(), draft.random.randint(1, 50)
    draft.more(
        "extra", f"a{at}", f"i{at}",
        f"allow t{at}.void when args.reason == \"x\" and {LIMITED} and resource.sensitivity > internal"
        if low % 2 else f'allow t{at}.void when args.reason like "a*" and args.reason like "b{low}*" '
        f"and {LIMITED}",
    )  # fmt: skip


def always_true(draft: Draft) -> None:
    at = draft.some()
    part = draft.random.choice((
        "resource.region in [EU, US, APAC]",
        "(resource.region == EU or resource.region != EU)",
        "resource.sensitivity >= public",
    ))  # fmt: skip
    draft.grants[at].allows[2] += f" and {part}"


def unless_never(draft: Draft) -> None:
    at, low = draft.some(), draft.random.randint(1, 50)
    draft.forbids["extra"] = {
        "deny": f"deny t{at}.update",
        "when": f"when args.amount > {2000 + low}",
        "unless": f"unless context.confidence > 0.{low} and context.confidence < 0.{low}",
        "because": 'because "too much"',
    }


def bypassed(draft: Draft) -> None:
    at = draft.some()
    more = draft.random.choice(("", f" and args.amount <= {draft.random.randint(1000, 9999)}"))
    draft.more("extra", f"a{at}", f"i{at}", f"allow t{at}.update when {LIMITED}{more}", like=at)


def asserted(draft: Draft) -> None:
    at = draft.some()
    who = draft.random.choice((f"a{at}", "agent"))
    draft.tail.append(f"assert no {who} can t{at}.{draft.random.choice(('read', 'send'))}")


def unreachable(draft: Draft) -> None:
    at = draft.some()
    other = (at + 1) % len(draft.intents)
    draft.tail.append(f"assert a{at} can t{draft.random.choice((other,))}.read for i{at}")


def overlap(draft: Draft) -> None:
    at = draft.some()
    other = (at + 1) % len(draft.intents)
    draft.more(
        "extra", f"a{other}", f"i{other}",
        f"allow t{at}.send when resource.sensitivity == public and args.to like \"*@acme.example\"",
    )  # fmt: skip


def toxic(draft: Draft) -> None:
    at = draft.some()
    allow = draft.grants[at].allows[0]
    draft.grants[at].allows[0] = allow.replace(
        "<= internal", draft.random.choice(("<= confidential", "== restricted"))
    )


def extra_tool(draft: Draft, allow: str, to: str | None = None, intents: str | None = None) -> int:
    at = draft.some()
    draft.tool("wide", look="", change="(amount: number)")
    draft.more("extra", to or f"a{at}", intents or f"i{at}", *allow.split("\n"))
    return at


BOTH = f"allow wide.look when {LIMITED}\nallow wide.change when {LIMITED}"


def broad_capability(draft: Draft) -> None:
    extra_tool(draft, f"allow wide.* when {LIMITED}")


def broad_family(draft: Draft) -> None:
    where = draft.random.choice(("ns/x/**", "**", "ns/**"))
    if draft.random.random() < 0.7:
        draft.agents["everybody"] = f'agents everybody = "spiffe://other.example/{where}"'
        extra_tool(draft, BOTH, to="everybody")
    else:
        extra_tool(draft, BOTH, to="any agent")


def unlimited_level(draft: Draft) -> None:
    region = draft.random.choice(("EU", "US"))
    extra_tool(draft, f"allow wide.look when resource.region == {region}\n{BOTH.splitlines()[1]}")


def any_intent(draft: Draft) -> None:
    extra_tool(draft, BOTH, intents="any intent")


def swallowed(draft: Draft) -> None:
    at = draft.some()
    draft.agents["kin"] = f'agents kin = "spiffe://acme.example/ns/n{at}/sa/*"'
    draft.more("extra", "kin", f"i{at}", f"allow t{at}.send when {LIMITED}", like=at)


def separated(draft: Draft) -> None:
    at = draft.some()
    one, other = draft.random.sample(("read", "update", "send"), 2)
    draft.tail.append(f"separate t{at}.{one}, t{at}.{other}")


def isolated(draft: Draft) -> None:
    at = draft.some()
    other = (at + 1) % len(draft.intents)
    draft.tools[f"t{at}"]["archive"] = ""
    draft.more("extra", f"a{other}", f"i{other}", f"allow t{at}.archive when {LIMITED}")
    pair = [f"a{at}", f"a{other}"]
    draft.random.shuffle(pair)
    draft.tail.append(f"isolate {pair[0]} from {pair[1]}")


def without(clause: str) -> Callable[[Draft], None]:
    def mutate(draft: Draft) -> None:
        del draft.grants[draft.some()].clauses[clause]

    return mutate


def long_credential(draft: Draft) -> None:
    ttl = draft.random.choice(("13h", "30d", "721m"))
    draft.grants[draft.some()].clauses["credential"] = f"credential ttl {ttl}"


def ends(*days: str) -> Callable[[Draft], None]:
    def mutate(draft: Draft) -> None:
        day = draft.random.choice(days)
        draft.grants[draft.some()].clauses["valid"] = f"valid until {day}"

    return mutate


def absent_permits(draft: Draft) -> None:
    at = draft.some()
    draft.tools[f"t{at}"]["send"] = "(to?: string)"
    draft.grants[at].allows[-1] = (
        f'allow t{at}.send when {LIMITED} and (not has args.to or args.to like "*@acme.example")'
    )


def without_head(name: str) -> Callable[[Draft], None]:
    def mutate(draft: Draft) -> None:
        del draft.head[name]

    return mutate


def without_because(draft: Draft) -> None:
    del draft.forbids[f"f{draft.some()}"]["because"]


def evidence_of_any_age(draft: Draft) -> None:
    grant = draft.grants[draft.some()]
    grant.allows[1] = grant.allows[1].replace(" within 1h", "")


def unserved_intent(draft: Draft) -> None:
    draft.intents.append(f"idle{draft.random.randint(1, 99)}")


def agent_without_grant(draft: Draft) -> None:
    name = f"idle{draft.random.randint(1, 99)}"
    draft.agents[name] = f'agent {name} = "spiffe://acme.example/ns/idle/sa/{name}"'


def unmentioned_action(draft: Draft) -> None:
    draft.tools[f"t{draft.some()}"][f"purge{draft.random.randint(1, 99)}"] = ""


def unread_attribute(draft: Draft) -> None:
    draft.attributes[f"t{draft.some()}"] += f" label{draft.random.randint(1, 99)}: string"


MUTATIONS: dict[str, Callable[[Draft], None]] = {
    "AGP2103": overridden,
    "AGP2102": partly_forbidden,
    "AGP2101": redundant,
    "AGP2104": covered_forbid,
    "AGP2105": vacuous,
    "AGP2106": always_true,
    "AGP2107": unless_never,
    "AGP2108": bypassed,
    "AGP2109": absent_permits,
    "AGP3101": asserted,
    "AGP3102": unreachable,
    "AGP3201": overlap,
    "AGP3202": toxic,
    "AGP3203": broad_capability,
    "AGP3204": broad_family,
    "AGP3205": unlimited_level,
    "AGP3206": any_intent,
    "AGP3207": swallowed,
    "AGP3301": separated,
    "AGP3302": isolated,
    "AGP4101": without("valid"),
    "AGP4102": without("credential"),
    "AGP4103": long_credential,
    "AGP4104": without("revoke"),
    "AGP4105": ends("2026-11-22", "2020-01-01"),
    "AGP4106": ends("2031-06-30", "2100-01-01"),
    "AGP4201": without_head("owner"),
    "AGP4202": without_head("control"),
    "AGP4301": without_because,
    "AGP4302": evidence_of_any_age,
    "AGP4401": unserved_intent,
    "AGP4402": agent_without_grant,
    "AGP4501": unmentioned_action,
    "AGP4502": unread_attribute,
}
"""The code that has to be found, and how its defect is planted."""


def findings(draft: Draft) -> Counter[str]:
    """How often each code is reported of a policy. Every finding is looked for."""
    compilation = compile_sources([Source("mutant.agp", draft.text())])
    assert compilation.policy is not None, (draft.text(), compilation.diagnostics)
    return Counter(each.code for each in analyze(compilation.policy, codes=FINDINGS, at=TODAY))


@dataclass
class Score:
    """What became of the defects of one kind."""

    planted: int = 0
    found: int = 0
    others: Counter[str] = field(default_factory=Counter)


def measure(seed: int, rounds: int) -> tuple[dict[str, Score], Counter[str]]:
    """Plant each defect so many times; give the score of each, and what clean policies showed."""
    scores = {code: Score() for code in MUTATIONS}
    noise: Counter[str] = Counter()
    for number in range(rounds):
        for code, mutate in MUTATIONS.items():
            draft = clean(Random(f"{seed} {code} {number}"))
            before = findings(draft)
            noise += before
            mutate(draft)
            new = findings(draft) - before
            score = scores[code]
            score.planted += 1
            score.found += new[code] > 0
            del new[code]
            score.others += new
    return scores, noise


def report(seed: int, rounds: int) -> str:
    """The table, as a page."""
    scores, noise = measure(seed, rounds)
    planted = sum(each.planted for each in scores.values())
    found = sum(each.found for each in scores.values())
    today = datetime.datetime.now(datetime.UTC).date()
    versions = f"agpc {__version__}, Python {platform.python_version()}"
    lines = [
        "# What the analysis finds of what was planted",
        "",
        "Clean policies are drawn at random, one known defect is planted in each, and the findings before",
        "and after are compared. All of them should be found, and nothing else be said.",
        "",
        f"- {today}, {versions}, seed {seed}: `make mutations`",
        f"- {planted} defects planted, {found} found.",
        f"- In the {planted} clean policies: {in_words(noise) or 'no finding'}.",
        "",
        "| finding | planted | found | other findings that appeared |",
        "| --- | ---: | ---: | --- |",
    ]
    for code, score in sorted(scores.items()):
        name = FINDINGS[code].rpartition(".")[2].replace("_", " ")
        others = in_words(score.others) or "none"
        lines.append(f"| {code} {name} | {score.planted} | {score.found} | {others} |")
    return "\n".join([*lines, ""])


def in_words(counts: Counter[str]) -> str:
    """Codes and how often."""
    return ", ".join(f"{code} × {count}" for code, count in sorted(counts.items()))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=33)
    options = parser.parse_args()
    RESULTS.write_text(report(options.seed, options.rounds), encoding="utf-8")
