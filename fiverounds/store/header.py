"""What stands at the head and the foot of a log. All of it is on disk, so all of it is pydantic.

Field order is the order in the file. A field more or less is a new FORMAT_VERSION.
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from fiverounds.frozen import Frozen

FORMAT_VERSION = 1


class RunStatus(StrEnum):
    """`started` without more: still running, or killed."""

    STARTED = "started"
    FINISHED = "finished"
    INTERRUPTED = "interrupted"


class Gate(Frozen):
    """What must hold for exit code 0, as the bench said when the run started."""

    providers: tuple[str, ...] | None = None
    """`None`: all."""
    rounds: tuple[str, ...] | None = None
    pass_rate: float = Field(default=1.0, ge=0, le=1)


class BenchInfo(Frozen):
    """Which bench was run."""

    name: str
    file: str
    digest: str


class GitState(Frozen):
    """The commit of the bench's repository."""

    commit: str
    dirty: bool


class Fact(Frozen):
    """One thing found out about the host or a provider, e.g. `host`, `fps_ceiling`, 59.9.

    `about` is `host` or `provider:<id>`. Reports know `mend` of a provider (the command that brings
    it in) and `label`; they print the others as they are.
    """

    about: str
    name: str
    value: str | int | float | bool | None


class RunHeader(Frozen):
    """Written before the first trial starts: what is run, with what, where."""

    format_version: int = FORMAT_VERSION
    run_id: str
    """The wish (`run_id_for`); in the log, the name the folder really got."""
    bench: BenchInfo
    fiverounds_version: str
    started_at: str
    """UTC, ISO 8601."""
    command: tuple[str, ...] = ()
    """The command line."""
    python: str
    platform: str
    cpu_count: int | None = None
    memory_bytes: int | None = None
    git: GitState | None = None
    """`None`: the bench is not in a git repository."""
    packages: dict[str, str] = Field(default_factory=dict)
    """Package → version."""
    sandbox: str
    selection: tuple[str, ...] = ()
    """What the command line chose, e.g. `provider=reference`; empty: everything."""
    gate: Gate | None = None
    facts: tuple[Fact, ...] = ()
    """What was known at the start; the journal holds what was found out later."""


class RunFooter(Frozen):
    """Written when no further trial will start."""

    status: RunStatus
    finished_at: str
    """UTC, ISO 8601."""
