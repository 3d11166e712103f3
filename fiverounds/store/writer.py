"""The only way into a log. Everything written passes the redactor here, and nowhere else.

Order on disk: header, plan, then for each trial its files, its journal line (durable: from here on
the trial is final) and its line in SCORES.txt. Killed at any byte, `resume` goes on from there.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pydantic import ValidationError

from fiverounds.errors import StoreError
from fiverounds.results import TrialResult
from fiverounds.store import journal
from fiverounds.store.files import (
    append_whole,
    clean_name,
    copy_redacted,
    disk_errors,
    inside,
    json_text,
    plain_files,
    sync_tree,
    write_atomic,
)
from fiverounds.store.header import Fact, RunFooter, RunHeader
from fiverounds.store.layout import SCORES, RunLayout, claim
from fiverounds.store.reader import read_header, read_run
from fiverounds.store.redact import Redactor
from fiverounds.store.scores import score_line

_IDENTITY = frozenset({"trial_id", "key", "provider", "round", "prompt", "after"})
"""Values that come from the bench file and by which a trial is found again."""


class RunWriter:
    """One run being written. Not for several threads; one process per run (a lock sees to it)."""

    def __init__(self, layout: RunLayout, redactor: Redactor) -> None:
        """For `create` and `resume`."""
        self.layout = layout
        self._redactor = redactor
        self._journal = journal.Journal(layout.journal)

    @classmethod
    def create(
        cls,
        logs: Path,
        header: RunHeader,
        plan: Sequence[Mapping[str, Any]],
        redactor: Redactor,
    ) -> Self:
        """Start a log below `logs`: folder, then run.json, then plan.json.

        `header.run_id` is a wish (`run_id_for`); `writer.run_id` is the name it got.
        Each entry of the plan needs a `trial_id`.
        """
        layout = claim(logs, header.run_id)
        named = header.model_copy(update={"run_id": layout.run_id})
        keep = frozenset({"run_id"})
        _write_json(layout.header, redactor.record(named.model_dump(mode="json"), keep))
        _write_json(layout.plan, [redactor.record(entry, _IDENTITY) for entry in plan])
        return cls(layout, redactor)

    @classmethod
    def resume(cls, folder: Path, redactor: Redactor) -> Self:
        """Go on with a log that was left unfinished; what to do is `read_run(folder).unfinished`.

        Raises StoreError when it cannot be read or another process is writing it.
        """
        layout = RunLayout(folder)
        read_header(layout)  # before the lock, which would put a journal into any folder
        writer = cls(layout, redactor)
        try:
            writer._add_missing_scores(read_run(folder).results)
        except BaseException:
            writer.close()
            raise
        return writer

    @property
    def run_id(self) -> str:
        """The name of the run and of its folder."""
        return self.layout.run_id

    def begin_trial(self, trial_id: str) -> None:
        """Remove what a killed run left of this trial."""
        folder = self.layout.trial(trial_id)
        with disk_errors(folder):
            if folder.exists():
                shutil.rmtree(folder)

    def attempt_folder(self, trial_id: str, number: int) -> Path:
        """The folder of an attempt, made if need be.

        For reading and linking. To put something there use the functions below: they redact.
        """
        folder = self.layout.attempt(trial_id, number)
        with disk_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
        return folder

    def write_bytes(self, trial_id: str, number: int, name: str, data: bytes) -> str:
        """Keep a file of an attempt; returns its name as results should give it.

        `name` is relative, POSIX. Raises StoreError when it leads out of the attempt's folder.
        """
        folder = self.attempt_folder(trial_id, number)
        kept = self._redactor.text(clean_name(name))
        path = inside(folder, kept)
        with disk_errors(path):
            path.write_bytes(self._redactor.data(data))
        return kept

    def write_text(self, trial_id: str, number: int, name: str, text: str) -> str:
        """The same for text, as UTF-8."""
        return self.write_bytes(trial_id, number, name, self._redactor.text(text).encode())

    def write_json(self, trial_id: str, number: int, name: str, value: Any) -> str:
        """The same for JSON-like data (raw usage, transcripts), redacted string by string."""
        text = json_text(self._redactor.tree(value), indent=2) + "\n"
        return self.write_bytes(trial_id, number, name, text.encode())

    def keep_tree(
        self, trial_id: str, number: int, source: Path, name: str = "evidence"
    ) -> tuple[str, ...]:
        """Copy the regular files below `source` into `name/` of an attempt; returns their names.

        With an empty `name` they go right into the attempt's folder. Links and special files are
        left out, never followed. Holds little in memory.
        """
        folder = self.attempt_folder(trial_id, number)
        kept: list[str] = []
        with disk_errors(source):
            for path in plain_files(source):
                relative = clean_name(path.relative_to(source).as_posix())
                kept.append(self._redactor.text(f"{name}/{relative}" if name else relative))
                copy_redacted(path, inside(folder, kept[-1]), self._redactor)
        return tuple(kept)

    def record_trial(self, result: TrialResult) -> None:
        """A trial is final: make its files durable, then its line, then tell SCORES.txt."""
        folder = self.layout.trial(result.trial_id)
        redacted = self._redactor.record(result.model_dump(), _IDENTITY)
        final = _readable(redacted)
        with disk_errors(folder):
            sync_tree(folder)
        self._journal.append(journal.TRIAL, redacted)
        self._append_score(final)

    def record_fact(self, fact: Fact) -> None:
        """Something about the host or a provider that the header could not know yet."""
        self._journal.append(journal.FACT, self._redactor.record(fact.model_dump()))

    def finish(self, footer: RunFooter) -> None:
        """No further trial starts. A later `resume` and its trials open the run again."""
        self._journal.append(journal.END, footer.model_dump(mode="json"))

    def close(self) -> None:
        """Let go of the journal."""
        self._journal.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _append_score(self, result: TrialResult) -> None:
        path = self.layout.folder.parent / SCORES
        with disk_errors(path):
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
            try:
                append_whole(descriptor, score_line(self.run_id, result).encode())
            finally:
                os.close(descriptor)

    def _add_missing_scores(self, results: Sequence[TrialResult]) -> None:
        """A kill between the journal and SCORES.txt leaves a trial without its line there."""
        path = self.layout.folder.parent / SCORES
        there: set[str] = set()
        if path.exists():
            with disk_errors(path), path.open(encoding="utf-8", errors="replace") as file:
                there = {_scored(line, self.run_id) for line in file}
        for result in results:
            if result.trial_id not in there:
                self._append_score(result)


def _scored(line: str, run_id: str) -> str:
    """The trial id a line of SCORES.txt speaks of; empty when it is of another run."""
    cells = re.split(r"\s{2,}", line.strip())
    match cells:
        case [_, run, provider, round_id, *_, prompt_and_repeat] if run == run_id:
            return f"{provider}/{round_id}/{prompt_and_repeat}"
    return ""


def _readable(redacted: Any) -> TrialResult:
    """What the reader will see. Raises StoreError rather than write a line nobody can read."""
    try:
        return TrialResult.model_validate_json(json_text(redacted))
    except ValidationError as error:
        where = ", ".join(".".join(map(str, part["loc"])) for part in error.errors()[:3])
        raise StoreError(f"this result cannot be written to the log: {where}") from None


def _write_json(path: Path, value: Any) -> None:
    write_atomic(path, (json_text(value, indent=2) + "\n").encode())
