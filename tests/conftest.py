"""What every test shares: a quiet hypothesis, and one place for compiled kernels."""

import os
from pathlib import Path

from hypothesis import HealthCheck, settings

# No deadline: a first call may compile.  The same examples every time, on every machine.
settings.register_profile(
    "house",
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("house")

# A test that gives a program another HOME still finds the kernels that are compiled already.
os.environ.setdefault("XDG_CACHE_HOME", str(Path.home() / ".cache"))
