"""The playground, built once for all processes that test, and served as any host of files would."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest
from engines.chromium import BROWSER, PACKAGES

ROOT = Path(__file__).parents[2]

Visit = Callable[..., Any]

_spec = spec_from_file_location("playground_build", ROOT / "editors" / "playground" / "build.py")
assert _spec is not None and _spec.loader is not None
build = module_from_spec(_spec)
_spec.loader.exec_module(build)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page; `AGPC_PLAYGROUND` names one that is built already."""
    if given := os.environ.get("AGPC_PLAYGROUND"):
        return Path(given)
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    out = shared / "playground"
    with open(shared / "playground.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (out / "index.html").exists():  # which is written last
            command = [sys.executable, ROOT / "editors" / "playground" / "build.py", out]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr[-4000:]
    return out


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def visit(built: Path) -> Iterator[Visit]:
    """Visit the page in Chromium: the name of a visit in visits.mjs, and what it is given; what was seen there."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(built)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/"

    def visited(name: str, given: Any = None) -> Any:
        done = subprocess.run(
            ["node", Path(__file__).parent / "visits.mjs", PACKAGES, str(BROWSER), address, name],
            input=json.dumps(given), capture_output=True, text=True, check=False, timeout=900,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-4000:]
        return json.loads(done.stdout)

    yield visited
    server.shutdown()
    server.server_close()
