"""Every example of the page on data is read and played with tables of the right shape."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from lullaby.data import resolved
from lullaby.engine.arrange import arrange
from lullaby.model.scale import SCALES
from lullaby.model.signal import BETWEEN
from lullaby.score import data, read, signals

PAGE = (Path(__file__).parents[2] / "docs" / "sonification.md").read_text()
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
FRAME = {
    "lullaby": "lullaby: 1\n",
    "parts": "parts: {radio: {module: static}}\n",
    "scenes": "scenes: [{scene: whole, for: 60 s, play: {radio: enter}}]\n",
}


def tables(folder: Path) -> None:
    (folder / "data").mkdir()
    t = np.arange(0.0, 180.0, 0.1)
    ms = 22.0 + 3500.0 * np.exp(-(((t - 70.0) / 20.0) ** 2))
    lines = [f"{a:.1f},{b:.2f},200,{1 + int(b / 60)}\n" for a, b in zip(t, ms, strict=True)]
    (folder / "data" / "server_latency_overload.csv").write_text(
        "t_s,latency_ms,status,in_flight\n" + "".join(lines)
    )
    lines = [f"2018-02-0{4 + i // 24}T{i % 24:02d}:10:00Z,{2.0 + i % 5}\n" for i in range(72)]
    (folder / "data" / "earthquakes.csv").write_text("time,magnitude\n" + "".join(lines))


def framed(text: str) -> str:
    own = {
        b.partition(":")[0]: b for b in re.findall(r"^[a-z].*\n(?:[ #].*\n)*", text, re.MULTILINE)
    }
    return "".join({**FRAME, **own}.values())


@pytest.mark.parametrize("text", EXAMPLES)
def test_every_example_plays(tmp_path, text):
    tables(tmp_path)
    (tmp_path / "piece.yaml").write_text(framed(text))
    made = arrange(resolved(read(tmp_path / "piece.yaml")))
    panic = made.arcs["panic"](np.arange(0.0, 180.0, 1.0))
    assert np.ptp(panic) > 0.3
    assert made.runs


def test_the_page_has_examples():
    assert len(EXAMPLES) == 4


def keys(heading: str) -> list[str]:
    table = PAGE.split(f"## {heading}\n")[1].split("\n\n")
    rows = next(block.strip() for block in table if block.strip().startswith("| key"))
    cells = [row.split("|")[1] for row in rows.splitlines()[2:]]
    return [word for cell in cells for word in re.findall(r"`(\w+)`", cell)]


def test_the_page_has_every_key_and_every_word():
    assert sorted(keys("Sources")) == sorted(data.KEYS)
    assert sorted(keys("Signals")) == sorted(signals.KEYS)
    for word in (*SCALES, *BETWEEN, *signals.STATS, *signals.GAPS, *signals.PLAIN):
        assert re.search(rf"`[^`]*\b{word}\b[^`]*`", PAGE), word


def test_a_stream_is_played_as_the_page_says(tmp_path, monkeypatch):
    tables(tmp_path)
    monkeypatch.chdir(tmp_path)
    text = framed(EXAMPLES[3]).replace("data/server_latency_overload.csv", "access.csv")
    text = text.replace("for: 60 s", "for: 1 s")
    Path("watch.yaml").write_text(
        text.replace("  - {each: web, rest: 15 s, mark: a request}\n", "")
    )
    Path("access.csv").write_text("t_s,latency_ms,status,in_flight\n")
    (code,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    names: dict = {}
    exec(compile(code, "page", "exec"), names)  # the page's own words
    assert names["engine"].ended
    assert np.abs(names["block"]).max() < 1.0
