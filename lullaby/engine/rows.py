"""Parts of which every row of a source is an event: which rows, and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lullaby.model.chance import Floats
from lullaby.model.curve import Curve
from lullaby.model.formula import Formula, cells
from lullaby.model.performance import Mark, Strikes
from lullaby.model.score import PartDef, Score
from lullaby.model.signal import Known, Nodes, Rows, Signal, signals_in
from lullaby.units import MICRO, seconds_to_micros

MOST_HZ = 1000  # rows in any second of a piece


@dataclass(frozen=True)
class Reader:
    """What one part reads of the rows it sounds for."""

    score: Score
    part: PartDef
    known: Known
    curves: Mapping[str, Curve] = field(default_factory=dict)
    lead_us: int = 0  # where the piece itself begins: cells of rows are counted from there

    @property
    def rows(self) -> Rows:
        """Return the rows of the part's source."""
        return self.known.rows[self.part.each]

    def means(self, origin_us: int) -> dict[str, Curve]:
        """Return the columns as ``merge: mean`` reads them, in the time of a run."""
        rows, part = self.rows, self.part
        if part.merge != "mean" or part.at_most_hz is None:
            return {}
        cell = _cells(rows.at_us - self.lead_us, part.at_most_hz)
        starts = np.flatnonzero(np.diff(cell, prepend=cell[0] - 1))
        made: dict[str, Curve] = {}
        for name, column in rows.columns.items():
            there = ~np.isnan(column)
            totals = np.add.reduceat(np.where(there, column, 0.0), starts)
            counts = np.add.reduceat(there.astype(np.float64), starts)
            some = counts > 0.0
            if some.any():
                key = f"{rows.source}.{name}"
                digest = f"{self.known.columns[key].digest}/mean {part.at_most_hz}"
                at_s = rows.at_us[starts[some]] / MICRO
                means = totals[some] / counts[some]
                made[key] = Nodes(digest, at_s, means, "step", None, origin_us / MICRO, key)
        return made

    def strikes(self, origin_us: int, end_us: int, level: Curve, curves: list[Curve]) -> Strikes:
        """Return the rows of a run that sound: those with all that the part reads of them."""
        rows, part = self.rows, self.part
        inside = (rows.at_us >= origin_us) & (rows.at_us < end_us) & self._complete(curves)
        found = np.flatnonzero(inside)
        if part.at_most_hz is not None and len(found):
            found = self._merged(found, origin_us, level)
        self._check(rows.at_us[found])
        at_s = (rows.at_us[found] - origin_us) / MICRO
        text = f"{rows.digest} {part.at_most_hz} {part.merge} {len(found)}"
        return Strikes(text, at_s, found.astype(np.int64))

    def _complete(self, curves: list[Curve]) -> NDArray[np.bool_]:
        # Missing is never a value: a row without what the part reads of it is not heard.
        rows = self.rows
        complete = np.ones(len(rows.at_us), bool)
        signals, names = signals_in(curves, self.curves)
        by_name = {one.name: one for one in self.score.signals}
        for signal in signals.values():
            one = by_name[signal.name]
            if signal.scale.words:
                complete &= self._has_word(signal, one.source)
            elif not any(step.kind == "per" for step in one.steps):
                names |= _columns(one.source)
        for name in names:
            source, _, column = name.partition(".")
            if source == rows.source and column in rows.columns:
                complete &= ~np.isnan(rows.columns[column])
        return complete

    def _has_word(self, signal: Signal, source: Formula) -> NDArray[np.bool_]:
        # Whether each row has a word that the signal knows; all, where it is another source's.
        (cell,) = cells(source)
        if cell.name != self.rows.source:
            return np.ones(len(self.rows.at_us), bool)
        codes, words = self.rows.words[cell.column]
        known = np.array([*(word in signal.scale.words for word in words), False])
        found: NDArray[np.bool_] = known[np.where(np.isnan(codes), -1, codes).astype(np.int64)]
        return found

    def _merged(self, found: NDArray[np.int64], origin_us: int, level: Curve) -> NDArray[np.int64]:
        rows, part = self.rows, self.part
        assert part.at_most_hz is not None
        at_us = rows.at_us[found] - self.lead_us
        cell = _cells(at_us, part.at_most_hz)
        order = np.arange(len(found))
        rank: Floats = order.astype(np.float64)
        if part.merge == "loudest":
            rank = -level((rows.at_us[found] - origin_us) / MICRO)
        elif part.merge == "nearest":
            middle = (cell + 0.5) * (MICRO / part.at_most_hz)
            rank = np.abs(at_us - middle)
        best = np.lexsort((order, rank, cell))
        firsts = np.flatnonzero(np.diff(cell[best], prepend=cell[best[0]] - 1))
        kept: NDArray[np.int64] = np.sort(found[best[firsts]])
        return kept

    def _check(self, at_us: NDArray[np.int64]) -> None:
        if len(at_us) <= MOST_HZ:
            return
        near = int((at_us[MOST_HZ:] - at_us[:-MOST_HZ]).min())
        if near >= MICRO:
            return
        message = (
            f"part '{self.part.name}': more than {MOST_HZ} rows of '{self.part.each}' in a second;"
            " say 'at_most: 12 /s'"
        )
        raise self.score.refused(self.part.where, message)


def _cells(at_us: NDArray[np.int64], at_most_hz: float) -> NDArray[np.int64]:
    # Cells of piece time, the same wherever a run begins.
    cells: NDArray[np.int64] = np.floor(at_us * (at_most_hz / MICRO)).astype(np.int64)
    return cells


def _columns(formula: Formula) -> set[str]:
    return {cell.key for cell in cells(formula) if cell.column}


def gap_marks(known: Known) -> list[Mark]:
    """Return a mark at the start of every gap of the signals that ask for it."""
    return [
        Mark(f"no data: {signal.name}", seconds_to_micros(begin_s))
        for signal in known.signals.values()
        if signal.report.get("gaps") == "mark"
        for begin_s, _ in signal.report["gaps_s"]
        if begin_s >= 0.0
    ]


def presence(
    curves: list[Curve], arcs: Mapping[str, Curve], known: Known, lead_s: float
) -> list[Curve]:
    """Return the presence of every signal that curves follow by themselves."""
    signals, _ = signals_in(curves, arcs)
    found = [known.presence(signal, lead_s) for signal in signals.values()]
    return [curve for curve in found if curve is not None]
