"""Every mistake is told at its very word, with what would be right."""

from __future__ import annotations

import pytest

from lullaby.errors import ScoreError
from lullaby.score import read_text
from tests.score.broken import SCORES, VALUES
from tests.score.test_values import FRAME

MARK = "¦"


def place(text):
    before = text[: text.index(MARK)]
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def told(text):
    with pytest.raises(ScoreError) as caught:
        read_text(text.replace(MARK, ""), "piece.yaml")
    (finding,) = caught.value.findings
    return (finding.line, finding.column), finding.message


@pytest.mark.parametrize(("where", "text", "message"), VALUES)
def test_a_broken_value(where, text, message):
    full = FRAME.format(**{"part": "label: x", "stay": "", "cue": "", where: text})
    assert told(full) == (place(full), message)


@pytest.mark.parametrize(("text", "message"), SCORES)
def test_a_broken_score(text, message):
    assert told(text) == (place(text), message)


def test_all_mistakes_are_told_at_once_in_the_order_of_the_text():
    full = FRAME.format(
        part="level: 3, brigth: 1, cutoff: 2 dB", stay="enter: soon", cue="{at: 5 s, mrk: x}"
    )
    with pytest.raises(ScoreError) as caught:
        read_text(full)
    places = [(f.line, f.column) for f in caught.value.findings]
    assert len(places) == 5
    assert places == sorted(places)


def test_the_caret_stands_under_the_word():
    full = FRAME.format(part="density: panic to 0..10 db", stay="", cue="")
    with pytest.raises(ScoreError) as caught:
        read_text(full, "piece.yaml")
    place_line, line, caret = str(caught.value).splitlines()[:3]
    assert place_line.startswith("piece.yaml:8:46: unknown unit 'db'")
    assert line[caret.index("^") : caret.rindex("^") + 1] == "db"


def test_no_message_repeats_a_long_or_unprintable_word():
    full = FRAME.format(part=f"{'x' * 3000}: 1, 'a\u200b\u00adb': 2", stay="", cue="")
    with pytest.raises(ScoreError) as caught:
        read_text(full)
    for finding in caught.value.findings:
        assert len(finding.message) < 500
        assert finding.message.isprintable()
