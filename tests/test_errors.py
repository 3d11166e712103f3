from __future__ import annotations

import pytest

from fiverounds import errors
from fiverounds.errors import ExitCode, FiveroundsError, Problem, SpecError


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("UsageError", 4),
        ("SetupError", 4),
        ("NothingSelected", 5),
        ("SandboxError", 3),
        ("StoreError", 3),
        ("ProviderError", 3),
        ("AssertionBroken", 3),
    ],
)
def test_every_error_knows_its_exit_code_and_how_to_mend_it(kind: str, code: int) -> None:
    error = getattr(errors, kind)("what happened", "what mends it")
    assert isinstance(error, FiveroundsError)
    assert (error.exit_code, error.message, error.hint) == (code, "what happened", "what mends it")
    assert str(error) == "what happened"
    assert getattr(errors, kind)("what happened").hint is None


def test_exit_codes_are_pytests() -> None:
    assert {code.name: code.value for code in ExitCode} == {
        "OK": 0,
        "GATE_BROKEN": 1,
        "INTERRUPTED": 2,
        "ERRORS": 3,
        "USAGE": 4,
        "NOTHING_SELECTED": 5,
    }


def test_a_spec_error_tells_all_problems() -> None:
    problems = (
        Problem("bench.yaml", 3, 1, "rounds[0].id", "is not a name", "write r1"),
        Problem("bench.yaml", 1, 5, "", "is not YAML"),
    )
    error = SpecError(problems)
    assert error.problems == problems
    assert error.exit_code == ExitCode.USAGE
    assert str(error) == (
        "bench.yaml:3:1: rounds[0].id: is not a name\nbench.yaml:1:5: is not YAML"
    )


def test_problems_are_sorted_by_place_with_and_without_hints() -> None:
    hinted, plain = (Problem("b", 2, 1, "p", "m", hint) for hint in ("h", None))
    first = Problem("b", 1, 9, "p", "m")
    assert sorted([hinted, plain, first])[0] == first
    assert hinted == plain
