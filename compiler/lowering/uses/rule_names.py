"""What the identity of a rule is made of: its package, its grant or forbid, and a label or capabilities."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from ...ir.starts import START
from ...syntax import tree as syntax
from ..names.definitions import Target
from ..references.capabilities import group_named, words_of
from ..references.references import References

Part: TypeAlias = tuple[str, int, Target]
"""A part of an identity, where it begins there, and what it is the name of."""


def parts_of_rule(id: str, refer: References) -> Iterator[Part]:
    """Give the parts of an identity that are names.

    `p.g.ledger.read+ledger.void` is made of the package `p`, the grant `g`, and twice of a resource and an action.
    """
    holder, _, last = id.rpartition(".")
    if last == START and holder in refer.vocabulary.intents:  # which nobody writes
        yield from _qualified(holder, 0, Target("intent", holder))
        return
    found = _declaration(id, refer)
    if found is None:
        return
    package, node = found
    name = f"{package}.{node.name.text}"
    yield from _qualified(name, 0, Target("rule", name))
    rest, at = id[len(name) + 1 :], len(name) + 1
    allows = [each for each in node.clauses if isinstance(each, syntax.AllowClause)]
    if any(each.label is not None and each.label.text == rest for each in allows):
        yield rest, at, Target("rule", id)
    elif "." in rest:
        for capability in rest.split("+"):
            yield from _of_capability(capability, at, package, refer)
            at += len(capability) + 1
    elif rest:
        yield from _of_words(rest, at, package, allows, refer)


def _declaration(id: str, refer: References) -> tuple[str, syntax.RuleDeclaration] | None:
    parts = id.split(".")
    for length in range(1, len(parts)):
        package = refer.names.packages.get(".".join(parts[:length]))
        declared = None if package is None else package.declared["rule"].get(parts[length])
        if package is not None and declared is not None:
            assert isinstance(declared.node, syntax.RuleDeclaration)
            is_whole = length + 1 == len(parts)
            if is_whole == (declared.node.kind == "forbid"):
                return package.name, declared.node
    return None


def _qualified(name: str, at: int, target: Target) -> Iterator[Part]:
    package, _, last = name.rpartition(".")
    if package:
        yield package, at, Target("package", package)
        at += len(package) + 1
    yield last, at, target


def _of_capability(text: str, at: int, package: str, refer: References) -> Iterator[Part]:
    """`tool.action`, `other.tool.action` or `tool.*`; a number may follow that tells twins apart."""
    words = text.split(".")
    if words[-1].isdecimal():
        words = words[:-1]
    prefix = ".".join(words[:-1])
    name = prefix if prefix in refer.vocabulary.resources else f"{package}.{prefix}"
    resource = refer.vocabulary.resources.get(name)
    if resource is None:
        return
    is_start = resource.kind == "intent"
    target = Target("intent" if is_start else "resource", name)
    yield from _qualified(prefix, at, target)
    if words[-1] != "*" and not is_start:
        yield words[-1], at + len(prefix) + 1, Target("action", f"{name}.{words[-1]}")


def _of_words(
    text: str, at: int, package: str, allows: list[syntax.AllowClause], refer: References
) -> Iterator[Part]:
    """Groups and kinds, of which the words stand side by side: those of one allow that is called so."""
    for allow in allows:
        if allow.label is None and text.startswith(words_of(allow.capabilities)):
            for node in allow.capabilities:
                word = words_of((node,))
                group = group_named(refer.names, package, node)
                if group is not None:
                    last = group.rpartition(".")[2]
                    yield last, at + len(word) - len(last), Target("group", group)
                at += len(word) + 1
            return
