"""What is known of a call before it is made: who makes it, and for which task."""

from __future__ import annotations

from collections.abc import Collection

from .walk import Leaf, attributes

ITS_ID = ("id",)


def is_known(leaf: Leaf, roots: Collection[str]) -> bool:
    """Whether a test reads nothing but fields of these roots, and the id of the agent, which is always known."""
    return all(
        attribute.root in roots or (attribute.root == "agent" and attribute.path == ITS_ID)
        for attribute, _ in attributes(leaf)
    )
