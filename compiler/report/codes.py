"""The table of diagnostic codes. A code never changes its meaning, and each has a page in docs/."""

from __future__ import annotations

from typing import Literal, TypeAlias

from ..structs import Struct

Severity: TypeAlias = Literal["error", "warning", "info"]


class Code(Struct):
    """A kind of diagnostic: its severity and its title, as the documentation page has it.

    `default` is False for what is looked for only where somebody asks for it.
    """

    severity: Severity
    title: str
    default: bool = True


CODES: dict[str, Code] = {
    # 1000 text and syntax
    "AGP1001": Code("error", "syntax error"),
    "AGP1002": Code("error", "a character that cannot be seen or is a control"),
    "AGP1003": Code("error", "a name with a character outside ASCII"),
    "AGP1005": Code("error", "a string that does not end"),
    "AGP1006": Code("error", "an escape that does not exist"),
    "AGP1007": Code("error", "nested too deeply"),
    "AGP1008": Code("error", "too large"),
    "AGP1009": Code("error", "no package"),
    "AGP1010": Code("error", "a habit of another language"),
    "AGP1016": Code("error", "a name in quotes where it may not stand"),
    "AGP1017": Code("error", "a text that cannot be a name"),
    "AGP1018": Code("warning", "no version of the language"),
    # 1100 names
    "AGP1101": Code("error", "unknown name"),
    "AGP1102": Code("error", "declared twice"),
    "AGP1103": Code("error", "unknown package"),
    "AGP1104": Code("error", "declarations that contain each other"),
    "AGP1105": Code("error", "a reserved name"),
    "AGP1106": Code("error", "an ambiguous name"),
    "AGP1107": Code("error", "named conditions that use each other"),
    "AGP1108": Code("error", "unknown control"),
    "AGP1109": Code("error", "attribute not declared"),
    "AGP1110": Code("error", "not declared for all that the rule names"),
    "AGP1111": Code("error", "a kind of what is one action"),
    "AGP1112": Code("error", "a kind that no action has"),
    "AGP1113": Code("error", "an extension of what it cannot extend"),
    "AGP1114": Code("error", "a family with an `except` inside of another"),
    # 1200 types
    "AGP1201": Code("error", "types that do not compare"),
    "AGP1202": Code("error", "an operator that the type does not have"),
    "AGP1203": Code("error", "a literal of the wrong type"),
    "AGP1204": Code("error", "a comparison of two constants"),
    "AGP1205": Code("error", "not a condition"),
    "AGP1206": Code("warning", "a forbid reads an optional attribute without `has`"),
    # 1300 literals
    "AGP1301": Code("error", "not a SPIFFE ID"),
    "AGP1302": Code("error", "not an address range"),
    "AGP1303": Code("error", "not a duration"),
    "AGP1304": Code("error", "not a date or time"),
    "AGP1305": Code("error", "not a time zone"),
    "AGP1307": Code("error", "not a path"),
    "AGP1308": Code("error", "number out of range"),
    "AGP1312": Code("error", "not a domain"),
    "AGP1313": Code("error", "not an email address"),
    "AGP1314": Code("error", "not a URL in its one form"),
    "AGP1311": Code("warning", "a path that SPIFFE keeps for itself"),
    "AGP1310": Code("error", "a name that is too long"),
    # 1400 rules
    "AGP1401": Code("error", "a clause is missing"),
    "AGP1402": Code("error", "a clause stands twice"),
    "AGP1403": Code("error", "a clause that does not belong here"),
    "AGP1404": Code("error", "a validity or window that is empty"),
    "AGP1406": Code("error", "a clause that is read as the grant's"),
    "AGP1407": Code("error", "a grant's clause that is read as another clause's"),
    "AGP1415": Code("error", "more approvals than an answer may rest on"),
    # 1500 tests and bindings
    "AGP1501": Code("error", "a test that says too little"),
    "AGP1502": Code("error", "a binding that says too little"),
    "AGP1504": Code("error", "a tool that would be two actions"),
    "AGP1503": Code("error", "a binding of an unknown platform"),
    # 1600 facts
    "AGP1601": Code("error", "a meter without an end"),
    "AGP1602": Code("error", "a key that a call lacks"),
    "AGP1603": Code("error", "a fact where it is not read"),
    "AGP1604": Code("error", "an origin that gives nothing"),
    "AGP1605": Code("error", "a source where it is not demanded"),
    "AGP1606": Code("error", "no argument after `has only`"),
    "AGP1611": Code("error", "a start on which no rule decides"),
    "AGP1612": Code("error", "a start beside other capabilities"),
    "AGP1613": Code("warning", "an intent that cannot be started"),
    # 2000 contradictions and dead rules
    "AGP2101": Code("warning", "an allow that others cover"),
    "AGP2102": Code("info", "an allow that forbids meet in part", default=False),
    "AGP2103": Code("warning", "an allow that forbids always meet"),
    "AGP2104": Code("warning", "a forbid that others cover"),
    "AGP2105": Code("warning", "a condition that can never hold"),
    "AGP2106": Code("warning", "a condition that always holds"),
    "AGP2107": Code("warning", "an `unless` that can never be met"),
    "AGP2108": Code("warning", "a requirement that another allow makes pointless"),
    "AGP2109": Code("warning", "an allow that absence opens"),
    "AGP2110": Code("warning", "a pattern of another language"),
    "AGP2111": Code("warning", "a pattern over a path or an address"),
    "AGP2112": Code("info", "an `every` that an empty list meets", default=False),
    "AGP2113": Code("info", "a forbid that is a pattern over free text", default=False),
    "AGP2201": Code("warning", "a limit below one call"),
    "AGP2202": Code("warning", "a meter or a source that nothing can ever feed"),
    "AGP2203": Code("warning", "an allow that no record can open"),
    "AGP2204": Code("warning", "a vouched source whose tool others can write"),
    "AGP2205": Code("warning", "a window longer than records are kept"),
    "AGP2206": Code("warning", "a condition that a larger count opens"),
    "AGP2207": Code("warning", "a limit that an agent escapes by choosing its key"),
    "AGP2208": Code("warning", "a number that any text vouches for"),
    "AGP2209": Code("warning", "a look-up that vouches for whatever is asked"),
    "AGP2210": Code("warning", "a text that leaves, and that nothing reads"),
    "AGP2999": Code("warning", "undetermined"),
    # 3000 privilege, and what a policy asserts of itself
    "AGP3101": Code("error", "an assertion that does not hold"),
    "AGP3102": Code("error", "something asserted to be possible that is not"),
    "AGP3103": Code("error", "more than another agent may do"),
    "AGP3201": Code("info", "calls that several agents may make"),
    "AGP3202": Code("warning", "one agent that may read what is sensitive and send outside"),
    "AGP3203": Code("warning", "a grant of every action"),
    "AGP3204": Code("warning", "a grant to everybody below a path, or to any agent"),
    "AGP3205": Code("info", "access that no sensitivity limits"),
    "AGP3206": Code("warning", "a grant for any intent"),
    "AGP3207": Code("warning", "limits that a family's grant makes pointless"),
    "AGP3208": Code("warning", "a `delegate` whose chain permits nothing"),
    "AGP3209": Code("warning", "a delegate that is granted what the chain always cuts off"),
    "AGP3211": Code("info", "an effect of which nothing binds an argument", default=False),
    "AGP3212": Code("warning", "an open action that nothing closes"),
    "AGP3301": Code("error", "one agent that may do what has to be separate"),
    "AGP3302": Code("error", "two agents that have to be isolated and share a resource"),
    # 4000 lifecycle: how access ends, and who answers for it
    "AGP4101": Code("warning", "a grant that never ends"),
    "AGP4102": Code("warning", "a grant without credential terms"),
    "AGP4103": Code("warning", "a credential that lives too long"),
    "AGP4104": Code("warning", "a grant that nothing revokes"),
    "AGP4105": Code("warning", "a grant that is over"),
    "AGP4106": Code("warning", "a grant that ends years from now"),
    "AGP4201": Code("warning", "rules that nobody owns"),
    "AGP4202": Code("info", "rules that give evidence for no control", default=False),
    "AGP4301": Code("warning", "a forbid that does not say why"),
    "AGP4302": Code("warning", "evidence of any age"),
    "AGP4303": Code("info", "an allow that may ask people without end", default=False),
    "AGP4304": Code("info", "a forbid that may ask people without end", default=False),
    "AGP4401": Code("warning", "an intent that no grant serves"),
    "AGP4402": Code("warning", "an agent without a grant"),
    "AGP4501": Code("info", "actions that no rule mentions", default=False),
    "AGP4502": Code("info", "attributes that no condition reads", default=False),
    # 5000 targets
    "AGP5001": Code("error", "looser on the platform"),
    "AGP5002": Code("error", "too large for the platform"),
    "AGP5003": Code("warning", "stricter on the platform"),
    "AGP5004": Code("warning", "left to another target"),
    "AGP5005": Code("error", "a name that the platform does not have"),
    "AGP5006": Code("error", "nothing that a target could work with"),
    "AGP5007": Code("info", "not on the platform"),
    "AGP5008": Code("warning", "what the platform does not see to"),
    "AGP5009": Code("info", "what the platform takes on trust"),
    "AGP5010": Code("warning", "an action that the platform's reference does not have"),
    "AGP5011": Code("error", "a condition key that the action does not have"),
    "AGP5012": Code("warning", "an action that is not on such a resource"),
    "AGP5013": Code("info", "an action that may need others"),
    "AGP5014": Code("warning", "an action on every resource, which has resources of its own"),
    "AGP5015": Code("warning", "actions with which an agent could widen its own rights"),
    # 6000 style, and silences
    "AGP6001": Code("warning", "a silence without a reason"),
    "AGP6002": Code("warning", "a silence that silences nothing"),
    "AGP6003": Code("warning", "a silence of what cannot be silenced"),
    "AGP6004": Code("warning", "a remark to agpc that it does not understand"),
    "AGP6005": Code("info", "a `##` that documents nothing"),
    "AGP6101": Code("warning", "a name that nothing uses"),
}
