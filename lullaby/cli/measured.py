"""A measurement for people, as tables, and for programs, as JSON and CSV."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from lullaby.cli.plain import plain
from lullaby.cli.tables import console
from lullaby.cli.tables import show as show_table
from lullaby.units import clock

if TYPE_CHECKING:
    from lullaby.cli.measuring import Measured
    from lullaby.measure.arc import Band, Judgement, SceneReading
    from lullaby.measure.loudness import Loudness

# feature: how it is headed and how many decimals it has
FEATURES = {
    "loudness_lufs": ("S\nLUFS", 1),
    "sharpness_acum": ("sharp\nacum", 2),
    "rough_index": ("rough\nindex", 2),
    "centroid_hz": ("centre\nHz", 0),
    "high_db": (">2k\ndB", 1),
    "flatness_db": ("flat\ndB", 1),
    "onsets_per_s": ("onsets\n/s", 1),
    "hnr_db": ("HNR\ndB", 1),
    "slow_percent": ("slow\n%", 0),
    "crest_db": ("crest\ndB", 1),
}
LOUDNESS = {  # key for programs: field, heading
    "integrated_lufs": ("integrated_lufs", "I\nLUFS>"),
    "loudness_range_lu": ("range_lu", "LRA\nLU>"),
    "true_peak_dbtp": ("true_peak_db", "true peak\ndBTP>"),
    "max_momentary_lufs": ("momentary_max_lufs", "max M\nLUFS>"),
    "max_short_term_lufs": ("short_term_max_lufs", "max S\nLUFS>"),
}
NONE = "-"


def show(measured: Measured) -> None:
    """Print the loudness, the features and the comparison."""
    found = measured.measurement
    channels = {1: "mono", 2: "stereo"}.get(found.channels, f"{found.channels} channels")
    frozen = ", surrender held at 0" if measured.frozen is not None else ""
    length = clock(found.duration_s, 1)
    click.echo(f"{plain(measured.name)}: {length}, {found.sample_rate} Hz, {channels}{frozen}")
    _show_loudness(measured)
    if len(found.rows):
        _show_features(measured)
    if measured.judgement is not None:
        _show_judgement(measured, measured.judgement)


def _show_loudness(measured: Measured) -> None:
    found = measured.measurement
    rows = [
        [s.scene.name, clock(s.scene.start_s), clock(s.scene.length_s), *_levels(s.loudness)]
        for s in found.scenes
    ]
    rows.append(["overall", clock(0), clock(found.duration_s), *_levels(found.loudness)])
    headings = [heading for _, heading in LOUDNESS.values()]
    show_table(["scene", "start>", "length>", *headings], rows, compact=True)


def _levels(read: Loudness) -> list[str]:
    return [f"{getattr(read, field):.1f}" for field, _ in LOUDNESS.values()]


def _show_features(measured: Measured) -> None:
    found = measured.measurement
    rows = [
        [s.scene.name, f"{s.reading.index:.2f}", *_figures(s.reading.values)]
        for s in found.scenes
        if s.reading is not None
    ]
    rows.append(["overall", f"{found.index:.2f}", *_figures(found.values)])
    headings = [f"{heading}>" for heading, _ in FEATURES.values()]
    show_table(["medians", "arc\nindex>", *headings], rows, compact=True)


def _figures(values: Mapping[str, float]) -> list[str]:
    return [_figure(feature, values.get(feature)) for feature in FEATURES]


def _figure(feature: str, value: float | None) -> str:
    return NONE if value is None else f"{value:.{FEATURES[feature][1]}f}"


def _show_judgement(measured: Measured, judgement: Judgement) -> None:
    from rich.table import Table
    from rich.text import Text

    from lullaby.measure.arc import BANDS, CALM_INDEX, LEAST_MET, PANIC_INDEX

    judged = [(reading, "panic") for reading in judgement.panic]
    judged += [(reading, "calm") for reading in judgement.calm]
    table = Table()
    for heading in ("band", "panic", "calm"):
        table.add_column(heading)
    for reading, kind in judged:
        table.add_column(Text(f"{plain(reading.scene.name)}\n({kind})"), justify="right")
    for band in BANDS:
        cells = [_cell(band.feature, reading, kind) for reading, kind in judged]
        table.add_row(band.feature, wanted(band, "panic"), wanted(band, "calm"), *cells)
    counts = [f"{len(_met(reading, kind))} of {len(BANDS)}" for reading, kind in judged]
    table.add_section()
    least = f"{LEAST_MET} of {len(BANDS)}"
    table.add_row("bands met", least, least, *counts)
    indices = [f"{reading.index:.2f}" for reading, _ in judged]
    table.add_row("arc index", f"over {PANIC_INDEX}", f"under {CALM_INDEX}", *indices)
    if judged:
        console().print(table)
    for line in _verdict(measured, judgement):
        click.echo(plain(line))


def _cell(feature: str, reading: SceneReading, kind: str) -> Any:
    from rich.text import Text

    met = feature in _met(reading, kind)
    value = _figure(feature, reading.values.get(feature))
    return Text(f"{value} {'yes' if met else ' no'}", "green" if met else "red")


def _met(reading: SceneReading, kind: str) -> frozenset[str]:
    return reading.meets_panic if kind == "panic" else reading.meets_calm


def wanted(band: Band, kind: str) -> str:
    """Return where a feature should lie, in words."""
    low, high = band.panic if kind == "panic" else band.calm
    if math.isinf(low):
        return f"up to {high:g}"
    return f"{low:g} or more" if math.isinf(high) else f"{low:g} to {high:g}"


def _verdict(measured: Measured, judgement: Judgement) -> Iterator[str]:
    if measured.piece is not None:
        ends_s, asked_s = measured.measurement.duration_s, measured.piece.duration_s
        if ends_s < asked_s - 1.0:
            yield f"note: it ends at {clock(ends_s)}, the score at {clock(asked_s)}"
    yield f"index against written panic: rank correlation {judgement.correlation:.2f}"
    title = "" if measured.piece is None else f" '{measured.piece.title}'"
    if judgement.passes:
        yield f"passes: it sounds as{title} is written"
    else:
        yield f"does not pass: it does not sound as{title} is written"
        for line in judgement.failures:
            yield f"  {line}"
    if measured.frozen is None:
        return
    if not measured.frozen:
        yield "control passes: without surrender the calm scenes are not calm"
    else:
        yield "control does not pass:"
        for line in measured.frozen:
            yield f"  {line}"


def as_plain(measured: Measured) -> dict[str, Any]:
    """Return everything but the rows as what JSON can hold; null for -inf and for no value."""
    found = measured.measurement
    plainly: dict[str, Any] = {
        "name": measured.name,
        "duration_s": round(found.duration_s, 6),
        "sample_rate": found.sample_rate,
        "channels": found.channels,
        **_loudness_plainly(found.loudness),
        "arc_index": _number(found.index),
        "features": _features_plainly(found.values) if found.values else None,
        "scenes": [
            {
                "name": s.scene.name,
                "start_s": s.scene.start_s,
                "length_s": s.scene.length_s,
                **_loudness_plainly(s.loudness),
                **_reading_plainly(s.reading),
            }
            for s in found.scenes
        ],
    }
    judgement = measured.judgement
    if judgement is not None:
        plainly["verdict"] = {
            "passes": judgement.passes,
            "rank_correlation": _number(judgement.correlation),
            "panic_scenes": [reading.scene.name for reading in judgement.panic],
            "calm_scenes": [reading.scene.name for reading in judgement.calm],
            "failures": list(judgement.failures),
        }
    if measured.frozen is not None:
        plainly["control"] = {"passes": not measured.frozen, "failures": list(measured.frozen)}
    return plainly


def _loudness_plainly(read: Loudness) -> dict[str, float | None]:
    return {key: _number(getattr(read, field)) for key, (field, _) in LOUDNESS.items()}


def _features_plainly(values: Mapping[str, float]) -> dict[str, float | None]:
    return {feature: _number(values.get(feature)) for feature in FEATURES}


def _reading_plainly(reading: SceneReading | None) -> dict[str, Any]:
    if reading is None:
        return {"arc_index": None, "features": None}
    return {
        "arc_index": _number(reading.index),
        "features": _features_plainly(reading.values),
        "breath_hz": None if reading.breath is None else _number(reading.breath.peak_hz),
        "meets_panic": sorted(reading.meets_panic),
        "meets_calm": sorted(reading.meets_calm),
    }


def _number(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else round(float(value), 4)


def csv_lines(measured: Measured) -> Iterator[str]:
    """Yield a heading and a row a second: features, index, and scene and arcs of a score."""
    found = measured.measurement
    arcs: dict[str, Any] = {}
    if measured.piece is not None:
        from lullaby.outputs.hearing import written

        arcs = written(measured.piece.performance, len(found.rows))
    features = [feature for feature in FEATURES if feature in (found.rows.dtype.names or ())]
    yield _csv(["at_s", *features, "arc_index", "scene", *(f"written_{name}" for name in arcs)])
    for i, row in enumerate(found.rows):
        at_s = float(row["at_s"])
        inside = [
            s.scene.name
            for s in found.scenes
            if s.scene.start_s <= at_s + 0.5 < s.scene.start_s + s.scene.length_s
        ]
        cells: list[object] = [f"{at_s:g}", *(f"{float(row[f]):.6g}" for f in features)]
        cells += [f"{found.arc.index[i]:.4f}", plain(inside[0]) if inside else ""]
        yield _csv([*cells, *(f"{float(arc[i]):.4f}" for arc in arcs.values())])


def _csv(cells: Sequence[object]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(cells)
    return line.getvalue()
