"""The bodies of requests, each as the shape that it has to have."""

from __future__ import annotations

from ...core.leases.leases import MOST_CAPABILITIES
from .shapes import Anything, Flag, Free, Many, Object, Text, Whole, Word

KEY = Text(
    255,
    printable=True,
    about="The caller's own key of this operation: the same key gives the same answer, and does nothing twice.",
)
ID = Text(512, about="The name of something, taken as it stands.")
NAME = Text(512)
SUBJECT = Object(
    {"type": NAME, "id": Text(2048, about="The SPIFFE ID of the agent.")},
    {"properties": Free()},
    about="The agent, as AuthZEN names it.",
)
ACTION = Object({"name": NAME}, {"properties": Free("The arguments of the call.")})
RESOURCE = Object(
    {"type": NAME, "id": ID}, {"properties": Free("What the enforcement point knows of it.")}
)
TASK = Object(
    {"id": ID}, about="The task that the call belongs to; the service knows the rest of it."
)
START = Object(
    {
        "key": KEY,
        "subject": SUBJECT,
        "action": Object(
            {"name": Word(("start",))},
            {"properties": Free("The fields of the task, as its intent declares them.")},
        ),
        "resource": Object(
            {"type": Text(512, about="The intent."), "id": Word(("new",))}, {"properties": Free()}
        ),
    },
    {
        "context": Free(
            'On whose behalf: `{"user": {"id"}}`; the task that this one is started inside of: `{"task": {"id"}}`.'
        ),
        "agent": Text(
            2048, about="Inside another task: the SPIFFE ID of the agent that gets the new one."
        ),
        "said": Text(64 * 1024, about="What the person said, word for word."),
    },
    about="Start a task.",
)
CALL = Object(
    {"key": KEY, "subject": SUBJECT, "action": ACTION, "resource": RESOURCE},
    {"context": Free("`task`, of which only `id` is taken, and what the enforcement point knows.")},
    about="Decide a call, and record it.",
)
SAID = Object({"key": KEY, "text": Text(64 * 1024, about="What the person said, word for word.")})
CONTEXT = Object({"key": KEY, "context": Free("What `revoke when` reads, such as `confidence`.")})
STATE = Object(
    {"key": KEY, "state": Word(("ended", "drifted"))},
    {"why": Text(4096, about="A sentence for people.")},
)
OUTCOME = Object(
    {"key": KEY, "outcome": Word(("done", "failed", "withdrawn"))},
    {
        "result": Anything("What the call gave, where the policy reads it."),
        "result_digest": Text(
            71,
            least=71,
            about="In its place, of one whose values are not told: `sha256:` and its SHA-256 in hexadecimal.",
        ),
    },
    about="How a call that was permitted ended; `withdrawn` says that it was never sent.",
)
SETTLE = Object(
    {
        "key": KEY,
        "outcome": Word(("done", "failed", "withdrawn")),
        "why": Text(4096, about="On what grounds."),
    },
    about="Settle a call whose enforcement point said nothing: an act of an administrator, which is recorded.",
)
CLOCK = Object(
    {"key": KEY, "why": Text(4096, about="On what grounds.")},
    about="Accept the clock: an act of an administrator, which is recorded.",
)
LEASE = Object(
    {
        "key": KEY,
        "task": ID,
        "capabilities": Many(
            Text(512),
            MOST_CAPABILITIES,
            about="What the lease is to stand for, each `PACKAGE.RESOURCE.ACTION`.",
        ),
    },
    {
        "context": Free(
            "What the enforcement point knows, such as `confidence`; what was reported goes before it."
        ),
        "properties": Free("What the enforcement point knows of the agent."),
    },
    about="Issue a lease.",
)
RENEWAL = Object({"key": KEY}, about="Renew a lease.")
REVOCATION = Object(
    {"key": KEY}, {"why": Text(2000, about="A sentence for people.")}, about="End a lease."
)
CREDENTIAL = Object(
    {"key": KEY, "broker": Text(64, about="The name of a broker in the settings.")},
    about="Turn a lease into a credential. A key gives one, since none is kept.",
)
TOKEN = Object(
    {"token": Text(16 * 1024)}, {"token_type_hint": Text(64)}, about="A token to look up."
)
EXCHANGE = Object(
    {
        "grant_type": Word(("urn:ietf:params:oauth:grant-type:token-exchange",)),
        "subject_token": Text(16 * 1024, about="The JWT-SVID of the agent."),
        "subject_token_type": Word(("urn:ietf:params:oauth:token-type:jwt",)),
        "task": ID,
        "scope": Text(16 * 1024, about="What the token is to stand for, with a space between two."),
    },
    {"audience": Text(2048), "resource": Text(2048), "requested_token_type": Text(64)},
    about="Exchange a JWT-SVID for a task token.",
)
VERDICT = Object(
    {
        "key": KEY,
        "verdict": Word(("approve", "refuse")),
        "policy": Text(
            128, about="The digest of the policy under which the person was shown the request."
        ),
    },
    {"message": Text(2_000, least=0, about="What the agent is told of a refusal.")},
    about="What a person says to a request, once.",
)
EVENT = Text(
    16 * 1024, about="A security event token (RFC 8417), signed by a transmitter of the settings."
)
CONFIRMATION = Object(
    {
        "key": KEY,
        "user": Text(512, about="The user of the task, whom the caller has in front of it."),
        "verdict": Word(("approve", "refuse")),
    },
    {"message": Text(2_000, least=0, about="What the agent is told of a refusal.")},
    about="What the user of a task says to what they are to confirm, once.",
)
REFUSAL = Object(
    {
        "key": KEY,
        "why": Text(512, about="A sentence for people."),
        "what": Anything("What tells it from others: a digest of it is kept."),
    },
    {"task": ID},
    about="Record what an enforcement point has refused before there was a call to decide.",
)
PRESENCE = Object(
    {
        "key": KEY,
        "person": Text(512, about="The id of the person."),
        "state": Word(("here", "left")),
        "why": Text(2_000, about="On what grounds."),
    },
    about="Say that a person has left, or is back: an act of an administrator, which is recorded.",
)
REMOVAL = Object(
    {"key": KEY, "why": Text(2_000, about="On what grounds.")},
    about="Let a passkey count no more: an act of an administrator, which is recorded.",
)
POLL = Object(
    {},
    {
        "maxEvents": Whole(0, 10_000),
        "returnImmediately": Flag("The answer is always given at once."),
        "ack": Many(Text(512), 10_000, least=0, about="The `jti` of events that were taken in."),
        "setErrs": Free(
            "The `jti` of events that could not be taken in, each with why: they are not sent again."
        ),
    },
    about="Fetch security events.",
)
