import numpy as np
import pytest

from lullaby.errors import UsageError
from lullaby.measure.arc import BANDS, Stretch, arc_reading, frozen, judge, spearman
from lullaby.measure.features import ROW, features

from .signals import RATE, harmonic, noise, times

PANIC = dict(
    loudness_lufs=-14, sharpness_acum=2, rough_index=0.5, centroid_hz=5000, high_db=-7,
    flatness_db=-10, onsets_per_s=9, hnr_db=-1, crest_db=20,
)  # fmt: skip
CALM = dict(
    loudness_lufs=-27, sharpness_acum=0.6, rough_index=0.1, centroid_hz=340, high_db=-48,
    flatness_db=-70, onsets_per_s=0, hnr_db=14, crest_db=11,
)  # fmt: skip
SCENES = (Stretch("chase", 0, 40), Stretch("turn", 40, 40), Stretch("rest", 80, 40))
P = np.concatenate((np.full(40, 0.95), np.linspace(0.95, 0.05, 40), np.full(40, 0.05)))
S = np.concatenate((np.zeros(40), np.linspace(0.0, 1.0, 40), np.ones(40)))


def rows_of(heat, breath_hz=0.1):
    """Rows between calm (0) and panic (1); the envelope breathes where it is under a half."""
    rows = np.zeros(len(heat), ROW)
    rows["at_s"] = np.arange(len(heat))
    for name, hot in PANIC.items():
        rows[name] = CALM[name] + heat * (hot - CALM[name])
    t = np.arange(len(heat) * 50).reshape(-1, 50) / 50
    slow = 1 + 0.5 * np.sin(2 * np.pi * breath_hz * t)
    quick = 1 + 0.5 * np.sin(2 * np.pi * 6 * t)
    rows["envelope"] = np.where(heat[:, None] < 0.5, slow, quick)
    return rows


PIECE = (P - 0.05) / 0.9


def test_a_piece_that_moves_as_written_passes():
    verdict = judge(rows_of(PIECE), SCENES, P, S)
    assert verdict.passes
    assert [reading.scene.name for reading in verdict.panic] == ["chase"]
    assert [reading.scene.name for reading in verdict.calm] == ["rest"]
    assert verdict.heard.index[:40] == pytest.approx(1.0)
    assert verdict.heard.index[80:] == pytest.approx(0.0)
    assert verdict.correlation > 0.95


@pytest.mark.parametrize("band", BANDS, ids=lambda band: band.feature)
def test_every_band_says_panic_calm_and_half_way_between(band):
    panic, calm = band.edges()
    assert band.index([panic, calm, (panic + calm) / 2]) == pytest.approx([1, 0, 0.5])
    beyond = 2 * panic - calm, 2 * calm - panic
    assert band.index(beyond) == pytest.approx([1, 0])


def test_silence_is_calm_and_warns_of_nothing():
    rows = features(np.zeros((1, 31 * 8000)), 8000)
    reading = arc_reading(rows, [Stretch("nothing", 0, 31)])
    assert reading.index.max() < 0.4
    assert reading.scenes[0].values["loudness_lufs"] == -np.inf


def test_a_scene_may_miss_two_bands_but_not_three():
    rows = rows_of(PIECE)
    rows["onsets_per_s"][:40] = rows["crest_db"][:40] = 5.0
    assert judge(rows, SCENES, P, S).passes
    rows["hnr_db"][:40] = 5.0
    verdict = judge(rows, SCENES, P, S)
    assert not verdict.passes
    assert "'chase' meets 7 of 10 bands of panic" in verdict.failures[0]
    assert "crest_db 5" in verdict.failures[0]


def test_a_breath_at_another_rate_is_not_calm():
    rest = judge(rows_of(PIECE, breath_hz=0.18), SCENES, P, S).calm[0]
    assert rest.values["slow_percent"] > 50
    assert "slow_percent" not in rest.meets_calm
    assert "slow_percent" in judge(rows_of(PIECE), SCENES, P, S).calm[0].meets_calm


def test_a_piece_that_stays_hot_fails_in_its_calm_scene():
    verdict = judge(rows_of(np.ones(120)), SCENES, P, S)
    text = "\n".join(verdict.failures)
    assert "'rest' meets 0 of 10 bands of calm" in text
    assert "'rest' has an index of 1.00: under 0.25" in text
    assert "rank correlation of 0.00" in text
    assert "chase" not in text


def test_a_piece_that_moves_the_other_way_fails_everywhere():
    verdict = judge(rows_of(1 - PIECE), SCENES, P, S)
    assert verdict.correlation < -0.9
    assert len(verdict.failures) == 5


def test_panic_written_with_surrender_is_no_scene_of_panic():
    verdict = judge(rows_of(PIECE), SCENES, P, np.ones(120))
    assert verdict.panic == ()
    assert any("no scene is written as panic" in line for line in verdict.failures)


def test_single_wild_seconds_do_not_change_a_scene():
    rows = rows_of(PIECE)
    for name, value in CALM.items():
        rows[name][5:20] = value
    assert judge(rows, SCENES, P, S).panic[0].index == pytest.approx(1.0)


def test_short_scenes_go_without_the_slow_share():
    reading = arc_reading(rows_of(np.ones(20)), [Stretch("cut", 0.5, 12.0)])
    scene = reading.scenes[0]
    assert scene.breath is None
    assert "slow_percent" not in scene.values
    assert scene.index == 1.0
    assert arc_reading(rows_of(np.ones(3)), [Stretch("gone", 50, 10)]).scenes == ()


def test_the_frozen_control_must_not_be_calm():
    piece = judge(rows_of(PIECE), SCENES, P, S)
    lively = arc_reading(rows_of(np.maximum(PIECE, 0.6)), SCENES)
    assert frozen(piece, lively) == ()
    faded = arc_reading(rows_of(PIECE), SCENES)
    assert "'rest' has an index of 0.00 with surrender held at 0" in frozen(piece, faded)[0]
    assert "missing" in frozen(piece, arc_reading(rows_of(PIECE), SCENES[:2]))[0]
    hot = judge(rows_of(PIECE), SCENES, np.ones(120), S)
    assert "no scene is written as calm" in frozen(hot, lively)[0]


def test_written_arcs_have_a_value_for_every_second():
    with pytest.raises(
        UsageError, match="'panic' has shape \\(119,\\): right would be 120 numbers"
    ):
        judge(rows_of(PIECE), SCENES, P[:-1], S)
    with pytest.raises(UsageError, match="'surrender'"):
        judge(rows_of(PIECE), SCENES, P, S * np.nan)


def test_rank_correlation():
    assert spearman([1, 2, 3, 4], [10, 20, 30, 4000]) == pytest.approx(1)
    assert spearman([1, 2, 3, 4], [4, 3, 2, 1]) == pytest.approx(-1)
    assert spearman([1, 2, 2, 3], [1, 2, 3, 4]) == pytest.approx(0.9487, abs=1e-4)  # ties
    assert spearman([1, 1, 1], [1, 2, 3]) == spearman([], []) == 0


def test_sounds_of_panic_and_calm_are_heard_as_such():
    t = times(32)
    open_chord = sum(np.sin(2 * np.pi * hz * t + hz) / hz for hz in (55.0, 110.0, 165.0, 275.0))
    calm = open_chord * (1 + 0.5 * np.sin(2 * np.pi * 0.1 * t))
    cracks = np.exp(-((t * 9) % 1) * 30) * noise(32, seed=3)
    hiss = noise(32, 300, 20_000) * (1 + 0.8 * np.sin(2 * np.pi * 70 * t))
    panic = hiss / hiss.std() + 4 * cracks / cracks.std() + harmonic(311, seconds=32, stretch=1.1)
    both = np.concatenate((0.05 * panic / panic.std() * 3, 0.06 * calm / calm.std()))
    rows = features(both[np.newaxis], RATE)
    hot, rest = arc_reading(rows, [Stretch("hot", 0, 32), Stretch("rest", 33, 31)]).scenes
    assert hot.index > 0.75
    assert len(hot.meets_panic) >= 8
    assert rest.index < 0.25
    assert len(rest.meets_calm) >= 8
