"""The running screen: a look at the session a dozen times a second, and keys and mouse."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from rich.text import Text
from textual import events
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.widget import Widget

from lullaby.errors import LullabyError
from lullaby.live.screen.board import Row, board, choices
from lullaby.live.screen.panels import view
from lullaby.live.status import Status
from lullaby.measure.palette import INK, NIGHT

if TYPE_CHECKING:
    from lullaby.live.session import Session

LOOKS_PER_S = 12.0
SAID_S = 3.0
NUDGE = 0.05
POINTS = 400  # of a drawn curve
TERMINATED_FADE_S = 0.5


class Face(Widget):
    """Draws the rows; a click on the scenes goes there, on an arc holds it, on M or S turns it."""

    DEFAULT_CSS = f"Face {{ background: {NIGHT}; color: {INK}; width: 100%; height: 100%; }}"

    def __init__(self, rows: Callable[[int, int], list[Row]]) -> None:
        super().__init__()
        self._make = rows
        self.rows: list[Row] = []

    def render(self) -> Text:
        """Return the screen as it is now."""
        self.rows = self._make(self.size.width, self.size.height)
        return Text("\n", no_wrap=True, overflow="crop").join(row.text for row in self.rows)

    def on_click(self, event: events.Click) -> None:
        """Do what the place that was clicked stands for."""
        app = self.app
        if isinstance(app, ScreenApp) and 0 <= event.y < len(self.rows):
            app.clicked(self.rows[event.y], event.x, self.size.width)


class ScreenApp(App[int]):
    """The screen of a session; its result is the exit code.

    ``learn`` binds the next controller that moves to a name and says so.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "turn"),
        Binding("left", "go(-1)"),
        Binding("right", "go(1)"),
        Binding("up", "choose(-1)"),
        Binding("down", "choose(1)"),
        Binding("minus", "nudge(-1)"),
        Binding("plus,equals_sign", "nudge(1)"),
        Binding("x", "release"),
        Binding("X", "release_all"),
        Binding("m", "mute"),
        Binding("s", "solo"),
        Binding("l", "loop"),
        Binding("n", "learn"),
        Binding("r", "reload"),
        Binding("p", "panic"),
        Binding("q", "leave"),
        Binding("ctrl+c", "leave(130)", priority=True),
        *(Binding(str(n), f"arc({n})") for n in range(1, 10)),
    ]
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, session: Session, learn: Callable[[str], str] | None = None) -> None:
        super().__init__()
        self._session, self._learn = session, learn
        self._chosen, self._said, self._code = "", "", 0
        self._leaving = False
        self._shapes: tuple[object, dict[str, Sequence[float]]] = (None, {})

    def compose(self) -> ComposeResult:
        """Lay the screen out."""
        self._face = Face(self._rows)
        yield self._face

    def on_mount(self) -> None:
        """Look at the session from now on, and end when the system asks."""
        self.set_interval(1.0 / LOOKS_PER_S, self._look)
        with contextlib.suppress(NotImplementedError, RuntimeError):  # Windows, other threads
            loop = asyncio.get_running_loop()
            loop.add_signal_handler(signal.SIGINT, self.action_leave, 130)
            for number in (signal.SIGTERM, signal.SIGHUP):
                loop.add_signal_handler(number, self._terminated, 128 + number)

    def clicked(self, row: Row, x: int, width: int) -> None:
        """Do what was clicked."""
        if row.kind == "scenes":
            first_s, last_s = view(self._session.status())
            self._session.seek(first_s + x / max(1, width) * (last_s - first_s))
        elif row.kind == "arc":
            self._chosen = row.name
            if 14 <= x < 26:  # the bar of its value
                self._session.touch(row.name, (x - 14) / 11)
        elif row.kind == "part":
            self._chosen = f"part:{row.name}"
            from_right = row.text.cell_len - x
            if from_right <= 3:
                self._session.solo(row.name)
            elif from_right <= 6:
                self._session.mute(row.name)

    def action_turn(self) -> None:
        """Play or pause."""
        self._session.toggle()

    def action_go(self, step: int) -> None:
        """Go to the next or previous scene."""
        if step > 0:
            self._session.next_scene()
        else:
            self._session.previous_scene()

    def action_choose(self, step: int) -> None:
        """Choose the next arc or part."""
        names = choices(self._session.status())
        if names:
            at = names.index(self._chosen) if self._chosen in names else -max(0, step)
            self._chosen = names[(at + step) % len(names)]

    def action_arc(self, number: int) -> None:
        """Choose an arc by its number."""
        arcs = self._session.status().arcs
        if number <= len(arcs):
            self._chosen = arcs[number - 1].name

    def action_nudge(self, step: int) -> None:
        """Hold the chosen arc a little higher or lower than it is."""
        for arc in self._session.status().arcs:
            if arc.name == self._chosen:
                value = min(1.0, max(0.0, round((arc.now + step * NUDGE) / NUDGE) * NUDGE))
                self._session.touch(arc.name, value)
                self._say(f"{arc.name} is held at {value:.2f}; x lets it go")
                return
        self._say("choose an arc with up and down, or 1 to 9")

    def action_release(self) -> None:
        """Let the chosen arc go."""
        if self._chosen and not self._chosen.startswith("part:"):
            self._session.release(self._chosen)
            self._say(f"{self._chosen} is as written again")

    def action_release_all(self) -> None:
        """Let everything go."""
        self._session.release_all()
        self._say("everything is as written again")

    def action_mute(self) -> None:
        """Mute the chosen part."""
        self._part(self._session.mute)

    def action_solo(self) -> None:
        """Hear the chosen part alone."""
        self._part(self._session.solo)

    def action_loop(self) -> None:
        """Loop this scene, or go on."""
        self._session.loop_here()

    def action_learn(self) -> None:
        """Bind the next controller that moves to the chosen arc."""
        if self._learn is None:
            self._say("no controllers: play with --midi-in NAME")
        elif self._chosen and not self._chosen.startswith("part:"):
            self._say(self._learn(self._chosen))

    def action_reload(self) -> None:
        """Read the score again."""
        self._session.reload()
        self._say("reading the score again")

    def action_panic(self) -> None:
        """Silence everything."""
        self._session.panic()
        self._say("silent; space plays on")

    def action_leave(self, code: int = 0) -> None:
        """Fade out and end; a second time ends at once."""
        if self._leaving:
            self.exit(code or self._code)
            return
        self._leaving, self._code = True, code
        self._session.quit()
        self._say("fading out; once more stops at once")

    def _terminated(self, code: int) -> None:
        self._leaving, self._code = True, code
        self._session.quit(TERMINATED_FADE_S)

    def _part(self, turn: Callable[[str], None]) -> None:
        if self._chosen.startswith("part:"):
            turn(self._chosen.removeprefix("part:"))
        else:
            self._say("choose a part with up and down")

    def _say(self, text: str) -> None:
        self._said = text

        def forget() -> None:
            if self._said == text:
                self._said = ""

        self.set_timer(SAID_S, forget)

    def _look(self) -> None:
        if self._session.over:
            self.exit(self._code)
        else:
            self._face.refresh()

    def _rows(self, width: int, height: int) -> list[Row]:
        status = self._session.status()
        if not self._chosen and status.arcs:
            self._chosen = status.arcs[0].name
        return board(status, self._drawn(status), self._chosen, width, height, self._said)

    def _drawn(self, status: Status) -> dict[str, Sequence[float]]:
        performance, span_s = self._session.piece.performance, view(status)
        if self._shapes[0] != (id(performance), span_s):
            times_s = np.linspace(*span_s, POINTS, endpoint=False)
            drawn: dict[str, Sequence[float]] = {}
            for name, arc in performance.arcs.items():
                with contextlib.suppress(LullabyError):
                    drawn[name] = arc(times_s).tolist()
            self._shapes = ((id(performance), span_s), drawn)
        return self._shapes[1]
