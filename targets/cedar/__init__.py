"""Cedar: policies, the schema that validates them, and how a request is translated for them."""

from .target import TARGET

__all__ = ["TARGET"]
