"""A comparison as a page that needs nothing from outside and runs nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from markupsafe import escape

from ....compiler.telling.difference_causes import VERDICTS, causes
from ..html import templates_of

if TYPE_CHECKING:
    from ....compiler.analysis.diff.difference import Difference


def page(found: Difference) -> str:
    """Fill in the page; every text in it is escaped, and what cannot be seen is made visible."""
    environment = templates_of(__package__)
    environment.filters["json"] = lambda data: escape(json.dumps(data, indent=2, ensure_ascii=True))
    return environment.get_template("diff.html.j2").render(
        found=found,
        said=VERDICTS[found.verdict],
        causes=causes(found.changes),
        first=[each.text for each in found.also if each.first],
        rest=[each.text for each in found.also if not each.first],
    )
