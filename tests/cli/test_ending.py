"""How commands end: exit codes and single lines, no tracebacks unless asked for."""

from __future__ import annotations

import pytest

from lullaby.cli.plain import plain
from tests.cli.conftest import Call


def test_a_bug_is_one_line_with_the_way_to_more(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LULLABY_DEBUG", raising=False)
    answer = call("check", "bug")
    assert answer.code == 1
    assert answer.err == (
        "error: unexpected ZeroDivisionError: by zero (LULLABY_DEBUG=1 shows where)\n"
    )


def test_debugging_shows_where(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LULLABY_DEBUG", "1")
    answer = call("check", "bug")
    assert answer.code == 1
    assert answer.err.startswith("Traceback (most recent call last):")
    assert "launch.py" in answer.err


def test_an_unknown_command_is_named(call: Call) -> None:
    answer = call("rendr", "test")
    assert answer.code == 2
    assert answer.err.startswith("error: No such command 'rendr'")
    assert answer.err.endswith("see: lullaby --help\n")


def test_a_missing_score_is_asked_for(call: Call) -> None:
    answer = call("render")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.splitlines()[0] == "error: Missing argument 'SCORE'."


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("größe 7 — ok", "größe 7 — ok"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("a\u202eb\u200bc\x9bd", "a\\u202eb\\u200bc\\x9bd"),
        ("tab\tline\n", "tab\\tline\\n"),
        ("\U000e0041", "\\U000e0041"),
    ],
)
def test_steering_letters_are_written_out(text: str, shown: str) -> None:
    assert plain(text) == shown


def test_line_ends_stay_where_a_message_has_several() -> None:
    assert plain("a\n  b\x1b", lines=True) == "a\n  b\\x1b"
