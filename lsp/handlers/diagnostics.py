"""Diagnostics that a client asks for; others are told of them."""

from __future__ import annotations

from lsprotocol import types

from ..checking import by_document
from ..registry import Here


def diagnostics(
    here: Here, params: types.DocumentDiagnosticParams
) -> types.DocumentDiagnosticReport:
    """What is said of a document so far; the client is told to ask again when there is more."""
    found = by_document(here.session.checked(here.snapshot))
    return types.RelatedFullDocumentDiagnosticReport(found.get(here.snapshot.uri_of(here.name), []))
