"""The exception for a task that a provider does not offer; the engine turns it into `skipped`."""

from __future__ import annotations

from fiverounds.providers.base import Unavailable


class NotOffered(Exception):
    """This provider has nothing for this one task (no recorded answer), though it can be asked."""

    def __init__(self, unavailable: Unavailable) -> None:
        super().__init__(unavailable.reason)
        self.unavailable = unavailable
