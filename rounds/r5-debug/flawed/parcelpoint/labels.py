"""Labels, as the label printer takes them: records of exactly 48 bytes.

========  =====  ==================================================
field     bytes  content
========  =====  ==================================================
code         12  code of the parcel, ASCII
name         28  name of the recipient, UTF-8
place         8  place on the shelf, ASCII
========  =====  ==================================================

Every field is filled up with spaces on its right.
"""

from __future__ import annotations

from dataclasses import dataclass

from .errors import LabelError

CODE_BYTES = 12
NAME_BYTES = 28
PLACE_BYTES = 8
RECORD_BYTES = CODE_BYTES + NAME_BYTES + PLACE_BYTES


@dataclass(frozen=True)
class Label:
    """What a label says."""

    code: str
    name: str
    place: str


def encode_label(label: Label) -> bytes:
    """Return the record of *label*.

    A code or place that is not ASCII or does not fit raises ``LabelError``. A name that does not
    fit is shortened.
    """
    return (
        _ascii_field(label.code, CODE_BYTES)
        + _name_field(label.name)
        + _ascii_field(label.place, PLACE_BYTES)
    )


def decode_label(record: bytes) -> Label:
    """Return what *record* says, without the spaces that fill up its fields.

    ``LabelError`` if the record does not have its 48 bytes or a field is not properly encoded.
    """
    if len(record) != RECORD_BYTES:
        raise LabelError(f"a label has {RECORD_BYTES} bytes, not {len(record)}")
    name_end = CODE_BYTES + NAME_BYTES
    try:
        return Label(
            code=record[:CODE_BYTES].decode("ascii").rstrip(" "),
            name=record[CODE_BYTES:name_end].decode("utf-8").rstrip(" "),
            place=record[name_end:].decode("ascii").rstrip(" "),
        )
    except UnicodeDecodeError as error:
        raise LabelError("a field of the label is not properly encoded") from error


def _ascii_field(text: str, width: int) -> bytes:
    """Return *text* as a field of *width* bytes, or raise ``LabelError``."""
    if not text.isascii() or len(text) > width:
        raise LabelError(f"{text!r} is not ASCII of at most {width} characters")
    return text.encode("ascii").ljust(width)


def _name_field(name: str) -> bytes:
    """Return the name field of a label: as many whole characters of *name* as fit."""
    return name.encode("utf-8")[:NAME_BYTES].ljust(NAME_BYTES)
