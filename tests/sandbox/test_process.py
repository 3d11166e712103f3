from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from fiverounds.errors import SandboxError
from fiverounds.limits import Deadline
from fiverounds.sandbox import process
from tests.sandbox.support import SECONDS, Sleepers, open_descriptors, run, until

QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
# A daemon: a session of its own, and our pipes still in its hands.
DAEMON = """
import os, sys
ready, tell = os.pipe()
if os.fork() == 0:
    os.setsid()
    os.write(tell, b"x")
    os.execvp("sleep", ["sleep", sys.argv[1]])
os.read(ready, 1)
print("daemon started", flush=True)
if len(sys.argv) > 2:
    os.execvp("sleep", ["sleep", sys.argv[1]])
"""


def test_it_tells_how_a_command_ended() -> None:
    result = run(["sh", "-c", "echo out; echo err >&2; exit 7"])
    assert (result.exit_code, result.stdout, result.stderr) == (7, b"out\n", b"err\n")
    assert not result.timed_out
    assert not result.output_cut
    assert result.tail() == "err"


def test_a_signal_is_a_negative_exit_code() -> None:
    assert run(["sh", "-c", "kill -SEGV $$"]).exit_code == -signal.SIGSEGV


def test_the_tail_is_the_end_of_stdout_when_stderr_is_empty() -> None:
    assert run(["printf", "abcdef"]).tail(3) == "def"


def test_nothing_of_our_environment_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANTED_SECRET", "s3cret")
    assert b"s3cret" not in run(["env"]).stdout
    assert "s3cret" not in process.capture(["env"])[1]


def test_stdin_is_fed_and_closed() -> None:
    data = os.urandom(1_000_000)
    assert run(["cat"], stdin=data, output_bytes=2_000_000).stdout == data


def test_no_stdin_is_empty() -> None:
    assert run(["cat"]).stdout == b""


def test_a_command_that_does_not_want_its_stdin_is_no_error() -> None:
    assert run(["true"], stdin=b"x" * 1_000_000).exit_code == 0


def test_a_closed_stdin_does_not_stop_the_reading() -> None:
    result = run(["sh", "-c", "exec <&-; echo still here"], stdin=b"x" * 1_000_000)
    assert result.stdout == b"still here\n"


def test_output_is_kept_up_to_its_limit_and_the_writer_not_held_up() -> None:
    result = run(["sh", "-c", "head -c 5000000 /dev/zero; echo end >&2"], output_bytes=1000)
    assert result.exit_code == 0
    assert result.stdout == bytes(1000)
    assert result.stderr == b"end\n"
    assert result.output_cut


def test_output_of_just_the_limit_is_not_cut() -> None:
    assert not run(["printf", "12345"], output_bytes=5).output_cut


def test_endless_output_ends_with_the_deadline() -> None:
    result = run(["yes"], seconds=0.2, output_bytes=1000)
    assert result.timed_out
    assert result.exit_code is None
    assert result.stdout == b"y\n" * 500


def test_the_deadline_kills_what_ignores_every_request(sleeper: Sleepers) -> None:
    ignore = "import os,signal,sys; [signal.signal(n, signal.SIG_IGN) for n in (1,2,3,15)]; "
    result = run(
        [
            sys.executable,
            "-c",
            ignore + "os.execvp('sleep', ['sleep', sys.argv[1]])",
            sleeper.seconds,
        ],
        seconds=0.3,
    )
    assert result.timed_out


def test_a_deadline_in_the_past_still_leaves_nothing(sleeper: Sleepers) -> None:
    assert run(sleeper.command, seconds=-1).timed_out


def test_children_in_the_group_end_with_the_command(sleeper: Sleepers) -> None:
    result = run(["sh", "-c", f"sleep {sleeper.seconds} & echo started"])
    assert result.stdout == b"started\n"
    until(lambda: not sleeper.pids(), 5)


def test_a_daemon_with_our_pipes_is_not_waited_for(sleeper: Sleepers) -> None:
    result = run([sys.executable, "-c", DAEMON, sleeper.seconds], seconds=10)
    assert not result.timed_out
    assert result.exit_code == 0
    assert result.stdout == b"daemon started\n"
    process.kill_marked(sleeper.seconds)


def test_a_daemon_with_our_pipes_does_not_outlast_the_deadline(sleeper: Sleepers) -> None:
    command = [sys.executable, "-c", DAEMON, sleeper.seconds, "stay"]
    assert run(command, seconds=0.5).timed_out
    process.kill_marked(sleeper.seconds)


def test_cancellation_kills_the_tree(sleeper: Sleepers) -> None:
    async def cancelled() -> None:
        command = ["sh", "-c", f"sleep {sleeper.seconds} & sleep {sleeper.seconds}"]
        task = asyncio.ensure_future(
            process.run(command, deadline=Deadline.after(60), output_bytes=100)
        )
        await asyncio.to_thread(until, lambda: len(sleeper.asleep()) == 2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())
    until(lambda: not sleeper.pids(), 5)


def test_no_descriptor_is_left_open(sleeper: Sleepers) -> None:
    run(["true"])
    before = open_descriptors()
    run(["cat"], stdin=b"x")
    run(["sleep", sleeper.seconds], seconds=0.05)
    with pytest.raises(SandboxError):
        run(["/nowhere/at/all"])
    assert open_descriptors() == before


def test_descriptors_are_passed_on_when_asked() -> None:
    reading, writing = os.pipe()
    write = f"import os; os.write({writing}, b'through')"
    assert run([sys.executable, "-c", write], pass_fds=(writing,)).exit_code == 0
    os.close(writing)
    assert os.read(reading, 100) == b"through"
    os.close(reading)


def test_it_starts_in_the_folder_asked_for(tmp_path: Path) -> None:
    assert run(["pwd"], cwd=tmp_path).stdout.decode().strip() == str(tmp_path)


@pytest.mark.parametrize(
    "argv", [["/nowhere/at/all"], ["/etc/hostname"], ["a\0b"], ["echo", "a\0b"]]
)
def test_what_cannot_be_started_is_a_sandbox_error(argv: list[str]) -> None:
    with pytest.raises(SandboxError, match="cannot start"):
        run(argv)


def test_a_long_lived_process_is_ended_by_kill(sleeper: Sleepers) -> None:
    async def start_and_kill() -> int | None:
        started = await process.start(["sh", "-c", f"sleep {sleeper.seconds} & wait"], **QUIET)
        await asyncio.to_thread(until, sleeper.asleep)
        await process.kill(started)
        await process.kill(started)  # twice does no harm
        return started.returncode

    assert asyncio.run(start_and_kill()) == -signal.SIGKILL
    until(lambda: not sleeper.pids(), 5)


def test_kill_does_not_wait_for_daemons_with_our_pipes(sleeper: Sleepers) -> None:
    async def start_and_kill() -> None:
        started = await process.start([sys.executable, "-c", DAEMON, sleeper.seconds, "stay"])
        await asyncio.to_thread(until, lambda: len(sleeper.asleep()) == 2)
        async with asyncio.timeout(SECONDS):
            await process.kill(started)
        assert started.returncode == -signal.SIGKILL
        process.kill_marked(sleeper.seconds)
        await started.communicate()

    asyncio.run(start_and_kill())


def test_marked_processes_are_gone_when_told_so(sleeper: Sleepers) -> None:
    async def start_three() -> None:
        started = [await process.start(sleeper.command, **QUIET) for _ in range(3)]
        process.kill_marked(sleeper.seconds)
        assert sleeper.asleep() == []
        for child in started:
            assert await child.wait() == -signal.SIGKILL

    asyncio.run(start_three())


def test_a_mark_is_a_whole_argument(sleeper: Sleepers) -> None:
    async def start_and_miss() -> None:
        started = await process.start(sleeper.command, **QUIET)
        process.kill_marked(sleeper.seconds[:-1])
        assert started.returncode is None
        await process.kill(started)

    asyncio.run(start_and_miss())


def test_capture_tells_code_and_both_streams() -> None:
    assert process.capture(["sh", "-c", "echo out; echo err >&2; exit 3"]) == (3, "out\nerr\n")


def test_capture_of_a_missing_program() -> None:
    assert process.capture(["no-such-program"]) == (127, "no-such-program: not found")


def test_capture_gives_up() -> None:
    code, message = process.capture(["sleep", "60"], timeout_seconds=0.1)
    assert code == 126
    assert "timed out" in message
