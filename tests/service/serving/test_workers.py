"""Workers do not go on without the process that started them, which alone brings them signals."""

from __future__ import annotations

import socket
import time
from pathlib import Path

from ..http.processes import POLICY, process


def is_served(port: int) -> bool:
    with socket.socket() as asked:
        asked.settimeout(5)
        return asked.connect_ex(("127.0.0.1", port)) == 0


def test_they_end_with_one_that_is_killed(tmp_path: Path) -> None:
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "bank.agp").write_text(POLICY.replace("LIMIT", "100"))
    with process(tmp_path, "policies", "--workers", "2") as served:
        served.until(lambda: served.log.count("the service listens") == 2, "all workers listen")
        served.process.kill()
        served.process.wait(30)
        for _ in range(2400):
            if not is_served(served.port):
                break
            time.sleep(0.05)
        assert not is_served(served.port), served.log
        assert served.log.count("what started this worker is gone") == 2
        assert "Traceback" not in served.log
