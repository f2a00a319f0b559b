"""Whatever is done to a session, speakers and ears are safe."""

from __future__ import annotations

from tests.live.storm import storm


def test_nothing_clicks_and_nothing_is_too_loud_whatever_is_done() -> None:
    heard = storm(150)
    assert heard.reloads > 0
    assert 0.2 * heard.ceiling < heard.peak <= heard.ceiling
    assert heard.step <= heard.click
    assert heard.underruns == 0
