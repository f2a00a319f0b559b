"""The grammar of values: a recursive-descent parser, one method a rule."""

from __future__ import annotations

import re
from dataclasses import replace

from lullaby.score.lexer import Slip, Token, tokens
from lullaby.score.limits import Limits
from lullaby.score.nearest import cut, hint
from lullaby.score.syntax import (
    Around,
    Back,
    Between,
    Coming,
    Follow,
    Fraction,
    Line,
    Minus,
    Most,
    Moving,
    Named,
    OneOf,
    Phrase,
    Push,
    Quantity,
    Stop,
    Sum,
    When,
)

UNITS = (
    *("s", "ms", "min", "h", "d", "beat", "beats", "bar", "bars", "Hz", "kHz", "dB", "LU"),
    *("LUFS", "dBTP", "st", "cents", "cent", "oct", "bpm", "deg", "m", "/s", "/min", "/h"),
    *("/beat", "/bar", "%"),
)
SHAPES = ("linear", "smooth", "ease-in", "ease-out", "step")
WAVES = ("sine", "triangle", "saw", "square")
WORDS = (
    *("at", "over", "hold", "from", "to", "snap", "lag", "rise", "fall", "each", "pick", "walk"),
    *("lfo", "per", "min", "max", "reset"),
)
RESERVED = frozenset((*UNITS, *SHAPES, *WAVES, *WORDS))
NAME = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)


class Parser:
    """Reads one value; every method raises Slip at the word that is wrong."""

    def __init__(self, text: str, limits: Limits) -> None:
        self.limits = limits
        self.tokens = tokens(text, limits)
        self.i = self.depth = 0

    @property
    def now(self) -> Token:
        """Return the token that is next."""
        return self.tokens[self.i]

    def take(self) -> Token:
        """Return the next token and go on."""
        token = self.tokens[self.i]
        self.i += token.kind != "end"
        return token

    def got(self, *texts: str) -> Token | None:
        """Take the next token if it is one of these."""
        token = self.tokens[self.i]
        return self.take() if token.text in texts and token.kind != "end" else None

    def want(self, text: str, why: str) -> Token:
        """Take a token that must be there."""
        found = self.got(text)
        if not found:
            raise self.stray(f"'{text}' is missing: {why}")
        return found

    def stray(self, message: str) -> Slip:
        """Return a slip at the next token."""
        return Slip(self.now.start, max(self.now.end, self.now.start + 1), message)

    def finish(self) -> None:
        """Refuse what is left over."""
        if self.now.kind == "end":
            return
        word = self.now.text
        if self.now.kind == "word":
            known = (*SHAPES, *WORDS, *UNITS)
            near = "" if word in known else hint(word, known)
            raise self.stray(f"{cut(word)} does not belong here{near}")
        if word in ("->", "at"):
            raise self.stray(f"'{word}': a curve inside a sum goes in brackets")
        raise self.stray(f"{cut(word)} does not belong here")

    def whole_value(self) -> Phrase:
        """Return the whole text as a value."""
        if self.now.kind == "end":
            raise self.stray("a value is missing here")
        if self.now.text == "reset" and self.tokens[self.i + 1].kind == "end":
            token = self.take()
            return Back(token.start, token.end)
        made = self.value()
        self.finish()
        return made

    def whole_time(self) -> When:
        """Return the whole text as a time."""
        made = self.time()
        self.finish()
        return made

    def whole_coming(self) -> Coming:
        """Return the whole text as ``[time] [over time]``."""
        start = self.now.start
        at = None if self.now.text == "over" else self.time()
        over = self.time() if self.got("over") else None
        self.finish()
        return Coming(start, self.now.end, at, over)

    def whole_push(self) -> Push:
        """Return the whole text as ``value over time``."""
        start = self.now.start
        value = self.sum()
        self.want("over", "a kick says over how long it fades")
        over = self.time()
        self.finish()
        return Push(start, over.end, value, over)

    def value(self) -> Phrase:
        """Return a curve, something followed or a sum."""
        start = self.now.start
        if self.now.text in ("->", "hold"):
            return self._line(start, None)
        first = self.sum()
        if self.now.text in ("->", "at", "hold"):
            return self._line(start, first)
        return self._follow(start, first)

    def _line(self, start: int, first: Phrase | None) -> Phrase:
        at = self.time() if first is not None and self.got("at") else None
        hold = self.time() if self.got("hold") else None
        if self.now.text != "->":
            raise self.stray("a curve goes on with '->' and a value")
        stops = []
        while self.got("->"):
            stops.append(self._stop())
        return Line(start, stops[-1].end, first, at, hold, tuple(stops))

    def _stop(self) -> Stop:
        start = self.now.start
        value = self.sum()
        at = over = hold = None
        if self.got("at"):
            at = self.time()
        elif self.got("over"):
            over = self.time()
        if self.got("hold"):
            hold = self.time()
        shape = self.got(*SHAPES)
        if self.now.text in ("from", "to", "snap", "lag", "rise"):
            raise self.stray(f"'{self.now.text}' in a curve: put what follows in brackets")
        end = self.tokens[self.i - 1].end
        return Stop(start, end, value, at, over, hold, shape.text if shape else None)

    def _follow(self, start: int, source: Phrase) -> Phrase:
        taken = to = lag = rise = fall = None
        shape = "linear"
        if self.got("from"):
            taken = self.range("from")
            found = self.got(*SHAPES)
            shape = found.text if found else "linear"
        if self.got("to"):
            to = self.range("to")
        snap = self.got("snap") is not None
        if self.got("lag"):
            lag = self.time()
        elif self.got("rise"):
            rise = self.time()
            self.want("fall", "'rise 1 s fall 10 s' says both")
            fall = self.time()
        if taken is None and to is None and not snap and lag is None and rise is None:
            return source
        end = self.tokens[self.i - 1].end
        return Follow(start, end, source, taken, shape, to, snap, lag, rise, fall)

    def sum(self) -> Phrase:
        """Return terms added and taken away."""
        made = self.term()
        while self.now.kind == "sign" and self.now.text in "+-" and self.now.text:
            sign = self.take().text
            right = self.term()
            made = Sum(made.start, right.end, sign, made, right)
        return made

    def term(self) -> Phrase:
        """Return factors multiplied and divided."""
        made = self.factor()
        while self.now.kind == "sign" and self.now.text in ("*", "/"):
            sign = self.take().text
            right = self.factor()
            made = Sum(made.start, right.end, sign, made, right)
        return made

    def factor(self) -> Phrase:
        """Return a power with its sign."""
        sign = self.now if self.now.text in ("-", "+") and self.now.kind == "sign" else None
        if sign is None:
            return self.power()
        number = self.tokens[self.i + 1].kind in ("number", "clock")
        if number and self._before_power():
            number = False
        if number:
            return self.power()
        self.take()
        self._deeper()
        inner = self.factor()
        self.depth -= 1
        return Minus(sign.start, inner.end, inner) if sign.text == "-" else inner

    def _before_power(self) -> bool:
        after = self.tokens[min(self.i + 2, len(self.tokens) - 1)]
        if after.text in UNITS:
            after = self.tokens[min(self.i + 3, len(self.tokens) - 1)]
        return after.text == "^"

    def power(self) -> Phrase:
        """Return an atom, with its exponent."""
        made = self.atom()
        if self.got("^"):
            self._deeper()
            right = self.factor()
            self.depth -= 1
            return Sum(made.start, right.end, "^", made, right)
        return made

    def atom(self) -> Phrase:
        """Return a quantity, something drawn, a name, or what stands in brackets."""
        token = self.now
        if token.kind in ("number", "clock", "note") or token.text in ("+", "-"):
            return self._drawn(self.quantity(), False)
        if token.text == "(":
            return self._bracket()
        if token.kind == "word":
            return self._word()
        if token.kind == "end":
            raise self.stray("a value is missing here")
        raise self.stray(f"{cut(token.text)} does not belong here: a value is missing before it")

    def _bracket(self) -> Phrase:
        self.take()
        self._deeper()
        made = self.value()
        if not self.got(")"):
            raise self.stray("a ')' is missing here")
        self.depth -= 1
        return made

    def _deeper(self) -> None:
        self.depth += 1
        if self.depth > self.limits.brackets:
            raise self.stray(f"brackets go {self.limits.brackets} deep at most")

    def _word(self) -> Phrase:
        token = self.take()
        match token.text:
            case "min" | "max" if self.now.text == "(":
                return self._most(token)
            case "each":
                return self._each(token)
            case "pick":
                return self._pick(token.start, False)
            case "walk" | "lfo":
                return self._moving(token)
        if token.text in RESERVED:
            raise Slip(token.start, token.end, f"'{token.text}' does not belong here")
        if not NAME.fullmatch(token.text):
            raise Slip(
                token.start,
                token.end,
                f"{cut(token.text)} is no note (A4, F#5, Bb3) and no name (small letters)",
            )
        column = ""
        if self.got("."):
            found = self.take()
            if found.kind != "word":
                raise Slip(found.start, found.end + 1, "a column's name is missing after '.'")
            column = found.text
        return Named(token.start, self.tokens[self.i - 1].end, token.text, column)

    def _most(self, token: Token) -> Phrase:
        self.take()
        self._deeper()
        values = [self.value()]
        while self.got("|"):
            values.append(self.value())
        if not self.got(")"):
            raise self.stray(f"a ')' is missing here: {token.text}(a | b)")
        self.depth -= 1
        return Most(token.start, self.tokens[self.i - 1].end, token.text, tuple(values))

    def _each(self, token: Token) -> Phrase:
        if self.got("pick"):
            return self._pick(token.start, True)
        made = self._drawn(self.quantity(), True)
        if isinstance(made, Quantity):
            raise Slip(token.start, made.end, "'each' wants a range: each 10..20 s")
        return replace(made, start=token.start)

    def _drawn(self, first: Quantity, each: bool) -> Phrase:
        if self.got(".."):
            high = self.quantity()
            return Between(first.start, high.end, first, high, each)
        if self.got("~"):
            width = self.quantity()
            return Around(first.start, width.end, first, width, each)
        return first

    def _pick(self, start: int, each: bool) -> Phrase:
        choices = [self._choice()]
        while self.got("|"):
            choices.append(self._choice())
        if len(choices) < 2:
            raise self.stray("'pick' wants alternatives: pick 1 | 2")
        return OneOf(start, choices[-1].end, tuple(choices), each)

    def _choice(self) -> Quantity | Fraction:
        first = self.quantity()
        if first.unit or not self.got("/"):
            return first
        below = self.quantity()
        if below.unit:
            raise Slip(below.start, below.end, "a ratio is two plain numbers: 3/2")
        return Fraction(first.start, below.end, first.text, below.text)

    def _moving(self, token: Token) -> Phrase:
        wave = token.text
        if wave == "lfo":
            found = self.got(*WAVES)
            wave = found.text if found else "sine"
            if not found and self.now.kind == "word":
                raise self.stray(f"unknown wave {cut(self.now.text)}{hint(self.now.text, WAVES)}")
        reach = self.range(token.text)
        self.want("per", f"{token.text} says how long: {token.text} 0..1 per 10 s")
        per = self.time()
        return Moving(token.start, per.end, wave, reach, per)

    def range(self, after: str) -> Between:
        """Return ``a..b``."""
        low = self.quantity()
        if not self.got(".."):
            raise self.stray(f"'{after}' wants a range: {after} 0..1")
        high = self.quantity()
        return Between(low.start, high.end, low, high)

    def time(self) -> When:
        """Return a time."""
        amount = self.quantity()
        if self.got("~"):
            spread = self.quantity()
            return When(amount.start, spread.end, amount, spread=spread)
        if self.got(".."):
            until = self.quantity()
            return When(amount.start, until.end, amount, until=until)
        return When(amount.start, amount.end, amount)

    def quantity(self) -> Quantity:
        """Return a number with its unit, a clock or a note."""
        sign = self.take() if self.now.text in ("-", "+") and self.now.kind == "sign" else None
        token = self.now
        start = sign.start if sign else token.start
        minus = "-" if sign and sign.text == "-" else ""
        if token.kind not in ("number", "clock", "note") or (sign and token.kind == "note"):
            found = "the value ends" if token.kind == "end" else f"there is {cut(token.text)}"
            raise self.stray(f"a number is wanted here, but {found}")
        self.take()
        if token.kind != "number":
            return Quantity(start, token.end, minus + token.text, token.kind)
        return Quantity(start, *self._unit(token, minus))

    def _unit(self, token: Token, minus: str) -> tuple[int, str, str]:
        after = self.now
        if after.text in UNITS and not (
            after.text == "min" and self.tokens[self.i + 1].text == "("
        ):
            self.take()
            return after.end, minus + token.text, after.text
        known = after.text in RESERVED or after.kind != "word"
        if not known:
            raise self.stray(f"unknown unit {cut(after.text)}{hint(after.text, UNITS)}")
        return token.end, minus + token.text, ""
