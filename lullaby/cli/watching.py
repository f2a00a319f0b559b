"""A session as it runs: its screen or a line now and then, a log, a status file, its end."""

from __future__ import annotations

import contextlib
import logging
import logging.handlers
import math
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import click

from lullaby.cli.ending import Terminated
from lullaby.cli.plain import plain

if TYPE_CHECKING:
    from lullaby.live.session import Session
    from lullaby.live.status import Status

EVERY_S = 10.0
STATUS_S = 1.0
LOOK_S = 0.1
LOG_BYTES, LOGS = 5 << 20, 5
TERMINATED_FADE_S = 0.5  # when the system asks to end, it does not wait long


class Screen:
    """Runs a session to its end and says what happens."""

    def __init__(
        self,
        session: Session,
        *,
        log: Path | None = None,
        status: Path | None = None,
        quiet: bool = False,
        every_s: float = EVERY_S,
        face: Callable[[], int] | None = None,
    ) -> None:
        self._session, self._status, self._quiet = session, status, quiet
        self._every_s, self._face = every_s, face
        self._log = None if log is None else _log(log)
        self._said: set[str] = set()
        self._reloads = 0

    def __enter__(self) -> Self:
        """Start to play."""
        try:
            self._session.start()
        except BaseException:
            self._session.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Complete all files."""
        try:
            self._session.close()
            self._show()
        finally:
            for handler in self._log.handlers if self._log is not None else ():
                handler.close()

    def run(self) -> int:
        """Play to the end and return the exit code."""
        session = self._session
        code = self._faced() if self._face is not None else self._followed()
        if session.producer.failed is not None:
            self.say(f"error: {session.producer.failed}")
            code = code or 1
        muted = session.deck.engine.muted
        for part in sorted(muted):
            self.say(f"error: part {part!r} failed and was muted")
        return code or (1 if muted else 0)

    def _followed(self) -> int:
        session = self._session
        piece = session.piece.score.title
        try:  # from the first line on, whoever reads it may ask to end
            self.say(f"playing {piece} on {session.keeper.card.name}, {session.sample_rate} Hz")
            self._follow()
        except (KeyboardInterrupt, Terminated) as asked:
            return self._fade(_code(asked))
        return 0

    def _faced(self) -> int:
        # The screen has the terminal and this thread; the log and the status file go on beside it.
        assert self._face is not None
        beside = threading.Thread(target=self._follow, name="log", daemon=True)
        quiet, self._quiet = self._quiet, True
        beside.start()
        try:
            return self._face()
        except (KeyboardInterrupt, Terminated) as asked:
            return _code(asked)
        finally:
            self._quiet = quiet

    def say(self, text: str) -> None:
        """Print and log a line."""
        if not self._quiet:
            click.echo(plain(text, lines=True), err=True)
        if self._log is not None:
            self._log.info("%s", plain(text))

    def _fade(self, code: int) -> int:
        fade_s = None if code == 130 else TERMINATED_FADE_S
        self._session.quit(fade_s)
        self.say("fading out; once more stops at once" if code == 130 else "told to end")
        with contextlib.suppress(KeyboardInterrupt, Terminated):
            self._follow()
        return code

    def _follow(self) -> None:
        session = self._session
        for turn in _turns():
            if turn % round(self._every_s / LOOK_S) == 0:
                self.say(line(session.status()))
            if turn % round(STATUS_S / LOOK_S) == 0:
                self._show()
                self._tell()
            if session.wait(LOOK_S):
                return

    def _tell(self) -> None:
        status = self._session.status()
        for trouble in status.trouble:
            if trouble not in self._said:
                self._said.add(trouble)
                self.say(f"warning: {trouble}")
        if status.reloads > self._reloads:
            self._reloads = status.reloads
            self._said.clear()
            self.say(f"read the score again at {status.last_reload}")

    def _show(self) -> None:
        if self._status is None:
            return
        from lullaby.live.report import write_status

        try:
            write_status(self._status, self._session.status())
        except OSError as error:
            if str(self._status) not in self._said:
                self._said.add(str(self._status))
                self.say(f"warning: {self._status}: {error.strerror}")


def line(status: Status) -> str:
    """Return a session in one line."""
    from lullaby.units import clock

    length = "" if status.length_s is None else f"/{clock(status.length_s)}"
    scene = status.scenes[status.scene].name if status.scenes else ""
    words = [
        f"{clock(status.position_s)}{length}",
        status.state,
        f"[{scene}]",
        f"{_number(status.short_term_lufs)} LUFS",
        f"peak {_number(status.true_peak_dbtp)} dBTP",
        f"load {100 * status.load:.0f} %",
        f"ring {100 * status.ring:.0f} %",
        f"underruns {status.underruns}",
    ]
    if status.device_losses:
        words.append(f"device lost {status.device_losses}")
    return "  ".join(words)


def _code(asked: BaseException) -> int:
    return 128 + asked.number if isinstance(asked, Terminated) else 130


def _number(level: float) -> str:
    return f"{level:.1f}" if math.isfinite(level) and level > -200.0 else "-inf"


def _turns() -> Iterator[int]:
    turn = 0
    while True:
        yield turn
        turn += 1


def _log(path: Path) -> logging.Logger:
    handler = logging.handlers.RotatingFileHandler(
        path, maxBytes=LOG_BYTES, backupCount=LOGS - 1, encoding="utf-8", delay=True
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    logger = logging.Logger("lullaby", logging.INFO)  # of its own: nobody else's settings count
    logger.addHandler(handler)
    return logger
