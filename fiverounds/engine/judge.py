"""One attempt's files → assertion results. Each assertion gets a clean copy of its own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fiverounds.assertions import create
from fiverounds.assertions.base import Context, Services
from fiverounds.engine.quiet import QuietMachine
from fiverounds.errors import AssertionBroken, SandboxError, SetupError
from fiverounds.limits import Deadline
from fiverounds.plan.trial import Trial
from fiverounds.results import AssertionResult, Verdict
from fiverounds.sandbox.base import Sandbox
from fiverounds.sandbox.workspace import copy_clean, remove
from fiverounds.spec.models import AssertionSpec
from fiverounds.toolchains import create as create_toolchain

_GRACE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Courtroom:
    """What judging needs besides the trial."""

    bench_root: Path
    sandbox: Sandbox
    services: Services
    quiet: QuietMachine


def assertion_ids(specs: tuple[AssertionSpec, ...]) -> tuple[str, ...]:
    """An id for each: its own, else its type, numbered when a round has several of one type."""
    ids: list[str] = []
    for spec in specs:
        name, number = spec.id or spec.type, 2
        while name in ids:
            name, number = f"{spec.type}-{number}", number + 1
        ids.append(name)
    return tuple(ids)


async def judge(
    trial: Trial,
    workspace: Path,
    scratch: Path,
    evidence: Path,
    room: Courtroom,
    on_phase: Callable[[str], None],
) -> tuple[AssertionResult, ...]:
    """Run every assertion of the round, one after the other, whatever the earlier ones said."""
    results = []
    specs = trial.round.assertions
    for toolchain in trial.round.toolchain:
        on_phase(f"preparing {toolchain}")
        # Outside every time limit: the first build on a machine fills a cache, which is not the subject's doing.
        try:
            await create_toolchain(toolchain).prepare(room.sandbox)
        except (SandboxError, SetupError) as error:
            return tuple(
                _broken(spec.type, name, error.told)
                for spec, name in zip(specs, assertion_ids(specs), strict=True)
            )
    for spec, name in zip(specs, assertion_ids(specs), strict=True):
        on_phase(name)
        folder = scratch / name
        copied = copy_clean(workspace, folder / "workspace")
        (folder / "scratch").mkdir(parents=True)
        (evidence / name).mkdir(parents=True, exist_ok=True)
        context = Context(
            trial_id=trial.trial_id,
            assertion_id=name,
            bench_root=room.bench_root,
            workspace=folder / "workspace",
            starting_files=room.bench_root / trial.round.workspace
            if trial.round.workspace
            else None,
            evidence=evidence / name,
            evidence_base=evidence.parent,
            scratch=folder / "scratch",
            limits=trial.limits,
            deadline=Deadline.after(trial.limits.assertion_seconds),
            sandbox=room.sandbox,
            services=room.services,
            toolchains=trial.round.toolchain,
        )
        result = await _one(spec, context, room.quiet)
        if copied.refused:
            note = f"left out of the workspace: {', '.join(copied.refused[:5])}"
            result = result.model_copy(update={"reasons": (*result.reasons, note)})
        results.append(result)
        remove(folder)
    return tuple(results)


async def _one(spec: AssertionSpec, context: Context, quiet: QuietMachine) -> AssertionResult:
    began = time.monotonic()
    try:
        assertion = create(spec)
        async with quiet.exclusive() if assertion.exclusive else quiet.shared():
            async with asyncio.timeout(context.limits.assertion_seconds + _GRACE_SECONDS):
                result = await assertion.run(context)
    except (AssertionBroken, SandboxError, SetupError) as error:
        result = _broken(spec.type, context.assertion_id, error.told)
    except TimeoutError:
        result = _broken(spec.type, context.assertion_id, "the assertion did not end in time")
    return result.model_copy(update={"duration_seconds": round(time.monotonic() - began, 3)})


def _broken(kind: str, assertion_id: str, reason: str) -> AssertionResult:
    return AssertionResult(
        assertion_id=assertion_id,
        type=kind,
        verdict=Verdict.ERROR,
        reasons=(reason,),
        summary="error",
    )
