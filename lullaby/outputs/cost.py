"""How long a piece will take to render: what its parts and effects cost, without a sample of sound.

The figures are what ``benchmarks/cost.py`` printed on one core of an AMD EPYC (Zen 3) at 48 kHz;
those of sirens, static and the hall less what each has gained since, measured side by side.  What
artery, clockwork, cracks, magma, rotors and wasps cost was printed on a Zen 4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lullaby.model.performance import Performance
from lullaby.model.sheet import Sheet
from lullaby.units import MICRO

MEASURED_HZ = 48_000
CORES = 2  # that an estimate is for
START_S = 0.8  # until the first block, when all is compiled
REST_MS = 1.83 + 2.2  # curves, mix and master; meter, dither and file


@dataclass(frozen=True)
class Cost:
    """Milliseconds of one core that a second of sound takes."""

    ms: float
    voice_ms: float = 0.0  # more for each of the part's ``voices``


MODULES: Mapping[str, Cost] = {
    "artery": Cost(0.7, 1.0),
    "clockwork": Cost(1.0, 0.37),
    "cracks": Cost(1.4),
    "harmony": Cost(0.5, 0.102),
    "magma": Cost(2.7, 0.44),
    "rotors": Cost(0.7, 2.0),
    "sirens": Cost(1.4, 0.19),
    "static": Cost(0.71, 0.25),
    "wasps": Cost(1.4, 0.031),
}
EFFECTS: Mapping[str, Cost] = {
    "delay": Cost(0.2),
    "hall": Cost(2.6),
    "rough": Cost(0.87),
}
UNMEASURED = Cost(2.0, 0.25)  # a module or effect of one's own


@dataclass(frozen=True)
class Estimate:
    """What rendering a piece will take."""

    core_s: float  # of one core
    took_s: float  # on ``cores``
    cores: int = CORES


def estimated(performance: Performance, sample_rate: int = MEASURED_HZ) -> Estimate:
    """Return how long rendering takes (s), once the kernels are compiled.

    Parts are shared out among cores; the buses and the mix go from first to last on one.
    """
    ends_us = [performance.length_us, *(run.end_us for run in performance.runs)]
    length_s = max(ends_us) / MICRO
    parts_ms = sum(
        (run.end_us - run.start_us) / MICRO * _ms(run.settings, MODULES) for run in performance.runs
    )
    effects = [effect for bus in performance.buses for effect in bus.effects]
    row_ms = length_s * (REST_MS + sum(_ms(effect, EFFECTS) for effect in effects))
    scale = sample_rate / MEASURED_HZ / 1000.0
    core_s = (parts_ms + row_ms) * scale
    took_s = START_S + max(core_s / CORES, row_ms * scale)
    return Estimate(START_S + core_s, took_s)


def _ms(sheet: Sheet, known: Mapping[str, Cost]) -> float:
    name = type(sheet).__module__.rpartition(".")[2].replace("_", "-")
    cost = known.get(name, UNMEASURED)
    voices = sheet.fixed.get("voices", 0)
    return cost.ms + cost.voice_ms * (voices if isinstance(voices, int) else 0)
