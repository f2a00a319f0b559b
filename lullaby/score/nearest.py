"""The right name for a wrong one."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

SHOWN = 20
CUT = 40  # letters of a foreign word that a message repeats


def cut(word: str) -> str:
    """Return a word in quotes, cut where it is long, with nothing a terminal would obey."""
    shown = word if len(word) <= CUT else word[: CUT - 3] + "..."
    return "'" + "".join(c if c.isprintable() else "?" for c in shown) + "'"


def closest(word: str, allowed: Iterable[str]) -> str | None:
    """Return the allowed name that a word most likely meant."""
    names = list(allowed)
    folded = {name.lower(): name for name in reversed(names)}
    if word.lower() in folded:
        return folded[word.lower()]
    found = get_close_matches(word[:64].lower(), list(folded), n=1, cutoff=0.6)
    return folded[found[0]] if found else None


def listed(allowed: Iterable[str]) -> str:
    """Return names as one text, not more than twenty."""
    names = list(allowed)
    more = f", ... ({len(names)} in all)" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def hint(word: str, allowed: Iterable[str], always: bool = False) -> str:
    """Return the end of a message: the nearest name, or all (both with ``always``)."""
    names = list(allowed)
    near = closest(word, names)
    parts = [f"did you mean '{near}'?"] if near else []
    if names and (always or not near):
        parts.append(f"known: {listed(names)}")
    if not names and always:
        parts.append("there are none")
    return f" ({'; '.join(parts)})" if parts else ""
