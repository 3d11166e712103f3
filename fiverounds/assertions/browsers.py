"""Where Chromium is, and the jail it runs in."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from fiverounds.limits import MIB, Limits
from fiverounds.sandbox.base import Jail, Mount

_KNOWN = (
    "/usr/lib/chromium/chromium",  # Debian's /usr/bin/chromium is a script that adds flags of its own
    "/usr/lib/chromium-browser/chromium-browser",
    "/opt/google/chrome/chrome",
    "/usr/bin/chromium",
)


def find_chromium() -> Path | None:
    """A Chromium or Chrome under /usr or /opt of this machine."""
    return next((Path(known) for known in _KNOWN if Path(known).is_file()), None)


def browser_jail(network: Literal["private", "shared"]) -> Jail:
    """A jail for a browser that shows subjects' pages: as closed as a subject's, roomier in memory and CPU time."""
    limits = Limits(
        memory_bytes=4096 * MIB, cpu_seconds=24 * 3600, processes=1024, file_size_bytes=1024 * MIB
    )
    chromium = find_chromium()
    if chromium is None or chromium.is_relative_to("/usr"):  # which every jail shows
        mounts: tuple[Mount, ...] = ()
    else:
        mounts = (Mount(chromium.parent, str(chromium.parent)),)
    return Jail(limits, mounts=mounts, network=network, limit_address_space=False)
