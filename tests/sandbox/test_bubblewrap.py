"""Attacks on real jails. Each is one that works without the measure it is about."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import fiverounds
from fiverounds.errors import SandboxError
from fiverounds.limits import MIB, Deadline
from fiverounds.sandbox import cgroup, process
from fiverounds.sandbox.base import Entered, Jail, Mount
from fiverounds.sandbox.bubblewrap import Bubblewrap, problem
from fiverounds.sandbox.python import interpreter_mounts
from fiverounds.sandbox.users import give
from tests.sandbox.support import (
    AS_ROOT,
    HAS_GROUPS,
    LIMITS,
    Sleepers,
    deep,
    jailed,
    memory_groups,
    python,
    python_jail,
    run,
    succeed,
    until,
)

FIND = """
import os, stat, sys
token = sys.argv[1].encode()
paths = [f"/proc/{pid}/environ" for pid in os.listdir("/proc") if pid.isdigit()]
for folder, folders, files in os.walk("/"):
    shared = ("/usr", "/lib", "/proc", sys.prefix)
    folders[:] = [name for name in folders if os.path.join(folder, name) not in shared]
    paths += [os.path.join(folder, name) for name in files]
for path in paths:
    try:
        if stat.S_ISREG(os.stat(path).st_mode):
            with open(path, "rb") as file:
                if token in file.read(1 << 20):
                    print("found in", path)
    except OSError:
        pass
print("searched", len(paths) > 10)
"""
TRY_ALL = """
import errno, json, os, sys
results = {}
for statement in json.loads(sys.argv[1]):
    try:
        exec(statement)
        results[statement] = "done"
    except OSError as error:
        results[statement] = errno.errorcode[error.errno]
print(json.dumps(results))
"""
DAEMON = """
import os, sys
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execvp("sleep", ["sleep", sys.argv[1]])
    os._exit(0)
os.wait()
print("left")
"""


def try_all(sandbox: Bubblewrap, statements: list[str], jail: Jail | None = None) -> dict[str, str]:
    """What each statement came to: `done`, or the name of its error."""
    out = succeed(jailed(sandbox, python(TRY_ALL, json.dumps(statements)), jail or python_jail()))
    found: dict[str, str] = json.loads(out)
    return found


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "workspace"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


# --- who one is -------------------------------------------------------------------------------------------------------


def test_a_subject_is_nobody_without_any_privilege(sandbox: Bubblewrap) -> None:
    out = succeed(jailed(sandbox, ["cat", "/proc/self/status"]))
    status = dict(line.split(":", 1) for line in out.splitlines())
    uids, gids = set(status["Uid"].split()), set(status["Gid"].split())
    assert len(uids) == len(gids) == 1
    assert "0" not in uids | gids
    assert status["Groups"].split() in ([], list(gids))
    assert {status[f"Cap{kind}"].strip() for kind in ("Inh", "Prm", "Eff", "Bnd", "Amb")} == {
        "0" * 16
    }
    assert (status["NoNewPrivs"].strip(), status["Seccomp"].strip()) == ("1", "2")


def test_two_jails_are_two_users(sandbox: Bubblewrap) -> None:
    users = {succeed(jailed(sandbox, ["id", "-u"])) for _ in range(4)}
    assert len(users) == (4 if AS_ROOT else 1)  # within a namespace of its own it is always 1000


# --- what one sees ----------------------------------------------------------------------------------------------------


def test_planted_secrets_are_nowhere(
    sandbox: Bubblewrap,
    workspace: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    token = "planted-" + secrets.token_hex(16)
    monkeypatch.setenv("OPENAI_API_KEY", token)
    home = tmp_path / "home/.ssh"
    home.mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home.parent))
    (home / "id_ed25519").write_text(token)
    (tmp_path / "beside-the-workspace.txt").write_text(token)
    # Given twice: what finds nothing must be able to find something.
    out = succeed(jailed(sandbox, python(FIND, token), python_jail(workspace)))
    assert out == "searched True\n"
    (workspace / "own.txt").write_text(token)
    out = succeed(jailed(sandbox, python(FIND, token), python_jail(workspace)))
    assert out == "found in /work/own.txt\nsearched True\n"


def test_the_machine_is_not_there(sandbox: Bubblewrap) -> None:
    places = (
        "/root",
        "/home",
        "/etc",
        "/var",
        "/opt",
        "/srv",
        "/mnt",
        "/run",
        "/boot",
        "/sys",
        "/",
    )
    code = f"import json, os; print(json.dumps({{p: os.listdir(p) for p in {places} if os.path.isdir(p)}}))"
    seen = json.loads(succeed(jailed(sandbox, ["/usr/bin/env", *python(code)], python_jail())))
    assert seen["/home"] == ["user"]
    assert {"passwd", "shadow", "machine-id", "hostname"} & set(seen["/etc"]) == set()
    interpreters = {Path(mount.target).parts[1] for mount in interpreter_mounts()}
    system = {"bin", "sbin", "lib", "lib64", "lib32", "usr", "etc", "dev", "proc", "tmp", "home"}
    assert set(seen["/"]) - interpreters <= system


def test_no_process_has_an_environment_of_ours(sandbox: Bubblewrap) -> None:
    code = """
        import os
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                print(pid, open(f"/proc/{pid}/environ").read().split("\\0")[:-1])
            except PermissionError:
                print(pid, "closed")
        """
    # As a supervisor's environment, or a careless caller's, would be.
    ours = {**process.BARE_ENVIRONMENT, "PLANTED_SECRET": "s3cret"}
    command = python(textwrap.dedent(code))
    lines = succeed(jailed(sandbox, command, python_jail(), environment=ours)).splitlines()
    assert len(lines) == 2
    assert lines[0] in ("1 closed", "1 []")
    assert {name.split("=")[0] for name in eval(lines[1].split(" ", 1)[1])} == {
        "PATH",
        "HOME",
        "USER",
        "LOGNAME",
        "LANG",
        "TMPDIR",
    }


def test_the_environment_is_the_jails(sandbox: Bubblewrap) -> None:
    jail = Jail(LIMITS, environment=(("PORT", "8080"), ("HOME", "/tmp"), ("ODD", "a=b c\nd")))
    out = succeed(jailed(sandbox, ["sh", "-c", 'echo "$PORT $HOME $ODD"'], jail))
    assert out == "8080 /tmp a=b c\nd\n"


def test_the_environment_has_no_say_before_the_privileges_are_gone(
    sandbox: Bubblewrap, workspace: Path
) -> None:
    fake = workspace / "setpriv"
    fake.write_text("#!/bin/sh\necho taken over as $(id -u)\n")
    fake.chmod(0o755)
    for name in ("prlimit", "env", "bwrap"):
        (workspace / name).symlink_to("setpriv")
    jail = Jail(LIMITS, workspace=workspace, environment=(("PATH", "/work:/usr/bin:/bin"),))
    assert succeed(jailed(sandbox, ["echo", "quiet"], jail)) == "quiet\n"


def test_only_the_three_standard_descriptors_are_open(sandbox: Bubblewrap) -> None:
    out = succeed(
        jailed(sandbox, python("import os; print(os.listdir('/proc/self/fd'))"), python_jail())
    )
    assert out == "['0', '1', '2', '3']\n"  # 3 is the listing itself


def test_nobody_elses_processes_are_seen(sandbox: Bubblewrap) -> None:
    out = succeed(jailed(sandbox, ["sh", "-c", "echo /proc/[0-9]*"]))
    assert out == "/proc/1 /proc/2\n"


# --- what one can change ----------------------------------------------------------------------------------------------


def test_the_system_cannot_be_written(sandbox: Bubblewrap) -> None:
    statements = [
        f"open({path!r}, 'w')"
        for path in (
            "/x",
            "/usr/x",
            "/usr/bin/env",
            "/etc/x",
            "/etc/hosts",
            "/dev/x",
            "/proc/sys/kernel/core_pattern",
            "/proc/sys/kernel/hostname",
            "/proc/self/oom_score_adj",
            "/home/x",
        )
    ]
    statements += ["os.mkdir('/x')", "os.rename('/usr', '/x')", "os.chmod('/usr', 0o777)"]
    assert set(try_all(sandbox, statements).values()) <= {"EROFS", "EACCES", "EPERM", "EBUSY"}


def test_all_but_a_few_places_are_mounted_read_only(sandbox: Bubblewrap, workspace: Path) -> None:
    out = succeed(jailed(sandbox, ["cat", "/proc/self/mountinfo"], Jail(LIMITS, workspace)))
    mounts = [line.split(" - ")[0].split() for line in out.splitlines()]
    writable = {mount[4] for mount in mounts if "rw" in mount[5].split(",")}
    devices = {f"/dev/{name}" for name in ("null", "zero", "full", "random", "urandom", "tty")}
    assert writable - devices == {"/work", "/tmp", "/home/user", "/dev/shm", "/dev/pts"}


def test_a_session_of_its_own(sandbox: Bubblewrap) -> None:
    out = succeed(jailed(sandbox, python("import os; print(os.getsid(0))"), python_jail()))
    assert int(out) != 0, "0 is a session outside"


def test_what_a_process_needs_to_write_it_can(sandbox: Bubblewrap, workspace: Path) -> None:
    statements = [
        f"open({path!r}, 'w').write('x')"
        for path in ("/work/x", "/tmp/x", "/home/user/x", "/dev/shm/x", "/dev/null")
    ]
    statements += ["import multiprocessing; multiprocessing.Lock()", "open('/etc/ld.so.cache')"]
    assert set(try_all(sandbox, statements, python_jail(workspace)).values()) == {"done"}
    assert (workspace / "x").read_text() == "x"


def test_read_only_mounts_stay_as_they_are(
    sandbox: Bubblewrap, workspace: Path, tmp_path: Path
) -> None:
    tests = tmp_path / "tests"
    tests.mkdir()
    (tests / "test_it.py").write_text("def test_it(): assert answer() == 42\n")
    (workspace / "tests").mkdir()  # what stands there is covered
    (workspace / "tests/conftest.py").write_text("cheat")
    jail = python_jail(workspace, mounts=(Mount(tests, "/work/tests"),))
    statements = [
        "open('/work/tests/test_it.py', 'w')",
        "open('/work/tests/conftest.py', 'w')",
        "os.unlink('/work/tests/test_it.py')",
        "os.rename('/work/tests/test_it.py', '/work/tests/x')",
        "os.chmod('/work/tests/test_it.py', 0o777)",
        "os.utime('/work/tests/test_it.py')",
        "os.rename('/work/tests', '/work/x')",
        "os.rmdir('/work/tests')",
        "os.link('/work/tests/test_it.py', '/work/mine')",
    ]
    results = try_all(sandbox, statements, jail)
    assert set(results.values()) <= {"EROFS", "EBUSY", "EXDEV", "EACCES", "EPERM"}
    assert os.listdir(tests) == ["test_it.py"]
    assert try_all(sandbox, ["open('/work/tests/conftest.py')"], jail).popitem()[1] == "ENOENT"


@pytest.mark.parametrize(("link", "target"), [("tests", "/work/tests"), ("a", "/work/a/b")])
def test_a_link_of_the_subjects_leads_no_mount_astray(
    sandbox: Bubblewrap, workspace: Path, tmp_path: Path, link: str, target: str
) -> None:
    (tmp_path / "tests").mkdir()
    (workspace / link).symlink_to("../home/user")
    jail = Jail(LIMITS, workspace, mounts=(Mount(tmp_path / "tests", target),))
    with pytest.raises(SandboxError, match="symlink"), sandbox.enter(jail):
        pass
    elsewhere = replace(jail, mounts=(Mount(tmp_path / "tests", "/elsewhere/tests"),))
    succeed(jailed(sandbox, ["true"], elsewhere))


def test_a_read_only_workspace(sandbox: Bubblewrap, workspace: Path) -> None:
    (workspace / "x").write_text("x")
    jail = python_jail(workspace, workspace_writable=False)
    results = try_all(sandbox, ["open('x')", "open('x', 'w')", "open('/work/y', 'w')"], jail)
    assert list(results.values()) == ["done", "EROFS", "EROFS"]


def test_writable_mounts_are_the_subjects(
    sandbox: Bubblewrap, workspace: Path, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    cache.mkdir(mode=0o700)
    jail = python_jail(workspace, mounts=(Mount(cache, "/opt/deep/cache", writable=True),))
    assert try_all(sandbox, ["open('/opt/deep/cache/x', 'w')"], jail).popitem()[1] == "done"
    assert (cache / "x").exists()


def test_ownership_is_changed_without_following_links(tmp_path: Path, workspace: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").touch()
    (workspace / "a/b").mkdir(parents=True)
    (workspace / "a/b/file").touch()
    (workspace / "a/link").symlink_to(outside)
    (workspace / "a/file-link").symlink_to(outside / "file")
    me = os.geteuid()
    owner = 54_321 if AS_ROOT else me
    if AS_ROOT:
        give(workspace, owner)
    inside = [workspace, *workspace.rglob("*")]
    assert {path.lstat().st_uid for path in inside} == {owner}
    assert {path.stat().st_uid for path in (outside, outside / "file")} == {me}


def test_a_jail_can_be_made_of_what_a_hostile_one_left(sandbox: Bubblewrap, abyss: Path) -> None:
    (abyss / "x").touch()
    deep(abyss, 2200)  # deeper than Python recurses, and longer than a path may be
    assert succeed(jailed(sandbox, ["ls"], Jail(LIMITS, workspace=abyss))) == "d\nx\n"


def test_the_memory_of_others_cannot_be_written(sandbox: Bubblewrap) -> None:
    code = """
        import os, time
        child = os.fork()
        if child == 0:
            time.sleep(60)
        try:
            open(f"/proc/{child}/mem", "r+b")
            print("opened")
        except OSError as error:
            print(error.strerror)
        os.kill(child, 9)
        """
    out = succeed(jailed(sandbox, python(textwrap.dedent(code)), python_jail()))
    assert out == "Read-only file system\n"


def test_system_calls_are_filtered(sandbox: Bubblewrap) -> None:
    code = """
        import ctypes, errno, os
        libc = ctypes.CDLL(None, use_errno=True)
        for name, *arguments in [
            ("ptrace", 0, 0, 0, 0), ("unshare", 0), ("unshare", 0x10000000), ("setns", -1, 0),
            ("mount", b"x", b"/tmp", b"tmpfs", 0, 0), ("umount2", b"/tmp", 2), ("chroot", b"/tmp"),
        ]:
            ctypes.set_errno(0)
            print(name, getattr(libc, name)(*arguments), errno.errorcode[ctypes.get_errno()])
        """
    out = succeed(jailed(sandbox, python(textwrap.dedent(code)), python_jail()))
    assert {line.split(" ", 1)[1] for line in out.splitlines()} == {"-1 EPERM"}


def test_there_is_no_terminal_to_type_into(sandbox: Bubblewrap) -> None:
    code = """
        import fcntl, os
        try:
            os.open("/dev/tty", os.O_RDWR)
            print("a terminal")
        except OSError as error:
            print(error.strerror)
        master, slave = os.openpty()
        os.setsid() if os.getpid() != os.getsid(0) else None
        fcntl.ioctl(slave, 0x540E, 0)  # TIOCSCTTY: now it is ours
        try:
            fcntl.ioctl(slave, 0x5412, b"x")  # TIOCSTI
            print("typed")
        except OSError as error:
            print(error.strerror)
        """
    out = succeed(
        jailed(
            sandbox,
            ["sh", "-c", '"$@" & wait', "sh", *python(textwrap.dedent(code))],
            python_jail(),
        )
    )
    assert out == "No such device or address\nOperation not permitted\n"


# --- the network ------------------------------------------------------------------------------------------------------

CONNECT = """
import socket, sys
for host in ("127.0.0.1", "192.0.2.1"):
    try:
        socket.create_connection((host, int(sys.argv[1])), 5)
        print("connected")
    except OSError as error:
        print(error.strerror)
"""


def connections(listener: socket.socket) -> int:
    count = 0
    while True:
        try:
            listener.accept()[0].close()
        except BlockingIOError:
            return count
        count += 1


def test_servers_of_the_machine_cannot_be_reached(
    sandbox: Bubblewrap, listener: socket.socket
) -> None:
    port = str(listener.getsockname()[1])
    out = succeed(jailed(sandbox, python(CONNECT, port), python_jail()))
    assert out == "Connection refused\nNetwork is unreachable\n"
    assert connections(listener) == 0


def test_unless_the_network_is_shared(sandbox: Bubblewrap, listener: socket.socket) -> None:
    port = str(listener.getsockname()[1])
    code = CONNECT.replace(', "192.0.2.1"', ",")
    out = succeed(jailed(sandbox, python(code, port), python_jail(network="shared")))
    assert out == "connected\n"
    assert connections(listener) == 1


def test_only_its_own_loopback_is_there(sandbox: Bubblewrap) -> None:
    out = succeed(jailed(sandbox, ["cat", "/proc/net/dev"]))
    assert [line.split(":")[0].strip() for line in out.splitlines()[2:]] == ["lo"]


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1", "sandbox"])
def test_a_server_of_its_own_works_by_name(sandbox: Bubblewrap, name: str) -> None:
    code = f"""
        import socket
        family = socket.getaddrinfo({name!r}, 0)[0][0]
        with socket.create_server(({name!r}, 8000), family=family) as server:
            with socket.create_connection(({name!r}, 8000)) as client:
                client.sendall(b"hello")
            print(server.accept()[0].recv(10))
        """
    if name == "::1" and not Path("/proc/net/if_inet6").exists():
        pytest.skip("no IPv6 here")
    out = succeed(jailed(sandbox, python(textwrap.dedent(code)), python_jail()))
    assert out == "b'hello'\n"


def test_unix_sockets_of_the_machine_cannot_be_reached(
    sandbox: Bubblewrap, workspace: Path
) -> None:
    abstract = "\0fiverounds-" + secrets.token_hex(8)
    code = """
        import socket, sys
        for name in ("\\0" + sys.argv[1], sys.argv[2]):
            with socket.socket(socket.AF_UNIX) as client:
                try:
                    client.connect(name)
                    print("connected")
                except OSError as error:
                    print(error.strerror)
        """
    with (
        tempfile.TemporaryDirectory(prefix="fr-", dir="/tmp") as folder,  # a socket's path is short
        socket.socket(socket.AF_UNIX) as first,
        socket.socket(socket.AF_UNIX) as second,
    ):
        path = f"{folder}/socket"
        first.bind(abstract)
        second.bind(path)
        first.listen()
        second.listen()
        command = python(textwrap.dedent(code), abstract[1:], path)
        out = succeed(jailed(sandbox, command, python_jail(workspace)))
    assert out == "Connection refused\nNo such file or directory\n"


# --- how much one may use ---------------------------------------------------------------------------------------------


def test_a_fork_bomb_is_bounded(sandbox: Bubblewrap, sleeper: Sleepers) -> None:
    code = """
        import os, sys
        started = 0
        try:
            while started < 1000:
                if os.fork() == 0:
                    os.execvp("sleep", ["sleep", sys.argv[1]])
                started += 1
        except BlockingIOError:
            print(started)
        """
    jail = python_jail(limits=replace(LIMITS, processes=20))
    out = succeed(jailed(sandbox, python(textwrap.dedent(code), sleeper.seconds), jail))
    assert 10 < int(out) < 20


def test_a_memory_bomb_is_stopped_and_told(sandbox: Bubblewrap) -> None:
    jail = python_jail(limits=replace(LIMITS, memory_bytes=128 * MIB))
    ended = jailed(sandbox, python("b'x' * (1 << 30)"), jail)
    assert ended.memory_exceeded == HAS_GROUPS
    if HAS_GROUPS:
        assert ended.code == 128 + signal.SIGKILL
    else:
        assert "MemoryError" in ended.err


@pytest.mark.skipif(not HAS_GROUPS, reason="without control groups only each process is limited")
def test_many_small_memory_bombs_are_one_big_one(sandbox: Bubblewrap) -> None:
    code = """
        import os, signal
        for _ in range(8):
            if os.fork() == 0:
                held = b"x" * (40 << 20)
                signal.pause()
        os.wait()  # until one of them is killed
        """
    jail = python_jail(limits=replace(LIMITS, memory_bytes=128 * MIB))
    assert jailed(sandbox, python(textwrap.dedent(code)), jail).memory_exceeded


def test_a_quiet_jail_exceeded_nothing(sandbox: Bubblewrap) -> None:
    assert not jailed(sandbox, ["true"]).memory_exceeded


@pytest.mark.skipif(HAS_GROUPS, reason="the control group is the better limit")
def test_browsers_keep_their_address_space(sandbox: Bubblewrap) -> None:
    limits = replace(LIMITS, memory_bytes=128 * MIB)
    for limited, expected in ((True, "131072\n"), (False, "unlimited\n")):
        jail = Jail(limits, limit_address_space=limited)
        assert succeed(jailed(sandbox, ["sh", "-c", "ulimit -v"], jail)) == expected


def test_one_huge_file_is_refused(sandbox: Bubblewrap, workspace: Path) -> None:
    code = """
        import signal
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        file = open("/work/big", "wb", buffering=0)
        file.truncate(2 << 20)
        """
    jail = python_jail(workspace, limits=replace(LIMITS, file_size_bytes=MIB))
    ended = jailed(sandbox, python(textwrap.dedent(code)), jail)
    assert "[Errno 27] File too large" in ended.err
    assert (workspace / "big").stat().st_size == 0


def test_filling_tmp_fills_no_disk(sandbox: Bubblewrap) -> None:
    out = succeed(
        jailed(
            sandbox, ["df", "--output=fstype,size,target", "-B1M", "/tmp", "/dev/shm", "/home/user"]
        )
    )
    sizes = {line.split()[2]: line.split()[:2] for line in out.splitlines()[1:]}
    assert sizes == {
        "/tmp": ["tmpfs", "1024"],
        "/dev/shm": ["tmpfs", "256"],
        "/home/user": ["tmpfs", "64"],
    }


def test_endless_output_is_cut(sandbox: Bubblewrap) -> None:
    with sandbox.enter(Jail(LIMITS)) as entered:
        result = run(entered.argv(["yes"]), seconds=0.5, output_bytes=1000)
    assert result.timed_out
    assert result.output_cut
    assert result.stdout == b"y\n" * 500


def test_cpu_time_is_limited(sandbox: Bubblewrap) -> None:
    jail = python_jail(limits=replace(LIMITS, cpu_seconds=1))
    ended = jailed(sandbox, python("while True: pass"), jail, seconds=60)
    assert ended.code in (128 + signal.SIGXCPU, 128 + signal.SIGKILL)


def test_stdin_reaches_the_command(sandbox: Bubblewrap) -> None:
    assert succeed(jailed(sandbox, ["cat"], stdin=b"hello")) == "hello"


# --- the end ----------------------------------------------------------------------------------------------------------


def test_daemons_end_with_the_jail(sandbox: Bubblewrap, sleeper: Sleepers) -> None:
    assert succeed(jailed(sandbox, python(DAEMON, sleeper.seconds), python_jail())) == "left\n"
    assert sleeper.pids() == []


def test_the_deadline_ends_what_ignores_every_signal(
    sandbox: Bubblewrap, sleeper: Sleepers
) -> None:
    code = """
        import os, signal, sys
        for number in (1, 2, 3, 10, 12, 13, 14, 15):
            signal.signal(number, signal.SIG_IGN)
        os.fork()
        os.execvp("sleep", ["sleep", sys.argv[1]])
        """
    command = python(textwrap.dedent(code), sleeper.seconds)
    assert jailed(sandbox, command, python_jail(), seconds=0.7).result.timed_out
    assert sleeper.pids() == []


def test_leaving_ends_what_was_never_waited_for(sandbox: Bubblewrap, sleeper: Sleepers) -> None:
    async def start_and_leave() -> None:
        with sandbox.enter(Jail(LIMITS)) as entered:
            quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
            started = await process.start(entered.argv(sleeper.command), **quiet)
            await asyncio.to_thread(until, sleeper.asleep)
        assert sleeper.pids() == []
        await process.kill(started)

    asyncio.run(start_and_leave())


def test_cancellation_ends_the_jail(sandbox: Bubblewrap, sleeper: Sleepers) -> None:
    async def start_and_cancel() -> None:
        with sandbox.enter(python_jail()) as entered:
            command = entered.argv(python(DAEMON + "import time; time.sleep(60)", sleeper.seconds))
            task = asyncio.ensure_future(
                process.run(command, deadline=Deadline.after(60), output_bytes=100)
            )
            await asyncio.to_thread(until, sleeper.asleep)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        assert sleeper.pids() == []

    asyncio.run(start_and_cancel())


def test_signals_reach_nobody_outside(sandbox: Bubblewrap, sleeper: Sleepers) -> None:
    with subprocess.Popen(sleeper.command) as bystander:
        ended = jailed(sandbox, ["sh", "-c", "kill -KILL 1; kill -KILL -1; echo alive"])
        assert ended.code in (0, 128 + signal.SIGKILL)
        assert bystander.poll() is None
        bystander.kill()


RUNNER = """
import asyncio, sys
from fiverounds.limits import Deadline, Limits
from fiverounds.sandbox import process
from fiverounds.sandbox.base import Jail
from fiverounds.sandbox.bubblewrap import Bubblewrap
sandbox = Bubblewrap()
with sandbox.enter(Jail(Limits())) as entered:
    shell = "setsid sleep $0 & setsid sleep $0 & echo started; sleep $0"
    command = entered.argv(["sh", "-c", shell, sys.argv[1]])
    result = asyncio.run(process.run(command, deadline=Deadline.after(float(sys.argv[2])), output_bytes=100))
sandbox.close()
print(result.stdout.decode(), end="")
"""


def start_runner(
    sleeper: Sleepers, folder: Path, *before: str, seconds: float = 60.0
) -> subprocess.Popen[str]:
    folder.chmod(0o755)
    return subprocess.Popen(
        [*before, sys.executable, "-c", RUNNER, sleeper.seconds, str(seconds)],
        env={
            "PYTHONPATH": os.pathsep.join(
                [str(Path(fiverounds.__file__).parents[1]), *filter(None, sys.path)]
            ),
            "PATH": process.BARE_ENVIRONMENT["PATH"],
            "TMPDIR": str(folder),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_a_killed_runner_leaves_no_process(tmp_path: Path, sleeper: Sleepers) -> None:
    with start_runner(sleeper, tmp_path) as runner:
        until(lambda: len(sleeper.asleep()) == 3 or runner.poll() is not None)
        assert len(sleeper.asleep()) == 3
        runner.kill()
    until(lambda: not sleeper.pids(), 5)
    place = cgroup.hierarchy()

    def swept() -> bool:
        cgroup.sweep()
        return not place or not list(place.folder.glob(f"fiverounds-{runner.pid}-*"))

    until(swept)


def test_a_root_without_other_users_makes_jails_as_a_user_does(
    tmp_path: Path, sleeper: Sleepers
) -> None:
    with start_runner(
        sleeper, tmp_path, "unshare", "--user", "--map-root-user", seconds=1.0
    ) as runner:
        out, _ = runner.communicate(timeout=30)
    assert out == "started\n"
    assert sleeper.pids() == []


# --- jails in jails ---------------------------------------------------------------------------------------------------

NEST = """
import json, os, socket, subprocess, sys
subject = json.loads(sys.argv[1])
server = socket.create_server(("127.0.0.1", 0))
code = sys.argv[2]
ended = subprocess.run(
    [*subject, *json.loads(sys.argv[3]), "-c", code, str(server.getsockname()[1])],
    stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
)
print(json.dumps({"code": ended.returncode, "out": ended.stdout, "pid": os.getpid()}))
"""


def nested(
    sandbox: Bubblewrap, subject: Entered, code: str, *mounts: Mount, **options: object
) -> dict[str, object]:
    """Start some Python in the subject's jail, from inside a supervisor's, which listens on a port meanwhile."""
    supervisor = python_jail(mounts=(*subject.host_mounts, *mounts), role="supervisor", **options)
    start = python(textwrap.dedent(code))[:2]
    command = python(NEST, json.dumps(subject.argv([])), textwrap.dedent(code), json.dumps(start))
    found: dict[str, object] = json.loads(succeed(jailed(sandbox, command, supervisor)))
    return found


def test_a_subject_in_a_supervisor_sees_its_workspace_only(
    sandbox: Bubblewrap, workspace: Path, tmp_path: Path
) -> None:
    (workspace / "app.py").touch()
    suite = tmp_path / "suite"
    suite.mkdir()
    (suite / "hidden.py").touch()
    with sandbox.enter(python_jail(workspace)) as subject:
        code = f"""
            import os
            print(os.listdir("."), os.path.exists({str(suite)!r}), os.path.exists({str(workspace)!r}))
            print(sorted(int(name) for name in os.listdir("/proc") if name.isdigit()))
            open("/work/made", "w")
            """
        ended = nested(sandbox, subject, code, Mount(suite, str(suite)))
    assert ended["code"] == 0, ended
    assert ended["out"] == "['app.py'] False False\n[1, 2]\n"
    assert (workspace / "made").exists()


@pytest.mark.parametrize(
    ("network", "expected"), [("shared", "connected\n"), ("private", "Connection refused\n")]
)
def test_the_supervisors_loopback_is_shared_when_asked(
    sandbox: Bubblewrap, network: str, expected: str, listener: socket.socket
) -> None:
    port = listener.getsockname()[1]
    code = CONNECT.replace('("127.0.0.1", "192.0.2.1")', '("localhost",)') + (
        f"try:\n    socket.create_connection(('127.0.0.1', {port}), 5); print('out')\n"
        "except OSError:\n    pass\n"
    )
    with sandbox.enter(python_jail(network=network)) as subject:
        ended = nested(sandbox, subject, code)
    assert ended["out"] == expected
    assert connections(listener) == 0


def test_a_subject_in_a_supervisor_is_limited_and_filtered_all_the_same(
    sandbox: Bubblewrap, workspace: Path
) -> None:
    code = """
        import ctypes, errno, resource
        status = dict(line.split(":", 1) for line in open("/proc/self/status"))
        print(*(status[name].strip() for name in ("CapEff", "CapBnd", "Seccomp")), "0" in status["Uid"].split())
        print(resource.getrlimit(resource.RLIMIT_NPROC), resource.getrlimit(resource.RLIMIT_FSIZE))
        libc = ctypes.CDLL(None, use_errno=True)
        print(libc.unshare(0x10000000), errno.errorcode[ctypes.get_errno()])
        for path in ("/usr/x", "/etc/x", "/proc/sys/kernel/hostname", "/proc/self/oom_score_adj", "/dev/x"):
            try:
                open(path, "w")
                print("wrote", path)
            except OSError:
                pass
        """
    with sandbox.enter(python_jail(workspace)) as subject:
        ended = nested(sandbox, subject, code)
    nothing = "0" * 16
    assert ended["out"] == (
        f"{nothing} {nothing} 2 False\n(64, 64) ({16 * MIB}, {16 * MIB})\n-1 EPERM\n"
    )


@pytest.mark.skipif(not HAS_GROUPS, reason="needs control groups")
def test_the_subjects_memory_is_its_own(sandbox: Bubblewrap) -> None:
    limits = replace(LIMITS, memory_bytes=96 * MIB)
    with sandbox.enter(python_jail(limits=limits)) as subject:
        ended = nested(sandbox, subject, "b'x' * (1 << 30)")
        assert subject.memory_exceeded()
    assert ended["code"] == 128 + signal.SIGKILL


def test_a_supervisor_has_a_network_and_processes_of_its_own(
    sandbox: Bubblewrap, workspace: Path, listener: socket.socket
) -> None:
    port = str(listener.getsockname()[1])
    code = (
        CONNECT + "import os; print(os.getcwd(), [n for n in os.listdir('/proc') if n.isdigit()])"
    )
    jail = python_jail(workspace, role="supervisor")
    out = succeed(jailed(sandbox, python(code, port), jail))
    assert out == f"Connection refused\nNetwork is unreachable\n{workspace} ['1', '2']\n"
    assert connections(listener) == 0


def test_a_supervisor_keeps_no_secret_of_ours_either(
    sandbox: Bubblewrap, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLANTED_SECRET", "s3cret")
    jail = Jail(LIMITS, role="supervisor")
    out = succeed(jailed(sandbox, ["sh", "-c", "cat /proc/*/environ; env"], jail))
    assert "s3cret" not in out
    assert "LOGNAME=user" in out


def test_what_a_subject_left_dies_with_its_supervisor(
    sandbox: Bubblewrap, sleeper: Sleepers
) -> None:
    with sandbox.enter(python_jail()) as subject:
        code = DAEMON.replace("sys.argv[1]", repr(sleeper.seconds))
        assert nested(sandbox, subject, code)["out"] == "left\n"
    assert sleeper.pids() == []


# --- making jails -----------------------------------------------------------------------------------------------------


def test_what_is_to_be_shown_must_be_there(sandbox: Bubblewrap, tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    for jail in (Jail(LIMITS, workspace=missing), Jail(LIMITS, mounts=(Mount(missing, "/m"),))):
        with pytest.raises(SandboxError, match="is not there"), sandbox.enter(jail):
            pass


def test_a_command_that_is_not_there_fails_inside(sandbox: Bubblewrap) -> None:
    ended = jailed(sandbox, ["no-such-program"])
    assert ended.code == 127
    assert "no-such-program" in ended.err


def test_targets_are_real_inside(sandbox: Bubblewrap) -> None:
    with sandbox.enter(Jail(LIMITS)) as entered:
        assert entered.inside("/work/x") == "/work/x"


def test_a_writable_workspace_is_writable_for_the_supervisor_too(
    sandbox: Bubblewrap, workspace: Path
) -> None:
    for writable in (True, False):
        with sandbox.enter(
            Jail(LIMITS, workspace=workspace, workspace_writable=writable)
        ) as entered:
            (mount,) = [one for one in entered.host_mounts if one.source == workspace]
            assert (mount.target, mount.writable) == (str(workspace), writable)


def test_nothing_is_left_when_it_is_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    tmp_path.chmod(0o755)
    before = memory_groups()
    made = Bubblewrap()
    succeed(jailed(made, ["true"]))
    made.close()
    assert list(tmp_path.iterdir()) == []
    assert memory_groups() == before


def test_this_machine_has_no_problem() -> None:
    assert problem() is None


def test_a_machine_without_libseccomp_is_told_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "pyseccomp", None)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    found = problem()
    assert found is not None
    assert "filter cannot be built" in found.message
    assert found.hint == "sudo apt-get install libseccomp2"
    assert list(tmp_path.iterdir()) == []
