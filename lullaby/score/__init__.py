"""Text and presets in; a checked score or precise errors out."""
