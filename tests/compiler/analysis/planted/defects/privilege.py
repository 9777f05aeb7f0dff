"""Agents that may do more than their tasks need."""

from __future__ import annotations

from ..draft import LIMITED, Draft

BOTH = f"allow wide.look when {LIMITED}\nallow wide.change when {LIMITED}"


def overlap(draft: Draft) -> None:
    at = draft.some()
    other = draft.another(at)
    draft.statements.pop("isolated", None)  # which would be refuted, too
    draft.more(
        "extra", f"a{other}", f"i{other}",
        f"allow t{at}.send when resource.sensitivity == public and {draft.sendings[at].narrower[0]}",
    )  # fmt: skip


def toxic(draft: Draft) -> None:
    allows = draft.grants[draft.some()].allows
    looser = draft.random.choice((
        "resource.sensitivity <= confidential",
        "resource.sensitivity != restricted",
        f"({LIMITED} or resource.region == EU)",
    ))  # fmt: skip
    allows["read"] = allows["read"].replace(LIMITED, looser)


def extra_tool(draft: Draft, allow: str, to: str | None = None, intents: str | None = None) -> None:
    at = draft.some()
    draft.tool("wide", look="read action", change="write action")
    draft.more("extra", to or f"a{at}", intents or f"i{at}", *allow.split("\n"))


def broad_capability(draft: Draft) -> None:
    extra_tool(draft, f"allow wide.* when {LIMITED}")


def broad_family(draft: Draft) -> None:
    draft.statements.pop("isolated", None)  # which would be refuted, too
    where = draft.random.choice(("ns/x/**", "**", "ns/**"))
    if draft.random.random() < 0.7:
        draft.agents["everybody"] = f'agents everybody = "spiffe://other.example/{where}"'
        extra_tool(draft, BOTH, to="everybody")
    else:
        extra_tool(draft, BOTH, to="any agent")


def unlimited_level(draft: Draft) -> None:
    region = draft.random.choice(("EU", "US"))
    extra_tool(draft, f"{BOTH.splitlines()[0]}\nallow wide.change when resource.region == {region}")


def any_intent(draft: Draft) -> None:
    extra_tool(draft, BOTH, intents="any intent")


def swallowed(draft: Draft) -> None:
    at = draft.some()
    draft.agents["kin"] = f'agents kin = "spiffe://acme.example/ns/n{at}/sa/*"'
    draft.more(
        "extra", "kin", f"i{at}",
        f"allow t{at}.send when resource.sensitivity <= confidential and {draft.sendings[at].condition}",
        like=at,
    )  # fmt: skip


def empty_chain(draft: Draft) -> None:
    """Hand tasks on to somebody who does quite other things."""
    at = draft.some()
    if draft.random.random() < 0.5:
        draft.delegations.append(f"delegate a{at} for i{at} to a{draft.another(at)} for i{at}")
        return
    draft.agents["printer"] = 'agent printer = "spiffe://acme.example/ns/help/sa/printer"'
    draft.intents["print"] = ""
    draft.tool("press", "", put="write action")
    draft.more("printing", "printer", "print", "allow press.put")
    draft.delegations.append(f"delegate a{at} for i{at} to printer for print")


def cut_off(draft: Draft) -> None:
    draft.tools[f"t{draft.helped}"]["archive"] = draft.random.choice(
        ("read action", "write action")
    )
    draft.statements.pop("within", None)  # which would be refuted, too
    draft.grants[-1].allows["archive"] = f"allow t{draft.helped}.archive when {LIMITED}"


def exposed(draft: Draft) -> None:
    """One more parameter that nobody thought of, or a call of which nothing is asked but the resource."""
    at = draft.some()
    tool = draft.tools[f"t{at}"]
    match draft.random.randrange(3):
        case 0:
            more = draft.random.choice(("text: string", "bcc?: [string]", "extra: json"))
            tool["send"] = f"send action({draft.sendings[at].parameter}, {more})"
        case 1:
            kind = draft.random.choice(("write ", "destroy ", "send ", ""))
            tool["tag"] = f"{kind}action(label: string)"
            draft.grants[at].allows["tag"] = f"allow t{at}.tag when {LIMITED}"
        case _:
            draft.sends(at, "to: string, by: { name: string }", 'args.to like "*@acme.example"')


def open_action(draft: Draft) -> None:
    at = draft.some()
    kind = draft.random.choice(("read ", "write ", ""))
    draft.tools[f"t{at}"]["run"] = f"{kind}action(cmd: string, ...)"
    draft.grants[at].allows["run"] = f'allow t{at}.run when {LIMITED} and args.cmd in ["ls", "pwd"]'


DEFECTS = {
    "AGP3201": overlap,
    "AGP3202": toxic,
    "AGP3203": broad_capability,
    "AGP3204": broad_family,
    "AGP3205": unlimited_level,
    "AGP3206": any_intent,
    "AGP3207": swallowed,
    "AGP3208": empty_chain,
    "AGP3209": cut_off,
    "AGP3211": exposed,
    "AGP3212": open_action,
}
