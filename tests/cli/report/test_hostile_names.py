"""Whatever a policy says in its strings: in no form of the report does it become anything but text."""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from .hostile import NASTY, PLAIN, forms

HIDDEN = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\u3164]"
)


def elements(page: str) -> Counter[object]:
    """The elements of a page, each with the names of its attributes, as a browser reads it."""
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    return Counter(
        (each.tag, tuple(sorted(each.attrib))) for each in tree.iter() if isinstance(each.tag, str)
    )


def markup(text: str) -> list[tuple[str, str]]:
    """What a Markdown text is made of; code is one thing, however it is written."""

    def kinds(tokens: list[Token]) -> list[tuple[str, str]]:
        found = []
        for each in tokens:
            if each.type == "html_inline":
                assert each.content in ("<code>", "</code>")
            elif each.type not in ("code_inline", "text"):
                found.append((each.type, each.tag))
            found += kinds(each.children or [])
        return found

    return kinds(MarkdownIt("commonmark").enable("table").parse(text))


@cache
def harmless() -> dict[str, str]:
    """The same report of a policy that says nothing odd."""
    return forms([PLAIN] * 8)


texts = st.one_of(
    st.sampled_from(NASTY),
    st.text(max_size=12),
    st.lists(st.sampled_from(NASTY), min_size=2, max_size=3).map("".join),
).filter(lambda text: not any(0xD800 <= ord(each) < 0xE000 for each in text))


def check(found: dict[str, str]) -> None:
    assert elements(found["html"]) == elements(harmless()["html"])
    assert not HIDDEN.search(found["html"].replace("\n", ""))
    assert markup(found["markdown"]) == markup(harmless()["markdown"])
    assert not HIDDEN.search(found["markdown"].replace("\n", ""))
    drawn = [
        (each.tag, sorted(each.attrib)) for each in ElementTree.fromstring(found["svg"]).iter()
    ]
    assert drawn == [
        (each.tag, sorted(each.attrib)) for each in ElementTree.fromstring(harmless()["svg"]).iter()
    ]
    for format in ("json", "oscal"):
        assert found[format].isascii()
        json.loads(found[format])


@settings(max_examples=settings().max_examples // 2)
@given(st.lists(texts, min_size=8, max_size=8), texts)
def test_no_element_and_no_attribute_comes_from_a_policy(
    given_texts: list[str], title: str
) -> None:
    check(forms(given_texts, title=title or PLAIN))


@pytest.mark.parametrize("text", NASTY)
def test_no_element_comes_from_what_is_known_to_be_nasty(text: str) -> None:
    line = re.sub(r"[\x00-\x1f\u0080-\u009f\u200b-\u202e\ufffe\U000e0041]", "?", text) or PLAIN
    path = "".join(each for each in text if each.isprintable()) or PLAIN
    check(forms([text] * 8, reason=f"why {line}", path=path, title=text or PLAIN))


def test_what_cannot_be_seen_is_shown(tmp_path: Path) -> None:
    found = forms(["\u202egnp", "\u3164", "a\nb", *[PLAIN] * 5])
    for format in ("html", "markdown"):
        shown = found[format].replace("&lt;", "<").replace("&gt;", ">").replace("&#43;", "+")
        for wanted in ("<U+202E>gnp", "<U+3164>", "a<U+000A>b"):
            assert wanted in shown


def test_the_page_needs_nothing_and_runs_nothing() -> None:
    tree = html5lib.parse(harmless()["html"], namespaceHTMLElements=False)
    tags = {each.tag for each in tree.iter()}
    assert tags.isdisjoint({"script", "link", "img", "iframe", "object", "embed", "base", "form"})
    names = {name for each in tree.iter() for name in each.attrib}
    assert not {
        each for each in names if each.startswith("on") or each in ("style", "src", "srcset")
    }
    assert {
        value[0] for each in tree.iter() for name, value in each.attrib.items() if name == "href"
    } == {"#"}
    (policy,) = (
        each.attrib["content"] for each in tree.iter("meta") if "http-equiv" in each.attrib
    )
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy


def test_every_link_of_the_page_leads_somewhere() -> None:
    tree = html5lib.parse(harmless()["html"], namespaceHTMLElements=False)
    ids = [each.attrib["id"] for each in tree.iter() if "id" in each.attrib]
    assert len(ids) == len(set(ids))
    assert {each.attrib["href"][1:] for each in tree.iter("a")} <= set(ids)
