"""Both ends of the line to the subject, without a jail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from fiverounds.assertions.pytest_suite import launch
from fiverounds.assertions.pytest_suite.jailed import wire
from fiverounds.assertions.pytest_suite.jailed.proxy import NotCarried, SubjectModule
from fiverounds.assertions.pytest_suite.jailed.subject import (
    MAXIMUM_IMPORT_DEATHS,
    Subject,
    SubjectDied,
    SubjectUnimportable,
)
from fiverounds.limits import Limits
from fiverounds.sandbox.base import WORK, Jail
from fiverounds.sandbox.unconfined import UnconfinedJail

Started = Callable[[str], SubjectModule]


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Started]:
    """Puts a module's source where a subject's process finds it."""
    subjects: list[Subject] = []

    def start(source: str) -> SubjectModule:
        (tmp_path / "thing.py").write_text(dedent(source), encoding="utf-8")
        jail = UnconfinedJail(Jail(Limits(), workspace=tmp_path, mounts=launch.python_mounts()))
        arguments = ("thing", jail.inside(WORK))
        subject = Subject(jail.argv(launch.python_command(jail, "worker", (), arguments)), 10.0)
        subject.begin(2.0)
        subjects.append(subject)
        return SubjectModule("thing", subject)

    yield start
    for subject in subjects:
        subject.close()


def test_functions_values_and_what_is_missing(started: Started) -> None:
    thing = started(
        """
        import math
        LIMITS = {"low": (1, 2.5), 3: None}
        class Callable:
            def __call__(self, x): return x + 1
        after = Callable()
        def swap(a, b=2, *rest, key=b"x"): return [b, a, rest, key]
        class Account: pass
        _private = 1
        account = Account()
        __version__ = "1.2"
        """
    )
    assert thing.LIMITS == {"low": (1, 2.5), 3: None}
    assert thing.swap(1) == [2, 1, (), b"x"]
    assert thing.swap(1, 3, 4, key={5}) == [3, 1, (4,), {5}]
    assert thing.after(1) == 2
    assert thing.swap is thing.swap
    assert thing.__version__ == "1.2"
    assert not hasattr(thing, "absent")
    assert not hasattr(thing, "_private")  # pytest looks for such names by itself
    for name, what in (("Account", "a class"), ("account", "Account"), ("math", "a module")):
        with pytest.raises(NotCarried, match=what):
            getattr(thing, name)
        thing._subject.begin(2.0)
    with pytest.raises(NotCarried, match="type object"):
        thing.swap(object())
    with pytest.raises(SubjectDied, match="type object"):  # for the rest of this test
        thing.swap(1)
    with pytest.raises(NotCarried, match="cannot be replaced"):
        thing.LIMITS = {}


def test_exceptions_keep_their_class_message_and_plain_attributes(started: Started) -> None:
    thing = started(
        """
        class ThingError(ValueError):
            def __init__(self, place, culprit):
                super().__init__("at", place)
                self.place, self.culprit, self._secret = place, culprit, 1
            def __str__(self): return f"wrong at {self.place}"
        class Worse(ThingError, KeyError): pass
        class Hidden(Worse): pass
        def fail(kind, *args): raise {"thing": ThingError, "hidden": Hidden, "zero": ZeroDivisionError,
            "os": OSError, "key": KeyError}[kind](*args)
        def decode(): b"\\xff".decode()
        def group(): raise ExceptionGroup("many", [ValueError()])
        """
    )
    with pytest.raises(thing.ThingError, match=r"^wrong at 7$") as caught:
        thing.fail("thing", 7, "x")
    assert (caught.value.place, caught.value.culprit) == (7, "x")
    assert caught.value.args == ("at", 7)
    assert not hasattr(caught.value, "_secret")
    with pytest.raises(thing.Worse) as caught:
        thing.fail("hidden", 1, [])
    assert [kind.__name__ for kind in type(caught.value).__mro__][:5] == [
        "Hidden", "Worse", "ThingError", "ValueError", "KeyError"
    ]  # fmt: skip
    assert issubclass(thing.Worse, thing.ThingError)
    with pytest.raises(ZeroDivisionError, match="nothing"):
        thing.fail("zero", "nothing")
    with pytest.raises(OSError, match="away"):
        thing.fail("os", "away")
    with pytest.raises(KeyError) as missing:
        thing.fail("key", "name")
    assert str(missing.value) == "'name'"
    with pytest.raises(UnicodeDecodeError):
        thing.decode()
    with pytest.raises(Exception) as grouped:  # noqa: PT011
        thing.group()
    assert type(grouped.value).__name__ == "Exception"


def test_forged_exception_classes_end_nothing(started: Started) -> None:
    """Names of what would end pytest, or make it skip, are only names."""
    thing = started(
        """
        Skipped = type("Skipped", (Exception,), {"__module__": "_pytest.outcomes"})
        Fake = type("SystemExit", (Exception,), {"__module__": "builtins"})
        def skip(): raise Skipped("no")
        def leave(): raise Fake("no")
        """
    )
    with pytest.raises(Exception, match="no") as caught:
        thing.skip()
    assert not isinstance(caught.value, pytest.skip.Exception)
    with pytest.raises(Exception, match="no") as caught:
        thing.leave()
    assert type(caught.value) is Exception


@pytest.mark.parametrize(
    ("statement", "cause"),
    [
        ("raise SystemExit(0)", "tried to end its process: SystemExit: 0"),
        ("raise KeyboardInterrupt", "tried to end its process: KeyboardInterrupt"),
        ("os._exit(0)", "ended with exit code 0 in the middle of a call"),
        ("os.kill(os.getpid(), 9)", "was killed by SIGKILL in the middle of a call"),
        ("time.sleep(60)", "did not answer in time"),
        ("os.write(fd, b'nonsense\\n')", "something that is not a reply"),
        ("os.write(fd, b'[' * 10**6 + b'\\n')", "something that is not a reply"),
        ("os.write(fd, b'[1]\\n')", "something that is not a reply"),
        ('os.write(fd, b\'{"n": 1, "value": 3}\\n\')', "a reply that nobody asked for"),
        ("[os.write(fd, b'x' * 65536) for _ in range(100)]", "a reply that is too big"),
    ],
)
def test_deaths_and_forgeries_are_no_exception(
    started: Started, statement: str, cause: str
) -> None:
    thing = started(
        f"""
        import os, socket, stat, time
        fd = [n for n in range(3, 20) if os.path.exists(f"/proc/self/fd/{{n}}")
              and stat.S_ISSOCK(os.stat(n).st_mode)][0]
        def bad(): {statement}
        def good(): return "alive"
        """
    )
    with pytest.raises(SubjectDied, match=cause), pytest.raises(Exception):  # noqa: B017, PT011
        thing.bad()
    with pytest.raises(SubjectDied, match=cause):  # for the rest of this test
        thing.good()
    thing._subject.begin(2.0)
    assert thing.good() == "alive"
    assert bool(thing._subject.forged) == ("reply" in cause)


def test_answers_with_wrong_content_are_refused(started: Started) -> None:
    """A subject that takes over its worker can answer anything; only plain values come out."""
    thing = started(
        """
        import sys
        worker = sys._getframe(1)
        while type(worker.f_locals.get("self")).__name__ != "Worker": worker = worker.f_back
        def take(reply): type(worker.f_locals["self"])._answer = lambda self, request: reply
        """
    )
    thing.take({"value": {"t": 3}})
    with pytest.raises(NotCarried):
        thing.take(1)
    thing._subject.begin(2.0)
    with pytest.raises(NotCarried, match="other is None"):
        _ = thing.other


def test_values_that_are_too_big_or_too_deep_fail_with_the_reason(started: Started) -> None:
    thing = started(
        """
        def big(): return "x" * 2_000_000
        def deep():
            value = ()
            for _ in range(1000): value = (value,)
            return value
        """
    )
    with pytest.raises(NotCarried, match=f"more than {wire.MAXIMUM_BYTES} bytes"):
        thing.big()
    thing._subject.begin(2.0)
    with pytest.raises(NotCarried, match="deep"):
        thing.deep()


def test_an_import_that_dies_is_tried_a_few_times(started: Started) -> None:
    thing = started("import os; os._exit(3)")
    for _ in range(MAXIMUM_IMPORT_DEATHS + 2):
        thing._subject.begin(2.0)
        with pytest.raises(SubjectDied, match="exit code 3 while its module was imported"):
            thing.anything()
    assert thing._subject._starts == MAXIMUM_IMPORT_DEATHS


def test_what_cannot_be_imported(started: Started) -> None:
    thing = started("import nothing_like_it")
    with pytest.raises(SubjectUnimportable, match="nothing_like_it"):
        thing.anything()
    with pytest.raises(SubjectDied, match="SystemExit"):
        started("raise SystemExit").anything()


def test_output_is_passed_on_and_bounded(
    started: Started, capsys: pytest.CaptureFixture[str]
) -> None:
    thing = started(
        """
        import sys
        def say(text, times=1):
            print(text * times)
            print("and", file=sys.stderr)
            return len(text) * times
        """
    )
    thing.say("héllo")
    assert capsys.readouterr() == ("héllo\n", "and\n")
    assert thing.say("x", 10**7) == 10**7
    assert 0 < len(capsys.readouterr().out) <= 2 * 1024 * 1024


def test_a_process_that_never_begins_is_our_trouble() -> None:
    subject = Subject(["/bin/false"], 5.0)
    with pytest.raises(SubjectDied, match="exit code 1 before it began"):
        subject.ask("kind", name="x")
    assert subject.broken
