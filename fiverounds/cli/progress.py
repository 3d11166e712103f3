"""Live progress: a moving table on a terminal, one plain line a trial elsewhere."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, TextIO

from fiverounds.engine.events import (
    Event,
    Listener,
    RunFinished,
    RunStarted,
    TrialFinished,
    TrialPhase,
    TrialStarted,
)
from fiverounds.results import TrialResult, Verdict
from fiverounds.store.redact import clean_terminal

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_SYMBOLS = {Verdict.PASSED: "✔", Verdict.FAILED: "✘", Verdict.ERROR: "!", Verdict.SKIPPED: "–"}
_ASCII = {Verdict.PASSED: "+", Verdict.FAILED: "x", Verdict.ERROR: "!", Verdict.SKIPPED: "-"}
_COLOURS = {
    Verdict.PASSED: "green",
    Verdict.FAILED: "red",
    Verdict.ERROR: "yellow",
    Verdict.SKIPPED: "dim",
}


def listener(stream: TextIO, quiet: bool) -> Listener:
    """What suits the stream. Progress goes to stderr, so that stdout holds the report alone."""
    if quiet:
        return Silent()
    return LiveProgress(stream) if stream.isatty() else PlainProgress(stream)


def result_text(result: TrialResult) -> str:
    """`failed  51/58  lisp: …` without anything that drives a terminal."""
    last = result.attempts[-1] if result.attempts else None
    scores = " · ".join(assertion.summary for assertion in last.assertions) if last else ""
    reason = "" if result.verdict is Verdict.PASSED else result.reason
    text = "  ".join(part for part in (result.verdict.value, scores, reason) if part)
    return " ".join(clean_terminal(text).split())


class Silent:
    """Says nothing."""

    def on_event(self, event: Event) -> None:
        """Nothing."""


class PlainProgress:
    """One line for each finished trial."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._total = 0
        self._done = 0
        self._width = 0
        utf8 = (stream.encoding or "").lower().replace("-", "") == "utf8"
        self._symbols = _SYMBOLS if utf8 else _ASCII

    def on_event(self, event: Event) -> None:
        """Print."""
        if isinstance(event, RunStarted):
            self._total = len(event.plan.trials)
            self._width = max(len(trial.trial_id) for trial in event.plan.trials)
            self._print(f"run {event.run_id}: {self._total} trials, sandbox: {event.sandbox}")
        elif isinstance(event, TrialFinished):
            self._done += 1
            result = event.result
            self._print(
                f"[{self._done:>{len(str(self._total))}}/{self._total}] {self._symbols[result.verdict]} "
                f"{result.trial_id:<{self._width}} {result.wall_clock_seconds:>7.1f} s  {result_text(result)[:160]}"
            )
        elif isinstance(event, RunFinished) and event.interrupted:
            self._print(
                f"interrupted after {self._done} of {self._total} trials; what is finished is in the log"
            )

    def _print(self, line: str) -> None:
        encoding = self._stream.encoding or "ascii"
        print(line.encode(encoding, "replace").decode(encoding), file=self._stream, flush=True)


class LiveProgress:
    """A bar with the time left, the trials under way, and a coloured line for each finished one."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._progress: Progress | None = None
        self._bar: TaskID | None = None
        self._running: dict[str, TaskID] = {}
        self._began = time.monotonic()

    def on_event(self, event: Event) -> None:
        """Draw."""
        match event:
            case RunStarted():
                self._start(event)
            case TrialStarted(trial=trial) if self._progress:
                self._running[trial.trial_id] = self._progress.add_task(
                    f"  {trial.trial_id}", total=None
                )
            case TrialPhase(trial=trial, phase=phase) if (
                self._progress and trial.trial_id in self._running
            ):
                self._progress.update(
                    self._running[trial.trial_id], description=f"  {trial.trial_id}: {phase}"
                )
            case TrialFinished():
                self._finish(event)
            case RunFinished() if self._progress:
                self._progress.stop()
            case _:
                pass

    def _start(self, event: RunStarted) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
        )

        console = Console(file=self._stream, highlight=False)
        console.print(
            f"[bold]{event.run_id}[/bold]  {len(event.plan.trials)} trials  sandbox: {event.sandbox}"
        )
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        self._progress = Progress(*columns, console=console, transient=True)
        self._progress.start()
        self._bar = self._progress.add_task("trials", total=len(event.plan.trials))

    def _finish(self, event: TrialFinished) -> None:
        if self._progress is None or self._bar is None:
            return
        from rich.text import Text

        task = self._running.pop(event.trial.trial_id, None)
        if task is not None:
            self._progress.remove_task(task)
        verdict = event.result.verdict
        line = Text(f"{_SYMBOLS[verdict]} ", style=_COLOURS[verdict])
        line.append(f"{event.trial.trial_id}  ", style="bold")
        line.append(f"{event.result.wall_clock_seconds:.1f} s  {result_text(event.result)[:200]}")
        self._progress.console.print(line)
        self._progress.advance(self._bar)


def stderr_listener(quiet: bool) -> Listener:
    """The listener for this process."""
    return listener(sys.stderr, quiet)
