from __future__ import annotations

from pathlib import Path

import pytest

from tests.spec.helpers import new_folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A bench folder of this test's own."""
    return new_folder(tmp_path / "bench")


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bench folder that tests add specs to, and leave otherwise as it is."""
    return new_folder(tmp_path_factory.mktemp("specs") / "bench")
