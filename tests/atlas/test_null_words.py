"""Evidence without any place is told as such: no region is named, nor a number beside its even spread."""

import re

import numpy as np
import pytest

from mien.atlas.evidence_words import in_words
from mien.atlas.summary import summarise
from mien.core.features import NAMED, SEQUENCE
from mien.report.sections.headline import most_evidence
from tests.report.notebook.test_notebooks import evidence_of


def null(seed, people, space):
    values = np.random.default_rng(seed).normal(size=(people, 20) if space == NAMED else (people, 4, 68, 2))
    names = tuple(f"measure {i}" for i in range(20)) if space == NAMED else ("x", "y")
    return summarise(evidence_of(values, space, names, "" if space == NAMED else "ibug-68"))


@pytest.mark.parametrize("space", [NAMED, SEQUENCE])
def test_in_people_without_a_place_a_place_is_named_no_more_often_than_by_chance(space):
    found = [null(seed, 12, space) for seed in range(100)]
    words, heads = [in_words(one) for one in found], [most_evidence([one]) for one in found]
    named = ["vidence for 'smile' comes" in text or "an even spread gives" in text for text in words]
    # 5 % by construction, of which the upper half counts; 10 of 100 is the 99.9 % point.
    assert sum(named) <= 10 and sum("came from" in text for text in heads) <= 10
    for text, head, news in zip(words, heads, named, strict=True):
        if not news:
            assert not re.search(r"\d %", text + head), text


@pytest.mark.parametrize("people", [1, 3, 5])
def test_of_few_people_no_share_below_its_even_spread_is_told(people):
    for seed in range(20):
        text = in_words(null(seed, people, SEQUENCE))
        for share, even in re.findall(r"\((\d+) %; even spread (\d+) %\)", text):
            assert int(share) >= int(even), text
        assert "too few people to say more" in text or "comes" in text
