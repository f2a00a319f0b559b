"""A value cut into tokens, each with its place."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lullaby.score.limits import Limits
from lullaby.score.nearest import cut


class Slip(Exception):  # noqa: N818 - it never leaves the room: it becomes a finding
    """A mistake in a value: from where to where, and what would be right."""

    def __init__(self, start: int, end: int, message: str) -> None:
        self.start, self.end, self.message = start, end, message
        super().__init__(message)


@dataclass(frozen=True)
class Token:
    """A number, clock, note, word, per-unit or sign."""

    kind: str
    text: str
    start: int
    end: int


PLAIN = {
    "−": "-",
    "–": "-",
    "—": "-",
    "‐": "-",
    "‑": "-",
    "→": "->",
    "⟶": "->",
    "➔": "->",
    "♯": "#",
    "♭": "b",
    "×": "*",
    "·": "*",
    "÷": "/",
    "…": "..",
    "“": '"',
    "”": '"',
    "„": '"',
    "‘": "'",
    "’": "'",
    "∼": "~",
    "〜": "~",
    "％": "%",
    "\u00a0": "a space",
    "\u202f": "a space",
    "\u2009": "a space",
    "²": "^ 2",
    "³": "^ 3",
}

TOKEN = re.compile(
    r"""
    (?P<space>[ \t\n]+)
  | (?P<clock>[0-9]+:[0-9][0-9](?::[0-9][0-9])?(?:\.[0-9]+)?(?![\w:]))
  | (?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)
  | (?P<note>[A-G][#b]?-?[0-9](?!\w))
  | (?P<word>ease-(?:in|out)\b|[A-Za-z_][A-Za-z0-9_]*)
  | (?P<unit>/(?:s|min|h|beat|bar)\b|%)
  | (?P<sign>->|\.\.|[-+*/^()|~.])
    """,
    re.VERBOSE | re.ASCII,
)
EXPONENT = re.compile(r"[eE]([+-]?)([0-9]+)")


def tokens(text: str, limits: Limits) -> list[Token]:
    """Return the tokens of a value, an ``end`` last; raises Slip."""
    if len(text) > limits.letters_a_value:
        raise Slip(0, len(text), f"a value has at most {limits.letters_a_value} letters")
    found: list[Token] = []
    at = 0
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None:
            raise _stray(text, at)
        kind = match.lastgroup or ""
        if kind != "space":
            if len(found) >= limits.tokens_a_value:
                raise Slip(at, match.end(), f"a value has at most {limits.tokens_a_value} tokens")
            token = Token(kind, match[0], at, match.end())
            _checked(token, text, limits)
            found.append(token)
        at = match.end()
    found.append(Token("end", "", len(text), len(text)))
    return found


def _stray(text: str, at: int) -> Slip:
    letter = text[at]
    if letter in PLAIN:
        plain = PLAIN[letter]
        named = plain if plain == "a space" else f"'{plain}'"
        return Slip(at, at + 1, f"{cut(letter)} (U+{ord(letter):04X}): write {named}")
    if letter == ",":
        return Slip(
            at, at + 1, "a value has no comma: write 1.5 with a point, alternatives with '|'"
        )
    if letter in "'\"":
        return Slip(at, at + 1, "a quote is no part of a value")
    if letter in "<>=!&":
        return Slip(at, at + 1, f"'{letter}' is no part of a value")
    return Slip(at, at + 1, f"{cut(letter)} is no part of a value")


def _checked(token: Token, text: str, limits: Limits) -> None:
    if token.kind in ("number", "clock"):
        _number(token, text, limits)
    elif token.kind == "word" and token.text.lower() in ("nan", "inf", "infinity"):
        raise Slip(token.start, token.end, f"'{token.text}' is no number that a score may hold")
    elif token.text == "." and text[token.end : token.end + 1].isdigit():
        raise Slip(token.start, token.end + 1, f"write 0.{text[token.end]}, with the leading 0")


def _number(token: Token, text: str, limits: Limits) -> None:
    digits = sum(c.isdigit() for c in token.text)
    if digits > limits.digits:
        raise Slip(token.start, token.end, f"a number has at most {limits.digits} digits")
    power = EXPONENT.search(token.text)
    if power and int(power[2]) > limits.exponent:
        raise Slip(token.start, token.end, f"an exponent goes to {limits.exponent} at most")
    after = text[token.end : token.end + 2]
    if after[:1] == "_":
        raise Slip(token.start, token.end + 1, "digits are written without '_'")
    if after[:1] == "." and after != "..":
        raise Slip(token.start, token.end + 1, f"write {token.text}, or a digit after the point")
    if token.kind == "number" and after[:1] == ":":
        raise Slip(token.start, token.end + 1, "a time with ':' is written 1:30 or 1:02:03")
    if token.kind == "clock" and any(int(p[:2]) > 59 for p in token.text.split(":")[1:]):
        raise Slip(token.start, token.end, f"'{token.text}': after a ':' comes 00 to 59")
