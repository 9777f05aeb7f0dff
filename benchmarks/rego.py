"""The time of a decision in OPA (`opa bench`), beside Rego that somebody wrote by hand.

The hand-written policy is what an author who knows OPA writes for the same rules: one rule each, with
equalities first, so that OPA's rule index finds those about a request. It reads the input as it comes, and
takes it for well-formed. Both are asked for a plain yes or no, and for a whole decision.
"""

from __future__ import annotations

import json
import platform
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from importlib.metadata import version as package_version
from pathlib import Path
from typing import Any

from tables import table, time_text
from workload import LEVELS, Rule, Workload, spiffe_id, workload

from agpc.compiler import interpreter, ir
from agpc.compiler.compile import compile_sources
from agpc.compiler.source import Source
from agpc.targets.emission import Options
from agpc.targets.rego import TARGET

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from engines.rego import find_opa, write

SIZES = (10, 100, 1_000, 10_000)
REQUESTS = 4  # of each size: permitted and denied, by turns
ROUNDS = 1  # of `opa bench` for each request, each of a second or more
QUERIES = {
    ("agpc", "allow"): "data.agp.allow",
    ("by hand", "allow"): "data.bench.allow",
    ("agpc", "decision"): "data.agp.decision",
    ("by hand", "decision"): "data.bench_whole.decision",
}
NOTES = """
All gave the same answers to 200 requests. The Rego by hand is one rule for each rule, its equalities first, for
OPA's rule index; a module for the yes or no, and another for the whole decision. It takes every request for
well-formed. A bundle of agpc's looks at the request first (text that is not broken, numbers as doubles,
addresses, whole SPIFFE IDs) and tells unknown from false, which is what it is slower by.
"""
PLAIN = """package bench

default allow := false

allow if {
	not deny
	permit
}

"""
WHOLE = """package bench_whole

decision := {
	"decision": _effect == "permit",
	"context": {
		"effect": _effect,
		"rules": sort([rule.id | some rule in _deciding]),
		"reasons": _reasons,
		"requirements": [],
		"obligations": _obligations,
		"credential": _credential,
		"owner": {"name": "platform", "contact": "oncall@acme.example"},
	},
}

default _effect := "deny"

_effect := "permit" if {
	count(deny) == 0
	count(permit) > 0
}

_deciding := permit if {
	_effect == "permit"
} else := deny

_reasons := [] if {
	_effect == "permit"
} else := ["no allow applies"] if {
	count(deny) == 0
} else := [rule.because | some rule in deny]

default _obligations := []

_obligations := [object.union({"id": rule.id}, each) | some rule in permit; some each in rule.obligations] if {
	_effect == "permit"
}

default _credential := null

_credential := {
	"ttl_seconds": min({rule.credential.ttl_seconds | some rule in permit}),
	"renew": min({rule.credential.renew | some rule in permit}),
} if {
	_effect == "permit"
}

"""
PERMITTED = {
    "credential": {"ttl_seconds": 900, "renew": 3},
    "obligations": [{"type": "audit", "properties": {"level": "full"}}],
}
DENIED = {"because": "Too much at once."}


def plain_by_hand(rule: Rule) -> str:
    """One rule, where a yes or no is enough."""
    return f"{'permit' if rule.permits else 'deny'} if {body_by_hand(rule)}"


def whole_by_hand(rule: Rule) -> str:
    """One rule, with what it gives."""
    given = {"id": rule.id, **(PERMITTED if rule.permits else DENIED)}
    head = f"{'permit' if rule.permits else 'deny'} contains {json.dumps(given)}"
    return f"{head} if {body_by_hand(rule)}"


def body_by_hand(rule: Rule) -> str:
    """When a rule applies, as an author writes it for OPA's rule index."""
    body = []
    if rule.agent is not None:
        body.append(f"input.subject.id == {json.dumps(spiffe_id(rule.agent))}")
    elif rule.team is not None:
        body.append(f'startswith(input.subject.id, "spiffe://acme.example/ns/{rule.team}/sa/")')
    if rule.intent is not None:
        body.append(f'input.context.task.intent == "bench.{rule.intent}"')
    if rule.capability is not None:
        body.append(f'input.resource.type == "bench.{rule.capability[0]}"')
        body.append(f'input.action.name == "{rule.capability[1]}"')
    if rule.permits:
        body.append('input.context.task.state == "active"')
    return "{\n" + "".join(f"\t{line}\n" for line in (*body, *condition_by_hand(rule))) + "}\n"


def condition_by_hand(rule: Rule) -> list[str]:
    """The lines of a rule's condition."""
    same_tenant = "input.subject.properties.tenant == input.resource.properties.tenant"
    amount = f"input.action.properties.amount <= {rule.number}"
    match rule.shape:
        case "always":
            return []
        case "tenant":
            return [same_tenant]
        case "amount":
            return ['input.action.properties.currency == "EUR"', amount]
        case "amount tenant":
            return [same_tenant, amount]
        case "level":
            return [f"_rank[input.resource.properties.sensitivity] <= {rule.number}"]
        case "level above":
            return [f"_rank[input.resource.properties.sensitivity] > {rule.number}"]
        case "region":
            return [f"input.context.region in {{{', '.join(map(json.dumps, rule.words))}}}"]
        case "path":
            return [f'startswith(input.action.properties.path, "{rule.words[0]}")']
        case "risk":
            return [f"input.context.risk > {rule.number}"]
        case "network":
            return ['not net.cidr_contains("10.0.0.0/8", input.context.source_ip)']
    raise ValueError(rule.shape)


def by_hand(load: Workload) -> dict[str, str]:
    """The policy, as a bundle with a module for each question."""
    ranks = {level: rank for rank, level in enumerate(LEVELS)}
    return {
        name: "\n".join([f"{header}_rank := {json.dumps(ranks)}\n", *map(write_rule, load.rules)])
        for name, header, write_rule in (
            ("plain.rego", PLAIN, plain_by_hand),
            ("whole.rego", WHOLE, whole_by_hand),
        )
    }


def opa(*arguments: object) -> Any:
    """Run OPA and read its answer."""
    program = find_opa()
    assert program is not None, "no opa: set OPA, put it on the path, or at .cache/bin/opa"
    done = subprocess.run(
        [program, *map(str, arguments)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def chosen(policy: ir.Policy, load: Workload) -> list[Any]:
    """Some requests that are permitted and some that are not, by turns."""
    sides: dict[bool, list[Any]] = {True: [], False: []}
    for each in load.requests:
        sides[interpreter.decide(policy, each).decision].append(each)
    return [sides[at % 2 == 0][at // 2] for at in range(REQUESTS)]


def check(bundles: Mapping[str, Path], policy: ir.Policy, load: Workload, folder: Path) -> None:
    """Make sure that all say what the interpreter says, to the last field, of all requests."""
    asked = folder / "all.json"
    asked.write_text(json.dumps(load.requests))
    answers = [interpreter.decide(policy, each).to_authzen() for each in load.requests]
    for (who, what), query in QUERIES.items():
        each = f"[answer | some each in input; answer := {query} with input as each]"
        done = json.loads(opa("eval", "--bundle", bundles[who], "--input", asked, each))
        found = done["result"][0]["expressions"][0]["value"]
        wanted = answers if what == "decision" else [answer["decision"] for answer in answers]
        assert found == wanted, f"{what}, {who}, is wrong"


def seconds_of(bundle: Path, request: Path, query: str) -> list[float]:
    """Seconds of one evaluation, in each round."""
    printed = opa(
        *("bench", "--bundle", bundle, "--input", request, "--format", "gobench"),
        *("--count", ROUNDS, "--metrics=false", "--benchmem=false", query),
    )
    return [float(each) / 1e9 for each in re.findall(r"([0-9.]+) ns/op", printed)]


def measure(size: int) -> dict[tuple[str, str], float]:
    """The median seconds of a decision, by who wrote the policy and what is asked."""
    load = workload(size)
    sources = [Source(name, text) for name, text in load.files.items()]
    policy = compile_sources(sources).policy
    assert policy is not None
    files = {"agpc": TARGET.emit(policy, Options()).files, "by hand": by_hand(load)}
    times: dict[tuple[str, str], list[float]] = {each: [] for each in QUERIES}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bundles = {who: folder / who.replace(" ", "_") for who in files}
        for who, bundle in bundles.items():
            write(files[who], bundle)
        check(bundles, policy, load, folder)
        for request in chosen(policy, load):
            asked = folder / "request.json"
            asked.write_text(json.dumps(request))
            for (who, what), query in QUERIES.items():
                times[who, what].extend(seconds_of(bundles[who], asked, query))
    return {each: statistics.median(found) for each, found in times.items()}


def report(sizes: Sequence[int] = SIZES) -> str:
    """A row for each size; in brackets how many times as long as agpc's."""
    found = {size: measure(size) for size in sizes}
    rows = [
        (
            f"{size:,}",
            *(
                time_text(seconds)
                + ("" if who == "agpc" else f" ({seconds / times['agpc', what]:.1f}×)")
                for (who, what), seconds in times.items()
            ),
        )
        for size, times in found.items()
    ]
    growth = {each: found[sizes[-1]][each] / found[sizes[0]][each] for each in found[sizes[0]]}
    flat = "; ".join(f"`{what}`, {who}: {times:.2f}" for (who, what), times in growth.items())
    shown = table(("rules", *(f"`{what}`, {who}" for who, what in QUERIES)), rows)
    closing = f"From {sizes[0]:,} to {sizes[-1]:,} rules a decision takes this many times as long"
    return f"{shown}\n\n{closing}: {flat}."


def page() -> str:
    """The table with what it was measured with, as Markdown."""
    version = re.search(r"Version: (\S+)", opa("version"))
    assert version is not None
    return "\n".join(
        [
            "# Rego on OPA\n",
            "Medians, all of one run of `make bench-rego`. In brackets: times as long as agpc's.",
            (
                f"OPA {version[1]}, {platform.machine()}, `opa bench`, {REQUESTS} requests of each size,"
                f" half of them permitted; agpc {package_version('agpc')}.\n"
            ),
            report(),
            NOTES,
        ]
    )
