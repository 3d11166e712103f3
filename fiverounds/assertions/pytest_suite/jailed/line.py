"""One running process of the subject: requests and replies on a socket, its output on two pipes."""

from __future__ import annotations

import codecs
import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from typing import Any

from . import wire

_PIPE_BYTES = 64 * 1024
_KEPT_OUTPUT_BYTES = 1024 * 1024
"""Of each stream, for each call."""
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Line:
    """The running process: requests and replies on one socket, its output on two pipes."""

    def __init__(self, argv: list[str]) -> None:
        self._socket, theirs = socket.socketpair()
        self._received = bytearray()
        with theirs:
            # Not by the runner's own module: this runs inside the supervisor's jail.
            self._process = subprocess.Popen(  # noqa: TID251
                argv,
                stdin=theirs.fileno(),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env={"PATH": _PATH},
                start_new_session=True,
            )
        self._pipes = {"stdout": self._process.stdout, "stderr": self._process.stderr}
        self._names = {pipe.fileno(): name for name, pipe in self._pipes.items() if pipe}
        self._decoders = {
            pipe: codecs.getincrementaldecoder("utf-8")("replace") for pipe in self._names
        }
        self._socket.setblocking(False)
        for pipe in self._names:
            os.set_blocking(pipe, False)

    def exchange(self, data: bytes, until: float) -> dict[str, Any]:
        """Send one line, receive one line; meanwhile take what the subject prints."""
        room = dict.fromkeys(self._names, _KEPT_OUTPUT_BYTES)
        unsent = memoryview(data)
        while b"\n" not in self._received:
            left = until - time.monotonic()
            sockets = [self._socket.fileno()]
            readable, writable, _ = select.select(
                [*sockets, *room], sockets if unsent else [], [], max(0.0, left)
            )
            if left <= 0:
                raise TimeoutError
            if writable:
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    unsent = unsent[self._socket.send(unsent) :]
            for pipe in list(room):
                if pipe in readable and not self._forward(pipe, room):
                    del room[pipe]
            if sockets[0] in readable:
                self._receive()
        for pipe in room:  # what it printed before it answered
            self._forward(pipe, room)
        line, _, rest = bytes(self._received).partition(b"\n")
        self._received = bytearray(rest)
        return _parsed(line)

    def ending(self) -> str:
        """How the process ended, in words; what it said last is passed on."""
        try:
            how = ending(self._process.wait(timeout=2))
        except subprocess.TimeoutExpired:
            how = "closed its end of the line"
        for pipe in self._names:
            self._forward(pipe, {pipe: _PIPE_BYTES})
        return how

    def close(self) -> None:
        """Kill it and everything in its group."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
        self._process.wait()
        self._socket.close()
        for pipe in self._pipes.values():
            if pipe is not None:
                pipe.close()

    def _receive(self) -> None:
        try:
            chunk = self._socket.recv(_PIPE_BYTES)
        except ConnectionResetError:
            chunk = b""
        if not chunk:
            raise EOFError
        self._received += chunk
        if len(self._received) > 2 * wire.MAXIMUM_BYTES:
            raise ValueError("a reply that is too big")

    def _forward(self, pipe: int, room: dict[int, int]) -> bool:
        """Pass printed text on to our own streams, where pytest captures it; False at its end."""
        try:
            chunk = os.read(pipe, _PIPE_BYTES)
        except BlockingIOError:
            return True
        kept = chunk[: max(0, room[pipe])]
        room[pipe] -= len(kept)
        if kept:
            # Looked up each time: pytest puts other streams in place for each test.
            stream = sys.stdout if self._names[pipe] == "stdout" else sys.stderr
            stream.write(self._decoders[pipe].decode(kept))
        return bool(chunk)


def _parsed(line: bytes) -> dict[str, Any]:
    try:
        reply = json.loads(line)
    except (ValueError, RecursionError):
        raise ValueError("something that is not a reply") from None
    if type(reply) is not dict:
        raise ValueError("something that is not a reply")
    return reply


def ending(code: int) -> str:
    """An exit code in words; jails report a signal as 128 and its number."""
    number = -code if code < 0 else code - 128
    if number in set(signal.Signals):
        return f"was killed by {signal.Signals(number).name}"
    return f"ended with exit code {code}"
