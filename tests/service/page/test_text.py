"""Text that is shown: whatever it holds, a person can tell what it is."""

from __future__ import annotations

import html
import re
from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agpc.service.page.text import shown

MARK = re.compile(r"<mark>U\+([0-9A-F]+)(?: ×(\d+))?</mark>")
LETTER = re.compile(r'<mark class="letter">(.*?)<span>U\+[0-9A-F]+</span></mark>', re.DOTALL)


def read(markup: str) -> str:
    """The text that a markup shows."""
    text = LETTER.sub(r"\1", re.sub("</?bdi>", "", markup))
    pieces, at = [], 0
    for match in MARK.finditer(text):
        pieces += [html.unescape(text[at : match.start()])]
        pieces += [chr(int(match[1], 16)) * int(match[2] or 1)]
        at = match.end()
    return "".join([*pieces, html.unescape(text[at:])])


HARM = st.sampled_from(
    "\u05d0\u05b8\u0628<>&\"'ab \n\u202e\u200b\u0430\u0440\x1b\x00\u3164\u0301\ufe0f\U000e0041\uff41Ωя"
)


@given(st.lists(HARM | st.characters(exclude_categories=("Cs",)), max_size=30))
def test_what_is_shown_is_the_text_and_nothing_in_it_hides(characters: list[str]) -> None:
    text = "".join(characters)
    markup = shown(text)
    assert read(markup) == text
    left = re.sub(r"</?(?:mark|span|bdi)(?: class=\"letter\")?>", "", markup)
    assert "<" not in left and '"' not in left
    assert {category(each) for each in left} & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} <= {"Cc"}
    assert not [each for each in left if category(each) == "Cc" and each not in "\n\t"]


def test_a_surrogate_is_shown() -> None:
    assert shown("a\ud800") == "a<mark>U+D800</mark>"


@pytest.mark.parametrize(
    "text",
    [
        "p\u0430ypal",
        "\u0440\u0430\u0443\u0440\u0430\u04cf",
        "\uff50ay",
        "𝐩ay",
        "gοοgle",
        "a\u2024b",
        "SВЕR",
        "p\u0251ypal",
        "\u1d00dmin",
        "bank.example\u2215@evil.example",
        "bank.example\u2044x",
        "user\u2236admin",
        "C\ua789x",
        "1\u201a000",
        "a\u2212b",
        "1\u09ea0",
        "\u0660",
        "v\u0660",
        "go\u2d54gle",
        "a\u1d0fb",
        "m\u05e1il",
    ],
)
def test_a_letter_that_passes_for_another_one_is_marked(text: str) -> None:
    assert '<mark class="letter">' in shown(text)


@pytest.mark.parametrize(
    "text",
    [
        "Überweisung für Zoë",
        "Оплатить счёт за октябрь",
        "Πληρωμή",
        "支払い",
        "שלום",
        "café",
        "5 € …",
        "👍",
        "Tシャツ",
        "2024年",
        "«Zahlung» – „heute“ don’t",
        "الفاتورة ١٢٣",
        "חשבון 12",
        "5 × 3 ≤ 20",
    ],
)
def test_what_people_write_is_left_as_it_is(text: str) -> None:
    assert re.sub("</?bdi>", "", shown(text)) == text


def test_a_pile_of_marks_does_not_cover_the_lines_around_it() -> None:
    markup = shown("a" + "\u0301" * 50)
    assert markup == "a\u0301\u0301<mark>U+0301 ×48</mark>"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("100 \u05d0 900", "100 <bdi>\u05d0</bdi> 900"),
        ('["\u05d0", 1, "\u05d1"]', "[&#34;<bdi>\u05d0</bdi>&#34;, 1, &#34;<bdi>\u05d1</bdi>&#34;]"),
        ("\u0645\u0631\u062d\u0628\u0627 \u0628\u0643 5", "<bdi>\u0645\u0631\u062d\u0628\u0627 \u0628\u0643</bdi> 5"),
        ("\u05d0\u05b8 x", "<bdi>\u05d0\u05b8</bdi> x"),
        ("\u05d0\u202e", "<bdi>\u05d0</bdi><mark>U+202E</mark>"),
        ("\u05d0 ", "<bdi>\u05d0</bdi> "),
        ("\u05d0<b>", "<bdi>\u05d0</bdi>&lt;b&gt;"),
    ],
)  # fmt: skip
def test_what_is_written_from_right_to_left_moves_nothing(text: str, written: str) -> None:
    assert str(shown(text)) == written


@given(st.text(alphabet="\u05d0\u05b8\u05b9\u0628 1a\u202e\u0430<", max_size=12))
def test_nothing_of_it_is_lost(text: str) -> None:
    assert read(shown(text)) == text
