"""A run's folder in, `RunLog` out; and finding runs by name.

Whatever is on disk, the worst that happens is a StoreError.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from fiverounds.errors import NoSuchRun, StoreError
from fiverounds.frozen import Frozen
from fiverounds.results import TrialResult, Verdict
from fiverounds.store import journal
from fiverounds.store.header import FORMAT_VERSION, Fact, RunFooter, RunHeader, RunStatus
from fiverounds.store.journal import Entry
from fiverounds.store.layout import RunLayout, age_key, is_run_id, is_trial_id
from fiverounds.store.runlog import RunLog

LATEST = "latest"
_MOST_NAMED = 5
_Model = TypeVar("_Model", bound=Frozen)


@dataclass(frozen=True, slots=True)
class RunListing:
    """One line of `fiverounds ls`. With a `problem` the log cannot be read; the rest is bare."""

    run_id: str
    folder: Path
    bench: str = ""
    started_at: str = ""
    status: RunStatus = RunStatus.STARTED
    planned: int = 0
    passed: int = 0
    failed: int = 0
    error: int = 0
    skipped: int = 0
    problem: str = ""


def read_run(folder: Path) -> RunLog:
    """Read a log. Damaged journal lines are left out and noted.

    Raises StoreError when header or plan are missing or damaged, or of a newer format.
    """
    layout = RunLayout(folder)
    header = read_header(layout)
    plan = _plan(layout)
    notes: list[str] = []
    results: dict[str, TrialResult] = {}
    facts = {(fact.about, fact.name): fact for fact in header.facts}
    footer: RunFooter | None = None
    for entry in _entries(layout, notes):
        if entry.kind == journal.TRIAL:
            result = _trial(entry)
            results.pop(result.trial_id, None)  # the last line decides about the order, too
            results[result.trial_id] = result
            footer = None  # resumed after an end
        elif entry.kind == journal.FACT:
            fact = _model(Fact, entry)
            facts[fact.about, fact.name] = fact
        elif entry.kind == journal.END:
            footer = _model(RunFooter, entry)
        else:
            notes.append(f"journal.jsonl:{entry.number}: unknown kind of line left out")
    return RunLog(
        folder=folder,
        header=header,
        plan=plan,
        results=tuple(results.values()),
        facts=tuple(facts.values()),
        footer=footer,
        notes=tuple(notes),
    )


def list_runs(logs: Path) -> tuple[RunListing, ...]:
    """All runs, newest first; unreadable ones carry their problem."""
    return tuple(_listing(logs / name) for name in _run_ids(logs))


def find_run(logs: Path, name: str) -> Path:
    """The folder of a run: its id, a beginning that only one has, or `latest`.

    Raises StoreError, naming the candidates or the nearest names.
    """
    run_ids = _run_ids(logs)
    if not run_ids:
        raise NoSuchRun(
            f"{logs}: no run there yet",
            hint="`fiverounds run` makes one; logs elsewhere are named by --logs",
        )
    if name == LATEST:
        return logs / run_ids[0]
    if name in run_ids:
        return logs / name
    matches = [run_id for run_id in run_ids if name and run_id.startswith(name)]
    if len(matches) == 1:
        return logs / matches[0]
    if matches:
        listed = ", ".join(matches[:_MOST_NAMED]) + ", …" * (len(matches) > _MOST_NAMED)
        message = f"{name!r} may be any of {len(matches)} runs: {listed}"
        raise NoSuchRun(message, hint="write more of the name")
    near = get_close_matches(name, [*run_ids, LATEST], n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}? " if near else ""
    raise NoSuchRun(f"no run {name!r} in {logs}", hint=f"{hint}`fiverounds ls` lists all runs")


def _run_ids(logs: Path) -> list[str]:
    """Newest first."""
    try:
        names = [path.name for path in logs.iterdir() if is_run_id(path.name) and path.is_dir()]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise StoreError(f"{logs}: {error.strerror}") from error
    return sorted(names, key=age_key, reverse=True)


def _listing(folder: Path) -> RunListing:
    try:
        log = read_run(folder)
    except StoreError as error:
        return RunListing(folder.name, folder, problem=error.message)
    counts = Counter(result.verdict for result in log.results)
    return RunListing(
        run_id=folder.name,
        folder=folder,
        bench=log.header.bench.name,
        started_at=log.header.started_at,
        status=log.status,
        planned=len(log.plan),
        passed=counts[Verdict.PASSED],
        failed=counts[Verdict.FAILED],
        error=counts[Verdict.ERROR],
        skipped=counts[Verdict.SKIPPED],
    )


def read_header(layout: RunLayout) -> RunHeader:
    """The header alone. Raises StoreError as `read_run` does."""
    raw = _json(layout.header)
    version = raw.get("format_version") if isinstance(raw, dict) else None
    if isinstance(version, int) and version > FORMAT_VERSION:
        raise StoreError(
            f"{layout.run_id}: written by a newer fiverounds (log format {version})",
            hint="pip install --upgrade fiverounds",
        )
    return _validated(RunHeader, raw, layout.header)


def _plan(layout: RunLayout) -> tuple[Mapping[str, Any], ...]:
    raw = _json(layout.plan)
    if not isinstance(raw, list):
        raise _damaged(layout.plan, "not a list of trials")
    for entry in raw:
        if not isinstance(entry, dict) or not is_trial_id(entry.get("trial_id")):
            raise _damaged(layout.plan, "an entry without a trial id")
    return tuple(raw)


def _entries(layout: RunLayout, notes: list[str]) -> Iterator[Entry]:
    try:
        with layout.journal.open("rb") as file:
            yield from journal.decode(file, notes)
    except FileNotFoundError:
        return  # killed before the first trial
    except OSError as error:
        raise StoreError(f"{layout.journal}: {error.strerror}") from error


def _trial(entry: Entry) -> TrialResult:
    result = _model(TrialResult, entry)
    cell = f"{result.provider}/{result.round}/{result.prompt}/{result.repeat}"
    if result.trial_id != cell or not is_trial_id(cell):
        raise StoreError(f"journal.jsonl:{entry.number}: not a trial id: {result.trial_id!r}")
    return result


def _model(model: type[_Model], entry: Entry) -> _Model:
    return _validated(model, entry.data, Path(f"journal.jsonl:{entry.number}"))


def _validated(model: type[_Model], raw: Any, path: Path) -> _Model:
    """Strict models take tuples and enums from JSON only, hence the way back through text."""
    try:
        return model.model_validate_json(json.dumps(raw))
    except ValidationError as error:
        # Locations only: what was refused may hold anything.
        where = ", ".join(".".join(map(str, part["loc"])) or "all" for part in error.errors()[:3])
        raise _damaged(path, f"unexpected content at {where}") from None
    except RecursionError:
        raise _damaged(path, "nested too deeply") from None


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except FileNotFoundError:
        raise StoreError(
            f"{path}: missing: the run was killed before it began, or this is no run's folder",
            hint="`fiverounds ls` lists all runs",
        ) from None
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror}") from error
    except (ValueError, RecursionError):
        raise _damaged(path, "not JSON") from None


def _damaged(path: Path, what: str) -> StoreError:
    hint = "restore the run's folder from a copy, or run again"
    return StoreError(f"{path}: damaged: {what}", hint=hint)
