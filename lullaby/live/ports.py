"""MIDI ports: a small interface, whatever library is behind it.

A port is found by a part of its name, since systems number their ports anew with every session.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from lullaby.errors import DeviceError, UsageError

Heard = Callable[[bytes], None]
NAME = "lullaby"  # of our side, as other programs see it
GET_IT = "MIDI ports want python-rtmidi: pip install 'lullaby[midi]'"


class Lost(Exception):  # noqa: N818 (it is a state of a port, which comes back)
    """The port is gone; nothing was sent."""


class OutPort(Protocol):
    """Where messages go."""

    name: str

    def send(self, message: bytes) -> None:
        """Send one message at once; raises Lost."""

    def close(self) -> None:
        """Let the port go; a second time does nothing."""


class InPort(Protocol):
    """Where messages come from, as long as it is open."""

    name: str

    def close(self) -> None:
        """Let the port go; a second time does nothing."""


class Backend(Protocol):
    """A library for ports."""

    virtual: bool  # whether the system has virtual ports

    def outputs(self) -> list[str]:
        """Return the names of what can be sent to."""

    def inputs(self) -> list[str]:
        """Return the names of what can be heard."""

    def open_output(self, name: str, virtual: bool = False) -> OutPort:
        """Open a port by its whole name, or make one of that name for others to connect to."""

    def open_input(self, name: str, heard: Heard, virtual: bool = False) -> InPort:
        """Open a port by its whole name; ``heard`` is called in a thread of the library."""


def backend() -> Backend:
    """Return the library that is there.  Raises DeviceError that says how to get one."""
    from lullaby.live.ports_rtmidi import found

    return found()


def chosen(there: Sequence[str], part: str, what: str) -> str:
    """Return the one name that is ``part`` or has it in it, in any case of letters.

    Of several the first.  Raises UsageError that lists what is there.
    """
    wanted = part.casefold()
    exact = [name for name in there if name.casefold() == wanted]
    near = [name for name in there if wanted in name.casefold()]
    if not part or not (exact or near):
        names = ", ".join(repr(name) for name in there) or "none"
        raise UsageError(f"there is no MIDI {what} with {part!r} in its name; there are: {names}")
    return (exact or near)[0]


def open_output(part: str, virtual: bool = False, library: Backend | None = None) -> OutPort:
    """Open an output by a part of its name, or a virtual one of that name.

    A port that goes away is opened again when it is back.  Raises UsageError where there is none of
    that name, DeviceError where ports do not work here.
    """
    from lullaby.live.kept import Kept

    library = library or backend()
    if virtual:
        _check_virtual(library)
        return library.open_output(part or NAME, virtual=True)
    name = chosen(library.outputs(), part, "output")
    return Kept(library, name)


def open_input(
    part: str, heard: Heard, virtual: bool = False, library: Backend | None = None
) -> InPort:
    """Open an input by a part of its name, or a virtual one; errors as for an output."""
    library = library or backend()
    if virtual:
        _check_virtual(library)
        return library.open_input(part or NAME, heard, virtual=True)
    return library.open_input(chosen(library.inputs(), part, "input"), heard)


def _check_virtual(library: Backend) -> None:
    if not library.virtual:
        raise DeviceError(
            "this system has no virtual MIDI ports: make one with a program such as loopMIDI, "
            "and give its name"
        )
