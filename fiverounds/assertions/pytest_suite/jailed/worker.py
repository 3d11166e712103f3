"""The subject's process: imports the subject's module and answers calls on the socket that is its stdin.

Nothing here needs protection from the subject: whatever it does to this process, it can only answer, and answers
are judged elsewhere.
"""

from __future__ import annotations

import json
import os
import site
import sys
import traceback
from types import ModuleType
from typing import Any

from . import wire

_MAXIMUM_CLASSES = 32
_MAXIMUM_TEXT = 4000


def main(arguments: list[str]) -> None:
    """Arguments: the module's name, the folder it is in."""
    module, folder = arguments
    channel = os.dup(0)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    site.setquit()  # `exit` and `quit`, which python -S leaves out
    sys.path.insert(0, folder)
    Worker(channel, module).serve()


class Worker:
    """Answers one request after the other."""

    def __init__(self, channel: int, name: str) -> None:
        self._channel = channel
        self._name = name
        self._module: ModuleType | None = None
        self._pid = os.getpid()

    def serve(self) -> None:
        """Until the other side closes the socket."""
        with os.fdopen(self._channel, "rb", closefd=False) as requests:
            for line in requests:
                request = json.loads(line)
                reply = self._answer(request)
                if os.getpid() != self._pid:
                    os._exit(
                        1
                    )  # the subject forked and its child came back here: it has nothing to say
                self._send({"n": request["n"], **reply})

    def _answer(self, request: dict[str, Any]) -> dict[str, Any]:
        try:
            if request["op"] == "hello":
                return {"hello": True}
            if request["op"] == "import":
                return self._import()
            if request["op"] == "kind":
                return self._kind(request["name"])
            return self._call(request)
        except Exception as error:
            return {"raised": describe(error)}
        except BaseException as error:
            return {"exited": f"{type(error).__name__}: {_text(error)}"}

    def _import(self) -> dict[str, Any]:
        try:
            self._module = __import__(self._name)
        except Exception as error:
            where = traceback.format_exception_only(type(error), error)
            return {
                "unimportable": "".join(where).strip()[:_MAXIMUM_TEXT],
                "traceback": _trace(error),
            }
        return {"imported": True}

    def _kind(self, name: str) -> dict[str, Any]:
        try:
            value = getattr(self._module, name)
        except AttributeError:
            return {"kind": "missing"}
        if isinstance(value, type):
            if issubclass(value, Exception):
                return {"kind": "exception", "classes": _classes(value)}
            return {"kind": "unsupported", "what": "a class"}
        if isinstance(value, ModuleType):
            return {"kind": "unsupported", "what": "a module"}
        if callable(value):
            return {"kind": "function"}
        try:
            return {"kind": "value", "value": wire.encode(value)}
        except wire.CannotCross as problem:
            return {"kind": "unsupported", "what": str(problem)}

    def _call(self, request: dict[str, Any]) -> dict[str, Any]:
        arguments, keywords = wire.decode(request["args"]), wire.decode(request["kwargs"])
        value = getattr(self._module, request["name"])(*arguments, **keywords)
        try:
            return {"value": wire.encode(value)}
        except Exception as problem:
            return {"refused": str(problem)}

    def _send(self, reply: dict[str, Any]) -> None:
        for stream in (
            sys.stdout,
            sys.stderr,
        ):  # what was printed during the call must be there before its answer
            try:
                stream.flush()
            except Exception:
                continue
        data = json.dumps(reply).encode("ascii")
        if len(data) > wire.MAXIMUM_BYTES:
            refused = {
                "n": reply["n"],
                "refused": f"a value of more than {wire.MAXIMUM_BYTES} bytes",
            }
            data = json.dumps(refused).encode("ascii")
        data += b"\n"
        while data:
            data = data[os.write(self._channel, data) :]


def describe(error: Exception) -> dict[str, Any]:
    """An exception as data: its classes by name, message, arguments and plain attributes."""
    described: dict[str, Any] = {
        "classes": _classes(type(error)),
        "message": _text(error),
        "traceback": _trace(error),
    }
    for key, value in (
        ("args", error.args),
        ("attributes", dict(list(vars(error).items())[:_MAXIMUM_CLASSES])),
    ):
        try:
            described[key] = wire.encode(value)
        except Exception:
            described[key] = None
    return described


def _classes(kind: type) -> list[dict[str, Any]]:
    """The class and its ancestors, most derived first; bases as positions in this list."""
    ancestors = [one for one in kind.__mro__ if issubclass(one, BaseException)][:_MAXIMUM_CLASSES]
    return [
        {
            "name": one.__name__,
            "builtin": one.__module__ == "builtins",
            "bases": [ancestors.index(base) for base in one.__bases__ if base in ancestors],
        }
        for one in ancestors
    ]


def _text(error: BaseException) -> str:
    try:
        return str(error)[:_MAXIMUM_TEXT]
    except Exception:
        return ""


def _trace(error: BaseException) -> str:
    try:
        # The first frame is this file's.
        return "".join(traceback.format_exception(error, limit=-12))[-_MAXIMUM_TEXT:]
    except Exception:
        return ""
