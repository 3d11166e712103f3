"""When to ask a server again, and how long to wait before.

Pure: the clock and the random jitter are handed in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0
LOADING_PAUSE_SECONDS = 0.25
LONGEST_LOADING_PAUSE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Retries:
    """How patient to be. `tries` counts the first request too."""

    tries: int = 4
    first_pause_seconds: float = FIRST_PAUSE_SECONDS

    def pause_seconds(
        self, failed: int, retry_after: float | None, jitter: Callable[[], float]
    ) -> float:
        """Pause after `failed` failures (1, 2, …): the server's wish, else doubling, cut by up to half at random."""
        if retry_after is not None:
            return retry_after
        longest = min(LONGEST_PAUSE_SECONDS, self.first_pause_seconds * 2.0 ** (failed - 1))
        return longest * (0.5 + jitter() / 2)


PATIENT = Retries()


def loading_pause_seconds(waited: int) -> float:
    """Pause between two questions to a server that loads its model, after `waited` of them."""
    return min(LONGEST_LOADING_PAUSE_SECONDS, LOADING_PAUSE_SECONDS * 1.5 ** min(waited, 20))


def retry_after_seconds(header: str | None, now: datetime) -> float | None:
    """`Retry-After` in seconds: a number or an HTTP date (RFC 9110, 10.2.3). None when it is neither."""
    if header is None:
        return None
    text = header.strip()
    if text.replace(".", "", 1).isdecimal() and text.isascii():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        return None
    return max(0.0, (moment - now).total_seconds())
