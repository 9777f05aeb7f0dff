"""Vault's policy evaluation, from HashiCorp's documentation and not from the emitter.

https://developer.hashicorp.com/vault/docs/concepts/policies: a path in a policy may hold `+` for one segment and a
`*` at its end. If several paths match, the one of highest priority counts: of two patterns P1 has lower
priority than P2 if its first wildcard is earlier; if it ends in `*` and P2 does not; if it has more `+`; if
it is shorter; if it is smaller by text. Without a match, or with `deny` among the capabilities, it is denied.
"""

from __future__ import annotations

import re

_STANZA = re.compile(r'path "([^"]*)" \{\n  capabilities = \[([^\]]*)\]\n\}')


def read(text: str) -> dict[str, set[str]]:
    """The stanzas of a policy as the emitter lays them out; anything else in it is an error."""
    found: dict[str, set[str]] = {}
    rest = "\n".join(line for line in text.split("\n") if not line.startswith("#"))
    for path, capabilities in _STANZA.findall(rest):
        assert path not in found, "a path stands once"
        found[path] = {each.strip().strip('"') for each in capabilities.split(",")}
    assert not _STANZA.sub("", rest).strip(), "nothing but comments and stanzas"
    return found


def matches(pattern: str, path: str) -> bool:
    regex = "/".join(
        "[^/]+" if each == "+" else re.escape(each) for each in pattern.rstrip("*").split("/")
    )
    return (
        re.fullmatch(regex + (".*" if pattern.endswith("*") else ""), path, re.DOTALL) is not None
    )


def priority(pattern: str) -> tuple[int, bool, int, int, str]:
    wildcards = [at for at in (pattern.find("+"), pattern.find("*")) if at >= 0]
    first = min(wildcards, default=len(pattern) + 1)
    return (first, not pattern.endswith("*"), -pattern.count("+"), len(pattern), pattern)


def permits(policy: dict[str, set[str]], path: str, capability: str) -> bool:
    found = [pattern for pattern in policy if matches(pattern, path)]
    if not found:
        return False
    capabilities = policy[max(found, key=priority)]
    return capability in capabilities and "deny" not in capabilities
