"""OPA and Regal for tests: where they are, or why a test that needs one is skipped."""

from __future__ import annotations

import os
import shutil

import pytest
from engines.rego import find_opa

OPA = find_opa() or ""
needs_opa = pytest.mark.skipif(
    not OPA, reason="no opa: set OPA, put it on the path, or at .cache/bin/opa"
)

REGAL = os.environ.get("REGAL") or shutil.which("regal") or ""
needs_regal = pytest.mark.skipif(not REGAL, reason="no regal: set REGAL, or put it on the path")
