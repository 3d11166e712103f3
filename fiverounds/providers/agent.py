"""A coding agent's own command line, run in the workspace, in a jail on the machine's network.

This is the plain version: prompt in, edits or text out. Tokens, cost and turns are not read from
the agent's events, and nothing but the attempt's time limits what it spends; see
docs/providers/agent.md.
"""

from __future__ import annotations

import asyncio
import dataclasses
import signal
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from fiverounds.answers import MAX_BYTES, MAX_FILES
from fiverounds.errors import ProviderError
from fiverounds.providers.agent_tools import Tool, locate, prepare, program_of
from fiverounds.providers.base import Reply, Task, Unavailable
from fiverounds.providers.changes import changed_since, snapshot
from fiverounds.providers.conversation import as_text, with_system
from fiverounds.results import StopReason, Timing
from fiverounds.sandbox import process
from fiverounds.sandbox.base import Jail, Mount
from fiverounds.sandbox.process import ProcessResult
from fiverounds.spec.models import AgentProvider

HOME = "/home/agent"
"""The agent's home in a jail: empty, writable, gone afterwards. Yours is not shown."""
MAX_ARGUMENT_BYTES = 128 * 1024 - 1
"""Linux refuses a longer single argument (MAX_ARG_STRLEN)."""
_PROMPT = "{prompt}"
_SHORTEST_KEY = 8
"""Shorter values (`1`, `eu-west`) are settings, and replacing them would garble the text."""
_LIMITS: Mapping[int | None, str] = {
    128 + signal.SIGXCPU: "it used up its CPU time",
    128 + signal.SIGXFSZ: "it wrote a file larger than allowed",
    128 + signal.SIGKILL: "it was killed",
}


class Agent:
    """A provider that edits the workspace itself, or prints its answer."""

    def __init__(
        self, spec: AgentProvider, *, bench_root: Path, environment: Mapping[str, str]
    ) -> None:
        self._spec = spec
        self._root = bench_root
        self._environment = environment

    async def check(self) -> Unavailable | None:
        """Program installed, keys set. The agent itself is not started."""
        program = self._spec.command[program_of(self._spec.command)]
        if locate(program, self._root, self._environment) is None:
            mend = self._spec.mend or f"install {program}, and have it on PATH"
            return Unavailable(f"{program} is not installed", mend)
        missing = [name for name in self._spec.pass_env if not self._environment.get(name)]
        if missing:
            names = ", ".join(missing)
            variables = "environment variables" if len(missing) > 1 else "environment variable"
            exports = " ".join(f"{name}=…" for name in missing)
            return Unavailable(f"missing {variables}: {names}", f"export {exports}")
        return None

    async def attempt(self, task: Task) -> Reply:
        """Run the agent once, to its end or to the deadline.

        Raises:
            ProviderError: it cannot be started, or it gave up with an exit code. That is how agents
                report a refused key, an unreachable server or a wrong option; none of these is
                the model's doing.
        """
        unavailable = await self.check()
        if unavailable is not None:
            raise ProviderError(unavailable.reason, unavailable.mend)
        tool = prepare(self._spec.command, self._root, self._environment)
        assert tool is not None
        prompt = as_text(with_system(task.messages, self._spec.system))
        argv, stdin = self._prompted(tool, prompt)
        before = {} if task.edits_workspace else await asyncio.to_thread(snapshot, task.workspace)
        began = time.monotonic()
        result, starved = await self._run(task, tool, argv, stdin)
        reply = self._reply(task, result, starved, time.monotonic() - began)
        if task.edits_workspace:
            return dataclasses.replace(reply, text=None)
        # Asked for files, an agent writes them rather than printing them.
        left = await asyncio.to_thread(changed_since, before, task.workspace)
        return _with_files(reply, left)

    async def close(self) -> None:
        """Every run has ended with its attempt."""

    async def _run(
        self, task: Task, tool: Tool, argv: list[str], stdin: bytes
    ) -> tuple[ProcessResult, bool]:
        """(how it ended, whether it ran out of memory)."""
        with (
            tempfile.TemporaryDirectory(
                prefix="fiverounds-home-", ignore_cleanup_errors=True
            ) as home,
            task.sandbox.enter(self._jail(task, tool, Path(home))) as entered,
        ):
            result = await process.run(
                entered.argv(argv),
                deadline=task.deadline,
                output_bytes=task.limits.output_bytes,
                stdin=stdin,
            )
            return result, entered.memory_exceeded()

    def _prompted(self, tool: Tool, prompt: str) -> tuple[list[str], bytes]:
        """(arguments, stdin): the prompt goes where `{prompt}` stands, else to stdin."""
        if not any(_PROMPT in word for word in tool.argv):
            return list(tool.argv), prompt.encode("utf-8", "replace")
        argv = [word.replace(_PROMPT, prompt) for word in tool.argv]
        if (
            "\0" in prompt
            or max(len(word.encode("utf-8", "replace")) for word in argv) > MAX_ARGUMENT_BYTES
        ):
            raise ProviderError(
                f"provider {self._spec.id}: the prompt does not fit into an argument",
                "leave {prompt} out of the command, so that it goes to stdin",
            )
        return argv, b""

    def _jail(self, task: Task, tool: Tool, home: Path) -> Jail:
        # Without a sandbox nothing can be shown elsewhere than where it is.
        home_inside = str(home) if task.sandbox.name == "none" else HOME
        environment = {
            "HOME": home_inside,
            "PATH": tool.search_path,
            # A .pyc written in the same second as a fix of the same length would hide the fix.
            "PYTHONDONTWRITEBYTECODE": "1",
            **{name: self._environment[name] for name in self._spec.pass_env},
        }
        return Jail(
            limits=task.limits,
            workspace=task.workspace,
            mounts=(*tool.mounts, Mount(home, home_inside, writable=True)),
            environment=tuple(environment.items()),
            network="shared",
            limit_address_space=False,  # node reserves far more than it uses
        )

    def _reply(self, task: Task, result: ProcessResult, starved: bool, seconds: float) -> Reply:
        stop, detail = StopReason.FINISHED, ""
        code = result.exit_code
        ended = 128 - code if code is not None and code < 0 else code
        if result.timed_out:
            stop, detail = StopReason.TIMED_OUT, "the attempt's time ran out"
        elif starved:
            stop, detail = StopReason.CRASHED, "it used more memory than allowed"
        elif ended in _LIMITS:
            stop, detail = StopReason.CRASHED, _LIMITS[ended]
        elif code != 0:
            tail = self._without_keys(result.tail(500)).replace("\n", " | ")
            raise ProviderError(
                f"provider {self._spec.id}: exit code {code}: {tail or 'it said nothing'}"
            )
        elif result.output_cut:
            detail = f"output beyond {task.limits.output_bytes} bytes was dropped"
        output = self._without_keys(result.stdout.decode("utf-8", "replace"))
        errors = self._without_keys(result.stderr.decode("utf-8", "replace"))
        return Reply(
            stop=stop,
            text=output,
            detail=detail,
            timing=Timing(provider_seconds=seconds),
            raw=[{"exit_code": code, "stdout": output, "stderr": errors}],
        )

    def _without_keys(self, text: str) -> str:
        for name in self._spec.pass_env:
            value = self._environment[name]
            text = text.replace(value, "***") if len(value) >= _SHORTEST_KEY else text
        return text


def _with_files(reply: Reply, left: dict[str, bytes]) -> Reply:
    if not left:
        return reply
    size = sum(map(len, left.values()))
    if len(left) > MAX_FILES or size > MAX_BYTES:
        detail = f"it left {len(left)} files of {size} bytes (limits: {MAX_FILES}, {MAX_BYTES})"
        return dataclasses.replace(reply, stop=StopReason.CRASHED, detail=detail, text="")
    return dataclasses.replace(reply, files=left)
