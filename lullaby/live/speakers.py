"""Sound cards through PortAudio, and what to say where there is none.

PortAudio is loaded only here and only when sound is wanted.  It can end the whole process while
it is loaded (a broken ALSA configuration does that), so another process tries it first.
"""

from __future__ import annotations

import contextlib
import platform
import subprocess
import sys
from typing import Any

from lullaby.errors import DeviceError, UsageError
from lullaby.live.ring import Ring

LATENCY_S = 0.2  # asked of the card; some, such as JACK, have their own mind
PROBE_S = 20.0
RATES = (22050, 32000, 44100, 48000, 88200, 96000, 176400, 192000)
NO_PACKAGE = "playing needs the package sounddevice: pip install 'lullaby[live]'"
NO_LIBRARY = (
    "PortAudio is not installed: apt-get install libportaudio2, dnf install portaudio or "
    "brew install portaudio"
)
WITHOUT = "; everything but playing works without it, such as lullaby render"
NO_DEVICE = "there is no sound output on this machine; --device none plays to nobody"


def probe() -> None:
    """Raise DeviceError where PortAudio is missing or broken; this process stays whole."""
    code = "import sounddevice; sounddevice.query_devices()"
    try:
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, timeout=PROBE_S
        )
    except subprocess.TimeoutExpired:
        raise DeviceError(f"PortAudio does not answer within {PROBE_S:.0f} s{WITHOUT}") from None
    if done.returncode == 0:
        return
    if "No module named" in done.stderr:
        raise DeviceError(NO_PACKAGE + WITHOUT)
    if "library not found" in done.stderr:
        raise DeviceError(NO_LIBRARY + WITHOUT)
    last = (done.stderr.strip().splitlines() or ["it says nothing"])[-1][:200]
    ended = f"ends with signal {-done.returncode}" if done.returncode < 0 else "fails"
    raise DeviceError(f"PortAudio {ended} when it is loaded: {last}{WITHOUT}")


def portaudio() -> Any:
    """Return the module sounddevice.  Raises DeviceError."""
    try:
        import sounddevice
    except ImportError:
        raise DeviceError(NO_PACKAGE + WITHOUT) from None
    except OSError:
        raise DeviceError(NO_LIBRARY + WITHOUT) from None
    return sounddevice


def refresh() -> None:
    """Have PortAudio look for devices again; ends every open stream."""
    sounddevice = portaudio()
    with contextlib.suppress(Exception):
        sounddevice._terminate()
    with contextlib.suppress(Exception):
        sounddevice._initialize()


def found(device: str | None) -> dict[str, Any]:
    """Return what PortAudio says of an output: by number, by part of its name, or the default.

    Raises DeviceError where there is none, UsageError for a name that fits several.
    """
    sounddevice = portaudio()
    known = [d for d in sounddevice.query_devices() if d["max_output_channels"] > 0]
    if not known:
        raise DeviceError(NO_DEVICE)
    try:
        wanted = int(device) if device is not None and device.isdigit() else device
        info: dict[str, Any] = sounddevice.query_devices(wanted, "output")
    except (ValueError, sounddevice.PortAudioError) as error:
        if device is None:
            return dict(known[0])
        if "Multiple" in str(error):
            fits = [d["name"] for d in known if str(device).lower() in d["name"].lower()]
            raise UsageError(f"several devices fit {device!r}: {', '.join(fits)}") from None
        raise DeviceError(f"there is no output {device!r}; lullaby devices lists them") from None
    return info


def offered(info: dict[str, Any]) -> list[int]:
    """Return the usual sample rates that a device takes in stereo float."""
    return [rate for rate in RATES if _takes(info, rate)]


def agreed_rate(info: dict[str, Any], wanted: int | None, usual: int = 48000) -> int:
    """Return the sample rate to play at.

    One that was asked for is taken or refused (DeviceError says what is offered); otherwise it is
    ``usual``, or what the device has as its own.
    """
    if wanted is not None:
        if _takes(info, wanted):
            return wanted
        rates = ", ".join(map(str, offered(info))) or "no rate in stereo"
        raise DeviceError(f"{info['name']} does not play {wanted} Hz; it offers {rates}")
    own = round(info["default_samplerate"])
    for rate in (usual, own, *offered(info)):
        if _takes(info, rate):
            return int(rate)
    raise DeviceError(f"{info['name']} plays no stereo at any usual sample rate")


def _takes(info: dict[str, Any], rate: int) -> bool:
    sounddevice = portaudio()
    try:
        sounddevice.check_output_settings(
            device=info["index"], channels=2, dtype="float32", samplerate=rate
        )
    except Exception:
        return False
    return True


class SoundCard:
    """A PortAudio output in stereo float.

    Its callback is compiled and needs no interpreter where memory order allows (x86); elsewhere
    it is Python, and does no more than the same copy.
    """

    def __init__(self, info: dict[str, Any], sample_rate: int) -> None:
        self.name = str(info["name"])
        self.sample_rate, self._index = sample_rate, info["index"]
        self._stream: Any = None
        self._kept: tuple[Any, ...] = ()  # what the callback uses must live as long as it does

    def start(self, ring: Ring) -> None:
        """Begin to take frames from a ring.  Raises DeviceError."""
        sounddevice = portaudio()
        wanted = {
            "device": self._index,
            "channels": 2,
            "samplerate": self.sample_rate,
            "dtype": "float32",
            "latency": LATENCY_S,
            "clip_off": True,
            "dither_off": True,
        }
        try:
            if platform.machine() in {"x86_64", "AMD64"}:
                self._stream = self._compiled(sounddevice, wanted, ring)
            else:
                self._stream = sounddevice.OutputStream(callback=_copying(ring), **wanted)
            self._stream.start()
        except sounddevice.PortAudioError as error:
            self.close()
            raise DeviceError(f"{self.name}: {error}") from None

    def _compiled(self, sounddevice: Any, wanted: dict[str, Any], ring: Ring) -> Any:
        from lullaby.dsp.ring import compiled_callback

        callback, ffi = compiled_callback(), sounddevice._ffi
        self._kept = (callback, ring)
        return sounddevice._StreamBase(
            "output",
            callback=ffi.cast("PaStreamCallback*", callback.address),
            userdata=ffi.cast("void*", ring.memory.ctypes.data),
            **wanted,
        )

    def active(self) -> bool:
        """Return whether PortAudio says that it runs."""
        try:
            return bool(self._stream is not None and self._stream.active)
        except Exception:
            return False

    def close(self) -> None:
        """End at once, whatever the device says."""
        stream, self._stream = self._stream, None
        if stream is not None:
            with contextlib.suppress(Exception):
                stream.abort(ignore_errors=True)
            with contextlib.suppress(Exception):
                stream.close(ignore_errors=True)


def _copying(ring: Ring) -> Any:
    def callback(out: Any, frames: int, times: Any, flags: Any) -> None:
        ring.read(out)

    return callback
