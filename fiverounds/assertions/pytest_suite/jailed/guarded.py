"""`isolation: in-process`: the tests and the subject in one process, watched as well as that allows."""

from __future__ import annotations

import faulthandler
import os
import secrets
import shutil
import sys
from collections.abc import Callable, Generator
from types import CodeType, FunctionType
from typing import Any

import pytest

from . import fingerprint
from .records import Channel, Reporting, configuration, pytest_arguments

_PLAIN: dict[type, Callable[[], object]] = {
    int: lambda: secrets.randbits(60) | 1 << 60,
    float: lambda: float(secrets.randbits(50) | 1 << 50),
    str: lambda: secrets.token_hex(12),
    bytes: lambda: secrets.token_bytes(12),
    list: lambda: [secrets.token_hex(12)],
    tuple: lambda: (secrets.token_hex(12),),
    set: lambda: {secrets.token_hex(12)},
    dict: lambda: {secrets.token_hex(12): secrets.token_hex(12)},
}
_channels: list[Channel] = []


def checkpoint(token: str) -> None:
    """Called by an instrumented test where it ends: its body really ran."""
    _channels[0].send("checkpoint", token=token)


def control(left: object, right: object) -> bool:
    """What a control copy asserts in place of `left == right`: each side against something random of the other's type.

    False with honest values. An object that claims to equal everything makes it True.
    """
    return bool(left == _something_else(right)) or bool(_something_else(left) == right)


def _something_else(value: object) -> object:
    made = _PLAIN.get(type(value))
    return made() if made else object()


def main(arguments: list[str]) -> None:
    """Run the tests; ends without running anything the subject may have left for the end of the process."""
    told = configuration()
    channel = Channel(told)
    _channels.append(channel)
    guard = Guard(channel, told)
    leave, remove, flush = os._exit, shutil.rmtree, (sys.stdout.flush, sys.stderr.flush)
    code = int(pytest.main(pytest_arguments(told), plugins=[Reporting(channel), guard]))
    guard.finish(code)
    remove(told["temporary"], ignore_errors=True)
    for each in flush:
        each()
    leave(code)


class Guard:
    """A pytest plugin: control copies last, each test in its time, pytest's own code unchanged at the end."""

    def __init__(self, channel: Channel, told: dict[str, Any]) -> None:
        self._channel = channel
        self._seconds: float = told["seconds"]
        self._work: list[str] = told["work"]
        self._conftest: bool = told["conftest"]
        self._excluded = frozenset(told["excluded"])
        self._controls = frozenset(told["controls"])
        self._before: fingerprint.Picture = {}
        self._plugins: set[int] = set()
        self._code: list[tuple[FunctionType, CodeType]] = []
        self._tampered: list[str] = []
        self._root: str = told["root"]
        self._start_timer, self._stop_timer = (
            faulthandler.dump_traceback_later,
            faulthandler.cancel_dump_traceback_later,
        )
        # pytest puts its own file in place of fd 2 while it captures.
        self._stderr = os.fdopen(os.dup(2), "w")

    def pytest_load_initial_conftests(self) -> None:
        """The last moment before the subject's code can be imported, by a conftest.py of the suite."""
        self._before = fingerprint.take()
        sys.path.extend(self._work)
        if self._conftest:
            self._channel.send("collecting", file="conftest.py")
            self._start_timer(self._seconds, exit=True, file=self._stderr)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self, session: pytest.Session) -> None:
        """pytest has registered all its plugins; from here on there are only more of the suite's."""
        self._plugins = {id(plugin) for plugin in session.config.pluginmanager.get_plugins()}

    def pytest_collectstart(self) -> None:
        """Importing a file has a test's time."""
        self._start_timer(self._seconds, exit=True, file=self._stderr)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Control copies last, so that nothing they leave behind spoils a test."""
        self._stop_timer()
        once: dict[str, pytest.Item] = {}
        tests: list[pytest.Item] = []
        for item in items:
            whole = item.nodeid.split("[")[0]
            name = whole.rsplit("::")[-1]
            if self._excluded.intersection((item.nodeid, name)):
                continue
            if name in self._controls:
                once.setdefault(whole, item)  # of a parametrised one the first is enough
            else:
                tests.append(item)
        items[:] = [*tests, *once.values()]
        functions = [getattr(item, "function", None) for item in items]
        self._code = [(one, one.__code__) for one in functions if isinstance(one, FunctionType)]

    def pytest_runtest_logstart(self) -> None:
        """A test's time begins."""
        # A C thread that needs no GIL: it ends even a hang inside one long C call.
        self._start_timer(self._seconds, exit=True, file=self._stderr)

    def pytest_runtest_logfinish(self) -> None:
        """A test's time ends."""
        self._stop_timer()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Keep the text output to the suite's own tests."""
        report = yield
        if report.failed and item.name.split("[")[0] in self._controls:
            report.longrepr, report.sections = "a control copy, which must fail", []
        return report

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Compare while pytest's own temporary patches are still in place."""
        changed = fingerprint.differences(self._before, fingerprint.take())
        self._tampered += [f"changed while the tests ran: {name}" for name in changed[:20]]
        replaced = [one.__qualname__ for one, code in self._code if one.__code__ is not code]
        self._tampered += [f"its code was replaced: {name}" for name in replaced[:20]]
        for name, plugin in session.config.pluginmanager.list_name_plugin():
            ours = plugin is None or id(plugin) in self._plugins or name.startswith(self._root)
            if not ours:
                self._tampered.append(f"a pytest plugin was added: {type(plugin).__name__}")

    def finish(self, code: int) -> None:
        """Report the end, and what was changed meanwhile."""
        self._channel.send("end", code=code, tampered=self._tampered)
