"""lullaby: generative ambient audio and sonification, from scores that are text.

>>> import lullaby
>>> piece = lullaby.load("hello")
>>> piece.title
'Hello'
>>> audio = piece.render(to_s=2.0)
>>> audio.samples.shape, audio.sample_rate
((2, 96000), 48000)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lullaby.audio import Audio
from lullaby.errors import (
    DeviceError,
    Finding,
    LullabyError,
    ModuleError,
    OutputError,
    ScoreError,
    UsageError,
)
from lullaby.piece import Piece
from lullaby.version import __version__

if TYPE_CHECKING:
    from lullaby.score.limits import Limits

__all__ = [
    "Audio",
    "DeviceError",
    "Finding",
    "LullabyError",
    "ModuleError",
    "OutputError",
    "Piece",
    "ScoreError",
    "UsageError",
    "__version__",
    "load",
    "sonify",
]


def load(source: str | Path, *, limits: Limits | None = None, fed: Iterable[str] = ()) -> Piece:
    """Return the piece of a score: a path, or the name of a shipped one such as ``"let_go"``.

    Its data files are read as well; ``fed`` names sources that a stream stands for, whose files are
    not and need not be there.  ``limits``: how much of it is read at most
    (``lullaby.score.Limits``).  Raises ScoreError with every mistake at once, each with its place.
    """
    from lullaby.score import read

    streams = frozenset(fed)
    score = read(source, limits=limits, fed=streams)
    if not (score.sources or score.signals or streams):
        return Piece(score)
    from lullaby.data import resolved

    return Piece(resolved(score, fed=streams))


def sonify(
    data: Any,
    x: str | None = None,
    y: str | Sequence[str] = (),
    *,
    length_s: float | None = None,
    title: str = "",
) -> Piece:
    """Return a piece that makes a table heard, with no score needed.

    ``data``: the path of a table, a NumPy array, a mapping of names to arrays, a pandas series or
    frame (which is never imported).  ``x``: the column of times, else found or none; ``y``: up to
    four columns, else the first that change.  ``length_s``: of the data in the piece.
    ``piece.text`` is the score it made.  Raises UsageError for what cannot be heard.
    """
    from tempfile import TemporaryDirectory

    from lullaby.data import resolved
    from lullaby.data.arrays import written
    from lullaby.data.sonified import score_text
    from lullaby.score import read_text

    names = (y,) if isinstance(y, str) else tuple(y)
    with TemporaryDirectory() as folder:
        path = Path(data) if isinstance(data, str | Path) else written(data, Path(folder))
        text = score_text(path, x, names, length_s=length_s, title=title)
        piece = Piece(resolved(read_text(text, f"{path.stem}.yaml", folder=path.parent)))
        piece.text = text
        return piece
