"""The terminal view of a session: drawn from its status, with keys and mouse that call it."""
