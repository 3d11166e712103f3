"""Tasks for providers, and a sandbox that must not be used."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from fiverounds.limits import Deadline, Limits
from fiverounds.providers.base import Message, Task
from fiverounds.sandbox.base import Sandbox


class NoSandbox:
    """Providers that only talk must not touch it."""

    name = "forbidden"

    def enter(self, jail: Any) -> Any:
        """Never called."""
        raise AssertionError("this provider has no business in a sandbox")


def task(
    prompt: str = "hi",
    *,
    seconds: float = 30.0,
    workspace: Path = Path("/nonexistent"),
    edits_workspace: bool = False,
    sandbox: Sandbox | None = None,
    messages: tuple[Message, ...] | None = None,
    **names: Any,
) -> Task:
    """A task with one user turn."""
    return Task(
        trial_id=names.get("trial_id", "t"),
        round=names.get("round", "r1"),
        prompt=names.get("prompt_id", "p1"),
        repeat=names.get("repeat", 1),
        attempt=names.get("attempt", 1),
        messages=messages or (Message("user", prompt),),
        workspace=workspace,
        edits_workspace=edits_workspace,
        deadline=Deadline.after(seconds),
        limits=names.get("limits", Limits()),
        sandbox=sandbox or cast("Sandbox", NoSandbox()),
    )
