from __future__ import annotations

import time

from fiverounds.limits import Deadline, Limits


def test_a_deadline_counts_down_and_stops_at_zero() -> None:
    deadline = Deadline.after(1000)
    first = deadline.left_seconds()
    assert 0 < first <= 1000
    assert deadline.left_seconds() <= first
    assert Deadline(time.monotonic()).left_seconds() == 0
    assert Deadline.after(-5).left_seconds() == 0


def test_the_earlier_of_two_deadlines() -> None:
    far, near = Deadline.after(1000), Deadline.after(1)
    assert near.earlier(1000) == near
    assert far.earlier(1).left_seconds() <= 1


def test_every_limit_is_set() -> None:
    assert all(getattr(Limits(), name) > 0 for name in Limits.__slots__)
