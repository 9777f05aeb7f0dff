"""Where each thing that a rule can read stands in a request of the gateway, and when it is well formed.

The gateway is given arguments as the tool's schema has them and claims as the token has them, and tells nobody
whether they are values of the language. So what reads one asks for its form too: an integer that every reader of
JSON carries exactly, a text that lost nothing on the way, a member of its enum or level.
"""

from __future__ import annotations

from ....compiler.ir import nodes as ir
from ....compiler.ir.roots import is_identity
from ....compiler.ir.type_words import in_words
from ....compiler.structs import Struct
from ....runtime.values import MAX_INT
from ...partial import Unsayable, see
from ..names import has, read, string
from ..request_shape import Operand
from ..values import Members
from .abilities import AGENTCORE

INTENT = "agp_task_intent"
NOW = "context.system.now"
CLAIMED: tuple[ir.Root, ...] = ("agent", "task", "user")
"""The roots whose fields stand in the token, each a claim of its own."""
MOVED = "__"
"""How names begin that Cedar keeps for itself."""


class GuardedRead(Struct):
    """What reads something: what says that it is there, then that it is well formed, then the value."""

    presence: tuple[str, ...]
    form: tuple[str, ...]
    text: str

    @property
    def operand(self) -> Operand:
        """The value, behind everything that has to hold before it is compared."""
        return Operand((*self.presence, *self.form), self.text)


def claim(attribute: ir.Attribute) -> str:
    """Name the claim of a field, which is one text whatever the field is called.

    >>> claim(ir.Attribute("task", ("order",), ir.STRING))
    'agp_task_order'
    """
    return f"agp_{attribute.root}_{attribute.path[0]}"


def is_claimed(attribute: ir.Attribute) -> bool:
    """Whether a field can be a claim: one text, and no part of anything."""
    return (
        attribute.root in CLAIMED
        and not is_identity(attribute)
        and len(attribute.path) == 1
        and is_text_type(attribute.type)
    )


def is_text_type(type_: ir.Type) -> bool:
    """Whether values of a type are texts without more of a form than members of a list."""
    return type_ == ir.STRING or isinstance(type_, ir.EnumType | ir.LevelType)


def has_known_form(type_: ir.Type) -> bool:
    """Whether it is documented as what the gateway gives an argument to Cedar."""
    match type_:
        case ir.ListType() | ir.Scalar("json"):
            return False
        case ir.RecordType(fields):
            return all(is_carried(each) for each in fields)
        case _:
            return True


def is_carried(field: ir.Field) -> bool:
    """Whether an argument, or a field of one, stands in the schema here."""
    return has_known_form(field.type) and not field.name.startswith(MOVED)


class GatewayShape:
    """The places of one policy's attributes."""

    def __init__(self, members: Members) -> None:
        """Take the members of levels and enums."""
        self.members = members

    def place(self, attribute: ir.Attribute) -> GuardedRead:
        """Write what reads a value. Raises `Unsayable` where none is given, or its form cannot be asked for."""
        see(attribute, AGENTCORE)
        presence, text = self.presence(attribute)
        return GuardedRead(presence, self._form(attribute.type, text), text)

    def presence(self, attribute: ir.Attribute) -> tuple[tuple[str, ...], str]:
        """Write what asks whether something is there, and what reads it. Raises `Unsayable`."""
        if is_identity(attribute) and attribute.root == "agent":
            return (), "principal.id"
        if is_claimed(attribute):
            name = string(claim(attribute))
            return (f"principal.hasTag({name})",), f"principal.getTag({name})"
        if attribute.root == "args" and has_known_form(attribute.type):
            return _argument(attribute.path)
        raise Unsayable(_not_given(attribute))

    def _form(self, type_: ir.Type, text: str) -> tuple[str, ...]:
        match type_:
            case ir.Scalar("bool"):
                return ()
            case ir.Scalar("int"):
                return (f"{text} >= -{MAX_INT}", f"{text} <= {MAX_INT}")
            case ir.Scalar("string"):
                return (f'!({text} like "*\\u{{fffd}}*")',)
            case ir.EnumType(name) | ir.LevelType(name):
                return (f"{among(self.members[name])}.contains({text})",)
            case _:
                raise Unsayable(f"AgentCore cannot compare a {in_words(type_)} as the policy does")


def among(values: tuple[str, ...]) -> str:
    """Write a list of texts."""
    return f"[{', '.join(map(string, values))}]"


def _argument(path: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    text, guards = "context.input", []
    for step in path:
        if step.startswith(MOVED):
            raise Unsayable(f"Cedar keeps names like `{step}` for itself")
        guards.append(has(text, step))
        text = read(text, step)
    return tuple(guards), text


def _not_given(attribute: ir.Attribute) -> str:
    match attribute.root:
        case "args":
            return f"AgentCore does not say what becomes of a {in_words(attribute.type)}"
        case "agent" | "task" | "user":
            return "a claim is one text, a member of an enum or of a level, and nothing else"
        case _:
            return f"a gateway of AgentCore knows nothing of `{attribute.root}`"
