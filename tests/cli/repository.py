"""A git repository with policies, and the environments of pipelines that run over it."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

CLEAN = """\
language 2
package shop
owner "shop" contact "shop@acme.example"

agent bot = "spiffe://acme.example/bot"
intent sell "Sell"

context {
    risk: number
}

tool till {
    action open
    action refund(amount: number)
}

grant selling {
    to  bot
    for sell
    allow till.open as opening
    allow till.refund as refunding
        require approval by "role:boss" within 1h
    credential ttl 15m
    revoke     when context.risk > 1
    valid      until 2027-01-01
}

forbid large_refunds {
    deny   till.refund
    when   args.amount > 100
    because "Too much."
}

test "opening is permitted" {
    agent bot for sell
    call  till.open()
    context { risk: 0 }
    at 2026-01-01T00:00:00Z
    expect permit by opening
}
"""
"""A policy of which nothing is to be said, at the start of 2026."""

WIDER = CLEAN.replace("args.amount > 100", "args.amount > 500")


def git(*arguments: str) -> str:
    """Run git in the working directory, without anybody's settings."""
    quiet = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    names = ["-c", "user.name=n", "-c", "user.email=n@t.example", "-c", "init.defaultBranch=main"]
    done = subprocess.run(
        ["git", *names, *arguments], env=quiet, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def commit(**files: str) -> str:
    """Write policies and commit all that there is; give the commit."""
    for name, text in files.items():
        path = Path(name.replace("__", "/") + ".agp")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    git("add", "--all")
    git("commit", "--quiet", "--allow-empty", "--message", "x")
    return git("rev-parse", "HEAD")


def event(**payload: object) -> str:
    """Write the description of an event; give its path."""
    path = Path(".git/event.json")
    path.write_text(json.dumps(payload), encoding="utf-8")
    return str(path.resolve())
