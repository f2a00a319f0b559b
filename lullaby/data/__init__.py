"""Tables and streams in; signals and triggers out."""

from __future__ import annotations

from lullaby.data.opening import Limits
from lullaby.data.resolve import resolved

__all__ = ["Limits", "resolved"]
