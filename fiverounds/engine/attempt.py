"""One attempt: ask the provider, put the answer into the workspace, judge it, keep everything."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fiverounds.answers import NoAnswer, extract
from fiverounds.engine.judge import Courtroom, judge
from fiverounds.engine.keep import Keeper, changed_files
from fiverounds.errors import FiveroundsError, SandboxError
from fiverounds.limits import Deadline
from fiverounds.plan.trial import Trial
from fiverounds.providers.base import Message, Provider, Reply, Task
from fiverounds.results import AssertionResult, Attempt, StopReason, Timing, Verdict
from fiverounds.sandbox.workspace import write_files
from fiverounds.spec.models import OutputWorkspace

_GRACE_SECONDS = 5.0
_IN_THE_WAY = (FileExistsError, IsADirectoryError, NotADirectoryError)
_STOPPED = {
    StopReason.TIMED_OUT: "timed out",
    StopReason.CONTEXT_FULL: "the context was full",
    StopReason.REFUSED: "refused",
    StopReason.CRASHED: "the provider's program failed",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """An attempt's outcome, and the reply that the next turn of the conversation follows."""

    attempt: Attempt
    reply_text: str


@dataclass(frozen=True, slots=True)
class Asking:
    """Everything one attempt needs."""

    trial: Trial
    number: int
    messages: tuple[Message, ...]
    workspace: Path
    scratch: Path
    provider: Provider
    room: Courtroom
    keeper: Keeper
    on_phase: Callable[[str], None]


async def attempt(asking: Asking) -> Asked:
    """Never raises for what the subject did; provider trouble becomes the verdict `error`.

    Raises:
        NotOffered: the provider has nothing for this round (the caller skips the trial).
    """
    asking.keeper.prompt(asking.messages[-1].content)
    began = time.monotonic()
    try:
        asking.on_phase("asking")
        reply = await _ask(asking)
    except FiveroundsError as error:
        seconds = round(time.monotonic() - began, 3)
        broken = Attempt(
            number=asking.number,
            verdict=Verdict.ERROR,
            reason=error.told,
            timing=Timing(provider_seconds=seconds),
        )
        asking.keeper.finish(broken)
        return Asked(broken, "")
    except TimeoutError:
        reply = Reply(
            StopReason.TIMED_OUT,
            detail=f"no answer within {asking.trial.limits.attempt_seconds:g} s",
        )
    provider_seconds = time.monotonic() - began
    asking.keeper.reply(reply.text, reply.reasoning, reply.raw)
    problem, files = _place(asking, reply)
    judged = time.monotonic()
    results: tuple[AssertionResult, ...] = ()
    if not problem:
        evidence = asking.scratch / "evidence"
        results = await judge(
            asking.trial,
            asking.workspace,
            asking.scratch / "judge",
            evidence,
            asking.room,
            asking.on_phase,
        )
        asking.keeper.evidence(evidence)
    timing = reply.timing.model_copy(
        update={
            "provider_seconds": round(provider_seconds, 3),
            "assertion_seconds": round(time.monotonic() - judged, 3),
        }
    )
    verdict, reason = (Verdict.FAILED, f"no answer: {problem}") if problem else overall(results)
    finished = Attempt(
        number=asking.number,
        verdict=verdict,
        reason=reason,
        stop=reply.stop,
        usage=reply.usage,
        timing=timing,
        files=files,
        assertions=results,
    )
    asking.keeper.finish(finished)
    return Asked(finished, reply.text or "")


def overall(results: tuple[AssertionResult, ...]) -> tuple[Verdict, str]:
    """The verdict over all assertions, with the first reason. One broken assertion makes the whole an `error`."""
    for verdict in (Verdict.ERROR, Verdict.FAILED):
        for result in results:
            if result.verdict is verdict:
                reason = result.reasons[0] if result.reasons else result.summary
                return verdict, reason if len(results) == 1 else f"{result.assertion_id}: {reason}"
    return Verdict.PASSED, ""


async def _ask(asking: Asking) -> Reply:
    limits = asking.trial.limits
    task = Task(
        trial_id=asking.trial.trial_id,
        round=asking.trial.round.id,
        prompt=asking.trial.prompt,
        repeat=asking.trial.repeat,
        attempt=asking.number,
        messages=asking.messages,
        workspace=asking.workspace,
        edits_workspace=isinstance(asking.trial.round.output, OutputWorkspace),
        deadline=Deadline.after(limits.attempt_seconds),
        limits=limits,
        sandbox=asking.room.sandbox,
    )
    async with asking.room.quiet.shared(), asyncio.timeout(limits.attempt_seconds + _GRACE_SECONDS):
        return await asking.provider.attempt(task)


def _place(asking: Asking, reply: Reply) -> tuple[str, tuple[str, ...]]:
    """Put the answer into the workspace: (what is wrong with it, or empty text; the files it brought)."""
    detail = f": {reply.detail}" if reply.detail else ""
    if reply.files is not None:
        files = dict(reply.files)
    elif isinstance(asking.trial.round.output, OutputWorkspace):
        if reply.stop in _STOPPED:
            return f"{_STOPPED[reply.stop]}{detail}", ()
        starting = asking.trial.round.workspace
        before = asking.room.bench_root / starting if starting else None
        files = changed_files(before, asking.workspace, asking.scratch)
        asking.keeper.files(files)
        return "", tuple(sorted(files))
    else:
        if reply.stop in _STOPPED and not reply.text:
            return f"{_STOPPED[reply.stop]}{detail}", ()
        answer = extract(reply.text or "", asking.trial.round.output, reply.stop, reply.reasoning)
        if isinstance(answer, NoAnswer):
            return answer.reason, ()
        files = dict(answer.files)
    try:
        names = write_files(asking.workspace, files)
    except SandboxError as error:
        # A file where the starting files have a folder is the answer's doing, a full disk is ours.
        if isinstance(error.__cause__, _IN_THE_WAY):
            return error.message, ()
        raise
    asking.keeper.files(files)
    return "", names
