"""Comments that say something to agpc, or to whoever reads what a policy is about."""

from __future__ import annotations

import re

REMARK = re.compile(r"#+[ \t]*agpc[ \t]*(?::|(?=[ \t](?:allow|ignore)\b))", re.IGNORECASE)


def is_documentation(comment: str) -> bool:
    """Whether a comment that has its line alone documents something, if there is something to document."""
    return comment[:2] == "##" and comment[2:3] != "#" and REMARK.match(comment) is None
