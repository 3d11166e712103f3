from __future__ import annotations

from collections.abc import Iterator

import pytest

from fiverounds.sandbox.bubblewrap import Bubblewrap, problem
from tests.sandbox.support import Sleepers, sleepers


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Bubblewrap]:
    trouble = problem()
    assert trouble is None, f"{trouble} ({trouble.hint if trouble else ''})"
    made = Bubblewrap()
    yield made
    made.close()


@pytest.fixture
def sleeper() -> Iterator[Sleepers]:
    with sleepers() as made:
        yield made
        assert made.pids() == [], "left running"
