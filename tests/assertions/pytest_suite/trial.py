"""One assertion on one subject, in real jails."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from fiverounds.assertions.base import Assertion, Context, Services
from fiverounds.limits import MIB, Deadline, Limits
from fiverounds.results import AssertionResult, Verdict
from fiverounds.sandbox.base import Sandbox
from fiverounds.sandbox.workspace import write_files

LIMITS = Limits(
    memory_bytes=512 * MIB, processes=64, file_size_bytes=64 * MIB, output_bytes=256 * 1024
)


@dataclass(frozen=True)
class Trial:
    """A bench folder and a subject's workspace, both made here."""

    folder: Path
    sandbox: Sandbox
    limits: Limits = LIMITS
    seconds: float = 60.0
    starting: bool = False
    """The bench's folder `start` holds the starting files."""

    def bench(self, files: Mapping[str, str]) -> Trial:
        """Put files into the bench."""
        return self._put("bench", files)

    def subject(self, files: Mapping[str, str]) -> Trial:
        """Put files into the workspace."""
        return self._put("workspace", files)

    def with_time(self, seconds: float) -> Trial:
        """A deadline for the whole assertion."""
        return replace(self, seconds=seconds)

    def run(self, assertion: Assertion) -> AssertionResult:
        """Judge."""
        return self.run_all([assertion])[0]

    def run_all(self, assertions: Sequence[Assertion]) -> list[AssertionResult]:
        """Judge by several at the same time."""

        async def gather() -> list[AssertionResult]:
            contexts = [self._context(str(number)) for number in range(len(assertions))]
            return await asyncio.gather(*map(type(assertions[0]).run, assertions, contexts))

        return asyncio.run(gather())

    def _context(self, name: str) -> Context:
        for part in ("bench", "workspace", f"evidence/{name}", f"scratch/{name}"):
            (self.folder / part).mkdir(parents=True, exist_ok=True)
        start = self.folder / "bench" / "start"
        return Context(
            trial_id="trial",
            assertion_id="assertion",
            bench_root=self.folder / "bench",
            workspace=self.folder / "workspace",
            starting_files=start if start.is_dir() else None,
            evidence=self.folder / "evidence" / name,
            evidence_base=self.folder,
            scratch=self.folder / "scratch" / name,
            limits=self.limits,
            deadline=Deadline.after(self.seconds),
            sandbox=self.sandbox,
            services=Services(),
        )

    def output(self) -> str:
        """What pytest printed."""
        return (self.folder / "evidence" / "0" / "pytest-output.txt").read_text(encoding="utf-8")

    def _put(self, name: str, files: Mapping[str, str]) -> Trial:
        (self.folder / name).mkdir(exist_ok=True)
        write_files(self.folder / name, {path: text.encode() for path, text in files.items()})
        return self


def messages(result: AssertionResult) -> dict[str, str]:
    """Message by item."""
    return {item.id: item.message for item in result.items}


def passed(result: AssertionResult) -> set[str]:
    """Items that passed."""
    return {item.id for item in result.items if item.verdict is Verdict.PASSED}
