"""Scores and tables for the tests of data: written into a folder, read, resolved."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from lullaby.data import Limits, resolved
from lullaby.model.score import Score
from lullaby.model.signal import Known, Signal
from lullaby.score import read

BODY = """\
parts: {{a: {{module: static{part}}}}}
scenes: [{{scene: whole, for: 60 s, play: {{a: enter}}}}]
"""


def written(folder: Path, data: str, signals: str = "", part: str = "", more: str = "") -> Path:
    """Write a score with these entries under ``data`` and ``signals``."""
    text = f"lullaby: 1\ndata:\n  web: {data}\n"
    if signals:
        text += f"signals:\n  {signals}\n"
    file = folder / "piece.yaml"
    file.write_text(text + more + BODY.format(part=part))
    return file


def known(
    folder: Path, data: str, signals: str = "", part: str = "", limits: Limits | None = None
) -> Known:
    """Return what becomes of the data of a score."""
    made = resolved(read(written(folder, data, signals, part)), limits).known
    assert made is not None
    return made


def signal(folder: Path, rows: str, entry: str, data: str = "for: 60 s") -> Signal:
    """Return the signal ``s0`` of a table of the columns t and x."""
    (folder / "d.csv").write_text("t,x\n" + rows)
    return known(folder, f"{{file: d.csv, time: t, {data}}}", f"s0: {{{entry}}}").signals["s0"]


def rows(time, values) -> str:
    """Return CSV rows; NaN is a blank cell."""
    return "".join(
        f"{t!r},{'' if np.isnan(x) else repr(float(x))}\n"
        for t, x in zip(map(float, time), values, strict=True)
    )


def score(folder: Path, *entries: str, **named: str) -> Score:
    """Return a score that has been read and resolved."""
    return resolved(read(written(folder, *entries, **named)))
