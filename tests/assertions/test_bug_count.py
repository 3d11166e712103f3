from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fiverounds.assertions.bug_count import BugCount
from fiverounds.assertions.bug_count.manifest import load_manifest, probe_suite
from fiverounds.errors import AssertionBroken, SetupError
from fiverounds.results import AssertionResult, Verdict
from fiverounds.sandbox.base import Sandbox
from fiverounds.sandbox.choose import choose
from fiverounds.spec.models import BugCountAssertion
from tests.assertions.pytest_suite.trial import Trial, messages

MANIFEST = """
fiverounds_bugs: 1
package: shop
protected: ["tests/**"]
regressions: [probes/test_regressions.py]
bugs:
  - {id: b1-sum, kind: arithmetic, file: shop.py, title: "Sums are wrong.", probes: [probes/test_b1.py]}
  - {id: b2-hang, kind: loop, file: shop.py, title: "It never ends.", probes: [probes/test_b2.py]}
  - {id: b3-exit, kind: exit, file: shop.py, title: "It leaves.", probes: [probes/test_b3.py, probes/test_b3_more.py]}
"""
BENCH = {
    "bugs.yaml": MANIFEST,
    "probes/test_b1.py": """
import shop
def test_sum(): assert shop.add(1, 2) == 3
def test_zero(): assert shop.add(0, 0) == 0
""",
    "probes/test_b2.py": """
import shop
def test_ends(): assert shop.ends() == 1
def test_again(): assert shop.ends() == 1
""",
    "probes/test_b3.py": """
import shop
def test_stays(): assert shop.stays() == 1
""",
    "probes/test_b3_more.py": """
def test_easy(): assert 1 == 1
""",
    "probes/test_regressions.py": """
import shop
def test_name(): assert shop.NAME == 'shop'
def test_other(): assert shop.name() == 'shop'
""",
    "probes/expected-tests.txt": """\
test_b1.py::test_sum
test_b1.py::test_zero
test_b2.py::test_ends
test_b2.py::test_again
test_b3.py::test_stays
test_b3_more.py::test_easy
test_regressions.py::test_name
test_regressions.py::test_other
""",
    "start/tests/test_shop.py": "def test_shop(): pass\n",
}
FIXED = """
NAME = 'shop'
def name(): return NAME
def add(a, b): return a + b
def ends(): return 1
def stays(): return 1
"""
BROKEN = FIXED + (
    "import os\n"
    "def add(a, b): return a - b\n"
    "def ends():\n    while True: pass\n"
    "def stays(): os._exit(0)\n"
    "def name(): return 'x'\n"
)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    try:
        chosen = choose("bubblewrap")
    except SetupError as error:
        pytest.skip(f"{error.message}; {error.hint}")
    yield chosen
    chosen.close()


@pytest.fixture
def trial(tmp_path: Path, sandbox: Sandbox) -> Trial:
    tmp_path.chmod(0o755)
    tests = {"tests/test_shop.py": "def test_shop(): pass\n"}
    return Trial(tmp_path, sandbox).bench(BENCH).subject(tests)


def judged(trial: Trial, source: str, **keys: Any) -> AssertionResult:
    spec = {"type": "bug-count", "manifest": "bugs.yaml", "total": 3, "test_timeout": "1s"}
    assertion = BugCount(BugCountAssertion.model_validate(spec | keys))
    return trial.subject({"shop.py": source}).run(assertion)


def test_all_fixed(trial: Trial) -> None:
    result = judged(trial, FIXED)
    assert (result.verdict, result.score, result.summary) == (Verdict.PASSED, 1.0, "3/3 bugs")
    assert [(one.name, one.value) for one in result.metrics] == [
        ("bugs_fixed", 3),
        ("bugs_total", 3),
        ("regressions", 0),
    ]
    assert [item.id for item in result.items] == ["b1-sum", "b2-hang", "b3-exit"]
    assert (result.reasons, result.tampered) == ((), ())
    assert result.proof == "in-process, guarded"


def test_bugs_that_end_the_process_do_not_take_others_with_them(trial: Trial) -> None:
    result = judged(
        trial, BROKEN.replace("return a - b", "return a + b"), min_fixed=1, max_regressions=1
    )
    assert (result.verdict, result.summary) == (Verdict.PASSED, "1/3 bugs, 1 regression")
    assert result.score == pytest.approx(1 / 3)
    found = messages(result)
    assert list(found) == ["b1-sum", "b2-hang", "b3-exit", "probes/test_regressions.py::test_other"]
    assert found["b1-sum"] == "Sums are wrong."
    assert found["b2-hang"].startswith(
        "It never ends. test_ends: not run: the process was stopped after 1 s"
    )
    assert "exit code 0" in found["b3-exit"]


def test_what_is_asked_for(trial: Trial) -> None:
    wrong = FIXED + "def add(a, b): return a - b\ndef name(): return 'x'\n"
    result = judged(trial, wrong)
    assert result.verdict is Verdict.FAILED
    assert result.reasons == ("2 of 3 bugs are fixed; 3 needed", "regressions: 1; allowed: 0")


def test_protected_files(trial: Trial) -> None:
    result = judged(trial.subject({"tests/test_shop.py": "x = 1\n"}), FIXED)
    assert (result.verdict, result.score) == (Verdict.FAILED, 1.0)
    assert result.tampered == ("tests/test_shop.py changed",)


def test_nothing_that_can_be_imported(trial: Trial) -> None:
    result = judged(trial, "def add(:")
    assert result.summary == "0/3 bugs, 2 regressions"
    assert "SyntaxError" in messages(result)["b1-sum"]


@pytest.mark.parametrize(
    ("files", "keys", "message"),
    [
        ({}, {"total": 4}, "`total` is 4, but bugs.yaml lists 3 bugs"),
        ({}, {"manifest": "absent.yaml"}, "absent.yaml: cannot be read"),
        ({"bugs.yaml": "bugs: ["}, {}, "cannot be read"),
        ({"bugs.yaml": "bugs: 2024-01-01"}, {}, "cannot be read"),
        ({"bugs.yaml": MANIFEST.replace("package: shop", "packages: shop")}, {}, "packages: Extra"),
        ({"bugs.yaml": MANIFEST.replace("b2-hang", "b1-sum")}, {}, "two bugs are called b1-sum"),
        ({"bugs.yaml": MANIFEST.replace("probes/", "")}, {}, "a folder of their own"),
        (
            {"bugs.yaml": MANIFEST.replace("b3_more", "b4")},
            {},
            "names probes/test_b4.py, which is missing",
        ),
        ({"probes/expected-tests.txt": "test_b1.py::test_sum\n"}, {}, "expects no test of probes/"),
    ],
)
def test_a_manifest_that_does_not_fit_is_no_verdict(
    trial: Trial, files: dict[str, str], keys: dict[str, Any], message: str
) -> None:
    trial.bench(files)
    with pytest.raises(AssertionBroken, match=message):
        judged(trial, FIXED, **keys)


def test_the_bundled_manifest_fits_its_probes() -> None:
    path = Path(__file__).parents[2] / "rounds" / "r5-debug" / "bugs.yaml"
    manifest = load_manifest(path)
    suite = probe_suite(manifest, path.parent)
    assert len(manifest.bugs) == 10
    assert all(any(one.startswith(file) for one in suite.expected) for file in suite.files)
