"""Parts that name their channel and program, or want no track: in files and on ports."""

from __future__ import annotations

from pathlib import Path

from lullaby import Piece
from lullaby.live.midi_plan import planned
from lullaby.outputs.midi_form import Form
from lullaby.score import read_text
from lullaby.score.schema import schema
from lullaby.score.write import written as text_of
from tests.outputs.test_midi_file import Read

TEXT = """lullaby: 1
parts:
  choir: {module: harmony, midi: {channel: 2, program: 53, bank: 129}}
  kit: {module: data_voice, midi: {channel: 10}}
  drone: {module: harmony}
  other: {module: harmony, midi: {program: 1}}
  towers: {module: sirens, midi: off}
scenes:
  - scene: one
    for: 6 s
    play: {choir: enter, kit: enter, drone: enter, other: enter, towers: enter}
"""


def channels(read: Read, name: str) -> set[int]:
    return {m.channel for _, m in read.tracks[name] if not m.is_meta}


def said(read: Read, name: str) -> list[tuple[str, int, int]]:
    made = []
    for at_s, m in read.tracks[name]:
        if at_s == 0.0 and not m.is_meta and m.type == "program_change":
            made.append(("program", m.channel, m.program))
        elif at_s == 0.0 and not m.is_meta and m.type == "control_change" and m.control in (0, 32):
            made.append((f"cc{m.control}", m.channel, m.value))
    return made


def file_of(tmp_path: Path, **form: str) -> Read:
    tmp_path.mkdir(exist_ok=True)
    path = tmp_path / "x.mid"
    Piece(read_text(TEXT)).midi(path, **form)
    return Read(path)


def test_a_part_has_the_channel_and_program_it_names_and_no_other_part_has(tmp_path: Path) -> None:
    read = file_of(tmp_path)
    assert channels(read, "choir") == {1}
    assert channels(read, "kit") == {9}
    assert channels(read, "drone") == {0}
    assert channels(read, "other") == {2}  # the second is taken
    # Bank 129 is 1 and 1; people count programs from 1, the message from 0; the bank goes first.
    assert said(read, "choir") == [("cc0", 1, 1), ("cc32", 1, 1), ("program", 1, 52)]
    assert said(read, "other") == [("program", 2, 0)]
    assert said(read, "drone") == said(read, "kit") == []
    assert "towers" not in read.tracks


def test_bent_parts_have_the_program_on_every_voice(tmp_path: Path) -> None:
    read = file_of(tmp_path, mpe="split")
    names = [name for name in read.tracks if name.startswith("choir")]
    assert len(names) > 1
    for name in names:
        (channel,) = channels(read, name)
        assert ("program", channel, 52) in said(read, name)
    zone = file_of(tmp_path / "zone", mpe="single")
    assert ("program", 0, 52) in said(zone, "choir")  # the zone's own channel stands for all


def test_a_port_is_told_the_programs_before_the_first_note() -> None:
    piece = Piece(read_text(TEXT))
    made = planned(piece.score, piece.performance, Form())
    setup = [said for due in made.setup for said in due.messages]
    assert setup.index(bytes((0xB1, 0, 1))) < setup.index(bytes((0xC1, 52)))
    assert {name for name, _, _ in made.names} == {"choir", "kit", "drone", "other"}


def test_it_is_written_back_and_found_in_the_schema() -> None:
    score = read_text(TEXT)
    again = read_text(text_of(score))
    assert [part.midi for part in again.parts] == [part.midi for part in score.parts]
    branch = schema()["properties"]["parts"]["additionalProperties"]["anyOf"][0]
    assert "channel" in branch["properties"]["midi"]["anyOf"][1]["properties"]
