"""Reports, made from the log alone."""
