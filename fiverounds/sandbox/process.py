"""The only module that starts and kills processes.

In: a full command line, a deadline, a cap on output. Out: what it printed and how it ended. Whatever happens
(end, time-out, flood, cancellation) nothing of it is left running: jailed commands die with their process
namespace, others with their process group.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from fiverounds.errors import SandboxError
from fiverounds.limits import Deadline

BARE_ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LANG": "C.UTF-8",
}
"""What our own helpers get. Nothing of the user's: a jail's first process keeps its environ readable."""

_CHUNK_BYTES = 64 * 1024
_DRAIN_SECONDS = 0.5
_REAP_SECONDS = 0.05
_GONE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class ProcessResult:
    """How a command ended. `exit_code` is negative for a signal (a jail says 128 + signal), None past the deadline."""

    exit_code: int | None
    stdout: bytes
    stderr: bytes
    timed_out: bool
    output_cut: bool
    duration_seconds: float

    def tail(self, characters: int = 2000) -> str:
        """The end of what it said, stderr first choice."""
        text = (self.stderr or self.stdout).decode("utf-8", "replace").strip()
        return text[-characters:]


async def start(
    argv: Sequence[str],
    *,
    environment: Mapping[str, str] = BARE_ENVIRONMENT,
    cwd: str | os.PathLike[str] | None = None,
    stdin: int = subprocess.DEVNULL,
    stdout: int = subprocess.PIPE,
    stderr: int = subprocess.PIPE,
    pass_fds: Sequence[int] = (),
) -> asyncio.subprocess.Process:
    """Start a long-lived process in a group of its own; end it with `kill`.

    Raises:
        SandboxError: the program does not exist or may not be executed.
    """
    try:
        return await asyncio.create_subprocess_exec(
            *argv,
            env=dict(environment),
            cwd=cwd,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            pass_fds=tuple(pass_fds),
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise SandboxError(f"cannot start {argv[0]}: {reason}") from error


async def kill(process: asyncio.subprocess.Process) -> None:
    """SIGKILL the process group and reap its leader."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    # Of a process with asyncio's pipes, `wait` awaits their end too, which somebody outside the group may put off.
    waiting = asyncio.ensure_future(process.wait())
    while process.returncode is None:
        await asyncio.wait([waiting], timeout=_REAP_SECONDS)
    waiting.cancel()


def kill_marked(mark: str) -> None:
    """SIGKILL every process that has `mark` among its arguments, and see them gone."""
    pids = [int(entry) for entry in os.listdir("/proc") if entry.isdigit()]
    marked = [pid for pid in pids if mark in _arguments(pid)]
    for pid in marked:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
    give_up = time.monotonic() + _GONE_SECONDS
    while any(map(_alive, marked)) and time.monotonic() < give_up:
        time.sleep(0.002)


def _arguments(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode("utf-8", "replace").split("\0")
    except OSError:
        return []


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[0]
    except OSError:
        return False
    return state not in (b"Z", b"X")


async def run(
    argv: Sequence[str],
    *,
    deadline: Deadline,
    output_bytes: int,
    stdin: bytes = b"",
    environment: Mapping[str, str] = BARE_ENVIRONMENT,
    cwd: str | os.PathLike[str] | None = None,
    pass_fds: Sequence[int] = (),
) -> ProcessResult:
    """Run to the end, to the deadline, or until cancelled; output beyond `output_bytes` a stream is dropped."""
    began = time.monotonic()
    timed_out = False
    out, err = _Capture(output_bytes), _Capture(output_bytes)
    # Pipes of our own: with asyncio's, the end of the command would wait for whoever inherited them.
    with _pipe() as (out_end, its_out), _pipe() as (err_end, its_err), _pipe() as (its_in, in_end):
        process = await start(
            argv,
            environment=environment,
            cwd=cwd,
            stdin=its_in.fileno() if stdin else subprocess.DEVNULL,
            stdout=its_out.fileno(),
            stderr=its_err.fileno(),
            pass_fds=pass_fds,
        )
        for its_own in (its_in, its_out, its_err):
            its_own.close()
        reading = [
            asyncio.ensure_future(out.read(out_end)),
            asyncio.ensure_future(err.read(err_end)),
        ]
        feeding = asyncio.ensure_future(_feed(in_end, stdin))
        try:
            await asyncio.wait_for(process.wait(), deadline.left_seconds())
        except TimeoutError:
            timed_out = True
        finally:
            try:
                await kill(process)
                # Somebody outside our group may hold a pipe open; do not wait for them.
                await asyncio.wait(reading, timeout=_DRAIN_SECONDS)
            finally:
                for task in (*reading, feeding):
                    task.cancel()
        await asyncio.gather(*reading, feeding, return_exceptions=True)
    return ProcessResult(
        exit_code=None if timed_out else process.returncode,
        stdout=bytes(out.kept),
        stderr=bytes(err.kept),
        timed_out=timed_out,
        output_cut=out.cut or err.cut,
        duration_seconds=time.monotonic() - began,
    )


class _Capture:
    """Keeps the first `limit_bytes` of a stream and goes on reading, so that the writer never blocks on us."""

    def __init__(self, limit_bytes: int) -> None:
        self.limit_bytes = limit_bytes
        self.kept = bytearray()
        self.cut = False

    async def read(self, pipe: FileIO) -> None:
        """To the end of the stream."""
        loop = asyncio.get_running_loop()
        while True:
            await _ready(pipe.fileno(), loop.add_reader, loop.remove_reader)
            chunk = pipe.read(_CHUNK_BYTES)
            if chunk == b"":
                return
            assert chunk is not None  # it was ready
            room = self.limit_bytes - len(self.kept)
            self.kept += chunk[:room]
            self.cut = self.cut or len(chunk) > room


async def _feed(pipe: FileIO, data: bytes) -> None:
    """Write all of it and close; a reader that has enough is no error."""
    loop = asyncio.get_running_loop()
    left = memoryview(data)
    with pipe, contextlib.suppress(BrokenPipeError):
        os.set_blocking(pipe.fileno(), False)
        while left:
            await _ready(pipe.fileno(), loop.add_writer, loop.remove_writer)
            left = left[pipe.write(left) or 0 :]


async def _ready(
    descriptor: int,
    watch: Callable[[int, Callable[[], None]], None],
    unwatch: Callable[[int], object],
) -> None:
    ready = asyncio.Event()
    watch(descriptor, ready.set)
    try:
        await ready.wait()
    finally:
        unwatch(descriptor)


@contextlib.contextmanager
def _pipe() -> Iterator[tuple[FileIO, FileIO]]:
    """The end to read from and the end to write to. Whatever is still open is closed at last."""
    reading, writing = os.pipe()
    with FileIO(reading, "rb") as read_end, FileIO(writing, "wb") as write_end:
        yield read_end, write_end


def capture(argv: Sequence[str], timeout_seconds: float = 10.0) -> tuple[int, str]:
    """Exit code and output (both streams) of a short trusted command, e.g. `bwrap --version`; 127 if it is missing."""
    try:
        done = subprocess.run(
            list(argv),
            env=BARE_ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=timeout_seconds,
            check=False,
        )
    except FileNotFoundError:
        return 127, f"{argv[0]}: not found"
    except (OSError, subprocess.TimeoutExpired) as error:
        return 126, str(error)
    return done.returncode, done.stdout.decode("utf-8", "replace")
