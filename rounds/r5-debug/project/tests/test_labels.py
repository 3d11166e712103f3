import pytest

from parcelpoint.errors import LabelError
from parcelpoint.labels import Label, decode_label, encode_label


def test_record_of_a_plain_label():
    record = encode_label(Label("PP-1001", "Ida Berg", "A-07"))
    assert record == b"PP-1001     Ida Berg                    A-07    "


def test_record_of_a_label_with_an_accent():
    record = encode_label(Label("PP-1002", "Zoë Åkesson", "A-08"))
    assert len(record) == 48
    assert decode_label(record) == Label("PP-1002", "Zoë Åkesson", "A-08")


def test_code_that_does_not_fit():
    with pytest.raises(LabelError) as caught:
        encode_label(Label("PP-1234567890", "Ida Berg", "A-07"))
    assert "PP-1234567890" in str(caught.value)
