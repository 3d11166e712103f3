"""Runs of small benches inside this process, with providers written for the test."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from fiverounds.engine import run as run_module
from fiverounds.engine.events import Event
from fiverounds.plan.expand import expand
from fiverounds.providers.base import Provider, Reply, Task, Unavailable
from fiverounds.results import StopReason, TrialResult
from fiverounds.spec.load import load
from fiverounds.spec.models import ProviderSpec
from fiverounds.store.header import BenchInfo, RunHeader
from fiverounds.store.redact import Redactor
from fiverounds.store.writer import RunWriter

Answer = Callable[[Task], Reply]

BENCH = """\
fiverounds: 1
name: tiny
defaults: {limits: {attempt: 5s, assertion: 20s}}
providers:
  - {id: asked, kind: chat, base_url: "http://127.0.0.1:9/v1", model: m}
prompts:
  first: {text: "Write answer.sh"}
  again: {text: "{{ previous.verdict }}: {{ previous.assertions[0].failures[0] }}"}
rounds:
  - id: one
    prompt: first
    output: {file: answer.sh}
    assert: [{type: script, run: [sh, answer.sh]}]
  - id: two
    after: one
    prompt: again
    output: {file: answer.sh}
    assert: [{type: script, run: [sh, answer.sh]}]
"""


class Scripted:
    """A provider whose answers a test writes."""

    def __init__(self, answer: Answer, unavailable: Unavailable | None = None) -> None:
        self.answer = answer
        self.unavailable = unavailable
        self.tasks: list[Task] = []
        self.closed = 0

    async def check(self) -> Unavailable | None:
        return self.unavailable

    async def attempt(self, task: Task) -> Reply:
        self.tasks.append(task)
        return self.answer(task)

    async def close(self) -> None:
        self.closed += 1


class Heard:
    """A listener that remembers."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def on_event(self, event: Event) -> None:
        self.events.append(event)


def chat(code: str) -> Reply:
    """A reply with one block."""
    return Reply(StopReason.FINISHED, text=f"```sh\n{code}\n```\n")


def run_bench(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    provider: Scripted,
    text: str = BENCH,
    *,
    jobs: int = 1,
) -> tuple[Sequence[TrialResult], Heard, Path]:
    """Results in the order they finished, what was told, and the log's folder."""
    file = folder / "bench.yaml"
    file.write_text(text)
    bench = load(file, {})

    def create(spec: ProviderSpec, *, bench_root: Path, environment: Mapping[str, str]) -> Provider:
        return provider

    monkeypatch.setattr(run_module, "create", create)
    plan = expand(bench, lambda path: "")
    header = RunHeader(
        run_id="20261123-150405-tiny",
        bench=BenchInfo(name="tiny", file="bench.yaml", digest=bench.digest),
        fiverounds_version="0",
        started_at="2026-11-23T15:04:05+00:00",
        python="3",
        platform="test",
        sandbox="auto",
    )
    heard = Heard()
    entries = [trial.describe() for trial in plan.trials]
    with RunWriter.create(folder / "_logs", header, entries, Redactor()) as writer:
        results = asyncio.run(
            run_module.run(bench, plan, writer, environment={}, listeners=(heard,), jobs=jobs)
        )
        return results, heard, writer.layout.folder
