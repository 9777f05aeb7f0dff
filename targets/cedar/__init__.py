"""Cedar: policies, the schema that validates them, and how a request is translated for them.

Begin with `target.py`.
"""

from .target import TARGET

__all__ = ["TARGET"]
