"""Settings for all tests."""

from __future__ import annotations

import os

from hypothesis import settings

# The same examples every time, so that a red run means a change of ours; `FIVEROUNDS_EXPLORE=1` looks for new ones.
settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None)
settings.load_profile("explore" if os.environ.get("FIVEROUNDS_EXPLORE") else "same")
