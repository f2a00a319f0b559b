"""What the sound card's callback does: copy finished frames, and fade where there are none.

All of a ring lies in one int64 array, a header and then one stereo frame of float32 to a word, so
that compiled code can be given it as a single address.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.dsp.kernel import kernel

# Words of the header.  WRITTEN moves only where frames come from, the others only where they go.
SIZE, FADE, ENOUGH, OPEN, WRITTEN, PLAYED, CALLS, UNDERRUNS, SILENT, DRY, GAIN = range(11)
LAST = 12  # the frame that was heard last
HEADER = 16


def ring_memory(frames: int, fade: int) -> Any:
    """Return the memory of an empty ring of ``frames``; ``fade`` frames lead to and from silence.

    After running dry it goes on once a quarter of it is filled, or more is no longer to come.
    """
    memory = np.zeros(HEADER + frames, np.int64)
    memory[SIZE], memory[FADE], memory[ENOUGH] = frames, fade, frames // 4
    memory[OPEN], memory[GAIN] = 1, fade
    return memory


@kernel
def fill(memory: Any, out: Any) -> None:
    """Move the next frames into ``out``, float32, shape (frames, 2).

    While there are enough it is a copy, bit for bit.  Where there are none the last value sinks
    to silence on a line, and what comes next rises on one: never a jump, never old sound.
    """
    floats = memory.view(np.float32)
    frames, size, fade = out.shape[0], memory[SIZE], memory[FADE]
    ready, played = memory[WRITTEN] - memory[PLAYED], memory[PLAYED]
    memory[CALLS] += 1
    if memory[DRY] == 1 and memory[OPEN] == 1 and ready < memory[ENOUGH]:
        ready = 0
    n = min(ready, frames)
    if n < frames and memory[OPEN] == 1 and memory[DRY] == 0:
        memory[UNDERRUNS] += 1
    memory[DRY] = 1 if n < frames else 0
    gain = memory[GAIN]
    for i in range(n):
        at = 2 * (HEADER + (played + i) % size)
        left, right = floats[at], floats[at + 1]
        if gain < fade:
            gain += 1
            share = np.float32(gain / fade)
            left, right = left * share, right * share
        out[i, 0], out[i, 1] = left, right
    if n > 0:
        at = 2 * (HEADER + (played + n - 1) % size)
        floats[2 * LAST], floats[2 * LAST + 1] = floats[at], floats[at + 1]
    left, right = floats[2 * LAST], floats[2 * LAST + 1]
    for i in range(n, frames):
        gain = max(gain - 1, 0)
        share = np.float32(gain / fade)
        out[i, 0], out[i, 1] = left * share, right * share
    memory[SILENT] += frames - n
    memory[GAIN] = gain
    memory[PLAYED] = played + n


def compiled_callback() -> Any:
    """Return ``fill`` as a C function of PortAudio's type; its ``address`` needs no interpreter.

    ``userdata`` is the address of a ring's memory.
    """
    import numba

    carray: Any = numba.carray  # type: ignore[attr-defined]
    types: Any = numba.types
    words, samples = types.CPointer(types.int64), types.CPointer(types.float32)
    signature = types.int32(
        types.voidptr, samples, types.uint64, types.voidptr, types.uint64, words
    )

    # What PortAudio calls input, output, frameCount, timeInfo, statusFlags and userData.
    @numba.cfunc(signature)
    def callback(heard: Any, out: Any, frames: Any, times: Any, flags: Any, memory: Any) -> int:
        head = carray(memory, (HEADER,))
        ring = carray(memory, (HEADER + head[SIZE],))
        fill(ring, carray(out, (np.int64(frames), 2)))
        return 0

    return callback
