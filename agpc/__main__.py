"""`python -m agpc` is the `agpc` command."""

from __future__ import annotations

import sys

from .cli import main

sys.exit(main())
