"""The JSON form of what comments say of a policy."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from ..nodes.documentation import DocumentedKind
from .base import Model


class Doc(Model):
    """The text about something, by its kind and its qualified name. It decides nothing."""

    kind: DocumentedKind
    name: Annotated[str, StringConstraints(min_length=1)]
    text: Annotated[str, StringConstraints(min_length=1)]
