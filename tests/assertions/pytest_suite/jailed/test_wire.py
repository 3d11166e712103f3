from __future__ import annotations

import json
import math
from collections import OrderedDict, namedtuple
from enum import IntEnum
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fiverounds.assertions.pytest_suite.jailed import wire

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**40), 10**40)
    | st.floats(allow_nan=False)
    | st.text(st.characters())  # lone surrogates too
    | st.binary()
)
KEYS = SCALARS | st.tuples(SCALARS, SCALARS) | st.frozensets(SCALARS, max_size=3)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(KEYS, inner, max_size=4)
        | st.sets(KEYS, max_size=4)
    ),
    max_leaves=12,
)


def over(value: Any) -> Any:
    return wire.decode(json.loads(json.dumps(wire.encode(value))))


def exactly(left: Any, right: Any) -> bool:
    """Equal, and of the same types all the way down (1 is not True, 0.0 is not -0.0)."""
    if type(left) is not type(right):
        return False
    if isinstance(left, list | tuple):
        return len(left) == len(right) and all(map(exactly, left, right))
    if isinstance(left, dict):
        return exactly(list(left.items()), list(right.items()))
    return repr(left) == repr(right) if isinstance(left, float) else left == right


@settings(deadline=None, database=None)
@given(VALUES)
def test_plain_values_arrive_as_they_were_sent(value: Any) -> None:
    assert exactly(over(value), value)


def test_floats_without_a_number() -> None:
    assert math.isnan(over(math.nan))
    assert over([math.inf, -math.inf]) == [math.inf, -math.inf]


def test_two_lone_surrogates_stay_two() -> None:
    assert len(over("\ud83d\ude00")) == 2


def test_subclasses_arrive_as_their_base() -> None:
    class Liar(str):
        def __eq__(self, other: object) -> bool:
            return True

        def __str__(self) -> str:
            return "something else"

        __hash__ = str.__hash__

    class Level(IntEnum):
        HIGH = 3

    class Endless(list[int]):
        def __iter__(self) -> Any:
            return iter(lambda: 1, 0)

    point = namedtuple("point", "x y")
    assert exactly(over(Liar("truth")), "truth")
    assert exactly(over(Level.HIGH), 3)
    assert exactly(over(point(1, 2)), (1, 2))
    assert exactly(over(OrderedDict(a=1)), {"a": 1})
    assert exactly(over(Endless([1, 2])), [1, 2])


@pytest.mark.parametrize("value", [object(), len, 1j, range(3), bytearray(b"x"), [object()]])
def test_other_values_do_not_cross(value: object) -> None:
    with pytest.raises(wire.CannotCross, match="type"):
        wire.encode(value)


def test_depth_and_number_are_bounded() -> None:
    deep: list[Any] = []
    deep.append(deep)
    with pytest.raises(wire.CannotCross, match="deep"):
        wire.encode(deep)
    with pytest.raises(wire.CannotCross, match="200000"):
        wire.encode([0] * 200_001)
    with pytest.raises(wire.CannotCross, match="deep"):
        wire.decode(json.loads("[" * 300 + "]" * 300))


@pytest.mark.parametrize(
    "data",
    [
        1.5,
        {},
        {"t": [], "s": []},
        {"t": 1},
        {"?": []},
        {"?": "x"},
        {"i": "x"},
        {"f": "x"},
        {"b": "?"},
        {"u": "/w=="},
        {"d": [[1]]},
        {"d": [[[], 1]]},
        {"s": [[]]},
        {"d": {"a": 1}},
    ],
)
def test_what_encode_never_made_is_refused(data: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        wire.decode(data)
