"""One cell of the matrix with everything merged, and the ordered plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fiverounds.limits import Limits
from fiverounds.spec.models import ProviderSpec, RoundSpec


@dataclass(frozen=True, slots=True)
class Trial:
    """Provider × round × prompt × repeat. No `None` stands for "default" any more."""

    trial_id: str
    """`provider/round/prompt/repeat`: readable, stable from run to run, and the trial's folder in the log."""
    key: str
    """SHA-256 (hex) of everything that can change the outcome."""
    provider: ProviderSpec
    round: RoundSpec
    prompt: str
    template: str
    """The prompt template's text."""
    feedback_template: str
    """The template of further attempts; empty when the policy makes none."""
    repeat: int
    limits: Limits
    sandbox: str
    after: str | None
    """Trial id whose conversation and workspace this one continues."""
    unsuited: str = ""
    """Why this provider cannot take this round at all; such trials are skipped."""

    def describe(self) -> dict[str, Any]:
        """What plan.json and `fiverounds plan --json` say."""
        return {
            "trial_id": self.trial_id,
            "key": self.key,
            "provider": self.provider.id,
            "round": self.round.id,
            "prompt": self.prompt,
            "repeat": self.repeat,
            "after": self.after,
            "sandbox": self.sandbox,
            "policy": self.round.iterate.policy,
            "assertions": [assertion.type for assertion in self.round.assertions],
            "unsuited": self.unsuited,
        }


@dataclass(frozen=True, slots=True)
class Plan:
    """Trials in the order they start; a trial stands after the one it continues."""

    trials: tuple[Trial, ...]

    def by_id(self) -> Mapping[str, Trial]:
        """Trial id → trial."""
        return {trial.trial_id: trial for trial in self.trials}
