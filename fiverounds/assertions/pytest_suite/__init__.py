"""The `pytest` assertion, and the machinery that `bug-count` shares."""

from fiverounds.assertions.pytest_suite.assertion import PytestSuite

__all__ = ["PytestSuite"]
