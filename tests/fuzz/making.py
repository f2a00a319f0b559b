"""Texts for fuzzing: scores made from the language itself, and texts bent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

from lullaby.effects import EFFECTS
from lullaby.model.sheet import Fixed
from lullaby.modules import MODULES
from lullaby.score import shipped_scores
from lullaby.score.find import located

CORPUS = Path(__file__).parent / "corpus"
UNITS = (
    *("s", "ms", "min", "h", "d", "beat", "beats", "bars", "Hz", "kHz", "dB", "LU", "LUFS"),
    *("dBTP", "st", "cents", "oct", "bpm", "/s", "/min", "/h", "/beat", "/bar", "%", "deg", "m"),
)
NAMES = ("panic", "surrender", "heat", "a", "b", "c", "hall", "all", "nobody", "master", "bpm")
ARCS = ("panic", "surrender", "heat")
SHAPES = ("linear", "smooth", "ease-in", "ease-out", "step", "round")
PIECES = (
    *(
        "->",
        "..",
        "~",
        "|",
        "^",
        "*",
        "/",
        "+",
        "-",
        "(",
        ")",
        "min(",
        "max(",
        ".",
        ",",
        ": ",
        " #",
    ),
    *(
        "{",
        "}",
        "[",
        "]",
        "&a",
        "*a",
        "!!x",
        "<<",
        "'",
        '"',
        "\n",
        "  ",
        "- ",
        "\t",
        "\0",
        "\u2028",
    ),
    *(
        "reset",
        "each",
        "pick",
        "walk",
        "lfo sine",
        "per",
        "from",
        "to",
        "snap",
        "lag",
        "rise",
        "fall",
    ),
    *("at", "over", "hold", "all", "enter", "leave", "stop", "1e308", "1e-8", "9" * 41, "0", "-0"),
    *("1:30", "99:59:59", "A4", "C-1", "Bb9", "nan", "inf", "1_000", "−", "→", "♯", "½", "\ufeff"),
    *("rolling 24 h", "pow 2", "ordinal", "nominal", "drop", "mid", "levels", "doubles", "before"),
    *("7 d", "0.01 bpm", "1000 bpm", "-120 dB", "1000 /s", "0 s", "1e-8 s", "100%", "-1 bar"),
)


class Maker:
    """Makes scores by the grammar: most are right, the wilder the maker the fewer."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.wild = random.choice((0.0, 0.0, 0.0, 0.01, 0.1))
        self.span = (0.0, 1.0)  # of the place that is written for
        self.plain = (0.0, 1.0)  # of numbers without a unit
        self.each = False
        self.names: Sequence[str] = ()
        self.length = True  # there is one, so that points may share it

    def pick(self, options: Sequence[Any]) -> Any:
        return self.random.choice(options)

    def maybe(self, chance: float) -> bool:
        return self.random.random() < chance

    def number(self, low: float = 0.0, high: float = 1.0) -> str:
        r = self.random
        if self.maybe(self.wild):
            wild = ("0", "-1", "1e8", "1e-8", "99999999", "1e308", "9" * 41, f"{r.uniform(-9, 9)}")
            return str(self.pick(wild))
        if low > 0.0 and self.maybe(0.5):
            return f"{low * (high / low) ** r.random():.6g}"
        return f"{self.pick((low, high, r.uniform(low, high), r.uniform(low, high))):.6g}"

    def quantity(self, unit: str = "") -> str:
        if self.maybe(self.wild):
            unit = self.pick(UNITS)
        if unit == "Hz" and self.span[0] <= 138.0 and self.span[1] >= 988.0 and self.maybe(0.2):
            return str(self.pick(("A4", "C#3", "Bb5")))
        span = self.span if unit else self.plain
        return f"{self.number(*span)} {unit}".strip()

    def time(self, *, share: bool = False) -> str:
        if self.maybe(self.wild):
            return self.quantity(self.pick(UNITS))
        units = ("s", "s", "beats", "bars", "ms", "%") if share else ("s", "s", "beats", "bars")
        unit = self.pick(units)
        amount = self.random.uniform(0.1, {"%": 100, "ms": 5000}.get(unit, 12))
        text = f"{amount:.3g} {unit}"
        if self.maybe(0.1):
            text += f"..{amount * 1.5:.3g} {unit}"
        return text

    def sum(self, unit: str, depth: int = 0) -> str:
        form = self.random.randrange(12 if depth < 3 else 5)
        if form == 4 and not unit and self.names:
            return str(self.pick(self.names))
        if form <= 4:
            return self.quantity(unit)
        if form == 5:
            each = "each " if self.each and self.maybe(0.3) else ""
            return f"{each}{self.quantity(unit)}..{self.quantity(unit)}"
        if form == 6:
            return f"{self.quantity(unit)} ~ {self.pick(('1%', '10%'))}"
        if form == 7:
            return f"pick {self.quantity(unit)} | {self.quantity(unit)}"
        if form == 8:
            kind = self.pick(("walk", "lfo sine", "lfo saw", "lfo square"))
            return f"{kind} {self.quantity(unit)}..{self.quantity(unit)} per {self.time()}"
        if form == 9:
            inner = f"{self.sum(unit, depth + 1)} | {self.quantity(unit)}"
            return f"{self.pick(('min', 'max'))}({inner})"
        if form == 10:
            return f"({self.value(unit, depth + 1)})"
        sign = self.pick(("+", "-", "*", "/", "^")) if not unit else self.pick(("*", "/"))
        right = self.sum("", 3) if sign != "/" else "0.5"
        return f"({self.sum(unit, depth + 1)}) {sign} ({right})"

    def value(self, unit: str = "", depth: int = 0) -> str:
        form = self.random.random()
        if form < 0.5:
            return self.sum(unit, depth)
        if form < 0.75:
            return self.curve(unit, depth)
        text = f"({self.sum('', depth + 1)})"
        if self.maybe(0.4):
            text += f" from 0.1..{self.number(0.2, 3)} {self.pick(SHAPES[:5])}"
        text += f" to {self.quantity(unit)}..{self.quantity(unit)}"
        return text + self.pick(("", f" lag {self.time()}", f" rise {self.time()} fall 2 s"))

    def curve(self, unit: str, depth: int) -> str:
        words = [] if self.maybe(0.4) else [f"({self.sum(unit, depth + 1)})"]
        for _ in range(self.random.randrange(1, 4)):
            words += ["->", f"({self.sum(unit, depth + 1)})"]
            if not self.length or self.maybe(0.3):
                words += ["over", self.time(share=self.length)]
            if self.maybe(0.3):
                words += ["hold", self.time(share=self.length)]
            if self.maybe(0.3):
                words.append(self.pick(SHAPES[: 6 if self.maybe(self.wild) else 5]))
        return " ".join(words)

    def said(self, p: Any) -> str:
        """Return a value for a declared parameter."""
        if isinstance(p, Fixed):
            options = {"count": str(p.default), "flag": "true", "texts": "[x, y]"}
            return options.get(p.kind) or (str(p.options[0]) if p.options else "x")
        plain = p.unit == "ratio"
        self.span, self.each = (p.low, p.high), p.each
        self.plain = self.span if plain else self.plain
        made = self.value("" if plain else p.unit)
        self.span = self.plain = (0.0, 1.0)
        self.each = False
        return made

    def settings(self, sheet: Any) -> list[str]:
        known = sorted(sheet.by_score_name().items())
        found = self.random.sample(known, min(2, len(known)))
        return [f"{name}: {self.said(p)}" for name, p in found]

    def table(self, items: Sequence[str]) -> str:
        return "{" + ", ".join(items) + "}"

    def level(self) -> str:
        self.span = (-60.0, 0.0)
        made = self.value("dB")
        self.span = (0.0, 1.0)
        return made

    def strip(self, key: str, gallery: Any, name: str) -> str:
        items = [f"{key}: {name}", *self.settings(gallery[name])]
        if self.maybe(0.5):
            items.append(f"level: {self.level()}")
        if key == "module" and self.maybe(0.3):
            items.append(f"into: {self.name(('hall', 'master'))}")
        if key == "module" and self.maybe(0.3):
            items.append(f"send: {{{self.name(('hall',))}: {self.level()}}}")
        return self.table(items)

    def name(self, right: Sequence[str]) -> str:
        return str(self.pick(NAMES if self.maybe(self.wild) else right))

    def clock(self) -> str:
        self.span = (20.0, 300.0)
        start = f"{self.number(20, 300)} " if not self.length or self.maybe(0.5) else ""
        words = [start]
        for _ in range(self.random.randrange(1, 4)):
            words.append(f"-> {self.number(20, 300)}")
            if not self.length or self.maybe(0.4):
                words.append(f"over {self.time(share=self.length)}")
            words.append(self.pick(("", *SHAPES[:5])))
        self.span = (0.0, 1.0)
        bpm = self.pick((self.number(20, 300), " ".join(words)))
        meter = self.pick((", meter: 6/8", "", ", meter: 3/4"))
        return f"{{bpm: {bpm}{meter}}}"

    def scene(self, i: int, parts: Mapping[str, str], scenes: int) -> str:
        self.length = True
        items = [f"scene: s{i}", f"for: {self.time()}"]
        last = i == scenes - 1
        extra = {
            "clock": self.clock,
            "fade": lambda: self.time(share=True),
            "keep": lambda: self.pick(("all", "[a, b]", "a")),
            "arc": lambda: self.table([f"{self.name(ARCS)}: {self.value()}"]),
            "play": lambda: self.play(parts),
            "mix": lambda: f"{{{self.name(('hall', 'master'))}: {{level: {self.level()}}}}}",
            "tuning": lambda: self.pick(("just", "{root: A1, scale: [1, 2, 3]}", "{root: 60 Hz}")),
            "repeat": lambda: self.number(1, 5).partition(".")[0],
            "next": lambda: self.pick(("stop", "s0", f"pick s0 | s{i}", "pick s0 | stop")),
            "cues": lambda: f"[{self.cue()}, {self.cue()}]",
        }
        for key, make in extra.items():
            if self.maybe(0.35) or (key == "play" and last):
                items.append(f"{key}: {make()}")
        return self.table(items)

    def play(self, parts: Mapping[str, str]) -> str:
        stays = []
        for part, module in parts.items():
            moving = [
                f"{name}: {self.said(p)}"
                for name, p in sorted(MODULES[module].by_score_name().items())
                if not isinstance(p, Fixed) and self.maybe(0.2)
            ]
            if self.maybe(0.5):
                moving.append(f"enter: {self.time(share=True)} over {self.time(share=True)}")
            if self.maybe(0.2):
                moving.append(f"leave: {self.time(share=True)} over {self.time(share=True)}")
            stays.append(f"{part}: {self.pick(('enter', self.table(moving)))}")
        return self.table(stays)

    def cue(self) -> str:
        self.length = False
        name = self.name(ARCS)
        when = (
            f"at: {self.time()}",
            f"at: [{self.time()}, {self.time()}]",
            f"every: {self.time()}",
            f"when: {name} > {self.number(0.1, 0.9)}, back: 0.05, rest: {self.time()}",
        )
        what = (
            f"set: {{{name}: {self.value()}}}",
            f"kick: {{{name}: {self.number(0, 0.5)} over {self.time()}}}",
            "mark: x",
        )
        return self.table([self.pick(when), self.pick(what)])

    def score(self) -> str:
        """Return a whole score."""
        self.length = False
        arcs = []
        for name in ARCS:
            arcs.append(f"{name}: {self.value()}")
            self.names = (*self.names, name)
        modules, effects = list(MODULES), list(EFFECTS)
        parts = {part: self.pick(modules) for part in ("a", "b")}
        strips = [f"{p}: {self.strip('module', MODULES, m)}" for p, m in parts.items()]
        lines = [
            "lullaby: 1",
            f"seed: {self.pick(('1', '7', '1931'))}",
            f"arc: {self.table(arcs)}",
            f"buses: {{hall: {self.strip('effect', EFFECTS, self.pick(effects))}}}",
            f"parts: {self.table(strips)}",
        ]
        if self.maybe(0.4):
            lines.append(f"clock: {self.clock()}")
        if self.maybe(0.3):
            lines.append(f"cues: [{self.cue()}]")
        scenes = self.random.randrange(1, 5)
        lines += ["scenes:", *(f"  - {self.scene(i, parts, scenes)}" for i in range(scenes))]
        return "\n".join(lines) + "\n"


def corpus() -> list[bytes]:
    """Return the texts that bending begins with: shipped scores, and what was found before."""
    files = [*map(located, shipped_scores()), *sorted(CORPUS.iterdir())]
    return [Path(file).read_bytes() for file in files]


def bent(data: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    """Return a text with a few places changed."""
    made = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 4, 16))):
        at = random.randrange(len(made) + 1)
        form = random.randrange(7)
        if form == 0:
            made[at : at + random.randrange(1, 40)] = b""
        elif form == 1:
            made[at:at] = random.choice(PIECES).encode()
        elif form == 2:
            made[at:at] = bytes([random.randrange(256)])
        elif form == 3 and made:
            made[min(at, len(made) - 1)] ^= 1 << random.randrange(8)
        elif form == 4:
            made[at:at] = made[at : at + random.randrange(200)] * random.choice((1, 2, 50))
        elif form == 5:
            other = random.choice(others)
            begin = random.randrange(len(other) + 1)
            made[at:at] = other[begin : begin + random.randrange(300)]
        else:
            made[at:at] = random.choice(("[", "(", "{a: ", "- ", "-> 1 ", "+ 1 ")).encode() * (
                random.choice((10, 40, 300))
            )
    return bytes(made[:200_000])


def case(number: int, seed: int, texts: Sequence[bytes]) -> bytes:
    """Return one text of a series; the same for the same number and seed."""
    random = Random(f"{seed} {number}")
    if number % 2:
        made = Maker(random).score().encode("utf-8", "replace")
        return bent(made, random, texts) if random.random() < 0.3 else made
    return bent(random.choice(texts), random, texts)
