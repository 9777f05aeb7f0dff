"""What comes from a policy is text in Markdown, and nothing else: no link, no picture, no HTML, no list of its own."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol.types import MarkupKind
from markdown_it import MarkdownIt
from markdown_it.token import Token

from agpc.compiler.text.visible import visible
from agpc.lsp.markup import (
    Block,
    Code,
    Heading,
    Items,
    Listing,
    Strong,
    Text,
    item,
    render,
    said,
)

MARKDOWN = MarkdownIt("gfm-like", {"linkify": False, "html": True})
HARMLESS = {
    "paragraph", "inline", "text", "code_inline", "fence", "strong", "bullet_list", "list_item",
    "heading", "softbreak", "hardbreak", "text_special",
}  # fmt: skip
HOSTILE = [
    "`", "``", "```\n", "~~~", "[a](http://e.example)", "![x](http://e.example/p.png)", "<img src=x>",
    "<http://e.example>", "&lt;", "&#60;", "# head", "- item", "1. item", "1) item", "> quote", "***", "---", "===",
    "| a | b |\n|---|---|", "http://e.example", "www.e.example", "a@e.example", "*a*", "_a_", "~~a~~", "$x$",
    "[a]: http://e.example", "    code", "\t", "\\", "\u202e", "\u200b", "<script>", "\r", "{x}", "^", "a  \nb", "+ a",
]  # fmt: skip
ALPHABET = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(max_size=3),
    st.text(alphabet=" \n`*_[]()<>!#-+=.:|~&\\@/1a", max_size=6),
)
TEXTS = st.lists(ALPHABET, max_size=8).map("".join)


def shown(tokens: list[Token]) -> str:
    """The text that a reader sees."""
    parts: list[str] = []
    for token in tokens:
        if token.children is not None:
            parts.append(shown(token.children))
        elif token.type in ("softbreak", "hardbreak"):
            parts.append("\n")
        elif not token.type.endswith(("_open", "_close")):
            parts.append(token.content)
        elif token.type.endswith("_close"):
            parts.append("\n")
    return "".join(parts)


def kinds(tokens: list[Token]) -> set[str]:
    """The kinds of all tokens."""
    found = {re.sub("_(open|close)$", "", each.type) for each in tokens}
    return found.union(*(kinds(each.children) for each in tokens if each.children))


def squeezed(text: str) -> str:
    """A text but for its white space, which Markdown may fold."""
    return re.sub(r"\s", "", text)


def blocks_of(text: str) -> list[Block]:
    return [
        Heading((text,)),
        said(text, Code(text), Strong(text)),
        Items((item(text, below=[item(Code(text), " ", text)]), item(Code(text)))),
        Text(text),
        Listing(text),
    ]


@given(TEXTS)
def test_text_of_a_policy_is_shown_as_text(text: str) -> None:
    for block in blocks_of(text):
        value = render([block], MarkupKind.Markdown).value
        tokens = MARKDOWN.parse(value)
        assert kinds(tokens) <= HARMLESS, value
        assert "http" not in "".join(str(each.attrs) for each in tokens)
    for one in (said("x ", text, "."), Text(text)):
        seen = squeezed(shown(MARKDOWN.parse(render([one], MarkupKind.Markdown).value)))
        whole = text if isinstance(one, Text) else f"x {text}."
        assert seen == squeezed("".join(map(visible, re.split(r"\s", whole)))) or seen == squeezed(
            "\n".join(map(visible, whole.split("\n"))) if isinstance(one, Text) else visible(whole)
        )


@given(TEXTS)
def test_text_of_a_policy_makes_no_blocks_of_its_own(text: str) -> None:
    """Whatever it says, there is one paragraph, one heading, one fence, or the items that were meant."""
    fenced = MARKDOWN.parse(render([Listing(text)], MarkupKind.Markdown).value)
    assert [each.type for each in fenced] == ["fence"]
    line = MARKDOWN.parse(render([said("x", text)], MarkupKind.Markdown).value)
    assert [each.type for each in line] == ["paragraph_open", "inline", "paragraph_close"]
    paragraphs = MARKDOWN.parse(render([Text(text)], MarkupKind.Markdown).value)
    assert kinds(paragraphs) <= {
        "paragraph",
        "inline",
        "text",
        "text_special",
        "hardbreak",
        "softbreak",
    }


@given(TEXTS)
def test_plain_text_shows_what_is_said(text: str) -> None:
    value = render(blocks_of(text), MarkupKind.PlainText).value
    assert "\u202e" not in value and "\x1b" not in value


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("A ledger void cannot be undone.", "A ledger void cannot be undone."),
        ("see www.example.com", "see www\\.example\\.com"),
        ("10 < 20", "10 \\< 20"),
        ("- no list", "\\- no list"),
        ("1. no list", "1\\. no list"),
    ],
)
def test_plain_sentences_stay_readable(text: str, written: str) -> None:
    assert render([said(text)], MarkupKind.Markdown).value == written
