"""The IR target: the policy itself as a JSON document, for programs that are not agpc.

Begin with `target.py`.
"""

from __future__ import annotations

from .target import IRTarget

TARGET = IRTarget()
