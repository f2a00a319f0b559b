"""Which files a render makes: one sound, or a folder with every stem and the mix."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lullaby.errors import UsageError
from lullaby.outputs import flac
from lullaby.outputs.quantise import FORMATS, Quantiser, bytes_a_sample
from lullaby.outputs.wav import WavWriter
from lullaby.outputs.whole import check_space, check_target, told

if TYPE_CHECKING:
    from lullaby.outputs.render import Writer

MIX = "mix"
ENDINGS = (".wav", ".flac")


@dataclass(frozen=True)
class Form:
    """How sounds are written."""

    sample_rate: int
    bits: str
    seed: int
    title: str
    software: str

    def writer(self, stream: str, target: Path) -> Writer:
        """Return the writer of a stream of the engine by the file's ending, .wav or .flac."""
        quantiser = Quantiser(self.bits, self.seed, stream)
        kind = flac.FlacWriter if target.suffix.lower() == ".flac" else WavWriter
        return kind(target, self.sample_rate, quantiser, title=self.title, software=self.software)

    def writers(self, targets: Sequence[tuple[str, Path]]) -> dict[str, list[Writer]]:
        """Return a writer for each (stream, file), or leave nothing behind."""
        made: dict[str, list[Writer]] = {}
        try:
            for stream, target in targets:
                made.setdefault(stream, []).append(self.writer(stream, target))
        except BaseException:
            for several in made.values():
                for one in several:
                    one.discard()
            raise
        return made


def check_sound(target: Path, bits: str) -> None:
    """Raise UsageError for a name or format that no sound can be written in."""
    ending = target.suffix.lower()
    if not ending:
        raise UsageError(f"{target}: give the name an ending, .wav or .flac")
    if ending not in ENDINGS:
        raise UsageError(f"{target}: a sound is written as .wav or .flac, not {ending!r}")
    if bits not in FORMATS:
        raise UsageError(f"bits are {', '.join(FORMATS)}, not {bits!r}")
    if ending == ".flac" and bits not in flac.FORMATS:
        raise UsageError(f"{target}: FLAC holds 16 or 24 bits; float needs a .wav")
    check_target(target)


def check_stems(folder: Path) -> None:
    """Raise UsageError if no stems could be written into a folder."""
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder}: is not a folder; stems are several files")
    if not folder.exists() and not folder.absolute().parent.is_dir():
        raise UsageError(f"{folder}: there is no folder {folder.parent}")


def targets(
    sound: Path | None,
    stems: Path | None,
    names: Iterable[str],
    naming: Callable[[int, str], str] | None = None,
) -> list[tuple[str, Path]]:
    """Return every file of a render with the engine's stream that goes into it.

    ``naming`` makes the name of a stem of its number and name; the mix has number 0.

    Raises UsageError if the sound would lie where a stem goes.
    """
    ending = sound.suffix.lower() if sound else ".wav"
    inner = list(stem_paths(stems, names, ending, naming).items()) if stems else []
    if sound is None:
        return inner
    if sound.resolve() in {path.resolve() for _, path in inner}:
        raise UsageError(f"{sound}: a stem has this name; give another")
    return [("master", sound), *inner]


def stem_paths(
    folder: Path,
    names: Iterable[str],
    ending: str,
    naming: Callable[[int, str], str] | None = None,
) -> dict[str, Path]:
    """Return the file of the mix and of each stem: plain names, no two alike on any system."""
    taken: dict[str, str] = {}
    paths: dict[str, Path] = {}
    for i, name in enumerate((MIX, *names)):
        if naming is not None:
            paths["stem " + name if i else "master"] = folder / (naming(i, name) + ending)
            continue
        plain = re.sub(r"[^\w-]+", "_", name).strip("_")[:64] or "stem"
        number, unique = 1, plain
        while unique.casefold() in taken:
            number += 1
            unique = f"{plain}-{number}"
        taken[unique.casefold()] = name
        paths["master" if len(taken) == 1 else f"stem {name}"] = folder / (unique + ending)
    return paths


@contextlib.contextmanager
def made_folder(folder: Path | None) -> Iterator[None]:
    """Make a folder for what is written inside; if that fails, a new one goes away again."""
    if folder is None:
        yield
        return
    new = not folder.exists()
    with told(folder):
        folder.mkdir(exist_ok=True)
    try:
        yield
    except BaseException:
        if new:
            with contextlib.suppress(OSError):
                folder.rmdir()
        raise


def check_room(folder: Path, files: int, frames: int, bits: str, channels: int = 2) -> None:
    """Raise OutputError if a disk has no room for ``files`` sounds of ``frames`` frames."""
    check_space(folder, files * frames * channels * bytes_a_sample(bits))
