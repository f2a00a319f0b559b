"""Tables and streams in; signals and triggers out."""

from __future__ import annotations

from lullaby.data.feeds import opened
from lullaby.data.live import Live
from lullaby.data.opening import Limits
from lullaby.data.resolve import resolved

__all__ = ["Limits", "Live", "opened", "resolved"]
