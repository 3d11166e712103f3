"""Keys of a round that contradict each other."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from pathlib import PurePosixPath

from fiverounds.errors import Problem
from fiverounds.limits import Limits
from fiverounds.spec.folder import complaint
from fiverounds.spec.models import (
    BugCountAssertion,
    ChatProvider,
    FpsAssertion,
    GgufProvider,
    LimitsSpec,
    OutputFile,
    PytestAssertion,
    RoundSpec,
    ScriptAssertion,
)
from fiverounds.spec.nodes import SpecPath
from fiverounds.spec.quoting import quoted
from fiverounds.spec.sections import Sections
from fiverounds.spec.suggest import closest, did_you_mean
from fiverounds.spec.units import seconds, size_bytes

Finding = tuple[SpecPath, str, str | None]
"""Where, what is wrong, what mends it."""


def check_consistency(sections: Sections) -> Iterator[Problem]:
    """Problems inside each provider and each round."""
    for finding in _findings(sections):
        path, message, mend = finding
        yield sections.source.problem(path, message, mend)


def _findings(sections: Sections) -> Iterator[Finding]:
    yield from _amounts(("defaults", "limits"), sections.defaults.limits)
    for index, provider in sections.providers.items():
        path: SpecPath = ("providers", index)
        if isinstance(provider, GgufProvider):
            yield from _gguf(path, provider)
        if isinstance(provider, ChatProvider):
            yield from _chat(path, provider)
    for index, round_spec in sections.rounds.items():
        yield from _round(("rounds", index), round_spec, sections.defaults.limits)


def _gguf(path: SpecPath, provider: GgufProvider) -> Iterator[Finding]:
    if provider.file is None and provider.package is None:
        yield path, "a `gguf` provider needs `file` or `package`", None
    if provider.file is not None and provider.package is not None:
        yield path, "a `gguf` provider takes `file` or `package`, not both", None


def _chat(path: SpecPath, provider: ChatProvider) -> Iterator[Finding]:
    if not provider.base_url.startswith(("http://", "https://")):
        yield (*path, "base_url"), "is no URL: it starts with http:// or https://", None
    if seconds(provider.load_timeout) == 0:
        yield (*path, "load_timeout"), "must be longer than nothing", None


def _round(path: SpecPath, round_spec: RoundSpec, defaults: LimitsSpec) -> Iterator[Finding]:
    yield from _amounts((*path, "limits"), round_spec.limits)
    if isinstance(round_spec.output, OutputFile):
        yield from _in_workspace((*path, "output", "file"), round_spec.output.file)
    if round_spec.after is not None and round_spec.repeats is not None:
        message = (
            f"a round that continues {quoted(round_spec.after)} is repeated as often as that one"
        )
        yield (*path, "repeats"), message, "remove `repeats` here"
    limit = round_spec.limits.assertion or defaults.assertion
    for index, assertion in enumerate(round_spec.assertions):
        here = (*path, "assert", index)
        match assertion:
            case PytestAssertion():
                yield from _pytest(here, assertion, round_spec)
            case ScriptAssertion():
                yield from _script(here, assertion)
            case FpsAssertion():
                yield from _fps(here, assertion, round_spec, limit)
            case BugCountAssertion():
                yield from _bug_count(here, assertion, round_spec)


def _pytest(path: SpecPath, assertion: PytestAssertion, round_spec: RoundSpec) -> Iterator[Finding]:
    if assertion.isolation == "process" and assertion.module is None:
        mend = f"did you mean `module: {_stem(round_spec)}`?" if _stem(round_spec) else None
        yield (*path, "isolation"), "`isolation: process` needs `module`", mend
    if assertion.isolation != "process" and assertion.module is not None:
        mend = "add `isolation: process`, or remove `module`"
        yield (*path, "module"), "`module` has a meaning with `isolation: process` only", mend
    elif assertion.module is not None and _stem(round_spec) not in (None, assertion.module):
        stem = _stem(round_spec) or ""
        message = f"the answer is {quoted(stem + '.py')}, so there is no module {quoted(assertion.module)}"
        yield (*path, "module"), message, did_you_mean(stem)
    if (assertion.min_passed or 0) > (assertion.expect_tests or assertion.min_passed or 0):
        message = f"more than the {assertion.expect_tests} tests that `expect_tests` counts"
        yield (*path, "min_passed"), message, None
    if assertion.protected and round_spec.workspace is None and round_spec.after is None:
        message = "protects starting files, and this round has none"
        yield (*path, "protected"), message, "give the round a `workspace`"
    yield from _not_zero((*path, "test_timeout"), assertion.test_timeout)


def _stem(round_spec: RoundSpec) -> str | None:
    """The module that an answer of one Python file is, where nothing else can be there."""
    output = round_spec.output
    if not isinstance(output, OutputFile) or round_spec.workspace or round_spec.after:
        return None
    file = PurePosixPath(output.file)
    return file.stem if file.suffix == ".py" and len(file.parts) == 1 else None


def _script(path: SpecPath, assertion: ScriptAssertion) -> Iterator[Finding]:
    if isinstance(assertion.run, str) and not assertion.run.endswith(".py"):
        words = assertion.run.split()
        shown = ", ".join(words) if len(words) <= 8 else "…"
        yield (
            (*path, "run"),
            "a script's path ends in `.py`; a command is a list",
            f"write the command as [{shown}]" if quoted(shown) == f"`{shown}`" else None,
        )
    if assertion.report_file is not None:
        yield from _in_workspace((*path, "report_file"), assertion.report_file)


def _fps(
    path: SpecPath, assertion: FpsAssertion, round_spec: RoundSpec, limit: str | None
) -> Iterator[Finding]:
    yield from _in_workspace((*path, "page"), assertion.page)
    yield from _not_zero((*path, "duration"), assertion.duration)
    output = round_spec.output
    alone = isinstance(output, OutputFile) and not round_spec.workspace and not round_spec.after
    if isinstance(output, OutputFile) and alone and not _same(output.file, assertion.page):
        message = f"there is no page {quoted(assertion.page)}: the answer is {quoted(output.file)}"
        near = closest(assertion.page, [output.file])
        yield (
            (*path, "page"),
            message,
            did_you_mean(near) if near else f"write `page: {output.file}`",
        )
    allowed = seconds(limit) if limit else Limits().assertion_seconds
    if seconds(assertion.duration) + seconds(assertion.warm_up) >= allowed:
        message = (
            f"`duration` and `warm_up` do not fit into the {allowed:g} s of `limits.assertion`"
        )
        yield (*path, "duration"), message, None


def _bug_count(
    path: SpecPath, assertion: BugCountAssertion, round_spec: RoundSpec
) -> Iterator[Finding]:
    workspace = PurePosixPath(posixpath.normpath(round_spec.workspace or "-"))
    if PurePosixPath(posixpath.normpath(assertion.manifest)).is_relative_to(workspace):
        message = (
            "lies in the round's `workspace`, where the subject would read which bugs there are"
        )
        yield (*path, "manifest"), message, None
    if (assertion.min_fixed or 0) > (assertion.total or assertion.min_fixed or 0):
        yield (*path, "min_fixed"), f"more than the {assertion.total} bugs of `total`", None
    yield from _not_zero((*path, "test_timeout"), assertion.test_timeout)


def _amounts(path: SpecPath, limits: LimitsSpec) -> Iterator[Finding]:
    for name in ("attempt", "assertion", "cpu"):
        value = getattr(limits, name)
        if value is not None:
            yield from _not_zero((*path, name), value)
    for name in ("memory", "file_size", "output"):
        value = getattr(limits, name)
        if value is not None and size_bytes(value) == 0:
            yield (*path, name), "must be larger than nothing", None


def _not_zero(path: SpecPath, duration: str) -> Iterator[Finding]:
    if seconds(duration) == 0:
        yield path, "must be longer than nothing", None


def _in_workspace(path: SpecPath, name: str) -> Iterator[Finding]:
    wrong = complaint(name, "the workspace")
    if wrong is not None:
        yield path, f"{quoted(name)} {wrong}", None
    elif name.endswith("/"):
        yield path, f"{quoted(name)} is a folder; here goes a file", None


def _same(one: str, other: str) -> bool:
    return posixpath.normpath(one) == posixpath.normpath(other)
