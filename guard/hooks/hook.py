"""The command that a client runs at each event: it asks the server of the hooks, and passes its answer on.

INVARIANT: it says that a tool may run only after the server said so. It ends with 2, which keeps a tool from running, whatever
fails and whatever does not answer in time; a client that waits less long than that would run the tool.

It is started for every event and imports nothing that it does not need.
"""

from __future__ import annotations

import http.client
import os
import re
import sys
import threading
from urllib.parse import urlsplit

from .proof import ANSWERED, asked, is_answer

BLOCKED, FAULTY = 2, 1
"""Exit statuses: the client stops what it is about to do; the client goes on, and says that a hook failed."""
OLDEST = (2, 1, 295)
"""Of Claude Code, the first that keeps a tool from running when its hook fails in any way."""
MOST = 32 * 1024 * 1024
MOST_ANSWERED = 1024 * 1024
_AGENT = re.compile(r"claude-code_(\d{1,6})-(\d{1,6})-(\d{1,6})(?:_.*)?")


class NoAnswer(Exception):
    """There is no answer to go by; one plain sentence."""


def too_old(agent: str | None) -> str | None:
    """Say why a client is refused, by what it puts into the environment of its hooks; None if it is not."""
    found = _AGENT.fullmatch(agent or "")
    if found is None:
        return "the client does not say its version (AI_AGENT), and one before 2.1.295 would go on without an answer of its hooks"
    version = tuple(int(each) for each in found.groups())
    if version < OLDEST:
        said = ".".join(map(str, version))
        return f"Claude Code {said} goes on without an answer of its hooks: update it to 2.1.295 or later"
    return None


def ask(url: str, secret: str, event: bytes, within: float) -> bytes:
    """Give what the server answers. Raises `NoAnswer`."""
    where = urlsplit(url)
    try:
        connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=within)
        once, proof = asked(secret, where.path, event)
        headers = {"Authorization": proof, "Content-Type": "application/json"}
        connection.request("POST", where.path, event, headers)
        response = connection.getresponse()
        answer = response.read(MOST_ANSWERED + 1)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NoAnswer(
            f"the server of the hooks does not answer ({type(error).__name__})"
        ) from None
    if response.status != 200:
        raise NoAnswer(f"the server of the hooks refuses the event (status {response.status})")
    if not is_answer(secret, once, answer, response.getheader(ANSWERED)):
        raise NoAnswer("what answers is not the server of the hooks, or has another secret")
    if len(answer) > MOST_ANSWERED or not answer.startswith(b"{") or not answer.endswith(b"}"):
        raise NoAnswer("the answer of the server of the hooks cannot be read")
    return answer


def watch(within: float, status: int) -> threading.Timer:
    """End the process when its time is over, whatever it waits for."""
    timer = threading.Timer(within, end, [status, "there was no answer in time"])
    timer.daemon = True
    timer.start()
    return timer


def end(status: int, why: str) -> None:
    """Say why, and end at once."""
    os.write(2, f"agpc guard: {why}. Nothing runs undecided.\n".encode())
    os._exit(status)


def read_all() -> bytes:
    """Read the event. Raises `NoAnswer`."""
    event = sys.stdin.buffer.read(MOST + 1)
    if len(event) > MOST:
        raise NoAnswer(f"an event has at most {MOST} bytes")
    return event
