"""A policy in which nothing is wrong: what agents of a finance department may do.

Each agent has an intent, a tool, a directory and a grant of its own, and a forbid closes what nobody may do. They
differ in how reading and sending are limited, in what is counted, and in where addresses come from. One of them hands
a part of its tasks on to a helper.
"""

from __future__ import annotations

from random import Random

from .draft import LIMITED, Draft, Sending


def clean(random: Random) -> Draft:
    """A clean policy, drawn at random."""
    draft = Draft(random)
    draft.head = {
        "owner": 'owner "payments" contact "payments@acme.example"',
        "control": "controls nist-ai-rmf-1.0:GOVERN-1.2",
        "level": "level sensitivity = public < internal < confidential < restricted",
        "enum": "enum region = EU, US, APAC",
        "desk": 'set desk = ["desk@acme.example", "books@acme.example"]',
        "context": "context { confidence: number }",
        "refusals": "meter refusals = count of denied any per task within 10m",
        "short": "terms short { audit metadata }",
        "watched": "terms watched {\n    audit full\n    revoke when refusals.before >= 3\n}",
    }
    for at in range(random.randint(2, 4)):
        _agent(draft, at)
    _helper(draft)
    _statements(draft)
    return draft


def _agent(draft: Draft, at: int) -> None:
    """One agent, and all that is its own."""
    random = draft.random
    sending = _sending(random, at)
    draft.agents[f"a{at}"] = f'agent a{at} = "spiffe://acme.example/ns/n{at}/sa/a{at}"'
    draft.intents[f"i{at}"] = "{ order: string, customer: string, folder: string }"
    draft.tool(
        f"d{at}",
        "",
        find="read action(name: string) -> [{ email: string, verified: bool }]",
    )
    draft.tool(
        f"t{at}",
        read="read action(path: string) -> { note: string }",
        update="write action(amount: number, order: string)",
        void="destroy action(reason: string)",
        send=f"send action({sending.parameter})",
    )
    verified = random.choice(("", " when it.verified"))
    draft.facts[f"s{at}"] = f"source s{at} = said, task, d{at}.find.email{verified}"
    counted, limit = _counted(random, at)
    if counted:
        draft.facts[f"m{at}"] = counted
    draft.facts[f"q{at}"] = f"meter q{at} = count of asked t{at}.update per task"
    most = random.randint(2, 9)
    ending = random.choice((f"q{at}.before < {most}", f"not q{at}.before >= {most}"))
    largest = random.randint(10, 1000)
    who = random.choice((
        'approval by "role:controller" within 1h',
        'approval by "role:controller", "user:cfo" count 2 within 8h',
        'step_up "mfa" within 15m and approval by "role:controller" within 1h',
    ))  # fmt: skip
    draft.more(f"g{at}", f"a{at}", f"i{at}")
    draft.grants[at].allows = {
        "read": f"allow t{at}.read when {LIMITED} and {_reading(random, at)}",
        "find": f"allow d{at}.find when args.name from said, task",
        "update": f"allow t{at}.update when {LIMITED} and args.order == task.order "
        f"and args.amount <= {largest} and {ending}{limit} require {who}",
        "send": f"allow t{at}.send when {LIMITED} and {sending.condition}",
    }
    draft.sendings.append(sending)
    draft.forbids[f"f{at}"] = {
        "deny": f"deny t{at}.void",
        "when": f"when resource.region {random.choice(('== US', 'in [US, APAC]', '!= EU'))}",
        "because": f'because "{random.choice(("four eyes", "no voids"))}"',
    }


def _reading(random: Random, at: int) -> str:
    """What may be read."""
    return random.choice((
        "resource.region == EU",
        "resource.region in [EU, US]",
        f'args.path under "/srv/{random.randint(1, 99)}"',
        f'args.path under "books/{at}"',
        "args.path under task.folder",
        'args.path like "*.pdf"',
    ))  # fmt: skip


def _sending(random: Random, at: int) -> Sending:
    """To whom something may be sent."""
    return random.choice((
        Sending(
            "to: string",
            'args.to like "*@acme.example"',
            ('args.to == "x@acme.example"', 'args.to like "*.y@acme.example"'),
        ),
        Sending(
            "to: email",
            'args.to.domain under "acme.example"',
            ('args.to.domain == "acme.example"', 'args.to.domain under "eu.acme.example"'),
        ),
        Sending(
            "to: [string]",
            "every args.to in desk and size args.to > 0",
            (
                "every args.to in desk and size args.to == 1",
                'every args.to == "desk@acme.example" and size args.to > 0',
            ),
        ),
        Sending(
            "to: string",
            f"args.to from s{at}",
            (f'args.to from s{at} and args.to != "x"', f"args.to from s{at} and after t{at}.read"),
        ),
    ))  # fmt: skip


def _counted(random: Random, at: int) -> tuple[str, str]:
    """A meter, if there is one, and what is asked of it where something is changed."""
    often, much = random.randint(2, 20), random.randint(2000, 9000)
    return random.choice((
        ("", ""),
        ("", f" and after t{at}.read"),
        (f"meter m{at} = count of t{at}.update per task", f" and m{at} <= {often}"),
        (f"meter m{at} = sum args.amount of t{at}.update per agent within 30d", f" and m{at} <= {much}"),
        (
            f"meter m{at} = sum args.amount of t{at}.update per args.order within 7d",
            f" and m{at} <= {much}",
        ),
    ))  # fmt: skip


def _helper(draft: Draft) -> None:
    """An agent that reads for another one."""
    at = draft.helped = draft.some()
    draft.agents["helper"] = 'agent helper = "spiffe://acme.example/ns/help/sa/helper"'
    draft.intents["help"] = "{ order: string, customer: string, folder: string }"
    own = draft.grants[at]
    given = {each: own.allows[each] for each in draft.random.choice((["read"], ["read", "find"]))}
    draft.more("helping", "helper", "help", like=at).allows = given
    draft.delegations.append(f"delegate a{at} for i{at} to helper for help")


def _statements(draft: Draft) -> None:
    """What the policy says of itself, and holds."""
    at = draft.some()
    helped = draft.helped
    held = {
        "reached": f"assert a{at} can t{at}.read for i{at}",
        "never": f"assert no any agent can t{at}.void",
        "within": f"assert helper within a{helped} for help within i{helped}",
        "isolated": f"isolate a{at} from a{draft.another(at)}",
        "separated": f"separate t{at}.void, t{at}.update",
        "limited": f"assert no agent can t{at}.update when args.amount > 1000",
    }
    said = draft.random.sample(sorted(held), draft.random.randint(0, 3))
    draft.statements = {each: held[each] for each in said}
