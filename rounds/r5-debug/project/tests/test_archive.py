from datetime import datetime

from parcelpoint import SHOP_ZONE, Archive, Entry


def test_history_of_a_code_is_sorted(tmp_path):
    archive = Archive(tmp_path / "archive.db")
    late = Entry("PP-1", datetime(2024, 5, 8, 12, 0, tzinfo=SHOP_ZONE), 140)
    early = Entry("PP-1", datetime(2024, 2, 6, 9, 30, tzinfo=SHOP_ZONE), 100)
    assert archive.store([late, early]) == 2
    assert archive.history("PP-1") == [early, late]


def test_history_of_an_unknown_code(tmp_path):
    assert Archive(tmp_path / "archive.db").history("PP-1") == []
