r"""Domains, email addresses and URLs: one exact form of each, which every reader takes alike.

Whoever checks a host and whoever connects to it are different programs, and an attacker writes what these read
differently: `https://good.example\@evil.example`, `http://0x7f.1`. So what has a second spelling, or is read in
two ways by anybody, is none here.

Everything is ASCII. Each function answers `None` for what is not of its kind and never raises.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from .address_text import write_address
from .values import read_address

MAX_DOMAIN = 253
MAX_LOCAL = 64
MAX_EMAIL = 254

_LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_NUMERIC_END = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")  # which many read as an IPv4 address
_ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_URL = re.compile(
    r"(https?)://(?:([a-z0-9.-]+)|\[([0-9a-f:]+)\])(?::([1-9][0-9]{0,4}))?"
    r"(?:(/(?:[A-Za-z0-9!$&'()*+,./:;=@_~-]|%[0-9A-Fa-f]{2})*)"
    r"(?:\?((?:[A-Za-z0-9!$&'()*+,./:;=@_~?-]|%[0-9A-Fa-f]{2})*))?)?"
)
_ODD_ESCAPE = re.compile(r"%2[eE]|%00")
_DOT_SEGMENT = re.compile(r"(?:/|%2[fF]|%5[cC])\.{1,2}(?:/|%2[fF]|%5[cC]|\Z)")
DEFAULT_PORTS = {"http": 80, "https": 443}
MAX_PORT = 65_535


class Url(NamedTuple):
    """The parts of a URL; the host of an IPv6 address has no brackets, and no query is None."""

    scheme: str
    host: str
    port: int
    path: str
    query: str | None


def read_domain(value: object) -> str | None:
    """Read a DNS name in lower case, of letters, digits and hyphens, without a dot at the end.

    The last label is no number: that would be read as an address.

    >>> read_domain("mail.acme.example"), read_domain("127.0.0.1"), read_domain("acme.example.")
    ('mail.acme.example', None, None)
    """
    if type(value) is not str or len(value) > MAX_DOMAIN or _DOMAIN.fullmatch(value) is None:
        return None
    return None if _NUMERIC_END.fullmatch(value) else value


def read_email(value: object) -> str | None:
    """Read one address, `local@domain`, with its domain in lower case, which makes no difference to it.

    >>> read_email("Bob@Acme.Example")
    'Bob@acme.example'
    """
    if type(value) is not str or len(value) > MAX_EMAIL or not value.isascii():
        return None
    local, _, domain = value.rpartition("@")
    if len(local) > MAX_LOCAL or _LOCAL.fullmatch(local) is None:
        return None
    folded = read_domain(domain.lower())
    return None if folded is None else f"{local}@{folded}"


def read_email_domain(value: object) -> str | None:
    """Read the domain of an email address, in lower case."""
    email = read_email(value)
    return None if email is None else email.rpartition("@")[2]


def read_host(value: object) -> str | None:
    """Read a domain, or an address in its one form."""
    domain = read_domain(value)
    if domain is not None:
        return domain
    address = read_address(value)
    return value if address is not None and write_address(*address) == value else None


def split_url(value: object) -> Url | None:
    """Split an absolute URL of `http` or `https` without anything odd in it.

    >>> split_url("https://acme.example/a?b")
    Url(scheme='https', host='acme.example', port=443, path='/a', query='b')
    """
    match = _URL.fullmatch(value) if type(value) is str else None
    if match is None:
        return None
    scheme, name, address, digits, path, query = match.groups()
    host = read_host(name or address)
    port = int(digits) if digits else DEFAULT_PORTS[scheme]
    if host is None or (":" in host) is not (name is None) or port > MAX_PORT:
        return None
    path = path or "/"
    if _ODD_ESCAPE.search(path + (query or "")) or _DOT_SEGMENT.search(path):
        return None
    return Url(scheme, host, port, path, query)


def write_url(url: Url) -> str:
    """Write a URL in the form in which equal ones are equal texts: without the port that goes without saying."""
    host = f"[{url.host}]" if ":" in url.host else url.host
    port = "" if url.port == DEFAULT_PORTS[url.scheme] else f":{url.port}"
    query = "" if url.query is None else f"?{url.query}"
    return f"{url.scheme}://{host}{port}{url.path}{query}"


def read_url(value: object) -> str | None:
    """Read a URL as the text that stands for all that are equal to it.

    >>> read_url("https://acme.example:443")
    'https://acme.example/'
    """
    url = split_url(value)
    return None if url is None else write_url(url)


def read_url_scheme(value: object) -> str | None:
    """Read the scheme of a URL."""
    url = split_url(value)
    return None if url is None else url.scheme


def read_url_host(value: object) -> str | None:
    """Read the host of a URL, a domain or an address."""
    url = split_url(value)
    return None if url is None else url.host


def read_url_port(value: object) -> int | None:
    """Read the port of a URL, or the one that goes without saying."""
    url = split_url(value)
    return None if url is None else url.port


def read_url_path(value: object) -> str | None:
    """Read the path of a URL, which is `/` at least."""
    url = split_url(value)
    return None if url is None else url.path


def read_url_query(value: object) -> str | None:
    """Read the query of a URL, without its `?`; of none, the empty text."""
    url = split_url(value)
    return None if url is None else url.query or ""


def is_below(value: str | None, domain: str | None) -> bool | None:
    """Whether a host is a domain or below it; an address is not. Unknown if either is not there."""
    if value is None or domain is None:
        return None
    return value == domain or value.endswith(f".{domain}")
