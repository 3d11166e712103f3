"""The time zone of the shop: Central European Time with summer time.

The tills in the shops carry no time zone database, so the rule of the European Union is written
out here: clocks go forward on the last Sunday of March and back on the last Sunday of October,
both at 01:00 UTC. Years before 1996 followed other rules and are not supported.
"""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

from .errors import ClockError

HOUR = timedelta(hours=1)
NOTHING = timedelta(0)


def _last_sunday(year: int, month: int) -> datetime:
    """Return midnight of the last Sunday of a month of 31 days."""
    last = datetime(year, month, 31)
    return last - timedelta(days=(last.weekday() + 1) % 7)


class ShopZone(tzinfo):
    """One hour ahead of UTC in winter, two in summer; ``fold`` is honoured as in PEP 495."""

    def utcoffset(self, when: datetime | None) -> timedelta | None:
        if when is None:
            return None
        return 2 * HOUR if self._is_summer(when) else HOUR

    def dst(self, when: datetime | None) -> timedelta | None:
        if when is None:
            return None
        return HOUR if self._is_summer(when) else NOTHING

    def tzname(self, when: datetime | None) -> str | None:
        if when is None:
            return None
        return "CEST" if self._is_summer(when) else "CET"

    def fromutc(self, when: datetime) -> datetime:
        utc = when.replace(tzinfo=None)
        forward = _last_sunday(utc.year, 3) + HOUR
        back = _last_sunday(utc.year, 10) + HOUR
        local = when + (2 * HOUR if forward <= utc < back else HOUR)
        return local.replace(fold=int(back <= utc < back + HOUR))

    @staticmethod
    def _is_summer(when: datetime) -> bool:
        """Say whether summer time is in force at the local time *when*."""
        local = when.replace(tzinfo=None, fold=0)
        skipped = _last_sunday(local.year, 3) + 2 * HOUR
        repeated = _last_sunday(local.year, 10) + 2 * HOUR
        if skipped <= local < skipped + HOUR:
            return when.fold == 1
        if repeated <= local < repeated + HOUR:
            return when.fold == 0
        return skipped < local < repeated


SHOP_ZONE = ShopZone()


def require_zone(moment: datetime) -> datetime:
    """Return *moment* as it is; raise ``ClockError`` if it carries no time zone."""
    if moment.utcoffset() is None:
        raise ClockError(f"{moment.isoformat()} carries no time zone")
    return moment
