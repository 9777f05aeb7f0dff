"""HashiCorp Vault: a policy for each bound agent and intent, of paths and capabilities."""

from .target import TARGET

__all__ = ["TARGET"]
