import re
from pathlib import Path

import numpy as np
import pytest

from lullaby.cli.measured import wanted
from lullaby.errors import UsageError
from lullaby.measure.arc import BANDS, Stretch
from lullaby.measure.listening import Listener, listened
from lullaby.measure.loudness import loudness

from .signals import noise

RATE = 16_000
SCENES = [Stretch("soft", 0, 3.25), Stretch("loud", 3.25, 4), Stretch("after", 9, 5)]


@pytest.fixture(scope="module")
def clip():
    row = 0.1 * noise(10.6, rate=RATE)
    row[round(3.25 * RATE) : round(7.25 * RATE)] *= 4
    return np.stack([row, 0.5 * row]).astype(np.float32)


@pytest.mark.parametrize("block", [777, 16_000, 100_000])
def test_blocks_leave_no_trace(clip, block):
    whole = listened(clip, RATE, SCENES)
    listener = Listener(2, RATE, SCENES)
    for at in range(0, clip.shape[1], block):
        listener.add(clip[:, at : at + block])
    found = listener.finish()
    assert found.loudness == whole.loudness
    assert found.rows.tobytes() == whole.rows.tobytes()
    assert [s.loudness for s in found.scenes] == [s.loudness for s in whole.scenes]
    assert found.frames == clip.shape[1]


def test_a_scene_is_as_loud_as_it_is_alone(clip):
    soft, loud, after = listened(clip, RATE, SCENES).scenes
    for measured, first, last in ((soft, 0, 3.25), (loud, 3.25, 7.25), (after, 9, 10.6)):
        cut = clip[:, round(first * RATE) : round(last * RATE)]
        assert measured.loudness == loudness(cut, RATE)
    rise = loud.loudness.integrated_lufs - soft.loudness.integrated_lufs
    assert rise == pytest.approx(12, abs=0.3)


def test_scenes_never_reached_are_not_there(clip):
    found = listened(clip[:, : 3 * RATE], RATE, SCENES)
    assert [s.scene.name for s in found.scenes] == ["soft"]
    assert listened(clip[:, :0], RATE, SCENES).scenes == ()


def test_without_a_second_there_is_no_index():
    found = listened(np.zeros((1, 100)), RATE)
    assert (found.index, found.values, len(found.rows)) == (None, {}, 0)
    assert found.duration_s == 100 / RATE


def test_loudness_only_has_the_same_loudness(clip):
    listener = Listener(2, RATE, SCENES, loudness_only=True)
    listener.add(clip)
    found, whole = listener.finish(), listened(clip, RATE, SCENES)
    assert found.loudness == whole.loudness
    assert [s.loudness for s in found.scenes] == [s.loudness for s in whole.scenes]
    assert len(found.rows) == 0


def test_a_block_that_is_no_sound_is_refused():
    listener = Listener(2, RATE)
    with pytest.raises(UsageError, match="has 1 channels, the meter was made for 2"):
        listener.add(np.zeros((1, 10)))


def test_the_page_prints_the_bands_that_are_applied():
    page = (Path(__file__).parents[2] / "docs" / "measuring.md").read_text()
    printed = dict(re.findall(r"^\| `(\w+)` \| (.+ \| .+) \|$", page.split("From panic")[1], re.M))
    assert set(printed) == {band.feature for band in BANDS}
    for band in BANDS:
        panic, calm = printed[band.feature].split(" | ")
        assert panic == wanted(band, "panic")
        assert calm.split(",")[0] == wanted(band, "calm")
