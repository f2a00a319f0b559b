"""WAV files as other programs read them: samples, sizes, cues, and what lies beyond 4 GiB."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from lullaby.outputs.markers import Marker, markers
from lullaby.outputs.quantise import Quantiser
from lullaby.outputs.wav import Container, WavWriter
from lullaby.outputs.whole import commit
from tests.outputs.sounds import RATE, noise, performance

PLACES = [Marker(0, "city, living"), Marker(4000, "Zone 7 — gone")]


def written(path: Path, sound: np.ndarray, bits: str, places: list[Marker] = PLACES) -> Path:
    writer = WavWriter(path, RATE, Quantiser(bits, 1), channels=len(sound), title="Tëst")
    for first in range(0, sound.shape[1], 1000):
        writer.write(sound[:, first : first + 1000], first)
    writer.finish(places)
    commit([writer.part])
    return path


def chunks(path: Path) -> dict[bytes, bytes]:
    """Walk the file as RIFF says; a wrong size or padding ends in an assertion."""
    data = path.read_bytes()
    assert data[:4] == b"RIFF"
    assert data[8:12] == b"WAVE"
    assert struct.unpack("<I", data[4:8])[0] == len(data) - 8
    found, at = {}, 12
    while at < len(data):
        name, size = data[at : at + 4], struct.unpack("<I", data[at + 4 : at + 8])[0]
        body = data[at + 8 : at + 8 + size]
        assert len(body) == size
        found[name + body[:4] if name == b"LIST" else name] = body
        at += 8 + size + size % 2
    assert at == len(data)
    return found


@pytest.mark.parametrize(
    ("bits", "subtype", "error"),
    [("16", "PCM_16", 1.6 / 32768), ("24", "PCM_24", 1.6 / 2**23), ("32f", "FLOAT", 0.0)],
)
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("frames", [9001, 9000, 0])
def test_what_is_written_is_read_back(
    tmp_path: Path, bits: str, subtype: str, error: float, channels: int, frames: int
) -> None:
    sound = noise(frames)[:channels]
    path = written(tmp_path / "a.wav", sound, bits)
    info = soundfile.info(path)
    assert (info.samplerate, info.channels, info.frames) == (RATE, channels, frames)
    assert info.subtype == subtype
    back, _ = soundfile.read(path, dtype="float32", always_2d=True)
    assert np.abs(back.T - sound).max(initial=0.0) <= error
    chunks(path)


def test_cues_and_labels_are_where_players_look(tmp_path: Path) -> None:
    found = chunks(written(tmp_path / "a.wav", noise(9001), "24"))
    assert list(found)[:3] == [b"JUNK", b"fmt ", b"data"]
    count, *points = struct.unpack("<I" + "II4sIII" * 2, found[b"cue "])
    assert count == 2
    assert points == [1, 0, b"data", 0, 0, 0, 2, 4000, b"data", 0, 0, 4000]
    labels = found[b"LISTadtl"]
    assert b"labl" + struct.pack("<II", 17, 1) + b"city, living\0\0" in labels
    assert struct.pack("<I", 2) + "Zone 7 — gone".encode() + b"\0" in labels
    assert b"INAM" in found[b"LISTINFO"]
    assert "Tëst".encode() in found[b"LISTINFO"]


def test_libsndfile_finds_the_title(tmp_path: Path) -> None:
    with soundfile.SoundFile(written(tmp_path / "a.wav", noise(100), "16")) as file:
        assert file.title == "Tëst"


def test_without_places_there_is_no_cue_chunk(tmp_path: Path) -> None:
    assert b"cue " not in chunks(written(tmp_path / "a.wav", noise(100), "16", []))


def test_places_are_counted_from_the_start_of_the_file() -> None:
    piece = performance()
    assert markers(piece, RATE, 0, 120_000) == [
        Marker(0, "city, living"),
        Marker(48000, "the child"),
        Marker(60000, "Zone 7 — gone"),
    ]
    assert markers(piece, RATE, 54000, 60001) == [
        Marker(0, "the child"),
        Marker(6000, "Zone 7 — gone"),
    ]
    assert markers(piece, RATE, 100, 48000) == [Marker(0, "city, living")]


def test_a_killed_render_can_be_read_up_to_its_last_ten_seconds(tmp_path: Path) -> None:
    writer = WavWriter(tmp_path / "a.wav", 8000, Quantiser("24", 1))
    second = noise(8000)
    for i in range(25):
        writer.write(second, i * 8000)
    killed = tmp_path / "killed.wav"  # the bytes on the disk at this moment, nothing closed
    killed.write_bytes(writer.part.path.read_bytes())
    writer.discard()
    assert 15.0 <= soundfile.info(killed).frames / 8000 <= 25.0
    # A reader that trusts the header alone finds the twenty seconds it tells of.
    data = killed.read_bytes()
    at = data.index(b"data") + 4
    assert struct.unpack("<I", data[at : at + 4])[0] == 20 * 8000 * 6


class Sparse:
    """A file whose long stretches of zeros are holes."""

    def __init__(self, path: Path) -> None:
        self.file = path.open("w+b")
        self.end = 0

    def write(self, data: bytes) -> None:
        if len(data) < 1 << 20:
            self.file.seek(self.end)
            self.file.write(data)
        self.end += len(data)

    def patch(self, offset: int, data: bytes) -> None:
        self.file.seek(offset)
        self.file.write(data)

    def close(self) -> None:
        self.file.truncate(self.end)
        self.file.close()


# 80 bytes stand before the samples, of which a RIFF does not count the first 8.
@pytest.mark.parametrize("over", [-1, 0, 1, 40_000_000])
def test_sizes_are_right_around_and_beyond_four_gib(tmp_path: Path, over: int) -> None:
    path = tmp_path / "huge.wav"
    sink = Sparse(path)
    box = Container(sink, 96000, 2, "24")
    most = (0xFFFFFFFF + 8 - 80) // 6  # frames that just fit
    left, zeros = most + over, bytes(6_000_000 * 4)
    while left >= 4_000_000:
        box.add(zeros)
        left -= 4_000_000
    box.add(bytes(6 * left) if left * 6 < 1 << 20 else memoryview(zeros)[: 6 * left].tobytes())
    box.finish([], "", "")
    sink.close()
    with path.open("rb") as file:
        head = file.read(16)
    assert head[:4] == (b"RIFF" if over <= 0 else b"RF64")
    assert head[12:16] == (b"JUNK" if over <= 0 else b"ds64")
    assert path.stat().st_size == sink.end
    info = soundfile.info(path)
    assert info.frames == most + over
    assert info.samplerate == 96000
