"""A session that writes down what hands do to it."""

from __future__ import annotations

from lullaby.errors import UsageError


class Diary:
    def __init__(self) -> None:
        self.did: list[tuple[object, ...]] = []
        self.values: dict[str, float] = {}

    def touch(self, name: str, value: float) -> None:
        if name == "gone":
            raise UsageError("nothing here is called 'gone'")
        self.values[name] = value
        self.did.append(("touch", name, value))

    def release(self, name: str) -> None:
        self.did.append(("release", name))

    def release_all(self) -> None:
        self.did.append(("release_all",))

    def play(self) -> None:
        self.did.append(("play",))

    def pause(self) -> None:
        self.did.append(("pause",))

    def seek(self, place_s: float) -> None:
        self.did.append(("seek", place_s))

    def next_scene(self) -> None:
        self.did.append(("next_scene",))

    def previous_scene(self) -> None:
        self.did.append(("previous_scene",))

    def panic(self) -> None:
        self.did.append(("panic",))
