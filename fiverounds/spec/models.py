"""What an author may write in `bench.yaml`. Defaults not given stay `None` until planned.

The JSON Schema in `schema/` is generated from these models; both accept exactly the same documents.
Providers and assertions have files of their own; all models can be imported from here.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints

from fiverounds.frozen import Frozen
from fiverounds.spec.assertion_models import (
    AssertionCommon,
    AssertionSpec,
    BugCountAssertion,
    FpsAssertion,
    PauseSpec,
    PytestAssertion,
    ScriptAssertion,
)
from fiverounds.spec.fields import (
    ByteSize,
    Duration,
    FormatVersion,
    Identifier,
    Names,
    Pattern,
    Positive,
    RelativePath,
    SandboxName,
    Share,
    Text,
    ToolchainName,
    Yes,
)
from fiverounds.spec.provider_models import (
    AgentProvider,
    ChatProvider,
    GgufProvider,
    Params,
    ProviderCommon,
    ProviderEntry,
    ProviderSpec,
    ReplayProvider,
    UseProvider,
)

__all__ = [
    "AgentProvider",
    "AssertionCommon",
    "AssertionSpec",
    "BenchFile",
    "BugCountAssertion",
    "Cell",
    "ChatProvider",
    "DefaultsSpec",
    "Feedback",
    "FpsAssertion",
    "GateSpec",
    "GgufProvider",
    "IterateSpec",
    "LimitsSpec",
    "MatrixSpec",
    "Once",
    "OutputFile",
    "OutputFiles",
    "OutputSpec",
    "OutputWorkspace",
    "Params",
    "PauseSpec",
    "PromptFile",
    "PromptSpec",
    "PromptText",
    "ProviderCommon",
    "ProviderEntry",
    "ProviderSpec",
    "PytestAssertion",
    "ReplayProvider",
    "RoundSpec",
    "ScriptAssertion",
    "UntilPass",
    "UseProvider",
]

ExtensionKey = Annotated[str, StringConstraints(pattern=r"^x-[!-~]+$")]


class LimitsSpec(Frozen):
    """Limits of an attempt (provider) and of each assertion."""

    attempt: Duration | None = None
    """Wall clock of one attempt; default 15m."""
    assertion: Duration | None = None
    """Wall clock of each assertion; default 3m."""
    memory: ByteSize | None = None
    """Memory of the subject's processes together."""
    cpu: Duration | None = None
    """CPU time of the subject's processes."""
    processes: Positive | None = None
    """Processes and threads of the subject."""
    file_size: ByteSize | None = None
    """Largest file the subject may write."""
    output: ByteSize | None = None
    """Longest output kept of a command."""


class DefaultsSpec(Frozen):
    """What holds for every round unless the round says otherwise."""

    repeats: Positive = 1
    """How often each cell of the matrix is tried."""
    sandbox: SandboxName = "auto"
    """Where trials run; `auto` takes the strongest jail this machine offers."""
    limits: LimitsSpec = LimitsSpec()
    """Limits of an attempt and of each assertion."""


class GateSpec(Frozen):
    """What must hold for exit code 0."""

    providers: Names | None = None
    """Only these count; default: all."""
    rounds: Names | None = None
    """Only these count; default: all."""
    pass_rate: Share = 1.0
    """Share of the trials that must pass, 0 to 1."""


class Cell(Frozen):
    """A pattern over matrix cells; shell wildcards are fine; a key not given matches all."""

    provider: Pattern = "*"
    """Provider ids."""
    round: Pattern = "*"
    """Round ids."""
    prompt: Pattern = "*"
    """Prompt names."""


class MatrixSpec(Frozen):
    """`include` keeps only cells that match one of its patterns; `exclude` then drops cells."""

    include: Annotated[tuple[Cell, ...], Field(min_length=1)] | None = None
    """Keep only cells that match one of these."""
    exclude: tuple[Cell, ...] = ()
    """Drop cells that match one of these."""


class PromptFile(Frozen):
    """A Jinja2 template in a file."""

    file: RelativePath
    """The template, relative to the bench."""


class PromptText(Frozen):
    """A Jinja2 template in place."""

    text: Text
    """The template."""


PromptSpec = PromptFile | PromptText


class OutputFile(Frozen):
    """The answer is one file: the longest fenced block becomes it."""

    file: RelativePath
    """Its path in the workspace."""


class OutputFiles(Frozen):
    """The answer is several files: fenced blocks that carry their paths."""

    files: Yes
    """Fenced blocks that carry their paths become files."""


class OutputWorkspace(Frozen):
    """The answer is whatever the provider leaves in the workspace (agents, replayed trees)."""

    workspace: Yes
    """Whatever the provider leaves in the workspace is the answer."""


OutputSpec = OutputFile | OutputFiles | OutputWorkspace


class Once(Frozen):
    """One attempt."""

    policy: Literal["once"]
    """One attempt."""


class Feedback(Frozen):
    """`rounds` further attempts, each told what failed, whether or not the last one passed."""

    policy: Literal["feedback"]
    """A fixed number of further attempts, each told what failed."""
    rounds: Annotated[int, Field(ge=1, le=20)] = 1
    """How many further attempts."""
    prompt: Identifier
    """The prompt of each further attempt; it sees `previous`."""


class UntilPass(Frozen):
    """Attempts until one passes, at most `max_attempts`."""

    policy: Literal["until-pass"]
    """Attempts until one passes."""
    max_attempts: Annotated[int, Field(ge=1, le=50)] = 3
    """How many attempts in all."""
    prompt: Identifier
    """The prompt of each further attempt; it sees `previous`."""


IterateSpec = Annotated[Once | Feedback | UntilPass, Field(discriminator="policy")]


class RoundSpec(Frozen):
    """One task."""

    id: Identifier
    """Its name in plans, logs and reports."""
    title: Text | None = None
    """A longer name for reports."""
    prompt: Identifier | Names
    """What is asked: the name of a prompt, or several to compare."""
    after: Identifier | None = None
    """Start from this round's conversation and workspace (same provider and repeat)."""
    output: OutputSpec
    """How a reply becomes files."""
    workspace: RelativePath | None = None
    """Folder with the starting files."""
    toolchain: tuple[ToolchainName, ...] = ()
    """Toolchains its commands need."""
    iterate: IterateSpec = Once(policy="once")
    """Whether, and how, there are further attempts."""
    limits: LimitsSpec = LimitsSpec()
    """Limits of this round; what is not given comes from `defaults`."""
    sandbox: SandboxName | None = None
    """Where its trials run; default: as `defaults` say."""
    repeats: Positive | None = None
    """How often each cell is tried; default: as `defaults` say."""
    tags: tuple[Identifier, ...] = ()
    """For `--tag`."""
    assertions: Annotated[tuple[AssertionSpec, ...], Field(min_length=1, alias="assert")]
    """What must hold of the answer."""


class BenchFile(Frozen):
    """`bench.yaml` as written. Top-level keys that start with `x-` are the author's: a place for anchors."""

    __pydantic_extra__: dict[ExtensionKey, Any] = Field(init=False)
    model_config = ConfigDict(extra="allow")

    fiverounds: FormatVersion
    """Version of the format."""
    name: Identifier
    """The bench's name in logs and reports."""
    description: Text | None = None
    """What it measures."""
    defaults: DefaultsSpec = DefaultsSpec()
    """What holds for every round unless the round says otherwise."""
    gate: GateSpec | None = None
    """What must hold for exit code 0; without it: no trial failed."""
    matrix: MatrixSpec = MatrixSpec()
    """Which cells of providers × rounds × prompts are tried."""
    providers: Annotated[tuple[ProviderEntry, ...], Field(min_length=1)]
    """Who is asked."""
    prompts: Annotated[dict[Identifier, PromptSpec], Field(min_length=1)]
    """Named templates."""
    rounds: Annotated[tuple[RoundSpec, ...], Field(min_length=1)]
    """The tasks, in order."""
