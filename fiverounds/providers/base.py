"""What a provider is asked and what it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from fiverounds.limits import Deadline, Limits
from fiverounds.results import StopReason, Timing, Usage
from fiverounds.sandbox.base import Sandbox


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation. `role` is `system`, `user` or `assistant`."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Task:
    """One attempt, seen from the provider."""

    trial_id: str
    round: str
    prompt: str
    repeat: int
    attempt: int
    messages: tuple[Message, ...]
    """The whole conversation; the last turn is the user's."""
    workspace: Path
    """The attempt's folder, already holding the starting files."""
    edits_workspace: bool
    """True for `output: {workspace: true}`."""
    deadline: Deadline
    limits: Limits
    sandbox: Sandbox


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: chat text, or files, or (both None) edits already made in the workspace."""

    stop: StopReason
    text: str | None = None
    files: Mapping[str, bytes] | None = None
    reasoning: str = ""
    detail: str = ""
    """A sentence for the report when `stop` is not `finished`."""
    usage: Usage = Usage()
    timing: Timing = Timing()
    raw: Sequence[Mapping[str, Any]] = field(default=())
    """The server's own usage/timing objects and events, for the log."""


@dataclass(frozen=True, slots=True)
class Unavailable:
    """Why a provider cannot be asked, and the command that would bring it in."""

    reason: str
    mend: str


class Provider(Protocol):
    """One contestant. Opened once per run, closed once, asked many times."""

    async def check(self) -> Unavailable | None:
        """Can it be asked? Must be quick (a few seconds) and free of charge."""
        ...

    async def attempt(self, task: Task) -> Reply:
        """Answer one task. Raises ProviderError when the provider's side broke; never for a bad answer."""
        ...

    async def close(self) -> None:
        """Stop what `check` or `attempt` started."""
        ...
