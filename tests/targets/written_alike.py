"""Prints the digest of what every target makes of one policy: run on several versions of Python.

It needs of other distributions only what the targets import, so that an interpreter that has them
from elsewhere will do.
"""

from __future__ import annotations

import hashlib
import json
from importlib import import_module

from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.report.source import Source
from agpc.targets.emission import Options

TARGETS = ("aws_iam", "cedar", "javascript", "python", "rego", "vault")

# What Python's versions write apart: IPv4-mapped ranges, and characters of each year of Unicode.
POLICY = """package p
owner "o" contact "c@x.example"
agent bot = "spiffe://acme.example/bot"
intent pay "Pay é, 漢, \\u{1FAE9} and \U0001fae9"
tool t {
    from: ip
    note: string
    action read
}
grant g {
    to bot
    for pay
    allow t.read
        when resource.from within ["::fffe:0:0/95", "10.0.0.0/8", "2001:db8::/32"]
        and resource.note in ["é", "漢", "\U0001f600", "\U0001fae9", "\u0870", "\u2427", "\U0001c110"]
    valid until 2027-06-30
}
grant h {
    to bot
    for pay
    allow t.read
    valid until 2027-06-30
}
forbid f {
    deny t.read
    because "\U0001fae9 \u0870 é"
    when resource.note like "*\U0001fae9\U000105c0?*" or resource.from within ["::/1", "::fffe:0:0"]
}
bind vault {
    resource t "secret/data/${note}" {
        read = read
    }
    agent bot "bot"
}
bind aws {
    resource t "arn:aws:s3:::acme-invoices/${note}" {
        read = s3:GetObject
    }
    agent bot "arn:aws:iam::111122223333:role/bot"
    session tag intent = "agp:intent"
}
"""


def digests() -> dict[str, str]:
    """The SHA-256 of each target's files."""
    result = compile_sources([Source("é\U0001fae9.agp", POLICY)])
    policy = getattr(result, "policy", None)
    assert policy is not None, [str(each) for each in getattr(result, "diagnostics", ())]
    found = {}
    for name in TARGETS:
        emission = import_module(f"agpc.targets.{name}").TARGET.emit(policy, Options())
        text = json.dumps(
            [sorted(emission.files.items()), [str(each) for each in emission.diagnostics]]
        )
        found[name] = hashlib.sha256(text.encode()).hexdigest()
    return found


if __name__ == "__main__":
    print(json.dumps(digests(), indent=4))
