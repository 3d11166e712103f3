"""The slots in which couriers may use the back door, within one day."""

from __future__ import annotations

from dataclasses import dataclass

from .errors import SlotTaken

DAY_MINUTES = 24 * 60


def _minutes(text: str) -> int:
    """Return the minutes since midnight of a time written as ``HH:MM``."""
    hours, minutes = (int(part) for part in text.split(":"))
    if not 0 <= minutes < 60:
        raise ValueError(f"{text} is not a time")
    return hours * 60 + minutes


@dataclass(frozen=True, order=True)
class Slot:
    """The minutes since midnight from ``start`` (included) to ``end`` (not included)."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end <= DAY_MINUTES:
            raise ValueError("a slot begins before it ends, on one day")

    @classmethod
    def parse(cls, text: str) -> Slot:
        """Return the slot written as ``10:00-10:30``."""
        start, end = text.split("-")
        return cls(_minutes(start), _minutes(end))


def overlaps(one: Slot, other: Slot) -> bool:
    """Say whether there is a minute that belongs to both slots. The order does not matter."""
    return one.start < other.start < one.end or other.start < one.start < other.end


class SlotBook:
    """The slots booked on one day. No two of them overlap."""

    def __init__(self) -> None:
        self._booked: dict[Slot, str] = {}

    def book(self, slot: Slot, courier: str) -> None:
        """Book *slot* for *courier*; ``SlotTaken`` if it overlaps a booked one."""
        for taken, holder in self._booked.items():
            if overlaps(slot, taken):
                raise SlotTaken(f"{holder} is there at that time")
        self._booked[slot] = courier

    def plan(self) -> list[tuple[Slot, str]]:
        """Return the booked slots and their couriers, earliest first."""
        return sorted(self._booked.items())

    def first_free(self, length: int, earliest: int = 0) -> int | None:
        """Return the first minute, not before *earliest*, at which *length* minutes are free.

        ``None`` if the rest of the day has no such gap.
        """
        start = earliest
        for slot in sorted(self._booked):
            if slot.start - start >= length:
                break
            start = max(start, slot.end)
        return start if start + length <= DAY_MINUTES else None
