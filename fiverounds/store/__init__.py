"""The log: everything that is written to `_logs/`, and read back from it."""
