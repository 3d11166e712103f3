import pytest

from parcelpoint.models import Size
from parcelpoint.tariff import charge


@pytest.mark.parametrize("days", [0, 1, 3], ids=["no-day", "one-day", "last-free-day"])
def test_handling_fee_is_due_within_the_free_days(days):
    assert [charge(size, days, 3) for size in Size] == [100, 150, 250]


def test_no_discount_for_free_days_that_are_left():
    assert charge(Size.LARGE, 1, 30) == 250


def test_each_day_beyond_the_free_days_adds_the_daily_rate():
    assert charge(Size.SMALL, 4, 3) == 120
    assert charge(Size.MEDIUM, 10, 7) == 300
    assert charge(Size.LARGE, 2, 0) == 430


def test_negative_days_are_refused():
    with pytest.raises(ValueError) as caught:
        charge(Size.SMALL, -1, 3)
    assert caught.type is ValueError
