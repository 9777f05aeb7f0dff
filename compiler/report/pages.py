"""The pages of diagnostics, as the package carries them."""

from __future__ import annotations

from importlib import resources


def page_of(code: str) -> str | None:
    """Give the page of a code, in Markdown; None where the package was installed without."""
    package = resources.files(__package__.partition(".compiler.")[0])
    try:
        return package.joinpath("diagnostics", f"{code}.md").read_text(encoding="utf-8")
    except OSError:
        return None
