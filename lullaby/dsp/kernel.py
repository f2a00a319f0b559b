"""How kernels are compiled, and the chance they draw from."""

from __future__ import annotations

import os
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from typing import Any, TypeVar, cast


def _cache_folder() -> Path:
    # A folder for each state of the kernels' sources: numba looks only at the file of the outer
    # function, so a changed inner one would be served stale.
    digest = blake2b(digest_size=8)
    here = Path(__file__).parent
    for file in sorted(here.rglob("*.py")):
        digest.update(file.read_bytes())
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "lullaby" / f"kernels-{digest.hexdigest()}"


CACHE = Path(os.environ.setdefault("NUMBA_CACHE_DIR", str(_cache_folder())))

import numba  # noqa: E402  (it reads the folder above when imported)
import numpy as np  # noqa: E402
from numba.extending import intrinsic  # noqa: E402

F = TypeVar("F", bound=Callable[..., Any])

LANES = 32  # voices side by side: four vectors of eight hide the latency of a filter's recursion
VECTOR = 16  # lanes are at work in multiples of this: a rest would be done one by one


def kernel(function: F) -> F:
    """Compile ``function`` with the settings every kernel shares: cached, no GIL, no fastmath."""
    return cast(F, numba.njit(cache=True, nogil=True, error_model="numpy")(function))


def inlined(function: F) -> F:
    """Compile a small function that is always pasted into its caller's loop."""
    return cast(
        F, numba.njit(cache=True, nogil=True, error_model="numpy", inline="always")(function)
    )


def _fused(_typing: Any, a: Any, _b: Any, _c: Any) -> Any:
    """Return ``a b + c`` of three floats of one kind, rounded once (IEEE 754 fusedMultiplyAdd).

    It is the same number everywhere, and one operation on all processors since 2013; a compiler may
    not put it in by itself, as that would change a result from one processor to another.
    """
    return a(a, a, a), lambda _context, builder, _signature, given: builder.fma(*given)


fused: Any = intrinsic(_fused)


def _bits(_typing: Any, x: Any) -> Any:
    """Return the 32 bits of an int32 as the float32 they are, or the other way round."""
    to = numba.int32 if x == numba.float32 else numba.float32

    def cast_it(context: Any, builder: Any, _signature: Any, given: Any) -> Any:
        return builder.bitcast(given[0], context.get_value_type(to))

    return to(x), cast_it


bits: Any = intrinsic(_bits)


@kernel
def mix(z: Any) -> Any:
    """Return 64 well-mixed bits of a counter, as ``lullaby.model.chance.mix`` (splitmix64)."""
    z = z + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@kernel
def uniform(key: Any, i: Any) -> Any:
    """Return the ``i``-th number of ``key``, 0 <= x < 1."""
    return np.float64(mix(key + np.uint64(i)) >> np.uint64(11)) * 2.0**-53
