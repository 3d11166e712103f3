"""Test functions of a suite's file, read from its source alone: nothing is imported."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from fiverounds.errors import AssertionBroken

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Definition:
    """A test function where it is defined."""

    name: str
    """Without file: `test_add`, `TestErrors::test_zero`."""
    function: Function
    body: list[ast.stmt]
    """The list of statements that holds it."""
    collected: bool
    """False in a class that pytest does not collect (a mixin)."""


def parse(text: str, file: str) -> ast.Module:
    """The syntax tree of a suite's file.

    Raises:
        AssertionBroken: the file is not Python.
    """
    try:
        return ast.parse(text)
    except SyntaxError as error:
        raise AssertionBroken(
            f"{file}:{error.lineno}: the suite's own file is not valid Python: {error.msg}"
        ) from error


def definitions(tree: ast.Module) -> list[Definition]:
    """Every test function of the module and of its classes."""
    return list(_definitions(tree.body, "", collected=True))


def _definitions(body: list[ast.stmt], prefix: str, *, collected: bool) -> Iterator[Definition]:
    for statement in list(body):
        if isinstance(statement, ast.ClassDef):
            here = collected and _is_test_class(statement)
            yield from _definitions(statement.body, f"{prefix}{statement.name}::", collected=here)
        elif isinstance(statement, Function) and _is_test_function(statement):
            yield Definition(prefix + statement.name, statement, body, collected)


def _is_test_function(statement: Function) -> bool:
    decorators = [ast.unparse(one) for one in statement.decorator_list]
    return statement.name.startswith("test") and not any("fixture" in one for one in decorators)


def _is_test_class(statement: ast.ClassDef) -> bool:
    defined = {getattr(inner, "name", "") for inner in statement.body}
    if defined & {"__init__", "__new__"}:
        return False  # pytest warns and goes on
    return statement.name.startswith("Test") or any(
        "TestCase" in ast.unparse(base) for base in statement.bases
    )


def own_nodes(function: Function) -> Iterator[ast.AST]:
    """What belongs to the function itself, not to functions and classes inside it."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, Function | ast.ClassDef | ast.Lambda):
            waiting.extend(ast.iter_child_nodes(node))


def split(test_id: str) -> tuple[str, str]:
    """File and bare function name of a test id: `a/test_x.py::TestY::test_z[1-::]` → `a/test_x.py`, `test_z`."""
    bare = test_id.split("[", 1)[0]
    return bare.split("::", 1)[0], bare.rsplit("::", 1)[-1]
