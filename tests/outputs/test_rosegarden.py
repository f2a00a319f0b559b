"""A file opened and saved by Rosegarden, a sequencer nobody here wrote, on a screen of its own."""

from __future__ import annotations

import gzip
import os
import re
import shutil
import signal
import subprocess
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from pathlib import Path

import mido
import pytest

import lullaby

PROGRAMS = ("rosegarden", "Xvfb", "openbox", "xdotool")
MISSING = [program for program in PROGRAMS if shutil.which(program) is None]
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"needs {', '.join(MISSING)}")
SCORE = """\
lullaby: 1
title: Small
seed: 3
clock: {bpm: 90 -> 60 over 8 s, meter: 3/4}
parts:
  chord: {module: harmony, voices: 8}
  wails: {module: sirens}
scenes:
  - {scene: up, for: 6 s, play: {wails: {}}}
  - {scene: down, for: 6 s, play: {chord: {}, wails: {}}, next: stop}
"""


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Run a display and a home in which nothing is asked at the first start."""
    reading, writing = os.pipe()
    code = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x800x24", "-nolisten", "tcp"]
    server = subprocess.Popen(code, pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    with os.fdopen(reading) as said:
        number = said.readline().strip()
    home = tmp_path / "home"
    (home / "run").mkdir(parents=True, mode=0o700)
    made = {
        **os.environ,
        "DISPLAY": f":{number}",
        "HOME": str(home),
        "XDG_RUNTIME_DIR": str(home / "run"),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "QT_QPA_PLATFORM": "xcb",
    }
    windows = subprocess.Popen(["openbox"], env=made, stderr=subprocess.DEVNULL)
    asked = subprocess.run(["rosegarden", "--version"], env=made, capture_output=True, text=True)
    version = re.search(r"\d+\.[\d.]+", asked.stdout + asked.stderr)
    settings = home / ".config/rosegardenmusic/Rosegarden.conf"
    settings.parent.mkdir(parents=True)
    settings.write_text(f"[General_Options]\nlastversion={version[0] if version else ''}\n")
    try:
        yield made
    finally:
        for process in (windows, server):
            process.terminate()
            process.wait(10)


def until(there: Callable[[], object], within_s: float = 60.0) -> None:
    end_s = time.monotonic() + within_s
    while not there():
        assert time.monotonic() < end_s, "it did not come up"
        time.sleep(0.2)


def saved(path: Path, screen: dict[str, str]) -> ET.Element:
    """Return what Rosegarden makes of a file, as it saves it."""
    target = path.with_suffix(".rg")

    def do(*words: str) -> str:
        call = ["xdotool", *words]
        return subprocess.run(call, env=screen, capture_output=True, text=True).stdout

    code = ["rosegarden", "--nosplash", "--nosound", str(path)]
    with (path.parent / "rosegarden.log").open("w") as log:
        program = subprocess.Popen(code, env=screen, stdout=log, stderr=log, start_new_session=True)
    try:
        until(lambda: do("search", "--name", path.name) or program.poll() is not None)
        assert program.poll() is None, (path.parent / "rosegarden.log").read_text()[-500:]

        def written() -> bool:
            window = do("search", "--name", path.name).split()
            if not window:  # named after what was saved
                return target.is_file()
            do("windowactivate", "--sync", window[-1], "key", "ctrl+s")
            time.sleep(1.5)
            do("key", "ctrl+a")
            do("type", "--delay", "15", str(target))
            do("key", "Return")
            time.sleep(1.0)
            return target.is_file()

        until(written)
    finally:
        os.killpg(program.pid, signal.SIGKILL)
        program.wait()
    return ET.fromstring(gzip.decompress(target.read_bytes()))


def test_rosegarden_reads_all_of_it(tmp_path: Path, screen: dict[str, str]) -> None:
    path = tmp_path / "bent.mid"
    score = tmp_path / "small.yaml"
    score.write_text(SCORE)
    lullaby.load(score).midi(path, mpe="single")
    file = mido.MidiFile(path)
    root = saved(path, screen)
    sent = [message for track in file.tracks for message in track]
    markers, at = [], 0
    for message in file.tracks[0]:
        at += message.time
        if message.type == "marker":
            markers.append((at, message.text))
    assert [(int(m.attrib["time"]), m.attrib["name"]) for m in root.iter("marker")] == markers
    named = {track.name for track in file.tracks[1:]}
    assert {track.attrib["label"] for track in root.iter("track")} >= named
    events = list(root.iter("event"))
    tempi = sum(message.type == "set_tempo" for message in sent)
    assert len(list(root.iter("tempo"))) == tempi > 1
    bends = sum(event.attrib["type"] == "pitchbend" for event in events)
    assert bends == sum(message.type == "pitchwheel" for message in sent)
    struck = [
        event
        for event in events
        if event.attrib["type"] == "note"
        and not any(p.attrib["name"] == "tiedbackward" for p in event.iter("property"))
    ]
    assert len(struck) == sum(m.type == "note_on" and m.velocity > 0 for m in sent)
