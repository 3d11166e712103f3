from __future__ import annotations

from fiverounds.spec.nodes import plain
from fiverounds.spec.variables import Filler
from fiverounds.spec.yaml_source import parse_yaml

ENVIRONMENT = {
    "URL": "http://x",
    "EMPTY": "",
    "MY_TOKEN": "canary",
    "ODD": "sk-proj-0123456789abcdef",
}


def fill(text: str) -> tuple[object, list[str]]:
    root = parse_yaml(f"id: ${{URL}}\nmend: ${{URL}}\nvalue: {text}\n", "f", "a provider").root
    assert root is not None
    filler = Filler(ENVIRONMENT)
    filled = plain(filler.provider(root, ("providers", 0)))
    assert isinstance(filled, dict)
    assert filled["id"] == filled["mend"] == "${URL}", "names and shell commands stay as they are"
    return filled["value"], [f"{problem} | {problem.hint}" for problem in filler.problems]


def test_values() -> None:
    assert fill("'${URL}/v1'") == ("http://x/v1", [])
    assert fill("'${NONE:-a b}${NONE:-}'") == ("a b", [])
    assert fill("'${EMPTY}${EMPTY:-full}'") == ("full", [])
    assert fill("'${URL:-other}'") == ("http://x", [])
    assert fill("'$URL $1 $'") == ("$URL $1 $", [])
    assert fill("'$${URL} $$5 $$$$'") == ("${URL} $5 $$", [])
    assert fill("['${URL}', {a: ['${URL}', 1]}, 2]") == (
        ["http://x", {"a": ["http://x", 1]}, 2],
        [],
    )


def test_what_a_variable_brings_in_is_not_filled_again() -> None:
    root = parse_yaml("value: '${A}'", "f", "a provider").root
    assert root is not None
    assert plain(Filler({"A": "${B} $$"}).provider(root, ())) == {"value": "${B} $$"}


def test_problems() -> None:
    assert fill("'${NONE}'")[1] == [
        "f:3:8: providers[0].value: the variable `NONE` is not set"
        " | export NONE=…, or give a default: ${NONE:-…}"
    ]
    for wrong in ("${", "${}", "${1A}", "${A-b}", "${A:=b}", "${A B}", "x${URL"):
        assert "this `${` is no variable" in fill(f"'{wrong}'")[1][0], wrong


def test_keys_do_not_come_in() -> None:
    for text in ("'${MY_TOKEN}'", "'${ODD}'", "'${NOT_SET_API_KEY:-x}'"):
        (problem,) = fill(text)[1]
        assert "is a key, and a key must not become part of a plan or a log" in problem
        assert "canary" not in problem
        assert "sk-proj" not in problem
