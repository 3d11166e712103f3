from datetime import datetime, timedelta

import pytest

from parcelpoint import SHOP_ZONE, Archive, Desk, Directory, Parcel, Recipient, Size, Till

MONDAY = datetime(2024, 5, 6, 10, 0, tzinfo=SHOP_ZONE)


@pytest.fixture
def till(tmp_path):
    return Till(tmp_path / "till.json")


@pytest.fixture
def desk(tmp_path, till):
    people = Directory()
    people.add(Recipient("r1", "Ida Berg"))
    people.add(Recipient("r2", "Bert Holm", member=True))
    return Desk(people, till, Archive(tmp_path / "archive.db"))


def test_collection_beyond_the_free_days(desk, till):
    desk.receive(Parcel("PP-1", "r1", Size.MEDIUM, cash_due=900), "A-01", MONDAY)
    receipt = desk.collect("PP-1", MONDAY + timedelta(days=4, hours=2))
    assert (receipt.days, receipt.charge, receipt.total) == (5, 250, 1150)
    assert till.balance("cash") == 1150


def test_collection_by_a_member_within_the_free_days(desk, till):
    desk.receive(Parcel("PP-2", "r2", Size.LARGE), "A-01", MONDAY)
    assert desk.collect("PP-2", MONDAY + timedelta(days=6)).charge == 250
    assert till.balance("cash") == 250


def test_each_parcel_has_its_own_notice(desk):
    first = desk.receive(Parcel("PP-3", "r1", cash_due=2500), "A-01", MONDAY)
    second = desk.receive(Parcel("PP-4", "r2"), "A-02", MONDAY)
    assert first.splitlines()[-1] == "cash due: 25.00 EUR"
    assert second.splitlines()[-2:] == ["parcel: PP-4", "place: A-02"]
