"""Plan → trials → attempts → results, journaled as they finish."""
