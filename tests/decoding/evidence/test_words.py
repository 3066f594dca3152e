"""Sentences on what a brain's decoders rest on: what stands out is named, what does not is not claimed."""

from dataclasses import replace

import numpy as np

from mien.core.brain_space import BrainSpace
from mien.decoding.evidence.maps import AMOUNT, DIFFERENCE, PATTERN, BrainMap
from mien.decoding.evidence.result import BrainEvidence
from mien.decoding.evidence.words import brain_method_words, brain_words


def found(*planted: int, unit: str = "viewers", measure: str = DIFFERENCE) -> BrainEvidence:
    values = np.random.default_rng(1).normal(size=(8, 20))
    values[:, list(planted)] += 8.0
    one = BrainMap("fear", "shap", measure, values, np.zeros((0, 0)), unit)
    units = tuple(f"u{i}" for i in range(8))
    return BrainEvidence(BrainSpace([f"p{i}" for i in range(20)]), (one,), (), unit, units, np.zeros(20))


def test_columns_that_stand_out_are_named_and_counted():
    first, last = brain_words(found(3, 11))
    assert first.startswith("'fear': 2 of 20 parcels add, by SHAP, to telling it apart")
    assert "'p3'" in first and "'p11'" in first and "anybody feels" in last


def test_noise_is_not_called_evidence():
    assert "'fear': none of 20 parcels is shown to add" in brain_words(found())[0]


def test_amounts_without_decoders_of_shifted_labels_are_not_tested_and_said_so():
    assert brain_words(found(3, measure=AMOUNT))[0].endswith("nothing was tested.")


def test_of_one_viewer_nothing_is_said_of_other_people():
    text = brain_method_words(found(3, unit="runs"))
    assert "Nothing follows for other people" in text and "the mean over 8 runs" in text


def test_patterns_are_told_apart_from_weights_with_their_source():
    text = brain_method_words(found(3, measure=PATTERN), " (Haufe et al., 2014)")
    assert "weights also take noise out of others (Haufe et al., 2014)." in text
    assert brain_words(replace(found(3), maps=())) == []
