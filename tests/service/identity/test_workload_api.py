"""SPIFFE's Workload API, against a stand-in: a server of gRPC with the messages of the published proto, which is no SPIRE."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from spiffe._proto import workload_pb2, workload_pb2_grpc

from agpc.service.config.models import Loaded, Settings
from agpc.service.config.read import ConfigError, read_settings
from agpc.service.identity import workload_api
from agpc.service.identity.jwt_svid import Verifier
from agpc.service.serving.trust import bundles_of
from agpc.service.tokens.compact import Refused

from .authority import Authority
from .issuer import AGENT, US, Issuer, new_key


class Agent(workload_pb2_grpc.SpiffeWorkloadAPIServicer):  # type: ignore[misc]
    """Gives what it has to whoever says that they mean the Workload API, as its specification asks."""

    def __init__(self) -> None:
        self.issuer, self.root = Issuer(), Authority.new("root")
        self.domains = ["spiffe://acme.example"]
        self.closed = False

    def _let_in(self, context: Any) -> None:
        if self.closed or ("workload.spiffe.io", "true") not in context.invocation_metadata():
            context.abort(grpc.StatusCode.PERMISSION_DENIED, "no identity issued")

    def FetchJWTBundles(self, request: Any, context: Any) -> Iterator[Any]:
        self._let_in(context)
        yield workload_pb2.JWTBundlesResponse(
            bundles={each: self.issuer.jwks() for each in self.domains}
        )

    def FetchX509Bundles(self, request: Any, context: Any) -> Iterator[Any]:
        self._let_in(context)
        der = self.root.certificate.public_bytes(Encoding.DER)
        yield workload_pb2.X509BundlesResponse(bundles=dict.fromkeys(self.domains, der))


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[Agent]:
    found, server = Agent(), grpc.server(ThreadPoolExecutor(2))
    workload_pb2_grpc.add_SpiffeWorkloadAPIServicer_to_server(found, server)
    assert server.add_insecure_port(f"unix:{tmp_path}/agent.sock") == 1
    server.start()
    yield found
    server.stop(None).wait()


def loaded(folder: Path) -> Loaded:
    domain = {"name": "acme.example", "workload_api": "agent.sock"}
    return Loaded(settings=Settings.model_validate({"trust_domains": [domain]}), root=folder)


def test_a_bundle_comes_from_the_agent_beside(agent: Agent, tmp_path: Path) -> None:
    bundles = bundles_of(loaded(tmp_path))
    bundles.refresh(all=True)
    verifier = Verifier(bundles, (US,))
    assert verifier.identify(agent.issuer.token()) == AGENT
    (domain,) = bundles.all()
    assert domain.bundle is not None
    assert domain.bundle.roots == {agent.root.certificate.public_bytes(Encoding.DER)}
    agent.issuer.keys = {"k2": new_key("RS256")}
    with pytest.raises(Refused):
        verifier.identify(agent.issuer.token("k2", "RS256"))
    bundles.refresh(all=True)
    assert verifier.identify(agent.issuer.token("k2", "RS256")) == AGENT


@pytest.mark.parametrize("why", ["closed", "other domain", "gone"])
def test_the_last_good_bundle_counts_where_there_is_none(
    agent: Agent, tmp_path: Path, why: str
) -> None:
    bundles = bundles_of(loaded(tmp_path))
    bundles.refresh(all=True)
    agent.closed = why == "closed"
    if why == "other domain":
        agent.domains = ["spiffe://else.example"]
    if why == "gone":
        (tmp_path / "agent.sock").unlink()
    (domain,) = bundles.all()
    assert domain.refresh() is False
    assert Verifier(bundles, (US,)).identify(agent.issuer.token()) == AGENT


def test_without_the_extra_it_is_said_which_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workload_api, "is_installed", lambda: False)
    with pytest.raises(ValueError, match=r"pip install 'agpc\[spiffe\]'"):
        bundles_of(loaded(tmp_path))


@pytest.mark.parametrize(
    "more", ['bundle = "a.json"', 'bundle_url = "https://a.example/"', "private = true"]
)
def test_a_trust_domain_has_one_place(tmp_path: Path, more: str) -> None:
    (tmp_path / "s.toml").write_text(
        f'[[trust_domains]]\nname = "a.example"\nworkload_api = "agent.sock"\n{more}\n'
    )
    with pytest.raises(ConfigError):
        read_settings(tmp_path / "s.toml", {})
