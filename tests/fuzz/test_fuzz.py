"""Texts that nobody would write, in a process of their own: only an answer comes, and soon.

A fixed series by default; ``LULLABY_FUZZ_S`` says for how many seconds to go on instead.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lullaby.score import read_text
from tests.fuzz.making import CORPUS, case, corpus
from tests.fuzz.trying import laid_out, read

CASES = 300
ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="counts memory as Linux does")
def test_a_series_of_texts_breaks_no_promise() -> None:
    seconds = os.environ.get("LULLABY_FUZZ_S")
    how = ["--seconds", seconds] if seconds else ["--cases", str(CASES)]
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", *how], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "laid out" in done.stdout


@pytest.mark.parametrize("file", sorted(CORPUS.iterdir()), ids=lambda file: file.name)
def test_what_was_found_before_is_answered(file: Path) -> None:
    assert read(file.read_bytes()) in ("read", "refused")
    assert laid_out(file.read_bytes()) in ("laid out", "refused")


def test_a_series_is_the_same_again_and_many_of_it_are_scores() -> None:
    texts = corpus()
    assert case(5, 1, texts) == case(5, 1, texts) != case(5, 2, texts)
    made = [read(case(number, 1931, texts)) for number in range(1, 121, 2)]
    assert made.count("read") > 15


@pytest.mark.parametrize(
    "scenes",
    [
        "[{scene: s, for: 10 ms, repeat: 900, arc: {panic: 0.2..0.9}, play: {a: {pan: -1..1}}}]",
        "[{scene: s, for: 1 ms, repeat: 900, play: {a: {level: -20..0 dB}}, keep: all}]",
        "[{scene: s, for: 60 s, play: {a: enter}, cues: [{every: 50 ms, set: {a.level: -> -20..0 dB"
        " over 4 s, panic: -> panic * 0.9 over 9 s, a.pan: panic to -1..1}}]}]",
        "[{scene: s, for: 9 s, play: {a: {level: panic to -9..0 dB rise 6 d fall 1 ms}}}]",
    ],
)
def test_what_piles_up_does_not_bury(scenes: str) -> None:
    text = f"lullaby: 1\narc: {{panic: 0.5}}\nparts: {{a: {{module: static}}}}\nscenes: {scenes}\n"
    assert laid_out(text.encode()) == "laid out"


def test_a_long_chain_of_arcs_is_refused() -> None:
    arcs = ", ".join(f"a{i}: a{i + 1}" for i in range(900))
    text = f"lullaby: 1\narc: {{{arcs}, a900: 0}}\nparts: {{a: {{module: static}}}}\n"
    text += "scenes: [{scene: s, for: 9 s, play: {a: enter}}]\n"
    read_text(text)
    assert laid_out(text.encode()) == "refused"
