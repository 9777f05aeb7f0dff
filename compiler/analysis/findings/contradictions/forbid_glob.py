"""A forbid that is a pattern over free text

## What it means
The forbid closes calls of which a text is like a pattern. Whoever chooses the text chooses one that says the same and
is not like it: other letters, other words, another encoding. Such a forbid stops accidents, and no attacker. A pattern over a path or
an address is what AGP2111 is about.

## Example
```agp
tool mail { send action post(to: string, text: string) }

grant posting { to bot for pay allow mail.post when args.to == "team@acme.example" }
forbid secrets {
    deny mail.post
    when args.text like "*password*"                           # AGP2113
    because "No passwords in mails."
}
```

## What to do
Say what may leave instead: bind the text in the allow, to a source or a set, or close the call after something secret was
read.

```agp
tool mail { send action post(to: string, text: string) }
set answers = ["yes", "no"]

grant posting { to bot for pay allow mail.post when args.to == "team@acme.example" and args.text in answers }
```

## How to silence it
It is off until a project asks for it. `# agpc: allow AGP2113 -- REASON` on the line of the forbid or above it.
"""

from __future__ import annotations

from collections.abc import Iterator

from .....runtime.glob import Wildcard, parse_glob
from ....ir import nodes as ir
from ....ir.printing.conditions import term_text
from ....ir.walk import leaves
from ....report.diagnostics import Diagnostic, at
from ...inquiry import Inquiry
from .path_glob import patterns_over_places


def about_forbid(inquiry: Inquiry, forbid: ir.Forbid) -> Iterator[Diagnostic]:
    """Report patterns with `*` over an argument, of what is to be closed."""
    places = list(patterns_over_places(inquiry.policy, forbid))  # of which AGP2111 says more
    for leaf in () if forbid.condition is None else leaves(forbid.condition):
        item: ir.Term | None = None
        test: ir.Condition = leaf
        if isinstance(leaf, ir.Quantified):
            item, test = leaf.list, leaf.test
        if isinstance(test, ir.Like) and Wildcard.ANY in parse_glob(test.pattern):
            item = item or test.item
            if (
                isinstance(item, ir.Attribute)
                and item.root == "args"
                and (item, test) not in places
            ):
                yield at(
                    "AGP2113",
                    test.span or forbid.span,
                    f"forbid `{forbid.id}` looks for a pattern in `{term_text(item)}`, which whoever calls writes otherwise",
                    label="the same can be said in a text that is not like this",
                    help="bind the text where the call is allowed",
                )
