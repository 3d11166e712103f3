"""A small Lisp interpreter."""

import math
import operator
import re
from functools import partial, reduce


class LispError(Exception):
    pass


class Symbol(str):
    pass


class Env(dict):
    def __init__(self, names=(), values=(), outer=None):
        super().__init__(zip(names, values, strict=False))
        self.outer = outer

    def find(self, name):
        if name in self:
            return self
        if self.outer is None:
            raise LispError(f"unbound variable: {name}")
        return self.outer.find(name)


class Lambda:
    def __init__(self, params, body, env):
        if isinstance(params, Symbol):
            params = [Symbol("."), params]
        if not isinstance(params, list) or not all(isinstance(p, Symbol) for p in params):
            raise LispError("bad parameter list")
        self.rest = None
        if "." in params:
            dot = params.index(".")
            if len(params) != dot + 2:
                raise LispError("bad parameter list")
            self.rest = params[dot + 1]
            params = params[:dot]
        self.params, self.body, self.env = params, body, env

    def __call__(self, *args):
        if len(args) < len(self.params) or (self.rest is None and len(args) > len(self.params)):
            raise LispError(f"expected {len(self.params)} arguments, got {len(args)}")
        env = Env(self.params, args, self.env)
        if self.rest is not None:
            env[self.rest] = list(args[len(self.params) :])
        return eval_body(self.body, env)


class Macro(Lambda):
    pass


# ---------------------------------------------------------------- reader

TOKEN = re.compile(r"""\s*(?:;[^\n]*\s*)*(,@|[('`,)]|"(?:\\.|[^\\"])*"|"|[^\s('"`,;)]+|$)""", re.S)
QUOTES = {"'": "quote", "`": "quasiquote", ",": "unquote", ",@": "unquote-splicing"}
ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}


class Reader:
    def __init__(self, text):
        self.text = text
        self.pos = 0

    def next_token(self):
        match = TOKEN.match(self.text, self.pos)
        self.pos = match.end()
        return match.group(1)

    def read(self, token=None):
        token = token or self.next_token()
        if token == "":
            raise LispError("unexpected end of input")
        if token == "(":
            items = []
            while (token := self.next_token()) != ")":
                items.append(self.read(token or None))
            return items
        if token == ")":
            raise LispError("unexpected )")
        if token in QUOTES:
            return [Symbol(QUOTES[token]), self.read()]
        return atom(token)

    def forms(self):
        while token := self.next_token():
            yield self.read(token)


def atom(token):
    if token == '"':
        raise LispError("unterminated string")
    if token[0] == '"':
        return re.sub(r"\\(.)", unescape, token[1:-1], flags=re.S)
    if token in ("#t", "#f"):
        return token == "#t"
    try:
        return int(token)
    except ValueError:
        pass
    try:
        return float(token)
    except ValueError:
        return Symbol(token)


def unescape(match):
    if match.group(1) not in ESCAPES:
        raise LispError(f"unknown escape {match.group()}")
    return ESCAPES[match.group(1)]


# ---------------------------------------------------------------- printer


def to_string(x, display=False):
    if x is None:
        return "#<void>"
    if isinstance(x, bool):
        return "#t" if x else "#f"
    if isinstance(x, Symbol):
        return str(x)
    if isinstance(x, str):
        if display:
            return x
        for letter, char in [("\\", "\\"), ('"', '"'), ("n", "\n"), ("t", "\t")]:
            x = x.replace(char, "\\" + letter)
        return f'"{x}"'
    if isinstance(x, list):
        return "(" + " ".join(to_string(item, display) for item in x) + ")"
    if callable(x):
        return "#<procedure>"
    return repr(x)


# ---------------------------------------------------------------- evaluator


def evaluate(x, env):
    if isinstance(x, Symbol):
        return env.find(x)[x]
    if not isinstance(x, list):
        return x
    if not x:
        raise LispError("cannot evaluate ()")
    if isinstance(x[0], Symbol) and x[0] in SPECIAL:
        try:
            return SPECIAL[x[0]](env, *x[1:])
        except (TypeError, ValueError) as e:
            raise LispError(f"bad syntax in {x[0]}: {e}") from e
    function = evaluate(x[0], env)
    if isinstance(function, Macro):
        return evaluate(function(*x[1:]), env)
    args = [evaluate(arg, env) for arg in x[1:]]
    return call(function, *args)


def call(function, *args):
    if not callable(function):
        raise LispError(f"not a procedure: {to_string(function)}")
    try:
        return function(*args)
    except (TypeError, ValueError, IndexError, AttributeError, ArithmeticError) as e:
        raise LispError(str(e)) from e


def eval_body(body, env):
    result = None
    for x in body:
        result = evaluate(x, env)
    return result


def is_true(x):
    return x is not False


def do_if(env, test, then, other=None):
    return evaluate(then if is_true(evaluate(test, env)) else other, env)


def do_define(env, target, *body):
    if isinstance(target, list):
        env[target[0]] = Lambda(target[1:], body, env)
    else:
        (value,) = body
        env[symbol(target)] = evaluate(value, env)


def do_define_macro(env, target, *body):
    env[symbol(target[0])] = Macro(target[1:], body, env)


def do_set(env, name, value):
    value = evaluate(value, env)
    env.find(symbol(name))[name] = value


def do_lambda(env, params, *body):
    return Lambda(params, body, env)


def do_let(env, bindings, *body):
    if isinstance(bindings, Symbol):
        name, bindings, body = bindings, body[0], body[1:]
        env = Env(outer=env)
        env[name] = Lambda([n for n, _ in bindings], body, env)
        return env[name](*[evaluate(x, env) for _, x in bindings])
    values = [evaluate(x, env) for _, x in bindings]
    return eval_body(body, Env([symbol(n) for n, _ in bindings], values, env))


def do_let_star(env, bindings, *body):
    env = Env(outer=env)
    for name, x in bindings:
        env = Env([symbol(name)], [evaluate(x, env)], env)
    return eval_body(body, env)


def do_letrec(env, bindings, *body):
    env = Env(outer=env)
    for name, x in bindings:
        env[symbol(name)] = evaluate(x, env)
    return eval_body(body, env)


def do_cond(env, *clauses):
    for test, *body in clauses:
        value = True if test == "else" else evaluate(test, env)
        if is_true(value):
            return eval_body(body, env) if body else value
    return None


def do_and(env, *items):
    result = True
    for x in items:
        result = evaluate(x, env)
        if not is_true(result):
            break
    return result


def do_or(env, *items):
    result = False
    for x in items:
        result = evaluate(x, env)
        if is_true(result):
            break
    return result


def do_quasiquote(env, x):
    if not isinstance(x, list):
        return x
    if x[:1] == ["unquote"]:
        return evaluate(x[1], env)
    result = []
    for item in x:
        if isinstance(item, list) and item[:1] == ["unquote-splicing"]:
            values = evaluate(item[1], env)
            if not isinstance(values, list):
                raise LispError("unquote-splicing needs a list")
            result.extend(values)
        else:
            result.append(do_quasiquote(env, item))
    return result


SPECIAL = {
    "quote": lambda env, x: x,
    "quasiquote": do_quasiquote,
    "if": do_if,
    "define": do_define,
    "define-macro": do_define_macro,
    "set!": do_set,
    "lambda": do_lambda,
    "let": do_let,
    "let*": do_let_star,
    "letrec": do_letrec,
    "begin": lambda env, *body: eval_body(body, env),
    "cond": do_cond,
    "and": do_and,
    "or": do_or,
    "when": lambda env, test, *body: eval_body(body, env) if is_true(evaluate(test, env)) else None,
    "unless": lambda env, test, *body: (
        None if is_true(evaluate(test, env)) else eval_body(body, env)
    ),
}


# ---------------------------------------------------------------- builtins


def check(kind, *items):
    for x in items:
        if (
            isinstance(x, bool)
            or not isinstance(x, kind)
            or (kind is str and isinstance(x, Symbol))
        ):
            raise LispError(f"wrong type of argument: {to_string(x)}")
    return items


def numbers(*items):
    return check((int, float), *items)


def symbol(x):
    if not isinstance(x, Symbol):
        raise LispError(f"not a symbol: {to_string(x)}")
    return x


def subtract(first, *rest):
    numbers(first, *rest)
    return reduce(operator.sub, rest, first) if rest else -first


def divide(first, *rest):
    numbers(first, *rest)
    if not rest:
        first, rest = 1, (first,)
    for divisor in rest:
        result = first / divisor
        if isinstance(first, int) and isinstance(divisor, int) and result.is_integer():
            result = int(result)
        first = result
    return first


def quotient(a, b):
    check(int, a, b)
    result = abs(a) // abs(b)
    return result if (a < 0) == (b < 0) else -result


def modulo(a, b):
    check(int, a, b)
    return a % b


def compare(op):
    def run_compare(a, b, *rest):
        items = numbers(a, b, *rest)
        return all(map(op, items, items[1:]))

    return run_compare


def car(items):
    check(list, items)
    return items[0]


def cdr(items):
    check(list, items)
    if not items:
        raise LispError("cdr of empty list")
    return items[1:]


def cons(x, items):
    check(list, items)
    return [x, *items]


def append(*lists):
    return [x for items in check(list, *lists) for x in items]


def do_map(function, first, *rest):
    return list(map(partial(call, function), *check(list, first, *rest)))


def do_filter(function, items):
    return [x for x in check(list, items)[0] if call(function, x)]


def do_reduce(function, init, items):
    return reduce(lambda acc, x: call(function, acc, x), check(list, items)[0], init)


def do_apply(function, *args):
    check(list, args[-1])
    return call(function, *args[:-1], *args[-1])


def substring(s, start, end):
    check(str, s)
    if not 0 <= start <= end <= len(s):
        raise LispError("substring: index out of range")
    return s[start:end]


def equal(a, b):
    if type(a) is not type(b):
        return False
    if isinstance(a, list):
        return len(a) == len(b) and all(map(equal, a, b))
    return a == b


def error(*items):
    raise LispError(" ".join(to_string(x, display=True) for x in items))


def make_globals(output):
    env = Env()
    env.update(
        {
            "+": lambda *xs: sum(numbers(*xs)),
            "*": lambda *xs: math.prod(numbers(*xs)),
            "-": subtract,
            "/": divide,
            "quotient": quotient,
            "remainder": lambda a, b: a - b * quotient(a, b),
            "modulo": modulo,
            "=": compare(operator.eq),
            "<": compare(operator.lt),
            ">": compare(operator.gt),
            "<=": compare(operator.le),
            ">=": compare(operator.ge),
            "cons": cons,
            "car": car,
            "cdr": cdr,
            "list": lambda *xs: list(xs),
            "length": lambda xs: len(check(list, xs)[0]),
            "append": append,
            "reverse": lambda xs: check(list, xs)[0][::-1],
            "map": do_map,
            "filter": do_filter,
            "reduce": do_reduce,
            "apply": do_apply,
            "string-append": lambda *xs: "".join(check(str, *xs)),
            "string-length": lambda s: len(check(str, s)[0]),
            "substring": substring,
            "number->string": lambda x: to_string(numbers(x)[0]),
            "symbol->string": lambda x: str(symbol(x)),
            "string->symbol": lambda x: Symbol(check(str, x)[0]),
            "not": lambda x: x is False,
            "null?": lambda x: x == [],
            "pair?": lambda x: isinstance(x, list) and x != [],
            "list?": lambda x: isinstance(x, list),
            "number?": lambda x: isinstance(x, (int, float)) and not isinstance(x, bool),
            "string?": lambda x: isinstance(x, str) and not isinstance(x, Symbol),
            "symbol?": lambda x: isinstance(x, Symbol),
            "boolean?": lambda x: isinstance(x, bool),
            "procedure?": callable,
            "equal?": equal,
            "display": lambda x: output.append(to_string(x, display=True)),
            "newline": lambda: output.append("\n"),
            "error": error,
        }
    )
    return env


# ---------------------------------------------------------------- entry points


def run_with_output(source):
    output = []
    env = make_globals(output)
    result = None
    for form in Reader(source).forms():
        result = evaluate(form, env)
    return to_string(result), "".join(output)


def run(source):
    return run_with_output(source)[0]


def repl(text):
    transcript = ""
    output = []
    env = make_globals(output)
    forms = Reader(text).forms()
    while True:
        try:
            form = next(forms, None)
            if form is None:
                return transcript
            result = evaluate(form, env)
            line = "" if result is None else to_string(result) + "\n"
        except LispError as e:
            line = f"error: {e}\n"
        written = "".join(output)
        output.clear()
        if written and not written.endswith("\n"):
            written += "\n"
        transcript += written + line
