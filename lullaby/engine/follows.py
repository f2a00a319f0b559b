"""Who follows whom: by a module's leader or by ducking, and never in a circle."""

from __future__ import annotations

from lullaby.model.circles import way_back
from lullaby.model.score import PartDef, Score


def followed(score: Score, part: PartDef) -> list[str]:
    """Return the parts that a part follows or gives way to, anywhere in the piece."""
    fixed = {n: f.default for n, f in part.module.fixed_params().items() if f.kind == "leader"}
    leaders = [part.fixed.get(name, default) for name, default in fixed.items()]
    stays = (stay for scene in score.scenes for stay in scene.play if stay.part == part.name)
    ducks = [goal for stay in stays for goal in stay.ducks]
    return list(dict.fromkeys(name for name in (*leaders, *part.ducks, *ducks) if name))


def check_circles(score: Score) -> None:
    """Raise ScoreError where a part follows itself, by whatever way round."""
    goals = {part.name: followed(score, part) for part in score.parts}
    for part in score.parts:
        way = way_back(part.name, goals)
        if way is not None:
            message = f"part '{part.name}' follows itself in a circle: {' -> '.join(way)}"
            raise score.refused(part.where, message)
