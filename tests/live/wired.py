"""A MIDI cable without hardware: a JACK server that plays to nobody, and a receiver at it."""

from __future__ import annotations

import contextlib
import os
import queue
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

PERIOD = 64  # frames: what python-rtmidi sends arrives with the next period, 1.3 ms


def missing() -> str:
    """Return what is not there, by name; "" if all is."""
    if shutil.which("jackd") is None:
        return "jackd"
    for name in ("jack", "rtmidi"):
        try:
            __import__(name)
        except (ImportError, OSError):
            return name
    return ""


@contextlib.contextmanager
def server(
    folder: Path, patient: bool = False, name: str = "", period: int = PERIOD
) -> Iterator[dict[str, str]]:
    """Run a JACK server of its own; yield the environment in which programs find it.

    A ``patient`` one waits for every program and so loses nothing; it waits long for dead ones.
    """
    # One that was killed is still counted, until one of the same name comes: there are eight.
    name = f"lullaby-{name or os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    own = {
        "JACK_DEFAULT_SERVER": name,
        "JACK_NO_START_SERVER": "1",
        "JACK_NO_AUDIO_RESERVATION": "1",
    }
    code = ["jackd", "--no-realtime", "--name", name, *(["-S", "-t", "1000"] if patient else [])]
    code += ["-d", "dummy", "-r", "48000", "-p", str(period), "-C", "2", "-P", "2"]
    before = {key: os.environ.get(key) for key in own}
    with (folder / "jackd.log").open("wb") as log:
        process = subprocess.Popen(code, env={**os.environ, **own}, stdout=log, stderr=log)
        os.environ.update(own)  # the receiver lives in this process
        try:
            time.sleep(0.7)
            yield {**os.environ, **own}
        finally:
            for key, value in before.items():
                os.environ.pop(key) if value is None else os.environ.update({key: value})
            process.terminate()
            try:
                process.wait(1.0)  # a patient one waits for programs that are dead
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


class Receiver:
    """Everything that arrives at a port called ``receiver``, with the time of this machine.

    It listens in a process of its own: leaving a JACK server can block for ever.
    """

    def __init__(self) -> None:
        self.heard: list[tuple[float, bytes]] = []
        code = [sys.executable, "-u", "-m", "tests.live.wired"]
        root = Path(__file__).parents[2]
        self._process = subprocess.Popen(code, stdout=subprocess.PIPE, cwd=root)
        assert self._process.stdout is not None
        if self._process.stdout.readline() != b"ready\n":
            self.close()
            pytest.skip("jackd does not run here")
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            at_s, said = line.split()
            self.heard.append((float(at_s), bytes.fromhex(said.decode())))

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        if hasattr(self, "_thread"):
            self._thread.join()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def sounding(self) -> set[tuple[int, int]]:
        """Return the notes (channel, key) that hang, not ended by note-off nor all notes off."""
        return hanging([message for _, message in list(self.heard)], all_off=True)


def hanging(messages: list[bytes], all_off: bool = False) -> set[tuple[int, int]]:
    """Return the notes (channel, key) that sound at the end of messages.

    By note-offs alone, unless ``all_off``: then controllers 120 and 123 end a channel's, too.
    """
    on: set[tuple[int, int]] = set()
    for message in messages:
        key = (message[0] & 0x0F, message[1] if len(message) > 1 else 0)
        if message[0] & 0xF0 == 0x90 and message[2]:
            on.add(key)
        elif message[0] & 0xF0 in (0x80, 0x90):
            on.discard(key)
        elif all_off and message[0] & 0xF0 == 0xB0 and message[1] in (120, 123):
            on = {note for note in on if note[0] != message[0] & 0x0F}
    return on


def listen() -> None:
    """Print what arrives, one line a message: seconds and bytes."""
    import jack

    for _ in range(50):
        try:
            client = jack.Client("receiver", no_start_server=True)
            break
        except jack.JackOpenError:
            time.sleep(0.1)
    else:
        return
    port = client.midi_inports.register("in")
    came: queue.SimpleQueue[tuple[float, bytes]] = queue.SimpleQueue()

    @client.set_process_callback
    def process(frames: int) -> None:
        now_s = time.perf_counter()
        for _, data in port.incoming_midi_events():
            came.put((now_s, bytes(data)))

    client.activate()
    print("ready")
    while True:
        at_s, message = came.get()
        print(f"{at_s:.7f} {message.hex()}")


if __name__ == "__main__":
    listen()
