"""One text tried: read, laid out and written back; only an error of our own may come of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from lullaby import Piece
from lullaby.errors import LullabyError
from lullaby.model.chance import Chance
from lullaby.model.performance import Performance
from lullaby.outputs.cost import estimated
from lullaby.outputs.listing import timeline
from lullaby.score import Limits, read_text
from lullaby.score.guard import decoded
from lullaby.score.write import written

LAID_OUT_S = 30.0  # of a piece without an end


def read(data: bytes) -> str:
    """Return "read" for a good text, "refused" for a bad one; anything else that rises is a bug."""
    try:
        score = read_text(decoded(data, "fuzz.yaml", Limits()), "fuzz.yaml")
    except LullabyError as error:
        return _told(error)
    again = read_text(written(score))
    assert _bare(again) == _bare(score), "written back it reads otherwise"
    return "read"


def laid_out(data: bytes) -> str:
    """Return "laid out" for a text that can be performed, "refused" for another."""
    try:
        score = read_text(decoded(data, "fuzz.yaml", Limits()), "fuzz.yaml")
        piece = Piece(score)
        piece = piece.lasting(LAID_OUT_S) if piece.endless else piece
        timeline(piece.performance)
        estimated(piece.performance)
        _look_at(piece.performance)
    except LullabyError as error:
        return _told(error)
    return "laid out"


def _look_at(performance: Performance) -> None:
    own = Chance(np.arange(7, dtype=np.uint64))
    for run in performance.runs:
        t = np.linspace(0.0, (run.end_us - run.start_us) / 1e6, 7)
        curves = {**run.settings.curves, "level": run.desk.level_db, "fade": run.desk.fade}
        for name, curve in curves.items():
            if not np.isfinite(curve(t, own)).all():
                raise AssertionError(f"{run.part}.{name} is no number at some time")


def _told(error: LullabyError) -> str:
    if not str(error).strip():
        raise AssertionError("an error without a word")
    return "refused"


def _bare(score: Any) -> Any:
    # Without what names draws by the text they were written as.
    scenes = tuple(
        replace(s, cues=tuple(replace(c, text="") for c in s.cues)) for s in score.scenes
    )
    cues = tuple(replace(c, text="") for c in score.cues)
    return replace(score, cues=cues, scenes=scenes, path="")
