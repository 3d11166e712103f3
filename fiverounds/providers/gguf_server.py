"""The child process of the `gguf` provider: llama.cpp's own HTTP server, from the xllamacpp wheel.

    python -m fiverounds.providers.gguf_server --model x.gguf --alias x \\
        --threads 1 --context-tokens 8192

Listens on a loopback port of the system's choice and prints one line of JSON when the model is
loaded: `{"ready": "http://127.0.0.1:PORT", "load_seconds": 0.5, "build": "2026.10.11549"}`.
llama.cpp's log goes to stderr. It ends when its standard input ends, that is, when its parent is
gone in whatever way.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import importlib
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from typing import Any

_PR_SET_PDEATHSIG = 1


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until the parent is gone."""
    options = _parser().parse_args(arguments)
    _die_with_parent()

    # Imported only now: it takes a while, and everybody else may import this module without having it.
    xllamacpp: Any = importlib.import_module("xllamacpp")
    params = xllamacpp.CommonParams()
    params.model.path = options.model
    params.model_alias = {options.alias}
    params.n_ctx = options.context_tokens
    params.n_parallel = 1
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.cpuparams.n_threads = options.threads
    params.cpuparams_batch.n_threads = options.threads
    params.ui = False
    began = time.monotonic()
    server = xllamacpp.Server(params)
    ready = {
        "ready": server.listening_address,
        "load_seconds": time.monotonic() - began,
        "build": xllamacpp.__version__,
    }
    sys.stdout.write(json.dumps(ready) + "\n")
    sys.stdout.flush()
    threading.Event().wait()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="gguf_server", description=__doc__)
    parser.add_argument("--model", required=True)
    parser.add_argument("--alias", required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--context-tokens", type=int, required=True)
    return parser


def _die_with_parent() -> None:
    """Two ways: watching stdin is portable, but xllamacpp holds the GIL while it loads; Linux can signal."""
    threading.Thread(target=_exit_at_end_of_input, daemon=True).start()
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _exit_at_end_of_input() -> None:
    # Not sys.stdin: its lock would make a failing interpreter abort instead of printing its traceback.
    while os.read(0, 4096):
        pass
    os._exit(0)


if __name__ == "__main__":
    main()
