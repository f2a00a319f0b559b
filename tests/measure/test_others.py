"""The ear against programs that nobody here wrote; each skips by name where it is missing."""

from __future__ import annotations

import re
import shutil
import subprocess
import warnings
from pathlib import Path

import numpy as np
import pytest

import lullaby
from lullaby.measure.loudness import loudness
from lullaby.measure.roughness import rough_index
from lullaby.measure.sharpness import sharpness_acum
from lullaby.measure.spectrum import spectrum
from tests.measure.signals import RATE, at_spl, beating, noise


@pytest.fixture(scope="module")
def sounds() -> dict[str, np.ndarray]:
    """Stereo sounds of several levels and spectra, and real renders of every kind of scene."""
    rng = np.random.default_rng(4)
    steps = np.repeat(10 ** (np.array([-40, -20, -30, -15, -60, -25]) / 20), 4 * RATE)
    hiss = rng.normal(0.0, 0.3, (2, len(steps))) * steps
    made = {"steps of noise": hiss.astype(np.float32)}
    piece = lullaby.load("let_go")
    for name, from_s in (("city", 20.0), ("turn", 100.0), ("calm", 140.0)):
        made[name] = piece.render(from_s=from_s, to_s=from_s + 12.0, jobs=1).samples
    return made


@pytest.mark.parametrize("name", ["steps of noise", "city", "turn", "calm"])
def test_libebur128_agrees(sounds: dict[str, np.ndarray], name: str) -> None:
    ebur128 = pytest.importorskip("pyebur128")
    sound = np.ascontiguousarray(sounds[name].T, np.float64).reshape(-1)  # interleaved
    mode = ebur128.MeasurementMode
    state = ebur128.R128State(2, RATE, mode.MODE_I | mode.MODE_LRA | mode.MODE_TRUE_PEAK)
    state.add_frames(sound, len(sound) // 2)
    ours = loudness(sounds[name], RATE)
    assert ours.integrated_lufs == pytest.approx(ebur128.get_loudness_global(state), abs=0.05)
    # Theirs looks once a second, ours ten times; Tech 3342 lets meters differ by 1 LU.
    assert ours.range_lu == pytest.approx(ebur128.get_loudness_range(state), abs=1.0)
    theirs = max(ebur128.get_true_peak(state, c) for c in range(2))
    # Theirs is oversampled with shorter filters, and may read up to 0.4 dB low.
    assert -0.1 <= ours.true_peak_db - 20 * np.log10(theirs) <= 0.5


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is missing")
@pytest.mark.parametrize("name", ["steps of noise", "city", "turn", "calm"])
def test_ffmpeg_agrees(sounds: dict[str, np.ndarray], name: str, tmp_path: Path) -> None:
    import soundfile

    path = tmp_path / "sound.wav"
    soundfile.write(path, sounds[name].T, RATE, subtype="FLOAT")
    command = ["ffmpeg", "-hide_banner", "-nostats", "-i", str(path), "-filter_complex"]
    command += ["ebur128=metadata=1,ametadata=print:file=-", "-f", "null", "-"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    integrated = float(re.findall(r"lavfi\.r128\.I=(-?[\d.]+)", said)[-1])
    assert loudness(sounds[name], RATE).integrated_lufs == pytest.approx(integrated, abs=0.05)


def test_mosqito_agrees_on_one_acum_and_one_asper() -> None:
    pytest.importorskip("matplotlib")
    band = at_spl(noise(1.0, 920.0, 1080.0), 60.0)
    tone = at_spl(beating(70.0, 1.0, seconds=1.0), 60.0)
    # Pascals: a full-scale sine is 94 dB, that is 1 Pa RMS.
    pascals = [row[0].astype(np.float64) * np.sqrt(2.0) for row in (band, tone)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its own code warns
        mosqito = pytest.importorskip("mosqito")
        acum = float(np.mean(mosqito.sharpness_din_st(pascals[0], RATE, weighting="din")))
        asper = float(np.mean(mosqito.roughness_dw(pascals[1], RATE, overlap=0.0)[0]))
    assert acum == pytest.approx(1.0, abs=0.05)
    assert asper == pytest.approx(1.0, abs=0.1)
    assert sharpness_acum(spectrum(band, RATE)) == pytest.approx(acum, rel=0.05)
    assert rough_index(tone, RATE) == pytest.approx(asper, abs=0.1)
