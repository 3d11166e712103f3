from __future__ import annotations

from pathlib import Path

import pytest

from fiverounds.assertions import browsers
from fiverounds.assertions.browsers import browser_jail, find_chromium
from fiverounds.limits import MIB, Limits
from fiverounds.sandbox import process
from fiverounds.sandbox.base import Mount
from fiverounds.sandbox.bubblewrap import Bubblewrap


def put(folder: Path) -> Path:
    file = folder / "chrome/chrome"
    file.parent.mkdir(parents=True)
    file.write_text("#!/bin/sh\necho Chrome 1.0\n")
    file.chmod(0o755)
    return file


def test_the_first_that_is_there_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chrome = put(tmp_path)
    known = (str(tmp_path / "missing"), str(chrome.parent), str(chrome), "/usr/bin/env")
    monkeypatch.setattr(browsers, "_KNOWN", known)
    assert find_chromium() == chrome
    monkeypatch.setattr(browsers, "_KNOWN", known[:2])
    assert find_chromium() is None


def test_a_browsers_jail_is_a_subjects_but_roomier() -> None:
    jail = browser_jail("private")
    assert (jail.role, jail.network, jail.limit_address_space) == ("subject", "private", False)
    assert browser_jail("shared").network == "shared"
    assert jail.limits.memory_bytes == 4096 * MIB
    assert jail.limits.processes > Limits().processes
    assert jail.workspace is None


def test_a_browser_outside_usr_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chrome = put(tmp_path)
    monkeypatch.setattr(browsers, "_KNOWN", (str(chrome),))
    jail = browser_jail("private")
    assert jail.mounts == (Mount(chrome.parent, str(chrome.parent)),)
    sandbox = Bubblewrap()
    with sandbox.enter(jail) as entered:
        assert process.capture(entered.argv([str(chrome)])) == (0, "Chrome 1.0\n")
    sandbox.close()


@pytest.mark.parametrize("known", [("/usr/bin/env",), ()])
def test_nothing_more_is_shown_than_needed(
    monkeypatch: pytest.MonkeyPatch, known: tuple[str, ...]
) -> None:
    monkeypatch.setattr(browsers, "_KNOWN", known)
    assert browser_jail("private").mounts == ()


@pytest.mark.browser
def test_this_machines_browser_starts_in_its_jail() -> None:
    chromium = find_chromium()
    assert chromium is not None
    sandbox = Bubblewrap()
    with sandbox.enter(browser_jail("private")) as entered:
        code, out = process.capture(entered.argv([str(chromium), "--version", "--no-sandbox"]), 60)
    sandbox.close()
    assert code == 0, out
    assert "Chrom" in out
