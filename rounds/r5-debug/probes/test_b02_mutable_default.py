from parcelpoint.models import Parcel
from parcelpoint.notices import compose


def fields_of(text):
    return dict(line.split(": ", 1) for line in text.splitlines())


def test_notice_says_nothing_of_the_parcel_before():
    first = fields_of(compose(Parcel("PP-1", "r1", cash_due=2500), "A-01"))
    second = fields_of(compose(Parcel("PP-2", "r2"), "A-02"))
    assert first["cash due"] == "25.00 EUR"
    assert "cash due" not in second
    assert (second["parcel"], second["place"]) == ("PP-2", "A-02")


def test_order_of_the_notices_does_not_matter():
    before = compose(Parcel("PP-3", "r1"), "A-03")
    compose(Parcel("PP-9", "r2", cash_due=100), "A-09")
    assert compose(Parcel("PP-3", "r1"), "A-03") == before


def test_fields_of_the_caller_stay_as_they_are():
    fields = {"shop": "Corner Shop"}
    text = compose(Parcel("PP-4", "r1", cash_due=100), "A-04", fields)
    assert fields == {"shop": "Corner Shop"}
    assert text.splitlines() == [
        "shop: Corner Shop",
        "parcel: PP-4",
        "place: A-04",
        "cash due: 1.00 EUR",
    ]


def test_standard_fields_are_still_shown_first():
    lines = compose(Parcel("PP-5", "r1"), "A-05").splitlines()
    assert lines[:2] == ["shop: Parcel Point", "open: Mon-Sat 09:00-19:00"]
    assert lines[2:4] == ["parcel: PP-5", "place: A-05"]
