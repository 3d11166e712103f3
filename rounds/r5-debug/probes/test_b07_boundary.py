import pytest

from parcelpoint import Slot, SlotBook
from parcelpoint.errors import SlotTaken
from parcelpoint.slots import overlaps


def shares_a_minute(one, other):
    return bool(set(range(one.start, one.end)) & set(range(other.start, other.end)))


def test_slot_may_end_where_another_begins():
    assert overlaps(Slot(600, 630), Slot(630, 660)) is False
    assert overlaps(Slot(630, 660), Slot(600, 630)) is False


def test_gap_is_filled_whatever_was_booked_first():
    book = SlotBook()
    for text in ("11:00-12:00", "09:00-10:00", "10:00-11:00", "08:59-09:00"):
        book.book(Slot.parse(text), "Alpha")
    assert [slot.start for slot, _ in book.plan()] == [539, 540, 600, 660]


def test_one_shared_minute_is_an_overlap():
    assert overlaps(Slot(600, 631), Slot(630, 660)) is True
    book = SlotBook()
    book.book(Slot(630, 660), "Alpha")
    with pytest.raises(SlotTaken) as caught:
        book.book(Slot(600, 631), "Beta")
    assert caught.type is SlotTaken


def test_all_pairs_of_short_slots():
    slots = [Slot(start, end) for start in range(6) for end in range(start + 1, 7)]
    for one in slots:
        for other in slots:
            assert overlaps(one, other) == shares_a_minute(one, other)
