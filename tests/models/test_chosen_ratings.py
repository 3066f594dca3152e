"""Which ratings 'all' means, and what is said of those that are left out."""

from dataclasses import replace

import numpy as np
import pytest

from mien.core.errors import InputError
from mien.core.samples import Samples
from mien.learn.table import usable
from mien.learn.train import train

RECIPE = {"name": "expression"}


@pytest.fixture
def rated(make_pictures):
    """32 pictures of 16 people: 'kind' varies, 'same' does not, 'gaps' and 'holes' are not known for all."""
    samples, faces = make_pictures()
    rng = np.random.default_rng(0)
    ratings = {name: rng.normal(size=len(samples)) for name in ("kind", "gaps", "holes")}
    ratings["gaps"][:3], ratings["holes"][2:4] = np.nan, np.nan
    ratings |= {"same": np.full(len(samples), 3.0), "none": np.full(len(samples), np.nan)}
    return Samples(path=samples.path, subject=samples.subject, ratings=ratings, name="rated"), faces


def test_all_means_every_rating_that_differs_and_the_rest_is_told(rated):
    found = train(rated[0], target="all", faces=rated[1], n_folds=4).evaluation
    assert found.ratings == ("kind", "gaps", "holes") and found.left_out == {"no rating": 4}
    assert "Ratings left out: 'same', 'none'; they do not differ between samples." in found.notes
    assert any("3 without 'gaps', 2 without 'holes'." in note for note in found.notes)


def about_ratings(notes):
    """Without the note that these made-up pictures are not there to be searched for copies."""
    return [note for note in notes if not note.startswith("Copies that were saved anew")]


def test_ratings_without_gaps_lose_no_sample_and_need_no_note(rated):
    samples, faces = rated
    table = usable(samples, faces, RECIPE, "kind")
    assert len(table.y) == len(samples) and about_ratings(table.notes) == []


@pytest.mark.parametrize(
    ("ratings", "target", "words"),
    [
        (("kind", "same"), ("kind", "same"), "have 'same' = 3; there is nothing to learn. Leave that out.*: kind"),
        (("same", "none"), "all", r"no rating differs between samples \(same, none\)"),
    ],
)
def test_what_does_not_differ_is_refused_by_name(rated, ratings, target, words):
    samples, faces = rated
    some = Samples(
        path=samples.path, subject=samples.subject, ratings={name: samples.ratings[name] for name in ratings}
    )
    with pytest.raises(InputError, match=words):
        usable(some, faces, RECIPE, target)


def test_a_column_called_all_is_not_guessed_about(rated):
    samples, faces = rated
    ratings = {"kind": samples.ratings["kind"], "all": samples.ratings["kind"][::-1]}
    with pytest.raises(InputError, match="a column is called 'all', which also means every rating"):
        usable(Samples(path=samples.path, subject=samples.subject, ratings=ratings), faces, RECIPE, "all")


def test_all_without_ratings_is_told(rated):
    samples, faces = rated
    with pytest.raises(InputError, match="there are no ratings"):
        usable(Samples(path=samples.path, subject=samples.subject), faces, RECIPE, "all")


def test_what_was_read_stands_beside_the_score(rated):
    samples, faces = rated
    assert about_ratings(usable(replace(samples, notes=("Means.",)), faces, RECIPE, "kind").notes) == ["Means."]


def test_predictions_say_what_the_predicting_models_had_seen(rated):
    found = train(rated[0], target="all", faces=rated[1], n_folds=4).predictions
    for number in range(4):
        own = found.fold == number
        # A ridge regression's mean over its training samples is theirs.
        np.testing.assert_allclose(found.level[own], np.tile(found.truth[~own].mean(0), (own.sum(), 1)), rtol=1e-4)
        assert np.ptp(found.spread[own], axis=0).max() == 0
