"""Expressions to conditions: every name looked up, every comparison typed.

A function that answers None has reported why, and its caller adds nothing.
"""

from __future__ import annotations

from typing import Literal, TypeAlias, TypeGuard, cast

from ..ir import nodes as ir
from ..ir.roots import ROOTS
from ..ir.type_words import in_words
from ..records import dataclass
from ..report.diagnostics import at
from ..report.source import Span
from ..syntax import tree as syntax
from . import literals
from .attributes import WINDOW, Environment
from .uses import mark_used

EQUALITY = ("==", "!=")
ORDER = ("<", "<=", ">", ">=")
LIST_TESTS = ("contains all", "contains any", "subset of")
ORDERED_SCALARS = ("int", "number", "time", "duration")

FOREIGN_ROOTS = frozenset(
    (
        "request",
        "req",
        "input",
        "params",
        "principal",
        "subject",
        "action",
        "data",
        "event",
        "ctx",
        "env",
        "self",
    )
)
"""What a request is called in other languages."""

_INSTEAD_OF_MATCH: dict[tuple[str, ir.Type], str] = {
    ("within", ir.TIME): "how long ago something is, is asked with `age(NAME) < 30m`",
    ("within", ir.STRING): "declare it as `ip`, or compare with `==` or `like`",
    ("under", ir.IP): "a range of addresses is asked with `within`",
    ("like", ir.IP): "a range of addresses is asked with `within`",
}

Typed: TypeAlias = ir.Attribute | ir.Age | ir.Element


@dataclass(frozen=True, slots=True)
class Conditions:
    """Turns expressions into conditions in one environment."""

    env: Environment
    open_lets: tuple[str, ...] = ()
    user: str = ""
    """Whose conditions they are, in the words of a message."""

    def lower(self, node: syntax.Expression) -> ir.Condition | None:
        """Give the condition that an expression states."""
        match node:
            case syntax.Any_(parts=parts):
                lowered = [self.lower(part) for part in parts]
                found = tuple(each for each in lowered if each is not None)
                return ir.Or(found) if len(found) == len(parts) else None
            case syntax.All_(parts=parts):
                lowered = [self.lower(part) for part in parts]
                found = tuple(each for each in lowered if each is not None)
                return ir.And(found) if len(found) == len(parts) else None
            case syntax.Not(part=part):
                inner = self.lower(part)
                return None if inner is None else ir.Not(inner)
            case syntax.Has(name=name, span=span):
                attribute = self._attribute(name, "`has` asks for an attribute")
                return None if attribute is None else ir.Has(attribute, span)
            case syntax.Name():
                return self._alone(node)
            case syntax.Comparison():
                return self._comparison(node)

    def _alone(self, name: syntax.Name) -> ir.Condition | None:
        """A name as a condition: a `bool` attribute, or a named condition."""
        if is_path(name.text):
            attribute = self.env.read(name)
            if attribute is None:
                return None
            if attribute.type == ir.BOOL:
                return ir.Compare("==", attribute, ir.Constant(ir.BOOL, True), name.span)
            self._report(
                "AGP1205",
                name.span,
                f"`{name.text}` is a `{in_words(attribute.type)}`, and no condition",
                f"compare it with something, or ask whether it is there: `has {name.text}`",
            )
            return None
        names, package = self.env.names, self.env.package
        prefix = name.text.rpartition(".")[0]
        is_foreign = prefix.partition(".")[0] in FOREIGN_ROOTS or self._near(name)
        if prefix and prefix not in names.packages and is_foreign:  # as in `request.urgent`
            self._no_attribute(name, "")
            return None
        declared = names.resolve("condition", package, name)
        if declared is None:
            return None
        if declared.name in self.open_lets:
            if declared.name == self.open_lets[0]:  # a cycle further in is reported where it starts
                cycle = " → ".join((*self.open_lets, declared.name))
                self._report("AGP1107", name.span, f"conditions use each other: {cycle}", None)
            return None
        node = declared.node
        assert isinstance(node, syntax.LetDeclaration)
        problem = self.env.names.extents.problem(declared.name)
        if problem is not None:
            code, message = problem
            self._report(code, name.span, f"`{name.text}` {message}", "name less in one condition")
            return None
        # Names inside a `let` are those of its own package, wherever it is used.
        env = Environment(declared.package, self.env.names, self.env.roots)
        within = Conditions(env, (*self.open_lets, declared.name), f"`{declared.name}`")
        count = len(self.env.names.diagnostics)
        condition = within.lower(node.expression)
        mark_used(self.env.names.diagnostics, count, name.span, self.user)
        return condition

    def _comparison(self, node: syntax.Comparison) -> ir.Condition | None:
        if node.quantifier is not None:
            return self._quantified(node, node.quantifier)
        op = node.op
        if op in EQUALITY or op in ORDER:
            return self._compare(node.left, node.right, op, node.span)
        if op in ("in", "not in"):
            return self._negated_if(op == "not in", self._member(node))
        if op == "contains":
            return self._contains(node)
        if op in LIST_TESTS:
            return self._list_test(node)
        term = self._term(node.left, f"`{op}` asks something of an attribute")
        return None if term is None else self._match(term, node)

    def _quantified(
        self, node: syntax.Comparison, kind: Literal["every", "some"]
    ) -> ir.Condition | None:
        if not isinstance(node.left, syntax.Name):
            self._report("AGP1202", node.left.span, f"`{kind}` asks something of a list", None)
            return None
        is_variable = node.op in ("in", "not in") and "." not in node.left.text
        if is_variable and isinstance(node.right, syntax.Name) and is_path(node.right.text):
            help = f"write `{kind} {node.right.text} == …`, without `{node.left.text} in`"
            self._report("AGP1010", node.left.span, f"`{kind}` names no variable", help)
            return None
        attribute = self._attribute(node.left, f"`{kind}` asks something of a list")
        if attribute is None:
            return None
        if not isinstance(attribute.type, ir.ListType):
            self._report(
                "AGP1202",
                node.left.span,
                f"`{kind}` needs a list, and `{node.left.text}` is `{in_words(attribute.type)}`",
                f"leave out `{kind}`",
            )
            return None
        element = ir.Element(attribute.type.of)
        op = node.op
        if op in LIST_TESTS or op == "contains":
            self._report(
                "AGP1202",
                node.span,
                f"`{op}` looks at a whole list, not at elements",
                f"leave out `{kind}`",
            )
            return None
        test: ir.Condition | None
        if op in EQUALITY or op in ORDER:
            test = self._compare_terms(element, node.left, node.right, op, node.span)
        elif op in ("in", "not in"):
            test = self._negated_if(op == "not in", self._member_of(element, node))
        else:
            test = self._match(element, node)
        return None if test is None else ir.Quantified(kind, attribute, test, node.span)

    # --- == != < <= > >= ---

    def _compare(
        self, left: syntax.Operand, right: syntax.Operand, op: str, span: Span
    ) -> ir.Condition | None:
        if is_read(left):
            term = self._term(left, "")
            return None if term is None else self._compare_terms(term, left, right, op, span)
        if is_read(right):
            term = self._term(right, "")
            if term is None or not self._check_operator(term, right, op):
                return None
            constant = self._constant(left, type_of(term))
            return None if constant is None else compared(op, constant, term, span)
        stranger = next((each for each in (left, right) if self._is_stranger(each)), None)
        if stranger is not None:
            self._no_attribute(stranger, "")
            return None
        self._report(
            "AGP1204",
            span,
            "this compares two constants",
            "one side has to be read from the request, such as `args.amount`",
        )
        return None

    def _compare_terms(
        self, term: Typed, left: syntax.Operand, right: syntax.Operand, op: str, span: Span
    ) -> ir.Condition | None:
        if not self._check_operator(term, left, op):
            return None
        if not is_read(right):
            constant = self._constant(right, type_of(term))
            return None if constant is None else compared(op, term, constant, span)
        other = self._term(right, "")
        if other is None:
            return None
        if type_of(other) != type_of(term):
            self._report(
                "AGP1201",
                span,
                f"`{in_words(type_of(term))}` and `{in_words(type_of(other))}` do not compare",
                "values compare only with their own type; there is no conversion",
            )
            return None
        return compared(op, term, other, span)

    def _check_operator(self, term: Typed, operand: syntax.Operand, op: str) -> bool:
        type_ = type_of(term)
        if isinstance(type_, ir.ListType):
            help = "use `every` or `some`, `contains`, or `subset of`"
        elif isinstance(type_, ir.RecordType) or type_ == ir.JSON:
            help = "only `has` looks at it" + (
                ": compare one of its fields" if isinstance(type_, ir.RecordType) else ""
            )
        elif op in ORDER and not (
            isinstance(type_, ir.LevelType)
            or (isinstance(type_, ir.Scalar) and type_.name in ORDERED_SCALARS)
        ):
            help = "numbers, times, durations and levels are ordered"
        else:
            return True
        self._report("AGP1202", operand.span, f"a `{in_words(type_)}` has no `{op}`", help)
        return False

    # --- in, contains, subset of ---

    def _member(self, node: syntax.Comparison) -> ir.Condition | None:
        if not is_read(node.left):
            if isinstance(node.right, syntax.Name) and is_path(node.right.text):
                flipped = syntax.Comparison(node.span, None, node.right, "contains", node.left)
                return self._contains(flipped, written=node.op)
            self._report("AGP1204", node.span, "this compares two constants", None)
            return None
        term = self._term(node.left, "")
        return None if term is None else self._member_of(term, node)

    def _member_of(self, term: Typed, node: syntax.Comparison) -> ir.Condition | None:
        type_ = type_of(term)
        if isinstance(type_, ir.ListType | ir.RecordType) or type_ == ir.JSON:
            self._report(
                "AGP1202",
                node.left.span,
                f"a `{in_words(type_)}` is not an element",
                "use `every` or `some`, or `subset of`" if isinstance(type_, ir.ListType) else None,
            )
            return None
        of = self._collection(node.right, type_)
        return None if of is None else ir.In(term, of, node.span)

    def _list(
        self, node: syntax.Comparison, written: str = ""
    ) -> tuple[ir.Attribute, ir.Type] | None:
        """The left side of an operator that looks at a list, and the type of its elements."""
        if not isinstance(node.left, syntax.Name):
            self._report("AGP1202", node.left.span, f"`{node.op}` asks something of a list", None)
            return None
        attribute = self._attribute(node.left, f"`{node.op}` asks something of a list")
        if attribute is None:
            return None
        of = attribute.type.of if isinstance(attribute.type, ir.ListType) else None
        if of is None or isinstance(of, ir.ListType | ir.RecordType) or of == ir.JSON:
            self._report(
                "AGP1202",
                node.left.span,
                f"`{written or node.op}` needs a list of values that compare, "
                f"and this is `{in_words(attribute.type)}`",
                self._instead_of_list(node, attribute) if of is None else "only `has` looks at it",
            )
            return None
        return attribute, of

    def _instead_of_list(self, node: syntax.Comparison, attribute: ir.Attribute) -> str:
        """What to write where a list was needed and is none."""
        assert isinstance(node.left, syntax.Name)
        if attribute.type == ir.STRING and isinstance(node.right, syntax.Text):
            part = node.right.value if len(node.right.value) <= 40 else "PART"
            return f'for a part of a text, write `{node.left.text} like "*{part}*"`'
        return f"for a single value, write `{node.left.text} == …` or `{node.left.text} in […]`"

    def _contains(self, node: syntax.Comparison, written: str = "") -> ir.Condition | None:
        found = self._list(node, written)
        if found is None:
            return None
        attribute, of = found
        item: ir.Term | None
        if is_read(node.right):
            item = self._term(node.right, "")
            if item is not None and type_of(item) != of:
                self._report(
                    "AGP1201",
                    node.right.span,
                    f"a `{in_words(attribute.type)}` has no `{in_words(type_of(item))}` in it",
                    "use `contains all` or `contains any` for a list"
                    if isinstance(type_of(item), ir.ListType)
                    else None,
                )
                return None
        elif isinstance(node.right, syntax.ListLiteral):
            self._report(
                "AGP1203",
                node.right.span,
                "`contains` asks for one element",
                "write `contains all […]` or `contains any […]`",
            )
            return None
        else:
            item = self._constant(node.right, of)
        return None if item is None else ir.In(item, attribute, node.span)

    def _list_test(self, node: syntax.Comparison) -> ir.Condition | None:
        found = self._list(node)
        if found is None:
            return None
        attribute, element = found
        of = self._collection(node.right, element)
        if of is None:
            return None
        op = cast('Literal["subset of", "contains all", "contains any"]', node.op)
        return ir.ListTest(op, attribute, of, node.span)

    def _collection(self, node: syntax.Operand, type_: ir.Type) -> ir.Collection | None:
        """The right side of a membership: a list of constants, a set, or a list attribute."""
        names, package = self.env.names, self.env.package
        if isinstance(node, syntax.ListLiteral):
            values = [literals.value_of(item, type_, package, names) for item in node.items]
            found = tuple(each for each in values if each is not None)
            return ir.Constants(type_, found) if len(found) == len(values) else None
        if isinstance(node, syntax.Name) and is_path(node.text):
            attribute = self.env.read(node)
            if attribute is None:
                return None
            if attribute.type != ir.ListType(type_):
                self._report(
                    "AGP1201",
                    node.span,
                    f"this is `{in_words(attribute.type)}`, and `[{in_words(type_)}]` is needed",
                    "write `==` for a single value" if attribute.type == type_ else None,
                )
                return None
            return attribute
        if isinstance(node, syntax.Name):
            return self._set(node, type_, ranges=False)
        help = "write `[…]`, or the name of a set"
        if type_ == ir.IP and isinstance(node, syntax.Text):
            help = f'write `within "{node.value}"`'
        self._report("AGP1203", node.span, "this is not a list", help)
        return None

    def _set(self, node: syntax.Name, type_: ir.Type, *, ranges: bool) -> ir.Constants | None:
        declared = self.env.names.resolve("set", self.env.package, node)
        if declared is None:
            return None
        found = self.env.names.sets.get(declared.name)
        if found is None:  # what is wrong with the set has been reported
            return None
        # A set of whole numbers holds the same constants for `number` as for `int`.
        if found.type != type_ and not (found.type == ir.INT and type_ == ir.NUMBER):
            self._report(
                "AGP1201",
                node.span,
                f"`{node.text}` is a set of `{in_words(found.type)}`, "
                f"and `{in_words(type_)}` is needed",
                self._no_range(found) if type_ == ir.IP else None,
            )
            return None
        if type_ == ir.IP and not ranges and any("/" in str(value) for value in found.values):
            self._report(
                "AGP1201", node.span, f"`{node.text}` holds ranges", "ask `within` of a range"
            )
            return None
        return ir.Constants(type_, found.values, found.name)

    def _no_range(self, found: ir.ConstantSet) -> str | None:
        """Name the element for which a set of texts is not a set of addresses."""
        odd = [each for each in found.values if not literals.is_network(str(each))]
        if not odd or len(odd) == len(found.values):
            return None
        return f'`"{odd[0]}"` is neither an address nor a range whose host bits are zero'

    # --- like, under, within ---

    def _match(self, term: Typed, node: syntax.Comparison) -> ir.Condition | None:
        needed = ir.IP if node.op == "within" else ir.STRING
        if type_of(term) != needed or isinstance(term, ir.Age):
            self._report(
                "AGP1202",
                node.left.span,
                f"`{node.op}` needs `{in_words(needed)}`, and this is `{in_words(type_of(term))}`",
                "use `every` or `some` to look at each element"
                if isinstance(type_of(term), ir.ListType)
                else _INSTEAD_OF_MATCH.get((node.op, type_of(term))),
            )
            return None
        diagnostics = self.env.names.diagnostics
        match node.op, node.right:
            case "like", syntax.Text():
                pattern = literals.pattern(node.right, diagnostics)
                self._warn_of_pattern(node.right)
                return None if pattern is None else ir.Like(term, pattern, node.span)
            case "under", syntax.Text():
                path = literals.path(node.right, diagnostics)
                return None if path is None else ir.Under(term, path, node.span)
            case "within", _:
                ranges = self._ranges(node.right)
                return None if ranges is None else ir.Within(term, ranges, node.span)
            case _:
                pass
        self._report("AGP1203", node.right.span, f"`{node.op}` needs a string in quotes", None)
        return None

    def _warn_of_pattern(self, node: syntax.Text) -> None:
        """Warn where a pattern is written as those of SQL or of regular expressions are."""
        foreign = literals.foreign_pattern(node.value)
        if foreign is not None:
            self._report(
                "AGP2110",
                node.span,
                f"this looks like a pattern of {foreign}, and `like` takes its signs as they are",
                'patterns are globs: `*` is any text, `?` one character, as in `like "pay-*"`',
            )

    def _ranges(self, node: syntax.Operand) -> ir.Constants | None:
        if isinstance(node, syntax.Name) and not is_path(node.text):
            return self._set(node, ir.IP, ranges=True)
        items = node.items if isinstance(node, syntax.ListLiteral) else (node,)
        found: list[ir.Value] = []
        for item in items:
            if not isinstance(item, syntax.Text):
                self._report(
                    "AGP1203", item.span, "this is not a range of addresses", 'write `"10.0.0.0/8"`'
                )
                return None
            network = literals.network(item, self.env.names.diagnostics)
            if network is not None:
                found.append(network)
        return ir.Constants(ir.IP, tuple(found)) if len(found) == len(items) else None

    # --- terms ---

    def _term(self, node: syntax.Operand, otherwise: str) -> ir.Attribute | ir.Age | None:
        """The attribute or the age that an operand reads."""
        if isinstance(node, syntax.AgeOf):
            attribute = self._attribute(node.of, "`age` is of a time")
            if attribute is None:
                return None
            if attribute.type != ir.TIME:
                self._report(
                    "AGP1202",
                    node.of.span,
                    f"`age` is of a `time`, and this is `{in_words(attribute.type)}`",
                    None,
                )
                return None
            return ir.Age(attribute)
        if isinstance(node, syntax.Name):
            return self._attribute(node, otherwise)
        self._report("AGP1204", node.span, otherwise, None)
        return None

    def _attribute(self, name: syntax.Name, otherwise: str) -> ir.Attribute | None:
        if is_path(name.text):
            return self.env.read(name)
        self._no_attribute(name, otherwise)
        return None

    def _is_stranger(self, node: syntax.Operand) -> TypeGuard[syntax.Name]:
        """Whether an operand is a bare name that no level or enum in sight has as a member."""
        if not isinstance(node, syntax.Name):
            return False
        names, package = self.env.names, self.env.package
        found = (names.find("type", package, text) for text in names.written("type", package))
        return not any(
            node.text.rpartition(".")[2] in literals.members_of(each.name, names)
            for each in found
            if each is not None
        )

    def _no_attribute(self, name: syntax.Name, why: str) -> None:
        near = self._near(name)
        self._report(
            "AGP1101",
            name.span,
            f"`{name.text}` is not an attribute" + (f": {why}" if why else ""),
            f"did you mean {' or '.join(near)}?"
            if near
            else WINDOW
            if name.text.partition(".")[0].lower() in ("time", "date", "clock", "datetime")
            else f"attributes start with {', '.join(f'`{root}`' for root in ROOTS)}",
        )

    def _near(self, name: syntax.Name) -> list[str]:
        """The attributes that are called as a name is in other languages, such as `request.amount`."""
        last = name.text.rpartition(".")[2]
        return [
            f"`{root}.{last}`"
            for root, readable in self.env.roots.items()
            if last in readable.fields
        ]

    def _constant(self, node: syntax.Operand, type_: ir.Type) -> ir.Constant | None:
        assert not isinstance(node, syntax.AgeOf)  # `is_read` has told them apart
        return literals.constant(node, type_, self.env.package, self.env.names)

    def _negated_if(self, negated: bool, condition: ir.Condition | None) -> ir.Condition | None:
        return ir.Not(condition) if negated and condition is not None else condition

    def _report(self, code: str, span: Span, message: str, help: str | None) -> None:
        self.env.names.diagnostics.append(at(code, span, message, help=help))


def is_path(text: str) -> bool:
    """Whether a name reads the request, by its first part."""
    return text.partition(".")[0] in ROOTS


def is_read(node: syntax.Operand) -> bool:
    """Whether an operand is read from the request, and not a constant."""
    return isinstance(node, syntax.AgeOf) or (isinstance(node, syntax.Name) and is_path(node.text))


def type_of(term: ir.Term) -> ir.Type:
    """The type of a term."""
    return ir.DURATION if isinstance(term, ir.Age) else term.type


def compared(op: str, left: ir.Term, right: ir.Term, span: Span) -> ir.Condition:
    """Compare two terms of one type; `!=` is the opposite of `==`."""
    if op == "!=":
        return ir.Not(ir.Compare("==", left, right, span))
    return ir.Compare(cast('Literal["==", "<", "<=", ">", ">="]', op), left, right, span)
