"""``devices``: the outputs of this machine, and whether one is heard."""

from __future__ import annotations

import json

import click

from lullaby.cli.options import examples
from lullaby.cli.plain import plain
from lullaby.errors import DeviceError


@click.command(
    short_help="List the sound outputs, or test one.",
    epilog=examples(
        "lullaby devices",
        "lullaby devices --json",
        "lullaby devices --test 3",
    ),
)
@click.option("--json", "as_json_", is_flag=True, help="For programs.")
@click.option("--test", metavar="DEVICE", help="A soft tone left, then a higher one right.")
def devices(as_json_: bool, test: str | None) -> None:
    """List the outputs that lullaby play can use; * marks the default."""
    from lullaby.live.devices import as_json, card_of, outputs, play_tone

    if test is not None:
        card = card_of(test)
        click.echo(f"{plain(card.name)}, {card.sample_rate} Hz: left, then right", err=True)
        play_tone(card)
        return
    known = outputs()
    if as_json_:
        click.echo(json.dumps([as_json(output) for output in known], indent=1))
        return
    if not known:
        raise DeviceError("there is no sound output on this machine")
    for output in known:
        rates = ", ".join(f"{rate / 1000:g}" for rate in output.sample_rates) or "none in stereo"
        click.echo(
            f"{'*' if output.default else ' '}{output.number:3d}  {plain(output.name)}"
            f"  ({plain(output.system)}, {output.channels} channels, {rates} kHz, "
            f"latency {1000 * output.latency_s:.0f} ms)"
        )
