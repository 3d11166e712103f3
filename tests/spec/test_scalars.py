from __future__ import annotations

import pytest

from fiverounds.spec.scalars import BadScalar, resolve, scalar_value

STR = "tag:yaml.org,2002:str"
INT = "tag:yaml.org,2002:int"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None), ("~", None), ("null", None), ("nULL", "nULL"),
        ("true", True), ("False", False), ("yes", "yes"), ("no", "no"), ("on", "on"), ("y", "y"),
        ("0", 0), ("-7", -7), ("+7", 7), ("010", 10), ("0o10", 8), ("0x1F", 31), ("0b1", "0b1"), ("1_000", "1_000"),
        ("1.5", 1.5), (".5", 0.5), ("1.", 1.0), ("1e3", 1000.0), ("-1E-2", -0.01), ("1.2.3", "1.2.3"), ("e5", "e5"),
        ("2026-01-31", "2026-01-31"), ("2026-01-31T10:00:00Z", "2026-01-31T10:00:00Z"), ("12:30", "12:30"),
        ("9223372036854775807", 2**63 - 1), ("٣", "٣"), ("0o8", "0o8"), ("=", "="),
    ],
)  # fmt: skip
def test_the_core_schema_of_yaml_1_2(text: str, value: object) -> None:
    found = resolve(text)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    "text",
    [
        ".inf",
        "-.INF",
        ".nan",
        "9223372036854775808",
        "1e400",
        "9" * 5000,
        "0x" + "f" * 100,
        "1" * 80 + ".0",
    ],
)
def test_numbers_no_spec_can_use(text: str) -> None:
    with pytest.raises(BadScalar):
        resolve(text)


def test_tags() -> None:
    assert scalar_value("1", STR, bare=False) == "1"
    assert scalar_value("1", "!", bare=False) == "1"
    assert scalar_value("1", INT, bare=False) == 1
    assert scalar_value("1", None, bare=False) == "1"
    with pytest.raises(BadScalar, match="not what the tag `!!int` says"):
        scalar_value("one", INT, bare=False)
    with pytest.raises(BadScalar, match="`!!binary` is not allowed"):
        scalar_value("AAAA", "tag:yaml.org,2002:binary", bare=False)


def test_surrogates() -> None:
    assert scalar_value("\ud83d\ude00", None, bare=False) == "😀"
    with pytest.raises(BadScalar, match="surrogate"):
        scalar_value("\ud83d", None, bare=False)
    with pytest.raises(BadScalar, match="NUL"):
        scalar_value("a\0", None, bare=True)
