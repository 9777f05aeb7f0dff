"""What callers are known by, made of the settings: keys, and the bundles of trust domains."""

from __future__ import annotations

from ..config.identity import TrustDomain
from ..config.models import Loaded
from ..http.callers import Callers
from ..identity.bundles import MOST, Bundles, Source
from ..identity.jwt_svid import Verifier
from ..outbound.fetching import Reach


def bundles_of(loaded: Loaded) -> Bundles:
    """Give the trust domains, each still without a bundle."""
    return Bundles([_source(loaded, each) for each in loaded.settings.trust_domains])


def callers_of(loaded: Loaded, bundles: Bundles) -> Callers:
    """Give who may call. Raises `SecretError`, and `ValueError` for a hash that is none."""
    settings = loaded.settings
    tokens = Verifier(
        bundles, settings.audience, leeway=settings.svid.leeway, longest=settings.svid.longest
    )
    return Callers.of(
        settings.callers,
        loaded.root,
        settings.workloads,
        tokens if settings.trust_domains else None,
        settings.people,
    )


def _source(loaded: Loaded, domain: TrustDomain) -> Source:
    ca = None if domain.ca is None else loaded.path(domain.ca)
    reach = Reach(private=domain.private, ca=ca, most=MOST)
    place = domain.bundle_url if domain.bundle is None else loaded.path(domain.bundle)
    assert place is not None
    return Source(domain.name, place, reach, refresh=domain.refresh, keep=domain.keep)
