from parcelpoint.models import Parcel
from parcelpoint.notices import compose, subject


def test_fields_are_listed_in_order():
    text = compose(Parcel("PP-1", "r1"), "A-07", {"shop": "Corner Shop"})
    assert text.splitlines() == ["shop: Corner Shop", "parcel: PP-1", "place: A-07"]


def test_cash_due_is_mentioned():
    lines = compose(Parcel("PP-2", "r1", cash_due=1205), "A-08").splitlines()
    assert lines[-1] == "cash due: 12.05 EUR"


def test_subject_line():
    assert subject(Parcel("PP-3", "r1")) == "Parcel PP-3 is waiting"
