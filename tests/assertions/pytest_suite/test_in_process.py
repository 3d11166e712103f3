"""`isolation: in-process` in real jails."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from fiverounds.assertions.pytest_suite import PytestSuite
from fiverounds.results import Verdict
from fiverounds.sandbox.unconfined import Unconfined
from fiverounds.spec.models import PytestAssertion
from tests.assertions.pytest_suite.trial import Trial, messages, passed

BENCH = {
    "suite/conftest.py": """
import pytest
@pytest.fixture(params=[1, 2])
def number(request): return request.param
""",
    "suite/helper.py": "class Base:\n    def test_inherited(self): assert self.value() == 1\n",
    "suite/deep/test_more.py": """
from package.core import Account
def test_object(tmp_path):
    account = Account(3)
    (tmp_path / "x").write_text("y")
    assert account.balance == 3
def test_early_return():
    if Account(1).balance == 1:
        return
    assert False
""",
    "suite/test_one.py": """
import unittest
from helper import Base
from package import core
class TestA(Base):
    def value(self): return 1
class TestB(TestA): pass
class TestOld(unittest.TestCase):
    def test_old(self): self.assertEqual(core.Account(1).balance, 1)
def test_number(number): assert core.Account(number).balance == number
def test_state():
    core.SEEN.append(1)
    assert core.SEEN == [1]
async def test_async(): pass
""",
    "suite/expected-tests.txt": """\
deep/test_more.py::test_object
deep/test_more.py::test_early_return
test_one.py::TestA::test_inherited
test_one.py::TestB::test_inherited
test_one.py::TestOld::test_old
test_one.py::test_number[1]
test_one.py::test_number[2]
test_one.py::test_state
""",
    "start/tests/test_own.py": "def test_own(): pass\n",
}
SUBJECT = {
    "src/package/__init__.py": "",
    "src/package/core.py": """
SEEN = []
class Account:
    def __init__(self, balance): self.balance = balance
""",
    "tests/test_own.py": "def test_own(): pass\n",
}


def assertion(**keys: Any) -> PytestSuite:
    spec = {"type": "pytest", "suite": "suite", "test_timeout": "2s", "protected": ("tests/**",)}
    return PytestSuite(PytestAssertion.model_validate(spec | keys))


@pytest.fixture
def package(trial: Trial) -> Trial:
    return trial.bench(BENCH).subject(SUBJECT)


def test_a_suite_of_several_files(package: Trial) -> None:
    """An `async` test is reported as unexpected here, since nobody lists it; it is taken out first."""
    one = BENCH["suite/test_one.py"].replace("async def test_async(): pass\n", "")
    result = package.bench({"suite/test_one.py": one}).run(assertion(expect_tests=8))
    assert (result.verdict, result.summary) == (Verdict.PASSED, "8/8"), result.reasons
    assert result.tampered == ()
    assert result.proof == "in-process, guarded; without checkpoint: test_one.py::test_inherited"


def test_a_test_nobody_expects(package: Trial) -> None:
    result = package.run(assertion())
    assert (result.verdict, result.score) == (Verdict.FAILED, 0.0)
    assert "out of date): test_one.py::test_async" in result.tampered[0]


def test_one_file_that_cannot_be_imported_leaves_the_others(package: Trial) -> None:
    files = {"suite/test_one.py": "import package.missing\ndef test_state(): pass\n"}
    result = package.bench(files).run(assertion())
    assert passed(result) == {
        "deep/test_more.py::test_object",
        "deep/test_more.py::test_early_return",
    }
    assert result.tampered == ()
    assert "No module named 'package.missing'" in messages(result)["test_one.py::test_state"]


def test_a_file_whose_import_ends_the_process_leaves_the_others(package: Trial) -> None:
    files = {
        "suite/deep/test_more.py": "from package.fatal import Account\n",
        "suite/test_one.py": BENCH["suite/test_one.py"].replace(
            "async def test_async", "def helper"
        ),
    }
    fatal = {"src/package/fatal.py": "import os; os._exit(0)"}
    result = package.bench(files).subject(fatal).run(assertion())
    assert result.summary == "6/8"
    assert "exit code 0" in messages(result)["deep/test_more.py::test_object"]


def test_protected_files_and_a_lower_bar(package: Trial) -> None:
    one = BENCH["suite/test_one.py"].replace("async def test_async", "def helper")
    package.bench({"suite/test_one.py": one}).subject(
        {"src/package/core.py": SUBJECT["src/package/core.py"] + "SEEN = [0]\n"}
    )
    result = package.run(assertion(min_passed=7))
    assert (result.verdict, result.summary) == (Verdict.PASSED, "7/8")
    result = package.run(assertion())
    assert result.verdict is Verdict.FAILED
    package.subject({"tests/test_own.py": "", "tests/conftest.py": ""})
    result = package.run(assertion(min_passed=7))
    assert (result.verdict, result.summary) == (Verdict.FAILED, "7/8")
    assert result.tampered == ("tests/conftest.py added", "tests/test_own.py changed")


def test_no_plugin_is_loaded_but_ours(package: Trial) -> None:
    """Not even one of the runner's own environment: `sandbox: none` would find pytest-asyncio and its like."""
    name = "PYTEST_DISABLE_PLUGIN_AUTOLOAD"
    files = {
        "suite/test_one.py": f"import os\ndef test_state(): assert os.environ['{name}'] == '1'\n",
        "suite/expected-tests.txt": "test_one.py::test_state\ndeep/test_more.py::test_object\n"
        "deep/test_more.py::test_early_return\n",
    }
    assert package.bench(files).run(assertion()).summary == "3/3"


def test_without_a_jail(package: Trial, capsys: pytest.CaptureFixture[str]) -> None:
    one = BENCH["suite/test_one.py"].replace("async def test_async", "def helper")
    free = replace(package.bench({"suite/test_one.py": one}), sandbox=Unconfined())
    result = free.run(assertion())
    assert "sandbox: none" in capsys.readouterr().err
    assert result.summary == "8/8", result.reasons
    assert "not jailed" in (result.proof or "")
