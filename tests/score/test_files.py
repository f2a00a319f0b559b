"""Presets and includes: from the score's own folder, and never from outside it."""

from __future__ import annotations

import pytest

from lullaby.errors import ScoreError
from lullaby.model.value import Number, Range
from lullaby.score import read, read_text, shipped_presets, shipped_scores

SCORE = """\
lullaby: 1
include: {include}
parts: {{a: {{module: wasps, preset: far, level: -3 dB}}}}
scenes:
  - {{scene: x, for: 10 s, play: {{a: enter}}}}
  - {{scene: y, for: 10 s, keep: all, play: {{a: {{preset: near}}}}}}
"""
FAR = "about: Far away.\nlevel: -20 dB\ncutoff: 200..400 Hz\nvoices: 3\n"
NEAR = "cutoff: 2 kHz\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "presets" / "wasps").mkdir(parents=True)
    (tmp_path / "presets" / "wasps" / "far.yaml").write_text(FAR)
    (tmp_path / "presets" / "wasps" / "near.yaml").write_text(NEAR)
    (tmp_path / "score.yaml").write_text(SCORE.format(include="[]"))
    return tmp_path


def findings(path):
    with pytest.raises(ScoreError) as caught:
        read(path)
    return caught.value.findings


def test_a_part_s_own_values_cover_those_of_its_preset(folder):
    score = read(folder / "score.yaml")
    (part,) = score.parts
    assert part.preset == "far"
    assert part.preset_settings == {"level_db": Number(-20.0), "cutoff_hz": Range(200.0, 400.0)}
    assert part.settings == {"level_db": Number(-3.0)}
    assert part.fixed == {"voices": 3}
    assert score.scenes[1].play[0].preset_settings == {"cutoff_hz": Number(2000.0)}


def test_a_mistake_in_a_preset_is_told_in_the_preset_s_own_file(folder):
    file = folder / "presets" / "wasps" / "far.yaml"
    file.write_text("about: x\ncutof: 3 Hz\n")
    (finding,) = findings(folder / "score.yaml")
    assert (finding.file, finding.line, finding.column) == (str(file), 2, 1)
    assert "did you mean 'cutoff'?" in finding.message


def test_a_scene_s_preset_cannot_change_what_is_fixed(folder):
    (folder / "presets" / "wasps" / "near.yaml").write_text("voices: 5\n")
    (finding,) = findings(folder / "score.yaml")
    assert "fixed" in finding.message


def test_an_unknown_preset_names_those_there_are(folder):
    text = SCORE.format(include="[]").replace("preset: far", "preset: fra")
    (folder / "score.yaml").write_text(text)
    (finding,) = findings(folder / "score.yaml")
    assert (finding.line, finding.column) == (3, 36)
    assert finding.message == (
        "unknown preset 'fra' of 'wasps' (did you mean 'far'?; known: far, near)"
    )


def test_an_included_file_adds_arcs_buses_and_parts(folder):
    (folder / "cast.yaml").write_text(
        "arc: {heat: 0.5}\nbuses: {room: {effect: hall}}\nparts: {b: {module: hum, into: room}}\n"
    )
    (folder / "score.yaml").write_text(SCORE.format(include="[cast.yaml]"))
    score = read(folder / "score.yaml")
    assert [p.name for p in score.parts] == ["a", "b"]
    assert score.arcs[0].name == "heat"
    assert score.parts[1].into == "room"


def test_a_name_defined_in_both_files_is_told(folder):
    (folder / "cast.yaml").write_text("parts: {a: {module: hum}}\n")
    (folder / "score.yaml").write_text(SCORE.format(include="[cast.yaml]"))
    (finding,) = findings(folder / "score.yaml")
    assert finding.file.endswith("cast.yaml")
    assert finding.message == "the name 'a' is defined twice"


def test_a_circle_of_includes_is_told(folder):
    (folder / "one.yaml").write_text("include: [two.yaml]\n")
    (folder / "two.yaml").write_text("include: [one.yaml]\n")
    (folder / "score.yaml").write_text(SCORE.format(include="[one.yaml]"))
    (finding,) = findings(folder / "score.yaml")
    assert finding.message == "'one.yaml' includes itself: one.yaml -> two.yaml"


@pytest.mark.parametrize(
    "name",
    ["../x.yaml", "/etc/passwd", "~/x.yaml", "$HOME/x.yaml", "http://x/y", "a\\\\b", "link.yaml",
     "linked/x.yaml", "presets", "nothing.yaml", "C:x"],
)  # fmt: skip
def test_an_include_never_leaves_the_score_s_folder(folder, tmp_path_factory, name):
    outside = tmp_path_factory.mktemp("outside")
    (outside / "x.yaml").write_text("parts: {secret: {module: hum}}\n")
    (folder / "link.yaml").symlink_to(outside / "x.yaml")
    (folder / "linked").symlink_to(outside)
    (folder / "score.yaml").write_text(SCORE.format(include=f'["{name}"]'))
    (finding,) = findings(folder / "score.yaml")
    assert (finding.line, finding.column) == (2, 11)
    assert "secret" not in str(finding)


def test_a_preset_behind_a_link_out_of_the_folder_is_not_read(folder, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "secret.yaml"
    outside.write_text("cutof: 1\n")
    (folder / "presets" / "wasps" / "near.yaml").unlink()
    (folder / "presets" / "wasps" / "near.yaml").symlink_to(outside)
    (finding,) = findings(folder / "score.yaml")
    assert "unknown preset 'near'" in finding.message


def test_a_text_without_a_folder_reads_no_files_of_the_current_one(folder, monkeypatch):
    monkeypatch.chdir(folder)
    with pytest.raises(ScoreError, match="unknown preset"):
        read_text(SCORE.format(include="[]"))


def test_what_is_shipped_is_listed():
    assert "hello" in shipped_scores()
    assert shipped_scores() == sorted(shipped_scores())
    assert all(names == sorted(names) for names in shipped_presets().values())
