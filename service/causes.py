"""What ends leases, in words for people."""

from __future__ import annotations

CAUSES = {
    "task": "its task ended or drifted",
    "context": "what was reported of its task",
    "policy": "another policy, which would not give it",
    "person": "people whose word it rested on",
    "renewal": "it would not have been given again",
    "asked": "somebody asked for it",
    "signal": "another system said so",
}
