"""What every registered assertion must do, whatever its type."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from fiverounds.assertions import REGISTRY, create
from fiverounds.assertions.base import Context, Services
from fiverounds.limits import Deadline, Limits
from fiverounds.results import AssertionResult, Verdict
from fiverounds.sandbox.choose import choose
from fiverounds.spec.models import (
    AssertionSpec,
    BugCountAssertion,
    FpsAssertion,
    PytestAssertion,
    ScriptAssertion,
)

REPO = Path(__file__).resolve().parents[2]
SPECS: dict[str, AssertionSpec] = {
    "pytest": PytestAssertion(
        type="pytest",
        suite="rounds/r3-lisp/tests",
        expect_tests=58,
        isolation="process",
        module="lisp",
    ),
    "script": ScriptAssertion(type="script", run=("./answer",)),
    "fps": FpsAssertion(type="fps", duration="1s"),
    "bug-count": BugCountAssertion(
        type="bug-count", manifest="rounds/r5-debug/bugs.yaml", total=10
    ),
}
STARTING = {"bug-count": REPO / "rounds/r5-debug/project"}
Judge = Callable[[str, Path], AssertionResult]

pytestmark = pytest.mark.browser


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    """Runs one assertion of a type on a workspace."""

    async def run(kind: str, workspace: Path) -> AssertionResult:
        evidence, scratch = tmp_path / "evidence" / kind, tmp_path / "scratch"
        evidence.mkdir(parents=True)
        scratch.mkdir()
        sandbox, services = choose("auto"), Services()
        try:
            context = Context(
                trial_id="a/b/c/1",
                assertion_id=kind,
                bench_root=REPO,
                workspace=workspace,
                starting_files=STARTING.get(kind),
                evidence=evidence,
                evidence_base=tmp_path,
                scratch=scratch,
                limits=Limits(),
                deadline=Deadline.after(100),
                sandbox=sandbox,
                services=services,
            )
            return await create(SPECS[kind]).run(context)
        finally:
            await services.close()
            sandbox.close()

    tmp_path.chmod(0o755)
    return lambda kind, workspace: asyncio.run(run(kind, workspace))


def test_every_type_has_a_sample_here_and_a_page_in_the_docs() -> None:
    assert set(SPECS) == set(REGISTRY)
    for kind in REGISTRY:
        assert (REPO / "docs" / "assertions" / f"{kind}.md").is_file(), kind


@pytest.mark.parametrize("kind", sorted(REGISTRY))
def test_an_empty_answer_fails_and_is_no_error(kind: str, judge: Judge, tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    result = judge(kind, workspace)
    assert result.verdict is Verdict.FAILED, result
    assert result.type == kind
    assert result.assertion_id == kind
    assert result.score is not None
    assert result.score < 1
    assert result.reasons, "a failure says why"
    for name in result.evidence:
        assert (tmp_path / name).is_file(), name


@pytest.mark.parametrize("kind", sorted(REGISTRY))
def test_links_to_the_host_are_neither_read_nor_followed(
    kind: str, judge: Judge, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the host's own words")
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    if kind in STARTING:
        shutil.copytree(STARTING[kind], workspace, dirs_exist_ok=True)
    for name in ("index.html", "lisp.py", "answer", "report.json"):
        os.symlink(secret, workspace / name)
    result = judge(kind, workspace)
    assert result.verdict is Verdict.FAILED, result
    assert secret.read_text() == "the host's own words"
    kept = b"".join((tmp_path / name).read_bytes() for name in result.evidence)
    assert b"the host's own words" not in kept + result.model_dump_json().encode()
