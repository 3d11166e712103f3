"""Prompt templates: their text, and what is wrong with it, at the template's own line."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache

from jinja2 import TemplateSyntaxError, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from fiverounds.errors import Problem
from fiverounds.spec.folder import Folder
from fiverounds.spec.key_guard import may_be_key
from fiverounds.spec.models import PromptFile
from fiverounds.spec.nodes import Mark
from fiverounds.spec.quoting import quoted
from fiverounds.spec.sections import Sections
from fiverounds.spec.suggest import closest, did_you_mean, hint
from fiverounds.spec.text_file import read_text

VARIABLES = ("previous", "round", "provider", "attempt")
_OTHER_FILES = (nodes.Include, nodes.Extends, nodes.Import, nodes.FromImport)
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Template:
    """A prompt's text and where it stands."""

    text: str
    start: Mark
    """Line 1, or the place of a text whose lines are not those of its file."""
    own_lines: bool
    own_columns: bool

    def mark(self, line: int, column: int) -> Mark:
        """A place in the text as a place in its file."""
        if not self.own_lines:
            return self.start
        return Mark(self.start.file, self.start.line + line - 1, column if self.own_columns else 1)


def read_templates(sections: Sections, folder: Folder) -> tuple[dict[str, str], list[Problem]]:
    """The text of every prompt that can be read, and the problems of all of them."""
    texts: dict[str, str] = {}
    problems: list[Problem] = []
    for name, prompt in sections.prompts.items():
        path = f"prompts.{name}"
        template = (
            _in_file(folder, prompt)
            if isinstance(prompt, PromptFile)
            else _in_place(sections, name)
        )
        if isinstance(template, Problem):
            problems.append(replace(template, path=path))
        elif template is not None:
            texts[name] = template.text
            for line, column, message, mend in _findings(template.text):
                problems.append(Problem(*template.mark(line, column), path, message, mend))
    return texts, problems


def _in_file(folder: Folder, prompt: PromptFile) -> Template | Problem | None:
    if folder.complaint(prompt.file) or not os.path.isfile(folder.path(prompt.file)):
        return None  # reported with the other files
    shown = folder.shown(prompt.file)
    text = read_text(folder.path(prompt.file), shown)
    if isinstance(text, Problem):
        return text
    if not text.strip():
        return Problem(shown, 1, 1, "", "is empty: a prompt says what is asked")
    return Template(text, Mark(shown, 1, 1), own_lines=True, own_columns=True)


def _in_place(sections: Sections, name: str) -> Template | None:
    node = sections.source.node(("prompts", name, "text"))
    if node is None or not isinstance(node.value, str):
        return None
    start = node.mark._replace(line=node.mark.line + 1) if node.literal else node.mark
    return Template(node.value, start, own_lines=node.literal, own_columns=False)


Finding = tuple[int, int, str, str | None]
"""Line, column, what is wrong, what mends it."""


def _findings(text: str) -> Iterator[Finding]:
    try:
        tree = _environment().parse(text)
        yield from _other_files(tree)
        yield from _unknown_helpers(text, tree)
        yield from _unknown_variables(text, tree)
    except TemplateSyntaxError as error:
        line = min(error.lineno, text.count("\n") + 1)
        message = (error.message or "").rstrip(".")
        yield line, 1, f"the template cannot be read: {_plain_words(message)}", _mend(message)
    except RecursionError:
        yield 1, 1, "the template is nested too deeply", None


def _other_files(tree: nodes.Template) -> Iterator[Finding]:
    for node in tree.find_all(_OTHER_FILES):
        yield node.lineno, 1, "a template cannot read other files", "one prompt is one file"


def _unknown_helpers(text: str, tree: nodes.Template) -> Iterator[Finding]:
    """Unknown filters and tests; they get a known name, so that variables can be judged as well."""
    environment = _environment()
    for node in tree.find_all((nodes.Filter, nodes.Test)):
        is_filter = isinstance(node, nodes.Filter)
        known: Mapping[str, object] = environment.filters if is_filter else environment.tests
        if node.name not in known:
            near = closest(node.name, known)
            message = f"no {'filter' if is_filter else 'test'} is called {quoted(node.name)}"
            place = _place(text, node.lineno, node.name)
            yield *place, message, did_you_mean(near) if near else None
            node.name = next(iter(known))


def _unknown_variables(text: str, tree: nodes.Template) -> Iterator[Finding]:
    unknown = meta.find_undeclared_variables(tree) - {*VARIABLES, *_environment().globals}
    for node in tree.find_all(nodes.Name):
        if node.name in unknown:
            unknown.discard(node.name)
            place = _place(text, node.lineno, node.name)
            yield *place, f"no variable is called {quoted(node.name)}", hint(node.name, VARIABLES)


def _place(text: str, line: int, word: str) -> tuple[int, int]:
    lines = text.split("\n")
    found = re.search(rf"\b{re.escape(word)}\b", lines[line - 1]) if line <= len(lines) else None
    return line, found.start() + 1 if found else 1


def _plain_words(message: str) -> str:
    """Jinja's own words, unless they quote what must not be shown."""
    if 0 < len(message) <= _LONGEST and message.isprintable() and not may_be_key(message):
        return message[0].lower() + message[1:]
    return "wrong syntax"


def _mend(message: str) -> str | None:
    if "end of template" in message.lower():
        return "close it with `{% end… %}`, or put literal braces into {% raw %}…{% endraw %}"
    return "literal braces go into {% raw %}…{% endraw %}"


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    # Unoptimised: folding constants would already compute `{{ 9**9**9 }}`.
    return ImmutableSandboxedEnvironment(optimized=False)
