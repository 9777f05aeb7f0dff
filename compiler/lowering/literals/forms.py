"""Dates, domains, email addresses, URLs and SPIFFE IDs as literals, each in the one form that a request may have, too.

Every function reports what is wrong and then answers None.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from ....runtime.values import read_date
from ...ir import nodes as ir
from ...ir.spiffe import spiffe_problem
from ...report.diagnostics import Diagnostics, at
from ...report.fixes import Fix, written
from ...syntax import tree as syntax

_DOMAIN = (
    "lower-case letters, digits and hyphens between dots, as in `acme.example`; no dot at the end"
)
_FORMS: dict[ir.Type, tuple[str, str, str]] = {
    ir.DOMAIN: ("AGP1312", "a domain", _DOMAIN),
    ir.HOST: ("AGP1312", "a host", f"a domain or an address: {_DOMAIN}"),
    ir.EMAIL: (
        "AGP1313",
        "an email address",
        "one address without a name beside it, as in `ann@acme.example`",
    ),
    ir.URL: (
        "AGP1314",
        "a URL in its one form",
        "`https://host/path?query`, in lower case up to the path; no user, fragment, `.` or `..`",
    ),
}
"""The code of what is none, what it is called, and how it is written."""
_RESERVED = re.compile(r"^spiffe://[^/]*/spire(?:/|$)")


def has_form(type_: ir.Type) -> bool:
    """Whether literals of a type are texts of a form of their own."""
    return type_ in _FORMS


def is_formed(value: object, type_: ir.Type) -> bool:
    """Whether text is of such a type."""
    from ....runtime import hosts  # which a policy without them need not load

    readers: dict[ir.Type, Callable[[object], str | None]] = {
        ir.DOMAIN: hosts.read_domain,
        ir.HOST: hosts.read_host,
        ir.EMAIL: hosts.read_email,
        ir.URL: hosts.read_url,
    }
    return readers[type_](value) is not None


def formed(node: syntax.Text, type_: ir.Type, diagnostics: Diagnostics) -> str | None:
    """Read a literal of such a type, which stays as it is written."""
    if is_formed(node.value, type_):
        return node.value
    code, what, help = _FORMS[type_]
    meant = _meant(node.value, type_)
    fixes: tuple[Fix, ...] = ()
    if meant is not None:
        help = f'write `"{meant}"`'
        fixes = written(node.span, f'"{meant}"', "likely")
    message = f"`{node.value}` is not {what}"
    diagnostics.append(at(code, node.span, message, help=help, fixes=fixes))
    return None


def _meant(text: str, type_: ir.Type) -> str | None:
    """What is of the type and was meant, where little is odd."""
    from ....runtime import hosts

    lower = text.strip().rstrip(".").lower()
    tries = [lower, lower.removeprefix("*.").removeprefix("@").removeprefix(".")]
    if type_ in (ir.DOMAIN, ir.HOST):
        url = hosts.split_url(lower)
        tries += [url.host] if url is not None else []
    elif type_ == ir.EMAIL:
        tries = [text.strip().removeprefix("mailto:")]
    else:
        tries = [text.partition("#")[0], f"{lower}"]
    return next((each for each in tries if is_formed(each, type_)), None)


def date(node: syntax.Date, diagnostics: Diagnostics) -> str | None:
    """Read a date that is compared with others, of any year that has four digits."""
    if read_date(node.text) is not None:
        return node.text
    help = "year, month and day of the Gregorian calendar, as in `2027-06-30`"
    diagnostics.append(at("AGP1304", node.span, f"`{node.text}` is not a date", help=help))
    return None


def spiffe_id(node: syntax.Text, diagnostics: Diagnostics, *, pattern: bool = False) -> str | None:
    """Check a SPIFFE ID, or a pattern of them (SPIFFE-ID, sections 2.1 to 2.3)."""
    problem = spiffe_problem(node.value, pattern=pattern)
    if problem is None:
        if _RESERVED.search(node.value):
            diagnostics.append(
                at(
                    "AGP1311",
                    node.span,
                    "paths under `/spire/` are kept for SPIRE's own servers and agents",
                    help="name the workload by the path that its registration entry has",
                )
            )
        return node.value
    diagnostics.append(
        at(
            "AGP1301",
            node.span,
            f"`{node.value}` is not a SPIFFE {'pattern' if pattern else 'ID'}: {problem}",
            help="write `spiffe://trust.domain/path`, as in "
            f'`"spiffe://acme.example/ns/finance/sa/{"*" if pattern else "invoice-bot"}"`',
        )
    )
    return None
