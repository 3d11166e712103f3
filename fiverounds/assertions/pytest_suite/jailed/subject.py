"""The supervisor's end of the line to the subject's process: start it, ask it, notice how it ended."""

from __future__ import annotations

import json
import secrets
import sys
import time
from typing import Any, NoReturn

from .line import Line

MAXIMUM_IMPORT_DEATHS = 3
MAXIMUM_STARTS = 300


class SubjectDied(BaseException):
    """The subject's process ended, hung or broke the protocol.

    Not an Exception, so that neither `pytest.raises(Exception)` nor an `except Exception` of a test takes it for
    an answer.
    """


class SubjectUnimportable(ImportError):
    """The subject's module cannot be imported; the message says why."""


class Subject:
    """One subject, in one process at a time; after a death the next test gets a fresh one."""

    def __init__(self, argv: list[str], start_seconds: float) -> None:
        self._argv = argv
        self._start_seconds = start_seconds
        self._line: Line | None = None
        self._starts = 0
        self._import_deaths = 0
        self._given_up = ""
        self._unimportable = ""
        self._until = 0.0
        self.cause = ""
        """Why the current test can no longer pass, whatever it catches."""
        self.forged: list[str] = []
        """Replies nobody asked for."""
        self.broken = ""
        """Why no process could be started: our trouble, not the subject's."""

    @property
    def fault(self) -> str:
        """What the subject did, if that is why nothing runs."""
        return self._unimportable or self._given_up or self.cause

    def begin(self, seconds: float) -> None:
        """A new test, which may take this long altogether."""
        self.cause = ""
        self._until = time.monotonic() + seconds

    def ask(self, operation: str, **fields: Any) -> dict[str, Any]:
        """The subject's reply.

        Raises:
            SubjectDied: it died, hung, exited or answered nonsense.
            SubjectUnimportable: its module cannot be imported.
        """
        if self.cause:
            raise SubjectDied(self.cause)
        if self._given_up:
            self._end(self._given_up)
        if self._unimportable:
            self._refuse_import()
        if self._line is None:
            self._start()
        reply = self._exchange({"op": operation, **fields}, "in the middle of a call")
        if isinstance(reply.get("exited"), str):
            self._end(f"the subject tried to end its process: {reply['exited'][:200]}")
        return reply

    def close(self) -> None:
        """Kill the process."""
        if self._line is not None:
            self._line.close()
            self._line = None

    def _start(self) -> None:
        self._starts += 1
        if self._starts > MAXIMUM_STARTS:
            self._given_up = (
                f"the subject's process ended {MAXIMUM_STARTS} times; it is not started again"
            )
            self._end(self._given_up)
        self._line = Line(self._argv)
        began, test_until = time.monotonic(), self._until
        self._until = began + self._start_seconds
        self._greet()
        try:
            reply = self._exchange({"op": "import"}, "while its module was imported")
            self._until = test_until + time.monotonic() - began  # no test pays for a start
        except SubjectDied:
            self._import_deaths += 1
            if self._import_deaths >= MAXIMUM_IMPORT_DEATHS:
                self._given_up = self.cause
            raise
        if isinstance(reply.get("unimportable"), str):
            sys.stderr.write(str(reply.get("traceback")))
            self.close()
            self._unimportable = reply["unimportable"]
            self._refuse_import()
        if isinstance(reply.get("exited"), str):
            self._given_up = f"importing the subject's module ended with {reply['exited'][:200]}"
            self._end(self._given_up)

    def _refuse_import(self) -> NoReturn:
        self.cause = self._unimportable
        raise SubjectUnimportable(self._unimportable)

    def _greet(self) -> None:
        """The first answer comes before any of the subject's code runs."""
        try:
            self._exchange({"op": "hello"}, "before it began")
        except SubjectDied:
            self.broken = self._given_up = self.cause
            raise

    def _exchange(self, request: dict[str, Any], when: str) -> dict[str, Any]:
        assert self._line is not None
        number = secrets.token_hex(8)
        data = json.dumps({"n": number, **request}).encode("ascii") + b"\n"
        try:
            reply = self._line.exchange(data, self._until)
        except TimeoutError:
            self._end(f"the subject did not answer in time, {when}")
        except EOFError:
            how = self._line.ending()
            self._end(f"the subject's process {how} {when}")
        except ValueError as problem:
            self._forged(f"the subject's process sent {problem}")
        if reply.get("n") != number:
            self._forged("the subject's process sent a reply that nobody asked for")
        return reply

    def _forged(self, cause: str) -> NoReturn:
        self.forged.append(cause)
        self._end(cause)

    def _end(self, cause: str) -> NoReturn:
        self.close()
        self.cause = cause
        raise SubjectDied(cause) from None
