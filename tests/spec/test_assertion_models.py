from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from fiverounds.spec.assertion_models import AssertionSpec, FpsAssertion, ScriptAssertion

ASSERTION: TypeAdapter[object] = TypeAdapter(AssertionSpec)


def test_type_says_which() -> None:
    assert isinstance(ASSERTION.validate_json('{"type": "fps"}'), FpsAssertion)


def test_commands() -> None:
    one = ASSERTION.validate_json('{"type": "script", "run": "a.py", "setup": ["a", "b"]}')
    several = ASSERTION.validate_json('{"type": "script", "run": ["a"], "setup": [["a"], ["b"]]}')
    assert isinstance(one, ScriptAssertion)
    assert isinstance(several, ScriptAssertion)
    assert (one.run, one.setup) == ("a.py", ("a", "b"))
    assert (several.run, several.setup) == (("a",), (("a",), ("b",)))


@pytest.mark.parametrize(
    "text",
    [
        '{"type": "script", "run": []}',
        '{"type": "script", "run": ["a"], "setup": [["a"], "b"]}',
        '{"type": "x"}',
        "{}",
    ],
)
def test_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        ASSERTION.validate_json(text)
