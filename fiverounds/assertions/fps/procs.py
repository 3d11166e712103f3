"""The browser's processes as the operating system sees them: who they are, their memory, everybody else's CPU time.

Chromium's own figures (`SystemInfo.getProcessInfo`) are asked over the protocol where they exist; this module is for
what must work while the browser does not answer.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Iterable, Mapping

import psutil

ProcessKey = tuple[int, float]
"""Process id and start time: ids are used again."""

_GONE = (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess)


def tree(root: psutil.Process | None) -> list[psutil.Process]:
    """The process `root` and all its descendants that are alive; empty when it is gone, even if its id lives on."""
    try:
        return [root, *root.children(recursive=True)] if root is not None else []
    except _GONE:
        return []


def marked(marker: str) -> list[psutil.Process]:
    """All processes with `marker` (`NAME=value`) in their environment, wherever they hang in the tree."""
    name, _, value = marker.partition("=")
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(*_GONE, OSError):
            if process.environ().get(name) == value:
                found.append(process)
    return found


def private_memory_mb(processes: Iterable[psutil.Process]) -> int:
    """Private memory of all, plus the largest shared part once (canvases live in shared memory), in MiB."""
    private = shared_most = 0
    for process in processes:
        with contextlib.suppress(*_GONE):
            memory = process.memory_info()
            shared = getattr(
                memory, "shared", 0
            )  # Linux only; elsewhere all of it counts as private
            private += memory.rss - shared
            shared_most = max(shared_most, shared)
    return (private + shared_most) >> 20


def kill(processes: Iterable[psutil.Process]) -> None:
    """End them all at once, without asking."""
    for process in processes:
        with contextlib.suppress(*_GONE, ProcessLookupError):
            process.send_signal(signal.SIGKILL)


def alive(process: psutil.Process) -> bool:
    """False for one that has ended, even if nobody has collected it yet."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except _GONE:
        return False


async def gone(processes: Iterable[psutil.Process], limit_s: float) -> bool:
    """Wait until all have ended; False when some have not in time."""
    deadline = time.monotonic() + limit_s
    left = list(processes)
    while left := [process for process in left if alive(process)]:
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(0.02)
    return True


def cpu_times(leave_out: Iterable[int]) -> dict[ProcessKey, float]:
    """CPU seconds used so far, for every process except those of the given ids and this one."""
    own = {*leave_out, os.getpid()}
    times: dict[ProcessKey, float] = {}
    for process in psutil.process_iter():
        if process.pid not in own:
            with contextlib.suppress(*_GONE):
                used = process.cpu_times()
                times[process.pid, process.create_time()] = used.user + used.system
    return times


def cpu_seconds(before: Mapping[ProcessKey, float], after: Mapping[ProcessKey, float]) -> float:
    """CPU seconds spent between two `cpu_times`.

    Differences are taken per process: a plain difference of sums goes negative as soon as any process ends.
    """
    return sum(max(0.0, used - before.get(key, 0.0)) for key, used in after.items())
