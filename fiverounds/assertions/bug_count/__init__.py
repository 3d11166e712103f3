"""The `bug-count` assertion."""

from fiverounds.assertions.bug_count.assertion import BugCount

__all__ = ["BugCount"]
