"""Streams of one time line against each other, and of one viewer against the others."""
