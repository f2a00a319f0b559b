"""Take docs/play.png: the screen of ``lullaby play let_go`` at work, with no sound card.

Wants ``pip install cairosvg`` and the font DejaVu Sans Mono.
"""

import asyncio
import re
import time
from pathlib import Path

import cairosvg

import lullaby
from lullaby.live.nobody import Nobody
from lullaby.live.plan import Plan
from lullaby.live.screen.app import ScreenApp
from lullaby.live.session import Session

FROM_S = 62.0
ADVANCE = 0.602  # em: how wide a letter of the font is
CELL = 12.2  # pixels: how wide the picture takes it to be


def shot(session: Session) -> str:
    """Return the screen as SVG, after some seconds of playing."""

    async def go() -> str:
        app = ScreenApp(session)
        async with app.run_test(size=(113, 30)) as pilot:
            await pilot.pause(1.0)
            await pilot.press("2", "plus", "plus", "plus")
            await pilot.press("down", "down", "m")
            await pilot.pause(6.0)
            return app.export_screenshot(title="lullaby play let_go")

    return asyncio.run(go())


def main() -> None:
    """Write the picture."""
    score = lullaby.load("let_go").score
    with Session(score, Plan(), Nobody(48000)) as session:
        session.seek(FROM_S)
        time.sleep(8.0)
        svg = shot(session)
    svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    svg = svg.replace("Fira Code", "DejaVu Sans Mono")
    svg = svg.replace("font-size: 20px", f"font-size: {CELL / ADVANCE:.3f}px")
    cairosvg.svg2png(svg.encode(), write_to=str(Path("docs/play.png")), output_width=1400)


if __name__ == "__main__":
    main()
