"""Ports without a system: what is sent is kept, and they can be pulled out and put back."""

from __future__ import annotations

from lullaby.live.ports import Heard, Lost


class FakeOut:
    """An output that keeps what it was sent."""

    def __init__(self, name: str = "fake") -> None:
        self.name = name
        self.sent: list[bytes] = []
        self.closed = self.broken = False

    def send(self, message: bytes) -> None:
        if self.broken or self.closed:
            raise Lost(self.name)
        self.sent.append(bytes(message))

    def close(self) -> None:
        self.closed = True


class FakeIn:
    """An input that hears what a test says."""

    def __init__(self, name: str, heard: Heard) -> None:
        self.name, self.say = name, heard
        self.closed = False

    def close(self) -> None:
        self.closed = True


class FakePorts:
    """A library of ports."""

    def __init__(self, *names: str, virtual: bool = True) -> None:
        self.names, self.virtual = list(names), virtual
        self.opened: list[FakeOut] = []
        self.heard: list[FakeIn] = []
        self.made_virtual: list[str] = []

    def outputs(self) -> list[str]:
        return list(self.names)

    def inputs(self) -> list[str]:
        return list(self.names)

    def open_output(self, name: str, virtual: bool = False) -> FakeOut:
        if virtual:
            self.made_virtual.append(name)
        elif name not in self.names:
            raise Lost(name)
        self.opened.append(FakeOut(name))
        return self.opened[-1]

    def open_input(self, name: str, heard: Heard, virtual: bool = False) -> FakeIn:
        self.heard.append(FakeIn(name, heard))
        return self.heard[-1]
