"""Songs: melodies with words, their pitches counted from the tonic, so that any key can sing them.

A phrase is written as a line of notes, ``E4 2/3 sleep, F#4 1/3 my, - 1``: a note name (A3 is the
tonic), a length in beats, a syllable.  A minus sign is a rest.  Of a syllable the vowel is sung,
and an m or n before it is hummed; a syllable without a vowel but with an m is hummed throughout.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from lullaby.units import A4_HZ, note_to_hz, ratio_to_cents

MOST_PHRASES, MOST_NOTES = 64, 64
LONGEST_PHRASE = Fraction(24)  # beats
LENGTHS = (Fraction(1, 4), Fraction(8))
REACH = 19  # semitones from the tonic, down and up
SUNG = "oo"  # where no syllable is given
TONIC_HZ = A4_HZ / 2.0

# The vowel of a syllable, by its letters; longer ones are looked for first.
VOWELS = {
    "oo": "UW",
    "ou": "UW",
    "ee": "IY",
    "ea": "IY",
    "ie": "IY",
    "ei": "AA",
    "ah": "AA",
    "aw": "AO",
    "er": "ER",
    "ay": "EH",
    "ow": "AO",
    "oa": "AO",
    "a": "AA",
    "e": "EH",
    "i": "IH",
    "o": "AO",
    "u": "UH",
    "y": "AA",
    "\u00e4": "EH",
    "\u00f6": "ER",
    "\u00fc": "IY",
}
HUM = "M"
# Five-limit intervals over the tonic, by semitones.
JUST = tuple(map(Fraction, ("1", "16/15", "9/8", "6/5", "5/4", "4/3")))
JUST += tuple(map(Fraction, ("45/32", "3/2", "8/5", "5/3", "16/9", "15/8")))
NOTE = re.compile(r"([A-G])([#b]?)([0-9])")
LENGTH = re.compile(r"[0-9]{1,4}(?:/[0-9]{1,4}|\.[0-9]{1,4})?")


@dataclass(frozen=True)
class Note:
    """A note or a rest of a phrase."""

    semitones: int | None  # over the tonic; None is a rest
    beats: Fraction
    syllable: str = SUNG

    @property
    def ratio(self) -> float:
        """Return the just ratio of its pitch to the tonic."""
        octave, step = divmod(self.semitones or 0, 12)
        return float(JUST[step] * Fraction(2) ** octave)

    @property
    def vowel(self) -> str:
        """Return the vowel it is sung on, by ARPAbet; M is hummed."""
        return _vowel(self.syllable) or HUM

    @property
    def hums_first(self) -> bool:
        """Return whether an m or n comes before its vowel."""
        return self.vowel == HUM or self.syllable.lower()[:1] in ("m", "n")


Phrase = tuple[Note, ...]
Song = tuple[Phrase, ...]


def phrase(line: str) -> Phrase:
    """Return a line as notes; raises ValueError saying what is wrong with it."""
    words = [part.split() for part in line.split(",")]
    if len(words) > MOST_NOTES:
        raise ValueError(f"has {len(words)} notes in a line; {MOST_NOTES} is the most")
    notes = tuple(_note(part) for part in words)
    beats = sum((note.beats for note in notes), Fraction(0))
    if beats > LONGEST_PHRASE:
        raise ValueError(f"has {float(beats):g} beats in a line; {LONGEST_PHRASE} is the most")
    if all(note.semitones is None for note in notes):
        raise ValueError("has a line without a note")
    return notes


def checked(line: str) -> None:
    """Raise ValueError for a line that is no phrase."""
    phrase(line)


def song(lines: Sequence[str]) -> Song:
    """Return lines as a song; raises ValueError for one that is no phrase."""
    return _song(tuple(lines))


@cache
def _song(lines: tuple[str, ...]) -> Song:
    if not 1 <= len(lines) <= MOST_PHRASES:
        raise ValueError(f"has {len(lines)} lines; 1 to {MOST_PHRASES} are wanted")
    return tuple(phrase(line) for line in lines)


def _note(words: Sequence[str]) -> Note:
    if not 2 <= len(words) <= 3:
        said = _said(" ".join(words))
        raise ValueError(f"wants notes such as 'A4 1/2 la' between commas, not {said}")
    name, length, syllable = (*words, SUNG)[:3]
    beats = _beats(length)
    if name == "-":
        return Note(None, beats, "")
    found = NOTE.fullmatch(name)
    if not found:
        raise ValueError(f"wants a note such as A4, F#4 or Bb3, or - for a rest, not {_said(name)}")
    cents = float(ratio_to_cents(note_to_hz(found[1], found[2], int(found[3])) / TONIC_HZ))
    semitones = round(cents / 100.0)
    if abs(semitones) > REACH:
        raise ValueError(f"goes from D2 to E5 (A3 is the tonic), not {name}")
    if len(syllable) > 12 or not syllable.replace("'", "").isalpha():
        raise ValueError(f"wants a syllable of letters, 12 at most, not {_said(syllable)}")
    if _vowel(syllable) is None and "m" not in syllable.lower():
        raise ValueError(f"wants a syllable with a vowel, such as la, or mm, not {_said(syllable)}")
    return Note(semitones, beats, syllable)


def _beats(length: str) -> Fraction:
    if LENGTH.fullmatch(length) and not re.search(r"/0+$", length):
        beats = Fraction(length)
        if LENGTHS[0] <= beats <= LENGTHS[1]:
            return beats
    raise ValueError(
        f"wants lengths of 1/4 to 8 beats, such as 1, 1/2 or 0.75, not {_said(length)}"
    )


def _said(word: str) -> str:
    """Return a word as a message may repeat it: short, nothing that does not print."""
    return "'" + "".join(c if c.isprintable() else "?" for c in word[:20]) + "'"


def _vowel(syllable: str) -> str | None:
    letters = syllable.lower()
    for i in range(len(letters)):
        for size in (2, 1):
            # A y before a vowel is none itself.
            piece = letters[i : i + size]
            if piece in VOWELS and not (piece == "y" and i + 1 < len(letters)):
                return VOWELS[piece]
    return None


# An own tune, rocking in 6/8, the beat a dotted quarter; the third line is hummed.
CRADLE = (
    "E4 2/3 sleep, F#4 1/3 my, E4 2/3 lit, C#4 1/3 tle, D4 2/3 ci, C#4 1/3 ty, B3 1 oh, "
    "C#4 2/3 all, D4 1/3 the, E4 2/3 lit, C#4 1/3 tle, B3 2/3 lights, C#4 1/3 are, "
    "A3 2/3 low, - 1/3",
    "A4 2/3 one, G4 1/3 and, F4 2/3 one, E4 1/3 they, F4 2/3 let, E4 1/3 it, C#4 1 go, "
    "D4 2/3 moon, C#4 1/3 on, B3 2/3 wa, C#4 1/3 ter, D4 2/3 lul, C#4 1/3 la, B3 2/3 loo, - 1/3",
    "E4 2/3 mm, F#4 1/3 mm, E4 2/3 mm, C#4 1/3 mm, D4 2/3 mm, C#4 1/3 mm, B3 1 mm, "
    "C#4 2/3 mm, B3 1/3 mm, C#4 2/3 mm, B3 1/3 mm, A3 1 mm, A3 2/3 moo, - 1/3",
)
# Johannes Brahms, op. 49 no. 4 (1868), the beat a quarter; its tonic is A3 here.
WIEGENLIED = (
    "C#4 1/2 Gu, C#4 1/2 ten, E4 3/2 A, C#4 1/2 bend, C#4 1 gut, E4 3/2 Nacht, - 1/2, "
    "C#4 1/2 mit, E4 1/2 mit, A4 1 Ro, G#4 3/2 sen, F#4 1/2 be, F#4 1 dacht, E4 3/4 dacht, - 1/4",
    "B3 1/2 mit, C#4 1/2 mit, D4 1 N\u00e4g, B3 1 lein, B3 1/2 be, C#4 1/2 be, "
    "D4 3/2 steckt, - 1/2, B3 1/2 schlupf, D4 1/2 schlupf, G#4 1/2 un, F#4 1/2 un, E4 1 ter, "
    "G#4 1 die, A4 3/2 Deck, - 1/2",
    "A3 1/2 mor, A3 1/2 gen, A4 2 fr\u00fch, F#4 1/2 wenn, D4 1/2 Gott, E4 2 will, "
    "C#4 1/2 wirst, A3 1/2 du, D4 1 wie, E4 1 der, F#4 1 ge, E4 3/2 weckt, - 1/2",
    "A3 1/2 mor, A3 1/2 gen, A4 2 fr\u00fch, F#4 1/2 wenn, D4 1/2 Gott, E4 2 will, "
    "C#4 1/2 wirst, A3 1/2 du, D4 1/2 wie, E4 1/4 wie, D4 1/4 wie, C#4 1 der, B3 1 ge, "
    "A3 3/2 weckt, - 1/2",
)
SONGS = {"cradle": CRADLE, "wiegenlied": WIEGENLIED}
