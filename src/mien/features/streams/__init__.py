"""Streams of a study on one time line, as ``mien.streams``: add one, show what there is, join them into one table."""

from mien.features.streams.add import add
from mien.features.streams.join import join
from mien.features.streams.show import show

__all__ = ["add", "join", "show"]
