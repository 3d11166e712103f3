from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest

from fiverounds.assertions.browsers import browser_jail, find_chromium
from fiverounds.assertions.fps import FpsBrowser, LaunchSpec
from fiverounds.assertions.fps.procs import alive
from fiverounds.errors import SetupError
from fiverounds.sandbox.choose import choose

T = TypeVar("T")
Run = Callable[[Coroutine[Any, Any, T]], T]


@pytest.fixture(scope="package")
def run() -> Iterator[Run[Any]]:
    """Runs a coroutine on the one event loop that the browser lives on."""
    with asyncio.Runner() as runner:
        yield runner.run


@pytest.fixture(scope="package")
def spec(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LaunchSpec]:
    """A real Chromium in the jail that subjects' pages get."""
    chromium = find_chromium()
    if chromium is None:
        pytest.skip("Chromium is not installed; sudo apt-get install chromium")
    try:
        sandbox = choose("bubblewrap")
    except SetupError as error:
        pytest.skip(f"{error.message}; {error.hint}")
    with sandbox.enter(browser_jail("private")) as jail:
        work = tmp_path_factory.mktemp("fps")
        yield LaunchSpec(chromium, tuple(jail.argv([])), work, profile_dir="/tmp/profile")
    sandbox.close()


@asynccontextmanager
async def opened(spec: LaunchSpec) -> AsyncIterator[FpsBrowser]:
    """A browser that is looked after: once it is closed, nothing of it may be left."""
    async with FpsBrowser(spec) as browser:
        yield browser
        processes = browser.processes()
    assert [process.pid for process in processes if alive(process)] == []
    assert spec.work_dir is not None
    assert list(spec.work_dir.iterdir()) == []


@pytest.fixture(scope="package")
def browser(
    run: Run[Any], spec: LaunchSpec, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[FpsBrowser]:
    """One warm browser for all tests."""
    driver_files = tmp_path_factory.mktemp("driver")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(driver_files))  # where Playwright's driver puts its own
        keeper = opened(spec)
        yield run(keeper.__aenter__())
        run(keeper.__aexit__(None, None, None))
    assert list(driver_files.iterdir()) == []


@pytest.fixture(scope="session")
def pages() -> Path:
    return Path(__file__).parents[2] / "fixtures" / "pages"
