"""Tests that show they ran: checkpoints where they end, and control copies that must fail.

A control copy is its test with each `assert left == right` asking whether either side equals something random.
Code that makes pytest lie, or objects that equal everything, make it pass, and so give themselves away.
"""

from __future__ import annotations

import ast
import copy
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from fiverounds.assertions.pytest_suite.source import (
    Definition,
    Function,
    definitions,
    own_nodes,
    parse,
)

_HARMLESS_DECORATORS = ("pytest.", "mock.", "patch", "unittest.", "staticmethod", "classmethod")


@dataclass(frozen=True, slots=True)
class Instrumented:
    """A test file, rewritten."""

    text: str
    tokens: Mapping[str, frozenset[str]]
    """Bare function name → what its checkpoints say."""
    controls: Mapping[str, str | None]
    """Bare name of a control copy → the test it copies; None: `assert 1 == 2`."""


def instrument(text: str, file: str) -> Instrumented:
    """Rewrite one test file of a suite.

    Raises:
        AssertionBroken: the file is not Python.
    """
    tree = parse(text, file)
    names = _Names()
    tokens: dict[str, set[str]] = {}
    controls: dict[str, str | None] = {}
    for definition in definitions(tree):
        control = _control_copy(definition, names)
        if control is not None:
            controls[control.name] = definition.name
            _add_checkpoints(control, names)
            definition.body.append(control)
        token = _add_checkpoints(definition.function, names)
        if token:
            tokens.setdefault(definition.function.name, set()).add(token)
    first = ast.parse(f"def test_{secrets.token_hex(6)}():\n    assert 1 == 2").body[0]
    assert isinstance(first, ast.FunctionDef)
    controls[first.name] = None
    tree.body.append(first)
    tree.body.insert(_after_docstring_and_future(tree.body), names.imports())
    rewritten = ast.unparse(ast.fix_missing_locations(tree))
    return Instrumented(
        rewritten, {name: frozenset(each) for name, each in tokens.items()}, controls
    )


class _Names:
    """What the inserted functions are called in one file: nothing a suite or a subject can expect."""

    def __init__(self) -> None:
        self.checkpoint = f"_{secrets.token_hex(8)}"
        self.control = f"_{secrets.token_hex(8)}"

    def imports(self) -> ast.stmt:
        return ast.parse(
            f"from jailed.guarded import checkpoint as {self.checkpoint}, control as {self.control}"
        ).body[0]


def _add_checkpoints(function: Function, names: _Names) -> str | None:
    """Send a token where the function ends or returns; None for what pytest does not run as a plain function."""
    generator = any(isinstance(node, ast.Yield | ast.YieldFrom) for node in own_nodes(function))
    if isinstance(function, ast.AsyncFunctionDef) or generator:
        return None
    token = secrets.token_hex(12)
    call = f"{names.checkpoint}({token!r})"
    _before_returns(function, call)
    function.body.append(ast.parse(call).body[0])
    return token


def _before_returns(node: ast.AST, call: str) -> None:
    """Put `call` before each `return` below a node; inner functions and classes keep their own returns."""
    for field in ("body", "orelse", "finalbody"):
        statements = getattr(node, field, None)
        if isinstance(statements, list):
            for place in reversed(range(len(statements))):
                if isinstance(statements[place], ast.Return):
                    statements.insert(place, ast.parse(call).body[0])
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, Function | ast.ClassDef | ast.Lambda):
            _before_returns(child, call)


def _control_copy(definition: Definition, names: _Names) -> Function | None:
    """A copy that no honest code can pass; None where that cannot be told from the source."""
    function = definition.function
    harmless = all(
        ast.unparse(one).startswith(_HARMLESS_DECORATORS) for one in function.decorator_list
    )
    leaves_early = any(
        isinstance(node, ast.Return | ast.Yield | ast.YieldFrom) for node in own_nodes(function)
    )
    # A mixin's methods are collected under other names, or not at all.
    if (
        isinstance(function, ast.AsyncFunctionDef)
        or leaves_early
        or not harmless
        or not definition.collected
    ):
        return None
    made = copy.deepcopy(function)
    made.name = f"test_{secrets.token_hex(6)}"
    # Only assertions that are reached for sure: not inside `with`, `try`, loops or conditions.
    equalities = [
        one for one in made.body if isinstance(one, ast.Assert) and _compares_plainly(one.test)
    ]
    for one in equalities:
        assert isinstance(one.test, ast.Compare)
        sides = [one.test.left, one.test.comparators[0]]
        one.test = ast.Call(ast.Name(names.control, ast.Load()), sides, [])
        one.msg = None
    return made if equalities else None


def _compares_plainly(test: ast.expr) -> bool:
    plain = isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], ast.Eq)
    # unittest.mock.ANY is the one honest object that equals everything.
    return plain and "ANY" not in {
        getattr(node, "id", getattr(node, "attr", "")) for node in ast.walk(test)
    }


def _after_docstring_and_future(body: list[ast.stmt]) -> int:
    place = 0
    for statement in body:
        docstring = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        future = isinstance(statement, ast.ImportFrom) and statement.module == "__future__"
        if not (docstring or future):
            break
        place += 1
    return place
