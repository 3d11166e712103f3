"""How many pictures per second a web page really puts on the screen, measured from outside the page.

`LaunchSpec` + `FpsBrowser` keep one real Chromium warm, `probe` looks at one page, `measure` probes until the
figure can be trusted, `judge` turns a figure into an outcome. Nothing here knows the rest of fiverounds.
"""

from fiverounds.assertions.fps.browser import FpsBrowser, LaunchSpec, ProbeBroken
from fiverounds.assertions.fps.ceiling import ceiling
from fiverounds.assertions.fps.measure import Measured, measure
from fiverounds.assertions.fps.model import ProbeRequest, ProbeResult, Trouble
from fiverounds.assertions.fps.probe import probe
from fiverounds.assertions.fps.verdict import Judgement, Thresholds, judge

__all__ = [
    "FpsBrowser",
    "Judgement",
    "LaunchSpec",
    "Measured",
    "ProbeBroken",
    "ProbeRequest",
    "ProbeResult",
    "Thresholds",
    "Trouble",
    "ceiling",
    "judge",
    "measure",
    "probe",
]
