"""Sources: where values may come from, as a declaration says it or a condition."""

from __future__ import annotations

from ...ir import nodes as ir
from ...ir.digests import digested
from ...ir.type_words import in_words
from ...report.diagnostics import at, report
from ...structs import changed
from ...syntax import tree as syntax
from ...text.field_names import segments, written
from ..names.names import Declaration, Declared
from ..references.attributes import Environment
from ..references.facts import LONGEST
from ..references.references import References
from .conditions import ConditionReader
from .operands import is_path, read_attribute


def source_of(
    declared: Declared[Declaration], refer: References, above: tuple[str, ...]
) -> ir.Source | None:
    """The source that a declaration states, with what those that it names say."""
    node, known = declared.node, refer.facts.sources.get(declared.name)
    assert isinstance(node, syntax.SourceDeclaration)
    if known is not None:
        return known
    if declared.name in above:
        if declared.name == min(above) == above[0]:
            message = f"sources contain each other: {' → '.join((*above, declared.name))}"
            report(refer.names.diagnostics, "AGP1104", node.name.span, message)
        return None
    found = [
        _origins(each, declared.package, refer, (*above, declared.name)) for each in node.origins
    ]
    if None in found:
        return None
    origins = {origin for each in found if each is not None for origin in each}
    source = ir.Source(declared.name, _sorted(origins), "", node.span)
    refer.facts.sources[declared.name] = source = digested(source, refer.members)
    return source


def lower_from(env: Environment, node: syntax.From) -> ir.Condition | None:
    """`a from s, t` and `links a, b from s`: a test for each argument, all of which have to hold."""
    refer = env.refer
    if refer is None:
        report(
            env.diagnostics, "AGP1603", node.span, "a fact is read from what requests carry alone"
        )
        return None
    source = _source_read(env, refer.reporting_to(env.diagnostics), node)
    attributes = [_argument(env, each, links=node.links) for each in node.attributes]
    known = [each for each in attributes if each is not None]
    if source is None or len(known) != len(attributes):
        return None
    tests = tuple(ir.In(ir.NameOf(each, node.links), source.read, node.span) for each in known)
    return tests[0] if len(tests) == 1 else ir.And(tests)


def _source_read(env: Environment, refer: References, node: syntax.From) -> ir.Source | None:
    """The source that a condition reads; one of several origins is defined where it stands."""
    from ...ir.printing.facts import origin_text  # by policies that say `from`

    names: list[str] = []
    origins: set[ir.Origin] = set()
    complete = True
    for each in node.origins:
        declared = None if each.quoted else env.names.find("source", env.package, each.of.text)
        if declared is not None:
            env.names.note(each.of, "source", declared.name)
            source = source_of(declared, refer, ())
            found = None if source is None else source.origins
            names.append(declared.name)
            if len(node.origins) == 1:
                return source
        else:
            found = _origins(each, env.package, refer, ())
            names += [origin_text(origin) for origin in found or ()]
        complete = complete and found is not None
        origins.update(found or ())
    if not complete:
        return None
    text = ", ".join(sorted(set(names)))
    if len(text) > LONGEST:
        message = f"this is longer than {LONGEST} characters when all names are written out"
        report(env.diagnostics, "AGP1008", node.span, message, "declare it: `source NAME = …`")
        return None
    source = digested(ir.Source(f"from {text}", _sorted(origins), "", node.span), refer.members)
    refer.facts.add_unnamed(source)
    return source


def _argument(env: Environment, node: syntax.Operand, *, links: bool) -> ir.Attribute | None:
    """An argument that has a text or a number, of which it can be asked where it comes from."""
    why = "where it comes from is asked of an argument"
    if not isinstance(node, syntax.Name):
        report(env.diagnostics, "AGP1204", node.span, why)
        return None
    attribute = read_attribute(env, node, why)
    if attribute is None:
        return None
    if attribute.root != "args":
        report(env.diagnostics, "AGP1604", node.span, f"{why}, and `{node.text}` is none")
        return None
    if ir.part_of(attribute.type) is not None:
        message = f"{why}, and `{node.text}` is a part of one"
        report(env.diagnostics, "AGP1604", node.span, message, "ask it of the whole value")
        return None
    if not holds(attribute.type, texts_alone=links):
        wanted = "text" if links else "text or number"
        message = f"`{node.text}` is `{in_words(attribute.type)}`, which has no {wanted} in it"
        if attribute.type == ir.JSON:
            message = f"`{node.text}` is `json`, of which nobody knows what is a value"
        report(env.diagnostics, "AGP1604", node.span, message)
        return None
    return attribute


def holds(type_: ir.Type, *, texts_alone: bool = False) -> bool:
    """Whether values of a type have texts or numbers in them; members are chosen, and not quoted."""
    match type_:
        case ir.Scalar(name):
            return name not in ("bool", "json", *(("int", "number") if texts_alone else ()))
        case ir.ListType(of):
            return holds(of, texts_alone=texts_alone)
        case ir.RecordType(fields):
            return any(holds(each.type, texts_alone=texts_alone) for each in fields)
        case _:
            return False


def _sorted(origins: set[ir.Origin]) -> tuple[ir.Origin, ...]:
    return tuple(sorted(origins, key=repr))


# --- Origins --------------------------------------------------------------------------------------


def _origins(
    node: syntax.Origin, package: str, refer: References, above: tuple[str, ...]
) -> tuple[ir.Origin, ...] | None:
    """What one origin stands for; a source that it names stands for what that says."""
    names, text = refer.names, node.of.text
    is_plain = not node.quoted and node.when is None
    if text in ("said", "task"):
        if is_plain:
            return (ir.Origin("said" if text == "said" else "task"),)
    elif text.startswith("user."):
        attribute = refer.environment(package, None, None, None).read(node.of)
        if attribute is None:
            return None
        if is_plain and holds(attribute.type):
            return (ir.Origin("user", attribute=changed(attribute, optional=False)),)
    elif is_path(text):
        pass  # what a caller says of itself is no origin
    elif (source := names.find("source", package, text)) is not None and not node.quoted:
        names.note(node.of, "source", source.name)
        if node.when is None:
            found = source_of(source, refer, above)
            return None if found is None else found.origins
    elif (declared := names.find("set", package, text)) is not None and not node.quoted:
        names.note(node.of, "set", declared.name)
        constants = refer.vocabulary.sets.get(declared.name)
        if constants is None:
            return None
        if node.when is None and holds(constants.type):
            values = ir.Constants(constants.type, constants.values, constants.name)
            return (ir.Origin("set", values=values),)
    else:
        return _result(node, package, refer)
    report(
        names.diagnostics,
        "AGP1604",
        node.span,
        f"no value comes from `{text}`" if is_plain else "`quoted` and `when` are of what a call gives back",
        "write `said`, `task`, `TOOL.ACTION.field`, a `user` attribute, or the name of a set or source",
    )  # fmt: skip
    return None


def _result(node: syntax.Origin, package: str, refer: References) -> tuple[ir.Origin, ...] | None:
    """What a call gives back, at a path, or quoted from it."""
    names = refer.names
    parts = segments(node.of.text)
    for at_ in range(1, len(parts)):
        resource = names.find("resource", package, ".".join(parts[:at_]))
        if resource is not None:
            break
    else:
        message = f"no value comes from `{node.of.text}`"
        help = "write `said`, `task`, `TOOL.ACTION.field`, or the name of a set or source"
        names.miss(node.of.text, at("AGP1101", node.of.span, message, help=help))
        return None
    called = syntax.Name(node.of.span, ".".join(parts[: at_ + 1]))
    capability, path = refer.capability(package, called), tuple(parts[at_ + 1 :])
    if capability is None:
        return None
    action = next(
        each
        for each in refer.vocabulary.resources[resource.name].actions
        if each.name == parts[at_]
    )
    quoted = "quoted" if node.quoted else "result"
    whole = quoted == "quoted" and not path
    type_, record = (None, None) if whole else at_path(action.result, path)
    # Nothing equals a part of `json`, whose shape nobody declared; but what stands in its texts can be quoted.
    can_be_read = type_ is not None and (
        holds(type_) or (node.quoted and type_ == ir.Scalar("json"))
    )
    if not whole and not can_be_read:
        shown = ".".join(path) or "it"
        said = (
            "declares no result" if action.result is None else f"has no text or number at `{shown}`"
        )
        report(
            names.diagnostics,
            "AGP1604",
            node.of.span,
            f"what `{called.text}` gives back {said}"
            if action.result is not None
            else f"`{called.text}` {said}",
            f"declare it: `action {action.name}(…) -> {{ {path[0] if path else 'name'}: string }}`",
        )  # fmt: skip
        return None
    names.note(node.of, "result", (capability, *path))
    condition = None
    if node.when is not None:
        holder = ".".join((f"{capability}()", *map(written, path[:-1])))
        env = refer.result_environment(package, capability, record, holder)
        condition = ConditionReader(env, user="this origin").lower(node.when)
        if condition is None:
            return None
    kind = "quoted" if node.quoted else "result"
    return (ir.Origin(kind, capability, path, condition),)  # type: ignore[arg-type]


def at_path(
    type_: ir.Type | None, path: tuple[str, ...]
) -> tuple[ir.Type | None, ir.RecordType | None]:
    """The type at a path in a result, through lists, and that of the innermost record that holds it."""
    record = None
    inner = type_ and ir.innermost_type(type_)
    for step in path:
        if not isinstance(inner, ir.RecordType):
            return None, None
        record = inner
        field = next((each.type for each in inner.fields if each.name == step), None)
        inner = field and ir.innermost_type(field)
    return inner, record
