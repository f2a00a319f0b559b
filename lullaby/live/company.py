"""What goes along with a session: knobs, OSC and streams that touch it, MIDI beside the sound."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from lullaby.data import Live
from lullaby.data.feeds import Feed
from lullaby.live.beside import Beside
from lullaby.live.caller import Caller
from lullaby.live.hold import Control, controls
from lullaby.live.knobs import Knobs
from lullaby.live.midi_out import MidiOut
from lullaby.live.midi_plan import planned
from lullaby.live.osc_in import LOOPBACK, Osc, OscIn
from lullaby.live.osc_words import Words
from lullaby.live.ports import InPort, OutPort, open_input
from lullaby.live.session import Session
from lullaby.outputs.midi_form import Form
from lullaby.outputs.midi_stream import Stream

LOOK_S = 0.25  # how often streams are asked, and a reload looked for


@dataclass(frozen=True)
class Wishes:
    """What is to go along.

    ``midi_in``: parts of the names of inputs; ``osc_port`` at ``osc_host``, heard from the
    addresses ``osc_from``, anybody's if empty; ``midi_out``: open ports, ``form`` what is
    sent to them; ``feeds``: streams by the source of data they stand for.
    """

    midi_in: tuple[str, ...] = ()
    osc_port: int | None = None
    osc_host: str = LOOPBACK
    osc_from: frozenset[str] = frozenset()
    midi_out: Sequence[OutPort] = ()
    form: Form = field(default_factory=Form)
    clock: bool = False
    timecode: str | None = None
    offset_s: float = 0.0
    feeds: Mapping[str, Feed] = field(default_factory=dict)


class Company:
    """Opened with a session, closed with it.  Raises DeviceError, UsageError, ScoreError."""

    def __init__(self, session: Session, wishes: Wishes) -> None:
        self._session, self._wishes = session, wishes
        self.knobs = self._made_knobs()
        self._inputs: list[InPort] = []
        self._osc: OscIn | None = None
        self._beside: Beside | None = None
        self._out: MidiOut | None = None
        self._piece = session.piece
        self._live = Live(session.piece.score, wishes.feeds) if wishes.feeds else None
        self._caller = Caller(session)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="company", daemon=True)
        try:
            self._open()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        """Go along from now on."""
        if self._out is not None:
            self._beside = Beside(self._out, self._place)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let everything go."""
        self.close()

    def close(self) -> None:
        """Let everything go; every note at a port ends."""
        self._over.set()
        for port in self._inputs:
            port.close()
        if self._osc is not None:
            self._osc.close()
        if self._beside is not None:
            self._beside.close()
        elif self._out is not None:
            self._out.stop()
        for feed in self._wishes.feeds.values():
            feed.close()
        if self._thread.is_alive():
            self._thread.join(timeout=2.0)

    @property
    def failed(self) -> Exception | None:
        """Return what ended the MIDI beside the sound, if it was no wish."""
        return None if self._out is None else self._out.failed

    @property
    def rows(self) -> int:
        """Return how many rows of streams were taken so far."""
        return 0 if self._live is None else self._live.taken

    def learn(self, name: str) -> str:
        """Bind the next controller that moves to a name, and return what to do now."""
        if not self._inputs:
            return "no controllers: play with --midi-in NAME"
        try:
            self.knobs.learn(name)
        except KeyError:
            return f"{name} cannot be held"
        return f"move a controller: it takes {name}"

    def tend(self) -> None:
        """Touch what streams say, and send the new score's notes after a reload."""
        if self._live is not None:
            # A stream goes on while the piece stands still or goes back.
            self._session.touch_all(self._live.advance(self._session.status().uptime_s))
            self._caller.tend(self._live.came)
        if self.failed is not None:
            self._session.tell("midi", f"MIDI has ended: {self.failed}")
        if self._session.piece is not self._piece:
            self._piece = self._session.piece
            bound = self.knobs.bindings
            self.knobs = self._made_knobs()
            for (channel, cc), name in bound.items():
                if name in self._session.piece.names:
                    self.knobs.bind(name, cc, channel)
            if self._osc is not None:
                self._osc.osc.use(self._words())
            self._load_again()

    def _load_again(self) -> None:
        if self._out is None:
            return
        stream = self._stream()
        if stream.ports <= len(self._wishes.midi_out):
            self._out.load(stream)
            self._session.tell("midi", "")
        else:
            there = len(self._wishes.midi_out)
            wants = f"MIDI: the score saved anew wants {stream.ports} ports, not {there}"
            self._session.tell("midi", wants)

    def _open(self) -> None:
        wishes = self._wishes
        if wishes.midi_out:
            self._out = MidiOut(
                self._stream(),
                wishes.midi_out,
                clock=wishes.clock,
                timecode=wishes.timecode,
                offset_s=wishes.offset_s,
            )
        for name in wishes.midi_in:
            self._inputs.append(open_input(name, lambda message: self.knobs.hear(message)))
        if wishes.osc_port is not None:
            osc = Osc(self._words())
            allowed = wishes.osc_from or None
            self._osc = OscIn(osc, wishes.osc_port, wishes.osc_host, allowed)

    def _words(self) -> Words:
        return Words(self._session, self._controls(), self._scenes())

    def _run(self) -> None:
        while not self._over.wait(LOOK_S):
            self.tend()

    def _place(self) -> tuple[bool, float]:
        status = self._session.status()
        return status.state in ("playing", "fading"), status.position_s

    def _stream(self) -> Stream:
        piece = self._session.piece
        return planned(piece.score, piece.performance, self._wishes.form)

    def _made_knobs(self) -> Knobs:
        return Knobs(self._session, self._controls(), self._now)

    def _controls(self) -> dict[str, Control]:
        piece = self._session.piece
        numbers = {arc.name: arc.cc for arc in piece.score.arcs}
        made = controls(piece.performance, numbers)
        return {name: control for name, control in made.items() if name in piece.names}

    def _scenes(self) -> dict[str, float]:
        scenes: dict[str, float] = {}
        for scene in self._session.status().scenes:
            scenes.setdefault(scene.name, scene.start_s)
        return scenes

    def _now(self, name: str) -> float | None:
        # An arc is picked up where it is; what a parameter is now, nobody knows outside its voice.
        return next((a.now for a in self._session.status().arcs if a.name == name), None)
