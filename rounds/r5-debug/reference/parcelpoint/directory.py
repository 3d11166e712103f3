"""The people the shop keeps parcels for."""

from __future__ import annotations

from dataclasses import replace

from .errors import DuplicateRecipient, UnknownRecipient
from .models import Recipient


def _folded(text: str) -> str:
    """Return *text* as it is compared: regardless of case and of superfluous spaces."""
    return " ".join(text.casefold().split())


class Directory:
    """All recipients, by id. Answers of ``search`` are kept while they hold true."""

    def __init__(self) -> None:
        self._people: dict[str, Recipient] = {}
        self._answers: dict[str, list[Recipient]] = {}

    def add(self, recipient: Recipient) -> None:
        """Add a recipient; ``DuplicateRecipient`` if the id is already in use."""
        if recipient.id in self._people:
            raise DuplicateRecipient(f"{recipient.id} is already in use")
        self._people[recipient.id] = recipient
        self._answers.clear()

    def get(self, recipient_id: str) -> Recipient:
        """Return the recipient with this id; ``UnknownRecipient`` if there is none."""
        try:
            return self._people[recipient_id]
        except KeyError:
            raise UnknownRecipient(f"nobody has the id {recipient_id}") from None

    def rename(self, recipient_id: str, name: str) -> None:
        """Give a recipient a new name; ``UnknownRecipient`` if there is none with this id."""
        self._people[recipient_id] = replace(self.get(recipient_id), name=name)
        self._answers.clear()

    def remove(self, recipient_id: str) -> None:
        """Remove a recipient; ``UnknownRecipient`` if there is none with this id."""
        del self._people[self.get(recipient_id).id]
        self._answers.clear()

    def search(self, text: str) -> list[Recipient]:
        """Return the recipients in whose name a word starts with *text*, sorted by name.

        *text* may go on over several words, as in ``anna ber``. The answer always shows the
        directory as it is at the time of the call; the list belongs to the caller.
        """
        key = _folded(text)
        if key not in self._answers:
            found = [who for who in self._people.values() if f" {key}" in f" {_folded(who.name)}"]
            self._answers[key] = sorted(found, key=lambda who: (_folded(who.name), who.id))
        return list(self._answers[key])
