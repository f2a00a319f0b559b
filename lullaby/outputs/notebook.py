"""How a piece and its sound show themselves in a notebook: as HTML that needs nothing else."""

from __future__ import annotations

import base64
import io
import math
import tempfile
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lullaby.errors import UsageError
from lullaby.measure.listening import Measurement, listened
from lullaby.model.performance import Performance
from lullaby.outputs.hearing import stretches
from lullaby.outputs.listing import timeline
from lullaby.units import clock

PLAYED_S = 60  # what a page carries: 11 MB of text for a minute of stereo at 48 kHz
FULL = 32767


def sound(
    samples: NDArray[np.float32],
    sample_rate: int,
    performance: Performance | None = None,
    from_s: float = 0.0,
) -> str:
    """Return a player of the first minute, the picture (with matplotlib), and the table."""
    played = samples[:, : PLAYED_S * sample_rate]
    length_s = samples.shape[1] / sample_rate
    parts = [f'<audio controls src="data:audio/wav;base64,{_wav(played, sample_rate)}"></audio>']
    if played.shape[1] < samples.shape[1]:
        parts.append(f"<p>the first {PLAYED_S} s of {clock(length_s)}</p>")
    try:
        whole = performance is not None and from_s == 0.0
        scenes = stretches(performance) if performance is not None and whole else []
        found = listened(samples, sample_rate, scenes)
        shown = _picture(samples, sample_rate, performance, from_s, found.rows)
        parts += [shown, _measured(found)]
    except UsageError as error:
        parts.append(f"<p>{escape(str(error))}</p>")
    return "".join(parts)


def piece(performance: Performance) -> str:
    """Return the title and the timeline; nothing is rendered for it."""
    found = timeline(performance)
    rows = [
        [
            clock(scene["start_s"]),
            clock(scene["length_s"]),
            scene["name"],
            ", ".join(dict.fromkeys(play["part"] for play in scene["plays"])) or "silence",
        ]
        for scene in found["scenes"]
    ]
    about = f"{clock(found['length_s'])}, seed {found['seed']}"
    return f"<h3>{escape(found['title'])}</h3><p>{about}</p>" + _table(
        ["start", "length", "scene", "plays"], rows
    )


def _wav(samples: NDArray[np.float32], sample_rate: int) -> str:
    import soundfile

    file = io.BytesIO()
    steps = np.clip(np.nan_to_num(samples), -1.0, 1.0) * FULL
    whole = np.rint(steps).astype(np.int16).T
    soundfile.write(file, whole, sample_rate, format="WAV", subtype="PCM_16")
    return base64.b64encode(file.getvalue()).decode()


def _picture(
    samples: NDArray[np.float32],
    sample_rate: int,
    performance: Performance | None,
    from_s: float,
    rows: NDArray[np.void],
) -> str:
    from lullaby.measure.picture import poster
    from lullaby.outputs.posters import draw

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "picture.png"
        try:
            if performance is None:
                poster(samples, sample_rate, title="", scenes=[], arcs={}, path=path, rows=rows)
            else:
                draw(performance, samples, sample_rate, path, from_s=from_s, rows=rows)
        except UsageError:  # shorter than a second, or no matplotlib: the table says enough
            return ""
        data = base64.b64encode(path.read_bytes()).decode()
    return f'<p><img style="max-width: 100%" src="data:image/png;base64,{data}"></p>'


def _measured(found: Measurement) -> str:
    headings = ["", "integrated LUFS", "range LU", "true peak dBTP", "max short-term LUFS", "index"]
    rows = [
        [s.scene.name, *_figures(s.loudness, None if s.reading is None else s.reading.index)]
        for s in found.scenes
    ]
    rows.append(["overall", *_figures(found.loudness, found.index)])
    return _table(headings, rows)


def _figures(read: object, index: float | None) -> list[str]:
    names = ("integrated_lufs", "range_lu", "true_peak_db", "short_term_max_lufs")
    levels = [f"{getattr(read, name):.1f}" for name in names]
    return [*levels, "-" if index is None or not math.isfinite(index) else f"{index:.2f}"]


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    def line(cells: Sequence[str], tag: str) -> str:
        return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"

    body = "".join(line(row, "td") for row in rows)
    return f"<table><thead>{line(headings, 'th')}</thead><tbody>{body}</tbody></table>"
