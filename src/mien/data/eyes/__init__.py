"""Recordings of eye trackers: read in chunks, samples to fixations, quality of a recording."""
