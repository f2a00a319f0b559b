"""A JACK server of its own with a dummy driver, and what came out of PortAudio there.

Synchronous mode (-S): every client is waited for, so that a recording never lacks a period.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def wanted() -> None:
    """Skip the test where JACK or PortAudio is missing."""
    pytest.importorskip("sounddevice", reason="needs PortAudio", exc_type=(ImportError, OSError))
    for program in ("jackd", "jack_capture", "jack_lsp"):
        if shutil.which(program) is None:
            pytest.skip(f"needs {program}")


@contextmanager
def server(folder: Path, rate: int = 48000, period: int = 1024) -> Iterator[dict[str, str]]:
    """Run a server; yields the environment that leads to it."""
    # The same few names each time: JACK remembers eight servers, dead ones too, until their names
    # are used again.
    name = "lullaby-" + os.environ.get("PYTEST_XDIST_WORKER", "test")
    environment = {
        **os.environ,
        "JACK_NO_AUDIO_RESERVATION": "1",
        "JACK_NO_START_SERVER": "1",
        "JACK_DEFAULT_SERVER": name,
    }
    call = ["jackd", "--no-realtime", "--name", name, "-S", "-t", "5000"]
    call += ["-d", "dummy", "-r", str(rate), "-p", str(period), "-C", "2", "-P", "2"]
    with (folder / "jackd.log").open("w") as log:
        running = subprocess.Popen(call, env=environment, stdout=log, stderr=log)
    try:
        _until(
            lambda: "system:playback_1" in ports(environment) or running.poll() is not None, 20.0
        )
        if running.poll() is not None:
            said = (folder / "jackd.log").read_text().splitlines()
            pytest.skip(f"jackd does not start here: {said[0] if said else 'it says nothing'}")
        yield environment
    finally:
        running.terminate()
        running.wait(10)


def ports(environment: dict[str, str]) -> str:
    done = subprocess.run(["jack_lsp"], env=environment, capture_output=True, text=True)
    return done.stdout


@contextmanager
def recording(environment: dict[str, str], path: Path, for_s: float) -> Iterator[None]:
    """Record what PortAudio plays, as soon as it is there, for a time."""
    _until(lambda: "PortAudio:out_1" in ports(environment), 90.0)
    call = ["jack_capture", "-as", "-f", "wav", "-b", "FLOAT", "-c", "2", "-d", str(for_s)]
    call += ["-p", "PortAudio:out_0", "-p", "PortAudio:out_1", str(path)]
    taking = subprocess.Popen(
        call, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    yield
    taking.wait(for_s + 20.0)


def _until(there: object, within_s: float) -> None:
    end = time.monotonic() + within_s
    while not there():  # type: ignore[operator]
        assert time.monotonic() < end, "it did not come up"
        time.sleep(0.05)
