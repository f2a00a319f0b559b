"""What an ear can have of the data: domains, steps against what it tells apart, flat arcs."""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.data.report import signal_line, source_line
from lullaby.model.curve import Curve
from lullaby.model.score import Score
from lullaby.model.signal import Known
from lullaby.model.value import names_in
from lullaby.units import ratio_to_cents

# What untrained ears tell apart in a reverberant piece, on the safe side.
JND = {"pitch_hz": 25.0, "level_db": 1.5, "pan": 0.1, "cutoff_hz": 300.0, "density_per_s": 0.1}
UNITS = {
    "pitch_hz": "cents",
    "cutoff_hz": "cents",
    "level_db": "dB",
    "pan": "",
    "density_per_s": "",
}
RATIOS = ("pitch_hz", "cutoff_hz")
FLAT, CLIPPED = 0.4, 0.05


def explained(score: Score, parts: list[tuple[str, str, Curve]]) -> list[str]:
    """Return lines about the data; ``parts``: (part, parameter, curve) that follow a signal."""
    known = score.known or Known()
    made = [source_line(name, span, known) for name, span in known.spans.items()]
    for signal in known.signals.values():
        made.append(signal_line(signal))
        made += [f"  {line}" for line in _steps(score, signal.name, signal.report, parts)]
    return [*made, *(f"note: {note}" for note in known.notes)]


def flat(name: str, values: Any) -> list[str]:
    """Return the deciles of an arc over the piece, and a warning where it hardly moves."""
    tenths = np.array_split(np.asarray(values), 10)
    line = " ".join(f"{part.mean():.2f}" for part in tenths)
    made = [f"arc {name}: {line}"]
    low, high = np.percentile(values, (1, 99))
    if high - low < FLAT:
        made.append(
            f"warning: arc '{name}' uses {100 * (high - low):.0f} % of its range: it is flat"
        )
    return made


def _steps(
    score: Score, signal: str, report: Any, parts: list[tuple[str, str, Curve]]
) -> list[str]:
    lines = []
    verified = {one.name for one in score.verify}
    by_name = {part.name: part for part in score.parts}
    for part, parameter, curve in parts:
        if signal not in set(names_in(by_name[part].settings.get(parameter))):
            continue
        low, high = curve.bounds()
        if parameter not in JND or not high - low > 0.0:
            continue
        wide = high - low
        if parameter in RATIOS:
            wide = float(ratio_to_cents(high / low))
        if parameter == "density_per_s":
            wide = float(np.log(high / max(low, 0.1)))
        levels = max(1, int(wide / JND[parameter]))
        step = report["typical_step"] * wide
        unit = UNITS[parameter]
        said = parameter.removesuffix("_hz").removesuffix("_db").removesuffix("_per_s")
        line = f"{part}.{said}: {levels} levels an ear tells apart; a typical step is {step:.3g} "
        lines.append(f"{line}{unit}, {step / JND[parameter]:.2g} of the smallest heard".strip())
        if report["levels"] is not None and report["levels"] > levels:
            lines.append(
                f"warning: {signal} has {report['levels']} levels, more than {said} can tell apart"
            )
        if 0.0 < step < JND[parameter]:
            lines.append(f"warning: most steps of {signal} are too small to be heard in {said}")
        if f"{part}.{said}" in verified and report["clipped"] > CLIPPED:
            share = 100.0 * report["clipped"]
            lines.append(f"warning: {share:.0f} % of {signal} is cut off, and {said} is verified")
    return lines
