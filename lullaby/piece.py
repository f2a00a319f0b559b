"""A piece: a score that was read, and all that can be done with it; every room is opened late."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lullaby.audio import Audio
from lullaby.errors import UsageError
from lullaby.version import SOFTWARE, __version__

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lullaby.engine.engine import Engine
    from lullaby.live.session import Session
    from lullaby.measure.listening import Measurement
    from lullaby.model.event import Events
    from lullaby.model.performance import Performance
    from lullaby.model.score import Score
    from lullaby.model.take import Take
    from lullaby.outputs.export import Exported
    from lullaby.outputs.manifest import Folder
    from lullaby.outputs.midi_file import Written
    from lullaby.outputs.midi_form import Form
    from lullaby.outputs.render import Rendered, Watcher
    from lullaby.outputs.verifying import Check

SAMPLE_RATE = 48000


class Piece:
    """A checked score and what can be done with it."""

    def __init__(self, score: Score, until_s: float | None = None) -> None:
        self.score = score
        self.text = ""  # of a score that was made for data
        self.until_s = until_s  # where an endless piece is left; None: at its own end

    @property
    def title(self) -> str:
        """Return the title."""
        return self.score.title

    @property
    def seed(self) -> int:
        """Return the seed that all chance derives from."""
        return self.score.seed

    @cached_property
    def performance(self) -> Performance:
        """Return the piece laid out in time: runs, curves, buses.  Raises ScoreError."""
        from lullaby.engine.arrange import arrange

        return arrange(self.score, self.until_s)

    @cached_property
    def endless(self) -> bool:
        """Return whether the piece never comes to an end by itself."""
        from lullaby.engine.timeline import endless

        return endless(self.score)

    @property
    def duration_s(self) -> float:
        """Return the length of the score, without the tail."""
        length_us: int = self.performance.length_us
        return length_us / 1e6

    @property
    def end_s(self) -> float:
        """Return when the last part is gone, without what rings on in effects."""
        ends_us = [self.performance.length_us, *(run.end_us for run in self.performance.runs)]
        return max(ends_us) / 1e6

    def with_seed(self, seed: int) -> Piece:
        """Return the same piece with other chance."""
        return Piece(replace(self.score, seed=seed), self.until_s)

    def lasting(self, until_s: float) -> Piece:
        """Return the same piece, left after a time: what plays then fades as at an end."""
        return Piece(self.score, until_s)

    def events(self, from_s: float = 0.0, to_s: float | None = None) -> list[tuple[str, Events]]:
        """Return each part's events that start in a window: (part, structured array).

        ``at_s`` in the arrays counts from the start of the piece.  No audio is rendered.
        """
        from lullaby.engine.listing import events

        return events(self.performance, from_s, self.duration_s if to_s is None else to_s)

    def engine(self, sample_rate: int = SAMPLE_RATE, **options: Any) -> Engine:
        """Return an engine at ``start_s`` (see ``lullaby.engine.Engine`` for the options)."""
        from lullaby.engine.arrange import arrange
        from lullaby.engine.engine import Engine
        from lullaby.engine.fed_cues import called_in

        performance, take = self.performance, options.get("take")
        if take is not None and (called := called_in(take)):
            # Cues that wait for a stream go off when they did in the session.
            performance = arrange(self.score, self.until_s, called)
        return Engine(performance, sample_rate, **options)

    def blocks(
        self,
        frames: int = 1024,
        sample_rate: int = SAMPLE_RATE,
        *,
        from_s: float = 0.0,
        jobs: int = 1,
        take: Take | None = None,
    ) -> Iterator[NDArray[np.float32]]:
        """Yield blocks of ``frames`` frames, shape (2, frames), to the end of the tail."""
        with self.engine(sample_rate, start_s=from_s, jobs=jobs, take=take) as engine:
            yield from engine.blocks(frames)

    def render(
        self,
        sample_rate: int = SAMPLE_RATE,
        *,
        from_s: float = 0.0,
        to_s: float | None = None,
        jobs: int = 2,
        take: Take | None = None,
    ) -> Audio:
        """Return the sound from one moment to another; to the end of the tail if none is given."""
        import numpy as np

        with self.engine(sample_rate, start_s=from_s, jobs=jobs, take=take) as engine:
            if to_s is not None:
                samples = engine.read(round((to_s - from_s) * sample_rate))
            else:
                empty = np.zeros((2, 0), np.float32)
                samples = np.concatenate([empty, *engine.blocks(65536)], axis=1)
        return Audio(samples, sample_rate, self.performance, from_s)

    def measure(
        self, *, sample_rate: int = SAMPLE_RATE, frozen: bool = False, jobs: int = 2
    ) -> Measurement:
        """Render the piece into a meter: loudness and features of it and of its scenes.

        ``frozen`` holds surrender at 0, which is what a piece must not stay calm under.
        """
        from lullaby.measure.listening import Listener
        from lullaby.outputs.hearing import frozen_take, hear, stretches

        listener = Listener(2, sample_rate, stretches(self.performance))
        take = frozen_take(self.performance, sample_rate) if frozen else None
        with self.engine(sample_rate, jobs=jobs, take=take) as engine:
            hear(engine, {"master": listener.add})
        return listener.finish()

    def verify(self, control: str = "", *, sample_rate: int = SAMPLE_RATE) -> list[Check]:
        """Read back from the sound what ``verify`` names and return how far it is off.

        ``control``: "shuffled", "shifted", "flipped" or "another", data against which every check
        must fail.  Raises UsageError where nothing can be verified.
        """
        from lullaby.outputs import verifying

        if not self.score.verify:
            raise UsageError("the score names nothing under 'verify', so nothing is faithful")
        piece = self._untold()
        stems = piece.stems({one.part for one in self.score.verify}, sample_rate)
        return verifying.checked(piece.performance, self.score.verify, stems, sample_rate, control)

    def _untold(self) -> Piece:
        # Without the runs of a legend, whose tones are no data: all else stays where it is.
        piece = Piece(self.score, self.until_s)
        runs = tuple(run for run in self.performance.runs if not run.told)
        piece.performance = replace(self.performance, runs=runs)
        return piece

    def stems(
        self, parts: set[str], sample_rate: int = SAMPLE_RATE
    ) -> dict[str, NDArray[np.float32]]:
        """Return the sound of some parts alone, dry and each by itself, shape (2, frames)."""
        import numpy as np

        from lullaby.engine.engine import Engine
        from lullaby.outputs.verifying import stems_of

        alone = stems_of(self.performance, parts)
        frames = round(self.end_s * sample_rate)
        blocks: dict[str, list[NDArray[np.float32]]] = {part: [] for part in parts}
        with Engine(alone, sample_rate, stems=True) as engine:
            for done in range(0, frames, 65536):
                streams = engine.read_all(min(65536, frames - done))
                for part, found in blocks.items():
                    found.append(streams[f"stem {part}"])
        return {part: np.concatenate(found, axis=1) for part, found in blocks.items()}

    def data_picture(self, path: str | Path, *, overwrite: bool = False) -> None:
        """Draw data, signals, what is read back of them, and the sound, on one axis of time.

        A .png or .svg.  Raises UsageError for a wrong name, a score without signals, without
        matplotlib (extra ``picture``) or, unless ``overwrite``, for a file already there.
        """
        from lullaby.measure.picture import check_picture
        from lullaby.outputs.data_picture import draw

        target = Path(path)
        check_picture(target)
        if target.exists() and not overwrite:
            raise UsageError(f"{target}: is already there")
        checks = self.verify() if self.score.verify else []
        sound = self.render()
        draw(self.performance, sound.samples, sound.sample_rate, target, checks)

    def legend(self) -> tuple[Piece, str] | None:
        """Return the audio legend as a piece of its own, with its caption; None without one.

        One that sounds in the piece itself is none of its own: see ``legend_text``.
        """
        from lullaby.outputs import legend

        wanted = self.score.legend
        if wanted is None or wanted.place != "separate":
            return None
        made, shown = legend.legend(self.performance, wanted)
        piece = Piece(self.score, self.until_s)
        piece.performance = made
        return piece, legend.caption(self.performance, wanted, shown)

    def legend_text(self) -> str | None:
        """Return in words what the legend's tones in the piece itself are; None without them."""
        from lullaby.outputs import legend

        wanted = self.score.legend
        if wanted is None or wanted.place in ("separate", "none"):
            return None
        return legend.caption(self.performance, wanted, self.performance.legend)

    def picture(
        self,
        path: str | Path,
        *,
        part: str | None = None,
        overwrite: bool = False,
        sample_rate: int = SAMPLE_RATE,
        jobs: int = 2,
    ) -> None:
        """Draw the poster of the piece, or of one part alone, as a .png or .svg.

        The whole sound is held in memory.  Raises UsageError for a wrong name, without matplotlib
        (extra ``picture``) or, unless ``overwrite``, for a file that is already there.
        """
        import numpy as np

        from lullaby.measure.picture import check_picture
        from lullaby.outputs.hearing import hear
        from lullaby.outputs.posters import draw, stream
        from lullaby.outputs.whole import check_target

        target = Path(path)
        check_picture(target)
        check_target(target)
        if target.exists() and not overwrite:
            raise UsageError(f"{target}: is already there")
        name = stream(self.performance, part)
        blocks: list[NDArray[np.float32]] = []
        with self.engine(sample_rate, jobs=jobs, stems=part is not None) as engine:
            hear(engine, {name: blocks.append})
        samples = np.concatenate([np.zeros((2, 0), np.float32), *blocks], axis=1)
        draw(self.performance, samples, sample_rate, target, part=part)

    def _repr_html_(self) -> str:
        from lullaby.outputs.notebook import piece

        return piece(self.performance)

    def write(
        self,
        path: str | Path | None = None,
        *,
        stems: str | Path | None = None,
        sample_rate: int = SAMPLE_RATE,
        bits: str = "24",
        from_s: float = 0.0,
        to_s: float | None = None,
        overwrite: bool = False,
        jobs: int = 2,
        block: int = 8192,
        take: Take | None = None,
        watcher: Watcher | None = None,
        daw: Form | None = None,
        project: bool = False,
    ) -> Rendered:
        """Render into a file (.wav or .flac by its name), and the stems into a folder.

        ``bits``: "16" or "24" with dither, "32f" for float.  ``daw``: the form of a MIDI file that
        stands beside the stems with tempo, tuning and a manifest, all under one naming, and with a
        ``project`` a .dawproject too.  All files are written or none.
        Raises UsageError for a wrong call or, unless ``overwrite``, for a file that is already
        there; OutputError where a disk fails.
        """
        from lullaby.outputs import files
        from lullaby.outputs.render import render

        sound = None if path is None else Path(path)
        folder = None if stems is None else Path(stems)
        beside = self.beside(folder, sample_rate, bits, daw, project) if daw else None
        if beside is not None and from_s:
            raise UsageError("a MIDI file begins where the piece does: write it without --from")
        naming = beside.naming.sound if beside else None
        targets = self.targets(sound, folder, bits, naming)
        more = beside.targets() if beside else []
        for target in [*(target for _, target in targets), *more]:
            if target.exists() and not overwrite:
                raise UsageError(f"{target}: is already there")
        frames = None if to_s is None else round(to_s * sample_rate) - round(from_s * sample_rate)
        last_s = self.end_s if to_s is None else to_s
        place = (folder or sound or Path()).absolute().parent
        files.check_room(place, len(targets), round((last_s - from_s) * sample_rate), bits)
        form = files.Form(sample_rate, bits, self.seed, self.title, SOFTWARE)
        options = {"start_s": from_s, "jobs": jobs, "take": take, "stems": folder is not None}
        with files.made_folder(folder), self.engine(sample_rate, **options) as engine:
            writers = form.writers(targets)
            return render(
                engine,
                beside.metered(writers) if beside else writers,
                frames=frames,
                block=block,
                watcher=watcher,
                beside=beside.begun if beside else None,
            )

    def beside(
        self, stems: Path | None, sample_rate: int, bits: str, daw: Form, project: bool = False
    ) -> Folder:
        """Return what stands beside the stems of a render.  Raises UsageError without stems."""
        from lullaby.outputs.manifest import Folder, Naming

        if stems is None:
            raise UsageError("MIDI beside the sound wants --stems, a folder for all of it")
        naming = Naming(self.title, sample_rate, bits)
        return Folder(stems, naming, self.exported(daw), self.performance, project)

    def midi(
        self,
        path: str | Path,
        *,
        overwrite: bool = False,
        **form: Any,
    ) -> Written:
        """Write a MIDI file from the same events and curves; no sound is made.

        ``form``: the fields of ``lullaby.outputs.midi_form.Form``, such as ``mpe`` ("off" nearest
        keys, "single" an MPE zone a part, "split" a track a voice), ``controllers`` or ``profile``.
        Where the score has a tuning of its own, it stands beside the file as .scl, .kbm and .ascl.
        Raises UsageError for a wrong call or, unless ``overwrite``, for a file that is already
        there; OutputError where a disk fails.
        """
        from lullaby.outputs.export import midi_set
        from lullaby.outputs.midi_form import Form

        shape = Form(**form)
        return midi_set(self.exported(shape), Path(path), overwrite=overwrite)[0]

    def exported(self, form: Form) -> Exported:
        """Return the piece as a DAW may have it, before it is any file.  Raises UsageError."""
        from lullaby.engine.timeline import visits
        from lullaby.outputs.export import Exported
        from lullaby.outputs.midi_file import arranged

        until_us = None if self.until_s is None else round(self.until_s * 1e6)
        visited = visits(self.score, until_us)
        events = self.events(0.0, self.end_s)
        clocks = [(visit.start_us, visit.clock) for visit in visited]
        numbers = {arc.name: arc.cc for arc in self.score.arcs}
        return Exported(
            lambda form: arranged(self.performance, events, clocks, numbers, form),
            form,
            tuple(visit.tuning for visit in visited),
            self.seed,
            self.score.path,
            __version__,
        )

    def play(self, **wishes: Any) -> Session:
        """Return a running session on the speakers (see ``lullaby.live.plan.Plan`` for wishes).

        ``with piece.play() as session: session.wait()``.  Raises DeviceError where nothing plays.
        """
        from lullaby.live.open import opened
        from lullaby.live.plan import Plan

        wishes.setdefault("software", SOFTWARE)
        session = opened(self.score, Plan(**wishes))
        session.start()
        return session

    def targets(
        self,
        sound: Path | None,
        stems: Path | None = None,
        bits: str = "24",
        naming: Callable[[int, str], str] | None = None,
    ) -> list[tuple[str, Path]]:
        """Return the files that ``write`` would make, each with what goes into it.

        Raises UsageError for a name or format that cannot be written.
        """
        from lullaby.outputs import files

        if sound is None and stems is None:
            raise UsageError("nothing to write: give a file, a folder for stems, or both")
        if sound is not None:
            files.check_sound(sound, bits)
        if stems is not None:
            files.check_stems(stems)
        names = [*self.performance.parts, *(bus.name for bus in self.performance.buses)]
        return files.targets(sound, stems, names, naming)
