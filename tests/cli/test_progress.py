"""What a run says while it runs."""

from __future__ import annotations

import io

import pytest

from fiverounds.cli.progress import LiveProgress, PlainProgress, Silent, listener, result_text
from fiverounds.engine.events import (
    Event,
    RunFinished,
    RunStarted,
    TrialFinished,
    TrialPhase,
    TrialStarted,
)
from fiverounds.limits import Limits
from fiverounds.plan.trial import Plan, Trial
from fiverounds.results import AssertionResult, Attempt, TrialResult, Verdict
from fiverounds.spec.models import OutputFile, PytestAssertion, ReplayProvider, RoundSpec

TRIAL = Trial(
    trial_id="a/r/p/1",
    key="0" * 64,
    provider=ReplayProvider(id="a", kind="replay", answers="x"),
    round=RoundSpec(
        id="r",
        prompt="p",
        output=OutputFile(file="x.py"),
        assertions=(PytestAssertion(type="pytest", suite="s"),),
    ),
    prompt="p",
    template="",
    feedback_template="",
    repeat=1,
    limits=Limits(),
    sandbox="auto",
    after=None,
)


def result(verdict: Verdict, reason: str = "") -> TrialResult:
    """A finished trial."""
    assertion = AssertionResult(
        assertion_id="pytest", type="pytest", verdict=verdict, summary="51/58"
    )
    attempt = Attempt(number=1, verdict=verdict, assertions=(assertion,))
    return TrialResult(
        trial_id=TRIAL.trial_id,
        key=TRIAL.key,
        provider="a",
        round="r",
        prompt="p",
        repeat=1,
        verdict=verdict,
        reason=reason,
        attempts=(attempt,),
        wall_clock_seconds=1.25,
    )


def events(*results: TrialResult) -> list[Event]:
    """A whole run."""
    told: list[Event] = [RunStarted("run-1", Plan((TRIAL,) * len(results)), "bubblewrap")]
    for one in results:
        told += [TrialStarted(TRIAL), TrialPhase(TRIAL, "pytest"), TrialFinished(TRIAL, one)]
    return [*told, RunFinished(interrupted=False)]


def test_result_text_holds_verdict_score_and_reason() -> None:
    assert (
        result_text(result(Verdict.FAILED, "pytest: 7 failed")) == "failed 51/58 pytest: 7 failed"
    )
    assert result_text(result(Verdict.PASSED, "not shown")) == "passed 51/58"


def test_result_text_drives_no_terminal() -> None:
    text = result_text(result(Verdict.FAILED, "\x1b[2J\x1b]0;title\x07one\ntwo\r\x00"))
    assert text.isprintable()
    assert "one two" in text


def test_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    plain = PlainProgress(stream)
    for event in events(result(Verdict.PASSED), result(Verdict.FAILED, "why")):
        plain.on_event(event)
    stream.seek(0)
    lines = stream.read().splitlines()
    assert lines[0] == "run run-1: 2 trials, sandbox: bubblewrap"
    assert lines[1].startswith("[1/2] ✔ a/r/p/1")
    assert lines[2].startswith("[2/2] ✘ a/r/p/1")
    assert lines[2].endswith("why")


def test_plain_lines_on_an_ascii_stream() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    plain = PlainProgress(stream)
    for event in events(result(Verdict.FAILED, "naïve")):
        plain.on_event(event)
    stream.flush()
    assert raw.getvalue().isascii()
    assert b"na?ve" in raw.getvalue()


def test_an_interruption_is_said() -> None:
    stream = io.StringIO()
    plain = PlainProgress(stream)
    for event in [*events(result(Verdict.PASSED))[:-1], RunFinished(interrupted=True)]:
        plain.on_event(event)
    assert "interrupted after 1 of 1" in stream.getvalue()


def test_live_on_a_terminal() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    stream = Terminal()
    live = listener(stream, quiet=False)
    assert isinstance(live, LiveProgress)
    for event in events(result(Verdict.FAILED, "[red]not markup[/red]")):
        live.on_event(event)
    assert "a/r/p/1" in stream.getvalue()
    assert "[red]not markup[/red]" in stream.getvalue()


def test_quiet_says_nothing() -> None:
    stream = io.StringIO()
    silent = listener(stream, quiet=True)
    assert isinstance(silent, Silent)
    for event in events(result(Verdict.PASSED)):
        silent.on_event(event)
    assert stream.getvalue() == ""
