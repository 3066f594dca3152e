"""A picture that was saved anew, made smaller, cut, turned or mirrored is still the same picture, others are not."""

import re
from dataclasses import replace

import cv2
import numpy as np
import pytest

from mien.core.errors import InputError
from mien.core.faces import COLUMNS, Faces
from mien.core.samples import Samples
from mien.core.topology import topology
from mien.features.match import choose
from mien.learn.copies import copies_among
from mien.learn.evaluate import evaluate
from mien.learn.near_copies import near_copies
from mien.learn.near_training import near_training
from mien.learn.table import usable
from mien.learn.train import train

MIRROR = list(topology("ibug-68").mirror)


def person(number):
    """A picture of smooth noise and points of a face in it, both a person's own."""
    rng = np.random.default_rng(number)
    grey = cv2.GaussianBlur(rng.uniform(0, 255, (300, 300, 3)).astype(np.float32), (0, 0), 9)
    grey = (grey - grey.min()) / np.ptp(grey) * 255
    shape = np.random.default_rng(99).uniform(90, 210, (68, 2)) + rng.normal(0, 1.5, (68, 2))
    shape[[36, 39, 42, 45]] = [(110, 130), (135, 130), (165, 130), (190, 130)]
    return grey.astype(np.uint8), shape


def altered(picture, points, how):
    if how == "smaller":
        return cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), points * 0.5
    if how == "cut":
        return picture[15:, 20:], points - [20, 15]
    if how == "mirrored":
        across = [picture.shape[1], 0] + points * [-1, 1]
        return np.ascontiguousarray(picture[:, ::-1]), across[MIRROR]
    if how == "turned":
        matrix = cv2.getRotationMatrix2D((150, 150), 8, 1.0)
        return cv2.warpAffine(picture, matrix, (300, 300)), points @ matrix[:, :2].T + matrix[:, 2]
    if how == "brighter":
        return np.clip(picture * 1.2 + 10, 0, 255).astype(np.uint8), points
    return picture, points  # saved anew


@pytest.fixture
def study(tmp_path):
    def made(how):
        shown = [person(k) for k in range(6)]
        shown += [altered(*one, how) for one in shown[:3]]
        paths = [f"{i}.jpg" for i in range(len(shown))]
        for path, (picture, _) in zip(paths, shown, strict=True):
            quality = 40 if path in ("6.jpg", "7.jpg", "8.jpg") else 95
            cv2.imwrite(str(tmp_path / path), picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
        points = np.stack([np.concatenate([p, np.zeros((68, 1))], axis=1) for _, p in shown])
        points[6:] += np.random.default_rng(0).normal(0, 0.1, points[6:].shape)
        faces = Faces.build(len(paths), topology="ibug-68", source=paths, landmarks_px=points, track=np.zeros(9))
        labels = {"face": ["a", "b"] * 4 + ["a"]}
        return Samples(path=paths, subject=[f"P{p}" for p in paths], labels=labels, root=tmp_path), faces

    return made


@pytest.mark.parametrize("how", ["saved anew", "smaller", "cut", "mirrored", "turned", "brighter"])
def test_altered_copies_are_met_and_nobody_else(study, how):
    samples, faces = study(how)
    pairs = near_copies(samples.subject, samples.files(), choose(samples, faces), faces)
    assert pairs == [(0, 6), (1, 7), (2, 8)]
    one_name = np.full(9, "P", dtype=object)
    assert near_copies(one_name, samples.files(), choose(samples, faces), faces) == []


def test_their_people_are_one_unit_with_a_note(study):
    samples, faces = study("smaller")
    table = usable(samples, faces, {"name": "expression"}, "face")
    assert len(set(table.subjects)) == 6 and len(set(table.people)) == 9
    assert any("3 pairs of pictures are nearly the same" in note and "6 instead of 9" in note for note in table.notes)


def test_pictures_that_are_gone_or_damaged_are_compared_by_the_measured_faces(study):
    samples, faces = study("mirrored")
    samples.files()[0].unlink()
    samples.files()[1].write_bytes(b"no picture")
    assert near_copies(samples.subject, samples.files(), choose(samples, faces), faces) == [(0, 6), (1, 7), (2, 8)]
    table = usable(samples, faces, {"name": "expression"}, "face")
    assert len(set(table.subjects)) == 6
    assert any("by the measured faces alone, as 1 of 9 pictures are not where" in note for note in table.notes)


@pytest.mark.parametrize("how", ["saved anew", "smaller", "cut", "mirrored"])
@pytest.mark.parametrize("at_hand", [True, False])
def test_copies_of_what_a_model_was_trained_on_are_met_where_its_faces_are_there(study, how, at_hand):
    samples, faces = study(how)
    learnt = train(samples[:5], target="face", faces=faces, evaluate=False).model
    if not at_hand:
        for file in samples.files()[:5]:
            file.unlink()
    near = near_training(samples[5:], faces, set(learnt.info["seen"]))
    # Noise has no blendshapes: without the pictures, points alone have to be much nearer.
    assert near.compared == 5 and near.pairs == [("6.jpg", "0.jpg"), ("7.jpg", "1.jpg"), ("8.jpg", "2.jpg")]
    with pytest.raises(InputError, match=r"3 of these samples in another form, '6\.jpg', .*: '6\.jpg' is .* '0\.jpg'"):
        evaluate(learnt, samples[5:], faces=faces)
    assert near_training(samples[5:6], faces, set(learnt.info["seen"])).pairs == []
    apart = faces[np.isin(faces.source, samples.path[5:])]
    assert near_training(samples[5:], apart, set(learnt.info["seen"])).compared == 0


def measured(points, blendshapes, tag):
    """Faces whose pictures are nowhere."""
    paths = [f"gone/{tag}{i}.jpg" for i in range(len(points))]
    faces = Faces.build(len(paths), source=paths, landmarks_px=points, track=np.zeros(len(paths)))
    faces = replace(faces, blendshapes=blendshapes)
    return Samples(path=paths, subject=[f"P{p}" for p in paths], labels={"face": ["a", "b"] * (len(paths) // 2)}), faces


def test_without_pictures_mirrored_faces_are_met_and_other_people_are_not():
    rng = np.random.default_rng(0)
    usual = rng.uniform(100, 300, (478, 3))
    # People differ by .07 of a face's size, a second measurement of one picture by a tenth of that.
    people = usual + rng.normal(0, 0.05 * 80, (40, 478, 3))
    states = rng.uniform(0, 0.4, (40, 52))
    again = people[:10] + rng.normal(0, 0.005 * 80, (10, 478, 3))
    again = [400, 0, 0] + again[:, list(topology("mediapipe-478").mirror)] * [-1, 1, 1]
    samples, faces = measured(np.concatenate([people, again]), np.concatenate([states, mirrored(states[:10])]), "s")
    found = near_copies(samples.subject, samples.files(), choose(samples, faces), faces)
    assert found == [(k, 40 + k) for k in range(10)]
    # The same points in another expression are another picture.
    samples, faces = measured(np.concatenate([people, again]), np.concatenate([states, states[10:20]]), "t")
    assert near_copies(samples.subject, samples.files(), choose(samples, faces), faces) == []


def mirrored(blendshapes):
    names = COLUMNS["blendshapes"].parts
    swap = {"Left": "Right", "Right": "Left"}
    return blendshapes[:, [names.index(re.sub("Left|Right", lambda m: swap[m[0]], name)) for name in names]]


def test_people_whose_shapes_lie_close_together_are_not_taken_for_copies():
    rng = np.random.default_rng(1)
    people = rng.uniform(100, 300, (478, 3)) + rng.normal(0, 0.5, (30, 478, 3))
    samples, faces = measured(people, np.full((30, 52), 0.1), "c")
    assert near_copies(samples.subject, samples.files(), choose(samples, faces), faces) == []


def test_what_cannot_be_compared_is_said():
    rng = np.random.default_rng(2)
    samples, faces = measured(np.full((8, 478, 3), np.nan), rng.uniform(0, 1, (8, 52)), "n")
    choices = choose(samples, faces)
    notes = copies_among(samples.subject, samples.path, faces.blendshapes, samples.files(), choices, faces).notes
    assert any("were not looked for among 8 of 8 samples, whose faces have no points" in note for note in notes)
