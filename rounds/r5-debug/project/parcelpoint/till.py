"""The till: accounts and their balances in a JSON file that all counters share."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from pathlib import Path

from .errors import TillError
from .files import lock_for, replace_text


class Till:
    """Balances by account, in cents. A balance is never negative.

    Several ``Till`` objects may work on one file at the same time, one a counter and each in a
    thread of its own. No booking may get lost: a booking starts from the balances that the
    bookings before it have left. For this the counters share a lock, which is not reentrant:
    *lock*, or else the lock of the file. Reading alone needs no lock, because the file is
    replaced in one step.
    """

    def __init__(self, path: Path, lock: AbstractContextManager[object] | None = None) -> None:
        self._path = path
        self._lock = lock_for(path) if lock is None else lock

    def balance(self, account: str) -> int:
        """Return the balance of *account*; an account never booked on has 0."""
        return self._load().get(account, 0)

    def add(self, account: str, cents: int) -> int:
        """Add *cents* (negative for a payment out of the till) and return the new balance.

        ``TillError`` if the balance would become negative; nothing is booked then.
        """
        balances = self._load()
        balance = balances.get(account, 0) + cents
        if balance < 0:
            raise TillError(f"{account} holds less than {-cents} cents")
        balances[account] = balance
        with self._lock:
            self._save(balances)
        return balance

    def transfer(self, source: str, target: str, cents: int) -> None:
        """Move *cents* (more than 0) from *source* to *target*, both bookings or neither.

        ``TillError`` if *source* holds less than *cents*; nothing is booked then.
        """
        if cents <= 0:
            raise ValueError("a transfer moves more than nothing")
        with self._lock:
            balances = self._load()
            if balances.get(source, 0) < cents:
                raise TillError(f"{source} holds less than {cents} cents")
            balances[source] -= cents
            balances[target] = balances.get(target, 0) + cents
            self._save(balances)

    def _load(self) -> dict[str, int]:
        """Return all balances; none if nothing was ever booked."""
        if not self._path.exists():
            return {}
        balances: dict[str, int] = json.loads(self._path.read_text(encoding="utf-8"))
        return balances

    def _save(self, balances: dict[str, int]) -> None:
        replace_text(self._path, json.dumps(balances, indent=2, sort_keys=True) + "\n")
