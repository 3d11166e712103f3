import threading
from contextlib import nullcontext

import pytest

from parcelpoint import Till
from parcelpoint.errors import TillError


class QueueingLock:
    """A lock at which another counter is served first: it books before the lock is ours."""

    def __init__(self, path, cents):
        self._path = path
        self._pending = [cents]

    def __enter__(self):
        while self._pending:
            Till(self._path, nullcontext()).add("cash", self._pending.pop())

    def __exit__(self, *_):
        pass


class AnnouncingLock:
    """A real lock that announces every thread that asks for it."""

    def __init__(self):
        self.lock = threading.Lock()
        self.asked = threading.Event()

    def __enter__(self):
        self.asked.set()
        self.lock.acquire()

    def __exit__(self, *_):
        self.lock.release()


class StrictLock:
    """A lock that fails instead of waiting when it is taken while it is held."""

    def __init__(self):
        self.held = False

    def __enter__(self):
        assert not self.held
        self.held = True

    def __exit__(self, *_):
        self.held = False


def test_booking_of_the_counter_served_first_counts(tmp_path):
    path = tmp_path / "till.json"
    Till(path).add("cash", 1000)
    assert Till(path, QueueingLock(path, 500)).add("cash", 20) == 1520
    assert Till(path).balance("cash") == 1520


def test_money_paid_out_by_the_counter_served_first_is_gone(tmp_path):
    path = tmp_path / "till.json"
    Till(path).add("cash", 1000)
    with pytest.raises(TillError):
        Till(path, QueueingLock(path, -400)).add("cash", -700)
    assert Till(path).balance("cash") == 600


def test_booking_of_a_thread_that_had_to_wait(tmp_path):
    path = tmp_path / "till.json"
    lock = AnnouncingLock()
    waiting = threading.Thread(target=Till(path, lock).add, args=("cash", 20), daemon=True)
    with lock.lock:
        waiting.start()
        assert lock.asked.wait(20)
        Till(path, nullcontext()).add("cash", 500)
    waiting.join(20)
    assert not waiting.is_alive()
    assert Till(path).balance("cash") == 520


def test_lock_is_free_after_every_booking(tmp_path):
    lock = StrictLock()
    till = Till(tmp_path / "till.json", lock)
    assert till.add("cash", 100) == 100
    with pytest.raises(TillError):
        till.add("cash", -101)
    assert not lock.held
    till.transfer("cash", "bank", 40)
    assert not lock.held
    assert (till.balance("cash"), till.balance("bank")) == (60, 40)
