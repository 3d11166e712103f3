"""What may be asserted of an answer: the assertion types of `bench.yaml`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from fiverounds.frozen import Frozen
from fiverounds.spec.fields import (
    Command,
    Count,
    Duration,
    Identifier,
    ModuleName,
    Pattern,
    Positive,
    RelativePath,
    Share,
    Text,
)


class AssertionCommon(Frozen):
    """Keys of every assertion."""

    id: Identifier | None = None
    """Distinguishes several assertions of one type in a round."""


class PytestAssertion(AssertionCommon):
    """A pytest suite of the bench, run on the subject's code."""

    type: Literal["pytest"]
    """A pytest suite."""
    suite: RelativePath
    """Folder (or file) with the tests; the subject never sees it."""
    expect_tests: Positive | None = None
    """How many tests there are: a suite that loses one is broken, not passed."""
    expected: RelativePath | None = None
    """File with the expected test ids, one a line.

    Default: `<suite>/expected-tests.txt` if it is there.
    """
    isolation: Literal["process", "in-process"] = "in-process"
    """`process` runs the subject outside the process that judges it."""
    module: ModuleName | None = None
    """With `isolation: process`: the subject's module, which the tests import by this name."""
    test_timeout: Duration = "10s"
    """Longest time of one test."""
    min_passed: Count | None = None
    """Pass with at least this many tests; default: all."""
    protected: tuple[Pattern, ...] = ()
    """Files of the starting workspace (globs) that the subject must leave as they were."""


class ScriptAssertion(AssertionCommon):
    """A Python integration script of the bench, or any command, run beside the subject."""

    type: Literal["script"]
    """An integration script, or any command."""
    run: RelativePath | Command
    """A path ending in `.py`, or a command run in the subject's jail."""
    setup: Command | Annotated[tuple[Command, ...], Field(min_length=1)] | None = None
    """A command, or a list of commands, run before it in the subject's jail (a build)."""
    report: Literal["auto", "json", "junit", "exit-code"] = "auto"
    """How it tells what passed."""
    report_file: RelativePath | None = None
    """Where a command leaves its JSON or JUnit report, relative to the workspace."""
    min_passed: Count | None = None
    """Pass with at least this many checks; default: all."""


class PauseSpec(Frozen):
    """A key that must stop the picture, and, pressed again, let it go on."""

    key: Text
    """The key's name as in the browser's `KeyboardEvent.code`, e.g. `Space`."""
    max_moved_pixels: Count = 2000
    """Pixels that may still differ between two screenshots while it is paused."""
    min_resumed_pixels: Count = 1
    """Pixels that must differ once it goes on."""


class FpsAssertion(AssertionCommon):
    """Frames a page presents in a real Chromium."""

    type: Literal["fps"]
    """Frames a page presents."""
    page: RelativePath = "index.html"
    """The page, relative to the workspace."""
    min_fps: Annotated[float, Field(gt=0, le=1000)] = 60.0
    """Frames a second it must present."""
    duration: Duration = "6s"
    """How long it is measured."""
    warm_up: Duration = "1s"
    """How long it runs before it is measured."""
    min_low1_fps: Annotated[float, Field(gt=0, le=1000)] | None = None
    """Frames a second over the slowest hundredth of the frames; default: not judged."""
    max_long_share: Share = 0.01
    """Share of the frames that may take longer than 50 ms; one is always fine."""
    min_changed_area: Share = 0.0
    """Share of the screen (in 16 x 9 tiles) that must change within a second: a still page fails."""
    min_moved_pixels: Count = 0
    """Pixels that must differ between two screenshots, seconds apart."""
    min_drawn_area: Share = 0.0
    """Share of a screenshot that must have another colour than the commonest."""
    pause: PauseSpec | None = None
    """A key that stops and restarts the page; default: not judged."""
    allow_console_errors: bool = False
    """Errors on the console are fine."""
    allow_requests: bool = False
    """Requests to the outside are fine (they are blocked all the same)."""
    retries: Annotated[int, Field(ge=0, le=5)] = 2
    """Measure again this often when other load on the machine spoiled a measurement."""


class BugCountAssertion(AssertionCommon):
    """Planted bugs, each with hidden probes."""

    type: Literal["bug-count"]
    """Planted bugs that were fixed."""
    manifest: RelativePath
    """File that lists the bugs and their probes."""
    total: Positive | None = None
    """How many bugs the manifest must list."""
    min_fixed: Count | None = None
    """Pass with at least this many bugs fixed; default: all."""
    max_regressions: Count = 0
    """Tests that passed before and may fail now."""
    test_timeout: Duration = "10s"
    """Longest time of one probe."""


AssertionSpec = Annotated[
    PytestAssertion | ScriptAssertion | FpsAssertion | BugCountAssertion,
    Field(discriminator="type"),
]
