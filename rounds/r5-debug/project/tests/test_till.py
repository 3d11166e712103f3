import pytest

from parcelpoint import Till
from parcelpoint.errors import TillError


def test_bookings_add_up(tmp_path):
    till = Till(tmp_path / "till.json")
    assert till.add("cash", 500) == 500
    assert till.add("cash", -120) == 380
    assert till.balance("cash") == 380


def test_transfer_moves_money(tmp_path):
    till = Till(tmp_path / "till.json")
    till.add("cash", 500)
    till.transfer("cash", "bank", 450)
    assert (till.balance("cash"), till.balance("bank")) == (50, 450)


def test_two_counters_share_the_file(tmp_path):
    one, other = Till(tmp_path / "till.json"), Till(tmp_path / "till.json")
    one.add("cash", 100)
    other.add("cash", 20)
    one.add("cash", 3)
    assert other.balance("cash") == 123


def test_no_account_is_overdrawn(tmp_path):
    till = Till(tmp_path / "till.json")
    till.add("cash", 100)
    with pytest.raises(TillError):
        till.add("cash", -101)
    assert till.balance("cash") == 100
