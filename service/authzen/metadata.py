"""The document by which others find a decision point: AuthZEN 1.0, section 9."""

from __future__ import annotations

from typing import Any

from .access import PROFILE

PATHS = {
    "access_evaluation_endpoint": "/access/v1/evaluation",
    "access_evaluations_endpoint": "/access/v1/evaluations",
    "search_subject_endpoint": "/access/v1/search/subject",
    "search_resource_endpoint": "/access/v1/search/resource",
    "search_action_endpoint": "/access/v1/search/action",
}
WELL_KNOWN = "/.well-known/authzen-configuration"
ACCESS_REQUEST = "urn:openid:authzen:capability:access-request"


def metadata(public_url: str, access_request_endpoint: str | None = None) -> dict[str, Any]:
    """Give the document of a decision point at its public URL; with the place of requests for access where there is one."""
    base = public_url.rstrip("/")
    found: dict[str, Any] = {
        "policy_decision_point": base,
        **{name: base + path for name, path in PATHS.items()},
    }  # what has no values is left out
    if access_request_endpoint is not None:
        found["access_request_endpoint"] = access_request_endpoint
        found["access_request_profile"] = PROFILE  # a draft: it says which
        found["capabilities"] = [ACCESS_REQUEST]
    return found
