"""What callers and people are known by, made of the settings: keys, bundles of trust domains, a provider."""

from __future__ import annotations

from pathlib import Path

from ..config.identity import TrustDomain
from ..config.models import Loaded
from ..config.signals import ReceiverEntry, TransmitterEntry
from ..core import Passkeys
from ..http.gate.callers import Callers
from ..identity import workload_api
from ..identity.bundles import MOST, Bundles, Source
from ..identity.jwt_svid import Verifier
from ..identity.oidc import Client, SignIn
from ..identity.persons import ClaimNames
from ..identity.x509_svid import AskingContext, Certificates
from ..outbound.fetching import Reach
from ..page.signing import People
from ..passkeys.ceremony import Site
from ..signals import subjects
from ..signals.meanings import NAMES
from ..signals.polling import PollEndpoint
from ..signals.pushing import Target
from ..signals.reading import Transmitter, Transmitters


def bundles_of(loaded: Loaded) -> Bundles:
    """Give the trust domains, each still without a bundle. Raises `ValueError` where an extra is missing."""
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
        Certificates(bundles) if settings.tls is not None and settings.tls.workloads else None,
    )


def asking_of(loaded: Loaded, bundles: Bundles) -> AskingContext | None:
    """Give what asks for certificates, where that is to be done."""
    tls = loaded.settings.tls
    return AskingContext(bundles) if tls is not None and tls.workloads else None


def provider_of(loaded: Loaded) -> People | None:
    """Give how people sign in; None where they do not. Raises `SecretError`."""
    told, url = loaded.settings.oidc, loaded.settings.public_url
    if told is None or url is None:
        return None
    secret = (
        None if told.client_secret is None else told.client_secret.read_text(loaded.root).strip()
    )
    ca = None if told.ca is None else loaded.path(told.ca)
    client = Client(
        issuer=told.issuer,
        id=told.client_id,
        secret=secret,
        redirect=f"{url}/callback",
        scopes=told.scopes,
        reach=Reach(private=told.private, ca=ca),
        leeway=told.leeway,
    )
    reading = ClaimNames(told.person, told.prefix, told.roles_claim, told.roles, told.step_up)
    return People(SignIn(client), reading, frozenset(told.readers), told.acr)


def passkeys_of(loaded: Loaded) -> Passkeys | None:
    """Give for which site passkeys are; None where they are not turned on."""
    told, url = loaded.settings.passkeys, loaded.settings.public_url
    if told is None or url is None:
        return None
    return Passkeys(Site.of(url), required=told.required, step_up=told.step_up)


def receivers_of(loaded: Loaded) -> list[Target]:
    """Give who is sent events. Raises `SecretError`."""
    return [_target(loaded, each) for each in loaded.settings.receivers]


def _target(loaded: Loaded, entry: ReceiverEntry) -> Target:
    ca = None if entry.ca is None else loaded.path(entry.ca)
    headers = {}
    if entry.token is not None:
        headers["authorization"] = f"Bearer {entry.token.read_text(loaded.root).strip()}"
    reach = Reach(private=entry.private, ca=ca)
    return Target(entry.name, entry.url, entry.audience or entry.url, reach, headers)


def transmitters_of(loaded: Loaded) -> tuple[Transmitters, list[PollEndpoint]]:
    """Give whose events are taken in, still without keys, and where they are fetched. Raises `SecretError`."""
    entries = loaded.settings.transmitters
    bundles = Bundles([_keys_of(loaded, each) for each in entries])
    known = [_transmitter(loaded, each) for each in entries]
    places = [
        _place(loaded, entry, each)
        for entry, each in zip(entries, known, strict=True)
        if entry.poll is not None
    ]
    return Transmitters(known, bundles), places


def _transmitter(loaded: Loaded, entry: TransmitterEntry) -> Transmitter:
    public = loaded.settings.public_url
    return Transmitter(
        name=entry.name,
        issuer=entry.issuer,
        audience=entry.audience or ((public,) if public else ()),
        caller=entry.caller,
        agents=entry.agents,
        people=subjects.IdentifierReading((entry.issuer, *entry.issuers), entry.prefix),
        chosen={NAMES.get(name, name): each for name, each in entry.events.items()},
        leeway=entry.leeway,
    )


def _place(loaded: Loaded, entry: TransmitterEntry, transmitter: Transmitter) -> PollEndpoint:
    headers = {}
    if entry.token is not None:
        headers["authorization"] = f"Bearer {entry.token.read_text(loaded.root).strip()}"
    assert entry.poll is not None
    return PollEndpoint(transmitter, entry.poll, entry.every, _reach_of(loaded, entry), headers)


def _keys_of(loaded: Loaded, entry: TransmitterEntry) -> Source:
    place = entry.jwks_url if entry.jwks is None else loaded.path(entry.jwks)
    assert place is not None
    reach = _reach_of(loaded, entry)
    return Source(entry.name, place, reach, refresh=entry.refresh, keep=entry.keep)


def _reach_of(loaded: Loaded, entry: TransmitterEntry) -> Reach:
    ca = None if entry.ca is None else loaded.path(entry.ca)
    return Reach(private=entry.private, ca=ca, most=MOST)


def _source(loaded: Loaded, domain: TrustDomain) -> Source:
    ca = None if domain.ca is None else loaded.path(domain.ca)
    reach = Reach(private=domain.private, ca=ca, most=MOST)
    place: Path | str | workload_api.WorkloadAPI
    if domain.workload_api is not None:
        if not workload_api.is_installed():
            raise ValueError(workload_api.MISSING)
        socket = domain.workload_api.removeprefix("unix://")
        place = workload_api.WorkloadAPI(f"unix://{loaded.path(socket).absolute()}")
    elif domain.bundle is not None:
        place = loaded.path(domain.bundle)
    else:
        assert domain.bundle_url is not None
        place = domain.bundle_url
    return Source(domain.name, place, reach, refresh=domain.refresh, keep=domain.keep)
