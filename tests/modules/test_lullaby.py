"""What makes it a child who sings: pitch, vibrato, unrest, mouth; and the tape turned round."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml
from scipy.signal import welch

from lullaby.dsp import formants, glottis
from lullaby.dsp.child import PAGE, Child, Tape, sung
from lullaby.dsp.sung import Sung
from lullaby.engine.alone import alone, rendered
from lullaby.errors import ScoreError
from lullaby.measure.arc import BANDS, Stretch, arc_reading
from lullaby.measure.features import features
from lullaby.measure.loudness import loudness
from lullaby.model import gesture, songbook
from lullaby.model.chance import Chance
from lullaby.model.event import Events
from lullaby.model.score import Clock
from lullaby.modules.lullaby import CHORDS, LEAD_S, Lullaby, Phrase
from lullaby.outputs.midi_grid import Grid
from lullaby.outputs.midi_notes import notes
from lullaby.outputs.midi_tempo import TempoMap
from lullaby.score import read_text
from lullaby.units import db_to_gain, gain_to_db, power_to_db, ratio_to_cents
from tests.modules.laws import RATE, composed, heard, moving, one_event

STILL = {"unrest": 0.0, "jitter": 0.0, "shimmer": 0.0, "breath": 0.0, "vibrato_cents": 0.0}


def held(hz: float = 262.0, vowel: str = "AA", sings_s: float = 3.0, **changes: float) -> Events:
    """Return one note, held, on one vowel, its child as by default."""
    row = composed(Lullaby, (0.0, 1.0))[:1].copy()
    number = formants.VOWELS.index(vowel)
    set_ = {"sung_hz": hz, "from_hz": hz, "pitch_hz": hz, "vowel": number, "from_vowel": number}
    for name, value in {**set_, "sings_s": sings_s, "hums": 0.0, **changes}.items():
        row[name] = value
    return row


def dry(row: Events, rate: int = RATE) -> np.ndarray:
    tape = Tape(row[0], rate)
    while tape.sung_steps < tape.sings:
        sung([tape], PAGE)
    return tape.dry[: tape.sung.frames].astype(np.float64)


def periods(sound: np.ndarray, hz: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return length (frames), peak and likeness to the next (0..1) of every period in turn."""
    at, guess = 0, RATE / hz
    found = []
    while at + int(2.6 * guess) < len(sound):
        n = int(guess)
        here = sound[at : at + n]
        lags = np.arange(int(0.8 * guess), int(1.25 * guess))
        there = np.lib.stride_tricks.sliding_window_view(sound[at + lags[0] : at + lags[-1] + n], n)
        like = there @ here / np.sqrt((there**2).sum(axis=1) * (here**2).sum() + 1e-30)
        k = min(max(int(np.argmax(like)), 1), len(like) - 2)
        a, b, c = like[k - 1 : k + 2]
        lag = lags[k] + 0.5 * (a - c) / (a - 2.0 * b + c)
        found.append((lag, np.abs(here).max(), b))
        at += round(lag)
    made = np.array(found).T
    return made[0], made[1], made[2]


def pitch_hz(sound: np.ndarray, hz: float) -> np.ndarray:
    """Return the pitch every 10 ms, by the likeness of the sound to itself a period later."""
    n, hop = int(4.0 * RATE / hz), RATE // 100
    lags = np.arange(int(RATE / hz * 0.85), int(RATE / hz * 1.18))
    made = []
    for at in range(0, len(sound) - n - lags[-1], hop):
        here = sound[at : at + n]
        there = np.lib.stride_tricks.sliding_window_view(sound[at + lags[0] : at + lags[-1] + n], n)
        like = there @ here / np.sqrt((there**2).sum(axis=1) * (here**2).sum() + 1e-30)
        k = min(max(int(np.argmax(like)), 1), len(like) - 2)
        a, b, c = like[k - 1 : k + 2]
        made.append(RATE / (lags[k] + 0.5 * (a - c) / (a - 2.0 * b + c)))
    return np.array(made)


@pytest.mark.parametrize("song", ["cradle", "wiegenlied"])
def test_it_sings_the_tune(song: str) -> None:
    run = alone(Lullaby, {"wet": 0.0}, {"song": song})
    sound = rendered(run, 13.0, RATE).sum(axis=0).astype(np.float64)
    beat, at_s, off = 1.0, 0.0, []
    for note in songbook.song(songbook.SONGS[song])[0]:
        length_s = float(note.beats) * beat
        if note.semitones is not None:
            first, last = round((at_s + 0.35 * length_s) * RATE), round((at_s + length_s) * RATE)
            hz = 220.0 * note.ratio
            off.append(float(ratio_to_cents(np.median(pitch_hz(sound[first:last], hz)) / hz)))
        at_s += length_s
    assert len(off) >= 12
    assert np.abs(off).max() <= 15.0, off
    assert np.sqrt(np.mean(np.square(off))) <= 8.0, off


def test_both_songs_are_as_written() -> None:
    # Wiegenlied in F: a a c a a c, a c f e d d c ...
    first = [n.semitones for n in songbook.song(songbook.WIEGENLIED)[0] if n.semitones is not None]
    assert first == [4, 4, 7, 4, 4, 7, 4, 7, 12, 11, 9, 9, 7]
    for name, beats in (("cradle", 8.0), ("wiegenlied", 12.0)):
        song = songbook.song(songbook.SONGS[name])
        assert [float(sum(n.beats for n in line)) for line in song] == [beats] * len(song)
        sounding = [n.semitones for line in song for n in line if n.semitones is not None]
        assert max(sounding) - min(sounding) <= 12
    steps = [n.semitones for line in songbook.song(songbook.CRADLE) for n in line if n.syllable]
    assert np.mean(np.abs(np.diff(steps)) <= 2) > 0.5  # mostly by step


def test_vibrato_comes_late_and_shallow() -> None:
    e = held(sings_s=4.0, unrest=0.0, jitter=0.0)
    hz = pitch_hz(dry(e), 262.0)
    cents = ratio_to_cents(hz / 262.0)
    assert np.abs(cents[5:30]).max() < 6.0
    late = cents[80:360] - cents[80:360].mean()
    power = np.abs(np.fft.rfft(late * np.hanning(len(late)), 4096))
    rate_hz = np.argmax(power) * 100.0 / 4096
    assert 5.0 <= rate_hz <= 6.0
    assert rate_hz == pytest.approx(float(e["vibrato_hz"][0]), abs=0.1)
    assert 18.0 <= np.sqrt(2.0) * late.std() <= 30.0
    short = composed(Lullaby, (0.0, 8.0))
    lasts = short["sings_s"] - short["release_s"]
    assert np.all((short["vibrato_cents"] > 0.0) == (lasts >= 0.45))


@pytest.mark.parametrize("vowel", ["AA", "UW", "EH", "AO"])
def test_a_held_vowel_is_as_unsteady_as_a_child(vowel: str) -> None:
    length, peak, like = periods(dry(held(vowel=vowel))[RATE // 2 : 5 * RATE // 2], 262.0)
    jitter = 100.0 * np.mean(np.abs(np.diff(length))) / length.mean()
    shimmer = 100.0 * np.mean(np.abs(np.diff(peak))) / peak.mean()
    hnr_db = np.mean(10.0 * np.log10(like / (1.0 - like)))
    assert 0.2 <= jitter <= 1.0
    assert 2.0 <= shimmer <= 6.5
    assert 18.0 <= hnr_db <= 29.0


def test_without_unrest_every_period_is_the_same() -> None:
    sound = dry(held(240.0, sings_s=6.0, **STILL))[2 * RATE : 3 * RATE]  # 200 frames a period
    assert np.abs(sound[200:] - sound[:-200]).max() < 1e-5 * np.abs(sound).max()


@pytest.mark.parametrize("hz", [261.3, 879.7])
def test_nothing_folds_back(hz: float) -> None:
    sound = dry(held(hz, sings_s=7.0, **STILL))[RATE : RATE + (1 << 17)]
    power = np.abs(np.fft.rfft(sound * np.kaiser(len(sound), 16.0)))
    at = np.arange(len(power)) * RATE / len(sound)
    off = np.abs(at - hz * np.round(at / hz))
    assert power[(off > 12.0) & (at > 40.0)].max() < power.max() * 1e-4
    assert power.max() > 1.0


@pytest.mark.parametrize("rate", [22050, 44100, 96000])
def test_other_rates_sing_the_same(rate: int) -> None:
    bands = []
    for r in (RATE, rate):
        sound = dry(held(300.0, **STILL), r)[r // 2 : r // 2 + 2 * r]
        power = np.abs(np.fft.rfft(sound * np.hanning(len(sound)))) ** 2
        hz = np.arange(len(power)) * r / len(sound)
        bands.append(
            power_to_db(
                [
                    power[(hz > 300 * k - 60) & (hz < 300 * k + 60)].sum() / r**2
                    for k in range(1, 20)
                ]
            )
        )
    assert np.abs(bands[0] - bands[1]).max() < 1.0


@pytest.mark.parametrize("vowel", sorted(formants.CHILD))
def test_a_mouth_resonates_where_the_table_says(vowel: str) -> None:
    row = held(200.0, vowel)
    row["tract"] = 1.0
    note = Sung(row[0], RATE)
    filters = note.filters(np.array([1.0]), np.array([200.0]))[0]
    hz = np.arange(100.0, 7000.0, 2.0)
    gain = formants.response(filters, hz, RATE)
    tops = hz[1:-1][(gain[1:-1] > gain[:-2]) & (gain[1:-1] > gain[2:])]
    table = np.array((*formants.CHILD[vowel], formants.FOURTH_HZ, formants.FIFTH_HZ))
    for k, wanted in enumerate(table):
        if np.abs(np.delete(table, k) - wanted).min() > 450.0:  # else two make one top
            assert np.abs(tops / wanted - 1.0).min() < 0.02, (wanted, tops)


def test_the_kernel_has_the_response_it_says() -> None:
    row = held(200.0, "EH", sings_s=20.0, **STILL)
    note = Tape(row[0], RATE)
    note.sung.__dict__["gain"] = 0.0  # no flow, only breath
    silent = dry(row)
    assert np.abs(silent).max() > 0.0
    row["breath"], row["rd"] = 30.0, 2.5
    breath = dry(row)[RATE // 2 :]
    hz, power = welch(breath, RATE, nperseg=4096)
    wanted = formants.response(
        Sung(row[0], RATE).filters(np.array([9.0]), np.array([200.0]))[0], hz[1:], RATE
    )
    part = slice(80, 600)
    off_db = power_to_db(power[1:][part]) - gain_to_db(wanted[part])
    smooth = np.convolve(off_db - np.median(off_db), np.ones(9) / 9.0, "valid")
    assert np.abs(smooth).max() < 1.5


def test_the_first_formant_stays_above_a_high_note() -> None:
    low, high = (
        Sung(held(hz, "UW")[0], RATE).filters(np.array([1.0]), np.array([hz]))[0]
        for hz in (262.0, 700.0)
    )
    band = np.arange(200.0, 1000.0, 2.0)
    top_hz = [band[np.argmax(formants.response(f, band, RATE))] for f in (low, high)]
    assert top_hz[0] == pytest.approx(430.0, rel=0.05)
    assert top_hz[1] > 700.0


def test_a_hum_is_dark() -> None:
    shares_db = {}
    for vowel in ("EH", formants.HUM):
        sound = dry(held(vowel=vowel))[RATE // 2 : 2 * RATE]
        power = np.abs(np.fft.rfft(sound * np.hanning(len(sound)))) ** 2
        hz = np.arange(len(power)) * RATE / len(sound)
        shares_db[vowel] = power_to_db(power[hz > 2000.0].sum() / power.sum())
    assert shares_db[formants.HUM] < -25.0
    assert shares_db[formants.HUM] < shares_db["EH"] - 8.0


def test_a_pressed_glottis_is_brighter_than_a_breathy_one() -> None:
    flow = gain_to_db(np.abs(glottis.spectra()[:, 1:31]) + 1e-12)
    tilt_db = flow[:, 19] - flow[:, 0]
    assert np.all(np.diff(tilt_db) < 0.0)
    # Fant 1995: the first harmonic over the second, for the middle of the range.
    middle = (glottis.RD > 0.75) & (glottis.RD < 1.75)
    said_db = -7.6 + 11.1 * glottis.RD[middle]
    assert np.abs(flow[middle, 0] - flow[middle, 1] - said_db).max() < 2.0
    period = glottis.lf_period(1.0)
    assert abs(period.mean()) < 1e-6
    assert period.min() == pytest.approx(-1.0, abs=0.02)


@pytest.mark.parametrize("fixed", [{}, {"reversed": True}])
def test_stretches_and_starts_are_inaudible(fixed: dict[str, object]) -> None:
    run = alone(Lullaby, {"surrender": moving(0.0, 1.0, 30.0)}, {"voices": 2, **fixed})
    whole = rendered(run, 8.0, RATE)
    for block in (192, 4096):
        assert np.array_equal(rendered(run, 8.0, RATE, block=block), whole)
    for start_s in (2.9, 6.3):
        first = round(start_s * RATE) // 64 * 64
        part = rendered(run, 1.5, RATE, start_s=start_s)
        assert np.array_equal(part, whole[:, first : first + part.shape[1]])


def test_a_reversed_phrase_turned_round_is_the_forward_one_to_the_last_bit() -> None:
    # Beats a second apart lie on whole frames either way; a rest long enough for the room.
    fixed = {"melody": ("E4 1 sleep, D4 2 my, - 1/2, A3 1 moo, - 7/2",)}
    row = composed_of(alone(Lullaby, {}, fixed))[0]
    forward = rendered(alone(Lullaby, {}, fixed), 8.0, RATE)
    backward = rendered(alone(Lullaby, {}, {**fixed, "reversed": True}), 12.0, RATE)
    whole = round((8.0 + row["release_s"] + LEAD_S + row["tail_s"]) * RATE)
    turned = backward[:, whole - forward.shape[1] : whole][:, ::-1]
    sounding = round((4.5 + row["release_s"] + row["tail_s"]) * RATE)
    assert np.abs(forward[:, :sounding]).max() > 0.05
    assert np.array_equal(turned[:, :sounding], forward[:, :sounding])
    assert np.array_equal(turned[:, ::-1][:, ::-1], turned)
    late = one_event(Lullaby, composed_of(alone(Lullaby, {}, {**fixed, "reversed": True}))[:1])
    assert not late[:, : round(LEAD_S * RATE)].any()


def composed_of(run: object) -> Events:
    from lullaby.engine.composer import Composer
    from lullaby.engine.hands import Hands
    from lullaby.model.take import Take

    return Composer(run, RATE, Hands(Take(RATE)), {})((0.0, 7.9))  # type: ignore[arg-type]


def test_the_reverse_is_the_flip_of_the_list_of_notes() -> None:
    forward, backward = (
        composed_of(alone(Lullaby, {}, {"reversed": way}, length_s=7.9)) for way in (False, True)
    )
    assert np.array_equal(backward["pitch_hz"][::-1], forward["pitch_hz"])
    stops_s = backward["at_s"] + backward["duration_s"]
    starts_s = forward["at_s"]
    np.testing.assert_allclose(np.diff(stops_s[::-1]), -np.diff(starts_s), atol=1e-9)


def test_reversed_notes_swell_and_stop() -> None:
    row = composed_of(alone(Lullaby, {}, {"reversed": True}))[:1]
    sound = one_event(Lullaby, row)
    level = np.sqrt(
        np.mean(sound[:, : sound.shape[1] // 480 * 480].reshape(2, -1, 480) ** 2, axis=(0, 2))
    )
    peak = int(np.argmax(level))
    rises_s = (peak - np.flatnonzero(level[:peak] < 0.1 * level[peak])[-1]) * 0.01
    assert 0.3 <= rises_s <= 1.5
    assert level[-1] < 0.3 * level[peak]
    assert level[-6] > 0.3 * level[peak]


def test_a_reversed_note_is_made_ready_while_it_is_silent() -> None:
    row = composed_of(alone(Lullaby, {}, {"reversed": True}))[:1]
    child = Child(RATE)
    tape = Tape(row[0], RATE)
    state = np.zeros(1, [("start", "i8")])
    lead = round(LEAD_S * RATE)
    wanted = [child._wanted(row[0], state[0], tape, end) for end in range(256, lead + 256, 256)]
    assert wanted[-1] * 64 >= tape.frames
    assert np.diff([0, *wanted]).max() <= 1.2 * len(tape.wet[0]) / 64 * 256 / lead + 1


def test_surrendered_it_sings_tones_of_the_common_chord() -> None:
    for chord, tones in CHORDS.items():
        run = alone(Lullaby, {"surrender": 1.0}, {"chord": chord})
        sound = rendered(run, 20.0, RATE)[:, 4 * RATE :].sum(axis=0)
        power = np.abs(np.fft.rfft(sound * np.blackman(len(sound))))
        hz = np.arange(len(power)) * RATE / len(sound)
        low = (hz > 100.0) & (hz < 500.0)
        inside = np.zeros(len(hz), bool)
        for tone in tones:
            for k in (1, 2):
                inside |= np.abs(ratio_to_cents(np.maximum(hz, 1.0) / (55.0 * tone * k))) < 35.0
        assert (power[low & inside] ** 2).sum() > 0.97 * (power[low] ** 2).sum()
        for tone in tones:
            near = np.abs(hz - 55.0 * tone) < 8.0
            assert power[near].max() > 0.1 * power[low].max(), tone
            centre = np.sum(hz[near] * power[near] ** 2) / np.sum(power[near] ** 2)
            assert abs(ratio_to_cents(centre / (55.0 * tone))) < 4.0


def test_another_chord_is_as_calm() -> None:
    fixed = {"chord": "octaves", "reversed": True}
    run = alone(Lullaby, {"surrender": 1.0, "panic": 0.0}, fixed)
    sound = rendered(run, 42.0, RATE)[:, 6 * RATE :]
    reading = arc_reading(features(sound, RATE), [Stretch("calm", 0.0, 36.0)]).scenes[0]
    assert {band.feature for band in BANDS} - reading.meets_calm <= {"loudness_lufs"}


def test_between_is_between() -> None:
    hz = []
    for s in (0.0, 0.25, 0.5, 0.75, 1.0):
        hz.append(composed(Lullaby, (0.0, 2.0), {"surrender": s})["pitch_hz"][1])
    assert np.all(np.diff(hz) < 0.0) or np.all(np.diff(hz) > 0.0)
    turned = [
        bool(composed_of(alone(Lullaby, {"surrender": s}, {"reversed": True}))["turned"][0])
        for s in (0.0, 0.4, 0.6, 1.0)
    ]
    assert turned == [True, True, False, False]


def test_panic_is_louder_and_brighter() -> None:
    cool, hot = (heard(Lullaby, {"panic": p}, 9.0) for p in (0.0, 1.0))
    assert 4.0 < loudness(hot, RATE).integrated_lufs - loudness(cool, RATE).integrated_lufs < 9.0
    centroid = [np.median(features(y, RATE)["centroid_hz"]) for y in (cool, hot)]
    assert centroid[1] > 1.1 * centroid[0]


@pytest.mark.parametrize("fixed", [{"reversed": True}, {"voices": 4}, {"song": "wiegenlied"}])
def test_any_way_of_singing_measures_minus_23(fixed: dict[str, object]) -> None:
    sound = rendered(alone(Lullaby, {}, fixed), 18.0, RATE)[:, 4 * RATE :]
    assert abs(loudness(sound, RATE).integrated_lufs + 23.0) < 1.0


def test_a_melody_of_ones_own_is_sung() -> None:
    melody = ("A4 1 la, - 1, E4 2 moo",)
    rows = composed_of(alone(Lullaby, {"pitch_hz": 200.0}, {"melody": melody}))
    np.testing.assert_allclose(rows["at_s"][:4], [0.0, 2.0, 4.0, 6.0])
    np.testing.assert_allclose(rows["pitch_hz"][:2], [400.0, 300.0])
    assert rows["hums"].tolist()[:2] == [0.0, 1.0]
    assert [formants.VOWELS[int(v)] for v in rows["vowel"][:2]] == ["AA", "UW"]


def test_what_is_wrong_with_a_melody_is_said_at_its_line() -> None:
    text = """lullaby: 1
parts:
  child:
    module: lullaby
    melody:
      - A4 1 la, - 1
      - A4 1 la, H4 1 loo
scenes:
  - {scene: a, for: 10 s, play: {child: enter}}
"""
    with pytest.raises(ScoreError) as told:
        read_text(text, "piece.yaml")
    (finding,) = told.value.findings
    assert (finding.line, finding.column) == (7, 9)
    assert finding.message == (
        "'melody' wants a note such as A4, F#4 or Bb3, or - for a rest, not 'H4'"
    )
    lines = "\n".join("      - A4 1" for _ in range(80))
    with pytest.raises(ScoreError, match="'melody' has 82 lines; 64 is the most"):
        read_text(text.replace("      - A4 1 la, - 1", "      - A4 1\n" + lines), "piece.yaml")
    score = read_text(text.replace("H4", "B4"), "piece.yaml")
    assert score.parts[0].fixed["melody"] == ("A4 1 la, - 1", "A4 1 la, B4 1 loo")


def test_a_reversed_note_tells_its_start_and_where_it_is_sung() -> None:
    runs = [alone(Lullaby, {}, {"reversed": True}, length_s=60.0)]
    rows = composed_of(runs[0])
    tempo = Grid(TempoMap([(0, Clock())], 600_000_000))
    made = notes(rows, runs, tempo, 60.0).notes
    assert len(made) == len(rows)
    assert [note.word for note in made[:3]] == ["low", "are", "lights"]
    for note, row in zip(made, rows, strict=True):
        assert note.on == pytest.approx(float(tempo.ticks(row["at_s"])), abs=1.0)
        assert note.peak == pytest.approx(
            float(tempo.ticks(row["at_s"] + row["swells_s"])), abs=1.0
        )


def asked_for(line: float, at_s: float, pace_bpm: float = 60.0, **fixed: object) -> Events:
    child = alone(Lullaby, {"pace_bpm": pace_bpm}, fixed).settings
    words = (0.0, line)
    rows = gesture.rows(Phrase, [gesture.Asking("phrase", at_s, 7, words)])
    return child.answer("phrase", rows, Chance(3))


def test_a_phrase_is_the_one_asked_for_or_the_one_the_song_has_come_to() -> None:
    song = songbook.song(songbook.CRADLE)
    sounding = [sum(note.semitones is not None for note in line) for line in song]
    for line in (0, 1, 2):
        for rows in (asked_for(line + 1, 3.0), asked_for(0, 3.0 + 8.0 * line)):
            assert set(rows["line"]) == {line}
            assert len(rows) == sounding[line]
    assert set(asked_for(0, 27.0)["line"]) == {0}  # round again
    assert asked_for(4, 0.0)["line"][0] == 0


def test_a_phrase_keeps_the_part_s_way_and_its_time() -> None:
    forward, backward = (asked_for(1, 5.0, reversed=way) for way in (False, True))
    assert np.array_equal(backward["pitch_hz"][::-1], forward["pitch_hz"])
    assert backward["turned"].all()
    long = ("A3 8 moo, A3 8 moo, E4 8 loo",)
    slow = asked_for(1, 0.0, 30.0, melody=long, reversed=True)
    assert slow["at_s"].max() <= Phrase.begins_s
    assert slow["duration_s"].max() <= Phrase.sounds_s


def test_notes_begun_in_a_sigh_are_breathier() -> None:
    child = alone(Lullaby, {"bright": moving(0.8, 0.1, 8.0)})
    rows = composed_of(child)
    first = rows[rows["line"] == 0]
    assert np.all(np.diff(first["rd"]) > 0.0)


def test_partials_say_what_is_sung() -> None:
    settings = alone(Lullaby).settings
    rows = composed(Lullaby, (0.0, 8.0))
    hz, gain = settings.partials(0.3, rows)
    assert hz.tolist() == [330.0, 660.0, 990.0, 1320.0]
    assert np.all(np.diff(gain) < 0.0)
    assert gain[0] == pytest.approx(float(db_to_gain(rows["level_db"][0])))


def test_presets_name_only_what_there_is() -> None:
    files = sorted((Path(__file__).parents[2] / "presets" / "lullaby").glob("*.yaml"))
    assert len(files) >= 3
    for file in files:
        laid = yaml.safe_load(file.read_text(encoding="utf-8"))
        assert laid.pop("about")
        assert laid.keys() <= Lullaby.by_score_name().keys(), file.name
