"""One trial: attempts as the policy asks, in one conversation, each on a workspace of its own."""

from __future__ import annotations

import shutil
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from fiverounds.engine.attempt import Asked, Asking, attempt
from fiverounds.engine.judge import Courtroom
from fiverounds.engine.keep import Keeper
from fiverounds.engine.policy import another
from fiverounds.engine.prompting import render
from fiverounds.environment import utc_now
from fiverounds.errors import FiveroundsError
from fiverounds.plan.trial import Trial
from fiverounds.providers.base import Message, Provider
from fiverounds.providers.offered import NotOffered
from fiverounds.results import Attempt, TrialResult, Verdict
from fiverounds.sandbox.workspace import IGNORED_FOLDERS, copy_clean
from fiverounds.store.writer import RunWriter


@dataclass(frozen=True, slots=True)
class Carried:
    """What a later round continues from."""

    messages: tuple[Message, ...]
    workspace: Path
    attempt: Attempt


@dataclass(frozen=True, slots=True)
class Finished:
    """A result, and what may be carried on (None when there is nothing to continue)."""

    result: TrialResult
    carried: Carried | None


@dataclass(frozen=True, slots=True)
class Bound:
    """A trial with everything it needs to run."""

    trial: Trial
    provider: Provider
    earlier: Carried | None
    folder: Path
    """Private temporary folder of the trial."""
    room: Courtroom
    writer: RunWriter
    on_phase: Callable[[str], None]


async def run_trial(bound: Bound) -> Finished:
    """Run to a verdict.

    The one catch-all around a trial: what we did not foresee becomes `error`, its traceback in the log.
    """
    began, started_at = time.monotonic(), utc_now().isoformat(timespec="seconds")
    attempts: list[Attempt] = []
    carried: Carried | None = None
    bound.writer.begin_trial(bound.trial.trial_id)
    verdict: Verdict | None = None
    reason = ""
    try:
        carried = await _attempts(bound, attempts)
    except NotOffered as absent:
        # A further attempt that nobody recorded takes nothing back of those that were judged.
        if not attempts:
            verdict, reason = Verdict.SKIPPED, absent.unavailable.reason
    except FiveroundsError as error:
        verdict, reason = Verdict.ERROR, error.told
    except Exception as error:
        verdict, reason = Verdict.ERROR, f"internal error: {type(error).__name__}: {error}"
        keeper = Keeper(bound.writer, bound.trial.trial_id, len(attempts) + 1)
        keeper.internal_error(traceback.format_exc())
    return Finished(
        _result(bound.trial, attempts, verdict, reason, started_at, time.monotonic() - began),
        carried,
    )


def skipped(trial: Trial, reason: str, verdict: Verdict = Verdict.SKIPPED) -> TrialResult:
    """The result of a trial that was not run."""
    return _result(trial, (), verdict, reason, utc_now().isoformat(timespec="seconds"), 0.0)


async def _attempts(bound: Bound, attempts: list[Attempt]) -> Carried:
    trial = bound.trial
    messages = bound.earlier.messages if bound.earlier else _opening(trial)
    previous = bound.earlier.attempt if bound.earlier else None
    source = bound.earlier.workspace if bound.earlier else None
    template = trial.template
    while True:
        number = len(attempts) + 1
        messages = (*messages, Message("user", render(template, trial, number, previous)))
        workspace = _workspace(bound, number, source)
        asked = await attempt(_asking(bound, number, messages, workspace))
        attempts.append(asked.attempt)
        messages = (*messages, Message("assistant", _remembered(asked)))
        if not another(trial.round.iterate, attempts):
            return Carried(messages, workspace, asked.attempt)
        previous, source, template = asked.attempt, workspace, trial.feedback_template


def _opening(trial: Trial) -> tuple[Message, ...]:
    return (Message("system", trial.provider.system),) if trial.provider.system else ()


def _remembered(asked: Asked) -> str:
    """What stands in the conversation for an answer that was no chat text."""
    if asked.reply_text:
        return asked.reply_text
    return (
        "Files written: " + ", ".join(asked.attempt.files) if asked.attempt.files else "(no answer)"
    )


def _asking(bound: Bound, number: int, messages: tuple[Message, ...], workspace: Path) -> Asking:
    scratch = bound.folder / f"attempt-{number}"
    scratch.mkdir(parents=True, exist_ok=True)
    return Asking(
        trial=bound.trial,
        number=number,
        messages=messages,
        workspace=workspace,
        scratch=scratch,
        provider=bound.provider,
        room=bound.room,
        keeper=Keeper(bound.writer, bound.trial.trial_id, number),
        on_phase=bound.on_phase,
    )


def _workspace(bound: Bound, number: int, source: Path | None) -> Path:
    folder = bound.folder / f"workspace-{number}"
    starting = bound.trial.round.workspace
    if source is not None:
        copy_clean(source, folder)
    elif starting is not None:
        # The bench's own files: trusted, so links in them are its author's business.
        shutil.copytree(
            bound.room.bench_root / starting,
            folder,
            ignore=shutil.ignore_patterns(*IGNORED_FOLDERS),
        )
    else:
        folder.mkdir(parents=True)
    return folder


def _result(
    trial: Trial,
    attempts: Sequence[Attempt],
    verdict: Verdict | None,
    reason: str,
    started_at: str,
    seconds: float,
) -> TrialResult:
    last = attempts[-1] if attempts else None
    final = verdict or (last.verdict if last else Verdict.ERROR)
    return TrialResult(
        trial_id=trial.trial_id,
        key=trial.key,
        provider=trial.provider.id,
        round=trial.round.id,
        prompt=trial.prompt,
        repeat=trial.repeat,
        verdict=final,
        reason=reason or (last.reason if last else ""),
        score=_score(last, final),
        attempts=tuple(attempts),
        started_at=started_at,
        wall_clock_seconds=round(seconds, 3),
    )


def _score(last: Attempt | None, verdict: Verdict) -> float | None:
    """Mean over the assertions of the last attempt; 0 for no answer; None when it says nothing about the subject."""
    if last is None or verdict in (Verdict.ERROR, Verdict.SKIPPED):
        return None
    scores = [result.score or 0.0 for result in last.assertions]
    return sum(scores) / len(scores) if scores else 0.0
