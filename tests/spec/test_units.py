from __future__ import annotations

import pytest

from fiverounds.spec.units import seconds, size_bytes


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("500ms", 0.5),
        ("90s", 90.0),
        ("15m", 900.0),
        ("1.5h", 5400.0),
        ("0s", 0.0),
        ("999999999h", 3599999996400.0),
    ],
)
def test_seconds(text: str, value: float) -> None:
    assert seconds(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1B", 1),
        ("1kB", 1000),
        ("1KiB", 1024),
        ("1.5MiB", 1572864),
        ("2GiB", 2**31),
        ("3MB", 3_000_000),
        ("1GB", 10**9),
    ],
)
def test_size_bytes(text: str, value: int) -> None:
    assert size_bytes(text) == value
