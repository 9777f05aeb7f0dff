"""`make demo-service` is an hour and more that goes as it is told."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_hour_goes_as_it_is_told() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "examples" / "service" / "demo.py"],
        capture_output=True, text=True, check=False, timeout=240, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    told = [
        "started t-",
        "permit by finance.reconcile_invoices.small_post; paid 500",
        "permit by finance.reconcile_invoices.small_post; paid 1980",
        "challenge by finance.reconcile_invoices.large_post; paid 1980",
        "first approval by role:controller",
        "pending  until",
        "would do post on finance.ledger main",
        "amount = 200",
        "presses “Approve this call”",
        "permit by finance.reconcile_invoices.large_post; paid 2180",
        "challenge by finance.reconcile_invoices.large_post; paid 2180",
        "leaves the company",
        "challenge by finance.reconcile_invoices.large_post; paid 2180",
        "reported confidence",
        "a lease for suppliers.directory.browse",
        "active True",
        "reported confidence",
        "active False",
        "revoked",
        "what was reported of its task",
        "reported confidence",
        "active False",
        "permit by finance.reconcile_invoices.letters.send",
        "permit by finance.reconcile_invoices.invoices.list+invoices.read+ledger.read",
        "deny by finance.confidential_stays; peak confidential",
        "Whoever has read what is confidential writes to nobody outside.",
        " ended\n",
        "deny by platform.drifted_tasks",
        'finance.peak "confidential"',
        "proved: demo.acme.example/agpc",
        "wrong: demo.acme.example/agpc",
        "the body is not the one whose digest the entry has",
    ]
    at = 0
    for each in told:
        found = done.stdout.find(each, at)
        assert found >= 0, f"{each!r} is not told, or too early:\n{done.stdout}"
        at = found
    assert re.search(r"/tmp|agpk_", done.stdout) is None  # neither places nor keys
    assert max(map(len, done.stdout.splitlines())) < 250
