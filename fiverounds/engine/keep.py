"""What of an attempt goes into the log: prompt, reply, raw usage, the answer's files, evidence, the result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fiverounds.results import Attempt
from fiverounds.sandbox.workspace import copy_clean
from fiverounds.store.writer import RunWriter


@dataclass(frozen=True, slots=True)
class Keeper:
    """Writes one attempt's folder, all of it through the log's one writer."""

    writer: RunWriter
    trial_id: str
    number: int

    def prompt(self, text: str) -> None:
        """The last turn the provider was given."""
        self.writer.write_text(self.trial_id, self.number, "prompt.md", text)

    def reply(self, text: str | None, reasoning: str, raw: Sequence[Mapping[str, Any]]) -> None:
        """What came back, as it came."""
        if text is not None:
            self.writer.write_text(self.trial_id, self.number, "reply.md", text)
        if reasoning:
            self.writer.write_text(self.trial_id, self.number, "reasoning.md", reasoning)
        if raw:
            self.writer.write_json(self.trial_id, self.number, "raw.json", list(raw))

    def files(self, files: Mapping[str, bytes]) -> None:
        """The answer's files."""
        for name, content in files.items():
            self.writer.write_bytes(self.trial_id, self.number, f"files/{name}", content)

    def evidence(self, folder: Path) -> None:
        """What the assertions kept."""
        if folder.is_dir():
            self.writer.keep_tree(self.trial_id, self.number, folder, "evidence")

    def finish(self, attempt: Attempt) -> None:
        """The attempt's own result, beside its files."""
        self.writer.write_json(
            self.trial_id, self.number, "attempt.json", attempt.model_dump(mode="json")
        )

    def internal_error(self, text: str) -> None:
        """A traceback nobody foresaw."""
        self.writer.write_text(self.trial_id, self.number, "internal-error.txt", text)


def changed_files(before: Path | None, workspace: Path, scratch: Path) -> dict[str, bytes]:
    """The plain files of a workspace that differ from what it started with."""
    copy = scratch / "changed"
    changed = {}
    for name in copy_clean(workspace, copy).files:
        content = (copy / name).read_bytes()
        original = before / name if before else None
        if original is None or not original.is_file() or original.read_bytes() != content:
            changed[name] = content
    return changed
