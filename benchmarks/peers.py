"""How fast scsynth and Csound are at the workloads: ``python benchmarks/peers.py``.

Prints real-time factors by processor time on one core, each the best of three, less what a tenth of
a second costs; to be laid beside ``w1_sirens.py`` to ``w6_grains.py`` of the same minutes.  Csound
wants ``csound``; scsynth wants ``scsynth`` and the package ``supriya``, which writes its synths.
What is missing is left out and named.
"""

from __future__ import annotations

import random
import resource
import shutil
import struct
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

RATE, LENGTH_S, SHORT_S, RUNS = 48000, 60.0, 0.1, 3
CHANCE = random.Random(1)

CSOUND = {
    "W1": (
        """kf oscil 600, 0.25, -1, p4
kc oscil 1600, 0.1, -1, p5
a1 vco2 0.03, 1000+kf
a2 bqrez a1, 2400+kc, 2
outs a2*sqrt(p6), a2*sqrt(1-p6)""",
        32,
    ),
    "W3": (
        """kf randi 75, 2, p4, 0, 175
kp randi 0.5, 0.5, p5, 0, 0.5
a1 vco2 0.005, kf
outs a1*sqrt(kp), a1*sqrt(1-kp)""",
        200,
    ),
    "W6": (
        """gi1 ftgenonce 1, 0, 8192, 10, 1
gi2 ftgenonce 2, 0, 8192, 20, 2, 1
a1 grain3 2200, 0, 1800, 0, 0.08, 500, 200, 1, 2, 0, 0
a2 grain3 2200, 0, 1800, 0, 0.08, 500, 200, 1, 2, 0, 0, 7
outs a1*0.02, a2*0.02""",
        1,
    ),
}


def cpu_s(command: Sequence[str]) -> float:
    """Return the processor time of a command, the least of some runs."""
    best_s = float("inf")
    for _ in range(RUNS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        used_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        best_s = min(best_s, used_s)
    return best_s


def csound_file(path: Path, body: str, voices: int, length_s: float) -> Path:
    """Write an orchestra of one instrument and a score that plays it in some voices."""
    notes = "\n".join(
        f"i1 0 {length_s} " + " ".join(f"{CHANCE.random():.4f}" for _ in range(3))
        for _ in range(voices)
    )
    path.write_text(
        f"""<CsoundSynthesizer>
<CsOptions>
-o {path.with_suffix(".wav")} -f -d -m0
</CsOptions>
<CsInstruments>
sr={RATE}
ksmps=64
nchnls=2
0dbfs=1
instr 1
{body}
endin
</CsInstruments>
<CsScore>
{notes}
</CsScore>
</CsoundSynthesizer>
"""
    )
    return path


def synths() -> dict[str, tuple[Any, int]]:
    """Return scsynth's synths and how many of each sound."""
    from supriya import SynthDefBuilder
    from supriya.ugens import BPF, BLowPass, Dust, LFNoise1, Out, Pan2, Saw, SinOsc, WhiteNoise

    made = {}
    with SynthDefBuilder(p=0.0, q=0.0, pan=0.0) as siren:
        hz = SinOsc.kr(frequency=0.25, phase=siren["p"]) * 600 + 1000
        cutoff_hz = SinOsc.kr(frequency=0.1, phase=siren["q"]) * 1600 + 2400
        saw = Saw.ar(frequency=hz) * 0.03
        sound = BLowPass.ar(source=saw, frequency=cutoff_hz, reciprocal_of_q=0.5)
        Out.ar(bus=0, source=Pan2.ar(source=sound, position=siren["pan"]))
    made["W1"] = siren.build(name="siren"), 32
    with SynthDefBuilder(p=0.0, pan=0.0) as noise:
        hz = SinOsc.kr(frequency=0.1, phase=noise["p"]) * 1500 + 1850
        band = BPF.ar(source=WhiteNoise.ar(), frequency=hz, reciprocal_of_q=0.3) * 0.1
        sound = band + Dust.ar(density=30) * 0.1
        Out.ar(bus=0, source=Pan2.ar(source=sound, position=noise["pan"]))
    made["W2"] = noise.build(name="noise"), 16
    with SynthDefBuilder() as swarm:
        saw = Saw.ar(frequency=LFNoise1.kr(frequency=2) * 75 + 175) * 0.005
        Out.ar(bus=0, source=Pan2.ar(source=saw, position=LFNoise1.kr(frequency=0.5)))
    made["W3"] = swarm.build(name="swarm"), 200
    with SynthDefBuilder(p=0.0, pan=0.0, hz=200.0) as choir:
        hz = choir["hz"] * (1 + SinOsc.kr(frequency=5.5, phase=choir["p"]) * 0.02)
        saw = Saw.ar(frequency=hz) * 0.1
        formants_hz = (600, 1040, 2250, 2450, 2750)
        sound = sum(BPF.ar(source=saw, frequency=f, reciprocal_of_q=0.1) for f in formants_hz)
        Out.ar(bus=0, source=Pan2.ar(source=sound, position=choir["pan"]))
    made["W5"] = choir.build(name="choir"), 16
    return made


def message(address: str, *values: Any) -> bytes:
    """Return an OSC message of whole numbers, floats, texts and blobs (OSC 1.0)."""
    kinds, body = ",", b""
    for value in values:
        if isinstance(value, bytes):
            kinds += "b"
            body += struct.pack(">i", len(value)) + value + bytes(-len(value) % 4)
        elif isinstance(value, str):
            kinds += "s"
            body += padded(value)
        else:
            kinds += "f" if isinstance(value, float) else "i"
            body += struct.pack(">f" if isinstance(value, float) else ">i", value)
    return padded(address) + padded(kinds) + body


def padded(text: str) -> bytes:
    """Return a text ended and filled up as OSC wants it."""
    return text.encode() + bytes(4 - len(text) % 4)


def bundle(at_s: float, said: bytes) -> bytes:
    """Return a bundle of one message for a file of commands."""
    inside = b"#bundle\0" + struct.pack(">Q", int(at_s * 2**32)) + struct.pack(">i", len(said))
    return struct.pack(">i", len(inside + said)) + inside + said


def scsynth_file(path: Path, synth: Any, voices: int, length_s: float) -> Path:
    """Write the commands that play a synth in some voices, without real time."""
    said = bundle(0.0, message("/d_recv", synth.compile()))
    ranges = {"p": (-3.0, 3.0), "q": (-3.0, 3.0), "pan": (-1.0, 1.0), "hz": (100.0, 300.0)}
    for i in range(voices):
        words: list[Any] = []
        for name in synth.parameters:
            words += [str(name), CHANCE.uniform(*ranges[str(name)])]
        said += bundle(0.0, message("/s_new", synth.name, 1000 + i, 1, 0, *words))
    path.write_bytes(said + bundle(length_s, message("/c_set", 0, 0.0)))
    return path


def main() -> None:
    """Print a line for each workload and engine."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if shutil.which("csound"):
            for work, (body, voices) in CSOUND.items():
                whole, short = (
                    cpu_s(["csound", str(csound_file(folder / "x.csd", body, voices, length_s))])
                    for length_s in (LENGTH_S, SHORT_S)
                )
                print(f"{work}: csound {(LENGTH_S - SHORT_S) / (whole - short):.0f} x real time")
        else:
            print("no csound here")
        try:
            made = synths() if shutil.which("scsynth") else {}
        except ImportError:
            made = {}
        for work, (synth, voices) in made.items():
            found = []
            for length_s in (LENGTH_S, SHORT_S):
                path = scsynth_file(folder / "x.osc", synth, voices, length_s)
                sound = str(folder / "x.wav")
                options = ["-o", "2", "-z", "64", "-m", "65536", "-w", "512"]
                form = [str(path), "_", sound, str(RATE), "WAV", "float"]
                found.append(cpu_s(["scsynth", "-N", *form, *options]))
            factor = (LENGTH_S - SHORT_S) / (found[0] - found[1])
            print(f"{work}: scsynth {factor:.0f} x real time")
        if not made:
            print("no scsynth here, or no supriya")


if __name__ == "__main__":
    main()
