from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiverounds.errors import ExitCode
from fiverounds.report.gate import GateState, exit_code, judge
from fiverounds.results import TrialResult, Verdict
from fiverounds.store.header import Gate, RunStatus
from tests.golden.sample import ERROR, FAILED, PASSED, SKIPPED, trial
from tests.report.support import log_of

P, F, E, S = PASSED, FAILED, ERROR, SKIPPED
HELD, BROKEN, UNDECIDED, EMPTY = GateState
REFERENCE = Gate(providers=("a",))


def trials(verdicts: list[Verdict], provider: str = "a") -> list[TrialResult]:
    return [trial(provider, "r3-lisp", verdict, repeat=n) for n, verdict in enumerate(verdicts, 1)]


@pytest.mark.parametrize(
    ("gate", "verdicts", "state", "code"),
    [
        (None, [P, P, S], HELD, 0),
        (None, [P, F], BROKEN, 1),
        (None, [S], HELD, 0),
        (None, [P, E], UNDECIDED, 3),
        (None, [F, E], UNDECIDED, 3),
        (REFERENCE, [P, P], HELD, 0),
        (REFERENCE, [P, F], BROKEN, 1),
        (REFERENCE, [P, S], HELD, 0),
        (REFERENCE, [S, S], BROKEN, 1),
        (REFERENCE, [P, E], UNDECIDED, 3),
        (REFERENCE, [F, E], UNDECIDED, 3),
        (Gate(pass_rate=0.5), [P, F], HELD, 0),
        (Gate(pass_rate=0.51), [P, F], BROKEN, 1),
        (Gate(pass_rate=0.0), [F, F], HELD, 0),
        (Gate(pass_rate=0.1), [P, *[F] * 9], HELD, 0),
        (Gate(pass_rate=0.7), [*[P] * 7, *[F] * 3], HELD, 0),
        (Gate(rounds=("r9-other",)), [F, E], EMPTY, 0),
        (Gate(providers=("b",)), [F, E], EMPTY, 0),
        (Gate(providers=("a",), rounds=("r3-lisp",)), [F], BROKEN, 1),
    ],
)
def test_gate_and_exit_code(
    gate: Gate | None, verdicts: list[Verdict], state: GateState, code: int
) -> None:
    log = log_of(*trials(verdicts), gate=gate)
    outcome = judge(log)
    assert outcome.state is state
    assert exit_code(log, outcome) == code


def test_what_is_out_of_scope_does_not_matter() -> None:
    log = log_of(*trials([P]), *trials([F, E], "b"), gate=REFERENCE)
    assert exit_code(log, judge(log)) is ExitCode.OK


def test_a_planned_trial_in_scope_that_was_not_run_leaves_it_undecided() -> None:
    ran = trial("a", "r3-lisp", P)
    log = log_of(ran, planned=(ran.trial_id, "a/r5-debug/debug/1"), gate=REFERENCE)
    assert judge(log).sentence == (
        "gate undecided: of the trials in its scope, 1 not run: a/r5-debug/debug/1"
    )
    assert exit_code(log, judge(log)) is ExitCode.ERRORS
    log = log_of(ran, planned=(ran.trial_id, "b/r5-debug/debug/1"), gate=REFERENCE)
    assert exit_code(log, judge(log)) is ExitCode.OK


@pytest.mark.parametrize("status", [RunStatus.INTERRUPTED, RunStatus.STARTED, None])
def test_a_run_that_did_not_end_by_itself(status: RunStatus | None) -> None:
    log = log_of(*trials([P, F, E]), status=status)
    assert exit_code(log, judge(log)) is ExitCode.INTERRUPTED


def test_nothing_planned() -> None:
    assert exit_code(log_of(), judge(log_of())) is ExitCode.NOTHING_SELECTED


def test_sentences_say_why() -> None:
    log = log_of(*trials([P, F, F, F, F, F, S]), gate=Gate(pass_rate=0.995))
    assert judge(log).sentence == (
        "gate broken: 1 of 6 trials passed, 1 skipped; it asks for 99.5 %; failed: "
        "a/r3-lisp/lisp/2, a/r3-lisp/lisp/3, a/r3-lisp/lisp/4 and 2 more"
    )
    log = log_of(*trials([P, P, S]))
    assert judge(log).sentence == "no trial failed: 2 passed, 1 skipped"
    log = log_of(*trials([P, F]))
    assert judge(log).sentence == "1 of 2 trials failed: a/r3-lisp/lisp/2"
    log = log_of(*trials([E, E]), gate=REFERENCE)
    assert "2 ended in error: a/r3-lisp/lisp/1, a/r3-lisp/lisp/2" in judge(log).sentence


@given(st.integers(1, 60), st.integers(0, 60))
def test_a_rate_equal_to_the_share_holds(judged: int, passed: int) -> None:
    """Floating point does not break a gate that is met exactly."""
    passed = min(passed, judged)
    verdicts = [P] * passed + [F] * (judged - passed)
    log = log_of(*trials(verdicts), gate=Gate(pass_rate=passed / judged))
    assert judge(log).state is HELD
