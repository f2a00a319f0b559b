"""The test signals of EBU Tech 3341 and 3342 (November 2023, table 1), synthesised."""

import numpy as np


def tone(seconds, level_db, rate, hz=1000.0, start=0):
    frames = round(seconds * rate)
    t = np.arange(start, start + frames) / rate
    return 10 ** (level_db / 20) * np.sin(2 * np.pi * hz * t)


def steps(pairs, rate):
    """Stereo 1 kHz tone through (seconds, dBFS); None is silence; the phase runs on."""
    parts, at = [], 0
    for seconds, level_db in pairs:
        part = (
            np.zeros(round(seconds * rate))
            if level_db is None
            else tone(seconds, level_db, rate, start=at)
        )
        at += len(part)
        parts.append(part)
    row = np.concatenate(parts).astype(np.float32)
    return np.stack((row, row))


PROGRAMME = {
    1: [(20, -23)],
    2: [(20, -33)],
    3: [(10, -36), (60, -23), (10, -36)],
    4: [(10, -72), (10, -36), (60, -23), (10, -36), (10, -72)],
    5: [(20, -26), (20.1, -20), (20, -26)],
}
RANGE = {
    1: ([(20, -20), (20, -30)], 10),
    2: ([(20, -20), (20, -15)], 5),
    3: ([(20, -40), (20, -20)], 20),
    4: ([(20, -50), (20, -35), (20, -20), (20, -35), (20, -50)], 15),
}
PEAK = {  # divisor of the rate, phase in degrees, amplitude, expected dB
    15: (4, 0.0, 0.50, -6.0),
    16: (4, 45.0, 0.50, -6.0),
    17: (6, 60.0, 0.50, -6.0),
    18: (8, 67.5, 0.50, -6.0),
    19: (4, 45.0, 1.41, 3.0),
}


def peak_tone(case, rate):
    divisor, degrees, amplitude, _ = PEAK[case]
    frames = rate // 2
    row = amplitude * np.sin(2 * np.pi * np.arange(frames) / divisor + np.radians(degrees))
    row = faded(row, rate).astype(np.float32)
    return np.stack((row, row))


def faded(row, rate):
    fade = np.minimum(1.0, np.arange(len(row)) / (0.02 * rate))
    return row * fade * fade[::-1]


def peak_burst(offset, rate):
    """Cases 20-23: fs/6 at 0.5 FS with one period of fs/4 at 1.0, made at 4 fs, decimated."""
    fine = 4 * rate
    lead = 24 * (fine // 96)  # whole periods of fs/6
    before = 0.5 * np.sin(2 * np.pi * np.arange(lead) / 24)
    burst = np.sin(2 * np.pi * np.arange(16) / 16)
    row = np.concatenate((faded(before, fine)[: lead // 2 // 24 * 24], burst))
    row = np.concatenate((row, faded(before, fine)[lead - lead // 2 // 24 * 24 :]))
    # kept under the coarse Nyquist frequency by a long windowed sinc
    n = np.arange(-1024, 1025)
    taps = np.sinc(n / 4) * np.kaiser(2049, 12.0) / 4
    row = np.convolve(row, taps / taps.sum(), mode="same")[offset::4].astype(np.float32)
    return np.stack((row, row))
