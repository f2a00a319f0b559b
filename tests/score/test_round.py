"""Text becomes a value, and a value text that reads equal; no text does anything else."""

from __future__ import annotations

from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lullaby.errors import ScoreError
from lullaby.score import read_text
from lullaby.score.grammar import SHAPES, WAVES, Parser
from lullaby.score.kinds import Slot
from lullaby.score.lexer import Slip
from lullaby.score.limits import Limits
from lullaby.score.printed import printed
from lullaby.score.typed import Place, Typer

SLOTS = {
    "pitch": Slot("pitch", "Hz", 20.0, 8000.0, "pitch_hz", 440.0, True),
    "density": Slot("density", "/s", 0.0, 100.0, "density_per_s", 4.0, True),
    "level": Slot("level", "dB", -120.0, 24.0, "level_db", 0.0, True),
    "attack": Slot("attack", "s", 0.0, 10.0, "attack_s", 0.1, True),
    "detune": Slot("detune", "cents", -1200.0, 1200.0, "detune_cents", 0.0, True),
    "bright": Slot("bright", "ratio", 0.0, 1.0, "bright", 0.5, True),
}
QUANTITIES = {
    "pitch": ("30 Hz", "0.44 kHz", "A4", "F#5", "Bb2", "120.5 Hz", "60 /s"),
    "density": ("3 /s", "30 /min", "0", "1 /beat", "2 Hz", "90 bpm"),
    "level": ("-12 dB", "0", "3.25 dB", "-0.1 LU", "1e1 dB"),
    "attack": ("2 s", "35 ms", "0:01.5", "1 beat", "0.05 min"),
    "detune": ("5 cents", "-1 st", "0.5 oct", "0"),
    "bright": ("0", "0.3", "70%", "1e-3", "0.123456789"),
}
ARCS = ("panic", "surrender", "heat")


def read(text, slot, **place):
    typer = Typer(slot, Place(ARCS, **place))
    return typer.whole(Parser(text, Limits()).whole_value())


times = st.sampled_from(["2 s", "35 ms", "1:30", "3 beats", "1 bar", "12.5%", "2 s ~10%", "3..5 s"])
forward = st.sampled_from(["2 s", "1 bar", "40 s ~ 3 s"])
steady = st.sampled_from(["2 s", "500 ms", "3 beats", "1..3 s"])
shapes = st.sampled_from(["", *(f" {s}" for s in SHAPES)])


@st.composite
def ranges(draw, kind):
    return f"{draw(st.sampled_from(QUANTITIES[kind]))}..{draw(st.sampled_from(QUANTITIES[kind]))}"


@st.composite
def atoms(draw, kind):
    quantity = st.sampled_from(QUANTITIES[kind])
    each = draw(st.sampled_from(["", "each "]))
    made = [
        quantity,
        ranges(kind).map(lambda r: each + r),
        st.tuples(quantity, quantity).map(lambda q: f"{each}pick {q[0]} | {q[1]}"),
        quantity.map(lambda q: f"{each}{q} ~10%"),
        st.tuples(ranges(kind), steady).map(lambda p: f"walk {p[0]} per {p[1]}"),
        st.tuples(st.sampled_from(WAVES), ranges(kind), steady).map(
            lambda p: f"lfo {p[0]} {p[1]} per {p[2]}"
        ),
    ]
    if kind == "bright":
        made.append(st.sampled_from(ARCS))
    else:
        made.append(
            st.sampled_from(ARCS).flatmap(
                lambda arc: ranges(kind).map(lambda r: f"({arc} from 0.2..1 smooth to {r} lag 1 s)")
            )
        )
    return draw(st.one_of(made))


@st.composite
def sums(draw, kind, deep=2):
    first = draw(atoms(kind))
    if not deep:
        return first
    inner = sums(kind, deep - 1)
    number = sums("bright", deep - 1)
    form = draw(st.integers(0, 8))
    if form == 1:
        return f"({draw(inner)}) + ({draw(inner)})"
    if form == 2:
        return f"({draw(inner)}) * ({draw(number)})"
    if form == 3:
        return f"({draw(number)}) * ({draw(inner)})"
    if form == 4:
        return f"min({draw(inner)} | {draw(inner)})"
    if form == 5:
        return f"-({draw(inner)})"
    if form == 6 and kind == "pitch":
        return f"({draw(inner)}) - ({draw(sums('detune', deep - 1))})"
    if form == 7:
        return f"({draw(curves(kind, deep - 1))})"
    if form == 8:
        return f"({draw(inner)}) / (1 + ({draw(number)}))"
    return first


@st.composite
def curves(draw, kind, deep=1):
    words = [draw(sums(kind, deep))] if draw(st.booleans()) else []
    if words and draw(st.booleans()):
        words.append(f"hold {draw(times)}")
    for _ in range(draw(st.integers(1, 3))):
        words.append(f"-> {draw(sums(kind, deep))}")
        if draw(st.booleans()):
            words.append(f"over {draw(times)}")
        elif draw(st.booleans()):
            words.append("at -10 s")
        if draw(st.booleans()):
            words.append(f"hold {draw(forward)}")
        words.append(draw(shapes).strip())
    return " ".join(words)


@given(data=st.data(), kind=st.sampled_from(sorted(SLOTS)), change=st.booleans())
@settings(max_examples=150, deadline=None)
def test_what_is_printed_reads_equal(data, kind, change):
    text = data.draw(st.one_of(sums(kind), curves(kind)))
    slot = SLOTS[kind]
    again = partial(read, slot=slot, change=change)
    try:
        value = again(text)
    except Slip:  # a wrong range, a division by nothing, too long: said so
        return
    assert again(printed(value, slot)) == value


@pytest.mark.parametrize("kind", sorted(SLOTS))
def test_every_plain_quantity_reads_and_prints(kind):
    for text in QUANTITIES[kind]:
        value = read(text, SLOTS[kind])
        assert read(printed(value, SLOTS[kind]), SLOTS[kind]) == value


WORDS = st.sampled_from(
    [
        *("->", "..", "~", "|", "(", ")", "+", "-", "*", "/", "^", ".", ",", "#", "−", "→", "♯"),
        *("0", "1", "0.5", "1e8", "1:30", "A4", "F#5", "dB", "Hz", "%", "/s", "s", "min", "max"),
        *("at", "over", "hold", "from", "to", "snap", "lag", "rise", "fall", "each", "pick"),
        *("walk", "lfo", "per", "sine", "smooth", "reset", "panic", "level", "pitch", "x"),
    ]
)


@given(words=st.lists(WORDS, max_size=14), place=st.sampled_from(["pitch", "level", "bright"]))
@settings(max_examples=200, deadline=None)
def test_any_words_are_read_or_told(words, place):
    slot = SLOTS[place]
    try:
        value = read(" ".join(words), slot, change=True)
    except Slip as slip:
        place_of_slip = slip.message, slip.start, slip.end
    else:
        assert read(printed(value, slot), slot, change=True) == value
        return
    message, start, end = place_of_slip
    assert message
    assert 0 <= start < end


@given(text=st.text(max_size=60))
@settings(max_examples=150, deadline=None)
def test_any_text_as_a_score_is_read_or_told(text):
    with pytest.raises(ScoreError):
        read_text(text)


@given(text=st.text(alphabet="ab: {}[],-'\"\n#&*!|>%@`x1.", max_size=60))
@settings(max_examples=150, deadline=None)
def test_any_yaml_in_a_score_is_read_or_told(text):
    with pytest.raises(ScoreError):
        read_text("lullaby: 1\nparts: " + text)
