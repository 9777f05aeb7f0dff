"""Templates of what targets write."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment


def templates_of(package: str) -> Environment:
    """Load the templates of a package, which write every text of a policy as it has been made ready."""
    from jinja2 import (  # not before something is written
        Environment,
        PackageLoader,
        StrictUndefined,
    )

    return Environment(
        loader=PackageLoader(package),
        undefined=StrictUndefined,
        autoescape=False,  # what a text may hold depends on where it stands: no template decides that
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
