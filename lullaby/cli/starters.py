"""Scores to begin with, one for each way a piece can be built."""

from __future__ import annotations

SCHEMA = "lullaby.schema.json"
HEAD = f"# yaml-language-server: $schema={SCHEMA}\n"

ARC = """\
lullaby: 1
title: TITLE
seed: 1                                   # the same seed is the same piece

arc:
  panic: 0.5                              # how hot it is, 0..1
  surrender: 0                            # 0 the panic, 1 part of one calm chord

buses:
  city: {effect: rough}
  hall: {effect: hall, decay: surrender to 1..6 s}

parts:
  choir: {module: harmony, level: -8 dB, into: city, send: {hall: -10 dB}}
  radio: {module: static, level: -16 dB, into: city, send: {hall: -18 dB}}

scenes:
  - scene: gathering
    for: 0:40
    arc: {panic: -> 0.9}
    play: {radio: enter, choir: {enter: 10 s over 8 s}}
  - scene: no way out
    for: 0:30
    keep: all
    arc: {panic: -> 1}
    cues: [{at: 20 s, kick: {panic: 0.1 over 5 s}, mark: the worst of it}]
  - scene: letting go
    for: 1:00
    keep: all
    arc: {panic: hold 10 s -> 0.05 smooth, surrender: hold 10 s -> 1 smooth}
  - scene: rest
    for: 0:30
    keep: [choir]
    fade: 8 s
    play: {choir: {level: -> -40 dB ease-in}}
    next: stop
"""

DRONE = """\
lullaby: 1
title: TITLE
seed: 1                                   # the same seed is the same piece

arc:
  panic: walk 0..0.3 per 40 s             # a little weather in it
  surrender: 1                            # calm from the start

buses:
  hall: {effect: hall, decay: 6 s}

parts:
  choir: {module: harmony, level: -6 dB, send: {hall: -8 dB}}
  surf:  {module: static, level: walk -30..-20 dB per 30 s, send: {hall: -14 dB}}

scenes:
  - {scene: drone, for: 10:00, fade: 20 s, play: {choir: enter, surf: {enter: 30 s over 30 s}}}
"""

ENDLESS = """\
lullaby: 1
title: TITLE
about: Goes on for ever; render it with --for 20min.
seed: 1                                   # the same seed is the same piece

arc:
  panic: 0.3                              # how hot it is, 0..1
  surrender: 0.5                          # 0 the panic, 1 part of one calm chord

buses:
  hall: {effect: hall, decay: 5 s}

parts:
  choir: {module: harmony, level: -8 dB, send: {hall: -10 dB}}
  radio: {module: static, level: -20 dB, send: {hall: -16 dB}}

scenes:
  - scene: drift
    for: 1:00..2:00                       # drawn anew at every visit
    fade: 15 s
    keep: all
    arc: {panic: -> 0.1 smooth, surrender: -> 1 smooth}
    play: {choir: enter}
    next: pick drift | tide | storm
  - scene: tide
    for: 1:00
    fade: 10 s
    arc: {surrender: -> 0.8}
    play: {radio: enter, choir: {level: -> -12 dB}}
    next: drift
  - scene: storm
    for: 0:40
    fade: 8 s
    keep: all
    arc: {panic: -> 0.9 ease-in, surrender: -> 0.1}
    play: {radio: enter}
    next: pick drift | tide
"""

TEMPLATES = {"arc": ARC, "drone": DRONE, "endless": ENDLESS}


def starter(template: str, title: str) -> str:
    """Return the text of a starter; ``title``: letters and digits, as it is safe in YAML."""
    return HEAD + TEMPLATES[template].replace("TITLE", title)
