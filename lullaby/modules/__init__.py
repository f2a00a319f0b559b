"""The cast: one file, one sound, found by file name."""

from lullaby.model.gallery import Gallery
from lullaby.model.module import Module

MODULES: Gallery[Module] = Gallery(__name__, __path__, Module)
