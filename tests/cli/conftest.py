"""Calls of the command line, in this process and in its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import lullaby.score
from lullaby.cli import main
from tests.cli import launch

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Answer:
    """What a call ended with."""

    code: int
    out: str
    err: str


Call = Callable[..., Answer]


@pytest.fixture
def call(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Call]:
    """Return a way to call the command line in a folder of its own."""
    import signal

    monkeypatch.setattr(lullaby.score, "read", launch.read, raising=False)
    monkeypatch.chdir(tmp_path)
    before = signal.getsignal(signal.SIGTERM)

    def called(*arguments: object) -> Answer:
        code = main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return Answer(code, out, err)

    yield called
    signal.signal(signal.SIGTERM, before)


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), **more}


def started(*arguments: object, module: str = "tests.cli.launch", **options: object) -> Answer:
    done = subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)],
        env=environment(),
        capture_output=True,
        text=True,
        **options,  # type: ignore[call-overload]
    )
    return Answer(done.returncode, done.stdout, done.stderr)
