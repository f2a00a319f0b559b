"""A small piece of test modules that uses everything the engine does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lullaby.engine.arrange import arrange
from lullaby.engine.engine import Engine
from lullaby.model.performance import Performance
from lullaby.model.score import ArcDef, BusDef, PartDef, SceneDef, Score, Stay
from lullaby.model.value import Name, Number, Point, Points, Range, Time
from tests.engine.cast import Echoes, Pings, Smear

A = PartDef(
    "a",
    Pings,
    into="dull",
    settings={"pitch_hz": Range(300.0, 600.0, each=True), "pan": Range(-0.7, 0.7, each=True)},
    sends={"room": Number(-6.0)},
)
B = PartDef("b", Echoes, fixed={"after": "a"}, settings={"level_db": Number(-3.0)})
C = PartDef("c", Pings, settings={"pan": Points(Number(-0.5), (Point(Number(0.5)),))})


def scene(name: str, stays: list[Stay], length_s: float = 4.0, **more: object) -> SceneDef:
    return SceneDef(name, Time(length_s), Time(1.0), play=tuple(stays), **more)  # type: ignore[arg-type]


def score(seed: int = 3) -> Score:
    return Score(
        "Test",
        (A, B, C),
        (
            scene(
                "one",
                [Stay("a"), Stay("c", settings={"rate_per_s": Number(8.0)})],
                arcs={"panic": Points(None, (Point(Number(0.9)),))},
            ),
            scene(
                "two",
                [
                    Stay("b"),
                    Stay(
                        "a",
                        settings={
                            "level_db": Points(None, (Point(Number(-20.0)),)),
                            "bright": Name("panic"),
                        },
                    ),
                ],
            ),
            scene("three", [Stay("b"), Stay("c")], 3.0),
        ),
        seed=seed,
        arcs=(ArcDef("panic", Number(0.4)), ArcDef("surrender", Number(0.0))),
        buses=(BusDef("dull", Smear), BusDef("room", Smear, settings={"amount": Number(0.1)})),
    )


def performed(made: Score | None = None) -> Performance:
    return arrange(made or score())


def whole(performance: Performance, frames: int = 4800, **options: object) -> np.ndarray:
    with Engine(performance, **options) as engine:  # type: ignore[arg-type]
        return np.concatenate([np.zeros((2, 0), np.float32), *engine.blocks(frames)], axis=1)


def stems(performance: Performance, frames: int, **options: object) -> dict[str, np.ndarray]:
    with Engine(performance, stems=True, **options) as engine:  # type: ignore[arg-type]
        return engine.read_all(frames)


def without(made: Score, part: str) -> Score:
    scenes = tuple(
        replace(s, play=tuple(stay for stay in s.play if stay.part != part)) for s in made.scenes
    )
    parts = tuple(p for p in made.parts if p.name != part)
    return replace(made, parts=parts, scenes=scenes)
