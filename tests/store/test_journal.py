from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiverounds.errors import StoreError
from fiverounds.store.journal import FACT, TRIAL, Entry, Journal, decode, encode

LINES = [encode(TRIAL, {"trial_id": f"p/r/q/{number}", "text": "é\n\x9b"}) for number in range(5)]
WHOLE = b"".join(LINES)


def entries(data: bytes) -> tuple[list[Entry], list[str]]:
    notes: list[str] = []
    return list(decode(data.splitlines(keepends=True), notes)), notes


def test_lines_are_json_and_come_back() -> None:
    line = encode(FACT, {"a": [1, None, "ü\u202e"]})
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert json.loads(line)["kind"] == "fact"
    assert entries(line) == ([Entry(1, "fact", {"a": [1, None, "ü\u202e"]})], [])


@given(st.integers(0, len(WHOLE)))
def test_cut_anywhere_all_whole_lines_are_read(size: int) -> None:
    found, notes = entries(WHOLE[:size])
    whole = WHOLE[:size].count(b"\n")
    assert [entry.number for entry in found] == list(range(1, whole + 1))
    assert bool(notes) == (size > 0 and WHOLE[size - 1 : size] != b"\n")
    assert all("torn" in note for note in notes)


@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 255))
def test_one_changed_byte_costs_at_most_the_lines_it_joins(position: int, change: int) -> None:
    data = bytearray(WHOLE)
    data[position] ^= change
    found, notes = entries(bytes(data))
    assert len(found) >= len(LINES) - 2
    assert len(found) < len(LINES)
    assert notes
    good = {json.dumps(json.loads(line)["data"]) for line in LINES}
    assert all(json.dumps(entry.data) in good for entry in found)


@given(st.lists(st.one_of(st.binary(max_size=40), st.sampled_from(LINES)), max_size=6))
def test_garbage_is_noted_and_never_raises(parts: list[bytes]) -> None:
    entries(b"".join(parts))


def test_a_line_with_a_right_crc_and_no_kind_is_damage() -> None:
    import zlib

    body = b'"data":1}'
    line = b'{"crc32":"%08x",%s\n' % (zlib.crc32(body), body)
    assert entries(line)[0] == []
    assert "damaged" in entries(line)[1][0]


def test_opening_cuts_a_torn_tail_of_any_length(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    for tail in (b"", b"{", b"x" * 200_000):
        path.write_bytes(WHOLE + tail)
        journal = Journal(path)
        journal.append(FACT, {"n": 1})
        journal.close()
        journal.close()
        found, notes = entries(path.read_bytes())
        assert len(found) == len(LINES) + 1
        assert notes == []
    path.write_bytes(b"only a torn line")
    Journal(path).close()
    assert path.read_bytes() == b""


def test_two_writers_are_kept_apart(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl")
    with pytest.raises(StoreError, match="another process is writing") as caught:
        Journal(tmp_path / "journal.jsonl")
    assert caught.value.hint
    journal.close()
    Journal(tmp_path / "journal.jsonl").close()


CHILD = """
import sys
from pathlib import Path
from fiverounds.store.redact import Redactor
from fiverounds.store.writer import RunWriter
from fiverounds.store.reader import read_run
from tests.golden.sample import PASSED, attempt, header, lisp, trial

logs = Path(sys.argv[1])
folder = logs / header().run_id
if folder.exists():
    writer = RunWriter.resume(folder, Redactor())
    first = len(read_run(folder).results) + 1
else:
    writer = RunWriter.create(logs, header(), [], Redactor())
    first = 1
print("started", flush=True)
for repeat in range(first, 10_000):
    result = trial("p", "r3-lisp", PASSED, attempt(PASSED, lisp({})), reason="x" * 5000, repeat=repeat)
    writer.begin_trial(result.trial_id)
    writer.write_text(result.trial_id, 1, "reply.md", "y" * 5000)
    writer.record_trial(result)
    print(repeat, flush=True)
"""


def test_killed_at_any_moment_nothing_final_is_lost(tmp_path: Path) -> None:
    """A real process, SIGKILLed again and again, resumed each time."""
    from fiverounds.store.reader import read_run
    from tests.golden.sample import header

    chance = random.Random(5)
    known = 0
    for _ in range(6):
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(tmp_path)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        assert child.stdout is not None
        assert child.stdout.readline() == "started\n"
        time.sleep(chance.uniform(0.02, 0.25))
        child.send_signal(signal.SIGKILL)
        told = [line for line in child.stdout.read().split("\n")[:-1] if line]
        child.stdout.close()
        assert child.wait() == -signal.SIGKILL
        known = int(told[-1]) if told else known
        log = read_run(tmp_path / header().run_id)
        repeats = [result.repeat for result in log.results]
        assert repeats == list(range(1, len(repeats) + 1))
        assert known <= len(repeats) <= known + 1
        known = len(repeats)
    assert known > 5
    scores = (tmp_path / "SCORES.txt").read_text().splitlines()
    assert known - 1 <= len(scores) <= known


FULL_DISK = """
import resource, sys
from pathlib import Path
from fiverounds.errors import StoreError
from fiverounds.store.journal import Journal

path = Path(sys.argv[1])
journal = Journal(path)
journal.append("trial", {"n": 1})
size = path.stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 20, resource.RLIM_INFINITY))
try:
    journal.append("trial", {"n": 2})
except StoreError as error:
    print(error.message, "|", error.hint)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
journal.append("trial", {"n": 3})
"""


def test_a_full_disk_tears_no_line(tmp_path: Path) -> None:
    """The kernel takes twenty bytes of the second line and refuses the rest."""
    path = tmp_path / "journal.jsonl"
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert "journal.jsonl" in done.stdout
    assert "make room" in done.stdout
    found, notes = entries(path.read_bytes())
    assert [entry.data["n"] for entry in found] == [1, 3]
    assert notes == []
