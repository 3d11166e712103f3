from __future__ import annotations

import pytest

from fiverounds.engine.prompting import render, view
from fiverounds.errors import AssertionBroken
from fiverounds.plan.expand import expand
from fiverounds.plan.trial import Trial
from fiverounds.results import AssertionResult, Attempt, Item, Metric, Verdict
from tests.plan.support import NO_FILES, bench

(TRIAL,) = expand(bench(), NO_FILES).trials
PREVIOUS = Attempt(
    number=1,
    verdict=Verdict.FAILED,
    reason="suite: 1/3",
    assertions=(
        AssertionResult(
            assertion_id="suite",
            type="pytest",
            verdict=Verdict.FAILED,
            score=1 / 3,
            summary="1/3",
            reasons=("2 tests failed", "test_b: 1 != 2"),
            metrics=(Metric(name="tests_passed", value=1, unit="count"),),
            items=(
                Item(id="test_a", verdict=Verdict.PASSED),
                Item(id="test_b", verdict=Verdict.FAILED, message="1 != 2"),
                Item(id="test_c", verdict=Verdict.SKIPPED, message="{{ secret }}"),
            ),
        ),
    ),
)


def rendered(template: str, previous: Attempt | None = None, trial: Trial = TRIAL) -> str:
    return render(template, trial, 2, previous)


def test_a_template_knows_who_is_asked_what_and_how_often() -> None:
    assert rendered("{{ provider }} {{ round }} {{ attempt }}\n") == "p r 2\n"


def test_nothing_is_escaped() -> None:
    assert rendered("<b> & {{ '<i>' }}") == "<b> & <i>"


def test_feedback_tells_what_failed_once() -> None:
    template = (
        "{{ previous.verdict }} {{ previous.number }} {{ previous.reason }}\n"
        "{% for a in previous.assertions %}{{ a.id }} {{ a.type }} {{ a.verdict }} {{ a.summary }} "
        "{{ a.metrics.tests_passed }} {{ '%.2f' % a.score }}\n"
        "{% for failure in a.failures %}- {{ failure }}\n{% endfor %}{% endfor %}"
    )
    assert rendered(template, PREVIOUS) == (
        "failed 1 suite: 1/3\nsuite pytest failed 1/3 1 0.33\n"
        "- 2 tests failed\n- test_b: 1 != 2\n- test_c: {{ secret }}\n"
    )


def test_what_a_subject_said_is_never_a_template() -> None:
    hostile = PREVIOUS.model_copy(update={"reason": "{{ 7 * 7 }}{% for x in () %}"})
    assert rendered("{{ previous.reason }}", hostile) == "{{ 7 * 7 }}{% for x in () %}"


def test_a_long_list_of_failures_is_cut() -> None:
    items = tuple(Item(id=f"t{number}", verdict=Verdict.FAILED) for number in range(100))
    result = PREVIOUS.assertions[0].model_copy(update={"items": items})
    shown = view(PREVIOUS.model_copy(update={"assertions": (result,)}))
    assert len(shown["assertions"][0]["failures"]) == 20


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{{ previous.verdict }}", "'previous' is undefined"),
        ("{{ nothing }}", "'nothing' is undefined"),
        ("{% if %}", "Expected an expression"),
        ("{{ 1 // 0 }}", "by zero"),
        ("{{ 1 + 'a' }}", "unsupported operand"),
        ("{{ 'x'.format_map }}{{ '%d' % 'x' }}", "%d format"),
        ("{{ ''.__class__.__mro__ }}", "unsafe"),
        ("{{ range(1000000000) | list }}", "Range too big"),
        ("{% include '/etc/passwd' %}", "no loader"),
    ],
)
def test_a_template_that_breaks_is_the_benchs_fault(template: str, said: str) -> None:
    with pytest.raises(AssertionBroken, match=r"^prompt q: ") as raised:
        rendered(template)
    assert said in raised.value.message
