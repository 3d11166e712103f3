"""Where everything of a run lies. In: ids; out: paths.

    _logs/SCORES.txt                     one line a trial, over all runs
    _logs/<run-id>/run.json              header, written first
                   plan.json             what was to be done
                   journal.jsonl         one line a finished trial: the truth
                   trials/<provider>/<round>/<prompt>/<repeat>/attempt-N/…
                   results.json report.md report.html report.txt junit.xml    made from the above

Only `claim` touches the disk.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path, PurePosixPath

from fiverounds.errors import StoreError

SCORES = "SCORES.txt"
_ID = re.compile(r"[a-z0-9][a-z0-9._-]*")
_RUN_ID = re.compile(r"\d{8}-\d{6}-[a-z0-9][a-z0-9._-]*")
_PARTS_OF_TRIAL_ID = 4


@dataclass(frozen=True, slots=True)
class RunLayout:
    """The paths of one run."""

    folder: Path

    @property
    def run_id(self) -> str:
        """The run's name is its folder's."""
        return self.folder.name

    @property
    def header(self) -> Path:
        """Who ran what, where."""
        return self.folder / "run.json"

    @property
    def plan(self) -> Path:
        """The planned trials."""
        return self.folder / "plan.json"

    @property
    def journal(self) -> Path:
        """Finished trials."""
        return self.folder / "journal.jsonl"

    def report(self, name: str) -> Path:
        """A file made from the log, such as `report.md`."""
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name):
            raise StoreError(f"{name!r} is not the name of a report file")
        return self.folder / name

    def trial(self, trial_id: str) -> Path:
        """The folder of one trial."""
        return self.folder / trial_path(trial_id)

    def attempt(self, trial_id: str, number: int) -> Path:
        """The folder of one attempt; the first is number 1."""
        return self.folder / attempt_path(trial_id, number)


def is_trial_id(text: object) -> bool:
    """True for `provider/round/prompt/repeat`; such a text is safe as a relative path."""
    if not isinstance(text, str):
        return False
    parts = text.split("/")
    return len(parts) == _PARTS_OF_TRIAL_ID and all(_ID.fullmatch(part) for part in parts)


def trial_path(trial_id: str) -> PurePosixPath:
    """A trial's folder, relative to the run's. Raises StoreError for anything but a trial id."""
    if not is_trial_id(trial_id):
        raise StoreError(f"{trial_id!r} is not a trial id (provider/round/prompt/repeat)")
    return PurePosixPath("trials", trial_id)


def attempt_path(trial_id: str, number: int) -> PurePosixPath:
    """An attempt's folder, relative to the run's; reports link into it."""
    return trial_path(trial_id) / f"attempt-{number}"


def run_id_for(started_at: datetime, bench: str) -> str:
    """The name a run wishes for: `20261123-150405-five-rounds` (UTC)."""
    return f"{started_at.astimezone(UTC):%Y%m%d-%H%M%S}-{bench}"


def is_run_id(name: str) -> bool:
    """True for names that `run_id_for` makes, with or without a number after them."""
    return _RUN_ID.fullmatch(name) is not None


def age_key(run_id: str) -> tuple[str | int, ...]:
    """Sorts run ids by age, `-10` after `-2`."""
    parts = re.split(r"(\d+)", run_id)
    return tuple(int(part) if index % 2 else part for index, part in enumerate(parts))


def claim(logs: Path, run_id: str) -> RunLayout:
    """Make the folder of a new run; when the name is taken, `-2`, `-3`, … is put behind it.

    `mkdir` decides, so two runs that start at once never share a folder.
    """
    if not is_run_id(run_id):
        raise StoreError(f"{run_id!r} is not a run id")
    try:
        logs.mkdir(parents=True, exist_ok=True)
        for number in count(1):
            folder = logs / (run_id if number == 1 else f"{run_id}-{number}")
            try:
                folder.mkdir()
            except FileExistsError:
                continue
            return RunLayout(folder)
    except OSError as error:
        raise StoreError(
            f"{logs}: cannot make a folder for the run: {error.strerror}",
            hint="choose a writable folder for the logs",
        ) from error
    raise AssertionError("unreachable")  # pragma: no cover
