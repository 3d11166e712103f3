"""Bench → run matrix. Pure."""
