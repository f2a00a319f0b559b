"""What a score becomes beside its sound: MIDI, tuning files, a project, a manifest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from lullaby.errors import UsageError
from lullaby.model.score import Tuning
from lullaby.outputs.dawproject import begun_project
from lullaby.outputs.midi_file import Arranged, Written, begun
from lullaby.outputs.midi_form import Form
from lullaby.outputs.tuning_files import keyboard, live_scale, scale, tunings
from lullaby.outputs.whole import Part, check_target, commit, told


@dataclass(frozen=True)
class Exported:
    """A piece as a DAW may have it."""

    arrange: Callable[[Form], Arranged]
    form: Form
    tunings: tuple[Tuning, ...]  # in the order of the scenes
    seed: int = 0
    score: str = ""  # the file of the score, if it is one
    version: str = ""

    @cached_property
    def arranged(self) -> Arranged:
        """Return the tracks as the MIDI file has them."""
        return self.arrange(self.form)

    @cached_property
    def bending(self) -> Arranged:
        """Return the tracks with a glide for every note, as a project has them."""
        return self.arrange(Form(mpe="single", controllers=self.form.controllers, limited=False))


def tuning_texts(path: Path, exported: Exported) -> list[tuple[Path, str]]:
    """Return the files of every tuning that keys do not give: names after ``path``, and texts."""
    made = []
    for i, tuning in enumerate(tunings(exported.tunings), 1):
        stem = path.with_suffix("").name + (f"_{i}" if i > 1 else "")
        title = f"{exported.arranged.title}, root {tuning.root_hz:g} Hz"
        made.append((path.with_name(stem + ".scl"), scale(tuning, title)))
        made.append((path.with_name(stem + ".kbm"), keyboard(tuning)))
        made.append((path.with_name(stem + ".ascl"), live_scale(tuning, title)))
    return made


def begun_text(path: Path, text: str) -> Part:
    """Write a text under a provisional name.  Raises OutputError."""
    part = Part(path)
    try:
        with told(path):
            part.path.write_text(text, encoding="utf-8", newline="\n")
        part.sync()
    except BaseException:
        part.discard()
        raise
    return part


def midi_set(
    exported: Exported,
    path: Path,
    dawproject: Path | None = None,
    *,
    overwrite: bool = False,
) -> tuple[Written, list[Path]]:
    """Write the MIDI file and what stands beside it, all or nothing; return what it has and those.

    Raises UsageError for a place where no file can be or, unless ``overwrite``, where one is
    already; OutputError where a disk fails.
    """
    texts = tuning_texts(path, exported)
    beside = [name for name, _ in texts] + ([dawproject] if dawproject else [])
    check_targets([path, *beside], overwrite)
    parts: list[Part] = []
    try:
        part, written = begun(path, exported.arranged, exported.form)
        parts.append(part)
        parts += [begun_text(name, text) for name, text in texts]
        if dawproject:
            parts.append(begun_project(dawproject, exported.bending, exported.version))
        commit(parts)
    except BaseException:
        for part in parts:
            part.discard()
        raise
    return written, beside


def check_targets(paths: Sequence[Path], overwrite: bool) -> None:
    """Raise UsageError if files could not be written, or are there and must stay."""
    if len({path.resolve() for path in paths}) < len(paths):
        raise UsageError("two of the files would have one name; give another")
    for path in paths:
        check_target(path)
        if path.exists() and not overwrite:
            raise UsageError(f"{path}: is already there")
