"""A score for a table that has none: a line for each column, the harmony, air, and a calm end."""

from __future__ import annotations

import json
import re
from pathlib import Path

from lullaby.data.looking import Look
from lullaby.data.tables import plain_name

NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
# Words of the language, and names that the score has already.
WORDS = (
    "panic surrender data all bed air hall each master out line min max log10 abs sqrt and not pick"
    " walk lag rise fall from per over hold late lfo snap smooth step linear bar bars beat beats"
    " cent cents deg lufs bpm khz dbtp until oct reset saw sine square triangle"
)
TAKEN = frozenset(WORDS.split())
AT_S, AFTER_S = 4.0, 24.0
SHORTEST_S, LONGEST_S, ROWS_PER_S = 30.0, 120.0, 8.0
# Registers apart, so that lines are told apart; the fourth is grains.
LINES = (
    "{module: data_voice, pitch: NAME to A3..A5 lag 0.03 s, level: -4 dB, send: {hall: -10 dB}}",
    "{module: data_voice, preset: clear-line, pitch: NAME to A2..A3 lag 0.03 s, pan: -0.6,"
    " cutoff: 500 Hz, level: -8 dB, send: {hall: -10 dB}}",
    "{module: data_voice, preset: clear-line, pitch: NAME to A5..E6 lag 0.03 s, pan: 0.6,"
    " level: -14 dB, send: {hall: -8 dB}}",
    "{module: data_voice, sustain: 0, pitch: A4, density: NAME to 0.5..10 /s, level: 2 dB,"
    " send: {hall: -10 dB}}",
)


TEXT = """\
lullaby: 1
title: {title}
about: {about}
seed: 1

data:
  data:
    file: {file}
    {when}
    columns: {{{columns}}}
    at: {at} s
    for: {length} s

signals:                                # range: what 0 and 1 mean; auto leaves out 2 % at each end
{signals}

arc:                                    # the mood: what is high is hot, or turn it over with 1 - x
  panic: {first} ^ 2 to 0.05..0.8 rise 1 s fall 6 s
  surrender: 1 - panic lag 4 s

buses:
  hall: {{effect: hall}}

parts:
{lines}
  bed: {{module: harmony, voices: 18, level: -9 dB, send: {{hall: -12 dB}}}}
  air: {{module: static, voices: 6, level: panic to -30..-14 dB, send: {{hall: -16 dB}}}}

scenes:
  - scene: the data
    for: {whole} s
    play: {{{play}, bed: enter, air: enter}}
  - scene: after
    for: {after} s
    keep: all
    fade: 10 s
    arc: {{panic: -> 0.03 over 12 s, surrender: -> 1 over 12 s}}
    play: {{{sinks}}}

verify: {{{faithful}}}
"""


def starter(
    file: str,
    time: Look | None,
    heard: list[Look],
    *,
    rows: int = 0,
    length_s: float | None = None,
    title: str = "",
) -> str:
    """Return the text of a score for a table beside it.

    ``time``: None where rows follow each other evenly; ``length_s``: of the data in the piece, else
    by the number of rows, 30 to 120 s.
    """
    if length_s is None:
        length_s = min(max(rows / ROWS_PER_S, SHORTEST_S), LONGEST_S)
    names = _names(heard)
    when = f"time: {_quoted(time.name)}" if time is not None else "rate: 1 /s"
    columns = ", ".join(f"{n}: {_quoted(one.name)}" for n, one in zip(names, heard, strict=True))
    scaled = [
        f"  {n}: {{from: data.{n}, range: auto}}" for n, one in zip(names, heard, strict=True)
    ]
    lines = [
        f"  {n}_line: {line.replace('NAME', n)}" for n, line in zip(names, LINES, strict=False)
    ]
    told = [f"{n}_line.{'density' if i == 3 else 'pitch'}" for i, n in enumerate(names)]
    play = ", ".join(f"{n}_line: enter" for n in names)
    sinks = ", ".join(f"{n}_line: {{level: -> -26 dB over 18 s}}" for n in names)
    return TEXT.format(
        title=_quoted(title or Path(file).stem.replace("_", " ")),
        about=_quoted("Heard: " + ", ".join(one.name for one in heard)),
        file=_quoted(file),
        when=when,
        columns=columns,
        at=f"{AT_S:g}",
        length=f"{length_s:g}",
        whole=f"{AT_S + length_s:g}",
        after=f"{AFTER_S:g}",
        signals="\n".join(scaled),
        first=names[0],
        lines="\n".join(lines),
        play=play,
        sinks=sinks,
        faithful=", ".join(f"{one}: faithful" for one in told),
    )


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _names(heard: list[Look]) -> list[str]:
    made: list[str] = []
    for i, one in enumerate(heard):
        name = plain_name(one.name)
        if (
            len(name) < 3
            or not NAME.fullmatch(name)
            or name in TAKEN
            or name in made
            or f"{name}_line" in made
        ):
            name = f"y{i + 1}"
        made.append(name)
    return made
