"""Text and presets in; a checked Score, or every mistake with its place, out."""

from __future__ import annotations

from pathlib import Path

from lullaby.model.score import Score
from lullaby.score.find import content, located, shipped_presets, shipped_scores
from lullaby.score.guard import decoded, parsed
from lullaby.score.limits import Limits
from lullaby.score.nodes import Report, Source
from lullaby.score.reading import Reading
from lullaby.score.top import score

__all__ = ["Limits", "read", "read_text", "shipped_presets", "shipped_scores"]


def read(
    source: str | Path, *, limits: Limits | None = None, fed: frozenset[str] = frozenset()
) -> Score:
    """Return the checked score of a file, or of a shipped one by its name (``"let_go"``).

    ``fed``: sources of data that a stream stands for, whose files need not be there.
    Raises ScoreError with every mistake at once; UsageError where there is no such file.
    """
    limits = limits or Limits()
    path = located(source)
    text = decoded(content(path, limits), str(path), limits)
    return read_text(text, str(path), folder=path.parent, limits=limits, fed=fed)


def read_text(
    text: str,
    file: str = "score.yaml",
    *,
    folder: Path | None = None,
    limits: Limits | None = None,
    fed: frozenset[str] = frozenset(),
) -> Score:
    """Return the checked score of a text; ``folder``: where its presets and includes lie.

    ``fed``: sources of data that a stream stands for.
    Raises ScoreError with every mistake at once.
    """
    limits, report = limits or Limits(), Report()
    root = parsed(text, file, limits, report)
    reading = Reading(report, limits, folder, fed)
    made = score(reading, root, file)
    if made is None and report.empty:
        report.say(Source(file, []), 0, 0, "the score is empty")
    report.close()
    assert made is not None
    return made
