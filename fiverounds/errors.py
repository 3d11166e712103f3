"""Everything that can go wrong, each with the exit code it leads to.

    FiveroundsError
     ├ SpecError          4   the bench is wrong: a tuple of problems, all at once
     ├ UsageError         4   the command line is wrong
     ├ SetupError         4   something is missing on this machine; the hint is the command that mends it
     ├ NothingSelected    5   the selection leaves no trial
     ├ SandboxError       3   a jail or a process could not be made
     ├ StoreError         3   a log is unreadable, or of a newer format
     │  └ NoSuchRun       4   no run has the name given
     ├ ProviderError      -   becomes the verdict `error` of one trial: network, server, key
     └ AssertionBroken    -   likewise: the assertion could not run (which is not the same as failed)

A wrong answer, a time-out of the subject and a non-zero exit code are values, never exceptions.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum


class ExitCode(IntEnum):
    """What `fiverounds` returns to the shell (pytest's numbers)."""

    OK = 0
    GATE_BROKEN = 1
    INTERRUPTED = 2
    ERRORS = 3
    USAGE = 4
    NOTHING_SELECTED = 5


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong in a spec. `line` and `column` count from 1; `path` is e.g. `rounds[2].assert[0].suite`."""

    file: str
    line: int
    column: int
    path: str
    message: str
    hint: str | None = field(default=None, compare=False)

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}"
        return f"{where}: {self.path}: {self.message}" if self.path else f"{where}: {self.message}"


class FiveroundsError(Exception):
    """Base of all errors a user may see: a message, and the command or edit that mends it."""

    exit_code = ExitCode.ERRORS

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    @property
    def told(self) -> str:
        """Message and mend on one line."""
        return f"{self.message} ({self.hint})" if self.hint else self.message


class SpecError(FiveroundsError):
    """The bench cannot be used; carries every problem found."""

    exit_code = ExitCode.USAGE

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class UsageError(FiveroundsError):
    """The command line asks for something impossible."""

    exit_code = ExitCode.USAGE


class SetupError(FiveroundsError):
    """A tool, key or package is missing; the hint says how to bring it in."""

    exit_code = ExitCode.USAGE


class NothingSelected(FiveroundsError):
    """No trial is left after selection."""

    exit_code = ExitCode.NOTHING_SELECTED


class SandboxError(FiveroundsError):
    """A jail could not be built or a process could not be started."""


class StoreError(FiveroundsError):
    """A log is unreadable, or written by a newer version."""


class NoSuchRun(StoreError):
    """No run has the name given: the command line's mistake, not the log's."""

    exit_code = ExitCode.USAGE


class ProviderError(FiveroundsError):
    """The provider's side broke (network, server, key); the trial becomes `error`."""


class AssertionBroken(FiveroundsError):
    """The assertion itself could not run; the trial becomes `error`, not `failed`."""
