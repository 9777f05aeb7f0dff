"""A pattern over a path or an address

## What it means
In the pattern `*` crosses `/`, and a pattern knows nothing of `..`, of user information or of ports: `"/docs/*"` is like
`/docs/../etc/passwd`, and `"https://acme.example*"` like `https://acme.example.evil.net`. In an allow it opens more
than it shows; in a forbid the same place is written in many ways that it does not match.

## Example
```agp
tool files { write action put(path: string) }

grant writing {
    to bot
    for pay
    allow files.put when args.path like "/docs/*"              # AGP2111
}
```

## What to do
Ask `under` of a path, which looks at whole segments and does not know paths that go up:

```agp
tool files { write action put(path: string) }

grant writing {
    to bot
    for pay
    allow files.put when args.path under "/docs"
}
```

A path may be relative: `args.path under "src"`. What has to be equal to something in the same condition is not
reported, and neither is the key of an object in a store, which is text in which `..` leads nowhere: what is called a `key`
or a `prefix`, and what stands in the place of an object of S3 (`bind aws`). Declare an address as `url`, and ask of its
parts: `args.link.host under "acme.example"`.

## How to silence it
`# agpc: allow AGP2111 -- REASON` on the line of the rule or above it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .....runtime.glob import Wildcard, parse_glob
from ....ir import nodes as ir
from ....ir.printing.conditions import term_text
from ....ir.walk import conditions_of_rule
from ....report.diagnostics import Diagnostic, at
from ....report.fixes import Edit, Fix
from ....report.source import Span
from ...inquiry import Inquiry
from ...procedure.asked_of_rules.condition_parts import conjuncts

# What most policies have no pattern for is compiled by `re` once it is asked for.
_NAMES = r"(?i)(?:^|_|-)(?:path|file|filename|folder|dir|directory|url|uri|link|href)s?$"
_KEYS = r"(?i)(?:^|_|-)(?:key|prefix)(?:e?s)?$"
_STORE = r"arn:aws[a-z-]*:s3:"


def about_allow(inquiry: Inquiry, allow: ir.Allow) -> Iterator[Diagnostic]:
    """Report patterns of an allow."""
    yield from _found(inquiry.policy, allow)


def about_forbid(inquiry: Inquiry, forbid: ir.Forbid) -> Iterator[Diagnostic]:
    """Report patterns of a forbid."""
    yield from _found(inquiry.policy, forbid)


def _found(policy: ir.Policy, rule: ir.Rule) -> Iterator[Diagnostic]:
    for item, test in patterns_over_places(policy, rule):
        yield at(
            "AGP2111",
            test.span or rule.span,
            f"`{term_text(item)}` looks like a path or an address, of which a pattern matches more than it shows",
            label="`*` crosses `/`, and `..` is like any text",
            help=_instead(test.pattern),
            fixes=_asked_by_segments(test.span or rule.span, test.pattern),
        )


def patterns_over_places(
    policy: ir.Policy, rule: ir.Rule
) -> Iterator[tuple[ir.Attribute, ir.Like]]:
    """The patterns over paths and addresses in the conditions of a rule, with what they are asked of."""
    for condition in conditions_of_rule(rule):
        for leaf in _unpinned(condition, frozenset()):
            read: ir.Attribute | None = None
            test: ir.Condition = leaf
            if isinstance(leaf, ir.Quantified):
                read, test = leaf.list, leaf.test
                while isinstance(test, ir.Not):
                    test = test.part
            if not isinstance(test, ir.Like):
                continue
            item = read if read is not None else test.item
            if (
                isinstance(item, ir.Attribute)
                and _is_place(item, test.pattern)
                and not _is_key(policy, rule, item, test.pattern)
            ):
                yield item, test


def _unpinned(condition: ir.Condition, pinned: frozenset[ir.Term]) -> Iterator[ir.Condition]:
    """The tests of a condition, without patterns over what has to equal something in the same conjunction."""
    match condition:
        case ir.And():
            parts = tuple(conjuncts(condition))
            pinned |= {
                each.left for each in parts if isinstance(each, ir.Compare) and each.op == "=="
            }
            for part in parts:
                yield from _unpinned(part, pinned)
        case ir.Or(parts):
            for part in parts:
                yield from _unpinned(part, pinned)
        case ir.Not(part):
            yield from _unpinned(part, pinned)
        case ir.Like(item, _) if item in pinned:
            return
        case _:
            yield condition


_FOLDER = r"([^*?:\\\"]*[^*?:/\\\"])/\*+"


def _asked_by_segments(span: Span, pattern: str) -> tuple[Fix, ...]:
    """Ask the same of a folder, where the pattern names one."""
    folder = re.fullmatch(_FOLDER, pattern)
    if folder is None:
        return ()
    text = f'under "{folder[1]}"'
    return (Fix(f"ask `{text}`", (Edit(span, text, "word", f'like "{pattern}"'),), "likely"),)


def _instead(pattern: str) -> str:
    """What to ask in place of a pattern."""
    folder = re.fullmatch(_FOLDER, pattern)
    if folder is not None:
        return f'ask `under "{folder[1]}"`, which looks at whole segments'
    return 'ask `under "folder"` of a path, and the parts of a `url`, such as `.host`'


def _is_place(item: ir.Attribute, pattern: str) -> bool:
    """Whether a pattern has `*` behind a `/`, or is asked of what is called a place and does not only name an ending."""
    parts = parse_glob(pattern)
    texts = [part for part in parts if isinstance(part, str)]
    if Wildcard.ANY not in parts or not texts:
        return False
    if "/" in texts[0] and isinstance(parts[0], str):
        return True
    ends = parts[0] is Wildcard.ANY and len(parts) == 2 and "/" not in texts[0]
    return not ends and bool(item.path) and re.search(_NAMES, item.path[-1]) is not None


def _is_key(policy: ir.Policy, rule: ir.Rule, item: ir.Attribute, pattern: str) -> bool:
    """Whether this is the key of an object in a store, by its name or by where a binding puts it.

    A pattern that begins like a path of a file or like an address is asked of one, whatever it is called.
    """
    if not item.path or pattern.startswith("/") or "://" in pattern:
        return False
    return re.search(_KEYS, item.path[-1]) is not None or _is_stored(policy, rule, item)


def _is_stored(policy: ir.Policy, rule: ir.Rule, item: ir.Attribute) -> bool:
    """Whether a binding puts an attribute into the places of objects in S3, of each resource that the rule is about."""
    if item.root != "resource":
        return False
    places = {
        bound.resource: bound.location
        for binding in policy.bindings
        for bound in binding.resources
        if bound.location is not None and re.match(_STORE, bound.location)
    }
    about = {each.rpartition(".")[0] for each in policy.expand(rule.capabilities)}
    return all(f"${{{item.path[-1]}}}" in places.get(each, "") for each in about)
