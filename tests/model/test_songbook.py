"""Songs: lines are read as notes, and what is wrong with one is said in a line."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest

from lullaby.model.songbook import MOST_NOTES, MOST_PHRASES, SONGS, phrase, song
from lullaby.units import ratio_to_cents

BROKEN = [
    ("A4", "wants notes such as 'A4 1/2 la' between commas, not 'A4'"),
    ("A4 1 la,, B4 1", "wants notes such as 'A4 1/2 la' between commas, not ''"),
    ("A4 1 la la", "wants notes such as 'A4 1/2 la' between commas, not 'A4 1 la la'"),
    ("H4 1", "wants a note such as A4, F#4 or Bb3, or - for a rest, not 'H4'"),
    ("a4 1", "wants a note such as A4, F#4 or Bb3, or - for a rest, not 'a4'"),
    ("A6 1", "goes from D2 to E5 (A3 is the tonic), not A6"),
    ("A4 0", "wants lengths of 1/4 to 8 beats, such as 1, 1/2 or 0.75, not '0'"),
    ("A4 1/0", "wants lengths of 1/4 to 8 beats, such as 1, 1/2 or 0.75, not '1/0'"),
    ("A4 1/00", "wants lengths of 1/4 to 8 beats, such as 1, 1/2 or 0.75, not '1/00'"),
    ("A4 9", "wants lengths of 1/4 to 8 beats, such as 1, 1/2 or 0.75, not '9'"),
    ("A4 1e9", "wants lengths of 1/4 to 8 beats, such as 1, 1/2 or 0.75, not '1e9'"),
    ("A4 1 brr", "wants a syllable with a vowel, such as la, or mm, not 'brr'"),
    ("A4 1 l4", "wants a syllable of letters, 12 at most, not 'l4'"),
    ("A4 1 " + "la" * 30, "wants a syllable of letters, 12 at most, not '" + "la" * 10 + "'"),
    ("- 1, - 2", "has a line without a note"),
    (", ".join(["A4 8"] * 4), "has 32 beats in a line; 24 is the most"),
    (", ".join(["A4 1/4"] * 65), f"has 65 notes in a line; {MOST_NOTES} is the most"),
]


@pytest.mark.parametrize(("line", "message"), BROKEN)
def test_a_broken_line(line: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        phrase(line)


def test_a_line_is_read_as_its_notes() -> None:
    notes = phrase("E4 2/3 moon, Bb3 0.5 la, - 1, C#4 1/2")
    assert [n.semitones for n in notes] == [7, 1, None, 4]
    assert [n.beats for n in notes] == [Fraction(2, 3), Fraction(1, 2), 1, Fraction(1, 2)]
    assert [n.vowel for n in notes if n.syllable] == ["UW", "AA", "UW"]
    assert [n.hums_first for n in notes if n.syllable] == [True, False, False]


@pytest.mark.parametrize(
    ("syllable", "vowel"),
    [("low", "AO"), ("sleep", "IY"), ("mm", "M"), ("by", "AA"), ("you", "UW"), ("her", "ER")],
)
def test_the_vowel_of_a_syllable(syllable: str, vowel: str) -> None:
    assert phrase(f"A4 1 {syllable}")[0].vowel == vowel


def test_intervals_are_just() -> None:
    for name, wanted in (("E4", 3 / 2), ("C#4", 5 / 4), ("A4", 2.0), ("E3", 3 / 4), ("F#4", 5 / 3)):
        assert phrase(f"{name} 1")[0].ratio == pytest.approx(wanted)
    for semitones in range(-12, 13):
        note = phrase("A3 1")[0].__class__(semitones, Fraction(1))
        assert abs(ratio_to_cents(note.ratio) - 100.0 * semitones) < 18.0


def test_a_song_has_lines_enough_and_not_too_many() -> None:
    with pytest.raises(ValueError, match="has 0 lines"):
        song(())
    with pytest.raises(ValueError, match=f"1 to {MOST_PHRASES}"):
        song(("A4 1",) * (MOST_PHRASES + 1))
    for lines in SONGS.values():
        assert song(lines) is song(list(lines))
