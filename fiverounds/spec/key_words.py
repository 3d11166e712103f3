"""Words for keys that are unknown, missing or do not go together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fiverounds.errors import Problem
from fiverounds.spec.gate_validator import ShapeError
from fiverounds.spec.key_guard import names_a_secret
from fiverounds.spec.nodes import Source, SpecPath
from fiverounds.spec.quoting import quoted
from fiverounds.spec.schema import JsonSchema
from fiverounds.spec.suggest import closest, did_you_mean, hint, listed

_CLOSE = 0.75
_MOST_PLACES = 3

# What other runners call it, or what one would guess.
_OTHER_WORDS: Mapping[str, tuple[str, ...]] = {
    "api_key": ("api_key_env",),
    "args": ("command",),
    "assertions": ("assert",),
    "checks": ("assert",),
    "cmd": ("command",),
    "concurrency": ("threads",),
    "depends_on": ("after",),
    "endpoint": ("base_url",),
    "env": ("pass_env",),
    "epochs": ("repeats",),
    "evals": ("assert",),
    "evaluators": ("assert",),
    "expect": ("assert",),
    "kind": ("type",),
    "max_iterations": ("max_attempts",),
    "max_time": ("attempt", "limits"),
    "models": ("providers",),
    "n": ("repeats",),
    "needs": ("after",),
    "path": ("file", "suite", "answers"),
    "prompts": ("prompt",),
    "providers": ("provider",),
    "schema": ("fiverounds",),
    "script": ("run",),
    "scorers": ("assert",),
    "seed_files": ("workspace",),
    "tasks": ("rounds",),
    "template": ("file", "text"),
    "tests": ("assert", "suite", "rounds"),
    "timeout": ("limits", "attempt", "test_timeout", "load_timeout"),
    "type": ("kind",),
    "url": ("base_url",),
    "version": ("fiverounds",),
}

_PLACES: Mapping[str, str] = {
    "AgentProvider": "an `agent` provider",
    "BugCountAssertion": "a `bug-count` assertion",
    "Cell": "a cell of `matrix`",
    "ChatProvider": "a `chat` provider",
    "DefaultsSpec": "`defaults`",
    "Feedback": "`iterate` with `policy: feedback`",
    "FpsAssertion": "an `fps` assertion",
    "GateSpec": "`gate`",
    "GgufProvider": "a `gguf` provider",
    "LimitsSpec": "`limits`",
    "MatrixSpec": "`matrix`",
    "Once": "`iterate`",
    "OutputFile": "`output`",
    "OutputFiles": "`output`",
    "OutputWorkspace": "`output`",
    "Params": "`params`",
    "PauseSpec": "`pause` of an `fps` assertion",
    "PromptFile": "a prompt",
    "PromptText": "a prompt",
    "PytestAssertion": "a `pytest` assertion",
    "ReplayProvider": "a `replay` provider",
    "RoundSpec": "a round",
    "ScriptAssertion": "a `script` assertion",
    "UntilPass": "`iterate` with `policy: until-pass`",
}
_NOT_IN_FILE = {
    "id": "each bench that uses this file gives the provider its `id`",
    "use": "a provider says its `kind`, or uses a file that says it",
}
_GROUPS = (
    (
        {"an `agent` provider", "a `chat` provider", "a `gguf` provider", "a `replay` provider"},
        "a provider",
    ),
    (
        {
            "a `bug-count` assertion",
            "an `fps` assertion",
            "a `pytest` assertion",
            "a `script` assertion",
        },
        "an assertion",
    ),
)


def unknown_key(error: ShapeError, source: Source, root: JsonSchema) -> Problem:
    """A key that does not belong here."""
    key = error.argument
    mend = _mend_for_key(key, error.schema["properties"], root)
    return source.problem((*error.path, key), f"unknown key {quoted(key)}", mend, at_key=True)


def _mend_for_key(key: str, known: Mapping[str, Any], root: JsonSchema) -> str | None:
    if key == "kind" and "use" in known:
        return "the file that `use` names says the kind"
    if key in _NOT_IN_FILE and "kind" in known:
        return _NOT_IN_FILE[key]
    if names_a_secret(key) and ("api_key_env" in known or "pass_env" in known):
        field = "api_key_env: NAME" if "api_key_env" in known else "pass_env: [NAME]"
        return f"a spec holds no keys: put it in an environment variable and write `{field}`"
    meant = meant_key(key, known)
    if meant is not None:
        return did_you_mean(meant)
    places = _places_of(key, root)
    if places:
        return f"{quoted(key)} belongs to {' or '.join(places)}"
    return hint(key, known)


def meant_key(key: str, known: Mapping[str, Any]) -> str | None:
    """The known key that a misspelt one, or another runner's word, most likely stands for."""
    match = closest(key, known, _CLOSE)
    if match is not None:
        return match
    return next((word for word in _OTHER_WORDS.get(key.lower(), ()) if word in known), None)


def _places_of(key: str, root: JsonSchema) -> list[str]:
    places = ["the top level"] if key in root.get("properties", {}) else []
    for name, schema in root["$defs"].items():
        if key in schema.get("properties", {}) and name in _PLACES:
            places.append(_PLACES[name])
    unique = set(places)
    for members, word in _GROUPS:
        if members <= unique:
            unique = (unique - members) | {word}
    return sorted(unique)[:_MOST_PLACES]


def unknown_name(error: ShapeError, source: Source) -> Problem:
    """A key of the author's own choice, in a form that is not allowed."""
    key, how = error.argument, error.schema.get("patternErrorMessage", "")
    slug = _slug(key)
    mend = did_you_mean(slug) if slug else None
    return source.problem((*error.path, key), f"{quoted(key)} is no name: {how}", mend, at_key=True)


def _slug(text: str) -> str:
    kept = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "-" for c in text.lower())
    return kept.strip("._-")[:64] if len(text) <= 64 else ""


def missing_key(error: ShapeError, source: Source) -> Problem:
    """A key that must be here."""
    key, path = error.argument, error.path
    mend = (
        error.schema.get("properties", {}).get(key, {}).get("description", "").partition("\n")[0]
        or None
    )
    message = f"`{key}` is missing"
    if key == "assert":
        message += ": a round without assertions measures nothing"
    node = source.node(path)
    kind = node.entry("kind") if node else None
    if node and kind and kind.key.file != node.mark.file:
        message += f": give it here or in {kind.key.file}"
    return source.problem(path, message, mend)


def choose(error: ShapeError, source: Source) -> Problem:
    """A mapping that must say, by one key, which form of several it takes."""
    tag, options = error.argument
    path = error.path
    if tag is not None:
        return _missing_tag(tag, options, error.instance, path, source)
    present = [key for key in options if key in error.instance]
    if present:
        return source.problem(path, f"takes only one of {listed(options)}; here are several")
    for key in error.instance:
        meant = meant_key(key, dict.fromkeys(options))
        if meant is not None:
            mend = did_you_mean(meant)
            return source.problem((*path, key), f"unknown key {quoted(key)}", mend, at_key=True)
    return source.problem(path, f"takes exactly one of {listed(options)}")


def _missing_tag(
    tag: str, options: list[str], instance: Mapping[str, Any], path: SpecPath, source: Source
) -> Problem:
    mend = f"write `{tag}:` and one of {listed(options)}"
    for key in instance:
        if meant_key(key, {tag: None}) == tag:
            mend = did_you_mean(tag)
            return source.problem((*path, key), f"unknown key {quoted(key)}", mend, at_key=True)
    return source.problem(path, f"`{tag}` is missing", mend)
