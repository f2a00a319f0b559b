"""Ports are found by a part of their name, come back when lost, and say how to get them."""

from __future__ import annotations

import sys
import time

import pytest

from lullaby.errors import DeviceError, UsageError
from lullaby.live import ports
from lullaby.live.kept import Kept
from lullaby.live.ports import Lost, chosen, open_input, open_output
from tests.live.fakes import FakePorts


def test_a_part_of_the_name_is_enough() -> None:
    there = ["Midi Through:0", "FLUID Synth (qsynth):1", "Synth:2"]
    assert chosen(there, "fluid", "output") == "FLUID Synth (qsynth):1"
    assert chosen(there, "synth", "output") == "FLUID Synth (qsynth):1"  # of several the first
    assert chosen(there, "synth:2", "output") == "Synth:2"  # the whole name before a part


@pytest.mark.parametrize(("there", "listed"), [([], "none"), (["a", "b"], "'a', 'b'")])
def test_a_name_that_is_not_there_lists_what_is(there: list[str], listed: str) -> None:
    with pytest.raises(
        UsageError, match=f"no MIDI input with 'x' in its name; there are: {listed}"
    ):
        chosen(there, "x", "input")


def test_virtual_ports_where_the_system_has_them() -> None:
    library = FakePorts()
    assert open_output("mine", True, library).name == "mine"
    assert open_input("", lambda message: None, True, library).name == "lullaby"
    with pytest.raises(DeviceError, match="loopMIDI"):
        open_output("mine", True, FakePorts(virtual=False))


def test_without_a_library_one_line_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rtmidi", None)
    monkeypatch.setitem(sys.modules, "rtmidi2", None)
    with pytest.raises(DeviceError, match=r"pip install 'lullaby\[midi\]'"):
        ports.backend()


def until(true: object) -> None:
    assert callable(true)
    end_s = time.perf_counter() + 5.0
    while not true():
        assert time.perf_counter() < end_s
        time.sleep(0.005)


def test_a_lost_port_is_opened_again_and_its_owner_told() -> None:
    library = FakePorts("synth")
    kept, told = Kept(library, "synth", look_s=0.01), []
    kept.returned = lambda: told.append(len(library.opened))
    kept.send(b"\xfa")
    library.names.clear()  # pulled out: the list says so
    until(lambda: kept.lost)
    with pytest.raises(Lost):
        kept.send(b"\xf8")
    library.names.append("synth")
    until(lambda: told)
    kept.send(b"\xfb")
    kept.close()
    assert [port.sent for port in library.opened] == [[b"\xfa"], [b"\xfb"]]
    assert library.opened[0].closed
    assert kept.losses == 1
    assert told == [2]


def test_a_port_that_fails_while_sending_is_lost() -> None:
    library = FakePorts("synth")
    kept = Kept(library, "synth", look_s=60.0)
    library.opened[0].broken = True
    with pytest.raises(Lost):
        kept.send(b"\xfa")
    assert kept.lost
    kept.close()


class Binding:
    """What rtmidi2 offers, as far as it is used."""

    class MidiOut:
        def __init__(self, client: str) -> None:
            self.ports, self.sent, self.opened = ["a", "b"], [], []

        def open_port(self, number: int) -> None:
            self.opened.append(number)

        def send_raw(self, *message: int) -> None:
            self.sent.append(message)

        def close_port(self) -> None:
            self.opened.clear()

    class MidiIn(MidiOut):
        callback = None

    @staticmethod
    def get_in_ports() -> list[str]:
        return ["a", "b"]


def test_the_second_library_does_where_the_first_has_no_wheel(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "rtmidi", None)
    monkeypatch.setitem(sys.modules, "rtmidi2", Binding)
    library, heard = ports.backend(), []
    assert library.outputs() == library.inputs() == ["a", "b"]
    out = library.open_output("b")
    out.send(b"\x90\x40\x50")
    assert (out._port.opened, out._port.sent) == ([1], [(0x90, 0x40, 0x50)])  # type: ignore[attr-defined]
    out.close()
    door = library.open_input("a", heard.append)
    door._port.callback([0xB0, 1, 2], 0.0)  # type: ignore[attr-defined]
    door.close()
    assert heard == [b"\xb0\x01\x02"]
    with pytest.raises(Lost):
        library.open_output("c")
