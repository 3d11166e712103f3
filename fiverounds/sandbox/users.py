"""The throw-away users that subjects run as when the runner is root."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

_UIDS = (range(200_000, 260_000), range(40_000, 60_000))
"""Throw-away users, the first range that this machine (or the container we are in) has."""


def throwaway_users() -> range | None:
    """The users we may change to; None unless we are root over a whole range of them."""
    if os.geteuid() != 0:
        return None
    lines = Path("/proc/self/uid_map").read_text(encoding="ascii").splitlines()
    mapped = [
        range(int(first), int(first) + int(count)) for first, _, count in map(str.split, lines)
    ]
    return next(
        (
            users
            for users in _UIDS
            if any(users[0] in part and users[-1] in part for part in mapped)
        ),
        None,
    )


def give(folder: Path, uid: int) -> None:
    """Change the owner of a tree, following no symlink.

    It may be hostile: what is too deep to be reached by its path keeps its owner, who is none of ours either.
    """
    os.chown(folder, uid, uid, follow_symlinks=False)
    waiting = [os.fspath(folder)] if folder.is_dir() else []
    while waiting:
        with contextlib.suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                with contextlib.suppress(OSError):
                    os.chown(entry.path, uid, uid, follow_symlinks=False)
