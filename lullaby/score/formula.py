"""The grammar of arithmetic on data: ``where``, ``from`` and steps; nothing is ever evaluated here.

either  = both { "or" both }              both   = negated { "and" negated }
negated = [ "not" ] test                  test   = sum [ ( "<" | "<=" | ">" | ">=" | "==" | "!=" ) sum ]
sum     = term { ( "+" | "-" ) term }     term   = factor { ( "*" | "/" ) factor }
factor  = [ "-" ] power                   power  = atom [ "^" factor ]
atom    = number | name [ "." column ] | function "(" either ")"
        | ( "min" | "max" ) "(" either { "|" either } ")" | "(" either ")"
"""  # noqa: E501

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from lullaby.model.formula import Amount, Cell, Formula, Reckoned
from lullaby.score.lexer import Slip
from lullaby.score.limits import Limits
from lullaby.score.nearest import cut, hint

FUNCTIONS = ("log10", "abs", "sqrt")
SIGNS = ("<", "<=", ">", ">=", "==", "!=")
WORDS = ("and", "or", "not", "min", "max", *FUNCTIONS)
TOKEN = re.compile(
    r"(?P<space>[ \t\n]+)|(?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?)"
    r"|(?P<word>[A-Za-z_][A-Za-z0-9_]*)|(?P<sign><=|>=|==|!=|[-+*/^()|<>.])",
    re.ASCII,
)


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    start: int
    end: int


def formula(text: str, limits: Limits, *, tests: bool = False) -> Formula:
    """Return the tree of a text; ``tests``: it must be true or false.

    Else it is a number, and what is true or false in it is 1 or 0.  Raises Slip at the word that
    is wrong.
    """
    parser = _Parser(_tokens(text, limits), limits, counts=not tests)
    made, truth = parser.either()
    parser.finish()
    if tests and not truth:
        raise Slip(0, len(text), "this wants a comparison such as ms >= 0")
    return made


def _tokens(text: str, limits: Limits) -> list[_Token]:
    if len(text) > limits.letters_a_value:
        raise Slip(0, len(text), f"a formula has at most {limits.letters_a_value} letters")
    found: list[_Token] = []
    at = 0
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None:
            raise Slip(at, at + 1, _stray(text[at]))
        kind = match.lastgroup or ""
        if kind != "space":
            if len(found) >= limits.tokens_a_value:
                raise Slip(at, match.end(), f"a formula has at most {limits.tokens_a_value} tokens")
            found.append(_Token(kind, match[0], at, match.end()))
        at = match.end()
    return [*found, _Token("end", "", len(text), len(text) + 1)]


def _stray(letter: str) -> str:
    named = {
        ",": "a formula has no comma: write 1.5 with a point, min(a | b) with a bar",
        "=": "write '==' for is equal",
        "!": "write '!=' for is not equal, 'not' for the opposite",
        "&": "write 'and'",
        "≥": "write '>='",
        "≤": "write '<='",
        "−": "write '-'",
        "'": "formulas hold numbers, no text",
        '"': "formulas hold numbers, no text",
    }
    return named.get(letter, f"{cut(letter)} is no part of a formula")


Typed = tuple[Formula, bool]  # a tree, and whether it is true or false rather than a number


class _Parser:
    def __init__(self, tokens: list[_Token], limits: Limits, *, counts: bool) -> None:
        self.tokens, self.limits = tokens, limits
        self.counts = counts  # comparisons in brackets count as 1 and 0
        self.i = self.depth = 0

    @property
    def now(self) -> _Token:
        return self.tokens[self.i]

    def got(self, *texts: str) -> _Token | None:
        token = self.now
        if token.kind == "end" or token.text not in texts:
            return None
        self.i += 1
        return token

    def slip(self, message: str) -> Slip:
        return Slip(self.now.start, self.now.end, message)

    def finish(self) -> None:
        if self.now.kind != "end":
            word = self.now.text
            near = hint(word, WORDS) if self.now.kind == "word" and word not in WORDS else ""
            raise self.slip(f"{cut(word)} does not belong here{near}")

    def either(self) -> Typed:
        return self._joined("or", self.both)

    def both(self) -> Typed:
        return self._joined("and", self.negated)

    def _joined(self, word: str, inner) -> Typed:  # type: ignore[no-untyped-def]  # noqa: ANN001
        start = self.now.start
        made, truth = inner()
        while self.got(word):
            right, other = inner()
            if not (truth and other):
                raise Slip(start, self.now.start, f"'{word}' joins comparisons")
            made = Reckoned(word, (made, right))
        return made, truth

    def negated(self) -> Typed:
        token = self.got("not")
        if token is None:
            return self.test()
        self._deeper()
        made, truth = self.negated()
        self.depth -= 1
        if not truth:
            raise Slip(token.start, self.now.start, "'not' turns a comparison round")
        return Reckoned("not", (made,)), True

    def test(self) -> Typed:
        start = self.now.start
        left, truth = self.sum()
        sign = self.got(*SIGNS)
        if sign is None:
            return left, truth
        right, other = self.sum()
        if truth or other:
            raise Slip(start, self.now.start, "numbers are compared, not comparisons")
        if self.now.text in SIGNS:
            raise self.slip("two comparisons are joined with 'and': 0 < a and a < 1")
        return Reckoned(sign.text, (left, right)), True

    def sum(self) -> Typed:
        return self._chain(("+", "-"), self.term)

    def term(self) -> Typed:
        return self._chain(("*", "/"), self.factor)

    def _chain(self, signs: tuple[str, ...], inner) -> Typed:  # type: ignore[no-untyped-def]  # noqa: ANN001
        start = self.now.start
        made, truth = inner()
        while sign := self.got(*signs):
            right, other = inner()
            self._numbers(start, truth, other)
            made = _folded(Reckoned(sign.text, (made, right)), start, self.now.start)
            truth = False
        return made, truth

    def _numbers(self, start: int, *truths: bool) -> None:
        if any(truths) and not self.counts:
            raise Slip(start, self.now.start, "arithmetic is on numbers, not on comparisons")

    def factor(self) -> Typed:
        token = self.got("-", "+")
        if token is None:
            return self.power()
        self._deeper()
        made, truth = self.factor()
        self.depth -= 1
        self._numbers(token.start, truth)
        if token.text == "+":
            return made, False
        return _folded(Reckoned("neg", (made,)), token.start, self.now.start), False

    def power(self) -> Typed:
        start = self.now.start
        made, truth = self.atom()
        if self.got("^"):
            self._deeper()
            right, other = self.factor()
            self.depth -= 1
            self._numbers(start, truth, other)
            return _folded(Reckoned("^", (made, right)), start, self.now.start), False
        return made, truth

    def atom(self) -> Typed:
        token = self.now
        if token.kind == "end":
            raise self.slip("a number or a name is missing here")
        self.i += 1
        if token.kind == "number":
            return Amount(_number(token, self.limits)), False
        if token.text == "(":
            return self._bracket(token)
        if token.kind == "word":
            return self._word(token)
        self.i -= 1
        raise self.slip(f"{cut(token.text)} does not belong here: a number is missing before it")

    def _bracket(self, token: _Token) -> Typed:
        self._deeper()
        made = self.either()
        self.depth -= 1
        if not self.got(")"):
            raise self.slip("a ')' is missing here")
        return made

    def _deeper(self) -> None:
        self.depth += 1
        if self.depth > self.limits.brackets:
            raise self.slip(f"brackets go {self.limits.brackets} deep at most")

    def _word(self, token: _Token) -> Typed:
        word = token.text
        if self.now.text == "(":
            return self._function(token)
        if word in WORDS:
            raise Slip(token.start, token.end, f"'{word}' does not belong here")
        if not self.got("."):
            return Cell(word), False
        found = self.now
        if found.kind != "word":
            raise self.slip("a column's name is missing after '.'")
        self.i += 1
        return Cell(word, found.text), False

    def _function(self, token: _Token) -> Typed:
        word = token.text
        if word not in ("min", "max", *FUNCTIONS):
            known = hint(word, ("min", "max", *FUNCTIONS), always=True)
            raise Slip(token.start, token.end, f"unknown function {cut(word)}{known}")
        self.i += 1
        self._deeper()
        parts, truth = [], False
        while True:
            made, other = self.either()
            truth = truth or other
            parts.append(made)
            if word in FUNCTIONS or not self.got("|"):
                break
        self.depth -= 1
        if not self.got(")"):
            raise self.slip(
                f"a ')' is missing here: {word}({'x' if word in FUNCTIONS else 'a | b'})"
            )
        self._numbers(token.start, truth)
        return _folded(Reckoned(word, tuple(parts)), token.start, self.now.start), False


def _number(token: _Token, limits: Limits) -> float:
    if sum(c.isdigit() for c in token.text) > limits.digits:
        raise Slip(token.start, token.end, f"a number has at most {limits.digits} digits")
    value = float(token.text)
    if not math.isfinite(value):
        raise Slip(token.start, token.end, "the number is too large")
    return value


def _folded(made: Reckoned, start: int, end: int) -> Formula:
    # Only what can never be right is looked for: a division by a plain 0.
    if made.operation == "/" and made.parts[1] == Amount(0.0):
        raise Slip(start, end, "a division by 0")
    return made
