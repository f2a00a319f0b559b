"""Scores of these tests are read against a small cast of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from lullaby.model.effect import Effect
from lullaby.model.gallery import Gallery
from lullaby.model.module import Module
from lullaby.score import presets, strips

HERE = Path(__file__).parent


@pytest.fixture(autouse=True)
def cast(monkeypatch):
    modules = Gallery("tests.score.cast_modules", [str(HERE / "cast_modules")], Module)
    effects = Gallery("tests.score.cast_effects", [str(HERE / "cast_effects")], Effect)
    monkeypatch.setattr(strips, "MODULES", modules)
    monkeypatch.setattr(strips, "EFFECTS", effects)
    monkeypatch.setattr(presets, "shipped_folders", lambda what: iter(()))
