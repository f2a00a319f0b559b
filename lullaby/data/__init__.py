"""Tables and streams in; signals and triggers out."""
