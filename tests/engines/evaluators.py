"""Every evaluator of what targets make, in one table; the promises are tested of each.

A target that enforces something has a line here, or `tests/properties/test_evaluators.py` fails. A whole answer is
an AuthZEN response; of platforms that only permit or deny, it is a bool. None stands for a call that the
evaluator cannot be given, for a reason that its harness states.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from agpc.compiler.ir import nodes as ir
from agpc.runtime.decision import Decision
from agpc.targets.aws_iam import TARGET as AWS_IAM
from agpc.targets.cedar import TARGET as CEDAR
from agpc.targets.chains import closing
from agpc.targets.emission import Emission, Options, Target
from agpc.targets.javascript import TARGET as JAVASCRIPT
from agpc.targets.python import TARGET as PYTHON
from agpc.targets.python import evaluator
from agpc.targets.rego import TARGET as REGO
from agpc.targets.vault import TARGET as VAULT

from . import agentcore, cedar, iam, javascript, vault, vault_cases
from .asked import (
    Asked,
    Call,
    CallsOfAgentCore,
    CallsOfAWS,
    CallsOfVault,
    Requests,
)
from .generated import imported
from .readers import as_given, as_json, as_parsed_json
from .rego import Opa, RegoCpp, carried, find_opa

ROOT = Path(__file__).parents[2]
Answer = Any
Decide = Callable[[Sequence[Any]], list[Answer]]
NO_OPA = "no opa: set OPA, put it on the path, or at .cache/bin/opa"


@dataclass(frozen=True, slots=True)
class Evaluator:
    """A name, the target whose artifacts it runs, how it is opened over an emission, and what it is asked.

    The policy that it is opened with is the one the artifacts are made from, which a harness may need.
    """

    name: str
    target: Target
    open: Callable[[ir.Policy, Emission], AbstractContextManager[Decide]]
    asked: Asked
    whole: bool = True
    missing: str | None = None
    """Why it cannot be run here."""
    is_held_exact: bool = True
    """Whether it permits all that rules permit which the ledger calls exact."""
    is_for_many: bool = True
    """Whether campaigns ask it, too, which have thousands of calls for it."""
    reads: Callable[[Any], Any] = as_given
    """The request that its reader makes of one."""
    settings: Mapping[str, str] = field(default_factory=dict)
    unexplaining: str = "\0"
    """How reasons of the ledger begin that explain no answer to what is asked here."""

    def emit(self, policy: ir.Policy) -> Emission:
        """The artifacts of a policy."""
        return self.target.emit(policy, Options(self.settings))

    def read(self, call: Call) -> Call:
        """A call as this evaluator understands it."""
        return replace(call, request=self.reads(call.request))

    def permits(self, answer: Answer) -> bool:
        """Whether an answer is a permit."""
        return bool(answer["decision"] if self.whole else answer)

    def agrees(self, answer: Answer, decision: Decision) -> bool:
        """Whether an answer is the interpreter's, as far as it can be: a whole one to the last reason."""
        if self.whole:
            return bool(answer == json.loads(json.dumps(decision.to_authzen())))
        return bool(answer == decision.decision)


def is_said(
    emission: Emission, policy: ir.Policy, decision: Decision, unexplaining: str = "\0"
) -> bool:
    """Whether the ledger says that some rule at work is not exact, so that a permit may be lacking."""
    loose = {
        each.rule
        for each in emission.ledger
        if each.enforcement != "exact"
        and not (each.reasons and all(why.startswith(unexplaining) for why in each.reasons))
    }
    closed = {closing(each.delegate, each.delegate_intent) for each in policy.delegations}
    return decision.decision and (
        loose >= set(decision.rules)
        or not loose.isdisjoint(closed)
        or any(rule.id in loose for rule in policy.forbids)
    )


@contextmanager
def in_memory(policy: ir.Policy, emission: Emission) -> Iterator[Decide]:
    """The evaluator that `agpc.load` gives."""
    engine = evaluator(policy)
    yield lambda requests: [engine.decide(each).to_authzen() for each in requests]


@contextmanager
def generated(policy: ir.Policy, emission: Emission) -> Iterator[Decide]:
    """The generated package, imported."""
    with imported(emission.files) as module:
        yield lambda requests: [module.decide(each).to_authzen() for each in requests]


@contextmanager
def on_node(entry: javascript.Entry, policy: ir.Policy, emission: Emission) -> Iterator[Decide]:
    """The ES module, by its strict reader of JSON text or over what JSON.parse reads."""
    process = javascript.node()
    assert process is not None
    module = process.load(emission.files)
    try:
        yield lambda requests: module.decide(requests, entry)
    finally:
        shutil.rmtree(module.folder, ignore_errors=True)


@contextmanager
def on_opa(policy: ir.Policy, emission: Emission) -> Iterator[Decide]:
    """The bundle on OPA."""
    found = find_opa()
    assert found is not None
    with tempfile.TemporaryDirectory(prefix="agpc-opa-") as folder:
        yield Opa(found, emission.files, Path(folder)).decide


@contextmanager
def on_rego_cpp(policy: ir.Policy, emission: Emission) -> Iterator[Decide]:
    """The bundle on rego-cpp, which has no time zones and cannot be given every request."""
    if any(rule.window is not None for rule in policy.rules):
        yield lambda requests: [None] * len(requests)
        return
    engine = RegoCpp(policy, emission.files)
    yield lambda requests: [
        None if engine.cannot(each) else engine.decide(each) for each in requests
    ]


@contextmanager
def on_cedar(policy: ir.Policy, emission: Emission) -> Iterator[Decide]:
    """Policies and schema on Cedar, which permits or denies, and raises where Cedar reports an error."""
    engine = cedar.Engine(emission.files)
    assert engine.validation.validation_passed, engine.validation.errors
    yield lambda requests: [engine.decide(each) for each in requests]


@contextmanager
def on_agentcore(policy: ir.Policy, emission: Emission) -> Iterator[Decide]:
    """Policies on a gateway of AgentCore, which is known by its documentation."""
    engine = agentcore.Engine(policy, emission.files)
    assert engine.validation.validation_passed, engine.validation.errors
    yield lambda requests: [engine.decide(each) for each in requests]


CEDAR_WASM = "@cedar-policy/cedar-wasm/nodejs"
CEDAR_IN_WASM = Path(__file__).parent / "cedar_wasm.cjs"


def no_cedar_wasm() -> str | None:
    """Say why Cedar in WebAssembly cannot be run, if it cannot."""
    found = javascript.find_node()
    asked = [str(found), "-e", f"require.resolve({json.dumps(CEDAR_WASM)})"]
    if (
        found
        and not subprocess.run(
            asked, env=javascript.node_environment(), capture_output=True, check=False
        ).returncode
    ):
        return None
    return "needs node and @cedar-policy/cedar-wasm (.ci/run installs it; or set AGPC_NODE_MODULES)"


@contextmanager
def on_cedar_wasm(policy: ir.Policy, emission: Emission) -> Iterator[Decide]:
    """The same on Cedar in WebAssembly, by the translation in JavaScript: as the native engine, and no error."""
    files, native = emission.files, cedar.Engine(emission.files)

    def decide(requests: Sequence[Any]) -> list[bool]:
        body = f"return module.translateText({files['request.json']}, text)"
        translated = cedar.program(files).run(body, [carried(each) for each in requests])
        case = {
            "policies": files["policies.cedar"],
            "schema": json.loads(files["schema.json"]),
            "requests": [each for each in translated if each is not None],
        }
        running = javascript.node()
        assert running is not None
        (answer,) = running.run(
            CEDAR_IN_WASM, "return module.default(JSON.parse(text))", [json.dumps(case)]
        )
        assert answer["problems"] == []
        assert all(each["errors"] == [] for each in answer["decisions"]), answer
        answers = iter(answer["decisions"])
        permits = [each is not None and next(answers)["permits"] for each in translated]
        assert permits == [native.decide(each) for each in requests]
        return permits

    yield decide


@contextmanager
def on_iam(together: bool, policy: ir.Policy, emission: Emission) -> Iterator[Decide]:
    """The documents by IAM's documented logic, in both of its readings of a star.

    Together, identity and session policies permit where each reading does; alone, where any does.
    """
    readings = [iam.Evaluator(star_stops_at_colon=each) for each in (True, False)]
    documents: dict[tuple[str, str | None, str | None], list[Any]] = {}
    for path, artifact in emission.artifacts.items():
        key = (artifact.kind, artifact.agent, artifact.intent)
        documents.setdefault(key, []).append(json.loads(emission.files[path]))

    def permits(given: Any) -> bool:
        call, request = given
        identity = documents.get(("identity policy", call.agent, None), [])
        session = documents.get(("session policy", call.agent, call.intent), [])
        if together:
            return all(each.effective(identity, session, request) == "allow" for each in readings)
        return any(
            right == "allow"
            for each in readings
            for right in (
                each.decide(identity, request),
                each.decide(session, request),
                each.effective(identity, session, request),
            )
        )

    yield lambda given: [permits(each) for each in given]


@contextmanager
def on_vault(policy: ir.Policy, emission: Emission) -> Iterator[Decide]:
    """The policy of the bot's session by Vault's documented logic."""
    text = emission.files.get("ops.bot/ops.deploy.hcl")
    stanzas = {} if text is None else vault.read(text)
    yield lambda given: [
        all(
            vault.permits(stanzas, f"secret/data/{path}", operation)
            for operation in vault_cases.OPERATIONS[action]
        )
        for action, path in given
    ]


THIRD_PARTY_PAGE = ROOT / "docs" / "adding-a-target.md"


def third_party_code() -> str:
    """The target that the documentation shows."""
    code = re.search(
        r"```python\n(.*?)```", THIRD_PARTY_PAGE.read_text(encoding="utf-8"), re.DOTALL
    )
    assert code is not None
    return code[1]


def third_party() -> Target:
    """That target, as a package of somebody else would have it."""
    names: dict[str, Any] = {}
    exec(third_party_code(), names)  # noqa: S102
    target: Target = names["TARGET"]
    return target


@contextmanager
def on_nothing(policy: ir.Policy, emission: Emission) -> Iterator[Decide]:
    """The platform of a target that says nothing to it, and that permits nothing by itself."""
    assert emission.files == {}
    yield lambda requests: [False for _ in requests]


ANYTHING = Requests(json_only=False, surrogates=True)
ALL_JSON = Requests(surrogates=True)
WHOLE_TEXT = Requests()
OF_AWS = CallsOfAWS()
NO_NODE = None if javascript.find_node() else javascript.NO_NODE
OPA_IS_MISSING = None if find_opa() else NO_OPA
UNCHECKED = {"reference": "none"}  # generated policies ask for keys that actions do not have
ON_GATEWAY = {"shape": "agentcore", "gateway": agentcore.ARN}
NO_ACCESS_POINTS = "the ARN of an S3 access point"  # no call here goes through one

EVALUATORS = (
    Evaluator("python, in memory", PYTHON, in_memory, ANYTHING),
    Evaluator("python, generated", PYTHON, generated, ANYTHING),
    Evaluator("javascript on Node", JAVASCRIPT, partial(on_node, "decideText"), ALL_JSON, missing=NO_NODE, reads=as_json),
    Evaluator("javascript on Node, parsed", JAVASCRIPT, partial(on_node, "decide"), ALL_JSON, missing=NO_NODE, reads=as_parsed_json),
    Evaluator("rego on OPA", REGO, on_opa, ALL_JSON, missing=OPA_IS_MISSING),
    Evaluator("rego on rego-cpp", REGO, on_rego_cpp, ALL_JSON),
    Evaluator("cedar", CEDAR, on_cedar, WHOLE_TEXT, whole=False),
    Evaluator("cedar in WebAssembly", CEDAR, on_cedar_wasm, WHOLE_TEXT, whole=False, missing=no_cedar_wasm(), is_for_many=False),
    Evaluator("cedar, on AgentCore", CEDAR, on_agentcore, CallsOfAgentCore(), whole=False, settings=ON_GATEWAY),
    Evaluator("aws-iam, policies together", AWS_IAM, partial(on_iam, True), OF_AWS, whole=False, settings=UNCHECKED, unexplaining=NO_ACCESS_POINTS),
    Evaluator("aws-iam, each policy alone", AWS_IAM, partial(on_iam, False), OF_AWS, whole=False, settings=UNCHECKED, is_held_exact=False),
    Evaluator("vault", VAULT, on_vault, CallsOfVault(), whole=False),
    Evaluator("third party", third_party(), on_nothing, WHOLE_TEXT, whole=False, is_for_many=False),
)  # fmt: skip
