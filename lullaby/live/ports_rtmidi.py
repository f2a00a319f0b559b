"""Ports by python-rtmidi, or by rtmidi2 where the first has no wheel."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from lullaby.errors import DeviceError
from lullaby.live.jack_alive import JackAlive
from lullaby.live.ports import GET_IT, NAME, Backend, Heard, Lost

VIRTUAL = not sys.platform.startswith("win")
APIS = ("API_MACOSX_CORE", "API_LINUX_ALSA", "API_UNIX_JACK", "API_WINDOWS_MM")
DRAINED_S = 0.25  # JACK takes what was sent with its next periods, and forgets it if we are gone


def found() -> Backend:
    """Return the first library that imports and reaches the system's ports.

    Raises DeviceError with what is missing.
    """
    why = []
    for make in (Rtmidi, Rtmidi2):
        try:
            return make()
        except ImportError as error:
            why.append(str(error))
        except Exception as error:
            raise DeviceError(_unreachable(error)) from error
    raise DeviceError(f"{GET_IT} ({why[0]})")


def _unreachable(error: Exception) -> str:
    text = " ".join(str(error).split())[:160]
    return f"no MIDI here: the system's ports cannot be reached ({text})"


class Rtmidi:
    """python-rtmidi, with the first of the system's interfaces that answers."""

    virtual = VIRTUAL

    def __init__(self) -> None:
        import rtmidi

        self._rtmidi = rtmidi
        there = [getattr(rtmidi, api) for api in APIS if hasattr(rtmidi, api)]
        self._api, self._lists = self._first([a for a in there if a in rtmidi.get_compiled_api()])
        self._listing = threading.Lock()
        self._lists_in: Any = None
        self._alive = self._asked()

    def outputs(self) -> list[str]:
        """Return the names of what can be sent to; none while the JACK server is gone."""
        with self._listing:
            if not self._alive():
                # What was opened at the one that is gone lists its ports for ever.
                try:
                    fresh = self._rtmidi.MidiOut(rtapi=self._api, name=f"{NAME}-list")
                except Exception:
                    return []
                left(self._lists)
                left(self._lists_in)
                self._lists = fresh
                self._alive, self._lists_in = self._asked(), None
            return list(self._lists.get_ports())

    def inputs(self) -> list[str]:
        """Return the names of what can be heard."""
        with self._listing:
            if self._lists_in is None:
                self._lists_in = self._rtmidi.MidiIn(rtapi=self._api, name=f"{NAME}-list")
            return list(self._lists_in.get_ports())

    def open_output(self, name: str, virtual: bool = False) -> RtmidiOut:
        """Open a port by its whole name, or make a virtual one."""
        port = self._rtmidi.MidiOut(rtapi=self._api, name=NAME)
        _open(port, port.get_ports(), name, virtual)
        return RtmidiOut(port, name, self._asked())

    def open_input(self, name: str, heard: Heard, virtual: bool = False) -> RtmidiIn:
        """Open a port by its whole name, or make a virtual one."""
        port = self._rtmidi.MidiIn(rtapi=self._api, name=NAME)
        port.set_callback(lambda event, data: heard(bytes(event[0])))
        _open(port, port.get_ports(), name, virtual)
        return RtmidiIn(port, name, self._asked())

    def _asked(self) -> Callable[[], bool]:
        if self._api == getattr(self._rtmidi, "API_UNIX_JACK", None):
            return JackAlive()
        return lambda: True

    def _first(self, apis: list[int]) -> tuple[int, Any]:
        failed: Exception = DeviceError("the library knows no interface of this system")
        for api in apis:
            try:
                with _hushed():
                    return api, self._rtmidi.MidiOut(rtapi=api, name=f"{NAME}-list")
            except Exception as error:
                failed = error
        raise failed


def left(port: Any) -> None:
    """Leave a port of a server that is gone as it is: to close it now and then ends the process."""
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(port))


def _open(port: Any, there: list[str], name: str, virtual: bool) -> None:
    try:
        if virtual:
            port.open_virtual_port(name)
        else:
            port.open_port(there.index(name), name="midi")
    except Exception as error:
        raise Lost(f"{name}: {error}") from error


class RtmidiOut:
    """An output of python-rtmidi."""

    def __init__(self, port: Any, name: str, alive: Callable[[], bool]) -> None:
        self._port, self.name, self._alive = port, name, alive

    def send(self, message: bytes) -> None:
        """Send one message at once; raises Lost."""
        try:
            self._port.send_message(message)
        except Exception as error:
            raise Lost(f"{self.name}: {error}") from error

    def close(self) -> None:
        """Let the port go."""
        time.sleep(DRAINED_S)
        if not self._alive():
            left(self._port)
            return
        with contextlib.suppress(Exception):
            self._port.close_port()
            self._port.delete()


class RtmidiIn:
    """An input of python-rtmidi."""

    def __init__(self, port: Any, name: str, alive: Callable[[], bool]) -> None:
        self._port, self.name, self._alive = port, name, alive

    def close(self) -> None:
        """Let the port go."""
        if not self._alive():
            left(self._port)
            return
        with contextlib.suppress(Exception):
            self._port.cancel_callback()
            self._port.close_port()
            self._port.delete()


class Rtmidi2:
    """rtmidi2, which chooses the system's interface itself."""

    virtual = VIRTUAL

    def __init__(self) -> None:
        import rtmidi2

        self._rtmidi2 = rtmidi2
        with _hushed():
            self._lists = rtmidi2.MidiOut(f"{NAME}-list")
        self._listing = threading.Lock()

    def outputs(self) -> list[str]:
        """Return the names of what can be sent to."""
        with self._listing:
            return list(self._lists.ports)

    def inputs(self) -> list[str]:
        """Return the names of what can be heard."""
        with self._listing:
            return list(self._rtmidi2.get_in_ports())

    def open_output(self, name: str, virtual: bool = False) -> Rtmidi2Out:
        """Open a port by its whole name, or make a virtual one."""
        port = self._rtmidi2.MidiOut(NAME)
        _open2(port, list(port.ports), name, virtual)
        return Rtmidi2Out(port, name)

    def open_input(self, name: str, heard: Heard, virtual: bool = False) -> Rtmidi2In:
        """Open a port by its whole name, or make a virtual one."""
        port = self._rtmidi2.MidiIn(NAME)
        port.callback = lambda message, stamp: heard(bytes(message))
        _open2(port, list(port.ports), name, virtual)
        return Rtmidi2In(port, name)


def _open2(port: Any, there: list[str], name: str, virtual: bool) -> None:
    try:
        if virtual:
            port.open_virtual_port(name)
        else:
            port.open_port(there.index(name))
    except Exception as error:
        raise Lost(f"{name}: {error}") from error


class Rtmidi2Out:
    """An output of rtmidi2."""

    def __init__(self, port: Any, name: str) -> None:
        self._port, self.name = port, name

    def send(self, message: bytes) -> None:
        """Send one message at once; raises Lost."""
        try:
            self._port.send_raw(*message)
        except Exception as error:
            raise Lost(f"{self.name}: {error}") from error

    def close(self) -> None:
        """Let the port go."""
        time.sleep(DRAINED_S)
        with contextlib.suppress(Exception):
            self._port.close_port()


class Rtmidi2In:
    """An input of rtmidi2."""

    def __init__(self, port: Any, name: str) -> None:
        self._port, self.name = port, name

    def close(self) -> None:
        """Let the port go."""
        with contextlib.suppress(Exception):
            self._port.callback = None
            self._port.close_port()


@contextlib.contextmanager
def _hushed() -> Iterator[None]:
    """Keep what C libraries print about interfaces that are not there off the terminal."""
    sys.stderr.flush()
    try:
        kept = os.dup(2)
    except OSError:
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
