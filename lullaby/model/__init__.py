"""The words of a piece, frozen."""
