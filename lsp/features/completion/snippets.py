"""Snippets: whole statements and clauses with places to fill in, offered beside the word that they begin with."""

from __future__ import annotations

from collections.abc import Iterator

from ....compiler.lowering.rules.bindings import PLATFORMS
from .around import Around
from .asked import CompletionPoint
from .offers import Offer

Snippets = dict[str, tuple[tuple[str, str], ...]]

_STATEMENTS: Snippets = {
    "owner": (("owner … contact …", 'owner "${1:team}" contact "${2:oncall@acme.example}"'),),
    "agent": (("agent … = …", 'agent ${1:name} = "spiffe://${2:acme.example/ns/team/sa/name}"'),),
    "agents": (("agents … = …", 'agents ${1:name} = "spiffe://${2:acme.example/ns/team/sa/*}"'),),
    "intent": (("intent … { … }", 'intent ${1:name} "${2:What the task is for}" { ${3:field: string} }'),),
    "level": (("level … = … < …", "level ${1:name} = ${2:low} < ${3:high}"),),
    "enum": (("enum … = …", "enum ${1:name} = ${2:first}, ${3:second}"),),
    "set": (("set … = [ … ]", 'set ${1:name} = ["${2:value}"]'),),
    "let": (("let … = …", "let ${1:name} = ${2:condition}"),),
    "group": (("group … = …", "group ${1:name} = ${2:tool.action}"),),
    "context": (("context { … }", "context {\n    ${1:field}: ${2:string}\n}"),),
    "user": (("user { … }", "user {\n    ${1:field}: ${2:string}\n}"),),
    "tool": (("tool … { … }", "tool ${1:name} {\n    ${2|read,write,send,destroy|} action ${3:name}(${4:parameter}: ${5:string})\n}"),),
    "api": (("api … { … }", "api ${1:name} {\n    ${2|read,write,send,destroy|} action ${3:name}(${4:parameter}: ${5:string})\n}"),),
    "dataset": (("dataset … { … }", "dataset ${1:name} {\n    ${2:attribute}: ${3:string}\n    read action ${4:read}, ${5:list}\n}"),),
    "extend": (("extend … { … }", "extend ${1:tool} {\n    ${2|read,write,send,destroy|} action ${3:name}\n}"),),
    "grant": (
        ("grant … { … }", "grant ${1:name} {\n    to  ${2:agent}\n    for ${3:intent}\n\n    allow ${4:tool.action}\n        when ${5:condition}\n\n    credential ttl ${6:15m}\n    valid      until ${7:2027-06-30}\n}"),
    ),
    "forbid": (("forbid … { … }", 'forbid ${1:name} {\n    deny    ${2:tool.action}\n    when    ${3:condition}\n    because "${4:Why nobody may do this.}"\n}'),),
    "terms": (("terms … { … }", "terms ${1:name} {\n    credential ttl ${2:15m}\n    valid      until ${3:2027-06-30}\n    audit      ${4|full,metadata|}\n}"),),
    "meter": (
        ("meter … = count of …", "meter ${1:name} = count of ${2:tool.action} per ${3:task}"),
        ("meter … = sum … of …", "meter ${1:name} = sum ${2:args.amount} of ${3:tool.action} per ${4:agent} within ${5:1d}"),
    ),
    "source": (("source … = …", "source ${1:name} = ${2:said}, ${3:task}"),),
    "separate": (("separate …, …", "separate ${1:tool.action}, ${2:tool.other}"),),
    "isolate": (("isolate … from …", "isolate ${1:agents} from ${2:others}"),),
    "delegate": (("delegate … for … to … for …", "delegate ${1:bot} for ${2:intent} to ${3:other} for ${4:intent}"),),
    "assert": (
        ("assert no … can …", "assert no agent can ${1:tool.action}"),
        ("assert … can …", "assert ${1:bot} can ${2:tool.action} for ${3:intent}"),
        ("assert … within …", "assert ${1:bot} within ${2:other}"),
    ),
    "test": (
        ("test … { … }", 'test "${1:what is expected}" {\n    agent ${2:name} for ${3:intent}\n    call  ${4:tool.action}(${5})\n    at 2026-01-01T10:00:00Z\n    expect ${6|permit,challenge,deny|}\n}'),
    ),
    "bind": (("bind … { … }", f'bind ${{1|{",".join(PLATFORMS)}|}} {{\n    resource ${{2:name}} "${{3:arn}}"\n}}'),),
}  # fmt: skip
_CLAUSES: Snippets = {
    "allow": (
        ("allow … when …", "allow ${1:tool.action}\n    when ${2:condition}"),
        ("allow … as … when … require …", 'allow ${1:tool.action} as ${2:label}\n    when ${3:condition}\n    require approval by "${4:role:name}" within ${5:1h}'),
    ),
    "require": (("require approval by …", 'require approval by "${1:role:name}" within ${2:1h}'),),
    "unless": (("unless approval by …", 'unless approval by "${1:role:name}" within ${2:1h}'),),
    "credential": (("credential ttl … renew …", "credential ttl ${1:15m} renew ${2:3}"),),
    "revoke": (("revoke when …", "revoke when ${1:condition}"),),
    "valid": (("valid until …", "valid until ${1:2027-06-30}"),),
    "during": (("during mon..fri …", 'during ${1:mon..fri} ${2:07:00}..${3:19:00} "${4:Europe/Berlin}"'),),
    "audit": (("audit full", "audit ${1|full,metadata|}"),),
    "because": (('because "…"', 'because "${1:Why nobody may do this.}"'),),
    "oblige": (("oblige …(…)", 'oblige ${1:name}(${2:key}: "${3:value}")'),),
    "owner": _STATEMENTS["owner"],
}  # fmt: skip
_TESTS: Snippets = {
    "agent": (("agent … for …", "agent ${1:name} for ${2:intent}"),),
    "at": (("at …", "at ${1:2026-01-01T10:00:00Z}"),),
    "call": (("call …(…) expect …", "call ${1:tool.action}(${2}) expect ${3|permit,challenge,deny|}"),),
    "did": (("did …(…) … ago", "did ${1:tool.action}(${2}) ${3:5m} ago"),),
    "said": (("said …", 'said "${1:what the person said}"'),),
    "approved": (("approved by … as … … ago", 'approved by "${1:user:ann}" as "${2:role:name}" ${3:5m} ago'),),
    "confirmed": (("confirmed … ago", "confirmed ${1:5m} ago"),),
    "step_up": (("step_up … … ago", 'step_up "${1:mfa}" ${2:5m} ago'),),
    "resource": (("resource { … }", "resource { ${1:attribute}: ${2:0} }"),),
    "context": (("context { … }", "context { ${1:field}: ${2:0} }"),),
    "user": (("user { … }", 'user { id: "${1:user:joe}" }'),),
}  # fmt: skip
_NEEDS: Snippets = {
    "approval": (("approval by … within …", 'approval by "${1:role:name}" within ${2:1h}'),),
    "step_up": (("step_up … within …", 'step_up "${1:mfa}" within ${2:8h}'),),
    "confirmation": (("confirmation within …", "confirmation within ${1:10m}"),),
}
_ITEMS: Snippets = {
    "action": (("action …(…)", "action ${1:name}(${2:parameter}: ${3:string})"),),
}
_BY_RULE: tuple[tuple[str, Snippets], ...] = (
    ("statement", _STATEMENTS),
    ("clause", _CLAUSES),
    ("for_all", _CLAUSES),
    ("allow", _CLAUSES),
    ("test_clause", _TESTS),
    ("_need", _NEEDS),
    ("resource_item", _ITEMS),
)
"""The rule of the grammar that begins where the snippets may stand."""


def snippets(asked: CompletionPoint, key: str, around: Around) -> Iterator[Offer]:
    """The snippets that begin with a word, where what they are may begin."""
    for rule, known in _BY_RULE:
        if rule in around.begins:
            for label, text in known.get(key, ()):
                yield Offer(label, "snippet", "", 5, insert=text)
            return


def plain(snippet: str) -> str:
    """What a snippet says before anything is filled in.

    >>> plain("ttl ${1:15m} ${2|a,b|} ${3}")
    'ttl 15m a '
    """
    import re

    return re.sub(
        r"\$\{\d+(?::([^}]*)|\|([^,|]*)[^}]*\|)?\}",
        lambda found: found[1] or found[2] or "",
        snippet,
    )
