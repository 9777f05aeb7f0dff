"""`make demo-service`: an hour and a half of the finance example under the service, printed as it happens.

The service runs in this process on a free port, with a store of its own that is gone afterwards, and with a clock
that this program sets: the policy permits payments on weekdays from seven to seven, and it should not matter when
somebody looks at a demo. `agpc serve` has no such clock.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import secrets
import shlex
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from agpc.service.audit.notes import Signer
from agpc.service.client.address import read_address
from agpc.service.client.client import Client, new_key
from agpc.service.config.callers import CallerEntry, PersonEntry
from agpc.service.config.models import Loaded, Settings
from agpc.service.core import SYSTEM, Adopt, Core, CoreSettings, Know, Publish
from agpc.service.http.app import ProcessParts, Service
from agpc.service.http.connections.server import Server, configured, listening
from agpc.service.http.endpoints.leases import lease_routes
from agpc.service.http.gate.callers import Callers, hashed
from agpc.service.page.routes import page_routes
from agpc.service.policies.generation import load_generation
from agpc.service.store import Store
from agpc.service.tokens.keys import TokenKeys
from agpc.service.tokens.tokens import Tokens

ROOT = Path(__file__).parents[2]
POLICY = [ROOT / "examples" / "finance", Path(__file__).parent / "suppliers.agp"]
BOT = "spiffe://acme.example/ns/finance/sa/invoice-bot"
BANK = "DE02120300000000202051"
TEN_O_CLOCK = datetime(2026, 11, 24, 9, tzinfo=UTC)  # in Berlin, where the policy has its hours


@dataclass
class Clock:
    """A clock that stands still until it is set on."""

    now: datetime = TEN_O_CLOCK

    def __call__(self) -> int:
        return int(self.now.timestamp()) * 10**9

    def goes_on(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    def __str__(self) -> str:
        return f"{self.now + timedelta(hours=1):%H:%M}"


KEYS = {"front-office": "start", "gateway": "decide outcome lease", "auditor": "read"}
"""Who calls, and what each may do."""
CONTROLLER = "user:ann"


@dataclass
class Demo:
    """The service, and those who speak to it."""

    address: str
    store: Path
    vkey: str
    clock: Clock
    keys: dict[str, str]
    core: Core

    def client(self, name: str) -> Client:
        return Client(read_address(self.address), api_key=self.keys[name])

    # --- what is printed ---

    def chapter(self, minutes: int, title: str) -> None:
        self.clock.goes_on(minutes)
        print(f"\n{self.clock}  {title}")

    def run(self, who: str, *arguments: str, status: int = 0, most: int = 40) -> str:
        """Run the command as somebody, and print what it prints."""
        shown = [each.replace(str(self.store.parent), "demo") for each in arguments]
        print(f"       $ agpc {shlex.join(shown)}")
        environment = {**os.environ, "AGPC_SERVICE": self.address}
        if who in self.keys:
            environment["AGPC_API_KEY"] = self.keys[who]
        done = subprocess.run(
            [sys.executable, "-m", "agpc", *arguments],
            env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        lines = (done.stdout + done.stderr).replace(str(self.store.parent), "demo").splitlines()
        for line in lines[:most]:
            print(f"       {line}")
        if len(lines) > most:
            print(f"       … and {len(lines) - most} lines more")
        if done.returncode != status:
            raise SystemExit(f"`agpc {shlex.join(shown)}` ended with {done.returncode}")
        return done.stdout

    def asks(
        self, expected: str, task: str, what: str, resource: str, action: str, sensitivity: str | None = None,
        **arguments: Any,
    ) -> dict[str, Any]:  # fmt: skip
        """Have the agent ask for a call, as the gateway that enforces the answer."""
        gateway = self.client("gateway")
        properties = {"tenant": "t1"} | (
            {} if sensitivity is None else {"sensitivity": sensitivity}
        )
        answer = gateway.post(
            "/v1/calls",
            {
                "key": new_key(),
                "subject": {"type": "agent", "id": BOT, "properties": {"tenant": "t1"}},
                "action": {"name": action, "properties": arguments},
                "resource": {"type": f"finance.{resource}", "id": "main", "properties": properties},
                "context": {"task": {"id": task}, "confidence": 0.95, "source_ip": "10.1.2.3"},
            },
        )
        context = answer["context"]
        effect, rules = context["effect"], ", ".join(context["rules"]) or "no rule"
        print(f"       {what}\n           {effect} by {rules}{self.known(answer['call'])}")
        for reason in context["reasons"]:
            print(f"           {reason}")
        for each in context["requirements"]:
            print(f"           first {each['type']} by {' or '.join(each.get('by', ()))}")
        if effect == "permit":  # the gateway sends it on, and says what became of it
            gateway.post(
                f"/v1/calls/{answer['call']}/outcome", {"key": new_key(), "outcome": "done"}
            )
        if effect != expected:
            raise SystemExit(f"this should have been {expected}")
        return answer

    def approves_on_the_page(self, who: str, request: str) -> None:
        """Sign in and press the button, as somebody does with a browser."""
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())

        def page(path: str, form: dict[str, str] | None = None) -> str:
            content = None if form is None else urllib.parse.urlencode(form).encode()
            with browser.open(f"{self.address}{path}", content) as answer:
                return str(answer.read().decode())

        def hidden(text: str) -> dict[str, str]:
            return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', text))

        path = f"/requests/{request}"
        page("/sign-in", {**hidden(page(f"/sign-in?back={path}")), "key": self.keys[who]})
        form = hidden(page(path).partition('class="answer"')[2])
        after = page(path, {**form, "verdict": "approve"})
        if "Enough people have approved it" not in after:
            raise SystemExit("the page should have taken the approval")
        print("       … looks at it on the page, and presses “Approve this call”")

    def gets_lease(self, task: str, capability: str) -> tuple[str, str]:
        """Have the gateway get a lease for the agent; give its id and its token."""
        answer = self.client("gateway").post(
            "/v1/leases",
            {
                "key": new_key(),
                "task": task,
                "capabilities": [capability],
                "context": {"source_ip": "10.1.2.3"},
            },
        )
        minutes = answer["expires_in"] // 60
        print(
            f"       a lease for {capability}\n           {answer['lease']}, a token that is good for {minutes} minutes"
        )
        return answer["lease"], answer["token"]

    def shows_token(self, token: str, *, good: bool) -> None:
        """Have who takes the token ask whether it is good."""
        form = urllib.parse.urlencode({"token": token}).encode()
        request = urllib.request.Request(f"{self.address}/v1/introspect", form)
        request.add_header("authorization", f"Bearer {self.keys['gateway']}")
        with urllib.request.urlopen(request) as answer:
            found = json.loads(answer.read())
        print(f"       the supplier directory asks about the token: active {found['active']}")
        if found["active"] is not good:
            raise SystemExit("the token should have been good until its lease ended")

    def known(self, call: str) -> str:
        """What the meters said when a call was decided."""
        event = self.client("auditor").call(call)["event"]["body"]
        side = "with" if event["effect"] == "permit" else "before"
        told = []
        for name, value in sorted(event["request"]["context"].get("meters", {}).items()):
            if side in value and not isinstance(value[side], dict):
                told.append(f"{name.partition('#')[0].removeprefix('finance.')} {value[side]}")
        return f"; {', '.join(told)}" if told else ""


def play(demo: Demo) -> None:
    """The hour."""
    print("The service decides under examples/finance. It is Tuesday, 24 November 2026, in Berlin.")
    print(f"Its page for people is {demo.address}/, and shows all of this.")

    demo.chapter(0, "A person asks for something: the front office starts a task")
    said = "Please pay what is open of October."
    started = demo.run(
        "front-office", "task", "start", "--agent", BOT, "--intent", "finance.reconcile", "--user", "user:joe",
        "--context", "source_ip=10.1.2.3", "--said", said,
    )  # fmt: skip
    task = started.split()[1]

    demo.chapter(5, "Small payments pass; `paid` adds them up over a day")
    for amount in (500, 500, 480):
        demo.clock.goes_on(3)
        pay(demo, "permit", task, amount)

    demo.chapter(5, "2000 a day is the budget: what would go over it waits for a person")
    pay(demo, "permit", task, 500)
    asked = pay(demo, "challenge", task, 200)

    demo.chapter(3, "The controller sees exactly what would be done, and approves it")
    request = asked["request"]["id"]
    demo.run("controller", "approve")
    demo.run("controller", "approve", request)
    demo.approves_on_the_page("controller", request)

    demo.chapter(2, "The call passes, once; the next one like it asks again")
    pay(demo, "permit", task, 200)
    asked = pay(demo, "challenge", task, 200)

    demo.chapter(2, "She approves that one, too, and leaves the company before it is asked again")
    demo.approves_on_the_page("controller", asked["request"]["id"])
    demo.core.do_now(Know(caller=SYSTEM, key=new_key(), person=CONTROLLER, roles=(), active=False))
    pay(demo, "challenge", task, 200)

    demo.chapter(
        5, "It looks up suppliers without asking each time: with a lease, while it is sure enough"
    )
    demo.run("gateway", "task", "context", task, "--field", "confidence=0.95")
    lease, token = demo.gets_lease(task, "suppliers.directory.browse")
    demo.shows_token(token, good=True)

    demo.chapter(2, "Its confidence drops, and the lease ends with the report")
    demo.run("gateway", "task", "context", task, "--field", "confidence=0.6")
    demo.shows_token(token, good=False)
    demo.run("auditor", "lease", "show", lease)

    demo.chapter(3, "It is sure again; what has ended does not come back")
    demo.run("gateway", "task", "context", task, "--field", "confidence=0.95")
    demo.shows_token(token, good=False)

    demo.chapter(5, "It may write to suppliers")
    write(demo, "permit", task)

    demo.chapter(5, "It reads something confidential, which raises the high-water mark of the task")
    demo.asks(
        "permit",
        task,
        "read an entry that is confidential",
        "ledger",
        "read",
        "confidential",
        account="4711",
    )

    demo.chapter(2, "From now on nothing it writes goes out")
    write(demo, "deny", task)

    demo.chapter(10, "The task ends, and with it everything that it may do")
    demo.run("front-office", "task", "end", task, "--why", "October is paid")
    pay(demo, "deny", task, 1)

    demo.chapter(5, "What an auditor sees of it")
    demo.run("auditor", "task", "show", task, "--calls", "3")

    demo.chapter(5, "The trail proves itself, without the service")
    demo.core.do_now(Publish(caller=SYSTEM, key=new_key()))
    export = str(demo.store.parent / "export")
    demo.run("nobody", "audit", "export", "--store", f"sqlite:///{demo.store}", export)
    demo.run("nobody", "audit", "verify", export, "--key", demo.vkey)

    demo.chapter(1, "Somebody who can write to the database makes one payment one digit smaller")
    changed = demo.store.parent / "changed.db"
    tamper(demo.store, changed)
    demo.run(
        "nobody", "audit", "verify", "--store", f"sqlite:///{changed}", "--key", demo.vkey, status=1
    )


def pay(demo: Demo, expected: str, task: str, amount: int) -> dict[str, Any]:
    return demo.asks(
        expected, task, f"pay {amount} EUR", "ledger", "post", "internal",
        account="4711", amount=amount, currency="EUR", to=[BANK],
    )  # fmt: skip


def write(demo: Demo, expected: str, task: str) -> None:
    demo.asks(
        expected, task, "write to billing@supplier.example", "letters", "send",
        to="billing@supplier.example", text="Your invoice is paid.",
    )  # fmt: skip


def tamper(store: Path, copy: Path) -> None:
    """Change one byte of one body, in a copy of the store."""
    with sqlite3.connect(store) as source, sqlite3.connect(copy) as target:
        source.backup(target)
    with sqlite3.connect(copy) as database:
        rows = database.execute("SELECT seq, body FROM event WHERE kind = 'call' ORDER BY seq")
        seq, body = next((seq, body) for seq, body in rows if b'"amount":480' in body)
        changed = body.replace(b'"amount":480', b'"amount":380')
        database.execute("UPDATE event SET body = ? WHERE seq = ?", (changed, seq))


@contextmanager
def running(folder: Path) -> Iterator[Demo]:
    """The service while the block lasts."""
    clock, signer = Clock(), Signer.generate("demo.acme.example/agpc")
    store, policy = folder / "agpc.db", load_generation(POLICY)
    keys = {name: f"agpk_{secrets.token_urlsafe(24)}" for name in (*KEYS, "controller")}
    agents = ("spiffe://acme.example/**",)
    entries = [
        CallerEntry.model_validate(
            {
                "name": name,
                "roles": roles.split(),
                "agents": agents if name != "auditor" else (),
                "key_sha256": hashed(keys[name]),
            }
        )
        for name, roles in KEYS.items()
    ]
    settings = CoreSettings(secret=secrets.token_bytes(32), signer=signer)
    core = Core(Store(f"sqlite:///{store}", clock=clock), policy, settings)
    core.do_now(Adopt(caller=SYSTEM, key=new_key(), generation=policy, note="demo"))
    roles = ("role:controller",)
    core.do_now(Know(caller=SYSTEM, key=new_key(), person=CONTROLLER, roles=roles))
    person = PersonEntry(id=CONTROLLER, roles=roles, key_sha256=hashed(keys["controller"]))
    loaded = Loaded(settings=Settings(), root=folder)
    parts = ProcessParts(
        callers=Callers.of(entries, folder, people=[person]),
    )
    listener = listening("127.0.0.1", 0)
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    now = lambda: clock() / 10**9
    tokens = Tokens(TokenKeys(settings.secret, 86_400, now), address, clock=now)
    parts.more = [page_routes(core, is_secure=False), lease_routes(core, tokens)]
    server = Server(configured(Service(core, loaded.settings, parts).app, loaded))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])), daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    try:
        yield Demo(address, store, signer.vkey, clock, keys, core)
    finally:
        server.should_exit = True
        thread.join()
        core.stop()
        listener.close()


def main() -> None:
    stays = sys.argv[1:] == ["--stay"]
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as demo:
        play(demo)
        if stays:
            print(
                f"\nThe page is at {demo.address}/ until you press Enter; sign in with the key {demo.keys['auditor']}"
            )
            sys.stdin.readline()


if __name__ == "__main__":
    main()
