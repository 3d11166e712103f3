import sqlite3
from datetime import datetime

import pytest

from parcelpoint import SHOP_ZONE, Archive, Entry
from parcelpoint.errors import ArchiveError

NOON = datetime(2024, 5, 6, 12, 0, tzinfo=SHOP_ZONE)


class Tracer:
    """Opens connections and remembers them."""

    def __init__(self):
        self.opened = []

    def __call__(self, *args, **options):
        connection = sqlite3.connect(*args, **options)
        self.opened.append(connection)
        return connection

    def still_open(self):
        return sum(is_open(connection) for connection in self.opened)


def is_open(connection):
    try:
        connection.execute("SELECT 1")
    except sqlite3.ProgrammingError:
        return False
    return True


def test_nothing_is_open_after_storing(tmp_path):
    tracer = Tracer()
    archive = Archive(tmp_path / "archive.db", tracer)
    for number in range(3):
        archive.store([Entry(f"PP-{number}", NOON, 100)])
    assert tracer.still_open() == 0


def test_nothing_is_open_after_a_refused_entry(tmp_path):
    tracer = Tracer()
    archive = Archive(tmp_path / "archive.db", tracer)
    with pytest.raises(ArchiveError):
        archive.store([Entry("PP-1", NOON, 100), Entry("PP-1", NOON, 100)])
    assert tracer.still_open() == 0


def test_what_was_stored_stays_stored(tmp_path):
    path = tmp_path / "archive.db"
    entries = [Entry("PP-1", NOON, 100), Entry("PP-2", NOON, 250)]
    assert Archive(path, Tracer()).store(entries) == 2
    assert Archive(path).history("PP-1") == entries[:1]
    assert Archive(path).history("PP-2") == entries[1:]


def test_refused_entries_are_not_stored(tmp_path):
    path = tmp_path / "archive.db"
    archive = Archive(path, Tracer())
    archive.store([Entry("PP-1", NOON, 100)])
    with pytest.raises(ArchiveError):
        archive.store([Entry("PP-2", NOON, 250), Entry("PP-1", NOON, 100)])
    assert Archive(path).history("PP-2") == []
    assert archive.history("PP-1") == [Entry("PP-1", NOON, 100)]
