"""Assertions by type.

Adding one: a module, a line here, a model in `spec/assertion_models.py`, a test file, a doc page.
"""

from __future__ import annotations

from importlib import import_module

from fiverounds.assertions.base import Assertion
from fiverounds.spec.models import AssertionSpec

REGISTRY = {
    "pytest": ("fiverounds.assertions.pytest_suite", "PytestSuite"),
    "script": ("fiverounds.assertions.script.assertion", "ScriptRun"),
    "fps": ("fiverounds.assertions.fps.assertion", "FpsProbe"),
    "bug-count": ("fiverounds.assertions.bug_count", "BugCount"),
}
"""Type → (module, class): imported when a round first needs it, so that no browser library loads for a pytest round."""


def create(spec: AssertionSpec) -> Assertion:
    """The assertion for a spec."""
    module, name = REGISTRY[spec.type]
    assertion: Assertion = getattr(import_module(module), name)(spec)
    return assertion
