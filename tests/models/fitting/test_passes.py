"""Light networks train by passes over the data, stop early where enough people can be set aside, and report it."""

import numpy as np
import torch
from torch import nn

from mien.models.fitting.passes import Passes, train_in_passes


def passes(**changes):
    given = {"epochs": 3, "least_steps": 1, "patience": 8, "validation": 0.1, "batch_size": 5, "seed": 0}
    return Passes(**{**given, **changes})


def test_every_crop_is_seen_equally_often_in_batches_that_are_not_too_small():
    counts = np.zeros(23, int)

    def step(rows):
        assert len(rows) >= 5
        np.add.at(counts, rows, 1)
        return 0.0

    everybody = np.arange(23), np.arange(0)
    train_in_passes(nn.Linear(1, 1), everybody, passes(), np.random.default_rng(0), step, lambda rows: 0.0)
    np.testing.assert_array_equal(counts, 3)


def test_more_data_are_trained_on_for_as_many_passes_and_few_for_more():
    assert passes(epochs=20, least_steps=800, batch_size=16).steps(184) == 800
    assert passes(epochs=20, least_steps=800, batch_size=16).steps(4_000) == 20 * 250


def test_people_are_set_aside_only_where_there_are_enough_and_whole():
    people = np.repeat([f"p{i:02d}" for i in range(40)], 60)
    rows, watched = passes().parts(people, 2400)
    assert len(watched) and not set(people[rows]) & set(people[watched])
    assert len(rows) + len(watched) == 2400
    for given, count in ((people[:600], 600), (None, 2400), (np.repeat(["a", "b"], 1200), 2400)):
        assert not len(passes().parts(given, count)[1])
    assert not len(passes(validation=0.0).parts(people, 2400)[1])


def trained(values, epochs=40, patience=3):
    """A network whose loss of the people set aside takes the given values, pass by pass."""
    network, seen = nn.Linear(1, 1, bias=False), []

    def step(rows):
        with torch.no_grad():
            network.weight += 1
        return 0.0

    def loss_of(rows):
        if rows[0] < 10:
            return 0.1
        seen.append(network.weight.item())
        return values[min(len(seen), len(values)) - 1]

    parts = np.arange(10), np.arange(10, 14)
    with torch.no_grad():
        network.weight.fill_(0)
    plan = passes(epochs=epochs, patience=patience, batch_size=10)
    notes = train_in_passes(network, parts, plan, np.random.default_rng(0), step, loss_of)
    return network.weight.item(), len(seen), notes


def test_training_stops_and_the_best_weights_are_kept():
    weight, epochs, notes = trained([1.0, 0.7, 0.5, 0.8, 0.9, 1.0, 0.2])
    assert (weight, epochs, notes) == (3.0, 6, [])


def test_a_network_that_knows_its_own_faces_no_better_than_others_is_reported():
    _, _, notes = trained([0.3, 0.2, 0.1], epochs=3)
    assert len(notes) == 1 and "still improving" in notes[0] and "epochs=6" in notes[0]


def test_a_network_that_has_hardly_learnt_its_own_faces_is_reported_where_nobody_is_set_aside():
    def notes_at(end):
        losses = iter([0.7, end])
        everybody = np.arange(10), np.arange(0)
        plan = passes(epochs=1, least_steps=20, batch_size=10)
        return train_in_passes(
            nn.Linear(1, 1), everybody, plan, np.random.default_rng(0), lambda rows: 0.0, lambda rows: next(losses)
        )

    assert notes_at(0.3) == []
    (note,) = notes_at(0.69)
    assert "After 20 batches" in note and "hardly better" in note and "steps=40" in note


def test_settings_that_have_no_effect_are_named():
    usual = {"epochs": 20, "steps": 800, "patience": 8, "validation": 0.1}
    few = passes(epochs=1, least_steps=800, batch_size=16)
    (note,) = few.without_effect(usual, False, 184)
    assert "epochs=1 had no effect" in note and "steps=800" in note
    many = passes(epochs=20, least_steps=100, batch_size=16)
    assert "steps=100 had no effect" in many.without_effect(usual, True, 4_000)[0]
    waiting = passes(epochs=20, least_steps=800, batch_size=16, patience=3)
    assert "patience=3 had no effect" in waiting.without_effect(usual, False, 184)[0]
    assert passes(epochs=20, least_steps=800, batch_size=16).without_effect(usual, False, 184) == []
    assert passes(epochs=40, least_steps=800, batch_size=16).without_effect(usual, True, 4_000) == []
