from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fiverounds.assertions.pytest_suite.source import split
from fiverounds.assertions.pytest_suite.suite import Suite, load
from fiverounds.errors import AssertionBroken
from fiverounds.spec.models import PytestAssertion

ONE = """
class Helper:
    def test_not_collected(self): pass
class TestX:
    class TestInner:
        def test_deep(self): pass
    def helper(self): pass
class TestWithInit:
    def __init__(self): pass
    def test_not_collected(self): pass
@pytest.fixture
def test_data(): return 1
import unittest
class Y(unittest.TestCase):
    def test_y(self): pass
def test_a(): pass
async def test_b(): pass
"""
ONE_IDS = ("TestX::TestInner::test_deep", "Y::test_y", "test_a", "test_b")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("test_one.py", "deep/two_test.py", ".hidden/test_x.py", "__pycache__/test_y.py"):
        path = tmp_path / "suite" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(ONE if name == "test_one.py" else "def test_two(): pass\n")
    return tmp_path


def loaded(root: Path, suite: str = "suite", **keys: Any) -> Suite:
    return load(PytestAssertion(type="pytest", suite=suite, **keys), root)


def test_ids_from_the_source(root: Path) -> None:
    suite = loaded(root, expect_tests=5)
    assert suite.files == ("deep/two_test.py", "test_one.py")
    assert suite.expected == (
        "deep/two_test.py::test_two",
        *(f"test_one.py::{name}" for name in ONE_IDS),
    )
    assert loaded(root, "suite/test_one.py").expected == suite.expected[1:]


def test_ids_from_a_file(root: Path) -> None:
    listed = "# comment\n\ntest_one.py::test_a\ntest_one.py::TestX::test_b[1::2]\ndeep/two_test.py::test_two\n"
    (root / "suite" / "expected-tests.txt").write_text(listed)
    (root / "elsewhere.txt").write_text(listed + "test_one.py::test_c\n")
    assert len(loaded(root).expected) == 3
    assert len(loaded(root, "suite/test_one.py").expected) == 2
    assert len(loaded(root, expected="elsewhere.txt", expect_tests=4).expected) == 4


@pytest.mark.parametrize(
    ("files", "keys", "message", "hint"),
    [
        ({}, {"suite": "nowhere"}, "no test files", "test_"),
        ({}, {"expect_tests": 6}, "`expect_tests` is 6, but suite has 5 tests", "correct"),
        ({}, {"expected": "absent.txt"}, "cannot be read", "--collect-only"),
        ({"suite/expected-tests.txt": "\n"}, {}, "empty", "--collect-only"),
        ({"suite/expected-tests.txt": "a::b\na::b\n"}, {}, "listed twice: a::b", "--collect-only"),
        ({"suite/expected-tests.txt": "test_one.py::a\n"}, {}, "no test of deep/two", "--collect"),
        ({"suite/expected-tests.txt": "x.py::a\n"}, {}, "x.py, which is not in", "--collect"),
        ({"suite/conftest.py": "@fixture(params=[1])"}, {}, "conftest.py uses `params=`", "--coll"),
        ({"suite/test_z.py": "def test_("}, {}, "test_z.py:1: the suite's own file", ""),
    ],
)
def test_a_suite_that_does_not_fit_is_the_benchs_fault(
    root: Path, files: dict[str, str], keys: dict[str, Any], message: str, hint: str
) -> None:
    for name, text in files.items():
        (root / name).write_text(text)
    with pytest.raises(AssertionBroken) as caught:
        loaded(root, **({"suite": "suite"} | keys))
    assert message in caught.value.message
    assert hint in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("test_id", "file", "name"),
    [
        ("a/test_x.py::test_z", "a/test_x.py", "test_z"),
        ("test_x.py::TestY::test_z[a::b-[]", "test_x.py", "test_z"),
        ("test_x.py", "test_x.py", "test_x.py"),
    ],
)
def test_parts_of_an_id(test_id: str, file: str, name: str) -> None:
    assert split(test_id) == (file, name)
