"""Fuzzing led by coverage: ``python -m tests.fuzz.guided [FOLDER] [-max_total_time=SECONDS]``.

Wants atheris (``pip install atheris``).  New texts are kept in FOLDER, beside the corpus here.
"""

from __future__ import annotations

import sys
import tempfile
from random import Random

import atheris

with atheris.instrument_imports(include=["lullaby.score", "lullaby.engine", "yaml"]):
    from tests.fuzz.making import CORPUS, Maker, bent, corpus
    from tests.fuzz.trying import laid_out, read

TEXTS = corpus()
LONGEST = 20_000  # bytes


def one(data: bytes) -> None:
    """Try one text."""
    read(data)
    laid_out(data)


def change(data: bytes, most: int, seed: int) -> bytes:
    """Return a text bent by what the language knows, or by what libFuzzer knows."""
    random = Random(seed)
    form = random.randrange(8)
    if form == 0:
        return Maker(random).score().encode()[:most]
    if form < 5:
        return bent(data, random, TEXTS)[:most]
    return bytes(atheris.Mutate(data, most))


def main() -> None:
    """Fuzz until the time is up or a promise is broken."""
    folders = [word for word in sys.argv[1:] if not word.startswith("-")]
    options = [word for word in sys.argv[1:] if word.startswith("-")]
    folder = folders or [tempfile.mkdtemp(prefix="lullaby-fuzz-")]
    options += [f"-max_len={LONGEST}", "-timeout=30", "-rss_limit_mb=700"]
    atheris.Setup([sys.argv[0], *options, *folder, str(CORPUS)], one, custom_mutator=change)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
