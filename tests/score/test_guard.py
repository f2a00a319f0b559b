"""Files of strangers are refused before anything is made of them."""

from __future__ import annotations

import subprocess
import sys

import pytest
import yaml

from lullaby.errors import ScoreError, UsageError
from lullaby.score import Limits, guard, read, read_text

GOOD = "lullaby: 1\nparts: {a: {module: hum}}\nscenes: [{scene: x, for: 1 s, play: {a: enter}}]\n"
BOMB = "a: &a [x, x]\n" + "".join(
    f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)
HOSTILE = {
    "alias bomb": (BOMB, 1, 4, "anchors ('&a') are not allowed"),
    "circle": ("a: &a [*a]\n", 1, 4, "anchors"),
    "alias alone": ("a: *b\n", 1, 4, "aliases"),
    "merge": ("a: {<<: {b: 1}}\n", 1, 5, "merge keys"),
    "python tag": ("a: !!python/object/apply:os.system ['true']\n", 1, 4, "tags"),
    "own tag": ("a: !secret x\n", 1, 4, "tags"),
    "binary": ("a: !!binary aGk=\n", 1, 4, "tags"),
    "directive": ("%TAG ! tag:x,2000:\n---\na: 1\n", 1, 1, "directives"),
    "brackets": ("a: " + "[" * 100_000, 1, 35, "nested"),
    "braces": ("{a: " * 100_000, 1, 129, "nested more than 32 deep"),
    "nodes": ("a: [" + "x," * 60_000 + "]\n", 1, 99_999, "at most 50000 nodes"),
    "scalar": ("a: " + "x" * 70_000 + "\n", 1, 4, "at most 65536 bytes"),
    "nul": ("a: x\0\n", 1, 5, "U+0000"),
    "bidi": ("a: x\n  \u2066y\n", 2, 3, "U+2066"),
    "escape": ("a: \x1b[2J\n", 1, 4, "U+001B"),
    "line separator": ("a: x\u2028b: y\n", 1, 5, "U+2028"),
    "two documents": ("a: 1\n---\nb: 2\n", 2, 1, "one score"),
}


@pytest.mark.parametrize("parser", ["C", "Python"])
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_refused_at_its_place(monkeypatch, name, parser):
    if parser == "Python":
        monkeypatch.setattr(guard, "LOADER", yaml.SafeLoader)
        if name == "nodes":
            pytest.skip("the same count, slower")
    text, line, column, message = HOSTILE[name]
    with pytest.raises(ScoreError) as caught:
        read_text(text)
    (finding,) = caught.value.findings
    if (name, parser) == ("brackets", "C"):  # libyaml looks ahead for a ':' and gives up itself
        assert finding.column > column
        column = finding.column
    assert (finding.line, finding.column) == (line, column)
    assert message in finding.message


def test_a_huge_file_is_refused_by_its_size(tmp_path):
    file = tmp_path / "huge.yaml"
    file.write_bytes(b"a: " + b"x" * 50_000_000)
    with pytest.raises(ScoreError, match="longer than 1048576 bytes"):
        read(file)


def test_bytes_that_are_not_utf_8_are_told_with_their_place(tmp_path):
    file = tmp_path / "latin.yaml"
    file.write_bytes(b"lullaby: 1\ntitle: caf\xe9\n")
    with pytest.raises(ScoreError) as caught:
        read(file)
    (finding,) = caught.value.findings
    assert (finding.line, finding.column) == (2, 11)
    assert "UTF-8" in finding.message


def test_one_byte_order_mark_is_allowed_and_windows_lines_too(tmp_path):
    file = tmp_path / "windows.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert read(file).scenes == read_text(GOOD).scenes


def test_a_call_may_raise_a_limit(tmp_path):
    text = GOOD + "about: " + "x" * 70_000 + "\n"
    with pytest.raises(ScoreError):
        read_text(text)
    assert len(read_text(text, limits=Limits(bytes_a_scalar=100_000)).about) == 70_000


def test_a_doubled_key_is_told_where_it_stands():
    with pytest.raises(ScoreError) as caught:
        read_text(GOOD + "parts: {b: {module: hum}}\n")
    (finding,) = caught.value.findings
    assert (finding.line, finding.column) == (4, 1)
    assert "twice (first on line 2)" in finding.message


def test_what_is_no_score_file_is_a_wrong_call(tmp_path):
    with pytest.raises(UsageError, match="no such file"):
        read("not_there_at_all")
    with pytest.raises(UsageError, match="regular file"):
        read(tmp_path)


def test_empty_files_say_what_is_missing(tmp_path):
    file = tmp_path / "empty.yaml"
    file.write_text("# nothing\n")
    with pytest.raises(ScoreError, match="the score is empty"):
        read(file)


def test_yaml_1_1_does_not_read_along():
    score = read_text(GOOD + "title: no\nabout: 1:30\n")
    assert (score.title, score.about) == ("no", "1:30")


def test_reading_needs_neither_compiler_nor_scipy():
    code = (
        "import sys, lullaby.score as s; s.read('hello');"
        "print([m for m in ('numba', 'scipy.signal') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    if "unknown module" in done.stderr:
        pytest.skip("the cast of the shipped score is not here")
    assert done.stdout.strip() == "[]", done.stderr
