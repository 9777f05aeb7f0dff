"""OPA for tests: where it is, or why a test that needs it is skipped."""

from __future__ import annotations

import pytest
from engines.rego import find_opa

OPA = find_opa() or ""
needs_opa = pytest.mark.skipif(
    not OPA, reason="no opa: set OPA, put it on the path, or at .cache/bin/opa"
)
