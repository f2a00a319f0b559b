"""``panic``: silence whatever hangs at the MIDI ports."""

from __future__ import annotations

import click

from lullaby.cli.options import examples
from lullaby.cli.plain import plain
from lullaby.errors import DeviceError


@click.command(
    short_help="Silence everything at the MIDI ports.",
    epilog=examples("lullaby panic", "lullaby panic fluid"),
)
@click.argument("port", nargs=-1)
@click.option("-q", "--quiet", is_flag=True, help="Print errors only.")
def panic(port: tuple[str, ...], quiet: bool) -> None:
    """Silence all MIDI outputs, or those with PORT in their names.

    Sends All Sound Off, All Notes Off and Reset All Controllers (120, 123, 121) on all sixteen
    channels.
    """
    from lullaby.live.held import panic as silence
    from lullaby.live.ports import Lost, backend, chosen

    library = backend()
    there = library.outputs()
    names = [chosen(there, part, "output") for part in port] if port else there
    failed = []
    for name in dict.fromkeys(names):
        try:
            opened = library.open_output(name)
            for message in silence():
                opened.send(message)
            opened.close()
        except Lost as error:
            failed.append(str(error))
            continue
        if not quiet:
            click.echo(f"silenced {plain(name)}")
    if failed:
        raise DeviceError(f"could not be silenced: {'; '.join(failed)}")
    if not names and not quiet:
        click.echo("there are no MIDI outputs")
