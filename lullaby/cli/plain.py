"""Foreign text made fit for a terminal: what is written by strangers cannot steer it."""

from __future__ import annotations

import unicodedata

STEERING = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}  # controls, bidi and zero-width, separators


def plain(text: object, *, lines: bool = False) -> str:
    """Return text with every control, bidi and zero-width character written out as an escape.

    ``lines`` keeps line ends, for messages that have several.
    """
    return "".join(_plain(letter, lines) for letter in str(text))


def _plain(letter: str, lines: bool) -> str:
    if letter == "\n" and lines:
        return letter
    if unicodedata.category(letter) not in STEERING:
        return letter
    return letter.encode("unicode_escape").decode()
