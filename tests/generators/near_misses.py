"""Texts that are dates, domains, email addresses or URLs, or only nearly so."""

from __future__ import annotations

from hypothesis import strategies as st

from .values import DATES, EMAILS, HOSTS, URLS, Draw, integers, pick

PIECES = (
    *("http", "https", "HTTPS", "ftp", ":", "//", "/", "\\", "@", "?", "#", "[", "]", ".", "..", "-", "_", "%"),
    *("%2e", "%2F", "%5c", "%00", "%40", "%zz", "%25", "0x7f", "0X7F", "0177", "127", "1", "0", "00", "256", "65535"),
    *("65536", "443", "0443", "::", "::ffff:", "ffff", "db8", "fe80::1%eth0", "0:0", "acme", "example", "evil", "EVIL"),
    *("xn--bcher-kva", "xn--", "xn--a", "a" * 63, "a" * 64, "ü", "ß", "。", "．", "／", "ⓐ", "K", "\u00ad", "\u200b"),
    *(" ", "\t", "\n", "\r", "\x00", "\x7f", "\ufeff", "{", "}", "|", "^", "<", ">", '"', "`", "'", "+", "~", "!", "&"),
    *("mailto:", "ann", "Ann ", "(x)", ",", ";", "2026", "-02-29", "-02-30", "-1", "13", "31", "0000", "9999", "T00"),
    *("۱", "１", "A", "z", "*", "=", "$"),
)  # fmt: skip
"""What attackers write hosts with, and what one reader skips and another does not."""


@st.composite
def near_misses(draw: Draw) -> str:
    """A text of one of the forms with up to three mistakes, or one of pieces alone."""
    if draw(integers(0, 4)) == 0:
        return "".join(pick(draw, PIECES) for _ in range(draw(integers(0, 7))))
    text: str = draw(st.one_of(st.sampled_from((*DATES, *HOSTS, *EMAILS)), urls(), urls()))
    for _ in range(draw(integers(0, 3))):
        at = draw(integers(0, len(text)))
        to = min(len(text), at + draw(integers(0, 2)))
        text = text[:at] + pick(draw, ("", *PIECES)) + text[to:]
    return text


@st.composite
def urls(draw: Draw) -> str:
    """A URL, with parts that most often may stand there."""
    if draw(integers(0, 3)) == 0:
        return pick(draw, URLS)
    groups = draw(st.lists(st.sampled_from(("0", "0", "1", "db8", "ffff")), min_size=8, max_size=8))
    hosts = (
        *HOSTS[:-1],
        "[::1]",
        f"[{':'.join(groups)}]",
        f"[{':'.join(groups[:3])}::{groups[3]}]",
    )
    port = pick(draw, ("", "", ":443", ":80", ":1", ":65535", f":{draw(integers(0, 70_000))}"))
    rest = "".join(
        pick(draw, ("/", "/a", "/..a", "/%20", "/%2Fb", "//", "/a@b:c", "/.", "/b'(c)", "/$&+,;="))
        for _ in range(draw(integers(0, 3)))
    )
    query = pick(draw, ("", "", "?", "?a=1&b", "?x=https://evil.example/@a", "?%20?"))
    return f"{pick(draw, ('https', 'http'))}://{pick(draw, hosts)}{port}{rest}{query}"
