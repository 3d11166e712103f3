from datetime import UTC, datetime, timedelta

import pytest

from parcelpoint import SHOP_ZONE
from parcelpoint.errors import ClockError
from parcelpoint.stay import held_for, started_days


def test_held_within_one_day():
    arrived = datetime(2024, 5, 6, 10, 0, tzinfo=SHOP_ZONE)
    collected = datetime(2024, 5, 6, 18, 45, tzinfo=SHOP_ZONE)
    assert held_for(arrived, collected) == timedelta(hours=8, minutes=45)


def test_held_between_two_zones():
    arrived = datetime(2024, 5, 6, 10, 0, tzinfo=UTC)
    collected = datetime(2024, 5, 6, 13, 0, tzinfo=SHOP_ZONE)
    assert held_for(arrived, collected) == timedelta(hours=1)


def test_moment_without_zone_is_refused():
    with pytest.raises(ClockError) as caught:
        held_for(datetime(2024, 5, 6, 10, 0), datetime(2024, 5, 6, 11, 0, tzinfo=SHOP_ZONE))
    assert "2024-05-06T10:00:00" in str(caught.value)


def test_started_days():
    lengths = [timedelta(0), timedelta(minutes=1), timedelta(hours=24), timedelta(hours=25)]
    assert [started_days(held) for held in lengths] == [0, 1, 1, 2]
