"""`bind` blocks to IR: what declared things are called on a platform."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from ...ir import nodes as ir
from ...ir.roots import reserved
from ...report.diagnostics import (
    Diagnostics,
    Label,
    at,
    report,
)
from ...report.source import Span
from ...structs import Struct, field
from ...syntax import tree as syntax
from ...text.suggestions import did_you_mean
from ..references.references import References

PLATFORMS = ("aws", "mcp", "vault")
WITHOUT_BINDING = ("aws-iam", "cedar", "ir", "javascript", "python", "rego")
"""Targets of our own that are called so, and read no block of that name."""
TAGS = ("agent", "intent", "task")
_PLACEHOLDER = r"\$\{([^}]*)\}"


class _Block(Struct, frozen=False):
    """What all packages say about one target, with the place of each thing."""

    span: Span
    resources: dict[str, ir.ResourceBinding] = field(default_factory=dict)
    pairs: dict[str, dict[str, str]] = field(
        default_factory=lambda: {"agent": {}, "tag": {}, "context": {}}
    )
    places: dict[tuple[str, str], Span] = field(default_factory=dict)


def lower_bindings(
    blocks: Iterable[tuple[str, syntax.BindDeclaration]], refer: References
) -> tuple[ir.Binding, ...]:
    """Merge the `bind` blocks of (package, block) pairs into one binding for each target."""
    found: dict[str, _Block] = {}
    for package, node in blocks:
        _check_platform(node.target, refer)
        block = found.setdefault(node.target.text, _Block(node.target.span))
        for item in node.items:
            _item(package, item, node.target.text, block, refer)
    return tuple(
        ir.Binding(
            target,
            tuple(block.resources[name] for name in sorted(block.resources)),
            tuple(sorted(block.pairs["agent"].items())),
            tuple(sorted(block.pairs["tag"].items())),
            tuple(sorted(block.pairs["context"].items())),
            block.span,
        )
        for target, block in sorted(found.items())
    )


def _check_platform(name: syntax.Name, refer: References) -> None:
    """Report a platform that nothing here knows: its block would say something to nobody."""
    if name.text in PLATFORMS:
        return
    from importlib.metadata import entry_points  # only a name that is not ours pays for it

    others = {each.name for each in entry_points(group="agpc.targets", name=name.text)}
    if others and name.text not in WITHOUT_BINDING:
        return
    listed = ", ".join(f"`{each}`" for each in PLATFORMS)
    report(
        refer.names.diagnostics,
        "AGP1503",
        name.span,
        f"nothing reads a `bind {name.text}`",
        did_you_mean(name.text, PLATFORMS) or f"there are {listed}, and what other packages bring",
    )


def _item(
    package: str,
    item: syntax.BindResource | syntax.BindAgent | syntax.BindTag | syntax.BindContext,
    target: str,
    block: _Block,
    refer: References,
) -> None:
    diagnostics = refer.names.diagnostics
    match item:
        case syntax.BindResource():
            resource = _resource(package, item, target, refer)
            if resource is not None and _first(block, "resource", resource.resource, item, refer):
                block.resources[resource.resource] = resource
        case syntax.BindAgent(agent=name, identity=identity):
            agents = refer.agents(package, (name,))
            if agents is None:
                return
            if agents[0] in refer.vocabulary.families:
                report(
                    diagnostics,
                    "AGP1502",
                    name.span,
                    f"`{name.text}` is a family, and a platform identity is of one agent",
                    "declare the agent, and bind that",
                )
            elif _first(block, "agent", agents[0], item, refer):
                block.pairs["agent"][agents[0]] = identity.value
        case syntax.BindTag(what=what, key=key):
            if what.text not in TAGS:
                report(
                    diagnostics,
                    "AGP1101",
                    what.span,
                    f"a session carries no `{what.text}`",
                    f"it carries {', '.join(f'`{each}`' for each in TAGS)}",
                )
            elif _first(block, "tag", what.text, item, refer):
                block.pairs["tag"][what.text] = text_of(key)
        case syntax.BindContext(name=name, key=key):
            fields = refer.environment(package, None, None, None).roots["context"].fields
            if name.text not in fields and name.text not in reserved("context"):
                refer.names.miss(
                    name.text,
                    at(
                        "AGP1109",
                        name.span,
                        f"the `context` block declares no `{name.text}`",
                        help=did_you_mean(name.text, fields),
                    ),
                )
                return
            refer.names.note(name, "fields", ("context",))
            if _first(block, "context", name.text, item, refer):
                block.pairs["context"][name.text] = text_of(key)


def _first(block: _Block, kind: str, name: str, node: syntax.Node, refer: References) -> bool:
    """Whether something is bound for the first time; a second time is reported."""
    before = block.places.setdefault((kind, name), node.span)
    if before is node.span:
        return True
    refer.names.diagnostics.append(
        at(
            "AGP1102",
            node.span,
            f"`{name}` is bound twice",
            also=(Label(before, "first bound here"),),
        )
    )
    return False


def _resource(
    package: str, node: syntax.BindResource, target: str, refer: References
) -> ir.ResourceBinding | None:
    declared = refer.names.resource(package, node.resource)
    if declared is None:
        return None
    diagnostics = refer.names.diagnostics
    resource = refer.vocabulary.resources[declared.name]
    attributes = {each.name: each for each in resource.attributes}
    holder = f"{declared.name}.resource"
    actions: dict[str, ir.ActionBinding] = {}
    keys: dict[str, str] = {}
    known_actions = [each.name for each in resource.actions]
    for place in (node.location, *(i.on for i in node.items if isinstance(i, syntax.BindAction))):
        for placeholder in re.findall(_PLACEHOLDER, place.value) if place else ():
            if place and placeholder in attributes:
                for name in _written_in(place, placeholder):
                    refer.names.note(name, "fields", (holder,))
            elif placeholder != "id":
                refer.names.miss(
                    placeholder,
                    at(
                        "AGP1109",
                        place.span if place else node.span,
                        f"`{node.resource.text}` declares no attribute `{placeholder}`",
                        help=did_you_mean(placeholder, attributes),
                    ),
                )
    for item in node.items:
        if isinstance(item, syntax.BindAction):
            refer.names.note(item.action, "action", f"{declared.name}.{item.action.text}")
        else:
            refer.names.note(item.attribute, "fields", (holder,))
        if isinstance(item, syntax.BindAction):
            known, name, bound = known_actions, item.action, item.action.text in actions
            if name.text in known and not bound:
                names = tuple(text_of(each) for each in item.names)
                actions[name.text] = ir.ActionBinding(
                    name.text, names, item.on.value if item.on else None
                )
        else:
            known, name, bound = list(attributes), item.attribute, item.attribute.text in keys
            if name.text in known and not bound:
                keys[name.text] = text_of(item.key)
        if name.text not in known:
            kind = "action" if isinstance(item, syntax.BindAction) else "attribute"
            refer.names.miss(
                name.text,
                at(
                    "AGP1109",
                    name.span,
                    f"`{node.resource.text}` declares no {kind} `{name.text}`",
                    help=did_you_mean(name.text, known),
                ),
            )
        elif bound:
            report(diagnostics, "AGP1102", name.span, f"`{name.text}` is bound twice")
    if target == ir.TOOLS:
        _check_tools(node, known_actions, diagnostics)
    return ir.ResourceBinding(
        declared.name,
        node.location.value if node.location else None,
        tuple(actions[name] for name in sorted(actions)),
        tuple(sorted(keys.items())),
        node.span,
    )


def _written_in(place: syntax.Text, attribute: str) -> Iterator[syntax.Name]:
    """Where an attribute stands in a text, as `${…}`."""
    for found in re.finditer(_PLACEHOLDER, place.raw):
        if found[1] == attribute:
            line, start = place.span.line, place.span.column + 1 + found.start(1)
            end = start + len(attribute)
            yield syntax.Name(Span(place.span.file, line, start, line, end), attribute)


def _check_tools(
    node: syntax.BindResource, declared: Collection[str], diagnostics: Diagnostics
) -> None:
    """Report a tool's name that could stand for two actions: a request may call them so."""
    taken: dict[str, syntax.BindAction] = {}
    for item in node.items:
        if not isinstance(item, syntax.BindAction):
            continue
        for name in item.names:
            called = text_of(name)
            if called == item.action.text:
                continue
            before = taken.setdefault(called, item)
            if called in declared:
                message = f"the tool `{called}` would be the action `{item.action.text}` and is `{called}`"
            elif before.action.text != item.action.text:
                message = (
                    f"the tool `{called}` would be two actions, `{before.action.text}` as well"
                )
            elif not called:
                message = "a tool has a name"
            else:
                continue
            report(
                diagnostics,
                "AGP1504",
                name.span,
                message,
                "name another tool, or rename the action: requests may call an action by either name",
            )


def text_of(node: syntax.Text | syntax.Name) -> str:
    """The platform's name, quoted or not."""
    return node.value if isinstance(node, syntax.Text) else node.text
