"""What became of the data, in lines for people and figures for programs."""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.data.faults import shown
from lullaby.model.signal import Known, Signal, Span

MOST_SHOWN = 12  # words of a signal


def lines(known: Known) -> list[str]:
    """Return a line for each source, each signal, and whatever there is to note."""
    made = [source_line(name, span, known) for name, span in known.spans.items()]
    made += [signal_line(signal) for signal in known.signals.values()]
    return [*made, *(f"note: {note}" for note in known.notes)]


def source_line(name: str, span: Span, known: Known) -> str:
    """Return where the rows of a source lie in the piece."""
    count = len(known.rows[name].at_us)
    first, last = (data_time(t, span.calendar) for t in (span.first, span.last))
    ends = f"{span.at_s:.6g}..{span.at_s + span.length_s:.6g} s"
    return f"data {name}: {count} rows, {first} to {last}, at {ends} of the piece"


def data_time(time: float, calendar: bool) -> str:
    """Return a data time as people write it."""
    if not calendar:
        return f"{time:.6g} s"
    text = str(np.datetime64(round(time * 1e3), "ms")).removesuffix(".000")
    return text + "Z"


def signal_line(signal: Signal) -> str:
    """Return what a signal means: its range, its direction, what is missing or cut off."""
    r = signal.report
    words = [
        f"signal {signal.name}: {_meaning(signal)}",
        *_scale_words(signal),
        f"{r['points']} points, {r['points_per_s']:.3g} a second",
        f"{_percent(r['missing'])} missing",
        f"{_percent(r['clipped'])} outside",
        f"uses {_percent(r['used'])} of its range",
    ]
    if r["late_s"]:
        words.append(f"{r['late_s']:.3g} s late")
    if r["gaps_s"]:
        count = len(r["gaps_s"])
        words.append(f"silent in {count} gap{'s' if count > 1 else ''}")
    return ", ".join(words)


def _meaning(signal: Signal) -> str:
    # What 0 and 1 stand for.
    r, unit = signal.report, f" {signal.unit}" if signal.unit else ""
    if signal.scale.words:
        listed = ", ".join(shown(word) for word in signal.scale.words[:MOST_SHOWN])
        more = len(signal.scale.words) - MOST_SHOWN
        listed += f" and {more} more" if more > 0 else ""
        return listed + ("" if r["stated"] else " (found, sorted)")
    if signal.rolling_s is not None:
        return f"{signal.said(0.0)} to {signal.said(1.0)}{unit and f' ({signal.unit})'}"
    return f"{r['low']:.6g}..{r['high']:.6g}{unit}{'' if r['stated'] else ' (auto)'}"


def _scale_words(signal: Signal) -> list[str]:
    r = signal.report
    words = [r["scale"]]
    if r["mid"] is not None:
        words.append(f"half at {r['mid']:.6g}")
    if r["levels"] is not None:
        words.append(f"{r['levels']} levels")
    if not signal.scale.words:
        words.append(f"a higher value is {'higher' if signal.polarity == 'up' else 'lower'}")
    return words


def _percent(share: float) -> str:
    return f"{100.0 * share:.3g} %"


def figures(known: Known) -> dict[str, Any]:
    """Return the same for programs."""
    return {
        "sources": {
            name: {
                "rows": len(known.rows[name].at_us),
                "first": span.first,
                "last": span.last,
                "calendar": span.calendar,
                "at_s": span.at_s,
                "length_s": span.length_s,
                "digest": known.files[name],
            }
            for name, span in known.spans.items()
        },
        "signals": {
            name: {"unit": s.unit, "polarity": s.polarity, **s.report}
            for name, s in known.signals.items()
        },
        "notes": list(known.notes),
    }
