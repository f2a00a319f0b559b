"""From a source to files: windows, blocks, bounded memory, and what is told afterwards."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from lullaby.outputs import files
from lullaby.outputs.render import Rendered, render
from tests.outputs.sounds import RATE, Playback, noise


def run(
    target: Path, source: Playback, bits: str = "32f", frames: int | None = None, **options: int
) -> Rendered:
    form = files.Form(RATE, bits, 5, "t", "lullaby")
    return render(source, form.writers([("master", target)]), frames=frames, **options)


def test_a_window_is_the_cut_of_the_whole_bit_for_bit(tmp_path: Path) -> None:
    sound = noise(20_000)
    run(tmp_path / "whole.wav", Playback(master=sound), "16")
    run(tmp_path / "cut.wav", Playback(5000, master=sound), "16", 7001)
    whole, _ = soundfile.read(tmp_path / "whole.wav", dtype="int16")
    cut, _ = soundfile.read(tmp_path / "cut.wav", dtype="int16")
    assert np.array_equal(cut, whole[5000:12_001])


@pytest.mark.parametrize("block", [1, 333, 8192, 100_000])
def test_any_block_makes_the_same_file(tmp_path: Path, block: int) -> None:
    sound = noise(3000)
    run(tmp_path / "a.wav", Playback(master=sound), "24", block=block)
    run(tmp_path / "b.wav", Playback(master=sound), "24", block=3000)
    assert (tmp_path / "a.wav").read_bytes() == (tmp_path / "b.wav").read_bytes()


def test_it_says_peak_length_and_what_went_wrong(tmp_path: Path) -> None:
    sound = noise(3000)
    sound[0, 100], sound[1, 200], sound[1, 300] = 2.0, np.nan, -0.5
    source = Playback(master=sound)
    source.muted, source.messages = {"wasps"}, ["part 'wasps' is loud"]
    seen: list[tuple[int, float]] = []
    watcher = type("Watcher", (), {"at": lambda self, frame, peak: seen.append((frame, peak))})()
    form = files.Form(RATE, "16", 5, "t", "lullaby")
    writers = form.writers([("master", tmp_path / "a.wav")])
    told = render(source, writers, block=1000, watcher=watcher)
    assert told.frames == 3000
    assert told.muted == ("wasps",)
    assert not told.whole
    assert told.warnings == (
        "a.wav: 1 samples were no numbers and are silent",
        "a.wav: 1 samples over full scale were clipped; 32-bit float keeps them",
    )
    assert [frame for frame, _ in seen] == [1000, 2000, 3000]
    back, _ = soundfile.read(tmp_path / "a.wav")
    assert np.isfinite(back).all()


def test_the_source_is_asked_for_one_block_at_a_time(tmp_path: Path) -> None:
    asked: list[int] = []

    class Watched(Playback):
        def read_all(self, frames: int) -> dict[str, np.ndarray]:
            asked.append(frames)
            return super().read_all(frames)

    run(tmp_path / "a.wav", Watched(master=noise(10_000)), frames=4500, block=2000)
    assert asked == [2000, 2000, 500]


def test_an_interruption_leaves_nothing(tmp_path: Path) -> None:
    class Interrupted(Playback):
        def read_all(self, frames: int) -> dict[str, np.ndarray]:
            if self.position > 3000:
                raise KeyboardInterrupt
            return super().read_all(frames)

    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "a.wav", Interrupted(master=noise(10_000)), block=1000)
    assert list(tmp_path.iterdir()) == []
