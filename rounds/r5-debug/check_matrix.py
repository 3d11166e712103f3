"""Check the planted bugs of round R5 against their probes.

Two matrices are printed. In the first, each bug alone is planted in the reference: exactly its own
probe has to fail. In the second, each bug alone is fixed in the project: exactly its own probe has
to pass. The rows after them show the project, the reference and the flawed answer as a whole. The
regressions have to pass in every row but the last. Every row is graded in a fresh copy without
compiled modules, and none are written. Exit status 1 if anything is not as it should be.

Needs pytest; run it as ``python check_matrix.py``.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT, REFERENCE, FLAWED = (HERE / name for name in ("project", "reference", "flawed"))
CLEAN = shutil.ignore_patterns("__pycache__", "*.pyc", ".pytest_cache")
OUTCOME = re.compile(r"^(PASSED|FAILED|ERROR) (\S+)", re.MULTILINE)
TIME_LIMIT = 120.0

# What the flawed answer is meant to leave unfixed; it also breaks a regression and edits a test.
FLAWED_LEAVES = {"b04", "b05", "b07", "b08", "b10"}


@dataclass(frozen=True)
class Bug:
    """One entry of bugs.yaml, as far as it is needed here."""

    id: str
    file: str
    probes: tuple[str, ...]


@dataclass(frozen=True)
class Row:
    """The figures of one variant of the project."""

    fixed: dict[str, bool]
    visible: int
    regressions: tuple[int, int]

    def text(self, label: str, total: int) -> str:
        marks = "  ".join(" . " if good else " F " for good in self.fixed.values())
        passed, tests = self.regressions
        return f"{label:24} {marks}   {self.visible}/{total}    {passed}/{tests}"


def read_manifest() -> tuple[list[Bug], list[str], list[str]]:
    """Return the bugs, the regressions and the protected patterns of bugs.yaml.

    The file keeps to one key a line and lists in brackets, so no YAML library is needed.
    """
    text = (HERE / "bugs.yaml").read_text(encoding="utf-8")

    def items(key: str, part: str) -> list[str]:
        match = re.search(rf"^\s*{key}: \[(.*)\]$", part, re.MULTILINE)
        return [item.strip().strip('"') for item in match[1].split(",")] if match else []

    head, *parts = re.split(r"^  - id: ", text, flags=re.MULTILINE)
    bugs = []
    for part in parts:
        file = re.search(r"^    file: (\S+)$", part, re.MULTILINE)
        assert file is not None
        bugs.append(Bug(part.split("\n", 1)[0], file[1], tuple(items("probes", part))))
    return bugs, items("regressions", head), items("protected", head)


def run_tests(workspace: Path, tests: Path) -> dict[str, bool]:
    """Run a folder of tests on a workspace; return whether each test passed, by node id."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTEST_ADDOPTS"}
    environment |= {
        "PYTHONPATH": str(workspace),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }
    command = [sys.executable, "-m", "pytest", "-q", "-rA", "--tb=no", "--show-capture=no"]
    command += ["-p", "no:cacheprovider", "--import-mode=importlib", "--rootdir", str(tests)]
    done = subprocess.run(
        [*command, "."],
        cwd=tests,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=TIME_LIMIT,
    )
    outcomes = OUTCOME.findall(done.stdout)
    if not outcomes or any(outcome == "ERROR" for outcome, _ in outcomes):
        raise SystemExit(f"the tests could not be run\n{done.stdout}{done.stderr}")
    return {node: outcome == "PASSED" for outcome, node in outcomes}


def grade(changes: dict[str, Path]) -> tuple[Row, list[str], list[str]]:
    """Grade the project with some files replaced; return its row and the ids of all tests."""
    bugs, regressions, protected = read_manifest()
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        shutil.copytree(PROJECT, base / "workspace", ignore=CLEAN)
        for name, source in changes.items():
            if not any(fnmatch(name, pattern) for pattern in protected):
                shutil.copyfile(source, base / "workspace" / name)
        shutil.copytree(PROJECT / "tests", base / "visible", ignore=CLEAN)
        shutil.copytree(HERE / "probes", base / "probes", ignore=CLEAN)
        visible = run_tests(base / "workspace", base / "visible")
        hidden = run_tests(base / "workspace", base / "probes")

    def of(files: list[str] | tuple[str, ...]) -> list[bool]:
        names = {Path(file).name for file in files}
        return [good for node, good in hidden.items() if node.split("::")[0] in names]

    fixed = {bug.id: bool(of(bug.probes)) and all(of(bug.probes)) for bug in bugs}
    kept = of(regressions)
    row = Row(fixed, sum(visible.values()), (sum(kept), len(kept)))
    return row, sorted(visible), sorted(hidden)


def overlay(folder: Path) -> dict[str, Path]:
    """Return the files of an overlay by their name in the workspace."""
    return {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*.py"))}


def main() -> int:
    bugs, _, protected = read_manifest()
    reference, flawed = overlay(REFERENCE), overlay(FLAWED)
    faults: list[str] = []
    if set(reference) != {bug.file for bug in bugs} or len({bug.file for bug in bugs}) != len(bugs):
        faults.append("the reference does not hold exactly one file a bug")
    project_row, visible, hidden = grade({})
    lists = {"project-tests-expected.txt": visible, "probes/expected-tests.txt": hidden}
    for name, found in lists.items():
        if sorted((HERE / name).read_text(encoding="utf-8").splitlines()) != found:
            faults.append(f"{name} does not list the tests that were collected")

    total = len(visible)
    heading = "  ".join(bug.id[:3] for bug in bugs)

    def show(label: str, row: Row, failing: set[str], keeps_regressions: bool = True) -> None:
        print(row.text(label, total), flush=True)
        if {name for name, good in row.fixed.items() if not good} != failing:
            faults.append(f"{label}: other probes fail than should")
        if (row.regressions[0] == row.regressions[1]) != keeps_regressions:
            faults.append(f"{label}: the regressions do not fare as they should")

    every = {bug.id for bug in bugs}
    print(f"{'planted alone':24} {heading}   visible  regressions")
    for bug in bugs:
        changes = {name: path for name, path in reference.items() if name != bug.file}
        show(bug.id, grade(changes)[0], {bug.id})
    print(f"\n{'fixed alone':24} {heading}   visible  regressions")
    for bug in bugs:
        show(bug.id, grade({bug.file: reference[bug.file]})[0], every - {bug.id})
    print(f"\n{'as a whole':24} {heading}   visible  regressions")
    show("project", project_row, every)
    reference_row = grade(reference)[0]
    show("reference", reference_row, set())
    if reference_row.visible != total:
        faults.append("reference: a visible test fails")
    left = {bug.id for bug in bugs if bug.id[:3] in FLAWED_LEAVES}
    show("flawed", grade(flawed)[0], left, keeps_regressions=False)
    tampered = [name for name in flawed if any(fnmatch(name, pattern) for pattern in protected)]
    if not tampered:
        faults.append("flawed: no protected file is changed")
    print(f"flawed changes protected files: {', '.join(tampered)}")

    print("\n" + ("\n".join(faults) if faults else "all as it should be"))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
