"""parcelpoint: the back office of a parcel shop. The README says how it behaves."""

from .archive import Archive, Entry
from .desk import Desk, Receipt, Waiting
from .directory import Directory
from .models import Parcel, Recipient, Size
from .settings import Settings, load_settings
from .shopzone import SHOP_ZONE
from .slots import Slot, SlotBook
from .till import Till

__all__ = [
    "SHOP_ZONE",
    "Archive",
    "Desk",
    "Directory",
    "Entry",
    "Parcel",
    "Receipt",
    "Recipient",
    "Settings",
    "Size",
    "Slot",
    "SlotBook",
    "Till",
    "Waiting",
    "load_settings",
]
