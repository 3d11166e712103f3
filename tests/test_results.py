from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from fiverounds.results import (
    AssertionResult,
    Attempt,
    Item,
    Metric,
    StopReason,
    TrialResult,
    Usage,
    Verdict,
)

WHOLE = TrialResult(
    trial_id="p/r/q/1",
    key="0" * 64,
    provider="p",
    round="r",
    prompt="q",
    repeat=1,
    verdict=Verdict.FAILED,
    reason="too slow",
    score=0.5,
    attempts=(
        Attempt(
            number=1,
            verdict=Verdict.FAILED,
            stop=StopReason.MAX_TOKENS,
            usage=Usage(prompt_tokens=7),
            files=("a.py",),
            assertions=(
                AssertionResult(
                    assertion_id="fps",
                    type="fps",
                    verdict=Verdict.FAILED,
                    score=0.5,
                    reasons=("too slow",),
                    metrics=(Metric(name="fps", value=None, unit="fps"),),
                    items=(Item(id="a", verdict=Verdict.SKIPPED),),
                ),
            ),
        ),
    ),
)


def test_a_result_comes_back_from_the_log_as_it_was() -> None:
    assert TrialResult.model_validate_json(WHOLE.model_dump_json()) == WHOLE


def test_unknown_is_none_and_never_zero() -> None:
    empty = Attempt(number=1, verdict=Verdict.ERROR)
    assert set(empty.usage.model_dump().values()) == {None}
    assert empty.timing.tokens_per_second is None
    assert AssertionResult(assertion_id="a", type="t", verdict=Verdict.ERROR).score is None


@pytest.mark.parametrize(
    ("field", "value"),
    [("score", 1.5), ("score", -0.1), ("score", float("nan")), ("verdict", "great"), ("odd", 1)],
)
def test_what_cannot_be_is_refused_and_not_quoted(field: str, value: Any) -> None:
    given = {"assertion_id": "sk-secret", "type": "t", "verdict": Verdict.PASSED, field: value}
    with pytest.raises(ValidationError) as raised:
        AssertionResult.model_validate(given)
    assert "sk-secret" not in str(raised.value)


def test_results_do_not_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        WHOLE.score = 1.0  # type: ignore[misc]
