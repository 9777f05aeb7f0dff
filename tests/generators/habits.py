"""What newcomers write, each in a policy that is whole around it."""

from __future__ import annotations

from pathlib import Path

_TABLE = Path(__file__).parents[1] / "compiler" / "habits.tsv"
HABITS = [line.split("\t") for line in _TABLE.read_text(encoding="utf-8").splitlines()]
"""Each as (where, what was written, the only message, its advice). `clause`: behind a whole grant; `forbid`: behind
`deny`; `grant`: all of a grant."""

VOCABULARY = """package p
owner "team" contact "team@example.org"
level sens = low < high
enum kind = a1, b1
agent bot = "spiffe://t.example/bot" { tenant: string }
intent work "Work" { one: string }
set nets = ["10.0.0.0/8"]
tool pay {
  sensitivity: sens
  owner_: string
  action read
  action post(amount: number, to: [string], note?: string, at: time, ip: ip, urgent: bool,
              files: [{ path: string }], kind: kind)
}
context { ip: ip confidence: number }
"""
AROUND = {
    "when": "grant g { to bot for work allow pay.post as post when %s }\n",
    "clause": "grant g {\n to bot\n for work\n allow pay.post\n %s\n}\n",
    "forbid": "forbid f {\n deny pay.post\n %s\n}\n",
    "grant": "grant g {\n %s\n}\n",
    "file": "%s\n",
}
