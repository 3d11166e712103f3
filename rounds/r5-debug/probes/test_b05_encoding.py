import pytest

from parcelpoint.labels import Label, decode_label, encode_label


@pytest.mark.parametrize(
    "name",
    ["Zoë Åkesson", "Łucja Żółć", "Νίκη", "山田花子", "Ida 🎈"],
    ids=["latin", "polish", "greek", "japanese", "emoji"],
)
def test_fields_keep_their_place_in_any_script(name):
    record = encode_label(Label("PP-1", name, "A-07"))
    assert len(record) == 48
    assert record[12:40].rstrip(b" ") == name.encode("utf-8")
    assert record[40:] == b"A-07    "


@pytest.mark.parametrize(
    ("name", "kept"),
    [("é" * 20, "é" * 14), ("a" + "é" * 20, "a" + "é" * 13), ("ab" + "🎈" * 9, "ab" + "🎈" * 6)],
    ids=["even", "odd", "four-bytes"],
)
def test_long_name_is_cut_between_characters(name, kept):
    record = encode_label(Label("PP-2", name, "A-08"))
    assert len(record) == 48
    assert decode_label(record) == Label("PP-2", kept, "A-08")


def test_plain_name_is_cut_at_the_width_of_the_field():
    record = encode_label(Label("PP-3", "Wilhelmina Featherstonehaugh-Berg", "A-09"))
    assert record == b"PP-3        Wilhelmina FeatherstonehaughA-09    "


def test_name_that_just_fits_is_kept():
    name = "山田花子山田花子山" + "!"
    assert len(name.encode("utf-8")) == 28
    assert decode_label(encode_label(Label("PP-4", name, "A-10"))).name == name
