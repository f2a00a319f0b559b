"""Notes: velocity by its law, cells that hand on are one note, a key sounds once at a time."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lullaby.model.event import EVENT, Events, columns, empty
from lullaby.model.module import Midi
from lullaby.model.performance import Run
from lullaby.model.score import Clock
from lullaby.outputs.midi_grid import Grid
from lullaby.outputs.midi_notes import Note, keyed, notes, velocity
from lullaby.outputs.midi_tempo import TempoMap
from lullaby.outputs.midi_voices import voices
from tests.engine.cast import Echoes
from tests.engine.piece import performed

TEMPO = Grid(TempoMap([(0, Clock())], 600_000_000))
RUNS: list[Run] = [r for r in performed().runs if r.part == "b"]  # 4 s to 12 s


class Cells(Echoes):
    midi = Midi(hands_on="fade_s")


CELLS = [replace(run, settings=Cells(fixed={"after": "a"})) for run in RUNS]


def cells(*rows: tuple[float, float, float]) -> Events:
    """Return events: begin (s), duration (s), pitch (Hz)."""
    made = empty(EVENT | columns("fade_s"), len(rows))
    for i, (at_s, duration_s, pitch_hz) in enumerate(rows):
        made["at_s"][i], made["duration_s"][i], made["pitch_hz"][i] = at_s, duration_s, pitch_hz
    made["fade_s"] = 2.0
    return made


def spans(events: Events, runs: list[Run] = CELLS) -> list[tuple[int, int]]:
    return [(n.on, n.off) for n in notes(events, runs, TEMPO, 600.0).notes]


class Sung(Echoes):
    midi = Midi(peak="swells_s", held="sings_s")


def test_a_note_ends_where_its_singing_ends_not_with_its_room() -> None:
    made = empty(EVENT | columns("swells_s", "sings_s"), 2)
    made["at_s"], made["pitch_hz"], made["duration_s"] = (4.0, 7.0), 440.0, 3.0
    made["swells_s"], made["sings_s"] = (0.0, 2.0), 1.0  # the second backwards: its room before it
    found = notes(
        made, [replace(run, settings=Sung(fixed={"after": "a"})) for run in RUNS], TEMPO, 600.0
    )
    ticks = TEMPO.ticks([5.0, 10.0])
    assert [n.off for n in found.notes] == list(ticks)
    assert [n.peak for n in found.notes] == [None, int(TEMPO.ticks(9.0))]


def test_velocity_is_the_square_root_of_amplitude() -> None:
    assert velocity(0.0) == 127
    assert velocity(6.0) == 127
    for level_db in np.linspace(-60.0, 0.0, 61):
        v = velocity(float(level_db))
        assert abs(v - 127.0 * math.sqrt(10.0 ** (level_db / 20.0))) <= 0.5
    assert velocity(-90.0) == velocity(-math.inf) == velocity(math.nan) == 1


def test_cells_that_hand_on_are_one_held_note() -> None:
    chain = cells((4.0, 4.0, 440.0), (6.0, 4.0, 440.5), (8.0, 3.0, 440.2))
    found = notes(chain, CELLS, TEMPO, 600.0)
    made, joined = found.notes, found.joined
    assert [(n.on, n.off) for n in made] == [(3840, 10560)]
    assert joined == 2


def test_a_cell_on_another_pitch_is_another_note() -> None:
    assert len(spans(cells((4.0, 4.0, 440.0), (6.0, 4.0, 442.0)))) == 2  # 7.9 cents


def test_a_slow_slide_is_no_single_note() -> None:
    step = 2.0 ** (4.0 / 1200.0)
    assert (
        len(spans(cells((4.0, 3.0, 440.0), (5.0, 3.0, 440.0 * step), (6.0, 3.0, 440 * step**2))))
        == 2
    )


def test_two_in_unison_that_do_not_hand_on_stay_two() -> None:
    assert len(spans(cells((4.0, 4.0, 440.0), (5.0, 4.0, 440.0)))) == 2
    assert len(spans(cells((4.0, 4.0, 440.0), (4.0, 4.0, 440.0)))) == 2
    assert len(spans(cells((4.0, 4.0, 440.0), (6.0, 4.0, 440.0)), RUNS)) == 2


def test_chains_in_unison_stay_as_many() -> None:
    two = cells((4.0, 4.0, 440.0), (4.0, 4.0, 440.0), (6.0, 4.0, 440.0), (6.0, 4.0, 440.0))
    assert spans(two) == [(3840, 9600), (3840, 9600)]


def test_nothing_sounds_after_its_run_and_nothing_takes_no_time() -> None:
    assert spans(cells((11.0, 9.0, 440.0))) == [(11 * 960, 12 * 960)]
    assert spans(cells((5.0, 0.0, 440.0))) == [(4800, 4801)]


def test_what_has_no_pitch_is_middle_c() -> None:
    assert notes(cells((5.0, 1.0, 0.0)), CELLS, TEMPO, 600.0).notes[0].number == 60


NOTE = st.builds(
    lambda on, length, key, v: Note(on, on + length, float(key), v),
    st.integers(0, 40),
    st.integers(1, 20),
    st.integers(60, 63),
    st.integers(1, 127),
)
SCORES = st.lists(NOTE, max_size=25).map(lambda found: sorted(found, key=lambda n: n.on))


@given(SCORES)
def test_a_key_sounds_once_at_a_time_and_as_long_as_any_wants_it(found: list[Note]) -> None:
    made, lost = keyed(found)
    assert len(made) + lost == len(found)
    for key in range(60, 64):
        mine = sorted((n for n in made if n.number == key), key=lambda n: n.on)
        assert all(a.off <= b.on for a, b in pairwise(mine))
        assert all(n.off > n.on for n in mine)
        wanted = {t for n in found if n.number == key for t in range(n.on, n.off)}
        assert {t for n in mine for t in range(n.on, n.off)} == wanted
        assert {n.on for n in mine} == {n.on for n in found if n.number == key}


@given(SCORES)
def test_a_voice_has_one_note_at_a_time(found: list[Note]) -> None:
    given_ = voices(found, TEMPO)
    for voice in set(given_):
        mine = [n for n, v in zip(found, given_, strict=True) if v == voice]
        assert all(a.off <= b.on for a, b in pairwise(mine))


def test_a_tail_keeps_its_channel_while_there_are_others() -> None:
    short = [Note(i * 100, i * 100 + 90, 60.0, 64) for i in range(8)]  # tails of 480 ticks
    assert voices(short, TEMPO) == [0, 1, 2, 3, 4, 5, 0, 1]


def test_when_all_ring_the_one_released_first_is_taken() -> None:
    long = [Note(0, 1000 + i, 60.0, 64) for i in range(15)]
    assert voices([*long, Note(1020, 2000, 60.0, 64)], TEMPO)[-1] == 0


@pytest.mark.parametrize("count", [16, 31])
def test_more_voices_than_channels_are_not_dropped(count: int) -> None:
    assert sorted(voices([Note(0, 9, 60.0, 64)] * count, TEMPO)) == list(range(count))
