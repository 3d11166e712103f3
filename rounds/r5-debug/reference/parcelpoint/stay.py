"""How long a parcel stayed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from .errors import ClockError
from .shopzone import require_zone

DAY = timedelta(hours=24)


def held_for(arrived: datetime, collected: datetime) -> timedelta:
    """Return the time that passed from *arrived* to *collected*, as a stopwatch shows it.

    The stopwatch runs on whatever the clocks on the wall do. Both moments may be in any time
    zone, but must have one, and *collected* must not be earlier than *arrived*; otherwise
    ``ClockError`` is raised.
    """
    held = require_zone(collected).astimezone(UTC) - require_zone(arrived).astimezone(UTC)
    if held < timedelta(0):
        raise ClockError("collected before it arrived")
    return held


def started_days(held: timedelta) -> int:
    """Return the days to charge for: every started 24 hours count as one day.

    No time at all is no day, exactly 24 hours are one day, a second more is two.
    """
    return -(-held // DAY)
