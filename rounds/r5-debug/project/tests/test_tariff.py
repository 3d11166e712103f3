import pytest

from parcelpoint.models import Size
from parcelpoint.tariff import charge


@pytest.mark.parametrize(
    ("size", "days", "cents"),
    [(Size.SMALL, 5, 140), (Size.MEDIUM, 2, 150)],
    ids=["small-five-days", "medium-two-days"],
)
def test_charge_with_three_free_days(size, days, cents):
    assert charge(size, days, 3) == cents
