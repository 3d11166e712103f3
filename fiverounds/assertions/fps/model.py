"""What a probe is asked and what it answers: immutable values without behaviour."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from fiverounds.assertions.fps.content import Content, Still
from fiverounds.assertions.fps.trace import Pace

ORIGIN = "https://artefact.test"
"""Where the page seems to live: https, for what browsers keep for secure origins. Nothing is looked up or connected."""


class Trouble(StrEnum):
    """Ways in which a page can end a probe before its time. All are the page's doing."""

    PAGE_MISSING = "page_missing"
    LOAD_TIMEOUT = "load_timeout"
    MAIN_THREAD_HANG = "main_thread_hang"
    MEMORY = "memory"
    RENDERER_CRASH = "renderer_crash"
    PAGE_CLOSED = "page_closed"
    DIALOG_FLOOD = "dialog_flood"
    CONSOLE_FLOOD = "console_flood"
    WINDOW_FLOOD = "window_flood"
    UNRESPONSIVE = "unresponsive"


@dataclass(frozen=True, slots=True)
class ProbeRequest:
    """One page to look at, and for how long."""

    read: Callable[[str], bytes | None]
    """The page's own files: relative path with `/` → content, or `None` where there is none."""
    page: str = "index.html"
    duration_s: float = 2.5
    """Length of the measured window; nothing but the lean trace runs in it."""
    warm_s: float = 0.7
    """Time the page gets to settle before the window."""
    cast_s: float = 0.9
    """Length of the screencast after the window; 0 leaves it out."""
    load_limit_s: float = 8.0
    hang_limit_s: float = 4.0
    """Silence of the page's main thread after which it counts as hung."""
    memory_limit_mb: int = 2048
    """Private memory of the whole browser at which the probe ends it."""
    click_to_start: bool = True
    """Click once on a start-like button, or the middle, when nothing moves at first."""
    width: int = 1280
    height: int = 720
    """The viewport in CSS pixels, one device pixel each."""
    screenshots: bool = True
    pause_key: str | None = None
    """A key that must freeze the page, and let it go on when pressed again, e.g. `Space`; `None`: not tried."""


@dataclass(frozen=True, slots=True)
class Blocked:
    """A request that the page made to the outside, and that was not let out."""

    kind: str
    """`fetch`, `image`, `websocket`, `document`, `script`, …"""
    url: str


@dataclass(frozen=True, slots=True)
class Heard:
    """Everything the page did besides drawing. The lists are cut; the counts are not."""

    console_errors: tuple[str, ...] = ()
    page_errors: tuple[str, ...] = ()
    """Uncaught exceptions and unhandled rejections."""
    console_error_count: int = 0
    page_error_count: int = 0
    blocked: tuple[Blocked, ...] = ()
    blocked_count: int = 0
    missing: tuple[str, ...] = ()
    """Own files that the page asked for and that do not exist."""
    navigations: tuple[str, ...] = ()
    """Where the page tried to go after it was loaded. It was kept where it was."""
    popups: tuple[str, ...] = ()
    dialogs: int = 0


@dataclass(frozen=True, slots=True)
class Pause:
    """What pressing the pause key did, in pixels that differ between two screenshots 0.3 s apart."""

    paused_pixels: int
    resumed_pixels: int


@dataclass(frozen=True, slots=True)
class Cost:
    """Where the time of the measured window went. Cores: 1.0 is one core kept busy."""

    script_share: float | None = None
    """Share of the window that the main thread spent in script (wall clock, so load inflates it)."""
    task_share: float | None = None
    """Share of the window that the main thread spent in tasks of any kind."""
    renderer_cores: float | None = None
    gpu_cores: float | None = None
    browser_cores: float | None = None
    """The browser as a whole."""
    external_cores: float | None = None
    """All other programs of the machine, this process left out."""


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """What one look at a page gave. Parts that were not reached are `None`."""

    trouble: Trouble | None = None
    detail: str = ""
    """What the browser said to the trouble, where it said anything."""
    pace: Pace | None = None
    content: Content | None = None
    cost: Cost = Cost()
    heard: Heard = Heard()
    before_png: bytes | None = None
    after_png: bytes | None = None
    """Screenshots before and after the window."""
    still: Still | None = None
    """What the later screenshot shows."""
    moved_pixels: int | None = None
    """Pixels that differ between the two screenshots."""
    pause: Pause | None = None
    """`None` when not tried."""
    clicked: str | None = None
    """What was clicked to start the page: the button's text, or `(middle)`; `None`: nothing."""
    memory_peak_mb: int = 0
    load_s: float | None = None
    wall_s: float = 0.0
    browser_version: str = ""
