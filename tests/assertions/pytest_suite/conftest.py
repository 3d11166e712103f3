from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fiverounds.errors import SetupError
from fiverounds.sandbox.base import Sandbox
from fiverounds.sandbox.choose import choose
from tests.assertions.pytest_suite.trial import Trial


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    try:
        chosen = choose("bubblewrap")
    except SetupError as error:
        pytest.skip(f"{error.message}; {error.hint}")
    yield chosen
    chosen.close()


@pytest.fixture
def trial(tmp_path: Path, sandbox: Sandbox) -> Trial:
    tmp_path.chmod(0o755)
    return Trial(tmp_path, sandbox)
