"""Laws that every module keeps; a new file in lullaby/modules is held to them by being there."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from lullaby.engine.alone import alone, rendered
from lullaby.measure.arc import BANDS, Stretch, arc_reading
from lullaby.measure.features import features
from lullaby.measure.loudness import loudness
from lullaby.model.event import LONGEST_S
from lullaby.model.module import Module
from lullaby.modules import MODULES
from lullaby.units import db_to_gain, power_to_db
from tests.modules.laws import RATE, composed, grid_roughness, heard, moving, one_event

NAMES = list(MODULES)


@pytest.fixture(scope="module", params=NAMES)
def module(request: pytest.FixtureRequest) -> type[Module]:
    return MODULES[request.param]


def level_db(sound: np.ndarray) -> float:
    return float(power_to_db(np.mean(np.square(sound, dtype=np.float64)) + 1e-30))


def test_there_are_modules() -> None:
    assert {"harmony", "static"} <= set(NAMES)


def test_every_parameter_says_what_it_is(module: type[Module]) -> None:
    assert module.title().endswith(".")
    assert module.__module__.rpartition(".")[2] in NAMES
    assert {"surrender", "panic"} <= module.params().keys()
    for p in module.params().values():
        assert p.doc.endswith(".")
        assert np.isfinite([p.low, p.high, p.default]).all()
        assert p.low < p.high
    # Units are no part of a name in a score, so names that differ by them alone would be one.
    assert len(module.by_score_name()) == len(module.params()) + len(module.fixed_params())


def test_same_seed_same_events_other_seed_others(module: type[Module]) -> None:
    a, b = composed(module, (0.0, 60.0)), composed(module, (0.0, 60.0))
    assert len(a) > 0
    assert a.tobytes() == b.tobytes()
    assert composed(module, (0.0, 60.0), seed=2).tobytes() != a.tobytes()


def test_events_are_in_order_in_the_window_and_short_enough(module: type[Module]) -> None:
    rows = composed(module, (7.3, 95.1))
    assert np.all(np.diff(rows["at_s"]) >= 0.0)
    assert np.all((rows["at_s"] >= 7.3) & (rows["at_s"] < 95.1))
    assert np.all((rows["duration_s"] > 0.0) & (rows["duration_s"] <= LONGEST_S))
    assert np.all(np.abs(rows["azimuth_deg"]) <= 180.0)


def test_windows_cut_anywhere_give_the_same_bytes(module: type[Module]) -> None:
    rng = np.random.default_rng(7)
    cuts = [0.0, *np.sort(rng.uniform(0.0, 90.0, 30)), 90.0]
    windows = list(itertools.pairwise(cuts))
    found = {}
    for i in rng.permutation(len(windows)):
        found[int(i)] = composed(module, windows[i])
    pieces = np.concatenate([found[i] for i in range(len(windows))])
    assert pieces.tobytes() == composed(module, (0.0, 90.0)).tobytes()


@pytest.mark.parametrize("surrender", [0.0, 0.6])
def test_stretches_are_inaudible(module: type[Module], surrender: float) -> None:
    settings = {"surrender": moving(surrender, surrender + 0.4, 6.0)}
    whole = heard(module, settings, 6.0, block=8192)
    for block in (64, 256, 1024):
        assert np.array_equal(heard(module, settings, 6.0, block=block), whole)


@pytest.mark.parametrize("start_s", [3.1, 12.9, 33.3])
def test_any_moment_can_be_the_start(module: type[Module], start_s: float) -> None:
    # By the last of them events are over that nobody catches up on.
    run = alone(module, {"surrender": moving(0.0, 1.0, 2.0 * start_s)})
    whole = rendered(run, start_s + 4.5, RATE)
    first = round(start_s * RATE) // 64 * 64
    part = rendered(run, 4.0, RATE, start_s=start_s)
    assert np.array_equal(part, whole[:, first : first + part.shape[1]])


def test_beyond_two_to_the_24_frames_nothing_wears_out(module: type[Module]) -> None:
    run = alone(module)
    late_s = (2**24 + 2**16) / RATE
    part = rendered(run, 6.0, RATE, start_s=late_s)
    early = rendered(run, 6.0, RATE, start_s=30.0)
    assert abs(level_db(part) - level_db(early)) < 6.0
    started = rendered(run, 2.0, RATE, start_s=late_s + 4.0)
    cut = round((late_s + 4.0) * RATE) // 64 * 64 - round(late_s * RATE) // 64 * 64
    assert np.array_equal(part[:, cut : cut + started.shape[1]], started)


def test_every_parameter_at_both_ends_is_finite_and_bounded(module: type[Module]) -> None:
    for name, p in module.params().items():
        for end in (p.low, p.high):
            sound = heard(module, {name: end}, 3.0)
            assert np.isfinite(sound).all(), (name, end)
            assert np.abs(sound).max() < 8.0, (name, end)
            assert np.abs(sound.mean(dtype=np.float64)) < 1e-3, (name, end)


def test_every_fixed_count_at_both_ends(module: type[Module]) -> None:
    for name, f in module.fixed_params().items():
        values = {"count": (f.low, f.high), "choice": f.options, "flag": (False, True)}
        for value in values.get(f.kind, ()):
            sound = rendered(alone(module, fixed={name: value}), 3.0, RATE)
            assert np.isfinite(sound).all(), (name, value)
            assert 1e-4 < np.abs(sound).max() < 8.0, (name, value)


@pytest.mark.parametrize("surrender", [0.0, 0.5, 1.0])
def test_no_dc_and_never_silent(module: type[Module], surrender: float) -> None:
    sound = heard(module, {"surrender": surrender}, 22.0)[:, 2 * RATE :]
    assert np.abs(sound.mean(axis=1, dtype=np.float64)).max() < db_to_gain(-80.0)
    seconds = sound[:, : 20 * RATE].reshape(2, 20, RATE)
    levels = [level_db(seconds[:, i]) for i in range(20)]
    assert max(levels) > -45.0
    if not module.ends:
        # Even in the hollow of a breath something sounds.
        assert min(levels) > -70.0


@pytest.mark.parametrize("kind", [0, 1, 2])
def test_no_click_where_an_event_starts_or_ends(module: type[Module], kind: int) -> None:
    rows = composed(module, (0.0, 60.0))
    row = rows[[len(rows) * (kind + 1) // 4]]
    sound = one_event(module, row)
    assert np.abs(sound).max() > 1e-4
    assert np.abs(sound[:, 0]).max() < 1e-3
    assert np.abs(sound[:, -1]).max() < 1e-3


def test_moving_parameters_do_not_zip(module: type[Module]) -> None:
    still = grid_roughness(heard(module, None, 3.0))
    assert still < 1.1
    for name, p in module.params().items():
        swept = heard(module, {name: moving(p.low, p.high, 3.0, p.log)}, 3.0)
        assert grid_roughness(swept) < 1.25, name


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_at_its_defaults_it_measures_minus_23_lufs(module: type[Module], seed: int) -> None:
    sound = heard(module, None, 40.0, seed=seed)[:, 5 * RATE :]
    assert abs(loudness(sound, RATE).integrated_lufs + 23.0) < 1.0


def test_surrendered_it_goes_on_sounding_softer(module: type[Module]) -> None:
    if module.ends:
        pytest.skip("a true exception: it ends")
    wild = heard(module, {"surrender": 0.0, "panic": 0.3}, 40.0)[:, 5 * RATE :]
    calm = heard(module, {"surrender": 1.0, "panic": 0.3}, 40.0)[:, 5 * RATE :]
    change = loudness(calm, RATE).integrated_lufs - loudness(wild, RATE).integrated_lufs
    assert -24.0 <= change <= 3.0


def test_surrendered_it_lies_in_the_bands_of_calm(module: type[Module]) -> None:
    sound = heard(module, {"surrender": 1.0, "panic": 0.0}, 60.0)[:, 10 * RATE :]
    reading = arc_reading(features(sound, RATE), [Stretch("calm", 0.0, 50.0)]).scenes[0]
    # How loud a part is belongs to the piece; noise alone can not be harmonic.
    missed = {band.feature for band in BANDS} - reading.meets_calm - {"loudness_lufs"}
    assert missed <= (set() if module.midi.notes else {"hnr_db"})


def test_another_rate_is_the_same_piece(module: type[Module]) -> None:
    a = rendered(alone(module), 20.0, 48000)
    b = rendered(alone(module), 20.0, 44100)
    assert abs(level_db(a) - level_db(b)) < 1.0
