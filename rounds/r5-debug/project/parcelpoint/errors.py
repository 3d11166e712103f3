"""The errors of the package; every one of them is a ``ParcelPointError``."""


class ParcelPointError(Exception):
    """Something the shop has to be told about."""


class ArchiveError(ParcelPointError):
    """An entry could not be put into the archive."""


class ClockError(ParcelPointError):
    """A moment without a time zone, or two moments in the wrong order."""


class DuplicateParcel(ParcelPointError):
    """A parcel with this code is already waiting."""


class DuplicateRecipient(ParcelPointError):
    """A recipient with this id is known already."""


class LabelError(ParcelPointError):
    """A label that cannot be printed, or a record that is not a label."""


class PlaceTaken(ParcelPointError):
    """The place on the shelf is occupied."""


class SettingsError(ParcelPointError):
    """A settings file that is there but cannot be used."""


class SlotTaken(ParcelPointError):
    """The slot overlaps one that is already booked."""


class TillError(ParcelPointError):
    """A booking that would leave an account below zero."""


class UnknownParcel(ParcelPointError):
    """No parcel with this code is waiting."""


class UnknownRecipient(ParcelPointError):
    """No recipient has this id."""
