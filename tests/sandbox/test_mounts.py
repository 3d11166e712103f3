"""What a jail is shown, as bubblewrap's options. What they do is tested in test_bubblewrap.py."""

from __future__ import annotations

from pathlib import Path

from fiverounds.limits import Limits
from fiverounds.sandbox.base import Jail, Mount
from fiverounds.sandbox.mounts import options

FILES = Path("/files")


def pairs(made: list[str], option: str) -> list[tuple[str, str]]:
    """Source and target of each use of an option."""
    return [(made[at + 1], made[at + 2]) for at, word in enumerate(made) if word == option]


def test_only_what_is_named_is_writable() -> None:
    jail = Jail(
        Limits(),
        workspace=Path("/host/work"),
        mounts=(Mount(Path("/host/a"), "/a"), Mount(Path("/host/b"), "/b", writable=True)),
    )
    made = options(jail, FILES)
    assert pairs(made, "--bind") == [("/host/work", "/work"), ("/host/b", "/b")]
    assert ("/host/a", "/a") in pairs(made, "--ro-bind")


def test_the_workspace_can_be_read_only_and_keeps_its_place_for_supervisors() -> None:
    work = Path("/host/work")
    made = options(Jail(Limits(), workspace=work, workspace_writable=False), FILES)
    assert ("/host/work", "/work") in pairs(made, "--ro-bind")
    made = options(Jail(Limits(), workspace=work, role="supervisor"), FILES)
    assert pairs(made, "--bind") == [("/host/work", "/host/work")]


def test_names_of_the_network_come_from_the_host_only_when_it_is_shared() -> None:
    private = options(Jail(Limits()), FILES)
    assert ("/files/hosts", "/etc/hosts") in pairs(private, "--ro-bind")
    assert "/etc/resolv.conf" not in private
    shared = options(Jail(Limits(), network="shared"), FILES)
    assert ("/etc/resolv.conf", "/etc/resolv.conf") in pairs(shared, "--ro-bind-try")


def test_a_subjects_proc_cannot_be_written() -> None:
    made = options(Jail(Limits()), FILES)
    assert made[made.index("--remount-ro") + 1] == "/proc"
    supervisor = options(Jail(Limits(), role="supervisor"), FILES)
    assert supervisor[supervisor.index("--remount-ro") + 1] == "/"


def test_folders_above_a_mount_are_open_to_the_subjects_user() -> None:
    made = options(Jail(Limits(), mounts=(Mount(Path("/x"), "/root/deep/x"),)), FILES)
    at = made.index("/root/deep")
    assert made[at - 3 : at] == ["--perms", "0755", "--dir"]
