"""What belongs to a bench: every file and folder that its digest covers."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator

from fiverounds.spec.models import (
    BenchFile,
    BugCountAssertion,
    PromptFile,
    PytestAssertion,
    ReplayProvider,
    RoundSpec,
    ScriptAssertion,
)
from fiverounds.spec.placeholders import filled


def named_files(bench: BenchFile, own: Iterable[str]) -> tuple[str, ...]:
    """Paths relative to the bench's folder, each once; GGUF files count by their own digest in a run.

    Args:
        bench: the bench, provider files merged.
        own: `bench.yaml` itself and the provider files it uses.
    """
    return tuple(dict.fromkeys([*own, *_prompts(bench), *_rounds(bench), *_answers(bench)]))


def _prompts(bench: BenchFile) -> Iterator[str]:
    for prompt in bench.prompts.values():
        if isinstance(prompt, PromptFile):
            yield prompt.file


def _rounds(bench: BenchFile) -> Iterator[str]:
    for round_spec in bench.rounds:
        yield from round_files(round_spec)


def round_files(round_spec: RoundSpec) -> Iterator[str]:
    """The files and folders that start and judge one round."""
    if round_spec.workspace is not None:
        yield round_spec.workspace
    for assertion in round_spec.assertions:
        match assertion:
            case PytestAssertion():
                yield assertion.suite
                if assertion.expected is not None:
                    yield assertion.expected
            case ScriptAssertion(run=str(script)):
                yield script
            case BugCountAssertion():
                yield assertion.manifest
                yield posixpath.join(posixpath.dirname(assertion.manifest), "probes")
            case _:
                pass


def _answers(bench: BenchFile) -> Iterator[str]:
    for provider in bench.providers:
        if isinstance(provider, ReplayProvider):
            yield from filled(provider, bench.rounds)
