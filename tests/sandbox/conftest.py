from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

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
def abyss() -> Iterator[Path]:
    """A folder for deep trees: in memory, where they are quickly made, and removed by other means than ours."""
    memory = Path("/dev/shm")
    folder = tempfile.mkdtemp(
        prefix="fiverounds-abyss-", dir=memory if os.access(memory, os.W_OK) else None
    )
    yield Path(folder)
    subprocess.run(["chmod", "-R", "u+rwX", folder], check=False)
    subprocess.run(["rm", "-rf", folder], check=True)


@pytest.fixture
def sleeper() -> Iterator[Sleepers]:
    with sleepers() as made:
        yield made
        assert made.pids() == [], "left running"
