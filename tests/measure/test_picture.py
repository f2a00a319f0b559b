import subprocess
import sys
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.image import imread

from lullaby.errors import OutputError, UsageError
from lullaby.measure.picture import poster
from lullaby.measure.spectrogram import HIGHEST_HZ, LOWEST_HZ, log_spectrogram

from .signals import noise, times

RATE = 16_000


def draw(path, row, seconds, **words):
    plain = dict(
        title="A small piece",
        scenes=[("loud", 0, seconds / 2), ("soft", seconds / 2, seconds / 2)],
        arcs={"panic": np.linspace(1, 0, int(seconds))},
        marks=[("sigh", seconds / 2)],
    )
    poster(row, RATE, path=path, **{**plain, **words})
    return path


@pytest.fixture(scope="module")
def row():
    hot = 0.3 * noise(8, 100, 7000, rate=RATE)
    rest = 0.1 * np.sin(2 * np.pi * 440 * times(8, RATE))
    return np.concatenate((hot, rest))[np.newaxis]


@pytest.mark.parametrize("hz", [55.0, 250.0, 440.0, 1500.0, 6000.0])
def test_a_tone_is_brightest_in_its_row_and_as_loud_as_it_is(hz):
    rate = 48_000
    tone = 0.5 * np.sin(2 * np.pi * hz * times(3, rate))
    level_db = log_spectrogram(tone[np.newaxis].astype(np.float32), rate, 30, 400)
    centres = np.geomspace(LOWEST_HZ, HIGHEST_HZ, 400)
    column = level_db[:, 15]
    assert centres[column.argmax()] == pytest.approx(hz, rel=0.03)
    assert column.max() == pytest.approx(-6, abs=3 if hz < 100 else 1.5)
    assert column[np.abs(np.log2(centres / hz)) > 0.5].max() < -60


def test_a_click_stands_in_its_column():
    row = np.zeros((2, 48_000), np.float32)
    row[:, 24_000] = 1
    level_db = log_spectrogram(row, 48_000, 20, 100)
    high = level_db[90]
    assert high.argmax() in (9, 10)
    assert np.delete(high, [8, 9, 10, 11]).max() < -100


def test_more_columns_than_windows_leave_no_gap():
    level_db = log_spectrogram(
        (0.1 * noise(0.5, rate=RATE))[np.newaxis].astype(np.float32), RATE, 900, 50
    )
    below_nyquist = level_db[np.geomspace(LOWEST_HZ, HIGHEST_HZ, 50) < 7000]
    assert below_nyquist.min() > -100


def test_a_poster_has_its_size_and_shows_heat_and_rest(tmp_path, row):
    picture = imread(draw(tmp_path / "piece.png", row, 16))
    assert picture.shape[:2] == (900, 1600)
    sound = picture[160:570]
    left, right = sound[:, 200:700, :3], sound[:, 950:1450, :3]
    assert left.mean() > right.mean()  # noise fills, a tone is one line
    line = right[right[:, 250].sum(axis=1).argmax(), 250]
    assert line.sum() > 1.0
    assert left[..., 0].mean() > left[..., 2].mean()  # panic is red


def test_the_same_piece_gives_the_same_file(tmp_path, row):
    for suffix in ("png", "svg"):
        one = draw(tmp_path / f"one.{suffix}", row[:, : 2 * RATE], 2).read_bytes()
        assert draw(tmp_path / f"two.{suffix}", row[:, : 2 * RATE], 2).read_bytes() == one
    assert not list(tmp_path.glob("*.part"))
    assert ElementTree.parse(tmp_path / "one.svg").getroot().tag.endswith("svg")


@pytest.mark.parametrize(
    "words",
    [
        dict(scenes=[], arcs={}, marks=[]),
        dict(title="", scenes=[("", 0, 0)], arcs={"empty": []}),
        dict(
            title="$\\frac$ 夜 <b>&", scenes=[("very_long_name " * 9, 0, 2)], marks=[("x" * 99, 1)]
        ),
        dict(marks=[(f"mark {i}", 0.02 * i) for i in range(100)]),
    ],
    ids=["bare", "empty", "odd letters", "crowded"],
)
def test_odd_pieces_are_drawn_without_a_word(tmp_path, words):
    poster(
        np.zeros((2, 2 * RATE)),
        RATE,
        path=tmp_path / "odd.png",
        **{"title": "t", "scenes": [("s", 0, 2)], "arcs": {"panic": [0, 1]}, **words},
    )
    assert (tmp_path / "odd.png").stat().st_size > 5000


def test_refusals_leave_no_file(tmp_path, row):
    with pytest.raises(UsageError, match=r"'piece.jpg': a name in .png or .svg"):
        draw(tmp_path / "piece.jpg", row, 16)
    with pytest.raises(UsageError, match="at least 1 s"):
        draw(tmp_path / "piece.png", row[:, :100], 1)
    with pytest.raises(OutputError, match="cannot write"):
        draw(tmp_path / "missing" / "piece.png", row, 16)
    assert not list(tmp_path.iterdir())


def test_measuring_imports_no_matplotlib_and_listing_no_compiler():
    code = (
        "import sys, lullaby.measure.picture, lullaby.measure.arc;"
        "print([m for m in ('matplotlib', 'numba', 'scipy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
