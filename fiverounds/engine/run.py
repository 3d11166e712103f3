"""A plan → a log: providers opened, trials started in order, results journaled, everything stopped at the end."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fiverounds.assertions.base import Services
from fiverounds.engine.events import (
    Event,
    Listener,
    RunFinished,
    RunStarted,
    TrialFinished,
    TrialPhase,
    TrialStarted,
)
from fiverounds.engine.judge import Courtroom
from fiverounds.engine.quiet import QuietMachine
from fiverounds.engine.trial import Bound, Carried, Finished, run_trial, skipped
from fiverounds.errors import FiveroundsError, SandboxError
from fiverounds.plan.trial import Plan, Trial
from fiverounds.providers import create
from fiverounds.providers.base import Provider, Unavailable
from fiverounds.results import TrialResult, Verdict
from fiverounds.sandbox.bubblewrap import Bubblewrap
from fiverounds.sandbox.choose import choose
from fiverounds.sandbox.unconfined import Unconfined
from fiverounds.sandbox.workspace import remove
from fiverounds.spec.bench import Bench
from fiverounds.store.header import Fact
from fiverounds.store.writer import RunWriter

_CHECK_SECONDS = 15.0


@dataclass
class _Run:
    """The state of a run: only the engine's loop changes it."""

    bench: Bench
    plan: Plan
    writer: RunWriter
    listeners: Sequence[Listener]
    environment: Mapping[str, str]
    folder: Path
    services: Services = field(default_factory=Services)
    quiet: QuietMachine = field(default_factory=QuietMachine)
    sandboxes: dict[str, Bubblewrap | Unconfined] = field(default_factory=dict)
    providers: dict[str, Provider] = field(default_factory=dict)
    unavailable: dict[str, Unavailable] = field(default_factory=dict)
    done: dict[str, asyncio.Future[Finished]] = field(default_factory=dict)
    continued: Counter[str] = field(default_factory=Counter)

    def tell(self, event: Event) -> None:
        for listener in self.listeners:
            listener.on_event(event)


async def run(
    bench: Bench,
    plan: Plan,
    writer: RunWriter,
    *,
    environment: Mapping[str, str],
    listeners: Sequence[Listener] = (),
    jobs: int = 1,
) -> tuple[TrialResult, ...]:
    """Run every trial of the plan, `jobs` at a time; results in the order they finished.

    Raises:
        SetupError: the sandbox asked for cannot be had.
    """
    folder = Path(tempfile.mkdtemp(prefix="fiverounds-run-"))
    folder.chmod(0o755)
    state = _Run(bench, plan, writer, listeners, environment, folder)
    interrupted = True
    try:
        for trial in plan.trials:
            if trial.sandbox not in state.sandboxes:
                state.sandboxes[trial.sandbox] = choose(trial.sandbox)
            if trial.after:
                state.continued[trial.after] += 1
        names = ", ".join(sorted({sandbox.name for sandbox in state.sandboxes.values()}))
        state.tell(RunStarted(writer.run_id, plan, names))
        await _open_providers(state)
        results = await _all_trials(state, jobs)
        interrupted = False
        return results
    except BaseExceptionGroup as group:
        # A full disk ends all workers; the user is owed its message, not that of the group.
        for error in group.exceptions:
            if isinstance(error, FiveroundsError):
                raise error from group
        raise
    finally:
        try:
            await _close(state)
        finally:
            state.tell(RunFinished(interrupted))


async def _open_providers(state: _Run) -> None:
    """Everything that can fail for free fails now, all at once, before anything is asked."""
    specs = {trial.provider.id: trial.provider for trial in state.plan.trials}
    for name, spec in specs.items():
        state.providers[name] = create(
            spec, bench_root=state.bench.root, environment=state.environment
        )

    async def check(name: str) -> None:
        try:
            async with asyncio.timeout(_CHECK_SECONDS):
                unavailable = await state.providers[name].check()
        except TimeoutError:
            unavailable = Unavailable(
                f"no sign of life within {_CHECK_SECONDS:g} s", "see whether it is running"
            )
        if unavailable is not None:
            state.unavailable[name] = unavailable
            mend = specs[name].mend or unavailable.mend
            state.writer.record_fact(Fact(about=f"provider:{name}", name="mend", value=mend))

    await asyncio.gather(*(check(name) for name in specs))


async def _all_trials(state: _Run, jobs: int) -> tuple[TrialResult, ...]:
    queue: asyncio.Queue[Trial] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    for trial in state.plan.trials:
        state.done[trial.trial_id] = loop.create_future()
        queue.put_nowait(trial)
    results: list[TrialResult] = []

    async def worker() -> None:
        while not queue.empty():
            trial = queue.get_nowait()
            state.tell(TrialStarted(trial))
            finished = await _one(state, trial)
            state.writer.record_trial(finished.result)
            results.append(finished.result)
            state.done[trial.trial_id].set_result(finished)
            state.tell(TrialFinished(trial, finished.result))
            _tidy(state, trial, finished)

    async with asyncio.TaskGroup() as group:
        for _ in range(max(1, jobs)):
            group.create_task(worker())
    return tuple(results)


async def _one(state: _Run, trial: Trial) -> Finished:
    """One trial, or the reason why it is not run."""
    unavailable = state.unavailable.get(trial.provider.id)
    if unavailable is not None:
        verdict = Verdict.SKIPPED if trial.provider.optional else Verdict.ERROR
        return Finished(skipped(trial, unavailable.reason, verdict), None)
    if trial.unsuited:
        return Finished(skipped(trial, trial.unsuited), None)
    earlier: Carried | None = None
    if trial.after is not None:
        before = await state.done[trial.after]
        earlier = before.carried
        if earlier is None or before.result.verdict in (Verdict.ERROR, Verdict.SKIPPED):
            return Finished(
                skipped(
                    trial, f"{before.result.round}, which it continues, was {before.result.verdict}"
                ),
                None,
            )
    return await run_trial(
        Bound(
            trial=trial,
            provider=state.providers[trial.provider.id],
            earlier=earlier,
            folder=state.folder / trial.trial_id,
            room=Courtroom(
                state.bench.root, state.sandboxes[trial.sandbox], state.services, state.quiet
            ),
            writer=state.writer,
            on_phase=lambda phase: state.tell(TrialPhase(trial, phase)),
        )
    )


def _tidy(state: _Run, trial: Trial, finished: Finished) -> None:
    """Remove a trial's folder once nobody can continue it any more, so that disk use stays flat."""
    if not state.continued[trial.trial_id]:
        _drop(state, trial.trial_id)
    if trial.after:
        state.continued[trial.after] -= 1
        if not state.continued[trial.after]:
            _drop(state, trial.after)


def _drop(state: _Run, trial_id: str) -> None:
    folder = state.folder / trial_id
    if folder.exists():
        with contextlib.suppress(SandboxError):  # tried once more at the end of the run
            remove(folder)


async def _close(state: _Run) -> None:
    await asyncio.gather(
        *(provider.close() for provider in state.providers.values()), return_exceptions=True
    )
    await state.services.close()
    for sandbox in state.sandboxes.values():
        sandbox.close()
    remove(state.folder)
