"""The soak scripts, in short: a ring that stays filled, a clock that is true."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("wish", [("--fast", "20s"), ("--real", "6s", "--ahead", "3s")])
def test_a_short_soak(wish: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "live_soak.py", "--score", "hello", *wish],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "underruns 0" in done.stdout
