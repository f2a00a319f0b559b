"""A running engine into files, block by block in bounded memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from lullaby.model.performance import Performance
from lullaby.outputs.markers import Marker, markers
from lullaby.outputs.quantise import Quantiser
from lullaby.outputs.whole import Part, commit
from lullaby.units import gain_to_db

BLOCK = 8192  # frames asked for at a time


class Source(Protocol):
    """An engine, as far as a file cares."""

    performance: Performance
    sample_rate: int
    position: int

    @property
    def ended(self) -> bool:
        """Return whether the piece and its tail are over."""

    @property
    def messages(self) -> list[str]:
        """Return what went wrong in parts so far."""

    @property
    def muted(self) -> set[str]:
        """Return the parts that were muted."""

    def read_all(self, frames: int) -> Mapping[str, Any]:
        """Return the next frames of the master and the stems."""


class Writer(Protocol):
    """One file in the making."""

    part: Part
    quantiser: Quantiser

    def write(self, block: NDArray[np.float32], frame: int) -> None:
        """Append a block that begins at a frame of the piece."""

    def finish(self, markers: Sequence[Marker] = ()) -> None:
        """Complete the file under its provisional name."""

    def discard(self) -> None:
        """Leave nothing behind."""


class Watcher(Protocol):
    """Somebody who is told how far it is."""

    def at(self, frame: int, peak: float) -> None:
        """Hear that the piece is rendered up to a frame, and the peak since the last call."""


class Beside(Protocol):
    """What writes files beside the sounds, under provisional names."""

    def __call__(self, frames: int, writers: Mapping[str, Sequence[Writer]]) -> list[Part]:
        """Return the files; ``writers`` have finished sounds of ``frames`` frames."""


@dataclass(frozen=True)
class Rendered:
    """What a finished render was."""

    frames: int
    sample_rate: int
    peak_dbfs: float
    muted: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()
    warnings: tuple[str, ...] = field(default=())

    @property
    def whole(self) -> bool:
        """Return whether nothing failed on the way."""
        return not self.muted and not self.messages


def render(
    source: Source,
    writers: Mapping[str, Sequence[Writer]],
    *,
    frames: int | None = None,
    block: int = BLOCK,
    watcher: Watcher | None = None,
    beside: Beside | None = None,
) -> Rendered:
    """Write a source into files, all or none of them; ``writers`` by name of the source's streams.

    ``frames``: how many from where the source is; None: to the end of its tail.  ``beside``: what
    writes more files once the sounds are there.
    Raises OutputError where a file cannot be written; nothing stands under the asked names then.
    """
    everyone = [writer for several in writers.values() for writer in several]
    try:
        first, peak = source.position, 0.0
        while not source.ended and (frames is None or source.position < first + frames):
            here = source.position
            wanted = block if frames is None else min(block, first + frames - here)
            streams = source.read_all(wanted)
            for name, several in writers.items():
                for writer in several:
                    writer.write(streams[name], here)
            loudest = _peak(streams["master"])
            peak = max(peak, loudest)
            if watcher is not None:
                watcher.at(source.position, loudest)
        places = markers(source.performance, source.sample_rate, first, source.position)
        for writer in everyone:
            writer.finish(places)
        more = beside(source.position - first, writers) if beside is not None else []
        try:
            commit([*(writer.part for writer in everyone), *more])
        except BaseException:
            for part in more:
                part.discard()
            raise
    except BaseException:
        for writer in everyone:
            writer.discard()
        raise
    return Rendered(
        frames=source.position - first,
        sample_rate=source.sample_rate,
        peak_dbfs=float(gain_to_db(peak)),
        muted=tuple(sorted(source.muted)),
        messages=tuple(source.messages),
        warnings=tuple(_warnings(everyone)),
    )


def _peak(block: Any) -> float:
    if not block.size:
        return 0.0
    peak = float(np.abs(block).max())
    return peak if np.isfinite(peak) else 0.0


def _warnings(writers: Sequence[Writer]) -> list[str]:
    said = []
    for writer in writers:
        name, made = writer.part.target.name, writer.quantiser
        if made.spoilt:
            said.append(f"{name}: {made.spoilt} samples were no numbers and are silent")
        if made.clipped:
            said.append(
                f"{name}: {made.clipped} samples over full scale were clipped; "
                "32-bit float keeps them"
            )
    return said
