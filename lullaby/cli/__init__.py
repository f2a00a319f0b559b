"""The commands; thin.

Only ``click`` is imported here: each command imports what it needs when it runs, so that help and
checks answer at once.
"""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Sequence

import click

from lullaby import __version__
from lullaby.cli.data import data
from lullaby.cli.devices import devices
from lullaby.cli.drawing import picture
from lullaby.cli.ending import ended
from lullaby.cli.explaining import explain
from lullaby.cli.galleries import effects, modules, presets, scores
from lullaby.cli.look import check, events
from lullaby.cli.measuring import measure
from lullaby.cli.midi import midi
from lullaby.cli.options import examples
from lullaby.cli.panic import panic
from lullaby.cli.playing import play
from lullaby.cli.rendering import render
from lullaby.cli.sonifying import sonify
from lullaby.cli.writing import graph, new, schema

EXAMPLES = examples(
    "lullaby new evening",
    "lullaby scores",
    "lullaby render let_go -o let_go.wav",
    "lullaby render piece.yaml --from 1:30 --to 2:00 -o try.flac",
    "lullaby play piece.yaml --watch",
    "lullaby check piece.yaml",
    "lullaby measure let_go",
    "lullaby picture let_go -o let_go.png",
    "lullaby modules sirens",
)


@click.group(epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="lullaby %(version)s")
def lullaby() -> None:
    """Play pieces that are text: from panic to calm, the same every time."""


COMMANDS = (
    *(new, check, explain, events, render, play, sonify, data, midi, panic, measure),
    *(picture, graph, modules, effects, presets, scores, schema, devices),
)
for command in COMMANDS:
    lullaby.add_command(command)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        # A narrow locale shows letters it lacks as escapes instead of failing.
        if isinstance(stream, io.TextIOWrapper):
            with contextlib.suppress(ValueError):
                stream.reconfigure(errors="backslashreplace")
    return ended(lambda: lullaby.main(arguments, "lullaby", standalone_mode=False))
