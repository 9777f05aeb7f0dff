"""The report as an OSCAL component definition: each package a component, its rules what gives evidence for controls.

It says what the policy says of itself, and no more: an implemented requirement here is evidence for a control.
Identifiers are made of names and the digest of nothing that changes (version 5), the one time is that of the report.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterable, Iterator
from typing import Any

from ...compiler.text.visible import visible
from .facts import Audit, Framework, Owner, Package, Rule

VERSION = "1.2.1"
"""The version of OSCAL: the newest that the tools of today take; later ones of 1.2 take the document as well."""
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:agpc:oscal")
NS = "urn:agpc:oscal"
OWNER = "accountable-owner"
NOT_IN_A_TOKEN = re.compile(r"[^\w.-]")
EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
FREE = re.compile(r"([\\`*_\[\]<>#|~^{}!$&])")
"""What means something in the markup of OSCAL, which is Markdown with HTML."""


def component_definition(audit: Audit) -> str:
    """The document, the same to the byte for the same report."""
    document: dict[str, Any] = {
        "uuid": _id("component-definition", audit.policy_sha256, audit.at),
        "metadata": _metadata(audit),
    }
    if audit.packages:
        document["components"] = [_component(audit, each) for each in audit.packages]
    used = [each for each in audit.frameworks if each.evidence]
    if used:
        document["back-matter"] = {"resources": [_resource(each) for each in used]}
    return json.dumps({"component-definition": document}, indent=1, ensure_ascii=True) + "\n"


def _id(*parts: str) -> str:
    return str(uuid.uuid5(NAMESPACE, json.dumps(parts)))


def line(text: str) -> str:
    """A text as OSCAL's `string`: one line, without blanks around it, and not empty."""
    return visible(text).strip() or "(empty)"


def prose(text: str) -> str:
    r"""A text as OSCAL's markup, in which it is nothing but text.

    >>> prose("a <b> *c*")
    'a \\<b\\> \\*c\\*'
    """
    return FREE.sub(r"\\\1", line(text))


def token(text: str) -> str:
    """A label as OSCAL's `token`; what a token cannot have is `_`, and the label itself is a property.

    >>> token("Art.12(1)"), token("1.2")
    ('Art.12_1_', '_1.2')
    """
    found = NOT_IN_A_TOKEN.sub("_", text)
    return found if found[:1].isalpha() or found[:1] == "_" else f"_{found}"


def _prop(name: str, value: str) -> dict[str, str]:
    return {"name": name, "ns": NS, "value": line(value)}


def _owners(audit: Audit) -> list[Owner]:
    named = [*(each.owner for each in audit.packages), *(each.owner for each in audit.rules)]
    found = {each for each in named if each is not None}
    return sorted(found, key=lambda each: (each.name, each.contact))


def _metadata(audit: Audit) -> dict[str, Any]:
    metadata: dict[str, Any] = {
        "title": "Agent governance policy: the rules that give evidence for controls",
        "last-modified": audit.at,
        "version": f"sha256:{audit.policy_sha256}",
        "oscal-version": VERSION,
        "props": [_prop("agpc-version", audit.agpc)],
        "roles": [{"id": OWNER, "title": "Who answers for the access"}],
    }
    owners = _owners(audit)
    if owners:
        metadata["parties"] = [
            {
                "uuid": _party(each),
                "type": "organization",
                "name": line(each.name),
                **_contact(each.contact),
            }
            for each in owners
        ]
    return metadata


def _contact(contact: str) -> dict[str, Any]:
    if EMAIL.fullmatch(contact):
        return {"email-addresses": [contact]}
    return {"props": [_prop("contact", contact)]}


def _party(owner: Owner) -> str:
    return _id("party", owner.name, owner.contact)


def _component(audit: Audit, package: Package) -> dict[str, Any]:
    rules = [each for each in audit.rules if _package_of(each.id, audit) == package.name]
    component: dict[str, Any] = {
        "uuid": _id("component", package.name),
        "type": "policy",
        "title": prose(package.name),
        "description": f"The rules of the AGP package {prose(package.name)}: {len(rules)} of them.",
        "props": [_prop("package", package.name)],
        **_responsible([package.owner, *(each.owner for each in rules)]),
    }
    implementations = [
        _implementation(package, each, rules)
        for each in audit.frameworks
        if any(_given(each, rules))
    ]
    if implementations:
        component["control-implementations"] = implementations
    return component


def _package_of(rule: str, audit: Audit) -> str:
    """The package of a rule, which is the longest name of one that its identity begins with."""
    names = (each.name for each in audit.packages if rule.startswith(f"{each.name}."))
    return max(names, key=len)


def _responsible(owners: Iterable[Owner | None]) -> dict[str, Any]:
    parties = sorted({_party(each) for each in owners if each is not None})
    return {"responsible-roles": [{"role-id": OWNER, "party-uuids": parties}]} if parties else {}


def _given(framework: Framework, rules: list[Rule]) -> Iterator[tuple[str, str, list[Rule]]]:
    """The controls of a framework that rules name, with those rules."""
    for each in framework.evidence:
        named = [rule for rule in rules if f"{framework.id}:{each.id}" in rule.controls]
        if named:
            yield each.id, each.title, named


def _implementation(package: Package, framework: Framework, rules: list[Rule]) -> dict[str, Any]:
    return {
        "uuid": _id("control-implementation", package.name, framework.id),
        "source": f"#{_id('resource', framework.id)}",
        "description": f"Evidence for controls of {prose(framework.name)} {prose(framework.version)}.",
        "implemented-requirements": [
            {
                "uuid": _id("implemented-requirement", package.name, framework.id, id),
                "control-id": token(id),
                "description": f"{len(named)} {'rule gives' if len(named) == 1 else 'rules give'} evidence for "
                f"{prose(id)}, {prose(title)}. Whether the control is met is for an assessor to judge.",
                "props": [
                    _prop("control", f"{framework.id}:{id}"),
                    *(_prop("rule", each.id) for each in named),
                ],
                **_responsible(each.owner for each in named),
                "remarks": "\n".join(
                    f"- {prose(each.id)}, {prose(each.effect)}, {prose(each.place)}"
                    for each in named
                ),
            }
            for id, title, named in _given(framework, rules)
        ],
    }


def _resource(framework: Framework) -> dict[str, Any]:
    props = [_prop("framework", framework.id), _prop("version", framework.version)]
    if framework.source:
        props.append(_prop("source", framework.source))
    return {
        "uuid": _id("resource", framework.id),
        "title": prose(framework.name),
        "props": props,
        "citation": {"text": f"{prose(framework.name)}, {prose(framework.version)}"},
    }
