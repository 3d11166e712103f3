"""One real Chromium, kept warm over many probes, started through a jail's command line.

Playwright speaks to the browser over two inherited pipes (file descriptors 3 and 4) and wants one executable file. So
a four-line shell script stands in for the browser: it `exec`s the jail's command with the browser behind it. The pipes
pass through `exec` and through bubblewrap; the browser needs no port and no network.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import shlex
import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil
from playwright.async_api import Browser, Playwright, async_playwright
from playwright.async_api import Error as PlaywrightError

from fiverounds.assertions.fps import procs
from fiverounds.assertions.fps.trace import Pace

FLAGS = (
    "--disable-blink-features=AutomationControlled",  # pages must not see that they are watched
    "--disable-crash-reporter",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    # A page that walks away would get a process for its goal, though it is kept; the trace waits 5 s for its end.
    # Each probe has a profile, and so a process, of its own with or without this.
    "--disable-site-isolation-trials",
    # A second line behind the jail's empty network: WebSockets do not pass through request interception.
    "--host-resolver-rules=MAP * ~NOTFOUND",
)
"""Beside Playwright's own. Never `--use-angle=swiftshader`: it makes a 2D canvas ten times slower."""
_MARKER = "FIVEROUNDS_FPS_BROWSER"
_CLOSE_S = 3.0
_ANSWER_S = 3.0


class ProbeBroken(Exception):
    """The browser or its driver broke; nothing was learnt about the page."""


@dataclass(frozen=True, slots=True)
class LaunchSpec:
    """Which browser to start, and how."""

    executable: Path
    prefix: tuple[str, ...] = ()
    """The jail's command up to where the browser's own path goes. Empty: no jail."""
    work_dir: Path | None = None
    """An existing folder for the start script and, without `profile_dir`, the profile. `None`: a temporary one."""
    profile_dir: str | None = None
    """The profile's folder as the browser sees it, e.g. on the jail's private /tmp, where it vanishes with the jail.
    `None`: inside `work_dir`, which the jail must then show, writable, at the same path."""
    chromium_sandbox: bool = False
    """Chromium's own sandbox: works for any user but root, also inside a jail that allows user namespaces."""
    environment: Mapping[str, str] = field(default_factory=lambda: {"PATH": "/usr/bin:/bin"})
    launch_limit_s: float = 20.0


class FpsBrowser:
    """`async with FpsBrowser(spec) as browser: await probe(browser, …)`. Started on first use, again after a crash."""

    def __init__(self, spec: LaunchSpec) -> None:
        self.spec = spec
        self.user_agent = ""
        self.version = ""
        self.ceiling: Pace | None = None
        """What this machine reaches with a light page; measured once, see `ceiling`."""
        self._token = secrets.token_hex(8)
        self._folder: Path | None = None
        self._driver: Playwright | None = None
        self._browser: Browser | None = None
        self._root: psutil.Process | None = None
        self._lock = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        await self.close()

    @contextlib.asynccontextmanager
    async def exclusive(self) -> AsyncIterator[Browser]:
        """The running browser, for one probe at a time: presented frames cannot be told apart by page."""
        async with self._lock:
            if self._browser is None or not self._browser.is_connected():
                await self._launch()
            assert self._browser is not None
            yield self._browser

    def processes(self) -> list[psutil.Process]:
        """The browser's processes, from the start script down; cheap enough to ask several times a second."""
        return procs.tree(self._root)

    def driver_pid(self) -> int:
        """The process that relays the protocol: it, too, works on our behalf."""
        try:
            return self._root.ppid() if self._root is not None else 0
        except psutil.Error:
            return 0

    async def answers(self) -> bool:
        """Tell a page that broke from a browser that broke."""
        with contextlib.suppress(PlaywrightError, TimeoutError):
            if self._browser is not None:
                async with asyncio.timeout(_ANSWER_S):
                    session = await self._browser.new_browser_cdp_session()
                    await session.send("Browser.getVersion")
                    await session.detach()
                return True
        return False

    async def discard(self) -> None:
        """Kill the browser at once (a page hung it, or took its memory). The next probe starts another.

        The driver goes too: it may sit on thousands of messages of the page that nobody will read.
        """
        await self._kill(self._all_processes())
        await self._stop_driver()

    async def close(self) -> None:
        """Stop browser and driver and remove what they left on disk. Safe to call twice."""
        processes = self._all_processes()
        if self._browser is not None:
            with contextlib.suppress(PlaywrightError, TimeoutError):
                await asyncio.wait_for(self._browser.close(), _CLOSE_S)
        await self._kill(processes)
        await self._stop_driver()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def _all_processes(self) -> list[psutil.Process]:
        # By ancestry for those whose jail gave them another environment, by mark for those that left their parent.
        if self._folder is None:
            return []
        return [*self.processes(), *procs.marked(f"{_MARKER}={self._token}")]

    async def _kill(self, processes: list[psutil.Process]) -> None:
        procs.kill(processes)
        self._root = None
        await procs.gone(processes, _CLOSE_S)

    async def _stop_driver(self) -> None:
        driver, self._driver, self._browser = self._driver, None, None
        if driver is not None:
            with contextlib.suppress(PlaywrightError, TimeoutError):
                await asyncio.wait_for(driver.stop(), _CLOSE_S)
        if self._folder is not None:
            self._remove_decoy(self._folder)

    @staticmethod
    def _remove_decoy(home: Path) -> None:
        """Remove the profile folder that Playwright made and the browser never used; a driver in a hurry leaves it."""
        with contextlib.suppress(OSError):
            for argument in (home / "arguments").read_text().splitlines():
                name, _, folder = argument.partition("=")
                if name == "--user-data-dir" and Path(folder).name.startswith("playwright_"):
                    shutil.rmtree(folder, ignore_errors=True)

    async def _launch(self) -> None:
        try:
            if self._browser is not None:
                await self.discard()
            pid_file = self._home() / "pid"
            pid_file.unlink(missing_ok=True)
            if self._driver is None:
                self._driver = await async_playwright().start()
            self._browser = await self._driver.chromium.launch(
                executable_path=self._start_script(),
                args=list(FLAGS),
                artifacts_dir=self._home() / "artifacts",
                chromium_sandbox=self.spec.chromium_sandbox,
                env={**self.spec.environment, "HOME": self._profile(), _MARKER: self._token},
                handle_sigint=False,
                handle_sigterm=False,
                handle_sighup=False,
                headless=True,
                timeout=self.spec.launch_limit_s * 1000,
            )
            self._root = psutil.Process(int(pid_file.read_text()))
            session = await self._browser.new_browser_cdp_session()
            about = await session.send("Browser.getVersion")
            await session.detach()
        except (PlaywrightError, psutil.Error, OSError, ValueError) as error:
            await self.close()
            raise ProbeBroken(f"the browser did not start: {error}") from error
        self.user_agent = str(about["userAgent"]).replace("Headless", "")
        self.version = str(about["product"])

    def _home(self) -> Path:
        if self._folder is None or not self._folder.is_dir():  # something may have swept /tmp
            self._folder = Path(tempfile.mkdtemp(prefix="fiverounds-fps-", dir=self.spec.work_dir))
            (self._folder / "profile").mkdir()
        return self._folder

    def _profile(self) -> str:
        return self.spec.profile_dir or str(self._home() / "profile")

    def _start_script(self) -> Path:
        home = self._home()
        script = home / "start-browser"
        command = shlex.join([*self.spec.prefix, str(self.spec.executable)])
        # Playwright names a profile folder of its own outside the jail; the last --user-data-dir wins.
        profile = shlex.quote(f"--user-data-dir={self._profile()}")
        script.write_text(
            "#!/bin/sh\n"
            f"echo $$ > {shlex.quote(str(home / 'pid'))}\n"
            f"""printf '%s\\n' "$@" > {shlex.quote(str(home / "arguments"))}\n"""
            f'exec {command} "$@" {profile}\n'
        )
        script.chmod(0o700)
        return script
