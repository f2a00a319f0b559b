"""Over a real MIDI connection, into another process: order, drift, and no note left hanging."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from lullaby.live.kept import Kept
from lullaby.live.ports import Lost, backend
from tests.live.wired import PERIOD, Receiver, missing, server

pytestmark = pytest.mark.skipif(bool(missing()), reason=f"needs {missing()}")
ROOT = Path(__file__).parents[2]


@pytest.fixture
def environment(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    # One that waits for its programs loses nothing, but stands still for long when one is killed.
    patient = "SIGKILL" not in request.node.name and "knobs" not in request.node.name
    with server(tmp_path, patient=patient, period=PERIOD if patient else 1024) as found:
        yield {**found, "PYTHONPATH": str(ROOT)}


@pytest.fixture
def receiver(environment: dict[str, str]) -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


def player(environment: dict[str, str], *options: str) -> subprocess.Popen[bytes]:
    code = [sys.executable, "-m", "tests.cli.launch", "midi", "test", "--port", "receiver", "-q"]
    return subprocess.Popen(
        [*code, *options],
        env=environment,
        cwd=ROOT,
        stderr=subprocess.PIPE,
        preexec_fn=hears_hang_ups,  # even where the tests run under nohup
    )


def hears_hang_ups() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def until(true: object, most_s: float = 20.0) -> None:
    assert callable(true)
    end_s = time.perf_counter() + most_s
    while not true() and time.perf_counter() < end_s:
        time.sleep(0.02)


def test_clock_and_notes_arrive_in_order_and_without_drift(
    environment: dict[str, str], receiver: Receiver
) -> None:
    with player(environment, "--clock", "--mtc", "25", "--from", "9s") as process:
        _, said = process.communicate(timeout=60.0)
    assert (process.returncode, said) == (0, b"")
    until(lambda: any(m == b"\xfc" for _, m in receiver.heard))
    time.sleep(0.1)
    heard = list(receiver.heard)
    sent = [message for _, message in heard]
    assert sent.count(b"\xfb") == sent.count(b"\xfc") == 1
    pulses_s = np.array([at_s for at_s, message in heard if message == b"\xf8"])
    assert len(pulses_s) in (72, 73)
    quarters = [m[1] >> 4 for m in sent if m[0] == 0xF1]
    assert quarters == [i % 8 for i in range(len(quarters))]
    away_s = pulses_s - np.arange(len(pulses_s)) / 24.0
    # The middle of many: a machine that is busy is late, and never early or ever later.
    assert abs(np.median(away_s[-24:]) - np.median(away_s[:24])) < 0.05
    assert receiver.sounding() == set()


@pytest.mark.parametrize("kind", ["SIGTERM", "SIGHUP", "SIGKILL"])
def test_a_player_that_is_ended_leaves_nothing_sounding(
    environment: dict[str, str], receiver: Receiver, kind: str
) -> None:
    with player(environment) as process:
        until(receiver.sounding)
        assert receiver.sounding()
        process.send_signal(getattr(signal, kind))
        process.communicate(timeout=30.0)
    assert process.returncode == {"SIGTERM": 143, "SIGHUP": 129, "SIGKILL": -9}[kind]
    until(lambda: not receiver.sounding(), 10.0)
    assert receiver.sounding() == set()


def test_panic_arrives(environment: dict[str, str], receiver: Receiver) -> None:
    code = [sys.executable, "-m", "lullaby", "panic", "receiver"]
    done = subprocess.run(code, env=environment, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "silenced receiver:in\n")
    everything = {bytes((0xB0 | channel, cc, 0)) for channel in range(16) for cc in (120, 121, 123)}
    until(lambda: {m for _, m in receiver.heard} == everything, 5.0)
    assert {m for _, m in receiver.heard} == everything


def test_knobs_are_heard(environment: dict[str, str], receiver: Receiver) -> None:
    """A controller sent by one process moves a name in another."""
    code = (
        "import sys, time; from lullaby.live.ports import open_input\n"
        "heard = []\n"
        "port = open_input('knobs', heard.append, virtual=True)\n"
        "print('ready', flush=True)\n"
        "for _ in range(2000):\n"
        "    time.sleep(0.01)\n"
        "    if heard: break\n"
        "print(heard[0].hex() if heard else 'nothing', flush=True)\n"
    )
    other = subprocess.Popen(
        [sys.executable, "-u", "-c", code], env=environment, cwd=ROOT, stdout=subprocess.PIPE
    )
    with other as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        say = (
            "import time; from lullaby.live.ports import backend; library = backend()\n"
            "name = next(n for n in library.outputs() if 'knobs' in n)\n"
            "port = library.open_output(name)\n"
            "for _ in range(20):\n"
            "    port.send(bytes((0xB0, 21, 99))); time.sleep(0.05)\n"
        )
        done = subprocess.run([sys.executable, "-c", say], env=environment, cwd=ROOT)
        assert done.returncode == 0
        assert process.stdout.readline() == b"b01563\n"


def test_a_server_that_is_gone_is_a_port_that_is_lost(tmp_path: Path) -> None:
    """To it a message would wait for ever, with the whole process."""
    with server(tmp_path, name="gone", period=1024):
        receiver = Receiver()
        library = backend()
        kept = Kept(library, "receiver:in", look_s=0.1)
        until(lambda: kept.lost, 0.5)
        assert not kept.lost
    receiver.close()
    until(lambda: kept.lost, 10.0)
    assert kept.lost
    with pytest.raises(Lost):
        kept.send(b"\xf8")
    assert library.outputs() == []
    kept.close()
