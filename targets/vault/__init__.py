"""HashiCorp Vault: a policy for each bound agent and intent, of paths and capabilities.

Begin with `target.py`.
"""

from .target import TARGET

__all__ = ["TARGET"]
