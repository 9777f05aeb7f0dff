"""One comparison of a condition to IAM: what makes it true, and what may make it true.

Each of the three values that a comparison has in AGP matters here. An allow needs it to be
*definitely* as wanted; a deny has to be met unless it is *definitely not* so. What IAM cannot see or
compare raises `Unsayable`.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import replace

from ....compiler.ir import nodes as ir
from ....compiler.ir.definite import Sign, comparison, fitting
from ....compiler.ir.walk import Leaf
from ....compiler.structs import Struct
from ....compiler.text.field_names import dotted
from ....runtime.glob import Wildcard, parse_glob
from ....runtime.values import (
    NANOSECONDS,
    read_address,
    read_int,
    read_network,
    read_time,
)
from ...abilities import Lowers
from ...partial import Unsayable, see, unique
from ..abilities import AWS
from ..binding.facts import CapabilityPlace, PlatformFacts
from ..binding.locations import Placeholder
from ..language.patterns import SOMETHING, Glob, literal
from ..language.products import KeyTest, Product, text_of_network
from .texts import (
    NEVER,
    NOT_RELATIVE,
    SaidTexts,
    TextSet,
    key_holds,
    key_may_hold,
    place_holds,
    place_may_hold,
)

_NAMES: dict[Sign, str] = {
    "==": "Equals",
    "!=": "NotEquals",
    "<": "LessThan",
    "<=": "LessThanEquals",
    ">": "GreaterThan",
    ">=": "GreaterThanEquals",
}
_MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")
_MAPPED_TEXT = text_of_network(_MAPPED)


class Sight(Struct):
    """What IAM sees of one capability."""

    policy: ir.Policy
    facts: PlatformFacts
    place: CapabilityPlace

    def source(self, attribute: ir.Attribute) -> str | Placeholder:
        """The condition key or the part of the ARN that carries an attribute."""
        ability = see(attribute, AWS)
        if attribute.root == "resource" and len(attribute.path) == 1:
            placeholder = self.place.location.placeholders.get(attribute.path[0])
            if placeholder is not None:
                return placeholder
        key = self.facts.key(attribute, self.place)
        if key is None:
            name = dotted(attribute.root, attribute.path)
            raise Unsayable(ability.unless.format(name) if isinstance(ability, Lowers) else name)
        return key


def say(leaf: Leaf, wanted: bool, sight: Sight, *, for_deny: bool) -> SaidTexts:
    """What is met only where a leaf is definitely as wanted, or wherever it is not definitely the opposite."""
    attribute = attribute_of(leaf)
    source = sight.source(attribute)
    if _is_text(attribute.type, source):
        texts = _texts(leaf, wanted is not for_deny, attribute, sight.policy)
        if isinstance(source, Placeholder):
            if texts is None:  # which is never so of what stands in an ARN
                return SaidTexts((Product(),)) if for_deny else NEVER
            return (place_may_hold if for_deny else place_holds)(source, texts)
        if texts is None:
            return SaidTexts((Product((KeyTest("Null", source, (_text(not for_deny),)),)),))
        said = (key_may_hold if for_deny else key_holds)(source, texts)
        return _whole_task(attribute, source, said)
    if isinstance(source, Placeholder):
        raise Unsayable(f"`resource.{source.name}` is in the ARN, and is not text")
    if attribute.type == ir.IP and not isinstance(leaf, ir.Has):
        return _addresses(leaf, source, wanted, for_deny=for_deny)
    return SaidTexts((Product(_typed(leaf, attribute, source, wanted, for_deny=for_deny)),))


def _whole_task(attribute: ir.Attribute, key: str, said: SaidTexts) -> SaidTexts:
    """Take an empty tag for none where a tag says which task it is: no revocation could name it."""
    if (attribute.root, attribute.path) != ("task", ("id",)):
        return said
    instead = {
        KeyTest("Null", key, ("false",)): KeyTest("StringLike", key, (SOMETHING,)),
        KeyTest("Null", key, ("true",)): KeyTest("StringNotLike", key, (SOMETHING,)),
    }
    products = (
        replace(each, tests=tuple(instead.get(test, test) for test in each.tests))
        for each in said.products
    )
    return SaidTexts(tuple(products), said.losses)


def attribute_of(leaf: Leaf) -> ir.Attribute:
    """The one attribute that a leaf compares with constants."""
    match leaf:
        case ir.Compare(_, ir.Attribute() as attribute, ir.Constant()):
            return attribute
        case ir.Compare(_, ir.Constant(), ir.Attribute() as attribute):
            return attribute
        case ir.Compare(_, left, right) if isinstance(left, ir.Age) or isinstance(right, ir.Age):
            raise Unsayable("IAM cannot tell how long ago a time is")
        case ir.Compare() | ir.Under(_, ir.Attribute()):
            raise Unsayable("IAM does not compare two attributes")
        case ir.In(ir.Attribute() as attribute, ir.Constants()):
            return attribute
        case ir.In() | ir.ListTest() | ir.Quantified():
            raise Unsayable("lists are not compared on AWS")
        case (
            ir.Like(ir.Attribute() as attribute)
            | ir.Under(ir.Attribute() as attribute, str())
            | ir.Within(ir.Attribute() as attribute)
        ):
            return attribute
        case ir.Has(attribute):
            return attribute
        case _:
            raise Unsayable("IAM has no such comparison")


def _compared(leaf: Leaf, wanted: bool) -> tuple[Sign, tuple[ir.Value, ...]]:
    """How an attribute is compared with constants: with one of them, or for `!=` with each."""
    match leaf:
        case ir.Compare():
            _, sign, other = comparison(leaf, wanted)
            if isinstance(other, ir.Constant):
                return sign, (other.value,)
        case ir.In(_, ir.Constants(_, values)) | ir.Within(_, ir.Constants(_, values)):
            return "==" if wanted else "!=", values
        case _:
            pass
    raise Unsayable("IAM has no such comparison")


# --- Text -----------------------------------------------------------------------------------------


def _is_text(type_: ir.Type, source: str | Placeholder) -> bool:
    """Whether the platform carries such an attribute as text, so that any value may turn up."""
    if isinstance(type_, ir.LevelType | ir.EnumType) or type_ == ir.STRING:
        return True
    return type_ == ir.BOOL and isinstance(source, str) and is_tag(source)


def is_tag(key: str) -> bool:
    """Whether a condition key is a tag, whose value is text whatever it means."""
    name, slash, _ = key.partition("/")
    return slash == "/" and name.lower().endswith("tag")


def _texts(leaf: Leaf, wanted: bool, attribute: ir.Attribute, policy: ir.Policy) -> TextSet | None:
    """The texts of which a leaf is as wanted; None is *missing*."""
    is_any = attribute.type == ir.STRING
    match leaf:
        case ir.Has():
            there = None if is_any else _literals(_members(attribute.type, policy))
            return TextSet(there) if wanted else None
        case ir.Under(_, ir.Attribute()):
            raise Unsayable("IAM does not compare two attributes")
        case ir.Like(_, pattern):
            glob = parse_glob(pattern)
            return TextSet((glob,)) if wanted else TextSet(None, (glob,))
        case ir.Under(_, str(path)):
            inside = [("/", Wildcard.ANY)] if path == "/" else [(path,), (path + "/", Wildcard.ANY)]
            if wanted:
                return TextSet(tuple(inside), whole_path=True)
            if not path.startswith("/"):
                return TextSet(None, (*inside, *NOT_RELATIVE), whole_path=True)
            return TextSet((("/", Wildcard.ANY),), tuple(inside), whole_path=True)
        case _:
            pass
    sign, values = _compared(leaf, wanted)
    texts = tuple(map(_text, values))
    if not is_any:
        members = _members(attribute.type, policy)
        if sign not in ("==", "!="):
            return TextSet(_literals(fitting(members, sign, texts[0])))
        return TextSet(_literals(each for each in members if (each in texts) is (sign == "==")))
    if sign not in ("==", "!="):
        raise Unsayable("IAM does not order texts")
    return TextSet(_literals(texts)) if sign == "==" else TextSet(None, _literals(texts))


def _literals(values: Iterable[str]) -> tuple[Glob, ...]:
    """The patterns that match these texts."""
    return unique(literal(each) for each in values)


def _members(type_: ir.Type, policy: ir.Policy) -> tuple[str, ...]:
    """All the values of an enum, a level, or a bool that travels as text."""
    if isinstance(type_, ir.LevelType | ir.EnumType):
        return policy.members_of[type_.name]
    return ("true", "false")


def _text(value: ir.Value) -> str:
    """A member, or a bool, as the platform writes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


# --- Numbers, times, addresses, truth values ------------------------------------------------------


def _typed(
    leaf: Leaf, attribute: ir.Attribute, key: str, want: bool, *, for_deny: bool
) -> tuple[KeyTest, ...]:
    """Tests of a key that AWS itself gives the type of, so that no other value turns up."""
    if isinstance(leaf, ir.Has):
        if attribute.type not in (ir.BOOL, ir.INT, ir.NUMBER, ir.TIME, ir.IP):
            raise Unsayable("AWS does not carry values of this type")
        return (KeyTest("Null", key, ("false" if want else "true",)),)
    if is_tag(key):
        raise Unsayable(f"`{key}` is a tag, and AWS has only text in tags")
    match attribute.type:
        case ir.BOOL:
            return _truth(leaf, key, want, for_deny)
        case ir.INT | ir.NUMBER:
            return _ordered("Numeric", leaf, key, want, for_deny)
        case ir.TIME:
            return _ordered("Date", leaf, key, want, for_deny)
        case _:
            raise Unsayable("AWS does not carry values of this type")


def _truth(leaf: Leaf, key: str, want: bool, for_deny: bool) -> tuple[KeyTest, ...]:
    """Compare a key that is `true` or `false`."""
    sign, values = _compared(leaf, want)
    right = [each for each in (True, False) if (each in values) is (sign == "==")]
    if len(right) != 1:
        raise Unsayable("the comparison does not depend on the value")
    return (KeyTest("BoolIfExists" if for_deny else "Bool", key, (_text(right[0]),)),)


def _ordered(family: str, leaf: Leaf, key: str, want: bool, for_deny: bool) -> tuple[KeyTest, ...]:
    """Compare a key that is a number or a time."""
    sign, values = _compared(leaf, want)
    if not values:
        raise Unsayable("the set is empty")
    written = unique(_number(each) if family == "Numeric" else _time(each) for each in values)
    return _with_presence(f"{family}{_NAMES[sign]}", key, written, for_deny)


def _with_presence(
    operator: str, key: str, values: tuple[str, ...], for_deny: bool
) -> tuple[KeyTest, ...]:
    """A test that a missing key fails, or, in a deny, meets."""
    if "Not" in operator:  # a missing key meets it
        there = () if for_deny else (KeyTest("Null", key, ("false",)),)
        return (KeyTest(operator, key, values), *there)
    return (KeyTest(operator + "IfExists" if for_deny else operator, key, values),)


def _number(value: ir.Value) -> str:
    """A whole number as IAM writes it."""
    if not isinstance(value, int | float) or read_int(value) is None:
        raise Unsayable("AWS and AGP may round a fraction or a very large number differently")
    return str(int(value))


def _time(value: ir.Value) -> str:
    """An instant of whole seconds as IAM writes it."""
    instant = read_time(value)
    if instant is None or instant % NANOSECONDS or not str(value).endswith("Z"):
        raise Unsayable("AWS compares times of whole seconds")
    return str(value)


def _addresses(leaf: Leaf, key: str, want: bool, *, for_deny: bool) -> SaidTexts:
    """Compare a key that is an IP address.

    An IPv4-mapped IPv6 address is an IPv4 address in AGP and may not be one to AWS, so that the mapped
    ranges stand beside IPv4 ones. Where the test must not take an address that is outside, all mapped
    addresses are kept out of IPv6 ranges as wide as `::/0`.
    """
    _, ranges = _compared(leaf, want)
    must_not_miss = want is for_deny
    networks = [_network(str(each)) for each in ranges]
    if not networks:
        raise Unsayable("the set is empty")
    holds_mapped = any(
        isinstance(each, ipaddress.IPv6Network) and each.supernet_of(_MAPPED) for each in networks
    )
    mapped = [_mapped(each) for each in networks if isinstance(each, ipaddress.IPv4Network)]
    networks += mapped
    operator = "IpAddress" if want else "NotIpAddress"
    tests = _with_presence(operator, key, unique(map(text_of_network, networks)), for_deny)
    if not holds_mapped:
        return SaidTexts((Product(tests),))
    if must_not_miss:
        return SaidTexts(
            (Product(tests),), (f"AWS may count IPv4 addresses to a range of `{key}`",)
        )
    lost = (f"AWS may not know IPv4 addresses of `{key}` that are mapped",) if mapped else ()
    if want:
        return SaidTexts((Product((*tests, KeyTest("NotIpAddress", key, (_MAPPED_TEXT,)))),), lost)
    return SaidTexts((Product(tests), Product((KeyTest("IpAddress", key, (_MAPPED_TEXT,)),))), lost)


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    """The range, or the range of one address, of the policy."""
    address = read_address(text)
    bounds = read_network(text) if address is None else (*address, address[1])
    if bounds is None:
        raise Unsayable(f"`{text}` is not a range of addresses")
    bits, first, last = bounds
    prefix = bits - (last - first).bit_length()
    if bits == 32:
        return ipaddress.IPv4Network((first, prefix))
    return ipaddress.IPv6Network((first, prefix))


def _mapped(network: ipaddress.IPv4Network) -> ipaddress.IPv6Network:
    """The range of the IPv6 addresses that map the addresses of an IPv4 range."""
    first = int(_MAPPED.network_address) + int(network.network_address)
    return ipaddress.IPv6Network((first, 96 + network.prefixlen))
