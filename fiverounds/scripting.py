"""The SDK for `script` assertions: start the subject, check it, report.

    with Script.from_environment() as script:
        script.plan(["answers", "stops"])
        app = script.start(["./app"], env={"PORT": str(script.port)})
        app.wait_for_http(f"http://127.0.0.1:{script.port}/", timeout_seconds=10)
        with script.check("answers"):
            assert fetch("/status") == 200, "/status did not answer 200"
        with script.check("stops"):
            assert app.stop() == 0, "exit status was not 0"

A script is trusted and runs beside the subject's jail. The runner sets FIVEROUNDS_SUBJECT (JSON
list: the argv prefix that puts a command into the jail), FIVEROUNDS_PORT, _WORKSPACE, _EVIDENCE
(folder for screenshots), _REPORT (in a writable folder) and, if there is a browser, _CHROMIUM.
The report is complete on disk after every step, so that killing the script loses nothing:
{"format": 1, "checks": [{"name", "outcome", "message", "seconds"}], "metrics": {name: number}}.

Outcomes: `passed`; `failed`, the subject did badly: AssertionError, SubjectError or any other
exception inside the check, or it was planned and never reached; `error`, the bench broke:
ScriptError, or never reached because of another exception outside of all checks.
"""

from __future__ import annotations

import http.client
import json
import math
import os
import signal
import subprocess
import sys
import threading
import time
import traceback
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

TAIL_BYTES = 2_000  # kept of a subject's output
MESSAGE_CHARACTERS = 6_000  # kept of a check's message
NOT_REACHED = "not reached"


class SubjectError(Exception):
    """The subject did badly as a whole: it died, or it never answered."""


class ScriptError(Exception):
    """The bench or the machine is at fault, not the subject."""


class Process:
    """A running subject, made by `Script.start`. Its output is drained, and the end of it kept."""

    def __init__(self, prefix: Sequence[str], command: Sequence[str], cwd: Path, name: str) -> None:
        self._name, self._command, self._stopping, self._tail = name, command, False, b""
        self._popen = subprocess.Popen(
            [*prefix, *command],
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._drainer = threading.Thread(target=self._drain, daemon=True)
        self._drainer.start()

    def wait_for_http(self, url: str, timeout_seconds: float) -> None:
        """Return at the first HTTP answer, whatever its status; SubjectError if none comes."""
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        deadline = time.monotonic() + timeout_seconds
        while (left := deadline - time.monotonic()) > 0:
            if ended := self.epitaph():
                raise SubjectError(ended)
            try:
                with direct.open(url, timeout=left):
                    return
            except urllib.error.HTTPError:
                return
            except (OSError, http.client.HTTPException):
                time.sleep(0.02)
        raise SubjectError(f"{self._name} never answered at {url}; {self._said()}")

    def epitaph(self, patience_seconds: float = 0.0) -> str:
        """How it ended by itself; empty while it runs and once `terminate` or `stop` was called."""
        if self._stopping or self.wait(patience_seconds) is None:
            return ""
        self._drainer.join(0.5)  # not for ever: a child of it may hold the pipe open
        return f"{self._name} exited with code {self._popen.returncode}; {self._said()}"

    def terminate(self) -> None:
        """Send SIGTERM to the subject itself, not to the jail around it, and return at once."""
        self._stopping = True
        for pid in self._main_pids() if self._popen.poll() is None else []:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGTERM)

    def wait(self, timeout_seconds: float) -> int | None:
        """Its exit status (a jail reports a signal as 128 + its number), None if it still runs."""
        with suppress(subprocess.TimeoutExpired):
            return self._popen.wait(timeout_seconds)
        return None

    def stop(self, grace_seconds: float = 5.0) -> int:
        """SIGTERM, and SIGKILL to its jail or process group after the grace; its exit status."""
        self.terminate()
        self.wait(grace_seconds)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._popen.pid, signal.SIGKILL)  # also for children that outlived it
        self._drainer.join(1.0)  # the pipe closes when the last of them is gone
        return self._popen.wait()

    def _main_pids(self) -> list[int]:
        """The first processes below the jail's own, which are those with the whole command line."""
        command, main, queue = list(map(os.fsencode, self._command)), [], [self._popen.pid]
        for pid in queue:
            with suppress(OSError):
                argv = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[:-1]
                if argv[-len(command) :] == command:
                    queue += map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
                else:
                    main.append(pid)
        return main or [self._popen.pid]

    def _said(self) -> str:
        output = self._tail.decode("utf-8", "replace").strip()
        return f"its last output:\n{output}" if output else "it printed nothing"

    def _drain(self) -> None:
        assert self._popen.stdout is not None
        with self._popen.stdout as stream:
            while chunk := os.read(stream.fileno(), 65_536):
                self._tail = (self._tail + chunk)[-TAIL_BYTES:]


@dataclass
class Script:
    """One run of a script. As a context manager it ends what it started and files the report."""

    subject: Sequence[str]
    port: int
    workspace: Path
    evidence: Path
    report: Path
    chromium: str | None = None
    _checks: dict[str, dict[str, str | float]] = field(default_factory=dict, init=False)
    _metrics: dict[str, float] = field(default_factory=dict, init=False)
    _processes: list[Process] = field(default_factory=list, init=False)

    @classmethod
    def from_environment(cls) -> Self:
        """Read what the runner says; ScriptError names what is missing or wrong."""
        env, names = os.environ, ("WORKSPACE", "EVIDENCE", "REPORT")
        try:
            subject, port = json.loads(env["FIVEROUNDS_SUBJECT"]), int(env["FIVEROUNDS_PORT"])
            workspace, evidence, report = (Path(env[f"FIVEROUNDS_{name}"]) for name in names)
        except (KeyError, ValueError) as error:
            raise ScriptError(f"not started by fiverounds? {error!r}") from error
        return cls(subject, port, workspace, evidence, report, env.get("FIVEROUNDS_CHROMIUM"))

    def plan(self, names: Sequence[str]) -> None:
        """Announce the checks to come, so that those never reached are reported as failed."""
        for name in names:
            self._record(name, "failed", NOT_REACHED)

    def start(self, argv: Sequence[str], env: Mapping[str, str] | None = None) -> Process:
        """Start a command in the subject's jail, with the workspace as its working directory."""
        command = ["env", *(f"{name}={value}" for name, value in (env or {}).items()), *argv]
        self._processes.append(Process(self.subject, command, self.workspace, argv[0]))
        return self._processes[-1]

    def metric(self, name: str, value: float) -> None:
        """Report a finite number beside the checks."""
        if not math.isfinite(value):
            raise ScriptError(f"metric {name} is {value}")
        self._metrics[name] = value
        self._write()

    @contextmanager
    def check(self, name: str) -> Iterator[None]:
        """Run one check. What it raises becomes its outcome and goes no further."""
        if self._checks.get(name, {}).get("message", NOT_REACHED) != NOT_REACHED:
            raise ScriptError(f"check {name!r} runs twice")
        self._record(name, "failed", "not finished")
        began = time.monotonic()
        outcome, message = "passed", ""
        try:
            yield
        except ScriptError as error:
            outcome, message = "error", str(error)
        except Exception as error:
            patience = 0.0 if isinstance(error, AssertionError) else 0.5  # it may just be dying
            ends = [end for process in self._processes if (end := process.epitaph(patience))]
            outcome, message = "failed", "\n".join([_message(error), *ends])
        self._record(name, outcome, message, time.monotonic() - began)

    def __enter__(self) -> Self:
        with suppress(ValueError):  # not in the main thread; the report is safe all the same
            signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> bool:
        for process in self._processes:
            process.stop(grace_seconds=1)
        outcome = "failed" if isinstance(error, SubjectError) else "error"
        unreached = [check for check in self._checks.values() if check["message"] == NOT_REACHED]
        for check in unreached:
            if isinstance(error, Exception):
                check |= {"outcome": outcome, "message": f"{NOT_REACHED}: {_message(error)}"}
        if isinstance(error, SubjectError) and not unreached:
            self._record("subject", "failed", _message(error))
        self._write()
        return isinstance(error, SubjectError)  # then the report has told it all

    def _record(self, name: str, outcome: str, message: str, seconds: float = 0.0) -> None:
        check = {"outcome": outcome, "message": message[:MESSAGE_CHARACTERS]}
        self._checks[name] = {"name": name, **check, "seconds": round(seconds, 3)}
        self._write()

    def _write(self) -> None:
        report = {"format": 1, "checks": list(self._checks.values()), "metrics": self._metrics}
        new = self.report.with_name(self.report.name + ".new")
        new.write_text(json.dumps(report), encoding="utf-8")
        new.replace(self.report)


def _message(error: Exception) -> str:
    if isinstance(error, AssertionError | SubjectError):
        return str(error) or f"not so: {traceback.extract_tb(error.__traceback__)[-1].line}"
    return f"{type(error).__name__}: {error}"
