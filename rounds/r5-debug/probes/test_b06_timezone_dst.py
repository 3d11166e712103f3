from datetime import UTC, datetime, timedelta, timezone

import pytest

from parcelpoint import SHOP_ZONE
from parcelpoint.errors import ClockError
from parcelpoint.stay import held_for, started_days


def at(month, day, hour, minute=0, fold=0):
    return datetime(2024, month, day, hour, minute, tzinfo=SHOP_ZONE, fold=fold)


def test_night_with_an_hour_less():
    assert held_for(at(3, 30, 20), at(3, 31, 20)) == timedelta(hours=23)
    assert started_days(held_for(at(3, 30, 20), at(3, 31, 21))) == 1


def test_night_with_an_hour_more():
    assert held_for(at(10, 26, 20), at(10, 27, 20)) == timedelta(hours=25)
    assert started_days(held_for(at(10, 26, 20), at(10, 27, 20))) == 2


def test_within_the_repeated_hour():
    assert held_for(at(10, 27, 2, 50), at(10, 27, 2, 10, fold=1)) == timedelta(minutes=20)
    with pytest.raises(ClockError):
        held_for(at(10, 27, 2, 10, fold=1), at(10, 27, 2, 50))


def test_other_days_and_other_zones():
    assert held_for(at(7, 1, 9), at(7, 4, 8)) == timedelta(days=2, hours=23)
    assert held_for(at(7, 1, 9), at(7, 1, 9)) == timedelta(0)
    west = timezone(timedelta(hours=-5))
    assert held_for(at(1, 8, 12), datetime(2024, 1, 8, 7, 0, tzinfo=west)) == timedelta(hours=1)
    assert held_for(datetime(2024, 7, 1, 6, 0, tzinfo=UTC), at(7, 1, 9)) == timedelta(hours=1)


def test_moments_that_cannot_be_compared_are_refused():
    with pytest.raises(ClockError):
        held_for(at(7, 2, 9), at(7, 1, 9))
    with pytest.raises(ClockError):
        held_for(at(7, 1, 9), datetime(2024, 7, 1, 10, 0))
    with pytest.raises(ClockError) as caught:
        held_for(datetime(2024, 7, 1, 8, 0), datetime(2024, 7, 1, 9, 0))
    assert caught.type is ClockError
