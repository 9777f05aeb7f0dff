"""A generation: a policy with what stands beside it, named by the digest of all that decides."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from ...compiler.check.compiling.ir_json import IRError, deciding_json, loads
from ...compiler.check.compiling.load import PolicyError, load_policy
from ...compiler.check.project.files import PolicyFilesError
from ...compiler.ir import nodes as ir
from ...compiler.ir.leases import aging, timed, windows, without_leases
from ...compiler.ir.nodes import Window
from ...compiler.lowering.names.controls import Catalogue, Framework, standards
from ...monitor.definitions import Definitions
from ...runtime.arguments import Arguments
from ...runtime.evaluator import Evaluator
from ...targets.python.memory import evaluator
from ...targets.python.rules import vocabulary_of
from .directory import NO_DIRECTORY, Attributes, Directory
from .documents import DocumentError, canonical, read_document, validated
from .mapping import NO_MAPPING, RequestMapping
from .times import times_in

Level: TypeAlias = Literal["full", "metadata"]
FULL: Final = "full"
METADATA: Final = "metadata"
VERSION: Final = 1


class GenerationError(Exception):
    """What should decide cannot be loaded; prints as everything that stands in the way."""


@dataclass(frozen=True, slots=True)
class Summary:
    """How much a policy holds."""

    packages: int
    rules: int
    agents: int
    intents: int
    capabilities: int
    meters: int
    sources: int


@dataclass(frozen=True, slots=True, eq=False)
class Generation:
    """What decides. `ir`, `mapping_json` and `directory_json` are what the digest is over, as they are stored.

    The `directory` of one that was loaded from what is stored has only what decides. `redacting` are the capabilities
    about which some allow says `audit metadata`, `parameters` what each capability declares.
    """

    digest: str
    engine: Evaluator
    ir: bytes
    mapping_json: bytes
    directory_json: bytes
    mapping: RequestMapping
    directory: Directory
    attributes: Attributes
    definitions: Definitions
    summary: Summary
    redacting: frozenset[str]
    parameters: Mapping[str, Arguments]
    conformance: frozenset[str]
    intents: frozenset[str]
    actions: Mapping[str, tuple[str, ...]]
    """The names of the actions of each type of resource, which a search for actions tries."""
    without_leases: Mapping[str, str]
    """Why no lease may stand for a capability, of each for which none may."""
    timed: frozenset[str]
    """The capabilities of which time alone may end what is permitted."""
    aging: frozenset[str]
    """Those of which a rule asks how old something is."""
    windows: Mapping[str, tuple[Window, ...]]
    """The windows of local time of each capability that has any."""
    instants: frozenset[int]
    """The times that stand in the policy."""


def load_generation(
    paths: Sequence[str | os.PathLike[str]],
    *,
    mapping: RequestMapping | str | os.PathLike[str] | None = None,
    directory: Directory | str | os.PathLike[str] | None = None,
) -> Generation:
    """Compile policies, and read what stands beside them. Raises `GenerationError`."""
    problems: list[str] = []
    policy: ir.Policy | None = None
    try:
        policy = load_policy(paths)
    except PolicyFilesError as error:
        problems.extend(error.problems)
    except PolicyError as error:
        problems.append(str(error))
    beside: list[Any] = []
    for kind, given, none in (
        (RequestMapping, mapping, NO_MAPPING),
        (Directory, directory, NO_DIRECTORY),
    ):
        try:
            beside.append(
                none
                if given is None
                else given
                if isinstance(given, kind)
                else read_document(kind, given)  # type: ignore[arg-type]
            )
        except DocumentError as error:
            problems.append(str(error))
    if policy is None or problems:
        raise GenerationError("\n".join(problems))
    return generation_of(policy, None, *beside)


def from_stored(ir: bytes, mapping: bytes, directory: bytes) -> Generation:
    """Give a generation again from what was stored of it. Raises `GenerationError`."""
    try:
        policy = loads(ir, "the stored policy", catalogue_of(ir))
        beside = (
            validated(RequestMapping, json.loads(mapping), "the stored mapping"),
            validated(Directory, json.loads(directory), "the stored directory"),
        )
    except (IRError, ValueError, RecursionError) as error:
        raise GenerationError(str(error)) from None
    return generation_of(policy, ir, *beside)


def digest_of(ir: bytes, mapping: bytes, directory: bytes) -> str:
    """Give the digest of a generation: that of a document which has the digests of its parts.

    So each part can be checked by itself, and none can stand for another.
    """
    parts = {"ir": ir, "mapping": mapping, "directory": directory}
    digests = {name: sha256(content) for name, content in parts.items()}
    return sha256(canonical({"v": VERSION, **digests}))


def sha256(content: bytes) -> str:
    """Give a digest as text says it."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def generation_of(
    policy: ir.Policy,
    ir_json: bytes | None = None,
    mapping: RequestMapping = NO_MAPPING,
    directory: Directory = NO_DIRECTORY,
) -> Generation:
    """Make a generation of a compiled policy. Raises `GenerationError` where the parts do not fit together."""
    ir_json = canonical(deciding_json(policy)) if ir_json is None else ir_json
    mapping_json = canonical(mapping.model_dump(mode="json", by_alias=True, exclude_defaults=True))
    directory_json = canonical(directory.that_decides())
    try:
        _check(policy, mapping)
        attributes = Attributes(directory, mapping, _agent_fields(policy))
    except ValueError as error:
        raise GenerationError(str(error)) from None
    engine = evaluator(policy)
    return Generation(
        digest=digest_of(ir_json, mapping_json, directory_json),
        engine=engine,
        ir=ir_json,
        mapping_json=mapping_json,
        directory_json=directory_json,
        mapping=mapping,
        directory=directory,
        attributes=attributes,
        definitions=Definitions(engine.facts),
        summary=_summary(policy),
        redacting=_redacting(policy),
        parameters=vocabulary_of(policy).arguments,
        conformance=mapping.conformance,
        intents=frozenset(each.name for each in policy.intents),
        actions={
            resource: tuple(sorted(called)) for resource, called in policy.actions_called.items()
        },
        without_leases=without_leases(policy),
        timed=timed(policy),
        aging=aging(policy),
        windows=windows(policy),
        instants=times_in(ir_json.decode()),
    )


def _check(policy: ir.Policy, mapping: RequestMapping) -> None:
    """See that a mapping names what the policy declares: a misspelt name would deny, and never say why."""
    capabilities = set(policy.capabilities)
    intents = {each.name for each in policy.intents}
    problems = []
    if mapping.task is not None and mapping.task.intent not in {None, *intents}:
        problems.append(f"the mapping names `{mapping.task.intent}`, which is no intent")
    for name, each in mapping.resources.items():
        if each.as_ is not None and each.as_ not in policy.actions_called:
            problems.append(f"the mapping makes `{name}` a `{each.as_}`, which is no resource")
        problems.extend(
            f"the mapping names `{tool}`, which is no capability"
            for tool in each.tools.values()
            if tool not in capabilities
        )
    if problems:
        raise ValueError("\n".join(problems))


def _agent_fields(policy: ir.Policy) -> frozenset[str]:
    """What a policy declares of agents, of any of them."""
    of_agents = (field.name for each in policy.agents for field in each.attributes)
    of_families = (field.name for each in policy.families for field in each.attributes)
    return frozenset((*of_agents, *of_families))


def _summary(policy: ir.Policy) -> Summary:
    return Summary(
        packages=len(policy.packages),
        rules=len(policy.allows) + len(policy.forbids),
        agents=len(policy.agents) + len(policy.families),
        intents=len(policy.intents),
        capabilities=len(policy.capabilities),
        meters=len(policy.meters),
        sources=len(policy.sources),
    )


def _redacting(policy: ir.Policy) -> frozenset[str]:
    """The capabilities about which some allow says that the record keeps no values."""
    return frozenset(
        capability
        for rule in policy.allows
        if any(
            each.name == "audit" and ("level", METADATA) in each.properties
            for each in rule.obligations
        )
        for capability in policy.expand(rule.capabilities)
    )


def catalogue_of(content: bytes) -> Catalogue:
    """A catalogue that has what a stored policy names: it was checked against the project's when it was compiled."""
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        return Catalogue()  # `loads` says what is wrong
    shipped = {each.id for each in standards()}
    own: dict[str, dict[str, str]] = {}
    pending: list[Any] = [data]
    for each in pending:  # which grows as it is read
        if type(each) is dict:
            for name in _texts(each.get("controls")):
                framework, _, control = name.partition(":")
                if control and framework not in shipped:
                    own.setdefault(framework, {})[control] = control
        if type(each) in (dict, list):
            inner = each.values() if type(each) is dict else each
            pending.extend(one for one in inner if type(one) in (dict, list))
    return Catalogue(tuple(Framework(id, id, "", own[id], "") for id in sorted(own)))


def _texts(value: object) -> list[str]:
    return [each for each in value if type(each) is str] if type(value) is list else []
