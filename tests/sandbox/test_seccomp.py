"""The filter by itself, laid over a plain process: nothing else stands in the way of these calls."""

from __future__ import annotations

import errno
import json
import platform
import socket
import sys
from pathlib import Path

import pytest

from fiverounds.sandbox import seccomp
from tests.sandbox.support import run

# argv[1]: the filter, or nothing for none; argv[2]: JSON of what to try. Prints the errno of each, 0 for success.
TRY = """
import ctypes, errno, json, os, sys
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
if sys.argv[1]:
    program = open(sys.argv[1], "rb").read()
    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("code", ctypes.c_char_p)]
    loaded = Program(len(program) // 8, program)
    assert libc.prctl(38, 1, 0, 0, 0) == 0
    assert libc.prctl(22, 2, ctypes.byref(loaded), 0, 0) == 0, os.strerror(ctypes.get_errno())
results = {}
for name, number, arguments in json.loads(sys.argv[2]):
    child = os.fork()
    if child == 0:
        ctypes.set_errno(0)
        answer = libc.syscall(ctypes.c_long(number), *(ctypes.c_ulong(a % 2**64) for a in arguments))
        os._exit(ctypes.get_errno() if answer == -1 else 0)
    results[name] = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
print(json.dumps(results))
"""
BAD = -1  # as a pointer, descriptor or pid: no call does anything with it
CLONE_NEWUSER = 0x10000000
JUNK = 1 << 32
"""Above the 32 bits that the kernel looks at."""


@pytest.fixture(scope="module")
def filter_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("filter") / "filter.bpf"
    seccomp.write_filter(file)
    return file


def tried(
    filter_file: Path | None, calls: dict[str, tuple[str, tuple[int, ...]]]
) -> dict[str, int]:
    import pyseccomp

    numbered = [
        (name, pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, call), arguments)
        for name, (call, arguments) in calls.items()
    ]
    result = run([sys.executable, "-c", TRY, str(filter_file or ""), json.dumps(numbered)])
    assert result.exit_code == 0, result.tail()
    found: dict[str, int] = json.loads(result.stdout)
    return found


HARMLESS_WITHOUT = {
    "ptrace": (0, 0, 0, 0),  # PTRACE_TRACEME
    "process_vm_readv": (BAD, BAD, 1, BAD, 1, 0),
    "process_vm_writev": (BAD, BAD, 1, BAD, 1, 0),
    "kcmp": (BAD, BAD, 0, 0, 0),
    "keyctl": (0, BAD, 1),
    "add_key": (BAD, BAD, BAD, 1, 0),
    "request_key": (BAD, BAD, BAD, 0),
    "io_uring_setup": (1, BAD),
    "io_uring_enter": (BAD, 0, 0, 0, 0),
    "io_uring_register": (BAD, 0, 0, 0),
    "name_to_handle_at": (BAD, BAD, BAD, BAD, 0),
    "pidfd_getfd": (BAD, 0, 0),
    "unshare": (0,),
}
"""Open to everybody: without the filter they fail for another reason, or not at all."""
MORE = (
    "bpf perf_event_open userfaultfd mount umount2 pivot_root chroot setns move_mount open_tree fsopen fsmount "
    "fsconfig fspick mount_setattr open_by_handle_at init_module finit_module delete_module kexec_load reboot "
    "swapon swapoff syslog acct quotactl"
).split()


def test_calls_that_everybody_may_make_are_denied(filter_file: Path) -> None:
    calls = {name: (name, arguments) for name, arguments in HARMLESS_WITHOUT.items()}
    assert set(tried(filter_file, calls).values()) == {errno.EPERM}
    assert errno.EPERM not in tried(None, calls).values(), "then this test cannot fail"


def test_calls_for_the_mighty_are_denied_as_well(filter_file: Path) -> None:
    calls = {name: (name, (BAD,) * 6) for name in MORE}
    assert set(tried(filter_file, calls).values()) == {errno.EPERM}


@pytest.mark.parametrize(
    "flag", [0x00020000, 0x02000000, 0x04000000, 0x08000000, CLONE_NEWUSER, 0x20000000, 0x40000000]
)
def test_clone_makes_no_namespace(filter_file: Path, flag: int) -> None:
    sigchld = 17
    calls = {
        "plain": ("clone", (sigchld | flag, 0, 0, 0, 0)),
        "with more flags": ("clone", (sigchld | flag | 0x00004000, 0, 0, 0, 0)),
    }
    assert set(tried(filter_file, calls).values()) == {errno.EPERM}


def test_clone3_is_missing_so_that_programs_fall_back(filter_file: Path) -> None:
    assert tried(filter_file, {"clone3": ("clone3", (BAD, 64))}) == {"clone3": errno.ENOSYS}


@pytest.mark.parametrize("family", [16, 17, 29, 38, 40])
def test_exotic_sockets_are_denied_whatever_the_upper_bits_say(
    filter_file: Path, family: int
) -> None:
    calls = {
        "plain": ("socket", (family, socket.SOCK_RAW, 0)),
        "with junk": ("socket", (family | JUNK, socket.SOCK_RAW, 0)),
    }
    assert set(tried(filter_file, calls).values()) == {errno.EAFNOSUPPORT}


@pytest.mark.parametrize("request_number", [0x5412, 0x541C], ids=["TIOCSTI", "TIOCLINUX"])
def test_nobody_types_into_a_terminal(filter_file: Path, request_number: int) -> None:
    calls = {
        "plain": ("ioctl", (BAD, request_number, BAD)),
        "with junk": ("ioctl", (BAD, request_number | JUNK, BAD)),
    }
    assert set(tried(filter_file, calls).values()) == {errno.EPERM}
    assert set(tried(None, calls).values()) == {errno.EBADF}


def test_ordinary_work_goes_on(filter_file: Path) -> None:
    calls = {
        "getpid": ("getpid", ()),
        "unix": ("socket", (socket.AF_UNIX, socket.SOCK_STREAM, 0)),
        "inet": ("socket", (socket.AF_INET, socket.SOCK_STREAM, 0)),
        "inet6": ("socket", (socket.AF_INET6, socket.SOCK_STREAM, 0)),
        "memfd_create": ("memfd_create", (BAD, 0)),
        "fork": ("clone", (17, 0, 0, 0, 0)),
    }
    assert tried(filter_file, calls) == {
        **dict.fromkeys(calls, 0),
        "memfd_create": errno.EFAULT,
    }


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the other ABIs of x86-64")
@pytest.mark.parametrize(
    ("name", "machine_code"),
    [
        # mov eax, 26 (ptrace of 32-bit Linux); xor ebx,ebx; int 0x80; ret
        ("int 0x80", b"\xb8\x1a\x00\x00\x00\x31\xdb\xcd\x80\xc3"),
        # mov eax, 0x40000000 + 521 (ptrace of x32); xor edi,edi; syscall; ret
        ("x32", b"\xb8\x09\x02\x00\x40\x31\xff\x0f\x05\xc3"),
    ],
)
def test_other_abis_are_no_way_around(filter_file: Path, name: str, machine_code: bytes) -> None:
    call = (
        "import ctypes, mmap; place = mmap.mmap(-1, 4096, prot=7); "
        f"place.write({machine_code!r}); "
        "f = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(place))); "
        "print('answered', f())"
    )
    inside = TRY[: TRY.index("results = {}")] + call
    ended = run([sys.executable, "-c", inside, str(filter_file)])
    assert b"answered 0" not in ended.stdout
    assert ended.exit_code != 0, name
