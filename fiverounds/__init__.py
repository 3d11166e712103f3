"""fiverounds: a declarative benchmark runner for coding models and coding agents."""

__version__ = "0.1.0"
