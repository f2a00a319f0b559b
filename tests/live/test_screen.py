"""The screen: what a performer reads on it, and what keys and clicks do."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("textual")

from rich.console import Console
from rich.style import Style
from rich.text import Text

from lullaby.live.screen.app import ScreenApp
from lullaby.live.screen.board import board, choices
from lullaby.live.screen.panels import view
from lullaby.live.screen.strokes import bar, curve, fitted, meter
from lullaby.live.status import ArcStatus, PartStatus, SceneStatus, Status
from lullaby.measure.palette import EMBER, TEAL

STATUS = Status(
    title="Let Go",
    seed=1931,
    state="playing",
    position_s=45.0,
    length_s=120.0,
    scene=0,
    scenes=(SceneStatus("city", 0.0, 60.0), SceneStatus("hum alone", 60.0, 120.0)),
    looping=None,
    arcs=(ArcStatus("panic", 0.75, 0.75, False, 20), ArcStatus("surrender", 0.0, 0.4, True)),
    parts=(
        PartStatus("sirens", -12.0, -20.5, True, False, False, False),
        PartStatus("radio", float("-inf"), float("-inf"), False, True, False, False),
    ),
    momentary_lufs=-21.3,
    short_term_lufs=-22.0,
    true_peak_dbtp=-3.2,
    limiter_db=0.0,
    load=0.12,
    ring=0.98,
    ahead_s=0.5,
    underruns=0,
    uptime_s=45.0,
    device="somebody",
    device_losses=0,
    recording="/srv/evening.wav",
    last_reload=None,
)
SHAPES = {"panic": [0.0, 0.5, 1.0], "surrender": [0.0, 0.0, 1.0]}


class FakeSession:
    """Writes down what it is asked."""

    def __init__(self, status: Status = STATUS) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.over = False
        self._status = status
        ramp = lambda times_s: times_s / 120.0  # noqa: E731
        self.piece = SimpleNamespace(performance=SimpleNamespace(arcs={"panic": ramp}))

    def status(self) -> Status:
        return self._status

    def __getattr__(self, name: str) -> Any:
        return lambda *given: self.calls.append((name, *given))


def shown(status: Status = STATUS, width: int = 100, height: int = 24, **more: Any) -> str:
    rows = board(status, SHAPES, more.pop("chosen", "panic"), width, height, **more)
    return "\n".join(row.text.plain for row in rows)


def test_screen_shows_what_a_performer_needs() -> None:
    text = shown()
    for word in ("Let Go", "playing", "0:45 / 2:00", "seed 1931", "city", "hum alone in 0:15"):
        assert word in text
    for word in ("panic", "0.75", "cc20", "held", "sirens", "-20.5", "-21.3", "-22.0 LUFS"):
        assert word in text
    for word in ("-3.2 dBTP", "12 %", "490 ms", "dropouts 0", "evening.wav", "space"):
        assert word in text
    for limiter_db, said in ((0.0, "  0.0 dB"), (-0.01, "  0.0 dB"), (-4.5, " -4.5 dB")):
        assert f"limiter {said}" in shown(replace(STATUS, limiter_db=limiter_db))


@pytest.mark.parametrize(("width", "height"), [(80, 24), (110, 32), (200, 50), (40, 10)])
def test_screen_fits_the_terminal(width: int, height: int) -> None:
    rows = board(STATUS, SHAPES, "panic", width, height)
    assert len(rows) == height
    assert max(row.text.cell_len for row in rows) <= width
    if width >= 80:
        assert "LUFS" in rows[-3].text.plain
        assert rows[-3].text.plain.rstrip().endswith("dB")


def test_ribbon_is_to_scale_and_its_playhead_is_where_the_sound_is() -> None:
    rows = [
        row.text.plain for row in board(STATUS, SHAPES, "panic", 80, 24) if row.kind == "scenes"
    ]
    assert rows[0].index("hum alone") == 41  # half of 80, and the space before a name
    assert rows[1].index("●") == 30  # 45 of 120 s


def test_what_goes_wrong_is_shown_with_its_line() -> None:
    wrong = replace(STATUS, trouble=("piece.yaml:3:5: unknown key 'fro'\n   3 | fro: 1",))
    assert "piece.yaml:3:5: unknown key 'fro'" in shown(wrong)
    assert "✕ lost" in shown(replace(STATUS, state="lost"))


def test_chosen_part_is_in_sight_however_many_there_are() -> None:
    parts = tuple(replace(STATUS.parts[0], name=f"p{i}") for i in range(200))
    many = replace(STATUS, parts=parts)
    assert "p150" in shown(many, chosen="part:p150")
    assert choices(many)[-1] == "part:p199"


def test_piece_without_an_end_shows_ten_minutes_around_now() -> None:
    first_s, last_s = view(replace(STATUS, length_s=None, position_s=3725.0))
    assert last_s - first_s == 600.0
    assert first_s <= 3725.0 < last_s


def lit(text: Text, color: str) -> str:
    """Return the characters that end up in a colour."""
    wanted = Style(color=color).color
    styles = [text.get_style_at_offset(Console(), i) for i in range(len(text.plain))]
    return "".join(c for c, style in zip(text.plain, styles, strict=True) if style.color == wanted)


def test_bars_are_fine_and_meters_full_at_full_scale() -> None:
    assert lit(bar(0.5, 4, "#ffffff"), "#ffffff") == "━━"
    assert lit(bar(1 / 8, 4, "#ffffff"), "#ffffff") == "╸"
    assert lit(meter(0.0, 10), EMBER) == "━"  # the last 6 of 60 dB
    assert lit(meter(-30.0, 10), TEAL) == "━" * 5
    assert lit(meter(-60.0, 10), TEAL) == ""
    assert curve([0.0, 1.0], "#ffffff")[0].plain == "▁█"
    assert [line.plain for line in curve([0.0, 0.5, 1.0], "#ffffff", rows=2)] == ["  █", "▁██"]
    assert fitted("a long name", 6) == "a lon…"


def press(*keys: str, session: FakeSession | None = None) -> FakeSession:
    session = session or FakeSession()

    async def go() -> None:
        app = ScreenApp(session)  # type: ignore[arg-type]
        async with app.run_test(size=(100, 30)) as pilot:
            await pilot.pause(0.15)
            for key in keys:
                await pilot.press(key)
            await pilot.pause(0.05)

    asyncio.run(go())
    return session


def test_keys_do_what_the_screen_says() -> None:
    session = press("space", "right", "left", "l", "r", "p", "q")
    assert [call[0] for call in session.calls] == [
        "toggle",
        "next_scene",
        "previous_scene",
        "loop_here",
        "reload",
        "panic",
        "quit",
    ]


def test_arcs_are_held_nudged_and_let_go_by_keys() -> None:
    session = press("minus", "2", "plus", "x")
    assert session.calls == [
        ("touch", "panic", pytest.approx(0.7)),
        ("touch", "surrender", pytest.approx(0.45)),
        ("release", "surrender"),
    ]


def test_parts_are_muted_and_soloed_by_keys() -> None:
    session = press("down", "down", "m", "down", "s")
    assert session.calls == [("mute", "sirens"), ("solo", "radio")]


def test_click_on_the_scenes_goes_there_and_on_lamps_mutes() -> None:
    session = FakeSession()

    async def go() -> None:
        app = ScreenApp(session)  # type: ignore[arg-type]
        async with app.run_test(size=(100, 30)) as pilot:
            await pilot.pause(0.15)
            rows = app._face.rows
            scenes = next(i for i, row in enumerate(rows) if row.kind == "scenes")
            part = next(i for i, row in enumerate(rows) if row.name == "sirens")
            await pilot.click(offset=(50, scenes))
            await pilot.click(offset=(rows[part].text.cell_len - 5, part))
            await pilot.click(offset=(rows[part].text.cell_len - 2, part))

    asyncio.run(go())
    assert session.calls == [("seek", pytest.approx(60.0)), ("mute", "sirens"), ("solo", "sirens")]


def test_screen_ends_with_the_piece() -> None:
    session = FakeSession()
    session.over = True

    async def go() -> int | None:
        app = ScreenApp(session)  # type: ignore[arg-type]
        async with app.run_test(size=(100, 30)) as pilot:
            await pilot.pause(0.3)
        return app.return_value

    assert asyncio.run(go()) == 0
