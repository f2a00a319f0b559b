"""How far a render is: on a terminal a moving line, elsewhere a line each few seconds."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self, TextIO

from lullaby.model.performance import Performance
from lullaby.units import clock, gain_to_db

EVERY_S = 5.0  # of the wall clock, between two lines where there is no terminal
SOON = 0.05  # share that must be done before a guess at the time left is worth saying
FAST_S = 0.1  # and between two looks of the moving line


class Meter:
    """The figures: scene, share, multiple of real time, time left, peak."""

    def __init__(
        self,
        performance: Performance,
        sample_rate: int,
        first: int,
        frames: int,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._scenes = performance.scenes
        self._rate, self.first, self.frames = sample_rate, first, max(1, frames)
        self._now, self._begun = now, now()
        self.frame, self.peak = first, 0.0

    def at(self, frame: int, peak: float) -> None:
        """Note a place and the peak on the way there."""
        self.frame, self.peak = frame, max(self.peak, peak)

    @property
    def share(self) -> float:
        """Return how much is done, 0 to 1; the tail is beyond the end and counts as 1."""
        return min(1.0, (self.frame - self.first) / self.frames)

    @property
    def scene(self) -> str:
        """Return the scene that is being rendered."""
        at_us = self.frame * 1_000_000 // self._rate
        for scene in self._scenes:
            if at_us < scene.start_us + scene.length_us:
                return scene.name
        return "tail"

    def text(self) -> str:
        """Return everything but the scene in one line, and start a new peak."""
        spent_s = max(1e-6, self._now() - self._begun)
        done_s = (self.frame - self.first) / self._rate
        words = [
            f"{clock(self.frame / self._rate)}",
            f"{100.0 * self.share:3.0f} %",
            f"{done_s / spent_s:.1f}x",
        ]
        if SOON <= self.share < 1.0:
            words.append(f"{clock(spent_s / self.share - spent_s)} left")
        if self.peak > 0.0:
            words.append(f"peak {float(gain_to_db(self.peak)):.1f} dBFS")
        self.peak = 0.0
        return "  ".join(words)


class Silent:
    """Says nothing."""

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End."""

    def at(self, frame: int, peak: float) -> None:
        """Hear how far it is."""


class Lines(Silent):
    """A line each few seconds, for logs."""

    def __init__(
        self, meter: Meter, out: TextIO, note: Callable[[], str], name: Callable[[str], str]
    ) -> None:
        self._meter, self._out, self._note, self._name = meter, out, note, name
        self._said = time.monotonic()

    def at(self, frame: int, peak: float) -> None:
        """Say it if it is time."""
        self._meter.at(frame, peak)
        if time.monotonic() - self._said >= EVERY_S:
            self._said = time.monotonic()
            words = [self._name(self._meter.scene), self._meter.text(), self._note()]
            self._out.write("  ".join(filter(None, words)) + "\n")
            self._out.flush()


class Moving(Silent):
    """One line that moves, by rich; it goes on turning while kernels are compiled."""

    def __init__(
        self, meter: Meter, out: TextIO, note: Callable[[], str], name: Callable[[str], str]
    ) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, ProgressColumn, SpinnerColumn, TextColumn
        from rich.text import Text

        class Words(ProgressColumn):
            """Scene and note, asked anew at every turn of the spinner."""

            def render(self, task: Any) -> Text:
                return Text("  ".join(filter(None, [name(meter.scene), note()])))

        self._meter, self._shown = meter, 0.0
        self._bar: Any = Progress(
            SpinnerColumn(),
            Words(),
            BarColumn(bar_width=20),
            TextColumn("{task.fields[figures]}", markup=False),
            console=Console(file=out),
            transient=True,
        )
        self._task = self._bar.add_task("", total=1.0, figures="")

    def __enter__(self) -> Self:
        """Show the line."""
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take the line away."""
        self._bar.stop()

    def at(self, frame: int, peak: float) -> None:
        """Move the line."""
        self._meter.at(frame, peak)
        if time.monotonic() - self._shown >= FAST_S:
            self._shown = time.monotonic()
            self._bar.update(self._task, completed=self._meter.share, figures=self._meter.text())


def progress(
    meter: Meter,
    *,
    quiet: bool = False,
    out: TextIO | None = None,
    note: Callable[[], str] = str,
    name: Callable[[str], str] = str,
) -> Silent:
    """Return what shows the progress of a render on ``out`` (standard error).

    ``note`` says what else is going on; ``name`` makes a scene's name fit to print.
    """
    out = out or sys.stderr
    if quiet:
        return Silent()
    return Moving(meter, out, note, name) if out.isatty() else Lines(meter, out, note, name)
