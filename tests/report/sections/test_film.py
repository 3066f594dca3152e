"""A film's sentences: what only stands out by itself is not called a finding."""

import numpy as np

from mien.compare.timelines.result import Link, LinkRow
from mien.report.sections.film import counted_together, link_words

NAN = float("nan")


def link(p: float, r: float = 0.3) -> Link:
    row = LinkRow("fear", "p1", r, 0.1, 0.5, NAN, p, p, 4)
    return Link("emotions", "brain", (row,), ("a", "b"), ("1", "2"), "viewers", 40, np.zeros((2, 1, 1)))


def test_what_is_beyond_chance_by_itself_alone_is_said_to_be_so():
    assert link_words(link(0.025), 0.075).startswith("'emotions' and 'brain' are not shown to go along")
    assert "1 of 1 correlations is beyond chance" in link_words(link(0.01), 0.02)
    assert "not beyond chance" in link_words(link(0.4), 0.8) and "none of 1" in link_words(link(0.4), 0.8)


def test_what_could_not_be_computed_counts_nowhere():
    lost = link(NAN, NAN)
    held = counted_together([], [lost, link(0.02)])[1]
    assert np.isnan(held[0]) and held[1] == 0.02
    assert "nothing could be computed" in link_words(lost, held[0])
