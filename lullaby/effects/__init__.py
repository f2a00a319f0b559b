"""The processors: one file, one effect, found by file name."""

from lullaby.model.effect import Effect
from lullaby.model.gallery import Gallery

EFFECTS: Gallery[Effect] = Gallery(__name__, __path__, Effect)
