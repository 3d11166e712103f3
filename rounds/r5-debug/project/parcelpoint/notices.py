"""Notices that tell a recipient a parcel has come."""

from __future__ import annotations

from .models import Parcel, euros

STANDARD_FIELDS = {"shop": "Parcel Point", "open": "Mon-Sat 09:00-19:00"}


def compose(parcel: Parcel, place: str, fields: dict[str, str] = STANDARD_FIELDS) -> str:
    """Return the text of the notice for *parcel*, which waits at *place*.

    The text has one ``name: value`` line a field: those of *fields* in their order, then
    ``parcel``, then ``place`` and, if cash is due on the parcel, ``cash due``. What a notice says
    depends on the arguments of its own call and on nothing else; the mapping passed as *fields*
    is left as it was.
    """
    fields["parcel"] = parcel.code
    fields["place"] = place
    if parcel.cash_due:
        fields["cash due"] = euros(parcel.cash_due)
    return "\n".join(f"{name}: {value}" for name, value in fields.items())


def subject(parcel: Parcel) -> str:
    """Return the subject line of the notice; it says at once if money has to be brought."""
    reminder = " (cash on delivery)" if parcel.cash_due else ""
    return f"Parcel {parcel.code} is waiting{reminder}"
