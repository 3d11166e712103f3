"""A small Scheme-like Lisp: `run`, `run_with_output` and `repl`.

A form is plain Python data: numbers, booleans and strings stand for themselves, a name is a
`Symbol`, a list is a tuple, and void is None. `read` turns text into forms, `evaluate` forms
into values, `show` values back into text.

Tail calls need no stack because nothing calls the evaluator in tail position. A special form
is a function that takes one *step*: it returns either the expression that is to be evaluated
in its place, with the scope for it, or a finished value and no scope. `evaluate` is the loop
around these steps.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import math
import operator
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, TypeAlias


class LispError(Exception):
    """Anything that is wrong with a Lisp program."""


class Symbol:
    """A name. Symbols of one spelling are one object, so `is` compares them."""

    __slots__ = ("name",)
    name: str
    table: ClassVar[dict[str, Symbol]] = {}

    def __new__(cls, name: str) -> Symbol:
        if name not in cls.table:
            symbol = cls.table[name] = super().__new__(cls)
            symbol.name = name
        return cls.table[name]


Value: TypeAlias = Any  # None, bool, int, float, str, Symbol, tuple, Closure, Builtin or Macro
Values: TypeAlias = tuple[Value, ...]
Step: TypeAlias = "tuple[Value, Scope | None]"
StepFunction: TypeAlias = "Callable[[Values, Scope], Step]"

BEGIN, DOT, ELSE = Symbol("begin"), Symbol("."), Symbol("else")
UNQUOTE, SPLICE = Symbol("unquote"), Symbol("unquote-splicing")


# --- Text to forms --------------------------------------------------------------------------

TOKEN = re.compile(
    r"""
      \s+ | ;[^\n]*                   # ignored
    | [()'`] | ,@?                     # a mark
    | "(?:[^"\\]|\\.)*"               # a string
    | [^\s()'`,";]+                    # a word: number, constant or symbol
    | "                               # a string without an end
    """,
    re.VERBOSE | re.DOTALL,
)
INTEGER_WORD = re.compile(r"[+-]?[0-9]+")
FLOAT_WORD = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?", re.IGNORECASE)
CONSTANTS = {"#t": True, "#f": False}
QUOTE_MARKS = {"'": Symbol("quote"), "`": Symbol("quasiquote"), ",": UNQUOTE, ",@": SPLICE}
ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}
ESCAPED = str.maketrans({char: "\\" + letter for letter, char in ESCAPES.items()})


def read(text: str) -> Iterator[Value]:
    """Yield the forms of `text`, each as soon as it is complete.

    The stack holds the open lists and, as bare symbols, the quote marks that still wait for
    their form. There is no recursion, so forms may be nested to any depth.
    """
    stack: list[list[Value] | Symbol] = []
    for token in TOKEN.findall(text):
        if token.isspace() or token[0] == ";":
            continue
        if token == "(":
            stack.append([])
            continue
        if token in QUOTE_MARKS:
            stack.append(QUOTE_MARKS[token])
            continue
        form = close(stack) if token == ")" else atom(token)
        while stack:
            innermost = stack[-1]
            if isinstance(innermost, list):
                innermost.append(form)
                break
            form = (stack.pop(), form)
        else:
            yield form
    if stack:
        raise LispError("unexpected end of input")


def close(stack: list[list[Value] | Symbol]) -> Values:
    innermost = stack.pop() if stack else None
    if not isinstance(innermost, list):
        raise LispError("unexpected )")
    return tuple(innermost)


def atom(token: str) -> Value:
    if token == '"':
        raise LispError("unterminated string")
    if token[0] == '"':
        return re.sub(r"\\(.)", unescape, token[1:-1], flags=re.DOTALL)
    if token in CONSTANTS:
        return CONSTANTS[token]
    if INTEGER_WORD.fullmatch(token):
        return int(token)
    if FLOAT_WORD.fullmatch(token):
        return float(token)
    return Symbol(token)


def unescape(match: re.Match[str]) -> str:
    if match[1] not in ESCAPES:
        raise LispError(f"unknown escape in a string: {match[0]}")
    return ESCAPES[match[1]]


# --- Values to text -------------------------------------------------------------------------


def show(value: Value, *, raw: bool = False) -> str:
    """The printed form of a value; with `raw`, strings appear as they are."""
    if value is None:
        return "#<void>"
    if isinstance(value, bool):
        return "#t" if value else "#f"
    if isinstance(value, str):
        return value if raw else '"' + value.translate(ESCAPED) + '"'
    if isinstance(value, tuple):
        return "(" + " ".join(show(item, raw=raw) for item in value) + ")"
    if isinstance(value, Symbol):
        return value.name
    return repr(value) if isinstance(value, int | float) else "#<procedure>"


# --- Scopes and procedures ------------------------------------------------------------------


class Scope(dict[Symbol, Value]):
    """The bindings of one scope, and the scope around it."""

    __slots__ = ("outer",)
    outer: Scope | None

    @staticmethod
    def inside(outer: Scope | None, bindings: Iterable[tuple[Symbol, Value]] = ()) -> Scope:
        scope = Scope(bindings)  # no __init__ of its own: every call makes a scope
        scope.outer = outer
        return scope

    def __missing__(self, name: Symbol) -> Value:
        if self.outer is None:
            raise LispError(f"unbound name: {name.name}")
        return self.outer[name]

    def assign(self, name: Symbol, value: Value) -> None:
        scope: Scope | None = self
        while scope is not None and name not in scope:
            scope = scope.outer
        if scope is None:
            raise LispError(f"set!: unbound name: {name.name}")
        scope[name] = value


@dataclass(frozen=True, eq=False, slots=True)
class Closure:
    """A procedure written in Lisp, with the scope it was made in."""

    name: str
    params: tuple[Symbol, ...]
    rest: Symbol | None
    body: Value
    scope: Scope

    def bind(self, args: Values) -> Scope:
        """The scope that the body is evaluated in when called with `args`."""
        count = len(self.params)
        if len(args) != count:
            check_count(self.name, args, count, None if self.rest else count)
        scope = Scope.inside(self.scope, zip(self.params, args, strict=False))
        if self.rest:
            scope[self.rest] = args[count:]
        return scope


@dataclass(frozen=True, eq=False, slots=True)
class Macro:
    """A procedure from operand forms to the form that replaces the call."""

    expander: Closure


class Kind(NamedTuple):
    """What a builtin accepts as an argument; no types at all means anything."""

    name: str
    types: tuple[type, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Builtin:
    """A procedure written in Python. `rest` is the kind of any further arguments."""

    name: str
    kinds: tuple[Kind, ...]
    rest: Kind | None
    function: Callable[..., Value]

    def __call__(self, args: Values) -> Value:
        kinds = self.kinds
        if len(args) != len(kinds):
            check_count(self.name, args, len(kinds), None if self.rest else len(kinds))
            kinds += (self.rest or ANY,) * (len(args) - len(kinds))
        for kind, arg in zip(kinds, args, strict=True):
            if type(arg) not in kind.types and kind is not ANY:
                raise LispError(f"{self.name}: expected {kind.name}, got {show(arg)}")
        try:
            return self.function(*args)
        except ArithmeticError as error:
            raise LispError(f"{self.name}: {error}") from None


def check_count(name: str, args: Values, low: int, high: int | None) -> None:
    """Refuse a wrong number of arguments; `high` None means there is no upper bound."""
    if len(args) < low or (high is not None and len(args) > high):
        wanted = f"{low}" if low == high else f"{low} to {high}" if high else f"at least {low}"
        raise LispError(f"{name}: expected {wanted} arguments, got {len(args)}")


# --- Evaluation -----------------------------------------------------------------------------


def evaluate(form: Value, scope: Scope) -> Value:
    """The value of `form`. Each turn replaces form and scope by what is left to evaluate."""
    while True:
        if type(form) is Symbol:
            return scope[form]
        if type(form) is not tuple:
            return form
        if not form:
            raise LispError("() is not an expression")
        head, operands = form[0], form[1:]
        if type(head) is Symbol and head in SPECIAL_FORMS:
            special = SPECIAL_FORMS[head]
            check_count(head.name, operands, special.low, special.high)
            form, rest_scope = special.step(operands, scope)
            if rest_scope is None:
                return form
            scope = rest_scope
            continue
        procedure = evaluate(head, scope)
        if type(procedure) is Macro:
            form = call(procedure.expander, operands)
            continue
        args = tuple([evaluate(operand, scope) for operand in operands])
        if type(procedure) is not Closure:
            return call(procedure, args)
        form, scope = procedure.body, procedure.bind(args)


def call(procedure: Value, args: Values) -> Value:
    if type(procedure) is Closure:
        return evaluate(procedure.body, procedure.bind(args))
    if type(procedure) is Builtin:
        return procedure(args)
    raise LispError(f"not a procedure: {show(procedure)}")


class Special(NamedTuple):
    """A special form: how many operands it takes, and its step."""

    low: int
    high: int | None
    step: StepFunction


SPECIAL_FORMS: dict[Symbol, Special] = {}


def special(name: str, low: int, high: int | None = None) -> Callable[[StepFunction], StepFunction]:
    def register(step: StepFunction) -> StepFunction:
        SPECIAL_FORMS[Symbol(name)] = Special(low, high, step)
        return step

    return register


@special("quote", 1, 1)
def quote(operands: Values, scope: Scope) -> Step:
    return operands[0], None


@special("if", 2, 3)
def if_(operands: Values, scope: Scope) -> Step:
    test, then, *otherwise = operands
    if evaluate(test, scope) is not False:
        return then, scope
    return (otherwise[0], scope) if otherwise else (None, None)


@special("cond", 0)
def cond(operands: Values, scope: Scope) -> Step:
    for clause in operands:
        if type(clause) is not tuple or not clause:
            raise LispError(f"cond: not a clause: {show(clause)}")
        test, *body = clause
        value = True if test is ELSE else evaluate(test, scope)
        if value is not False:
            return (block(body), scope) if body else (value, None)
    return None, None


@special("when", 2)
def when(operands: Values, scope: Scope) -> Step:
    chosen = evaluate(operands[0], scope) is not False
    return (block(operands[1:]), scope) if chosen else (None, None)


@special("unless", 2)
def unless(operands: Values, scope: Scope) -> Step:
    chosen = evaluate(operands[0], scope) is False
    return (block(operands[1:]), scope) if chosen else (None, None)


@special("and", 0)
def and_(operands: Values, scope: Scope) -> Step:
    for operand in operands[:-1]:
        if evaluate(operand, scope) is False:
            return False, None
    return (operands[-1], scope) if operands else (True, None)


@special("or", 0)
def or_(operands: Values, scope: Scope) -> Step:
    for operand in operands[:-1]:
        value = evaluate(operand, scope)
        if value is not False:
            return value, None
    return (operands[-1], scope) if operands else (False, None)


@special("begin", 0)
def begin(operands: Values, scope: Scope) -> Step:
    for operand in operands[:-1]:
        evaluate(operand, scope)
    return (operands[-1], scope) if operands else (None, None)


@special("define", 2)
def define(operands: Values, scope: Scope) -> Step:
    target, *body = operands
    if type(target) is tuple:
        name, procedure = named_closure("define", target, body, scope)
        scope[name] = procedure
    else:
        check_count("define", operands, 2, 2)
        scope[a_name("define", target)] = evaluate(body[0], scope)
    return None, None


@special("define-macro", 2)
def define_macro(operands: Values, scope: Scope) -> Step:
    header, *body = operands
    name, expander = named_closure("define-macro", header, body, scope)
    scope[name] = Macro(expander)
    return None, None


@special("set!", 2, 2)
def set_(operands: Values, scope: Scope) -> Step:
    name, expression = operands
    scope.assign(a_name("set!", name), evaluate(expression, scope))
    return None, None


@special("lambda", 2)
def lambda_(operands: Values, scope: Scope) -> Step:
    params, *body = operands
    return closure("lambda", params, body, scope), None


@special("let", 2)
def let(operands: Values, scope: Scope) -> Step:
    if type(operands[0]) is Symbol:
        return named_let(operands, scope)
    pairs, *body = operands
    names, expressions = split_bindings("let", pairs)
    values = [evaluate(expression, scope) for expression in expressions]
    return block(body), Scope.inside(scope, zip(names, values, strict=True))


def named_let(operands: Values, scope: Scope) -> Step:
    check_count("let", operands, 3, None)
    name, pairs, *body = operands
    names, expressions = split_bindings("let", pairs)
    args = tuple([evaluate(expression, scope) for expression in expressions])
    scope = Scope.inside(scope)
    loop = scope[name] = closure(name.name, names, body, scope)
    return loop.body, loop.bind(args)


@special("let*", 2)
def let_star(operands: Values, scope: Scope) -> Step:
    pairs, *body = operands
    scope = Scope.inside(scope)
    for name, expression in zip(*split_bindings("let*", pairs), strict=True):
        scope = Scope.inside(scope, [(name, evaluate(expression, scope))])
    return block(body), scope


@special("letrec", 2)
def letrec(operands: Values, scope: Scope) -> Step:
    pairs, *body = operands
    scope = Scope.inside(scope)
    for name, expression in zip(*split_bindings("letrec", pairs), strict=True):
        scope[name] = evaluate(expression, scope)
    return block(body), scope


@special("quasiquote", 1, 1)
def quasiquote(operands: Values, scope: Scope) -> Step:
    return fill(operands[0], scope), None


def fill(template: Value, scope: Scope) -> Value:
    """A copy of `template` with the unquoted parts replaced by their values."""
    if type(template) is not tuple:
        return template
    if template and template[0] is UNQUOTE:
        return evaluate(unquoted(template), scope)
    if template and template[0] is SPLICE:
        raise LispError("unquote-splicing: not inside a list")
    filled: list[Value] = []
    for part in template:
        if type(part) is tuple and part and part[0] is SPLICE:
            items = evaluate(unquoted(part), scope)
            if type(items) is not tuple:
                raise LispError(f"unquote-splicing: expected a list, got {show(items)}")
            filled.extend(items)
        else:
            filled.append(fill(part, scope))
    return tuple(filled)


def unquoted(form: Values) -> Value:
    check_count(form[0].name, form[1:], 1, 1)
    return form[1]


def block(body: Sequence[Value]) -> Value:
    """One form for a body of several."""
    return body[0] if len(body) == 1 else (BEGIN, *body)


def closure(name: str, params: Value, body: Sequence[Value], scope: Scope) -> Closure:
    """Check a parameter list: a symbol, or a list of symbols that may end in `. rest`."""
    names, rest = ((), params) if type(params) is Symbol else (params, None)
    if type(names) is tuple and len(names) >= 2 and names[-2] is DOT:
        names, rest = names[:-2], names[-1]
    if type(names) is not tuple or DOT in names or len({*names, rest}) <= len(names):
        raise LispError(f"{name}: malformed parameters: {show(params)}")
    for param in (*names, *([rest] if rest else [])):
        a_name(name, param)
    return Closure(name, names, rest, block(body), scope)


def named_closure(
    form: str, header: Value, body: Sequence[Value], scope: Scope
) -> tuple[Symbol, Closure]:
    """What `(define (name params...) body...)` and its like define."""
    if type(header) is not tuple or not header:
        raise LispError(f"{form}: malformed header: {show(header)}")
    name = a_name(form, header[0])
    return name, closure(name.name, header[1:], body, scope)


def split_bindings(form: str, pairs: Value) -> tuple[Values, Values]:
    """The names and the expressions of `((name expression) ...)`."""
    if type(pairs) is not tuple:
        raise LispError(f"{form}: malformed bindings: {show(pairs)}")
    for pair in pairs:
        if type(pair) is not tuple or len(pair) != 2:
            raise LispError(f"{form}: malformed binding: {show(pair)}")
        a_name(form, pair[0])
    return tuple([name for name, _ in pairs]), tuple([expression for _, expression in pairs])


def a_name(form: str, value: Value) -> Symbol:
    if type(value) is not Symbol:
        raise LispError(f"{form}: not a name: {show(value)}")
    return value


# --- Builtins -------------------------------------------------------------------------------

ANY = Kind("anything", ())
NUMBER = Kind("a number", (int, float))  # exact types: a bool is no int here
INTEGER = Kind("an integer", (int,))
BOOLEAN = Kind("a boolean", (bool,))
STRING = Kind("a string", (str,))
SYMBOL = Kind("a symbol", (Symbol,))
LIST = Kind("a list", (tuple,))
PROCEDURE = Kind("a procedure", (Closure, Builtin))


def subtract(first: Value, *others: Value) -> Value:
    return functools.reduce(operator.sub, others, first) if others else -first


def divide(first: Value, *others: Value) -> Value:
    return functools.reduce(divide_two, others, first) if others else divide_two(1, first)


def divide_two(dividend: Value, divisor: Value) -> Value:
    exact = type(dividend) is int and type(divisor) is int and dividend % divisor == 0
    return dividend // divisor if exact else dividend / divisor


def quotient(dividend: int, divisor: int) -> int:
    size = abs(dividend) // abs(divisor)
    return size if (dividend < 0) == (divisor < 0) else -size


def remainder(dividend: int, divisor: int) -> int:
    return dividend - divisor * quotient(dividend, divisor)


def chain(compare: Callable[[Value, Value], bool]) -> Callable[..., bool]:
    """Whether a comparison holds between all neighbours."""
    return lambda *numbers: all(map(compare, numbers, numbers[1:]))


def first_of(items: Values) -> Value:
    if not items:
        raise LispError("car: expected a non-empty list, got ()")
    return items[0]


def rest_of(items: Values) -> Values:
    if not items:
        raise LispError("cdr: expected a non-empty list, got ()")
    return items[1:]


def is_equal(left: Value, right: Value) -> bool:
    if type(left) is not type(right):
        return False
    if type(left) is tuple:
        return len(left) == len(right) and all(map(is_equal, left, right))
    return bool(left == right)


def apply(procedure: Value, *args: Value) -> Value:
    *leading, last = args
    if type(last) is not tuple:
        raise LispError(f"apply: expected a list at the end, got {show(last)}")
    return call(procedure, (*leading, *last))


def map_lists(procedure: Value, *lists: Values) -> Values:
    return tuple([call(procedure, args) for args in zip(*lists, strict=False)])


def filter_list(procedure: Value, items: Values) -> Values:
    return tuple([item for item in items if call(procedure, (item,)) is not False])


def reduce_list(procedure: Value, initial: Value, items: Values) -> Value:
    return functools.reduce(lambda acc, item: call(procedure, (acc, item)), items, initial)


def substring(text: str, start: int, end: int) -> str:
    if not 0 <= start <= end <= len(text):
        raise LispError(f"substring: {start} to {end} is out of range in {show(text)}")
    return text[start:end]


def error(*parts: Value) -> Value:
    raise LispError(" ".join([show(part, raw=True) for part in parts]))


def builtin(
    name: str, function: Callable[..., Value], *kinds: Kind, rest: Kind | None = None
) -> tuple[Symbol, Builtin]:
    return Symbol(name), Builtin(name, kinds, rest, function)


BUILTINS = [
    builtin("+", lambda *numbers: functools.reduce(operator.add, numbers, 0), rest=NUMBER),
    builtin("*", lambda *numbers: math.prod(numbers), rest=NUMBER),
    builtin("-", subtract, NUMBER, rest=NUMBER),
    builtin("/", divide, NUMBER, rest=NUMBER),
    builtin("quotient", quotient, INTEGER, INTEGER),
    builtin("remainder", remainder, INTEGER, INTEGER),
    builtin("modulo", operator.mod, INTEGER, INTEGER),
    builtin("=", chain(operator.eq), NUMBER, NUMBER, rest=NUMBER),
    builtin("<", chain(operator.lt), NUMBER, NUMBER, rest=NUMBER),
    builtin(">", chain(operator.gt), NUMBER, NUMBER, rest=NUMBER),
    builtin("<=", chain(operator.le), NUMBER, NUMBER, rest=NUMBER),
    builtin(">=", chain(operator.ge), NUMBER, NUMBER, rest=NUMBER),
    builtin("cons", lambda item, items: (item, *items), ANY, LIST),
    builtin("car", first_of, LIST),
    builtin("cdr", rest_of, LIST),
    builtin("list", lambda *items: items, rest=ANY),
    builtin("length", len, LIST),
    builtin("append", lambda *lists: tuple(itertools.chain(*lists)), rest=LIST),
    builtin("reverse", lambda items: items[::-1], LIST),
    builtin("map", map_lists, PROCEDURE, LIST, rest=LIST),
    builtin("filter", filter_list, PROCEDURE, LIST),
    builtin("reduce", reduce_list, PROCEDURE, ANY, LIST),
    builtin("apply", apply, PROCEDURE, ANY, rest=ANY),
    builtin("string-append", lambda *texts: "".join(texts), rest=STRING),
    builtin("string-length", len, STRING),
    builtin("substring", substring, STRING, INTEGER, INTEGER),
    builtin("number->string", show, NUMBER),
    builtin("symbol->string", lambda symbol: symbol.name, SYMBOL),
    builtin("string->symbol", Symbol, STRING),
    builtin("not", lambda value: value is False, ANY),
    builtin("equal?", is_equal, ANY, ANY),
    builtin("null?", lambda value: value == (), ANY),
    builtin("pair?", lambda value: type(value) is tuple and value != (), ANY),
    builtin("list?", lambda value: type(value) in LIST.types, ANY),
    builtin("number?", lambda value: type(value) in NUMBER.types, ANY),
    builtin("string?", lambda value: type(value) in STRING.types, ANY),
    builtin("symbol?", lambda value: type(value) in SYMBOL.types, ANY),
    builtin("boolean?", lambda value: type(value) in BOOLEAN.types, ANY),
    builtin("procedure?", lambda value: type(value) in PROCEDURE.types, ANY),
    builtin("error", error, ANY, rest=ANY),
]


def global_scope(output: list[str]) -> Scope:
    """A fresh global scope whose `display` and `newline` write to `output`."""
    write = output.append
    display = builtin("display", lambda value: write(show(value, raw=True)), ANY)
    return Scope.inside(None, [*BUILTINS, display, builtin("newline", lambda: write("\n"))])


# --- The Python interface -------------------------------------------------------------------


@contextlib.contextmanager
def host_limits() -> Iterator[None]:
    """Report as a LispError what Python cannot do for a program."""
    try:
        yield
    except RecursionError:
        raise LispError("recursion too deep") from None
    except ValueError:
        raise LispError("integer too long to read or print") from None


def run(source: str) -> str:
    """The printed form of the last value of `source`, in a fresh global environment."""
    return run_with_output(source)[0]


def run_with_output(source: str) -> tuple[str, str]:
    """Like `run`, with the text that the program wrote."""
    output: list[str] = []
    scope = global_scope(output)
    value = None
    with host_limits():
        for form in read(source):
            value = evaluate(form, scope)
        return show(value), "".join(output)


def repl(text: str) -> str:
    """The transcript of a session in which the forms of `text` are entered one by one.

    An error ends only its own form. A reading error also ends `read`, hence the session.
    """
    output: list[str] = []
    scope = global_scope(output)
    forms = read(text)
    transcript = ""
    for result in iter(lambda: enter(forms, scope), None):
        written = "".join(output)
        output.clear()
        for part in (written, result):
            transcript += part if part.endswith("\n") or not part else part + "\n"
    return transcript


def enter(forms: Iterator[Value], scope: Scope) -> str | None:
    """Evaluate the next form; the line it is answered with, or None if there is no form."""
    try:
        with host_limits():
            for form in forms:
                value = evaluate(form, scope)
                return "" if value is None else show(value)
            return None
    except LispError as failure:
        return f"error: {failure}"
