from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from fiverounds.spec import fields


def accepts(kind: Any, value: str) -> bool:
    try:
        TypeAdapter(kind).validate_json(value, strict=True)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        (
            "Identifier",
            ['"a"', '"0a.b_c-d"'],
            ['""', '"A"', '"-a"', '"a b"', '"a/b"', '"a\\n"', "1"],
        ),
        (
            "Duration",
            ['"0s"', '"1.5h"', '"10ms"'],
            ['"s"', '"1"', '"1 s"', '"-1s"', '"1.s"', '"1s\\n"', "1", '"٣s"'],
        ),
        ("ByteSize", ['"1B"', '"0.5GiB"'], ['"1"', '"1K"', '"1gib"', "1"]),
        ("EnvironmentName", ['"A"', '"_A1"'], ['"a"', '"1A"', '"A-B"', '"sk-x"']),
        (
            "HttpUrl",
            ['"http://x"', '"https://x:1/v1?a=b"', '"${URL}/v1"'],
            ['"x"', '"ftp://x"', '"http://"', '"http://a b"'],
        ),
        ("FormatVersion", ["1"], ["1.0", "true", "2", '"1"']),
        ("Yes", ["true"], ["1", "1.0", "false", '"true"']),
    ],
)
def test_what_a_field_takes(name: str, good: list[str], bad: list[str]) -> None:
    kind = getattr(fields, name)
    assert [value for value in good if not accepts(kind, value)] == []
    assert [value for value in bad if accepts(kind, value)] == []
