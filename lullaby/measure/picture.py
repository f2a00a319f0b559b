"""The poster of a piece: what is written and what is heard, on one dark page."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lullaby.errors import OutputError, UsageError
from lullaby.measure.arc import Stretch, arc_reading
from lullaby.measure.block import checked_block, checked_rate
from lullaby.measure.features import features
from lullaby.measure.palette import COOL, CURVES, DIM, HAIR, HOT, INK, NIGHT, OTHERS
from lullaby.measure.spectrogram import HIGHEST_HZ, LOWEST_HZ, log_spectrogram
from lullaby.units import clock

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, HEIGHT, DPI = 1600, 900, 100
LEFT, RIGHT = 0.052, 0.978
RANGE_DB: Final = 62.0
TILT_DB: Final = 1.5  # an octave
LIFT: Final = 0.35  # of what a quiet passage lies below the loudest
DEEPEST_DB: Final = 45.0
LOUDNESS_LUFS = (-48.0, -6.0)
TICKS_HZ = {50: "50", 100: "100", 200: "200", 500: "500", 1000: "1k", 2000: "2k", 5000: "5k"}
TICKS_HZ |= {10_000: "10k"}


def poster(
    samples: ArrayLike,
    sample_rate: int,
    *,
    title: str,
    scenes: Sequence[tuple[str, float, float]],
    arcs: Mapping[str, ArrayLike],
    marks: Sequence[tuple[str, float]] = (),
    path: str | Path,
    rows: NDArray[np.void] | None = None,
) -> None:
    """Draw a piece as a PNG or SVG of 1600 x 900 pixels, by the suffix of ``path``.

    ``samples``: (channels, frames), at least 1 s; ``scenes``: (name, start_s, length_s);
    ``arcs``: one value 0..1 a second each; ``marks``: (name, at_s); ``rows``: what ``features``
    gave for the samples, if it is known already. Hue is the measured arc index of the moment,
    brightness the level. Raises UsageError for another suffix or too short a sound or without
    matplotlib (extra ``picture``), OutputError where the file cannot be written whole.
    """
    target = Path(path)
    check_picture(target)
    block = checked_block(samples)
    if block.shape[1] < checked_rate(sample_rate):
        raise UsageError("a picture needs at least 1 s of sound")
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    stretches = [Stretch(*scene) for scene in scenes]
    heard = features(block, sample_rate) if rows is None else rows
    index = arc_reading(heard, stretches).index
    length_s = block.shape[1] / sample_rate

    figure = Figure(figsize=(WIDTH / DPI, HEIGHT / DPI), dpi=DPI, facecolor=NIGHT)
    FigureCanvasAgg(figure)
    _heading(figure, title, length_s, heard)
    ribbon, sound, arc, loud = (
        figure.add_axes((LEFT, bottom, RIGHT - LEFT, height))
        for bottom, height in ((0.862, 0.036), (0.352, 0.484), (0.168, 0.158), (0.058, 0.088))
    )
    for axes in (ribbon, sound, arc, loud):
        _plain(axes, length_s)
    _ribbon(ribbon, stretches, index, length_s)
    _sound(sound, block, sample_rate, index, length_s)
    _arcs(arc, arcs, index)
    _loudness(loud, heard["loudness_lufs"], index)
    _times(loud, length_s)
    for axes in (sound, arc, loud):
        for scene in stretches[1:]:
            axes.axvline(scene.start_s, color=INK, alpha=0.13, linewidth=0.7)
    _marks((sound, arc, loud), marks, length_s)
    _write(figure, target)


def check_picture(target: Path) -> None:
    """Raise UsageError for a name that is no picture's, or where matplotlib is missing."""
    if target.suffix.lower() not in (".png", ".svg"):
        raise UsageError(f"cannot draw '{target.name}': a name in .png or .svg would be right")
    if find_spec("matplotlib") is None:
        raise UsageError("pictures need matplotlib: pip install 'lullaby[picture]' would bring it")


def _text(axes: Axes | Figure, x: float, y: float, text: str, size: float, **style: Any) -> Any:
    style = {"color": INK, "fontsize": size, "parse_math": False, **style}
    return axes.text(x, y, text, **style)


def _heading(figure: Figure, title: str, length_s: float, rows: NDArray[np.void]) -> None:
    _text(figure, LEFT, 0.932, title, 25, fontweight="light")
    levels = rows["loudness_lufs"][np.isfinite(rows["loudness_lufs"])]
    facts = clock(length_s)
    if len(levels):
        loud, soft = np.percentile(levels, (95, 10))  # not what fades in or rings on
        facts += f"   {loud:.0f} to {soft:.0f} LUFS"
    _text(figure, RIGHT, 0.932, facts, 12, color=DIM, ha="right")


def _plain(axes: Axes, length_s: float) -> None:
    axes.set_facecolor(NIGHT)
    axes.set_xlim(0, length_s)
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.tick_params(colors=DIM, labelsize=9, length=0, pad=5)


def _colours(index: NDArray[np.float64], brightness: Any) -> NDArray[np.float64]:
    """Return RGB for calm-to-panic hues and brightness, both 0..1 and of shapes that broadcast."""
    from matplotlib.colors import LinearSegmentedColormap

    hot = LinearSegmentedColormap.from_list("hot", HOT)(brightness)[..., :3]
    cool = LinearSegmentedColormap.from_list("cool", COOL)(brightness)[..., :3]
    mixed: NDArray[np.float64] = cool + (hot - cool) * index[..., np.newaxis]
    return mixed


def _at(index: NDArray[np.float64], times_s: NDArray[Any]) -> NDArray[np.float64]:
    # nine seconds of smoothing: the hue is a mood, not a meter
    reach = min(4, (len(index) - 1) // 2)
    padded = np.pad(index, reach, mode="edge")
    smooth = np.convolve(padded, np.full(2 * reach + 1, 1 / (2 * reach + 1)), mode="valid")
    at: NDArray[np.float64] = np.interp(times_s, np.arange(len(index)) + 0.5, smooth)
    return at


def _ribbon(
    axes: Axes, scenes: Sequence[Stretch], index: NDArray[np.float64], length_s: float
) -> None:
    from matplotlib.patches import Rectangle

    axes.set_ylim(0, 1)
    gap = length_s / 800
    inches = (RIGHT - LEFT) * WIDTH / DPI / length_s
    for scene in scenes:
        middle = _at(index, np.array([scene.start_s + scene.length_s / 2]))
        colour = _colours(middle, np.array([0.42]))[0]
        axes.add_patch(
            Rectangle((scene.start_s, 0), scene.length_s - gap, 1, color=colour, linewidth=0)
        )
        name = _fitting(scene.name, int((scene.length_s * inches - 0.12) / 0.082))
        centre = scene.start_s + (scene.length_s - gap) / 2
        _text(axes, centre, 0.46, name, 9.5, ha="center", va="center")


def _fitting(name: str, letters: int) -> str:
    # whole words if there are some that fit, else the beginning, else nothing
    name = name.replace("_", " ")
    if len(name) <= letters:
        return name
    whole = name[: letters + 1].rpartition(" ")[0].rstrip(" ,")
    return whole or (name[: letters - 1] + "…" if letters >= 4 else "")


def _sound(
    axes: Axes,
    block: NDArray[np.float32],
    sample_rate: int,
    index: NDArray[np.float64],
    length_s: float,
) -> None:
    columns, rows = round((RIGHT - LEFT) * WIDTH), round(0.484 * HEIGHT)
    level_db = log_spectrogram(block, sample_rate, columns, rows)
    octaves = np.log2([LOWEST_HZ, HIGHEST_HZ])
    # noise is as bright high up as low down, and what is quiet does not drown in the dark
    level_db -= TILT_DB * np.linspace(0, octaves[1] - octaves[0], rows)[:, np.newaxis]
    level_db += LIFT * _below_loudest(level_db)
    top_db = max(float(np.percentile(level_db, 99.8)), -100.0)
    brightness = np.clip((level_db - top_db) / RANGE_DB + 1, 0, 1) ** 1.25
    hue = _at(index, (np.arange(columns) + 0.5) * length_s / columns)
    picture = _colours(np.broadcast_to(hue, brightness.shape), brightness)
    axes.imshow(
        picture,
        extent=(0, length_s, *octaves),
        origin="lower",
        aspect="auto",
        interpolation="nearest",
    )
    axes.set_yticks(np.log2(list(TICKS_HZ)), list(TICKS_HZ.values()))
    _text(axes, -0.0045, 0.975, "Hz", 9, color=DIM, transform=axes.transAxes, ha="right")


def _below_loudest(level_db: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far (dB) each column, over a fiftieth of the piece, is below the loudest."""
    loud = (10 ** (level_db / 10)).sum(axis=0)
    reach = len(loud) // 100
    padded = np.pad(loud, reach, mode="edge")
    smooth = np.convolve(padded, np.full(2 * reach + 1, 1 / (2 * reach + 1)), mode="valid")
    below: NDArray[np.float64] = 10 * np.log10(smooth.max() / smooth)
    return np.minimum(below, DEEPEST_DB)


def _arcs(axes: Axes, arcs: Mapping[str, ArrayLike], index: NDArray[np.float64]) -> None:
    axes.set_ylim(-0.04, 1.06)
    axes.set_yticks([0, 1], ["0", "1"])
    for level in (0, 1):
        axes.axhline(level, color=HAIR, linewidth=0.7, zorder=0)
    seconds = np.arange(len(index)) + 0.5
    smooth = _at(index, seconds)
    axes.fill_between(seconds, smooth, color=INK, alpha=0.10, linewidth=0)
    axes.plot(seconds, smooth, color=INK, linewidth=1.1, alpha=0.85)
    legend = [("heard", INK)]
    others = iter(OTHERS * (1 + len(arcs) // len(OTHERS)))
    for name, values in arcs.items():
        curve = np.asarray(values, np.float64)
        colour = CURVES.get(name) or next(others)
        axes.plot(np.arange(len(curve)) + 0.5, curve, color=colour, linewidth=2.0)
        legend.append((name.replace("_", " "), colour))
    x = 0.0
    for name, colour in legend:
        _text(axes, x, 1.07, name, 9.5, color=colour, transform=axes.transAxes, va="bottom")
        x += (len(name) + 2.5) * 0.0053


def _loudness(axes: Axes, level: NDArray[np.float64], index: NDArray[np.float64]) -> None:
    low, high = LOUDNESS_LUFS
    axes.set_ylim(low, high)
    axes.set_yticks([-40, -25, -10])
    seconds = np.arange(len(level)) + 0.5
    limits = axes.get_xlim()
    shown = np.clip(level, low, high)
    colours = _colours(_at(index, seconds), np.full(len(level), 0.58))
    area = axes.fill_between(seconds, low, shown, linewidth=0, color="none")
    band = axes.imshow(
        colours[np.newaxis],
        extent=(0, len(level), low, high),
        aspect="auto",
        interpolation="nearest",
        alpha=0.55,
    )
    band.set_clip_path(area.get_paths()[0], axes.transData)
    axes.plot(seconds, shown, color=INK, linewidth=1.0, alpha=0.9)
    axes.set_xlim(limits)
    axes.set_ylim(low, high)
    _text(axes, 0.0, 1.05, "LUFS", 9, color=DIM, transform=axes.transAxes, va="bottom")


def _times(axes: Axes, length_s: float) -> None:
    steps = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 86_400)
    step = next((step for step in steps if length_s / step <= 18), steps[-1])
    ticks = np.arange(0, length_s + 1e-6, step)
    axes.set_xticks(ticks, [clock(float(at)) for at in ticks])


def _marks(panels: Sequence[Axes], marks: Sequence[tuple[str, float]], length_s: float) -> None:
    free_from = -1.0
    for name, at_s in sorted(marks, key=lambda mark: mark[1]):
        for axes in panels:
            axes.axvline(at_s, color=INK, linewidth=0.9, alpha=0.75, dashes=(2, 3))
        name = name.replace("_", " ")
        width = len(name) * 0.0056 * length_s
        if at_s - width / 2 >= free_from:  # where names would overlap, the line alone stays
            centre = min(max(at_s, width / 2), length_s - width / 2)
            _text(panels[0], centre, np.log2(HIGHEST_HZ) + 0.1, name, 9.5, ha="center")
            free_from = centre + width / 2 + 0.01 * length_s


def _write(figure: Figure, target: Path) -> None:
    from matplotlib import rc_context

    kind = target.suffix.lower()[1:]
    unfinished = target.with_name(target.name + ".part")
    nameless: dict[str, Any] = {"png": {"Software": None}, "svg": {"Date": None, "Creator": None}}
    try:
        # the same file every time; letters the font lacks are drawn as boxes, and that is all
        with rc_context({"svg.hashsalt": "lullaby"}), warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            figure.savefig(unfinished, format=kind, facecolor=NIGHT, metadata=nameless[kind])
        unfinished.replace(target)
    except BaseException as error:
        unfinished.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise OutputError(f"cannot write '{target}': {error.strerror or error}") from error
        raise
