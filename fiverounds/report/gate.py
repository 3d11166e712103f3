"""RunLog in; whether the gate holds, in one sentence, and the exit code, out. Pure.

Without a gate every trial is in scope and none may have failed. With one, its providers and rounds
are in scope, and of the trials judged there (passed or failed) at least the share `pass_rate` must
have passed. Errors are not failures: with one in scope, or a trial not run, the gate is undecided.
Skipped trials are left out, but a gate whose trials were all skipped is broken: it shows nothing.

Exit code, first that fits: 5 nothing was planned; 2 the run did not end by itself; 3 the gate is
undecided; 1 it is broken; 0 it holds (also when the selection leaves no trial in its scope).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from fiverounds.errors import ExitCode
from fiverounds.results import TrialResult, Verdict
from fiverounds.store.header import Gate, RunStatus
from fiverounds.store.runlog import RunLog

_MOST_NAMED = 3
_ROUNDING = 1e-9


class GateState(StrEnum):
    """What became of the gate."""

    HELD = "held"
    BROKEN = "broken"
    UNDECIDED = "undecided"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class GateOutcome:
    """The state, and a sentence that says why."""

    state: GateState
    sentence: str


def judge(log: RunLog) -> GateOutcome:
    """Does the gate in the log's header hold?"""
    gate = log.header.gate
    results = [result for result in log.results if _in_scope(gate, result.trial_id)]
    not_run = [trial_id for trial_id in log.unfinished if _in_scope(gate, trial_id)]
    errors = _ids(results, Verdict.ERROR)
    failed = _ids(results, Verdict.FAILED)
    passed = len(_ids(results, Verdict.PASSED))
    skipped = len(_ids(results, Verdict.SKIPPED))
    left_out = f", {skipped} skipped" if skipped else ""
    if not results and not not_run:
        return GateOutcome(GateState.EMPTY, "gate not judged: no trial of this run is in its scope")
    if errors or not_run:
        return GateOutcome(GateState.UNDECIDED, _undecided(errors, not_run, of_all=gate is None))
    if gate is None:
        return _without_gate(passed, failed, left_out)
    judged = passed + len(failed)
    if not judged:
        return GateOutcome(GateState.BROKEN, "gate broken: all trials in its scope were skipped")
    share = (
        f"{passed} of {judged} trials passed{left_out}; it asks for {gate.pass_rate * 100:.4g} %"
    )
    if passed + _ROUNDING >= gate.pass_rate * judged:
        return GateOutcome(GateState.HELD, f"gate held: {share}")
    return GateOutcome(GateState.BROKEN, f"gate broken: {share}; failed: {_named(failed)}")


def exit_code(log: RunLog, outcome: GateOutcome) -> ExitCode:
    """What `fiverounds run` returns for this log."""
    if not log.plan:
        return ExitCode.NOTHING_SELECTED
    if log.status is not RunStatus.FINISHED:
        return ExitCode.INTERRUPTED
    return {
        GateState.UNDECIDED: ExitCode.ERRORS,
        GateState.BROKEN: ExitCode.GATE_BROKEN,
    }.get(outcome.state, ExitCode.OK)


def _without_gate(passed: int, failed: Sequence[str], left_out: str) -> GateOutcome:
    if failed:
        sentence = f"{len(failed)} of {passed + len(failed)} trials failed: {_named(failed)}"
        return GateOutcome(GateState.BROKEN, sentence)
    if not passed:
        return GateOutcome(GateState.HELD, f"no trial failed, but none was judged either{left_out}")
    return GateOutcome(GateState.HELD, f"no trial failed: {passed} passed{left_out}")


def _undecided(errors: Sequence[str], not_run: Sequence[str], *, of_all: bool) -> str:
    parts = []
    if errors:
        parts.append(f"{len(errors)} ended in error: {_named(errors)}")
    if not_run:
        parts.append(f"{len(not_run)} not run: {_named(not_run)}")
    scope = "undecided: of all trials" if of_all else "gate undecided: of the trials in its scope"
    return f"{scope}, {'; '.join(parts)}"


def _in_scope(gate: Gate | None, trial_id: str) -> bool:
    if gate is None:
        return True
    provider, round_id, *_ = trial_id.split("/")
    return (gate.providers is None or provider in gate.providers) and (
        gate.rounds is None or round_id in gate.rounds
    )


def _ids(results: Sequence[TrialResult], verdict: Verdict) -> list[str]:
    return [result.trial_id for result in results if result.verdict is verdict]


def _named(trial_ids: Sequence[str]) -> str:
    more = len(trial_ids) - _MOST_NAMED
    return ", ".join(trial_ids[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
