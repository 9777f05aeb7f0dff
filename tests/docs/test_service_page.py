"""The pages of the service that show a session do what they say: their blocks run as they are typed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from docs.blocks import DOCS
from docs.served_page import typed

PAGES = {
    "README.md": (3, b"starter.answer_ticket"),
    "approvals.md": (3, b"sign-in"),
    "identity.md": (1, b"sign-in"),
    "leases.md": (2, b"desk.answer"),
    "brokers.md": (2, b"shop.restock"),
}
"""How many blocks of commands a page has beside that which serves, and what the page of the service shows then."""


@pytest.fixture(scope="module")
def aws() -> Iterator[str]:
    """What stands in for AWS."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"{host}:{port}"
    server.stop()


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl, which the page uses")
@pytest.mark.parametrize("name", PAGES)
def test_a_page_does_what_it_shows(
    tmp_path: Path, name: str, request: pytest.FixtureRequest
) -> None:
    page, (blocks_of_commands, seen) = DOCS / "service" / name, PAGES[name]
    stands_in = "127.0.0.1:5000"
    needs_aws = stands_in in page.read_text(encoding="utf-8")
    instead = {stands_in: request.getfixturevalue("aws")} if needs_aws else {}
    with (
        typed(page, tmp_path, instead) as (port, run),
        urlopen(f"http://127.0.0.1:{port}/") as shown,
    ):
        assert seen in shown.read()
    assert run == blocks_of_commands
    assert (tmp_path / "agpc.db").exists()
