"""What the shop charges for keeping a parcel."""

from __future__ import annotations

from .models import Size, euros

HANDLING = {Size.SMALL: 100, Size.MEDIUM: 150, Size.LARGE: 250}
DAILY = {Size.SMALL: 20, Size.MEDIUM: 50, Size.LARGE: 90}


def charge(size: Size, days: int, free_days: int) -> int:
    """Return the charge, in cents, for a parcel that is collected after *days* days.

    The handling fee of the size is due for every parcel. Each day beyond the *free_days* adds the
    daily rate of the size. A negative number of days raises ``ValueError``.
    """
    if days < 0 or free_days < 0:
        raise ValueError("days are counted from zero")
    beyond = days - free_days
    return HANDLING[size] + (DAILY[size] * beyond if beyond > 0 else 0)


def price_list() -> str:
    """Return the tariff as it hangs on the wall, one line a size."""
    return "\n".join(
        f"{size.value}: {euros(HANDLING[size])} and {euros(DAILY[size])} a day beyond the free days"
        for size in Size
    )
