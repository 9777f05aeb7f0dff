"""The page of a service of several processes: whoever is signed in is so at each of them."""

from __future__ import annotations

import http.client
import re
from pathlib import Path
from urllib.parse import urlencode

from agpc.service.http.gate.callers import hashed

from ..http.processes import POLICY, process

KEY = "agpk_of-the-auditor"
SETTINGS = f'[[callers]]\nname = "auditor"\nroles = ["read"]\nkey_sha256 = "{hashed(KEY)}"\n'


def test_who_is_signed_in_is_so_at_every_worker(tmp_path: Path) -> None:
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "bank.agp").write_text(POLICY.replace("LIMIT", "10"))
    (tmp_path / "service.toml").write_text(SETTINGS)
    with process(tmp_path, "policies", "--config", "service.toml", "--workers", "3") as served:
        served.until(lambda: served.log.count("the service listens") == 3, "all workers listen")
        asked = served.ask("GET", "/sign-in")
        cookie = asked.headers["set-cookie"].partition(";")[0]
        form = re.search(rb'name="form" value="(\w+)"', asked.content)
        assert form is not None
        connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=30)
        connection.request(
            "POST", "/sign-in", urlencode({"form": form[1].decode(), "key": KEY}),
            {"content-type": "application/x-www-form-urlencoded", "cookie": cookie},
        )  # fmt: skip
        answer = connection.getresponse()
        assert (answer.status, answer.headers["location"]) == (303, "/")
        session = answer.headers["set-cookie"].partition(";")[0]
        connection.close()
        looks = [served.ask("GET", "/health", cookie=session) for _ in range(30)]
        assert {each.status for each in looks} == {200}
        assert served.ask("GET", "/health").status == 303
        assert KEY not in served.log and session.partition("=")[2] not in served.log
        assert served.end() == 0
