"""The desk: parcels are received, wait on the shelf and are collected."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .archive import Archive, Entry
from .directory import Directory
from .errors import DuplicateParcel, PlaceTaken, UnknownParcel
from .labels import Label, encode_label
from .models import Parcel
from .notices import compose
from .paging import Page, paginate
from .settings import Settings
from .shopzone import require_zone
from .stay import held_for, started_days
from .tariff import charge
from .till import Till


@dataclass(frozen=True)
class Waiting:
    """A parcel on the shelf."""

    parcel: Parcel
    place: str
    arrived: datetime


@dataclass(frozen=True)
class Receipt:
    """What the recipient pays: the charge of the shop and the cash due on the parcel."""

    code: str
    days: int
    charge: int
    cash_due: int

    @property
    def total(self) -> int:
        return self.charge + self.cash_due


class Desk:
    """The parcels waiting in a shop. Everything paid goes to the account ``cash`` of the till."""

    def __init__(
        self, directory: Directory, till: Till, archive: Archive, settings: Settings | None = None
    ) -> None:
        self._directory = directory
        self._till = till
        self._archive = archive
        self._settings = settings or Settings()
        self._shelf: dict[str, Waiting] = {}

    def receive(self, parcel: Parcel, place: str, arrived: datetime) -> str:
        """Put a parcel on the shelf and return the notice for its recipient.

        ``DuplicateParcel`` if its code is on the shelf already, ``PlaceTaken`` if the place is
        not free, ``UnknownRecipient`` if the directory lacks the recipient.
        """
        require_zone(arrived)
        self._directory.get(parcel.recipient)
        if parcel.code in self._shelf:
            raise DuplicateParcel(f"{parcel.code} is waiting already")
        if any(waiting.place == place for waiting in self._shelf.values()):
            raise PlaceTaken(f"{place} is not free")
        self._shelf[parcel.code] = Waiting(parcel, place, arrived)
        return compose(parcel, place)

    def label(self, code: str) -> bytes:
        """Return the record that prints the label of a waiting parcel."""
        waiting = self._waiting(code)
        name = self._directory.get(waiting.parcel.recipient).name
        return encode_label(Label(code, name, waiting.place))

    def waiting(self, page: int = 1) -> Page[Waiting]:
        """Return a page of the waiting parcels, in the order in which they were received."""
        return paginate(list(self._shelf.values()), page, self._settings.page_size)

    def collect(self, code: str, collected: datetime) -> Receipt:
        """Hand a parcel out: archive it, book what is paid and clear its place."""
        waiting = self._waiting(code)
        parcel = waiting.parcel
        member = self._directory.get(parcel.recipient).member
        free = self._settings.member_free_days if member else self._settings.free_days
        days = started_days(held_for(waiting.arrived, collected))
        receipt = Receipt(code, days, charge(parcel.size, days, free), parcel.cash_due)
        self._archive.store([Entry(code, collected, receipt.total)])
        self._till.add("cash", receipt.total)
        del self._shelf[code]
        return receipt

    def _waiting(self, code: str) -> Waiting:
        """Return the waiting parcel with this code; ``UnknownParcel`` if there is none."""
        try:
            return self._shelf[code]
        except KeyError:
            raise UnknownParcel(f"no parcel {code} is waiting") from None
