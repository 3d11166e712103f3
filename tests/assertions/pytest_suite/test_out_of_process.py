"""`isolation: process` in real jails: what the tests see of the subject, and whose fault what is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from fiverounds.assertions.pytest_suite import PytestSuite
from fiverounds.errors import AssertionBroken
from fiverounds.results import Verdict
from fiverounds.sandbox.unconfined import Unconfined
from fiverounds.spec.models import PytestAssertion
from tests.assertions.pytest_suite.trial import Trial, messages, passed

SUBJECT = """
import os, sys
class ThingError(ValueError): pass
count = 0
def bump():
    global count
    count += 1
    return count
def echo(value): return value
def say(text): print(text)
def fail(message): raise ThingError(message)
def leave(): sys.exit(0)
def thing(): return object()
def look():
    found = sorted(name for name in os.listdir("/") if name in ("tests", "packages", "bench"))
    try: open("/work/new", "w")
    except OSError: found.append("read-only")
    return found, sorted(os.environ), os.getuid() != 0, [m for m in sys.modules if "pytest" in m]
"""

TESTS = """
import pytest
import thing
from helper import NUMBERS
from thing import ThingError, echo

def test_values():
    for value in NUMBERS: assert echo(value) == value
def test_state_is_kept():
    assert [thing.bump(), thing.bump()] == [1, 2]
    assert thing.count == 2
def test_errors():
    with pytest.raises(ThingError, match="^why$"): thing.fail("why")
    with pytest.raises(ValueError): thing.fail("why")
def test_output(capsys):
    thing.say("hello")
    assert capsys.readouterr().out == "hello\\n"
def test_leaving_is_no_exception():
    try:
        with pytest.raises(Exception): thing.leave()
    except BaseException: pass
def test_what_cannot_cross_is_no_exception():
    with pytest.raises(Exception): thing.thing()
def test_a_fresh_process_after_that():
    assert thing.bump() == 1
def test_the_subject_sees_nothing_of_ours(suite_fixture):
    found, environment, unprivileged, modules = thing.look()
    assert found == ["read-only"]
    assert unprivileged and modules == []
    assert "MARKER" not in environment and "PYTEST_VERSION" not in environment
@pytest.mark.skip(reason="of the suite")
def test_skipped(): pass
class TestUnpassable:
    def test_setup_fails(self, broken): pass
"""

TESTS_LISTED = """\
test_thing.py::test_values
test_thing.py::test_state_is_kept
test_thing.py::test_errors
test_thing.py::test_output
test_thing.py::test_leaving_is_no_exception
test_thing.py::test_what_cannot_cross_is_no_exception
test_thing.py::test_a_fresh_process_after_that
test_thing.py::test_the_subject_sees_nothing_of_ours
test_thing.py::test_skipped
test_thing.py::TestUnpassable::test_setup_fails
"""

CONFTEST = """
import pytest
@pytest.fixture
def suite_fixture(): return 1
@pytest.fixture
def broken(): raise RuntimeError("no fixture")
"""


def assertion(**keys: Any) -> PytestSuite:
    spec = {"type": "pytest", "suite": "suite", "isolation": "process", "module": "thing"}
    return PytestSuite(PytestAssertion.model_validate(spec | keys))


@pytest.fixture
def thing(trial: Trial) -> Trial:
    bench = {
        "suite/test_thing.py": TESTS,
        "suite/helper.py": "NUMBERS = [1, 1.5, 'a', (1, [2]), {1: {2}}]",
        "suite/conftest.py": CONFTEST,
    }
    return trial.bench(bench).subject({"thing.py": SUBJECT, "conftest.py": "raise SystemExit"})


def test_what_the_tests_see(thing: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARKER", "of the runner")
    result = thing.run(assertion(expect_tests=10, min_passed=6))
    failed = {
        "test_thing.py::test_leaving_is_no_exception": "the subject tried to end its process: SystemExit: 0",
        "test_thing.py::test_what_cannot_cross_is_no_exception": "thing.thing returned a value of type object; "
        "`isolation: process` carries functions, exceptions and plain values",
        "test_thing.py::test_skipped": "skipped: in setup: Skipped: of the suite",
        "test_thing.py::TestUnpassable::test_setup_fails": "in setup: RuntimeError: no fixture",
    }
    found = messages(result)
    assert {name: found[name] for name in found if name not in passed(result)} == failed
    assert (result.verdict, result.summary, result.reasons) == (Verdict.PASSED, "6/10", ())
    assert [(one.name, one.value) for one in result.metrics] == [
        ("tests_passed", 6),
        ("tests_total", 10),
    ]
    assert result.evidence == ("evidence/0/pytest-output.txt", "evidence/0/tests.json")
    assert "2 failed, 6 passed, 1 skipped, 1 error" in thing.output()
    assert all(item.duration_seconds is not None for item in result.items)


def test_without_a_jail_the_proof_says_so(thing: Trial, capsys: pytest.CaptureFixture[str]) -> None:
    result = replace(thing, sandbox=Unconfined()).run(assertion())
    assert "sandbox: none" in capsys.readouterr().err
    assert result.proof == "out-of-process, not jailed"
    assert "test_thing.py::test_values" in passed(result)


@pytest.mark.parametrize(
    ("keys", "files", "message"),
    [
        ({"module": None}, {}, "needs `module`"),
        ({"protected": ("tests/**",)}, {}, "needs a starting workspace"),
        ({}, {"suite/expected-tests.txt": "test_thing.py::test_values\n"}, "lacks test_thing.py::"),
        (
            {},
            {"suite/expected-tests.txt": TESTS_LISTED + "test_thing.py::test_gone\n"},
            "no test test_thing.py::test_gone",
        ),
        ({}, {"suite/conftest.py": "import pytest; pytest.exit('broken', 7)"}, "exit code 4"),
    ],
)
def test_the_benchs_own_faults_are_no_verdict(
    thing: Trial, keys: dict[str, Any], files: dict[str, str], message: str
) -> None:
    with pytest.raises(AssertionBroken, match=message):
        thing.bench(files).run(assertion(**keys))


def test_no_pytest_is_no_verdict(thing: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fiverounds.assertions.pytest_suite.launch._PYTEST", ("pytest", "no_such"))
    with pytest.raises(AssertionBroken, match="not all are installed"):
        thing.run(assertion())
