"""``lullaby measure``: the numbers of generated files, and one line for what is no sound."""

from __future__ import annotations

import csv
import json
import warnings
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.cli.conftest import Call

RATE = 48000
LOUDNESS = [
    "integrated_lufs",
    "loudness_range_lu",
    "true_peak_dbtp",
    "max_momentary_lufs",
    "max_short_term_lufs",
]


def tone(seconds: float, peak_db: float, rate: int = RATE, hz: float = 997.0) -> np.ndarray:
    t = np.arange(round(seconds * rate)) / rate
    row: np.ndarray = 10 ** (peak_db / 20) * np.sin(2 * np.pi * hz * t)
    return row


def noise(seconds: float, channels: int = 2, rate: int = RATE) -> np.ndarray:
    return np.random.default_rng(5).normal(0.0, 0.1, (round(seconds * rate), channels))


def write(name: str, samples: np.ndarray, rate: int = RATE, subtype: str = "PCM_24") -> None:
    soundfile.write(name, samples, rate, subtype=subtype)


def cells(line: str) -> list[str]:
    return line.split()


def measured(call: Call, *arguments: object) -> dict:
    answer = call("measure", *arguments, "--json")
    assert (answer.code, answer.err) == (0, "")
    return json.loads(answer.out)


@pytest.mark.parametrize("name", ["a.wav", "a.flac"])
def test_a_tone_reads_what_the_standard_says(call: Call, name: str) -> None:
    write(name, np.stack([tone(6, -23)] * 2, axis=1))
    found = measured(call, name)
    assert found["name"] == name
    assert (found["duration_s"], found["sample_rate"], found["channels"]) == (6.0, RATE, 2)
    levels = [found[key] for key in LOUDNESS]
    assert levels == pytest.approx([-23.0, 0.0, -23.0, -23.0, -23.0], abs=0.05)
    assert found["features"]["centroid_hz"] == pytest.approx(997, abs=15)
    assert found["features"]["hnr_db"] > 15
    assert found["features"]["slow_percent"] is None  # under 30 s nothing can be said
    assert found["scenes"] == []
    assert "verdict" not in found


def test_people_get_tables(call: Call) -> None:
    write("a.wav", np.stack([tone(4, -20)] * 2, axis=1))
    answer = call("measure", "a.wav")
    assert (answer.code, answer.err) == (0, "")
    lines = [line for line in answer.out.splitlines() if line.strip(" ─")]
    assert lines[0] == "a.wav: 0:04.0, 48000 Hz, stereo"
    assert cells(lines[1]) == ["I", "LRA", "true", "peak", "max", "M", "max", "S"]
    assert cells(lines[2])[:3] == ["scene", "start", "length"]
    expected = ["overall", "0:00", "0:04", "-20.0", "0.0", "-20.0", "-20.0", "-20.0"]
    assert cells(lines[3]) == expected
    assert cells(lines[6])[0] == "overall"
    assert cells(lines[6])[2] == "-20.0"
    assert len(lines) == 7
    assert max(map(len, lines)) <= 80


def test_several_files_come_one_after_the_other(call: Call) -> None:
    write("a.wav", noise(2))
    write("b.wav", noise(2, 1))
    answer = call("measure", "a.wav", "b.wav")
    titles = [line for line in answer.out.splitlines() if "Hz, " in line]
    assert titles == [
        "a.wav: 0:02.0, 48000 Hz, stereo",
        "b.wav: 0:02.0, 48000 Hz, mono",
    ]
    both = json.loads(call("measure", "a.wav", "b.wav", "--json").out)
    assert [found["name"] for found in both] == ["a.wav", "b.wav"]
    # the same power in two channels is 3 LU more than in one
    assert both[0]["integrated_lufs"] - both[1]["integrated_lufs"] == pytest.approx(3.0, abs=0.2)


def test_loudness_alone_is_the_same_without_features(call: Call) -> None:
    write("a.wav", noise(5.3))
    whole, alone = measured(call, "a.wav"), measured(call, "a.wav", "--loudness")
    assert [whole[key] for key in LOUDNESS] == [alone[key] for key in LOUDNESS]
    assert alone["features"] is None
    assert alone["arc_index"] is None


def test_a_row_a_second(call: Call) -> None:
    write("a.wav", np.concatenate([noise(3), np.zeros((2 * RATE, 2))]))
    answer = call("measure", "a.wav", "--csv")
    assert (answer.code, answer.err) == (0, "")
    rows = list(csv.DictReader(answer.out.splitlines()))
    assert [row["at_s"] for row in rows] == ["0", "1", "2", "3", "4"]
    assert rows[4]["sharpness_acum"] == "0"
    assert float(rows[0]["centroid_hz"]) > 8000
    assert all(0.0 <= float(row["arc_index"]) <= 1.0 for row in rows)


def test_a_row_with_a_score_has_its_scene_and_arcs(call: Call) -> None:
    write("a.wav", noise(12))
    rows = list(csv.DictReader(call("measure", "a.wav", "--against", "test", "--csv").out.split()))
    assert [row["scene"] for row in rows] == [*["one"] * 4, *["two"] * 4, *["three"] * 3, ""]
    panic = [float(row["written_panic"]) for row in rows]
    assert panic[0] == pytest.approx(0.4 + 0.5 / 8, abs=1e-3)
    assert panic[3] == pytest.approx(0.4 + 0.5 * 3.5 / 4, abs=1e-3)
    assert panic[5:] == [0.9] * 7


@pytest.mark.parametrize(
    ("channels", "rate", "called"),
    [(1, 44100, "mono"), (6, 48000, "6 channels"), (2, 192000, "stereo"), (2, 8000, "stereo")],
)
def test_any_channels_and_rates(call: Call, channels: int, rate: int, called: str) -> None:
    row = tone(3, -30, rate)
    write("a.wav", np.stack([row] * channels, axis=1), rate)
    answer = call("measure", "a.wav")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.splitlines()[0] == f"a.wav: 0:03.0, {rate} Hz, {called}"
    # L R C at 1, the surrounds at 1.41, the LFE at nothing
    power = {1: 1.0, 2: 2.0, 6: 5.82}[channels]
    found = measured(call, "a.wav")
    within = 0.06 if rate > 8000 else 0.25  # the weighting's shelf bends near so low a Nyquist
    assert found["integrated_lufs"] == pytest.approx(-33.01 + 10 * np.log10(power), abs=within)


@pytest.mark.parametrize("frames", [0, 10, 9600, 3 * RATE])
def test_silence_and_almost_nothing_are_minus_infinity(call: Call, frames: int) -> None:
    write("a.wav", np.zeros((frames, 2)))
    found = measured(call, "a.wav")
    assert [found[key] for key in LOUDNESS] == [None, 0.0, None, None, None]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        answer = call("measure", "a.wav")
    assert (answer.code, answer.err) == (0, "")
    overall = next(line for line in answer.out.splitlines() if "overall" in line)
    assert cells(overall)[3:] == ["-inf", "0.0", "-inf", "-inf", "-inf"]


def test_full_scale_squares_are_loud_and_nothing_else(call: Call) -> None:
    write("a.wav", np.sign(np.stack([tone(3, 0, hz=1000)] * 2, axis=1)), subtype="FLOAT")
    found = measured(call, "a.wav")
    assert 0.0 < found["integrated_lufs"] < 5.0
    assert 0.5 < found["true_peak_dbtp"] < 3.0
    assert found["features"]["crest_db"] == pytest.approx(0.0, abs=0.1)


def spoilt(value: float) -> np.ndarray:
    samples = noise(3)
    samples[60_000:, 1] = value
    return samples


def test_what_is_no_sound_is_one_line(call: Call, tmp_path: Path) -> None:
    write("whole.wav", noise(2))
    write("whole.flac", noise(2))
    write("slow.wav", noise(1), 4000)
    write("nan.wav", spoilt(np.nan), subtype="FLOAT")
    write("inf.wav", spoilt(-np.inf), subtype="FLOAT")
    half = (tmp_path / "whole.wav").stat().st_size // 2
    (tmp_path / "half.wav").write_bytes((tmp_path / "whole.wav").read_bytes()[:half])
    half = (tmp_path / "whole.flac").stat().st_size // 2
    (tmp_path / "half.flac").write_bytes((tmp_path / "whole.flac").read_bytes()[:half])
    (tmp_path / "text.wav").write_text("hello " * 99)
    (tmp_path / "empty.wav").touch()
    (tmp_path / "folder.wav").mkdir()
    nothing = "which is not a number: nothing can be measured"
    expected = {
        "text.wav": "is not a sound file that can be read; WAV or FLAC would be right",
        "empty.wav": "is empty; a sound file would be right",
        "missing.wav": "no such file",
        "folder.wav": "is a folder; a sound file would be right",
        "half.wav": "is cut short, about 49 % of its sound is there",
        "half.flac": "is damaged or cut short after 0 s",
        "nan.wav": f"the sample at 1.250 s of channel 2 is nan, {nothing}",
        "inf.wav": f"the sample at 1.250 s of channel 2 is -inf, {nothing}",
        "slow.wav": "a sample rate of 4000 Hz cannot be measured: 8000 to 768000 Hz would be right",
    }
    for name, message in expected.items():
        answer = call("measure", name)
        assert (answer.code, answer.out) == (2, "")
        assert answer.err == f"error: {name}: {message}\n"


def test_a_file_of_unknown_length_from_a_pipe_is_read(call: Call, tmp_path: Path) -> None:
    write("a.wav", noise(2), subtype="PCM_16")
    data = bytearray((tmp_path / "a.wav").read_bytes())
    at = data.index(b"data")
    data[4:8] = data[at + 4 : at + 8] = b"\xff\xff\xff\xff"
    (tmp_path / "a.wav").write_bytes(data)
    assert measured(call, "a.wav")["duration_s"] == 2.0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["a.wav", "--json", "--csv"], "give either --json or --csv"),
        (["a.wav", "a.wav", "--csv"], "--csv is all features of one file, a row a second"),
        (["a.wav", "--frozen"], "a.wav: --frozen renders a score; a file stays as it is"),
        (["a.wav", "--require"], "--require compares with a score: --against names it"),
        (
            ["a.wav", "--loudness", "--against", "test"],
            "--loudness measures no features, so nothing can be compared",
        ),
    ],
)
def test_calls_that_make_no_sense(call: Call, arguments: list[str], message: str) -> None:
    write("a.wav", noise(1))
    answer = call("measure", *arguments)
    assert (answer.code, answer.out, answer.err) == (2, "", f"error: {message}\n")


def test_a_score_is_rendered_and_leaves_nothing(call: Call, tmp_path: Path) -> None:
    found = measured(call, "test", "--quiet")
    assert list(tmp_path.iterdir()) == []
    names = [(s["name"], s["start_s"], s["length_s"]) for s in found["scenes"]]
    assert names == [("one", 0.0, 4.0), ("two", 4.0, 4.0), ("three", 8.0, 3.0)]
    call("render", "test", "-o", "test.wav", "--bits", "32f", "-q")
    again = measured(call, "test.wav", "--against", "test")
    assert again | {"name": "test"} == found
    for scene, (first, last) in zip(found["scenes"], [(0, 4), (4, 8), (8, 11)], strict=True):
        cut, _ = soundfile.read("test.wav", start=first * RATE, stop=last * RATE)
        write("cut.wav", cut, subtype="FLOAT")
        alone = measured(call, "cut.wav", "--loudness")
        assert [scene[key] for key in LOUDNESS] == [alone[key] for key in LOUDNESS]


def test_a_score_is_compared_with_its_own_arcs(call: Call) -> None:
    answer = call("measure", "test", "--quiet")
    assert (answer.code, answer.err) == (0, "")
    lines = answer.out.splitlines()
    verdict = lines.index("does not pass: it does not sound as 'Test' is written")
    assert lines[verdict - 1].startswith("index against written panic: rank correlation ")
    assert "  no scene is written as calm, so nothing can be said of it" in lines[verdict:]
    assert call("measure", "test", "--quiet", "--require").code == 1
    found = measured(call, "test", "--quiet")
    assert found["verdict"]["passes"] is False
    assert found["verdict"]["panic_scenes"] == ["two", "three"]
    assert len(found["verdict"]["failures"]) == len(lines) - verdict - 1


def test_another_seed_sounds_otherwise(call: Call) -> None:
    own = measured(call, "test", "--quiet")
    assert measured(call, "test", "--quiet", "--seed", "3") == own
    assert measured(call, "test", "--quiet", "--seed", "8")["features"] != own["features"]


def test_a_frozen_score_says_that_it_is_one(call: Call) -> None:
    answer = call("measure", "test", "--frozen", "-q", "--require")
    assert answer.code == 1
    lines = answer.out.splitlines()
    assert lines[0].endswith(", 48000 Hz, stereo, surrender held at 0")
    assert lines[-2:] == [
        "control does not pass:",
        "  no scene is written as calm, so the frozen control says nothing",
    ]


def test_a_short_file_is_told_to_end_before_the_score(call: Call) -> None:
    write("a.wav", noise(5))
    lines = call("measure", "a.wav", "--against", "test").out.splitlines()
    assert "note: it ends at 0:05, the score at 0:11" in lines
    assert [line.split()[0] for line in lines if line.startswith((" one", " two", " three"))] == [
        "one",
        "two",
        "one",
        "two",
    ]


def test_a_part_that_fails_is_an_error(call: Call) -> None:
    answer = call("measure", "broken", "--quiet")
    assert (answer.code, answer.out) == (1, "")
    assert answer.err.splitlines()[-1] == "error: part 'bad' failed and was muted"


def test_names_cannot_steer_the_terminal(call: Call) -> None:
    answer = call("measure", "nasty", "--quiet")
    assert answer.code == 0
    assert "\x1b" not in answer.out + answer.err
    assert "\u202e" not in answer.out + answer.err
