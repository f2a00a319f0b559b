"""``explain``: where every value comes from, and what becomes of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lullaby.cli.options import examples, lasting, limited, loaded, own_modules, seeded
from lullaby.cli.plain import plain

if TYPE_CHECKING:
    from lullaby import Piece
    from lullaby.model.performance import Performance
    from lullaby.score.origins import Asked, Origin, Origins

SHOWN_S = 600.0  # of a piece without an end
WIDTH, HEIGHT, SPARK = 64, 8, 24  # letters


@click.command(
    short_help="Say where a value comes from, and draw it.",
    epilog=examples(
        "lullaby explain let_go towers",
        "lullaby explain let_go towers.level",
        "lullaby explain let_go panic",
    ),
)
@click.argument("score")
@click.argument("target", metavar="PART[.PARAM]")
@lasting
@seeded
@limited
@own_modules
def explain(score: str, target: str, for_s: float | None, seed: int | None) -> None:
    """Say where the values of a part come from: default, arc, preset, part, scene or cue.

    With one parameter its curve over the piece is drawn. Buses, master and arcs can be asked too.
    """
    from lullaby.score.origins import Origins, asked

    piece = loaded(score, seed, for_s, SHOWN_S)
    known = piece.score.known
    if known is not None and target in known.signals:
        _signal(piece, target)
        return
    wanted = asked(piece.score, target)
    origins = Origins(piece.score)
    if len(wanted) == 1 and ("." in target or wanted[0].kind == "arc"):
        _one(piece, wanted[0], origins)
    else:
        _all(piece, wanted, origins)


def _signal(piece: Piece, name: str) -> None:
    # What it means in data units, and its curve over the piece, in those units too.
    import numpy as np

    from lullaby.data.report import signal_line
    from lullaby.outputs.plot import braille

    assert piece.score.known is not None
    signal = piece.score.known.signals[name]
    click.echo(plain(signal_line(signal)))
    ends = [signal.said(1.0), signal.said(0.0)]
    values = signal(np.linspace(0.0, piece.duration_s, 2 * WIDTH))
    margin = max(map(len, ends))
    rows = braille(values, HEIGHT, 0.0, 1.0, False)
    for i, row in enumerate(rows):
        label = ends[0] if i == 0 else ends[1] if i == len(rows) - 1 else ""
        click.echo(f"{plain(label):>{margin}} ┤{row}")
    for line in _axis(piece.performance, margin):
        click.echo(line)


def _one(piece: Piece, asked: Asked, origins: Origins) -> None:
    from lullaby.cli.tables import show
    from lullaby.model.sheet import Fixed, Param

    p = asked.declared
    click.echo(f"{plain(asked.said)}: {_about(asked)}")
    found = origins.of(asked)
    rows = [(o.by, o.scene, o.text, _place(o)) for o in found] or [("", "", "not said", "")]
    show(["from", "scene", "said", "where"], rows)
    if isinstance(p, Fixed):
        return
    unit = "dB" if p is None and asked.kind != "arc" else p.unit if p else ""
    log = isinstance(p, Param) and p.log
    for line in _drawn(piece.performance, asked, unit, log):
        click.echo(line)


def _all(piece: Piece, wanted: list[Asked], origins: Origins) -> None:
    from lullaby.cli.tables import show

    rows = []
    for asked in wanted:
        found = origins.of(asked)
        last = found[-1]
        more = f" (+{len(found) - 2})" if len(found) > 2 else ""
        rows.append((asked.name, last.by + more, last.text, _place(last), *_short(piece, asked)))
    show(["value", "from", "said", "where", "over the piece", "range"], rows)


def _short(piece: Piece, asked: Asked) -> tuple[str, str]:
    from lullaby.model.sheet import Fixed
    from lullaby.outputs.plot import span, spark

    p = asked.declared
    if isinstance(p, Fixed):
        return "", ""
    values = _values(piece.performance, asked, SPARK)
    unit, log = (p.unit, p.log) if p is not None else ("dB", False)
    low, high = span(values, log)
    return spark(values, low, high, log), _range(values, unit)


def _range(values: Any, unit: str) -> str:
    import numpy as np

    found = values[np.isfinite(values)]
    if not found.size:
        return "silent"
    low, high = _figure(found.min()), _figure(found.max())
    text = low if low == high else f"{low}..{high}"
    return text if unit in ("", "ratio") else f"{text} {unit}"


def _drawn(performance: Performance, asked: Asked, unit: str, log: bool) -> list[str]:
    import numpy as np

    from lullaby.outputs.plot import braille, span

    values = _values(performance, asked, 2 * WIDTH)
    if not np.isfinite(values).any():
        return ["it never sounds"]
    low, high = span(values, log)
    unit = "" if unit == "ratio" else unit
    ends = [f"{_figure(high)} {unit}".rstrip(), f"{_figure(low)} {unit}".rstrip()]
    found = values[np.isfinite(values)]
    height = HEIGHT
    if found.min() == found.max():  # one line says it all
        height, ends = 1, [f"{_figure(found[0])} {unit}".rstrip()]
    margin = max(map(len, ends))
    lines = braille(values, height, low, high, log)
    labels = [ends[0], *[""] * (height - 2), *ends[1:]]
    drawn = [f"{label:>{margin}} ┤{line}" for label, line in zip(labels, lines, strict=True)]
    return [*drawn, *_axis(performance, margin)]


def _axis(performance: Performance, margin: int) -> list[str]:
    from lullaby.units import MICRO, clock

    length_us = performance.length_us
    ticks, names, times = ["─"] * WIDTH, [" "] * (WIDTH + 1), [" "] * (WIDTH + 1)
    free = 0
    for scene in performance.scenes:
        at = min(WIDTH - 1, scene.start_us * WIDTH // max(1, length_us))
        ticks[at] = "┬"
        when, name = clock(scene.start_us / MICRO), plain(scene.name)
        if at < free:
            continue
        room = WIDTH - at
        following = [s.start_us * WIDTH // length_us for s in performance.scenes]
        room = min([f - at for f in following if f > at + len(when)] + [room])
        name = name if len(name) < room else name[: max(0, room - 2)] + "…"
        for row, word in ((times, when), (names, name)):
            row[at : at + len(word)] = word
        free = at + max(len(when), len(name)) + 1
    pad = " " * margin
    end = clock(length_us / MICRO)
    return [
        f"{pad} └{''.join(ticks)}┘ {end}",
        f"{pad}  {''.join(times).rstrip()}",
        f"{pad}  {''.join(names).rstrip()}",
    ]


def _values(performance: Performance, asked: Asked, count: int) -> Any:
    import numpy as np

    from lullaby.outputs.curves import sampled
    from lullaby.units import MICRO

    t = (np.arange(count, dtype=np.float64) + 0.5) * (performance.length_us / MICRO / count)
    name = asked.declared.name if asked.declared is not None else asked.name
    return sampled(performance, asked.kind, asked.owner, name, t)


def _about(asked: Asked) -> str:
    from lullaby.model.sheet import Param

    p = asked.declared
    if isinstance(p, Param):
        unit = "" if p.unit == "ratio" else f" {p.unit}"
        each = " Drawn anew for each event where the score says 'each'." if p.each else ""
        return f"{p.doc} {p.low:g}..{p.high:g}{unit}.{each}"
    if p is not None:
        return f"{p.doc} Fixed for the whole piece."
    if asked.name.startswith("duck."):
        return f"how much softer while {plain(asked.name.removeprefix('duck.'))} sounds"
    return "an arc, 0..1" if asked.kind == "arc" else "a send"


def _place(origin: Origin) -> str:
    if not origin.where.line:
        return ""
    file = Path(origin.where.file).name
    return f"{file}:{origin.where.line}" if file else f"line {origin.where.line}"


def _figure(value: float) -> str:
    return f"{float(value):.4g}"
