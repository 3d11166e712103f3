import pytest

from parcelpoint import Slot, SlotBook
from parcelpoint.errors import SlotTaken


def book_of(*slots):
    book = SlotBook()
    for slot in slots:
        book.book(Slot.parse(slot), "Alpha")
    return book


def test_slot_right_after_another():
    book = book_of("10:00-10:30")
    book.book(Slot.parse("10:30-11:00"), "Beta")
    assert book.plan() == [(Slot(600, 630), "Alpha"), (Slot(630, 660), "Beta")]


def test_slot_right_before_another():
    book = book_of("10:30-11:00")
    book.book(Slot.parse("10:00-10:30"), "Beta")
    assert book.plan() == [(Slot(600, 630), "Beta"), (Slot(630, 660), "Alpha")]


@pytest.mark.parametrize("wanted", ["09:45-10:15", "10:15-10:45"], ids=["early", "late"])
def test_slot_that_reaches_into_another(wanted):
    book = book_of("10:00-10:30")
    with pytest.raises(SlotTaken) as caught:
        book.book(Slot.parse(wanted), "Beta")
    assert str(caught.value) == "Alpha is there at that time"


def test_first_free_gap():
    book = book_of("08:00-09:00", "09:20-10:00")
    assert book.first_free(20, earliest=480) == 540
    assert book.first_free(30, earliest=480) == 600
