"""Live MIDI over a cable without hardware: a JACK server, the player in a process, us listening.

python benchmarks/midi_wire.py order [seconds]     order and drift, with the other core busy
python benchmarks/midi_wire.py hanging [times [seed]]  random stops and kills, and notes that hang
"""

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

import lullaby
from lullaby.cli.ending import ended
from lullaby.cli.midi_live import AtPort, play
from lullaby.live.beat_clock import BeatClock
from lullaby.live.held import AGAIN
from lullaby.live.midi_plan import planned
from lullaby.live.sequencer import Sequencer
from lullaby.live.timecode import Timecode
from lullaby.live.wire import Wire
from lullaby.outputs.midi_stream import Stream
from tests.live.fakes import FakeOut
from tests.live.wired import Receiver, hanging, missing, server

SCORE = """\
lullaby: 1
title: Wire
seed: 4
clock: {{bpm: 120, meter: 4/4}}
arc:
  panic: -> 0.1
  surrender: -> 1
parts:
  chord: {{module: harmony, voices: 8}}
  wails: {{module: sirens, pan: walk -0.5..0.5 per 2 s}}
scenes:
  - {{scene: cable, for: {seconds:g} s, play: {{chord: {{}}, wails: {{}}}}, next: stop}}
"""
PERIOD = 1024  # frames: of a desktop without real-time rights, for what a dead program leaves
KINDS = ("ends by itself", "SIGINT", "SIGTERM", "SIGHUP", "SIGKILL")


def player(score: Path, *options: str) -> "subprocess.Popen[bytes]":
    code = [sys.executable, "-m", "lullaby", "midi", str(score), "--port", "receiver"]
    return subprocess.Popen([*code, *options])


def expected(score: Path) -> list[bytes]:
    """Return what should arrive, by the same sequencer on a clock of its own."""
    piece = lullaby.load(score)
    stream = planned(piece.score, piece.performance)
    port = FakeOut()
    wire = Wire(port)
    made = Sequencer(stream, [wire], BeatClock(stream.tempo), Timecode("25"))
    made.locate(0.0, 0.0)
    at_s = 0.0
    while not made.over(at_s):
        at_s = made.due_s(at_s)
        made.advance(at_s, at_s)
    made.halt(at_s, at_s)
    for _ in range(AGAIN):
        wire.again(at_s)
    return port.sent


def order(seconds: float) -> None:
    with tempfile.TemporaryDirectory() as folder, server(Path(folder), True, "order"):
        score = Path(folder) / "wire.yaml"
        score.write_text(SCORE.format(seconds=seconds))
        wanted = expected(score)
        receiver = Receiver()
        busy = subprocess.Popen([sys.executable, "-c", "while True: pass"])
        try:
            player(score, "--clock", "--mtc", "25").wait()
        finally:
            busy.kill()
            busy.wait()
        time.sleep(0.5)
        receiver.close()
    got = [message for _, message in receiver.heard]
    pulses_s = np.array([at_s for at_s, message in receiver.heard if message == b"\xf8"])
    away_ms = 1e3 * (pulses_s - pulses_s[0] - np.arange(len(pulses_s)) * 60.0 / 120.0 / 24.0)
    apart_ms = np.abs(np.diff(away_ms))
    tenth = len(away_ms) // 10
    # A message can be late but never early: the earliest tell how the schedule itself moved.
    drift_ms = np.percentile(away_ms[-tenth:], 5) - np.percentile(away_ms[:tenth], 5)
    load = os.getloadavg()[0]
    print(f"{seconds:g} s, load {load:.1f}: {len(got)} messages of {len(wanted)} planned")
    print(f"order exact: {got == wanted}")
    print(f"{len(pulses_s)} pulses, drift {drift_ms:+.3f} ms, by the earliest 5 % of each tenth")
    p50, p99 = np.percentile(apart_ms, [50, 99])
    print(f"interval off by {p50:.2f} ms, 99 %: {p99:.2f}, most: {apart_ms.max():.2f} ms")
    print(f"hanging notes: {len(hanging(got))}")


def forked(stream: Stream, from_s: float, clock: bool) -> int:
    """Play as the command does, in a process of its own that has imported all; return its id."""
    child = os.fork()
    if child:
        return child
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    live = AtPort(("receiver",), False, clock, None, 0.0, from_s)
    os._exit(ended(lambda: play(stream, live, quiet=True)))


def stopped(stream: Stream, receiver: Receiver, chance: random.Random) -> tuple[str, int, int]:
    kind = chance.choice(KINDS)
    receiver.heard.clear()
    begin_s = stream.end_s - 0.7 if kind == KINDS[0] else chance.uniform(0.0, 20.0)
    child = forked(stream, begin_s, chance.random() < 0.5)
    until_s = time.perf_counter() + 60.0
    while not receiver.heard and time.perf_counter() < until_s:
        time.sleep(0.01)
    if kind != KINDS[0]:
        time.sleep(chance.uniform(0.0, 1.5))
        os.kill(child, getattr(signal, kind))
    os.waitpid(child, 0)
    until_s = time.perf_counter() + 15.0
    while receiver.sounding() and time.perf_counter() < until_s:
        time.sleep(0.02)
    time.sleep(0.05)
    notes = sum(message[0] & 0xF0 == 0x90 for _, message in receiver.heard)
    return kind, notes, len(receiver.sounding())


def hangs(times: int, seed: int) -> None:
    chance = random.Random(seed)
    rows: dict[str, list[int]] = {kind: [0, 0, 0] for kind in KINDS}
    with (
        tempfile.TemporaryDirectory() as folder,
        server(Path(folder), name=f"hanging-{seed}", period=PERIOD),
    ):
        score = Path(folder) / "wire.yaml"
        score.write_text(SCORE.format(seconds=30))
        piece = lullaby.load(score)
        stream = planned(piece.score, piece.performance)
        receiver = Receiver()
        try:
            for _ in range(times):
                kind, notes, hung = stopped(stream, receiver, chance)
                for i, more in enumerate((1, notes, hung)):
                    rows[kind][i] += more
        finally:
            receiver.close()
            for kind, (often, notes, hung) in rows.items():
                print(f"{kind:14} {often:4} times, {notes:6} notes begun, {hung} hanging")
            often, _, hung = (sum(column) for column in zip(*rows.values(), strict=True))
            print(f"all: {hung} hanging notes after {often} stops and kills", flush=True)


if __name__ == "__main__":
    if missing():
        sys.exit(f"this needs {missing()}")
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(143))  # ends the server, too
    what, number = sys.argv[1], sys.argv[2:]
    if what == "order":
        order(float(number[0]) if number else 600.0)
    else:
        times, seed = [*map(int, number), *(200, 1)[len(number) :]]
        hangs(times, seed)
