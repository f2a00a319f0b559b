"""The voice of a child: every note is put on a tape of its own, dry and in its room.

A tape is made from its note's start to its end, a piece at a time, and played either way.  Forward
it is made as it is played.  Backward all of it must be there before it sounds: it is made evenly
over the silent time its event begins with, so that no block has to wait for it.  What is on a tape
is a function of its event alone, so a lost one is made again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lullaby.dsp import glottis
from lullaby.dsp.kernel import kernel
from lullaby.dsp.panning import placed
from lullaby.dsp.room import at_rest, room
from lullaby.dsp.singing import LANES, sing
from lullaby.dsp.sung import Sung
from lullaby.units import STEP

F32 = np.float32
PIECE = 8  # steps made at a time, or a multiple of it
PAGE = 128  # steps whose controls are worked out at once, always from multiples of it
DAMPING_HZ, SIZE = 4200.0, 1.0  # of the room
FADE_S = 0.35  # of the room's tail, to nothing


class Tape:
    """The sound of one note from its start on: ``dry`` (frames,) and ``wet`` (2, frames)."""

    def __init__(self, event: Any, sample_rate: int) -> None:
        self.sung = Sung(event.copy(), sample_rate)
        self.frames = self.sung.frames + round(float(event["tail_s"]) * sample_rate)
        self._steps = -(-self.frames // STEP)
        self.sings = -(-self.sung.frames // STEP)  # steps
        self.dry = np.zeros(self._steps * STEP, F32)
        self.wet = np.zeros((2, self._steps * STEP), F32)
        self.made = self.sung_steps = 0  # steps on the tape, and sung, which their room lags behind
        self.kept = self.sung.kept()
        self.past = np.zeros((self.sung.count, 2))
        self._page, self._controls = -1, np.zeros(0)
        decay_s = float(event["decay_s"])
        self._walls, self._air = at_rest(sample_rate, decay_s, DAMPING_HZ, SIZE)

    def wanted(self, steps: int) -> int:
        """Return up to which step the tape is to be made, for ``steps`` of it to be there."""
        return min(-(-steps // PIECE) * PIECE, self._steps)

    def controls(self, most: int) -> Any:
        """Return the controls of the next steps to be sung, ``most`` or fewer."""
        page, first = divmod(self.sung_steps, PAGE)
        if page != self._page:
            steps = min(PAGE, self.sings - page * PAGE)
            self._page, self._controls = page, self.sung.controls(page * PAGE, steps)
        return self._controls[first : first + most + 1]

    def on(self, until: int) -> None:
        """Let the room answer up to a step, whatever was sung."""
        first, last = self.made * STEP, until * STEP
        rate = self.sung.sample_rate
        room(
            self.wet,
            self.dry,
            first,
            last,
            float(rate),
            *self._walls.values(),
            *self._air.values(),
        )
        if last > self.frames - FADE_S * rate:
            left = np.clip((self.frames - np.arange(first, last)) / (FADE_S * rate), 0.0, 1.0)
            self.wet[:, first:last] *= (left * left * (3.0 - 2.0 * left)).astype(F32)
        self.made = until
        if self.made == self._steps:
            self._air = {}


def sung(tapes: Sequence[Tape], most: int) -> None:
    """Sing the next steps of some tapes side by side, ``most`` or as many as all are ready for."""
    controls = [tape.controls(most) for tape in tapes]
    steps = min(len(rows) for rows in controls) - 1
    kept = np.stack([t.kept for t in tapes], axis=-1)
    past = np.stack([t.past for t in tapes], axis=-1)
    heard = np.zeros((steps * STEP, len(tapes)), F32)
    together = np.stack([rows[: steps + 1] for rows in controls], axis=-1)
    sing(heard, together, kept, past, glottis.wavetable())
    for v, tape in enumerate(tapes):
        first = tape.sung_steps * STEP
        last = min(first + steps * STEP, tape.sung.frames)
        tape.dry[first:last] = heard[: last - first, v]
        tape.kept, tape.past = kept[:, v].copy(), past[:, :, v].copy()
        tape.sung_steps += steps


@kernel
def play(
    heard: Any, dry: Any, wet: Any, to: int, spot: int, way: int, left: float, right: float
) -> None:
    """Add frames of a tape to ``heard``, (4, frames) float64, from frame ``to`` on.

    Dry left and right, wet left and right.  The tape is read from ``spot`` on, forward (``way`` 1)
    or backward (-1), to the end of ``heard`` or of the tape.
    """
    most = 0.5 * (left + right)
    count = min(heard.shape[1] - to, (len(dry) - spot) if way > 0 else spot + 1)
    for i in range(count):
        at = spot + way * i
        heard[0, to + i] += left * dry[at]
        heard[1, to + i] += right * dry[at]
        heard[2, to + i] += most * wet[0, at]
        heard[3, to + i] += most * wet[1, at]


@kernel
def mixed(out: Any, heard: Any, gains: Any, wets: Any) -> None:
    """Add dry and wet to ``out``, each by its gain at the grid points, straight between them."""
    for s in range(out.shape[1] // STEP):
        dry, wet = gains[s], wets[s]
        dry_by, wet_by = (gains[s + 1] - dry) / STEP, (wets[s + 1] - wet) / STEP
        for i in range(STEP):
            at = s * STEP + i
            for c in range(2):
                x = (dry + dry_by * i) * heard[c, at] + (wet + wet_by * i) * heard[c + 2, at]
                out[c, at] += F32(x)


class Child:
    """The voice of a part: its tapes, made from its events and never part of its state."""

    def __init__(self, sample_rate: int) -> None:
        self._sample_rate = sample_rate
        self._tapes: dict[tuple[int, int], Tape] = {}

    def render(
        self,
        out: Any,
        start_frame: int,
        sample_rate: int,
        curves: Any,
        events: Any,
        state: Any,
    ) -> None:
        """Add the part's next frames into ``out``, as ``lullaby.model.module.Voice`` has it."""
        end_frame = start_frame + out.shape[1]
        keys = list(zip(state["key"].tolist(), state["start"].tolist(), strict=True))
        here = np.flatnonzero((state["start"] < end_frame) & (state["end"] > start_frame))
        kept = {keys[i]: self._tapes.get(keys[i]) or Tape(events[i], sample_rate) for i in here}
        self._tapes = kept
        if not kept:
            return
        wanted = {i: self._wanted(events[i], state[i], kept[keys[i]], end_frame) for i in here}
        self._make([(kept[keys[i]], steps) for i, steps in wanted.items()])
        heard = np.zeros((4, out.shape[1]))
        for i in here:
            self._play(heard, start_frame, events[i], state[i], kept[keys[i]])
        mixed(out, heard, *levels(curves, start_frame, sample_rate))

    def _lead(self, event: Any) -> int:
        return round(float(event["lead_s"]) * self._sample_rate)

    def _wanted(self, event: Any, row: Any, tape: Tape, end_frame: int) -> int:
        # How many steps must be on a tape before a block that ends there is played.
        gone, lead = end_frame - int(row["start"]), self._lead(event)
        if not event["turned"]:
            return -(-min(gone, tape.frames) // STEP)
        steps = -(-tape.frames // STEP)
        return steps if gone >= lead else -(-steps * gone // lead)

    def _make(self, wanted: Sequence[tuple[Tape, int]]) -> None:
        due = [(tape, tape.wanted(steps)) for tape, steps in wanted if tape.made < steps]
        while True:
            left = [(t, min(until, t.sings) - t.sung_steps) for t, until in due]
            singing = [(tape, steps) for tape, steps in left if steps > 0][:LANES]
            if not singing:
                break
            sung([tape for tape, _ in singing], min(steps for _, steps in singing))
        for tape, until in due:
            tape.on(until)

    def _play(self, heard: Any, start_frame: int, event: Any, row: Any, tape: Tape) -> None:
        begins = int(row["start"]) + (self._lead(event) if event["turned"] else 0)
        to = max(begins - start_frame, 0)
        if to >= heard.shape[1]:
            return
        gone = start_frame + to - begins
        spot, way = (tape.frames - 1 - gone, -1) if event["turned"] else (gone, 1)
        if 0 <= spot < tape.frames:
            dry, wet = tape.dry[: tape.frames], tape.wet[:, : tape.frames]
            place = placed(event["level_db"], event["azimuth_deg"], event["distance_m"])
            play(heard, dry, wet, to, spot, way, *place)


HEAT_DB = 6.0
BREATH_HZ, BREATH = 0.1, 0.5


def levels(curves: Any, start_frame: int, sample_rate: int) -> tuple[Any, Any]:
    """Return the gains of dry and wet at the grid points of a stretch.

    Panic is louder, 3 dB to each side of its middle; surrendered, all swells and sinks with the one
    breath.
    """
    t = (start_frame + np.arange(len(curves)) * STEP) / sample_rate
    calm = np.clip((curves["surrender"] - 0.6) / 0.4, 0.0, 1.0)
    calm = calm * calm * (3.0 - 2.0 * calm)
    gain = 10.0 ** (HEAT_DB * (curves["panic"] - 0.5) / 20.0)
    gain = gain * (1.0 + BREATH * calm * np.sin(2.0 * np.pi * (BREATH_HZ * t % 1.0)))
    wet = curves["wet"]
    return gain * np.sqrt(1.0 - wet * wet), gain * wet
