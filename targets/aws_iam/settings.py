"""What `--set` can say to this target, checked."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ...compiler.report.diagnostics import Diagnostic, Diagnostics
from ...compiler.structs import Struct
from ...runtime.values import NANOSECONDS, read_time
from .limits import can_tag

ARTIFACTS = ("identity", "session", "boundary", "scp", "trust", "revocation")
"""What can be made; identity and session policies are, unless the setting `artifacts` says else."""

SETTINGS = {
    "artifacts": "what is made: some of these, or `all`",
    "identity": "how identity policies are attached: `managed` or `inline`",
    "session": "how session policies are passed: `inline` or `managed`",
    "oversize": "what comes of a document that is too large: `fail`, or `leave-out` with an error",
    "session-denies": "where their denies are: in the `session` policy too, or the `identity` alone",
    "sids": "whether statements are named: `readable` or `none`",
    "reference": "a file with the actions that AWS has, or `none`",
    "oidc-provider": "the ARN of the provider that vouches for agents",
    "oidc-audience": "the audience of its tokens",
    "trust-anchor": "the ARN of the trust anchor that vouches for agents",
    "revoke-task": "the tasks that are revoked",
    "revoke-before": "the time before which sessions are revoked",
}
"""What can be said, and what for."""

CHOICES = {
    "identity": ("managed", "inline"),
    "session": ("inline", "managed"),
    "oversize": ("fail", "leave-out"),
    "session-denies": ("session", "identity"),
    "sids": ("readable", "none"),
}
"""Settings that are one of some words, the default first."""

_PROVIDER = re.compile(
    r"arn:aws[a-z-]*:iam::[0-9]{12}:oidc-provider/(?P<host>[A-Za-z0-9.-]+(?:/[A-Za-z0-9._~/-]*)?)",
    re.ASCII,
)
_ANCHOR = re.compile(
    r"arn:aws[a-z-]*:rolesanywhere:[a-z0-9-]+:[0-9]{12}:trust-anchor/[A-Za-z0-9-]+", re.ASCII
)


class Chosen(Struct):
    """The settings of one run; the empty string is *not given*."""

    artifacts: frozenset[str]
    identity: str
    session: str
    session_denies: str
    leaves_out: bool
    sids: bool
    reference: str
    provider: str
    audience: str
    anchor: str
    revoked_tasks: tuple[str, ...]
    revoked_before: str

    @property
    def host(self) -> str:
        """The OIDC provider without `https://`, which its condition keys start with."""
        match = _PROVIDER.fullmatch(self.provider)
        return match["host"] if match else ""


def read_settings(given: Mapping[str, str], diagnostics: Diagnostics) -> Chosen:
    """Check the settings; what is wrong with them is reported as AGP5006."""

    def wrong(message: str, help: str | None = None) -> None:
        diagnostics.append(Diagnostic("AGP5006", message, help=help))

    words = {}
    for name, choices in CHOICES.items():
        words[name] = given.get(name, choices[0])
        if words[name] not in choices:
            known = " or ".join(f"`{each}`" for each in choices)
            wrong(f"the setting `{name}` is {known}, and not `{words[name]}`")
    chosen = Chosen(
        _artifacts(given, diagnostics),
        words["identity"],
        words["session"],
        words["session-denies"],
        words["oversize"] == "leave-out",
        words["sids"] == "readable",
        given.get("reference", ""),
        given.get("oidc-provider", ""),
        given.get("oidc-audience", ""),
        given.get("trust-anchor", ""),
        tuple(dict.fromkeys(given["revoke-task"].split(","))) if "revoke-task" in given else (),
        given.get("revoke-before", ""),
    )
    if chosen.provider and not chosen.host:
        wrong(f"`{chosen.provider}` is not the ARN of an OIDC provider of IAM")
    if chosen.anchor and _ANCHOR.fullmatch(chosen.anchor) is None:
        wrong(f"`{chosen.anchor}` is not the ARN of a trust anchor of IAM Roles Anywhere")
    if bool(chosen.provider) is not bool(chosen.audience):
        wrong("an OIDC provider and an audience go together", _TRUST_HELP)
    if chosen.audience and not can_tag(chosen.audience):
        wrong("no policy of AWS can ask for this audience")
    if "trust" in chosen.artifacts and not (chosen.provider or chosen.anchor):
        wrong("a trust policy has to name who vouches for the agents", _TRUST_HELP)
    if chosen.session_denies == "identity" and "identity" not in chosen.artifacts:
        wrong("denies are left to the identity policy, which is not made")
    for each in chosen.revoked_tasks:
        if not can_tag(each):
            wrong(f"`{each[:40]}` is not a task that a session tag can name")
    if "revoke-before" in given and not _is_instant(chosen.revoked_before):
        wrong(f"`{chosen.revoked_before[:40]}` is not a time of whole seconds in UTC")
    return chosen


_TRUST_HELP = (
    "give `--set oidc-provider=ARN --set oidc-audience=NAME`, or `--set trust-anchor=ARN`, or both"
)


def _artifacts(given: Mapping[str, str], diagnostics: Diagnostics) -> frozenset[str]:
    """What is to be made: as asked, or identity, session and what other settings are facts for."""
    if "artifacts" not in given:
        found = {"identity", "session"}
        found |= {"trust"} if {"oidc-provider", "trust-anchor"} & given.keys() else set()
        found |= {"revocation"} if {"revoke-task", "revoke-before"} & given.keys() else set()
        return frozenset(found)
    asked = {each.strip() for each in given["artifacts"].split(",")}
    for each in sorted(asked - {*ARTIFACTS, "all"}):
        known = ", ".join(f"`{name}`" for name in ARTIFACTS)
        message = f"`{each[:40]}` is nothing that is made for AWS"
        diagnostics.append(Diagnostic("AGP5006", message, help=f"there are {known} and `all`"))
    return frozenset(ARTIFACTS if "all" in asked else asked)


def _is_instant(text: str) -> bool:
    """Whether a text is a time as IAM compares it."""
    instant = read_time(text)
    return (
        instant is not None and instant % NANOSECONDS == 0 and re.search(r"\dZ$", text) is not None
    )
