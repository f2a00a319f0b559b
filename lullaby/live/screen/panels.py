"""The parts of the screen, each a function of the status and a width in cells."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.style import Style
from rich.text import Text

from lullaby.live.screen.strokes import bar, curve, faded, fitted, label, meter
from lullaby.live.status import ArcStatus, PartStatus, SceneStatus, Status
from lullaby.measure.palette import CURVES, DIM, EMBER, HAIR, INK, OTHERS, TEAL
from lullaby.units import clock

SIGNS = {"playing": "▶", "paused": "Ⅱ", "fading": "◣", "lost": "✕", "ended": "■"}
ENDLESS_S = 600.0  # how much of a piece without an end the ribbon shows
KEYS = (
    ("space", "pause"),
    ("q", "end"),
    ("← →", "scene"),
    ("↑ ↓", "choose"),
    ("- +", "hold"),
    ("x", "let go"),
    ("m s", "mute solo"),
    ("l", "loop"),
    ("p", "silence"),
    ("r", "reload"),
    ("n", "learn"),
)
FAULT = "#ff5a5a"


def view(status: Status) -> tuple[float, float]:
    """Return from where to where, in s, the ribbon and the curves reach."""
    if status.length_s is not None:
        return 0.0, max(status.length_s, 1e-3)
    first_s = math.floor(status.position_s / (ENDLESS_S / 2)) * ENDLESS_S / 2
    return first_s, first_s + ENDLESS_S


def cell_of(at_s: float, span_s: tuple[float, float], width: int) -> int:
    """Return the cell of a time, -1 or ``width`` where it lies outside."""
    first_s, last_s = span_s
    cell = math.floor((at_s - first_s) / (last_s - first_s) * width)
    return min(max(cell, -1), width)


def header(status: Status, width: int) -> Text:
    """Return the first line: title, state, place, seed, recording."""
    color = {"lost": FAULT, "paused": "#f2c14e"}.get(status.state, TEAL)
    length = "" if status.length_s is None else f" / {clock(status.length_s)}"
    left = Text(f" {status.title}  ", Style(color=INK, bold=True))
    left.append(f"{SIGNS.get(status.state, '?')} {status.state}  ", Style(color=color))
    left.append(clock(status.position_s), Style(color=INK, bold=True))
    left.append(length, Style(color=DIM))
    right = Text()
    if status.looping is not None:
        right.append(f"↻ {status.looping}  ", Style(color="#b58cff"))
    if status.recording is not None:
        name = status.recording.replace("\\", "/").rsplit("/", 1)[-1]
        right.append(f"● {name}  ", Style(color=FAULT))
    right.append(f"seed {status.seed} ", Style(color=DIM))
    room = width - left.cell_len - right.cell_len
    if room < 1:
        left.truncate(max(0, width - right.cell_len - 1), overflow="ellipsis")
        room = width - left.cell_len - right.cell_len
    return left + Text(" " * max(0, room)) + right


def ribbon(status: Status, width: int) -> Text:
    """Return two lines: the scenes side by side, and the playhead with what comes next."""
    span_s = view(status)
    names, line = Text(), Text()
    for number, scene in _seen(status.scenes, span_s):
        first = max(0, cell_of(scene.start_s, span_s, width))
        last = max(first, min(width, cell_of(scene.end_s, span_s, width)))
        here = number == status.scene
        shade = INK if here else DIM
        ground = HAIR if number % 2 == 0 else faded(HAIR, 0.6)
        if here:
            ground = "#3a2f4a"
        names.append(
            fitted(f" {scene.name}", last - first), Style(color=shade, bgcolor=ground, bold=here)
        )
    head = min(max(cell_of(status.position_s, span_s, width), 0), width - 1)
    line.append("━" * head, Style(color=TEAL))
    line.append("●", Style(color=INK, bold=True))
    line.append("─" * (width - head - 1), Style(color=HAIR))
    return names + Text("\n") + line


def following(status: Status) -> Text:
    """Return what comes next, and in how long."""
    after = status.scene + 1
    if not status.scenes or status.looping is not None:
        return Text()
    left_s = status.scenes[status.scene].end_s - status.position_s
    name = status.scenes[after].name if after < len(status.scenes) else "the end"
    return label(f" {name} in {clock(max(0.0, left_s))}")


def arc_colors(names: Sequence[str]) -> dict[str, str]:
    """Return a colour an arc; panic and surrender have their own."""
    others = iter(OTHERS * (1 + len(names) // len(OTHERS)))
    return {name: CURVES.get(name) or next(others) for name in names}


def arc_lines(
    arc: ArcStatus,
    shape: Sequence[float],
    span_s: tuple[float, float],
    position_s: float,
    color: str,
    chosen: bool,
    width: int,
    rows: int = 1,
) -> list[Text]:
    """Return an arc: name, value and who holds it, and its curve as written over the view."""
    head = _name(arc.name, chosen).append_text(bar(arc.now, 12, color))
    head.append(f" {arc.now:.2f} ", Style(color=INK if arc.touched else DIM, bold=arc.touched))
    note = "held" if arc.touched else ""
    if arc.cc is not None:
        note = f"{note} cc{arc.cc}".strip()
    tail = Text(fitted(f" {note}", 10), Style(color=EMBER if arc.touched else DIM))
    room = max(0, width - head.cell_len - tail.cell_len)
    shown = [shape[i * len(shape) // room] for i in range(room)] if shape else [0.0] * room
    at = cell_of(position_s, span_s, max(1, room))
    drawn = curve(shown, color, at, arc.touched, rows)
    blank = Text(" " * head.cell_len)
    lines = [blank.copy().append_text(line) for line in drawn[:-1]]
    return [*lines, head.append_text(drawn[-1]).append_text(tail)]


def part_line(part: PartStatus, chosen: bool, width: int) -> Text:
    """Return a part: its name, meter, level, mute and solo."""
    text = _name(part.name, chosen)
    room = max(8, width - text.cell_len - 16)
    text.append_text(meter(part.peak_db if part.sounding else -200.0, room))
    level = f"{part.rms_db:6.1f}" if part.sounding and part.rms_db > -100.0 else "     –"
    text.append(f" {level} ", Style(color=DIM))
    text.append(" M ", _lamp(part.muted, "#f2c14e"))
    text.append(" S ", _lamp(part.soloed, TEAL))
    if part.failed:
        text.append("!", Style(color=FAULT, bold=True))
    return text


def master(status: Status, width: int) -> Text:
    """Return the master: loudness, true peak, limiter."""
    text = Text(f" M {_level(status.momentary_lufs)}  S {_level(status.short_term_lufs)} LUFS")
    text.append_text(label("   peak "))
    hot = status.true_peak_dbtp > -1.0
    text.append(f"{_level(status.true_peak_dbtp)} dBTP", Style(color=EMBER if hot else INK))
    text.append_text(label("   limiter "))
    busy = status.limiter_db < -0.05
    text.append(
        f"{status.limiter_db if busy else 0.0:5.1f} dB ", Style(color=EMBER if busy else DIM)
    )
    room = width - text.cell_len - 10
    if room < 4:
        return text
    share = (status.momentary_lufs + 60.0) / 54.0
    return label(" loudness ").append_text(bar(share, room, TEAL)).append_text(text)


def health(status: Status, width: int) -> Text:
    """Return how the machine copes: load, ring, dropouts, device, the last good reload."""
    text = label(" load ")
    text.append_text(bar(status.load, 8, EMBER if status.load > 0.7 else TEAL))
    text.append(f" {100 * status.load:3.0f} %", Style(color=INK))
    text.append_text(label("   ring "))
    text.append_text(bar(status.ring, 8, EMBER if status.ring < 0.25 else TEAL))
    text.append(f" {1000 * status.ring * status.ahead_s:4.0f} ms", Style(color=INK))
    text.append_text(label("   dropouts "))
    text.append(f"{status.underruns}", Style(color=EMBER if status.underruns else INK))
    if status.last_reload is not None:
        text.append_text(label("   reloaded ")).append(status.last_reload, Style(color=INK))
    lost = f", losses {status.device_losses}" if status.device_losses else ""
    device = f"   {status.device} {status.sample_rate / 1000:g} kHz{lost}"
    text.append_text(label(fitted(device, max(0, width - text.cell_len))))
    return text


def trouble(status: Status, width: int) -> Text:
    """Return what went wrong, the newest last; nothing where nothing did."""
    lines = [line for said in status.trouble[-2:] for line in said.splitlines()[:3]]
    return Text("\n").join(Text(fitted(f" {line}", width), Style(color=FAULT)) for line in lines)


def keys(width: int, said: str = "") -> Text:
    """Return the list of keys, or for a moment what a key just did."""
    if said:
        return Text(fitted(f" {said}", width), Style(color="#f2c14e"))
    text = Text()
    for key, does in KEYS:
        more = Text(f" {key} ", Style(color=INK, bgcolor=HAIR)).append(
            f" {does} ", Style(color=DIM, bgcolor="default")
        )
        if text.cell_len + more.cell_len <= width:
            text.append_text(more)
    return text


def _seen(
    scenes: Sequence[SceneStatus], span_s: tuple[float, float]
) -> list[tuple[int, SceneStatus]]:
    first_s, last_s = span_s
    return [(i, s) for i, s in enumerate(scenes) if s.end_s > first_s and s.start_s < last_s]


def _name(name: str, chosen: bool) -> Text:
    mark = "▸" if chosen else " "
    return Text(f"{mark}{fitted(name, 12)} ", Style(color=INK if chosen else DIM, bold=chosen))


def _lamp(on: bool, color: str) -> Style:
    return Style(color="#0b0d14", bgcolor=color, bold=True) if on else Style(color=faded(DIM, 0.6))


def _level(level: float) -> str:
    return f"{level:6.1f}" if level > -200.0 else "     –"
