"""Conditions, requirements, types and values of the IR as source text of the language.

What is printed means what the IR means, and reading it gives the same IR again. With a `package`
names are written as that package writes them; without one they are written in full.
"""

from __future__ import annotations

from typing import Literal, TypeGuard, assert_never

from ....runtime.values import read_date, read_time
from ...text.field_names import dotted, is_word, written
from ...text.strings import is_plain, is_seen
from .. import nodes as ir
from ..roots import ROOTS
from ..times import DAYS

_ESCAPES = {"\n": "\\n", "\t": "\\t", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
_UNITS = ((86_400, "d"), (3_600, "h"), (60, "m"), (1, "s"))
_WORDS_OF_EXPRESSIONS = frozenset(
    (*ROOTS, "true", "false", "null", "age", "size", "not", "has", "every", "some")
)

# --- Conditions -----------------------------------------------------------------------------------


def condition_text(condition: ir.Condition, package: str | None = None) -> str:
    """Write a condition.

    >>> tenant = ir.Attribute("agent", ("tenant",), ir.STRING)
    >>> condition_text(ir.Not(ir.In(tenant, ir.Constants(ir.STRING, ("t1",)))))
    'agent.tenant not in ["t1"]'
    """
    match condition:
        case ir.And(parts):
            return " and ".join(_in_parentheses(part, package) for part in parts)
        case ir.Or(parts):
            return " or ".join(_in_parentheses(part, package) for part in parts)
        case ir.Not(ir.Compare("==", ir.Attribute(), ir.Constant(ir.Scalar("bool"), True)) as part):
            return f"not {_leaf_text(part, package)}"
        case ir.Not(ir.In(ir.NameOf()) as part):
            return f"not {_leaf_text(part, package)}"
        case ir.Not(ir.Compare("==") as part):
            return _leaf_text(part, package, negated=True)
        case ir.Not(ir.In(item, of) as part) if not _is_contains(item, of):
            return _leaf_text(part, package, negated=True)
        case ir.Not(part):
            return f"not {_in_parentheses(part, package)}"
        case ir.Quantified(kind, attribute, ir.Not(ir.Compare("==") | ir.In() as test)):
            return _leaf_text(test, package, f"{kind} {term_text(attribute)}", negated=True)
        case ir.Quantified(_, _, ir.Not()):
            return condition_text(as_written(condition), package)
        case ir.Quantified(kind, attribute, test):
            return _leaf_text(test, package, f"{kind} {term_text(attribute)}")
        case _:
            return _leaf_text(condition, package)


def as_written(condition: ir.Condition) -> ir.Condition:
    """Give what the language has for a condition: within a quantifier it negates only `==` and `in`."""
    match condition:
        case ir.Quantified(_, _, ir.Not(ir.Compare("==") | ir.In())):
            return condition
        case ir.Quantified(_, of, ir.Not(part), span):
            opposite: Literal["every", "some"] = "some" if condition.is_every else "every"
            return ir.Not(ir.Quantified(opposite, of, part, span))
        case _:
            return condition


def _in_parentheses(condition: ir.Condition, package: str | None) -> str:
    text = condition_text(condition, package)
    return f"({text})" if isinstance(condition, ir.And | ir.Or) else text


def _leaf_text(
    leaf: ir.Condition, package: str | None, element: str = "", *, negated: bool = False
) -> str:
    """Write one test; `element` is what stands for the element at hand."""
    match leaf:
        case ir.Compare(_, ir.Attribute(path=path)) if _is_after(leaf):
            return path[1].rpartition("#")[0]
        case ir.In(ir.NameOf() as item, of):
            return f"{term_text(item)} from {_collection_text(of, package)}"
        case ir.Compare("==", ir.Attribute() as left, ir.Constant(ir.Scalar("bool"), True)) if (
            not negated
        ):
            return term_text(left, package, element)
        case ir.Compare(op, left, right):
            sign = "!=" if negated else op
            return f"{term_text(left, package, element)} {sign} {term_text(right, package)}"
        case ir.In(item, of) if _is_contains(item, of):
            return f"{_collection_text(of, package)} contains {term_text(item, package)}"
        case ir.In(item, of):
            word = "not in" if negated else "in"
            return f"{term_text(item, package, element)} {word} {_collection_text(of, package)}"
        case ir.ListTest("subset of", ir.Attribute("args", (ir.EACH,)), ir.Constants() as of):
            return f"has only {', '.join(dotted('args', (str(each),)) for each in of.values)}"
        case ir.ListTest(op, attribute, of):
            return f"{term_text(attribute)} {op} {_collection_text(of, package)}"
        case ir.Like(item, pattern):
            return f"{term_text(item, package, element)} like {pattern_text(pattern)}"
        case ir.Under(item, path):
            outer = string_text(path) if isinstance(path, str) else term_text(path)
            return f"{term_text(item, package, element)} under {outer}"
        case ir.Within(item, ranges):
            written = _collection_text(ranges, package)
            if ranges.name is None and len(ranges.values) == 1:
                written = written[1:-1]
            return f"{term_text(item, package, element)} within {written}"
        case ir.Has(attribute):
            return f"has {term_text(attribute)}"
        case _:
            raise ValueError(f"no test of one thing: {leaf!r}")


def _is_contains(item: ir.Term, of: ir.Collection) -> bool:
    """Whether a membership is written `list contains constant`."""
    return isinstance(item, ir.Constant) and isinstance(of, ir.Attribute)


def term_text(term: ir.Term, package: str | None = None, element: str = "") -> str:
    """Write what a comparison has on one side."""
    match term:
        case ir.Attribute(root, path):
            if ir.is_fact(term):
                return _fact_text(path, package)
            if term.of is not None and not term.beyond:
                return f"size {term_text(term.of, package)}"
            part = ir.part_of(term.type)
            path = path if part is None else (*path, part)
            if root == "context" and path[:1] == ("it",):
                return dotted("it", path[1:])
            return dotted(root, path)
        case ir.NameOf(of, links):
            return f"{'links ' if links else ''}{term_text(of)}"
        case ir.Constant(type_, value):
            return value_text(type_, value, package)
        case ir.Age(of):
            return f"age({term_text(of, package, element)})"
        case ir.Element():
            return element
        case _:
            assert_never(term)


def _fact_text(path: tuple[str, ...], package: str | None) -> str:
    """Write a meter or a source by its name; one without a name is called what it says."""
    name = path[1].rpartition("#")[0]
    named = name_text(name, package) if is_name(name) else name.removeprefix("from ")
    return f"{named}.before" if path[2:] == ("before",) else named


def _is_after(leaf: ir.Condition) -> TypeGuard[ir.Compare]:
    """Whether a comparison is that of an `after`."""
    match leaf:
        case ir.Compare(">", ir.Attribute("context", ("meters", key, "before")), ir.Constant(_, 0)):
            return key.startswith("after ")
        case _:
            return False


def _collection_text(of: ir.Collection, package: str | None) -> str:
    match of:
        case ir.Attribute():
            return term_text(of, package)
        case ir.Constants():
            pass
        case _:
            assert_never(of)
    if of.name is not None:
        return name_text(of.name, package)
    return list_text([value_text(of.type, value, package) for value in of.values])


# --- Requirements and windows ---------------------------------------------------------------------


def requirement_text(requirement: ir.Requirement) -> str:
    """Write what has to be shown, as after `require`."""
    within = "" if requirement.within is None else f" within {duration_text(requirement.within)}"
    match requirement:
        case ir.StepUp(method):
            return f"step_up {string_text(method)}{within}"
        case ir.Approval(names, number, _, per_task):
            by = ", ".join(map(string_text, names))
            count = "" if number == 1 else f" count {number}"
            return f"approval{' per task' * per_task} by {by}{count}{within}"
        case ir.Confirmation():
            return f"confirmation{within}"
        case _:
            assert_never(requirement)


def evidence_word(requirement: ir.Requirement) -> str:
    """What kind of evidence is asked for, in a word of prose."""
    match requirement:
        case ir.StepUp():
            return "step-up"
        case ir.Approval():
            return "approval"
        case ir.Confirmation():
            return "confirmation"
        case _:
            assert_never(requirement)


def window_text(window: ir.Window) -> str:
    """Write a recurring window, as after `during`."""
    return (
        f"{days_text(window.days)} {clock_text(window.start)}..{clock_text(window.end)} "
        f"{string_text(window.zone)}"
    )


def days_text(days: tuple[int, ...]) -> str:
    """Write days of the week, neighbours as a range.

    >>> days_text((0, 1, 2, 3, 4, 6))
    'mon..fri, sun'
    """
    runs: list[list[int]] = []
    for day in days:
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ", ".join(
        f"{DAYS[run[0]]}..{DAYS[run[-1]]}" if len(run) > 1 else DAYS[run[0]] for run in runs
    )


def clock_text(minutes: int) -> str:
    """Write minutes of the day as a time of day."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


# --- Types, values and names ----------------------------------------------------------------------


def type_text(type_: ir.Type, package: str | None = None) -> str:
    """Write a type."""
    match type_:
        case ir.Scalar("host") | ir.PartOf() | ir.OrNothing():
            raise ValueError("no declaration has this type")
        case ir.Scalar(name):
            return name
        case ir.LevelType(name) | ir.EnumType(name):
            return name_text(name, package)
        case ir.ListType(of):
            return f"[{type_text(of, package)}]"
        case ir.RecordType(fields):
            return f"{{ {fields_text(fields, package)} }}" if fields else "{}"
        case _:
            assert_never(type_)


def fields_text(fields: tuple[ir.Field, ...], package: str | None = None) -> str:
    """Write declared fields, with commas between them."""
    return ", ".join(
        f"{written(field.name)}{'?' * field.optional}: {type_text(field.type, package)}"
        for field in fields
    )


def value_text(type_: ir.Type, value: ir.Value, package: str | None = None) -> str:
    """Write a constant of a type that is known where it stands."""
    match type_, value:
        case ir.Scalar("time"), str():
            return time_text(value)
        case ir.Scalar("date"), str():
            return date_text(value)
        case ir.Scalar("duration"), int():
            return duration_text(value)
        case ir.EnumType(), str() if not is_word(value):
            return string_text(value)
        case ir.LevelType(name) | ir.EnumType(name), str():
            word = word_text(value)
            return member_text(name, word, package) if word in _WORDS_OF_EXPRESSIONS else word
        case _:
            return plain_text(value)


def plain_text(value: object) -> str:
    """Write a string, number or bool."""
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            # A large whole number is read as a whole number, so all its digits have to stand there.
            return f"{value:.0f}" if value.is_integer() else repr(value)
        case str():
            return string_text(value)
        case _:
            pass
    raise ValueError(f"no constant of the language: {value!r}")


def time_text(time: str) -> str:
    """Write an instant; anything else cannot stand where a time does."""
    if read_time(time) is None:
        raise ValueError(f"{string_text(time)} is not a time")
    return time


def date_text(date: str) -> str:
    """Write a date; anything else cannot stand where a date does."""
    if read_date(date) is None:
        raise ValueError(f"{string_text(date)} is not a date")
    return date


def member_text(type_name: str, member: str, package: str | None = None) -> str:
    """Write a member with its type, which is the same everywhere: `currency.EUR`."""
    return f"{name_text(type_name, package)}.{member}"


def name_text(name: str, package: str | None = None) -> str:
    """Write a qualified name as a package does: its own names, and capabilities, without it."""
    if not is_name(name):
        raise ValueError(f"{string_text(name)} is not a name")
    if package is None or not name.startswith(f"{package}."):
        return name
    rest = name[len(package) + 1 :]
    return rest if "." not in rest else name


def is_name(name: str) -> bool:
    """Whether something has a name that can be declared, and is not called what it says."""
    return all(map(is_word, name.split(".")))


def word_text(word: str) -> str:
    """Write one word; anything else cannot stand where a word does."""
    if not is_word(word):
        raise ValueError(f"{string_text(word)} is not a name")
    return word


def list_text(items: list[str]) -> str:
    """Write a list of what is written already."""
    return f"[{', '.join(items)}]"


def duration_text(seconds: int) -> str:
    """Write seconds as a duration, in the largest units that divide it.

    >>> duration_text(5400), duration_text(0)
    ('1h30m', '0s')
    """
    if seconds < 0:
        raise ValueError("a duration is not negative")
    parts = []
    for size, unit in _UNITS:
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


def string_text(text: str) -> str:
    r"""Write text as a string literal; what cannot be seen is escaped.

    >>> print(string_text('a "b"\n\u202e'))
    "a \"b\"\n\u{202E}"
    """
    if is_plain(text) and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return f'"{"".join(map(_escaped, text))}"'


def pattern_text(pattern: str) -> str:
    r"""Write a pattern of `like`, whose backslashes escape wildcards.

    >>> print(pattern_text('a\\*"*'))
    "a\*\"*"
    """
    return f'"{"".join(each if each == chr(92) else _escaped(each) for each in pattern)}"'


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    return character if is_seen(character) else f"\\u{{{ord(character):X}}}"
