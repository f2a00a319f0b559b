"""Score to performance, and performance to voices, buses and blocks."""
