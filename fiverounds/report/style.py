"""How a text report is written: width, signs, colours. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from fiverounds.report.words import UNICODE, Signs
from fiverounds.results import Verdict

_COLOURS = {
    Verdict.PASSED: "32",
    Verdict.FAILED: "31",
    Verdict.ERROR: "35",
    Verdict.SKIPPED: "2",
    None: "2",
}


@dataclass(frozen=True, slots=True)
class Style:
    """Colours only repeat what signs and words say already."""

    columns: int = 100
    signs: Signs = UNICODE
    colour: bool = False

    def paint(self, text: str, verdict: Verdict | None) -> str:
        """Text in the verdict's colour, each line by itself."""
        return "\n".join(self._painted(line, _COLOURS[verdict]) for line in text.split("\n"))

    def heading(self, text: str) -> str:
        """A heading, bold."""
        return self._painted(text, "1")

    def _painted(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour else text
