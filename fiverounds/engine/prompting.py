"""Templates → prompts: Jinja2, sandboxed, undefined names are errors."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from fiverounds.errors import AssertionBroken
from fiverounds.plan.trial import Trial
from fiverounds.results import AssertionResult, Attempt, Verdict

_FAILURES_SHOWN = 20


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, keep_trailing_newline=True, autoescape=False
    )


def render(template: str, trial: Trial, attempt: int, previous: Attempt | None) -> str:
    """The prompt of one attempt. Templates see `round`, `provider`, `attempt` and, after a first attempt, `previous`.

    Raises:
        AssertionBroken: the template names something that is not there (the bench's fault, not the subject's).
    """
    names: dict[str, Any] = {
        "round": trial.round.id,
        "provider": trial.provider.id,
        "attempt": attempt,
    }
    if previous is not None:
        names["previous"] = view(previous)
    try:
        return _environment().from_string(template).render(names)
    except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError) as error:
        reason = str(error) or type(error).__name__
        raise AssertionBroken(f"prompt {trial.prompt}: {reason}") from error


def view(attempt: Attempt) -> Mapping[str, Any]:
    """What a feedback template may know of an attempt."""
    return {
        "verdict": attempt.verdict.value,
        "reason": attempt.reason,
        "number": attempt.number,
        "assertions": [_assertion(result) for result in attempt.assertions],
    }


def _assertion(result: AssertionResult) -> Mapping[str, Any]:
    failed = [
        f"{item.id}: {item.message}" for item in result.items if item.verdict is not Verdict.PASSED
    ]
    return {
        "id": result.assertion_id,
        "type": result.type,
        "verdict": result.verdict.value,
        "score": result.score,
        "summary": result.summary,
        "metrics": {metric.name: metric.value for metric in result.metrics},
        "failures": list(dict.fromkeys((*result.reasons, *failed)))[:_FAILURES_SHOWN],
    }
