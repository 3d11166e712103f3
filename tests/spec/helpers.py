"""Bench folders made of `support/`, and the lines that say what a bad spec is to be told."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings

from fiverounds.errors import Problem, SpecError
from fiverounds.spec.load import load

HERE = Path(__file__).parent
ENVIRONMENT: Mapping[str, str] = {
    "SPEC_TEST_API_KEY": "canary-value",
    "SPEC_TEST_FOLDER": "canary-folder",
    "SPEC_TEST_THREADS": "2",
    "SPEC_TEST_URL": "http://127.0.0.1:9/v1",
}
GOOD = """\
fiverounds: 1
name: good
providers:
  - {id: ref, kind: replay, answers: "rounds/{round}/reference"}
prompts:
  brief: {file: prompts/brief.md}
rounds:
  - id: one
    prompt: brief
    output: {file: solution.py}
    assert:
      - {type: pytest, suite: rounds/one/tests}
"""
FUZZED = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),  # shrinking a whole bench takes minutes
    suppress_health_check=list(HealthCheck),
)
_EXPECT = re.compile(
    r"# expect: (?:(?P<file>[^\s:]+):)?(?P<line>\d+):(?P<column>\d+) (?P<path>\S+): (?P<words>.+)"
)


@dataclass(frozen=True)
class Expected:
    """One `# expect:` line. Its words must occur in the message or hint, in this order, `…` between."""

    file: str
    line: int
    column: int
    path: str
    words: str

    def place(self) -> tuple[str, int, int, str]:
        return self.file, self.line, self.column, self.path

    def is_met_by(self, problem: Problem) -> bool:
        said = f"{problem.message} | {problem.hint}"
        pieces = [re.escape(piece.strip()) for piece in self.words.split("…")]
        return re.search(".*".join(pieces), said) is not None


def expected_of(path: Path) -> list[Expected]:
    """What the comments at the top of a bad spec say."""
    lines = [line for line in path.read_text("utf-8").splitlines() if line.startswith("# expect")]
    found = [_EXPECT.fullmatch(line) for line in lines]
    assert all(found), f"{path.name}: an expect line that cannot be read"
    return [
        Expected(
            m["file"] or path.name,
            int(m["line"]),
            int(m["column"]),
            m["path"].replace("-", "") if m["path"] == "-" else m["path"],
            m["words"],
        )
        for m in found
        if m
    ]


def new_folder(folder: Path) -> Path:
    """A bench folder that holds everything the specs here name."""
    shutil.copytree(HERE / "support", folder, dirs_exist_ok=True)
    return folder


def problems_of(path: Path, environment: Mapping[str, str] = ENVIRONMENT) -> tuple[Problem, ...]:
    """What is wrong with a bench; files named relative to its folder."""
    try:
        load(path, environment)
    except SpecError as error:
        prefix = f"{path.parent.as_posix()}/"
        return tuple(
            Problem(p.file.removeprefix(prefix), p.line, p.column, p.path, p.message, p.hint)
            for p in error.problems
        )
    return ()


def problems_in(folder: Path, text: str, environment: Mapping[str, str] = ENVIRONMENT) -> list[str]:
    """The problems of a bench written into a folder, one line each, hints behind `|`."""
    path = folder / "bench.yaml"
    path.write_text(text, "utf-8")
    return [f"{p} | {p.hint}" if p.hint else str(p) for p in problems_of(path, environment)]
