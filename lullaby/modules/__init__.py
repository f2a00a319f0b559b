"""The cast: one file, one sound, found by file name."""
