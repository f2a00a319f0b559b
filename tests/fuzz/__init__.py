"""Scores that nobody would write: made, bent and read, to see that nothing but an answer comes."""
