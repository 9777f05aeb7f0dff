"""Text: short words that collide, and text that tries to escape from wherever it is written."""

from __future__ import annotations

from hypothesis import strategies as st

NAMES = ("a", "b", "tenant", "to", "when", "read", "x_1")
"""Names of fields, some of them keywords of the language."""

QUOTED_NAMES = (
    "page-size", "a.b", "a.b.c", "b", "$ref", "${x}", "{{ x }}", "a b", " ", "1", "-", "_", "__proto__",
    "constructor", "toString", "__entity", "u_a", "in", "'", '"', "\\", '\\"', "`", "}", "a: int", "#",
    "//", "*/", "*", "?", "<script>", "é", "日本", "a._b", "[0]", "x" * 128, "malformed.a", "%s",
)  # fmt: skip
"""What a parameter may be called, most of it in quotes; none of it may be taken for anything else."""

WORDS = ("t1", "t2", "a/b", "/a/b", "/a", "user:ann", "", "T1", "é", "t1 ")
"""String values small enough in number to meet again."""

ATTACKS = (
    '"', "'", "\\", '\\"', '"""', "'''", "`", "{", "}", "${id}", "$", "{{ x }}", "{% raw %}", "%s",
    "#", "//", "/*", "*/", "--", "<!--", "*", "?", "**", "[a]", "{a,b}", "!", "\\*", "\\n", "\n",
    "\r\n", "\t", "\x00", "\x07", "\x1b[31m", "\x7f", "\x85", "\u2028", "\u2029", "\u202e", "\u2066",
    "\u200b", "\u00ad", "\ufeff", "é", "e\u0301", "İ", "ß", "日本", "🙂", "𝒳", "../", "..\\", "/etc/",
    "\u26a0\ufe0f", "\u3164", "a\U000e0041", "a\nb", "]]>", "</script>", "=1+1", "\\u{41}", "\\x41", "null", "true", "0", "allow any", "\x0b",
)  # fmt: skip

BROKEN = ("\ud800", "a\udfff", "\ufffd", "x\ufffdy")
"""Text that lost something on its way; only `json_only=False` requests carry surrogates."""


def hostile_text(max_parts: int = 3) -> st.SearchStrategy[str]:
    """Whole Unicode text that attacks quoting, escaping, patterns, terminals and parsers.

    Never holds an unpaired surrogate or U+FFFD: a policy may hold all of it.
    """
    whole = st.text(
        st.characters(exclude_categories=["Cs"], exclude_characters="\ufffd"), max_size=3
    )
    part = st.sampled_from(ATTACKS) | st.sampled_from(WORDS) | whole
    return st.lists(part, max_size=max_parts).map("".join)
