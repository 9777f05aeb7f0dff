"""The IR target: the policy itself as a JSON document, for programs that are not agpc."""

from __future__ import annotations

from .target import IRTarget

TARGET = IRTarget()
