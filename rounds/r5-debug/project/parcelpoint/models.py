"""Values shared by the other modules. All amounts of money are whole cents."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Size(Enum):
    """The three sizes the tariff knows."""

    SMALL = "S"
    MEDIUM = "M"
    LARGE = "L"


@dataclass(frozen=True)
class Parcel:
    """A parcel as the courier hands it over; ``cash_due`` is paid on collection."""

    code: str
    recipient: str
    size: Size = Size.SMALL
    cash_due: int = 0


@dataclass(frozen=True)
class Recipient:
    """A person known to the shop; members enjoy more free days."""

    id: str
    name: str
    member: bool = False


def euros(cents: int) -> str:
    """Return a non-negative amount for people to read: ``1205`` is ``12.05 EUR``."""
    return f"{cents // 100}.{cents % 100:02d} EUR"
