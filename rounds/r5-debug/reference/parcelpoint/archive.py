"""The archive of collected parcels, an SQLite database."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from .errors import ArchiveError
from .shopzone import SHOP_ZONE, require_zone

SCHEMA = """
CREATE TABLE IF NOT EXISTS collected (
    code TEXT NOT NULL, moment TEXT NOT NULL, cents INTEGER NOT NULL, UNIQUE (code, moment)
)
"""


@dataclass(frozen=True)
class Entry:
    """A parcel that was collected, when, and what was paid for it in all."""

    code: str
    moment: datetime
    cents: int


class Archive:
    """The entries in the database at *path*, which is created if need be.

    Backup tools copy the file at any time. So every method opens a connection of its own, with
    *connect*, and has closed it when it returns or raises.
    """

    def __init__(
        self, path: Path, connect: Callable[[Path], sqlite3.Connection] = sqlite3.connect
    ) -> None:
        self._path = path
        self._connect = connect
        with closing(self._connect(self._path)) as database:
            database.execute(SCHEMA)
            database.commit()

    def store(self, entries: Iterable[Entry]) -> int:
        """Store all *entries* for good and return how many they are.

        An entry for the same parcel and moment as one already stored raises ``ArchiveError``;
        none of the *entries* is stored then.
        """
        rows = [
            (entry.code, _as_text(require_zone(entry.moment)), entry.cents) for entry in entries
        ]
        try:
            with closing(self._connect(self._path)) as database, database:
                database.executemany("INSERT INTO collected VALUES (?, ?, ?)", rows)
        except sqlite3.IntegrityError as error:
            raise ArchiveError("an entry is already in the archive") from error
        return len(rows)

    def history(self, code: str) -> list[Entry]:
        """Return the entries of the parcels with this code, oldest first, in the shop's zone."""
        with closing(self._connect(self._path)) as database:
            rows = database.execute(
                "SELECT moment, cents FROM collected WHERE code = ? ORDER BY moment", (code,)
            ).fetchall()
        return [Entry(code, _as_moment(moment), cents) for moment, cents in rows]


def _as_text(moment: datetime) -> str:
    """Return the moment in UTC, as a text that sorts like the moments do."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _as_moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(SHOP_ZONE)
