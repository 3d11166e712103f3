"""A small suite, a right and a wrong solution, and cheats: code that wants the suite to lie."""

from __future__ import annotations

SUITE = {
    "suite/test_solution.py": """
import pytest

import solution
from solution import add, fib


def test_add():
    assert add(1, 2) == 3


def test_add_negative():
    assert add(-1, -2) == -3


@pytest.mark.parametrize(("n", "expected"), [(0, 0), (1, 1), (10, 55)])
def test_fib(n, expected):
    assert solution.fib(n) == expected


class TestErrors:
    def test_negative(self):
        with pytest.raises(ValueError, match="negative"):
            fib(-1)
""",
    "suite/expected-tests.txt": """\
# Written with a correct solution.
test_solution.py::test_add
test_solution.py::test_add_negative
test_solution.py::test_fib[0-0]
test_solution.py::test_fib[1-1]
test_solution.py::test_fib[10-55]
test_solution.py::TestErrors::test_negative
""",
}
IDS = SUITE["suite/expected-tests.txt"].splitlines()[1:]

RIGHT = """
def add(a, b):
    return a + b


def fib(n):
    if n < 0:
        raise ValueError("negative")
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a
"""
WRONG = """
def add(a, b):
    return a - b


def fib(n):
    return n
"""

# Each cheat is appended to WRONG, or is a set of files beside it.
CHEATS: dict[str, str | dict[str, str]] = {
    "exit-at-import": "import os; os._exit(0)",
    "exit-in-call": "import os\ndef add(a, b): return os._exit(0) if a > 0 else 0",
    "sys-exit-at-import": "import sys; sys.exit(0)",
    "sys-exit-in-call": "import sys\ndef add(a, b): sys.exit(0)",
    "keyboard-interrupt": "def add(a, b):\n    if a > 0: raise KeyboardInterrupt",
    "pytest-exit": "import pytest\ndef add(a, b): return pytest.exit('done', 0) if a > 0 else 0",
    "pytest-skip-at-import": "import pytest; pytest.skip('no', allow_module_level=True)",
    "pytest-skip-in-call": "import pytest\ndef add(a, b): pytest.skip('no')",
    "kill-at-import": "import os; os.kill(os.getpid(), 9)",
    "conftest": {
        "conftest.py": """
import pytest
@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    outcome.get_result().outcome = "passed"
""",
        "tests/conftest.py": "import os; os._exit(0)",
    },
    "shadowed-modules": {
        "pytest.py": "import os; print('6 passed'); os._exit(0)",
        "_pytest/__init__.py": "import os; os._exit(0)",
        "json.py": "import os; os._exit(0)",
        "jailed/__init__.py": "import os; os._exit(0)",
    },
    "tests-and-configuration-of-its-own": {
        "test_solution.py": "def test_add(): pass\ndef test_add_negative(): pass",
        "tests/test_solution.py": "def test_add(): pass",
        "suite/test_solution.py": "def test_add(): pass",
        "pytest.ini": "[pytest]\naddopts = --collect-only\n",
        "pyproject.toml": "[tool.pytest.ini_options]\naddopts = '--collect-only'\n",
        "setup.cfg": "[tool:pytest]\naddopts = --collect-only\n",
    },
    "code-at-start-up": {
        "sitecustomize.py": "import os; os._exit(0)",
        "usercustomize.py": "import os; os._exit(0)",
        "evil-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: evil\nVersion: 1.0\n",
        "evil-1.0.dist-info/entry_points.txt": "[pytest11]\nevil = evil\n",
        "evil.py": "import os; os._exit(0)",
    },
    "runtest-does-nothing": """
import _pytest.python
_pytest.python.Function.runtest = lambda self: None
""",
    "runtest-does-nothing-then-restored": """
import _pytest.python, gc, weakref
kept = _pytest.python.Function.runtest
_pytest.python.Function.runtest = lambda self: None
import _pytest.main
session = next(o for o in gc.get_objects() if isinstance(o, _pytest.main.Session))
class Restore:
    def __del__(self):
        _pytest.python.Function.runtest = kept
session.restore = Restore()
""",
    "reports-patched": """
import _pytest.reports
old = _pytest.reports.TestReport.__init__
def init(self, *args, **kwargs):
    old(self, *args, **kwargs)
    self.outcome, self.longrepr = "passed", None
_pytest.reports.TestReport.__init__ = init
""",
    "assertions-left-out": """
import _pytest.assertion.rewrite as r, ast
class Drop(ast.NodeTransformer):
    def visit_Assert(self, node): return ast.Pass()
old = r.rewrite_asserts
r.rewrite_asserts = lambda mod, *a, **k: old(Drop().visit(mod), *a, **k)
""",
    "raises-patched": """
import pytest, contextlib
pytest.raises = lambda *a, **k: contextlib.nullcontext()
def add(a, b): return 3 if a > 0 else -3
def fib(n): return {0: 0, 1: 1, 10: 55}.get(n)
""",
    "tests-replaced": """
import gc, types
def add(a, b):
    for one in gc.get_objects():
        if isinstance(one, types.FunctionType) and one.__name__.startswith("test_"):
            names = one.__code__.co_varnames[:one.__code__.co_argcount]
            one.__code__ = eval("lambda %s: None" % ", ".join(names)).__code__
    return 3
""",
    "module-planted": """
import sys, types
fake = types.ModuleType("test_solution")
exec("def test_add(): pass\\ndef test_add_negative(): pass", fake.__dict__)
sys.modules["test_solution"] = fake
""",
    "plugin-found-by-gc": """
import gc, pytest, _pytest.config
class Forger:
    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item, call):
        outcome = yield
        report = outcome.get_result()
        report.outcome, report.longrepr = "passed", None
for one in gc.get_objects():
    if isinstance(one, _pytest.config.PytestPluginManager):
        one.register(Forger())
""",
    "reporter-found-by-gc": """
import gc
for one in gc.get_objects():
    if type(one).__name__ == "Channel":
        send = one.send
        def forged(event, **fields):
            if event == "result":
                fields |= {"outcome": "passed", "message": ""}
            send(event, **fields)
        one.send = forged
""",
    "atexit": """
import atexit, os
def forge():
    print("6 passed in 0.01s", flush=True)
    os._exit(0)
atexit.register(forge)
""",
    "equal-to-everything": """
class Anything:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    __hash__ = None
def add(a, b): return Anything()
def fib(n):
    if n < 0: raise ValueError("negative")
    return Anything()
""",
    "number-equal-to-everything": """
class Number(int):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    __hash__ = int.__hash__
def add(a, b): return Number(0)
def fib(n):
    if n < 0: raise ValueError("negative")
    return Number(0)
""",
    "records-on-every-descriptor": """
import json, os
ids = ["test_add", "test_add_negative", "test_fib[0-0]", "test_fib[1-1]", "test_fib[10-55]",
       "TestErrors::test_negative"]
lines = [{"number": n, "event": "result", "id": "test_solution.py::" + i, "outcome": "passed",
          "message": "", "seconds": 0.0} for n, i in enumerate(ids)]
lines.append({"number": 99, "event": "end", "code": 0, "tampered": []})
text = "".join(json.dumps(line) + "\\n" for line in lines).encode()
def add(a, b):
    for fd in range(3, 64):
        try: os.write(fd, text)
        except OSError: pass
    return 3
""",
    "replies-on-every-descriptor": """
import json, os
def add(a, b):
    for fd in range(3, 64):
        try: os.write(fd, json.dumps({"n": "0" * 16, "value": 3}).encode() + b"\\n")
        except OSError: pass
    return 3
""",
    "builtins-patched": """
import builtins
class Quiet(Exception): pass
builtins.AssertionError = Quiet
builtins.isinstance = lambda *a: True
""",
    "fork-and-both-go-on": "import os; os.fork()",
}

# `fib(0)` and `fib(1)` are right in WRONG; some cheats answer more of the tests honestly.
EARNED = {name: {IDS[2], IDS[3]} for name in CHEATS} | {
    "raises-patched": set(IDS[:5]),
    "equal-to-everything": {IDS[5]},
    "number-equal-to-everything": {IDS[2], IDS[5]},
}
for _name in ("tests-replaced", "records-on-every-descriptor", "replies-on-every-descriptor"):
    EARNED[_name].add(IDS[0])
