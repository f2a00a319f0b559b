"""What a score will do, without a sample of sound, and without waiting for the compiler."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import lullaby.score
from tests.cli.conftest import Call, environment, started
from tests.cli.launch import EVIL

READ = lullaby.score.read  # before the fixture puts scores built in code in its place


def test_check_shows_who_plays_when(call: Call) -> None:
    answer = call("check", "test")
    assert answer.code == 0
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in answer.out.splitlines()]
    assert [row for row in rows if row] == [
        ["0:00", "0:04", "one", "a, c"],
        ["0:04", "0:04", "two", "a, b, c to 0:05"],
        ["0:08", "0:03", "three", "a to 0:09, b, c"],
    ]
    assert answer.out.splitlines()[0].strip() == "Test"
    assert answer.out.splitlines()[-2:] == ["mark 0:02.5 a mark", "3 scenes, 0:11, seed 3"]


def test_check_says_how_long_rendering_will_take(call: Call, tmp_path: Path) -> None:
    assert "to render on 2 cores" in call("check", "test").out
    score = tmp_path / "long.yaml"

    def render_s(voices: int, length: str) -> float:
        part = f"{{module: sirens, voices: {voices}}}"
        score.write_text(
            f"lullaby: 1\nparts: {{a: {part}}}\n"
            f"scenes: [{{scene: x, for: {length}, play: {{a: enter}}}}]"
        )
        found = json.loads(started("check", score, "--json", module="lullaby").out)
        assert found["render_cores"] == 2
        return float(found["render_s"])

    assert render_s(2, "1 h") > 10 * render_s(2, "1 min")
    assert render_s(32, "1 h") > 1.3 * render_s(2, "1 h")
    assert "about 15 s to render" in started("check", score, module="lullaby").out


def test_check_shows_a_tempo_and_bars(tmp_path: Path) -> None:
    score = tmp_path / "glide.yaml"
    score.write_text(
        "lullaby: 1\nparts: {a: {module: sirens}}\nscenes:\n"
        "  - {scene: x, for: 24 bars, clock: {bpm: 54 -> 90}, play: {}}\n"
        "  - {scene: y, for: 3 bars, play: {}}\n"
    )
    lines = started("check", score, module="lullaby").out.splitlines()
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in lines]
    assert [row[2:4] for row in rows if row] == [["54 -> 90", "24"], ["90", "3"]]
    found = json.loads(started("check", score, "--json", module="lullaby").out)
    assert [scene["bpm"] for scene in found["scenes"]] == [[54.0, 90.0], [90.0, 90.0]]


def test_check_for_programs(call: Call) -> None:
    found = json.loads(call("check", "test", "--json", "--seed", "8").out)
    assert found["seed"] == 8
    assert found["marks"] == [{"name": "a mark", "at_s": 2.5}]
    assert [scene["name"] for scene in found["scenes"]] == ["one", "two", "three"]


def test_a_wrong_score_is_shown_with_its_place_and_steers_no_terminal(call: Call) -> None:
    answer = call("check", "wrong")
    assert (answer.code, answer.out) == (2, "")
    lines = answer.err.splitlines()
    assert lines[0].startswith("evil\\x1b[31m\\u202ename")
    assert lines[-4].endswith(":3:9: unknown parameter 'densty'")
    assert lines[-3:] == ["    3 |   sky: {densty: 1}", "      |         ^^^^^^", "1 error"]


@pytest.mark.parametrize(
    "arguments", [("check", "nasty"), ("check", "nasty", "--json"), ("events", "nasty", "--json")]
)
def test_names_from_strangers_steer_no_terminal(call: Call, arguments: tuple[str, ...]) -> None:
    answer = call(*arguments)
    assert answer.code == 0
    assert "evil" in answer.out
    assert not {"\x1b", "\u202e"} & set(answer.out + answer.err)


def test_programs_get_names_as_they_are(call: Call) -> None:
    assert json.loads(call("check", "nasty", "--json").out)["title"] == EVIL


def test_events_are_a_list_by_time(call: Call) -> None:
    lines = call("events", "test", "--from", "0:03", "--to", "5s").out.splitlines()
    assert lines[0].split() == ["at", "s", "part", "for", "s", "Hz", "dB", "deg", "m"]
    times = [float(line.split()[0]) for line in lines[1:]]
    assert times == sorted(times)
    assert len(times) > 5
    assert all(3.0 <= t < 5.0 for t in times)
    assert all(len(line.split()[0].partition(".")[2]) == 6 for line in lines[1:])


def test_events_however_cut_are_the_same(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = json.loads(call("events", "test", "--json").out)
    monkeypatch.setattr("lullaby.cli.look.WINDOW_S", 0.7)
    assert json.loads(call("events", "test", "--json").out) == whole
    assert {e["part"] for e in whole["events"]} == {"a", "b", "c"}


SCORE = """
lullaby: 1
title: Real
parts:
  air: {module: static}
  chord: {module: harmony}
scenes:
  - {scene: one, for: 9 s, play: {air: enter, chord: enter}}
"""


@pytest.mark.parametrize(
    "typed", ["--help", "check one.yaml", "events one.yaml", "modules static", "effects hall"]
)
def test_looking_waits_for_no_compiler(tmp_path: Path, typed: str) -> None:
    (tmp_path / "one.yaml").write_text(SCORE)
    program = (
        "import sys, lullaby.cli\n"
        "code = lullaby.cli.main(sys.argv[1:])\n"
        "slow = {'numba', 'llvmlite', 'scipy.signal', 'soundfile', 'asyncio'} & set(sys.modules)\n"
        "sys.exit(code or ' '.join(slow) or 0)\n"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program, *typed.split()],
        env=environment(),
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert (answer.returncode, answer.stderr) == (0, "")
    assert len(answer.stdout.splitlines()) > 3


def test_a_wrong_score_of_text_is_exit_2_and_touches_nothing(tmp_path: Path) -> None:
    wrong = SCORE.replace("play:", "ploy:")
    (tmp_path / "one.yaml").write_text(wrong)
    answer = started("render", "one.yaml", "-o", "a.wav", module="lullaby", cwd=tmp_path)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("one.yaml:8:28: unknown key 'ploy'")
    assert [p.name for p in tmp_path.iterdir()] == ["one.yaml"]


def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    command = f"{sys.executable} -m tests.cli.launch events long | head -2"
    answer = subprocess.run(
        ["bash", "-c", command], env=environment(), capture_output=True, text=True
    )
    assert len(answer.stdout.splitlines()) == 2
    assert answer.stderr == ""


def test_a_narrow_locale_is_no_error() -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "tests.cli.launch", "check", "test"],
        env=environment(PYTHONIOENCODING="ascii"),
        capture_output=True,
        text=True,
    )
    assert answer.returncode == 0
    assert "three" in answer.stdout


def test_the_module_is_the_command() -> None:
    answer = started("--version", module="lullaby")
    assert (answer.code, answer.out, answer.err) == (0, "lullaby 0.1.0\n", "")
    assert "lullaby render let_go -o let_go.wav" in started("--help", module="lullaby").out


ASKING = """
lullaby: 1
title: Asking
parts:
  air: {module: static}
  far: {module: sirens, duck: {air: 3 dB}}
scenes:
  - {scene: one, for: 20 s, play: {air: enter}}
cues:
  - {at: [3 s, 6 s], do: air.crack, with: {over: 100 ms}}
  - {at: 12 s, do: [air.sigh, far.yelp]}
"""


def test_what_is_asked_for_is_shown_and_listed(
    call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(lullaby.score, "read", READ)
    file = tmp_path / "asking.yaml"
    file.write_text(ASKING)
    lines = call("check", file).out.splitlines()
    assert "asked air.crack 2 times, first at 0:03.0" in lines
    assert "asked air.sigh at 0:12.0" in lines
    assert any("far (only asked) from 0:12" in line for line in lines)
    found = json.loads(call("check", file, "--json").out)["gestures"]
    first = {"part": "air", "gesture": "crack", "at_s": 3.0}
    assert found[0] == {**first, "words": {"over_s": 0.1, "gain_db": 0.0}}
    assert [g["at_s"] for g in found] == [3.0, 6.0, 12.0, 12.0]
    listed = json.loads(call("events", file, "--json").out)["events"]
    assert [e["at_s"] for e in listed if e["part"] == "far"] == [12.0]
    assert {3.0, 6.0} <= {e["at_s"] for e in listed if e["part"] == "air"}
    told = call("explain", file, "far.duck.air").out
    assert "how much softer while air sounds" in told
    assert "3 dB" in told


def test_a_limit_is_raised_for_one_call_by_its_name(tmp_path: Path) -> None:
    score = tmp_path / "wide.yaml"
    about = "x" * 70_000
    score.write_text(
        f"lullaby: 1\nabout: {about}\nparts: {{a: {{module: static}}}}\n"
        "scenes: [{scene: x, for: 1 s, play: {a: enter}}]\n"
    )
    for command in ("check", "events"):
        refused = started(command, score, module="lullaby")
        assert refused.code == 2
        assert "at most 65536 bytes" in refused.err
        read = started(command, score, "--limit", "bytes-a-scalar=100000", module="lullaby")
        assert (read.code, read.err) == (0, "")


def test_a_wrong_limit_is_told(call: Call) -> None:
    answer = call("check", "test", "--limit", "node=5")
    assert answer.code == 2
    assert "unknown limit 'node' (did you mean 'nodes'?" in answer.err
    answer = call("check", "test", "--limit", "nodes=many")
    assert "write nodes=NUMBER; it is 50000 unless said" in answer.err
