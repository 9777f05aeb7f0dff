"""The table of `service.toml` about passkeys, with which people sign in and sign what they say to requests."""

from __future__ import annotations

from pydantic import Field

from ..passkeys.ceremony import Site
from .kinds import Table, Texts


class Passkeys(Table):
    """Passkeys of people. They are for `public_url`: where that changes, none of them is good any more."""

    required: bool = Field(
        default=False,
        description="Nobody answers a request without a passkey, and each is made with a code: `agpc serve --new-passkey ID`."
        " Without this, those sign who have one.",
    )
    step_up: Texts = Field(
        default=(),
        description='Which methods that policies ask for with `step_up` a sign-in with a passkey shows, like `["mfa"]`.',
    )


def check_passkeys(passkeys: Passkeys | None, public_url: str | None, *, has_codes: bool) -> None:
    """Raise `ValueError` for passkeys that no browser would make."""
    if passkeys is None and has_codes:
        raise ValueError(
            "who has an `enrol_sha256` makes a passkey: `[passkeys]` has to be there, too"
        )
    if passkeys is not None and public_url is None:
        raise ValueError("passkeys are for the host of `public_url`: give that")
    if passkeys is not None and public_url is not None:
        Site.of(public_url)
