"""Every file and folder a bench names → a problem for each that is missing or leads out of the bench."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Literal

from fiverounds.errors import Problem
from fiverounds.spec.folder import Folder
from fiverounds.spec.models import (
    BugCountAssertion,
    GgufProvider,
    PromptFile,
    PytestAssertion,
    ReplayProvider,
    RoundSpec,
    ScriptAssertion,
)
from fiverounds.spec.nodes import SpecPath
from fiverounds.spec.placeholders import PLACEHOLDERS, filled, strange
from fiverounds.spec.quoting import quoted
from fiverounds.spec.sections import Sections
from fiverounds.spec.suggest import closest, did_you_mean, hint, listed

Wanted = Literal["file", "folder", "file or folder"]
Complaint = tuple[str, str | None]

_MOST_NAMES = 500
_ABSOLUTE_GGUF = "name the folder by a variable: `${MODELS}/…`"


def check_files(sections: Sections, folder: Folder) -> Iterator[Problem]:
    """Problems with the files of prompts, rounds and providers. Templates are read elsewhere."""
    for path, name, wanted in _named(sections):
        wrong = missing(folder, name, wanted)
        if wrong is None and wanted != "file":
            wrong = _leading_out(folder, name)
        if wrong is not None:
            yield sections.source.problem(path, *wrong)
    for index, provider in sections.providers.items():
        path = ("providers", index)
        if isinstance(provider, GgufProvider) and provider.file is not None:
            yield from _gguf(sections, folder, provider, (*path, "file"))
        if isinstance(provider, ReplayProvider):
            yield from _answers(sections, folder, provider, (*path, "answers"))


def missing_file(folder: Folder, name: str) -> Complaint | None:
    """What is wrong with a path that must lead to a file."""
    return missing(folder, name, "file")


def missing(folder: Folder, name: str, wanted: Wanted) -> Complaint | None:
    """What is wrong with a path of the bench, and what mends it; None when all is well."""
    wrong = folder.complaint(name)
    if wrong is not None:
        return f"{quoted(name)} {wrong}", None
    target = folder.path(name)
    if not os.path.lexists(target):
        near = _similar(folder, name)
        return f"there is no {wanted} {quoted(name)}", did_you_mean(near) if near else None
    if not target.exists():
        return f"{quoted(name)} is a symlink to nothing", None
    if wanted != "folder" and target.is_file():
        return None
    if wanted != "file" and target.is_dir():
        return None
    found = (
        "a folder" if target.is_dir() else "no folder" if wanted == "folder" else "no plain file"
    )
    return f"{quoted(name)} is {found}; here goes a {wanted}", None


def _leading_out(folder: Folder, name: str) -> Complaint | None:
    """The first symlink below a folder that leads out of the bench."""
    for here, folders, files in os.walk(folder.path(name)):
        for entry in sorted((*folders, *files)):
            path = Path(here, entry)
            if path.is_symlink():
                relative = path.relative_to(folder.root).as_posix()
                wrong = folder.complaint(relative)
                if wrong is not None:
                    return f"{quoted(relative)} {wrong}", "put a copy of the file in its place"
    return None


def _similar(folder: Folder, name: str) -> str | None:
    """The path with its first missing step replaced by what is there and looks like it."""
    steps = posixpath.normpath(name).split("/")
    for count, step in enumerate(steps):
        here = "/".join(steps[:count])
        try:
            names = [entry.name for entry in islice(os.scandir(folder.path(here)), _MOST_NAMES)]
        except OSError:
            return None
        if step not in names:
            match = closest(step, sorted(names))
            near = "/".join([*steps[:count], match, *steps[count + 1 :]]) if match else None
            return near if near and os.path.exists(folder.path(near)) else None
    return None


def _named(sections: Sections) -> Iterator[tuple[SpecPath, str, Wanted]]:
    for key, prompt in sections.prompts.items():
        if isinstance(prompt, PromptFile):
            yield ("prompts", key, "file"), prompt.file, "file"
    for index, round_spec in sections.rounds.items():
        yield from _of_round(("rounds", index), round_spec)


def _of_round(path: SpecPath, round_spec: RoundSpec) -> Iterator[tuple[SpecPath, str, Wanted]]:
    if round_spec.workspace is not None:
        yield (*path, "workspace"), round_spec.workspace, "folder"
    for index, assertion in enumerate(round_spec.assertions):
        here = (*path, "assert", index)
        match assertion:
            case PytestAssertion():
                yield (*here, "suite"), assertion.suite, "file or folder"
                if assertion.expected is not None:
                    yield (*here, "expected"), assertion.expected, "file"
            case ScriptAssertion(run=str(script)) if script.endswith(".py"):
                yield (*here, "run"), script, "file"
            case BugCountAssertion():
                yield (*here, "manifest"), assertion.manifest, "file"
            case _:
                pass


def _gguf(
    sections: Sections, folder: Folder, provider: GgufProvider, path: SpecPath
) -> Iterator[Problem]:
    name = provider.file or ""
    node = sections.source.node(path)
    # Models are large and live where the machine's owner says: only a variable may lead outside.
    if node is not None and node.from_environment and posixpath.isabs(name):
        if not provider.optional and not os.path.isfile(folder.path(name)):
            yield sections.source.problem(path, "there is no file at this path")
        return
    wrong = missing(folder, name, "file")
    if wrong is None or (provider.optional and folder.complaint(name) is None):
        return
    message, mend = wrong
    yield sections.source.problem(
        path, message, mend or (_ABSOLUTE_GGUF if name[0] in "/~" else None)
    )


def _answers(
    sections: Sections, folder: Folder, provider: ReplayProvider, path: SpecPath
) -> Iterator[Problem]:
    source, template = sections.source, provider.answers
    odd = strange(template)
    for found in odd:
        mend = hint(found.strip("{}"), [f"{{{name}}}" for name in PLACEHOLDERS])
        yield source.problem(path, f"{quoted(found)} is no placeholder", mend)
    wrong = folder.complaint(template)
    if wrong is not None:
        yield source.problem(path, f"{quoted(template)} {wrong}")
    if odd or wrong or provider.optional:
        return
    tried = filled(provider, sections.rounds.values())
    if not tried or any(missing(folder, name, "file or folder") is None for name in tried):
        return
    message, mend = missing(folder, tried[0], "file or folder") or ("", None)
    if len(tried) > 1:
        message = f"none of {listed(tried[:3], 'and')} is there"
    yield source.problem(path, message, mend)
