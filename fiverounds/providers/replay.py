"""Recorded answers: a folder becomes files, a text file becomes a chat reply."""

from __future__ import annotations

import asyncio
import os
import stat
import time
from collections.abc import Mapping
from pathlib import Path

from fiverounds.errors import ProviderError
from fiverounds.limits import MIB
from fiverounds.providers.base import Reply, Task, Unavailable
from fiverounds.providers.offered import NotOffered
from fiverounds.results import StopReason, Timing
from fiverounds.spec.models import ReplayProvider

MAX_BYTES = 256 * MIB
"""A recorded tree is held in memory; more than this is a mistake in the path."""
_SKIPPED = frozenset({"__pycache__", ".git"})


class Replay:
    """A provider that answers from disk. Deterministic, free, offline."""

    def __init__(
        self, spec: ReplayProvider, *, bench_root: Path, environment: Mapping[str, str]
    ) -> None:
        del environment  # the one provider that needs nothing from it
        self._spec = spec
        self._root = bench_root

    async def check(self) -> Unavailable | None:
        """Only a path without placeholders can be missing before a task is known."""
        if "{" in self._spec.answers or (self._root / self._spec.answers).exists():
            return None
        return self._missing(self._spec.answers)

    async def attempt(self, task: Task) -> Reply:
        """Read the recorded answer.

        Raises:
            NotOffered: nothing is recorded for this task.
            ProviderError: what is recorded cannot be read or is too big.
        """
        began = time.monotonic()
        answers = _filled(self._spec.answers, task)
        path = self._root / answers
        if not path.exists():
            raise NotOffered(self._missing(answers))
        try:
            if path.is_dir():
                files = await asyncio.to_thread(read_tree, path)
                return Reply(StopReason.FINISHED, files=files, timing=_since(began))
            text = path.read_bytes().decode("utf-8", "replace")
            return Reply(StopReason.FINISHED, text=text, timing=_since(began))
        except OSError as error:
            raise ProviderError(f"cannot read the recorded answer {answers}: {error}") from error

    async def close(self) -> None:
        """Nothing was started."""

    def _missing(self, answers: str) -> Unavailable:
        return Unavailable(
            f"no recorded answer at {answers}",
            self._spec.mend
            or f"record one there, or name the rounds that provider "
            f"{self._spec.id} has answers for: `rounds: [...]`",
        )


def read_tree(folder: Path) -> dict[str, bytes]:
    """Every regular file below a folder, by POSIX path.

    Links, devices, caches and .git are left out.

    Raises:
        ProviderError: more than `MAX_BYTES` in all.
        OSError: a file cannot be read.
    """
    files: dict[str, bytes] = {}
    total = 0
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _SKIPPED)
        for name in sorted(names):
            path = Path(parent, name)
            if name in _SKIPPED or not stat.S_ISREG(path.lstat().st_mode):
                continue
            total += path.lstat().st_size
            if total > MAX_BYTES:
                raise ProviderError(
                    f"the recorded answer {folder} is larger than {MAX_BYTES} bytes"
                )
            files[path.relative_to(folder).as_posix()] = path.read_bytes()
    return files


def _filled(template: str, task: Task) -> str:
    """Placeholders are replaced as text: other braces are part of a file name."""
    values = {
        "{round}": task.round,
        "{prompt}": task.prompt,
        "{repeat}": str(task.repeat),
        "{attempt}": str(task.attempt),
    }
    for placeholder, value in values.items():
        template = template.replace(placeholder, value)
    return template


def _since(began: float) -> Timing:
    return Timing(provider_seconds=time.monotonic() - began)
