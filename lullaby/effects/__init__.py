"""The processors: one file, one effect, found by file name."""
