"""What a toolchain offers to a jail."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from fiverounds.sandbox.base import Entered, Mount, Sandbox


class Toolchain(Protocol):
    """A compiler made available inside jails."""

    def missing(self) -> str:
        """The command that installs what is missing; empty text when all is there."""
        ...

    async def prepare(self, sandbox: Sandbox) -> None:
        """Build the shared, trusted cache unless it is there. May take a minute, once a machine.

        Raises:
            SetupError: the toolchain is not installed, or cannot build its own template.
        """
        ...

    def mounts(self, scratch: Path) -> tuple[Mount, ...]:
        """What a jail must see; `scratch` is a folder of the caller's for caches of this build alone."""
        ...

    def command(self, entered: Entered, command: Sequence[str]) -> list[str]:
        """`command` with the toolchain on its PATH and its caches in place."""
        ...
