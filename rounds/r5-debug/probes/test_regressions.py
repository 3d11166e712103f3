from datetime import UTC, datetime, timedelta

import pytest

from parcelpoint import (
    SHOP_ZONE,
    Archive,
    Desk,
    Directory,
    Entry,
    Parcel,
    Recipient,
    Settings,
    Size,
    Slot,
    SlotBook,
    Till,
    load_settings,
)
from parcelpoint.errors import (
    ArchiveError,
    ClockError,
    LabelError,
    ParcelPointError,
    PlaceTaken,
    SlotTaken,
    TillError,
    UnknownParcel,
)
from parcelpoint.labels import Label, decode_label, encode_label
from parcelpoint.notices import compose
from parcelpoint.paging import paginate, window
from parcelpoint.stay import held_for
from parcelpoint.tariff import charge, price_list

MONDAY = datetime(2024, 5, 6, 10, 0, tzinfo=SHOP_ZONE)


@pytest.fixture
def desk(tmp_path):
    people = Directory()
    people.add(Recipient("r1", "Ida Berg"))
    people.add(Recipient("r2", "Bert Holm", member=True))
    till, archive = Till(tmp_path / "till.json"), Archive(tmp_path / "archive.db")
    return Desk(people, till, archive, Settings(page_size=2))


def test_parcel_from_the_courier_to_its_recipient(tmp_path, desk):
    desk.receive(Parcel("PP-1", "r1", Size.LARGE, cash_due=1000), "A-01", MONDAY)
    assert desk.label("PP-1") == b"PP-1        Ida Berg                    A-01    "
    evening = MONDAY + timedelta(days=4, hours=9)
    assert desk.collect("PP-1", evening).total == 250 + 2 * 90 + 1000
    assert Till(tmp_path / "till.json").balance("cash") == 1430
    assert Archive(tmp_path / "archive.db").history("PP-1") == [Entry("PP-1", evening, 1430)]
    with pytest.raises(UnknownParcel):
        desk.collect("PP-1", evening)


def test_shelf_is_listed_page_by_page(desk):
    for number in (3, 1, 2):
        desk.receive(Parcel(f"PP-{number}", "r2"), f"A-0{number}", MONDAY)
    assert [waiting.parcel.code for waiting in desk.waiting().items] == ["PP-3", "PP-1"]
    assert [waiting.place for waiting in desk.waiting(2).items] == ["A-02"]
    with pytest.raises(PlaceTaken):
        desk.receive(Parcel("PP-4", "r1"), "A-01", MONDAY)


def test_list_without_items_has_one_empty_page():
    assert (paginate([], 1, 10).items, paginate([], 1, 10).pages) == ((), 1)


def test_few_pages_are_all_linked():
    assert window(2, 3) == [1, 2, 3]
    assert window(3, 9, 4) == [1, 2, 3, 4]


def test_notice_with_fields_of_the_caller():
    text = compose(Parcel("PP-1", "r1", cash_due=5), "A-01", {"note": "bring: this"})
    assert text == "note: bring: this\nparcel: PP-1\nplace: A-01\ncash due: 0.05 EUR"


def test_charge_beyond_the_free_days():
    assert [charge(size, 9, 7) for size in Size] == [140, 250, 430]
    assert price_list().splitlines()[0] == "S: 1.00 EUR and 0.20 EUR a day beyond the free days"


def test_refused_booking_leaves_the_till_as_it_was(tmp_path):
    till = Till(tmp_path / "till.json")
    till.add("cash", 100)
    before = (tmp_path / "till.json").read_bytes()
    with pytest.raises(TillError):
        till.add("cash", -101)
    with pytest.raises(TillError):
        till.transfer("cash", "bank", 101)
    assert (tmp_path / "till.json").read_bytes() == before
    assert till.add("cash", -100) == 0


def test_record_that_is_no_label():
    record = encode_label(Label("PP-1", "Ida Berg", "A-01"))
    with pytest.raises(LabelError):
        decode_label(record + b" ")
    with pytest.raises(LabelError):
        decode_label(b"\xff" * 48)
    assert decode_label(record) == Label("PP-1", "Ida Berg", "A-01")


def test_moments_in_the_wrong_order():
    with pytest.raises(ClockError) as caught:
        held_for(MONDAY, MONDAY - timedelta(seconds=1))
    assert isinstance(caught.value, ParcelPointError)
    assert held_for(MONDAY, datetime(2024, 5, 6, 9, 0, tzinfo=UTC)) == timedelta(hours=1)


@pytest.mark.parametrize(
    "wanted",
    ["10:00-11:00", "10:00-10:30", "10:30-11:00", "10:15-10:45", "09:00-12:00"],
    ids=["same", "same-start", "same-end", "inside", "around"],
)
def test_no_slot_is_booked_twice(wanted):
    book = SlotBook()
    book.book(Slot.parse("10:00-11:00"), "Alpha")
    with pytest.raises(SlotTaken):
        book.book(Slot.parse(wanted), "Beta")
    assert book.plan() == [(Slot(600, 660), "Alpha")]


def test_archive_takes_all_or_nothing(tmp_path):
    archive = Archive(tmp_path / "archive.db")
    first, second = Entry("PP-1", MONDAY, 100), Entry("PP-2", MONDAY, 100)
    archive.store([first])
    with pytest.raises(ArchiveError):
        archive.store([second, first])
    assert Archive(tmp_path / "archive.db").history("PP-1") == [first]
    assert archive.history("PP-2") == []


def test_shop_without_a_settings_file(tmp_path):
    assert load_settings(tmp_path / "shop.json") == Settings(3, 7, 20)


def test_answer_of_a_search_belongs_to_the_caller():
    people = Directory()
    people.add(Recipient("r1", "Ida Berg"))
    people.search("ida").clear()
    assert people.search("  IDA  b") == [Recipient("r1", "Ida Berg")]
    people.remove("r1")
    assert people.search("ida") == []
