"""What a render says while it runs."""

from __future__ import annotations

import io

import pytest

from lullaby.outputs import progress as room
from lullaby.outputs.progress import Lines, Meter, Moving, Silent, progress
from tests.outputs.sounds import RATE, performance


def test_the_figures_are_those_of_the_clock() -> None:
    now = iter([100.0, 102.0, 104.0])
    meter = Meter(performance(), RATE, 0, 120_000, lambda: next(now))
    meter.at(RATE // 2, 0.25)
    meter.at(60_000, 0.1)
    assert meter.scene == "the child"
    assert meter.text() == "0:01   50 %  0.6x  0:02 left  peak -12.0 dBFS"
    meter.at(130_000, 0.0)
    assert meter.scene == "tail"
    assert meter.text() == "0:03  100 %  0.7x"


def test_a_start_in_the_middle_counts_from_there() -> None:
    meter = Meter(performance(), RATE, 48_000, 24_000)
    assert meter.scene == "the child"
    meter.at(54_000, 0.0)
    assert meter.share == pytest.approx(0.25)


def test_a_pipe_gets_a_line_each_few_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(room.time, "monotonic", lambda: now)
    out = io.StringIO()
    shown = progress(Meter(performance(), RATE, 0, 120_000), out=out, note=lambda: "compiling")
    assert isinstance(shown, Lines)
    with shown:
        for i in range(30):
            now = float(i)
            shown.at(i * 4000, 0.5)
    lines = out.getvalue().splitlines()
    assert len(lines) == 5
    assert lines[0].startswith("city, living  0:00")
    assert lines[0].endswith("peak -6.0 dBFS  compiling")


def test_quiet_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with progress(Meter(performance(), RATE, 0, 100), quiet=True) as shown:
        assert type(shown) is Silent
        shown.at(50, 0.5)
    assert capsys.readouterr() == ("", "")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_a_line_that_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    out = Terminal()
    meter = Meter(performance(), RATE, 0, 120_000)
    with progress(meter, out=out, name=lambda text: text.upper()) as shown:
        assert isinstance(shown, Moving)
        shown.at(60_000, 0.5)
        shown._bar.refresh()
    assert "THE CHILD" in out.getvalue()
    assert "50 %" in out.getvalue()
    assert "peak -6.0 dBFS" in out.getvalue()
