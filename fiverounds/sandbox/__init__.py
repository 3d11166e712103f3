"""Processes, jails and workspaces: everything that touches generated code."""
