"""A clip that was saved anew or cut out of another is the same clip under any name; other clips are not."""

import numpy as np
import pytest

from mien.core.faces import Faces
from mien.core.samples import Samples
from mien.core.topology import topology
from mien.features.match import choose
from mien.learn.near_clips import near_clips
from mien.learn.table import usable

MIRROR = list(topology("ibug-68").mirror)


def movement(number, frames=40):
    """Points of somebody's face that move in ten ways."""
    rng = np.random.default_rng(number)
    own = np.random.default_rng(99).uniform(100, 300, (68, 2)) + rng.normal(0, 4, (68, 2))
    course = np.cumsum(rng.normal(0, 1, (frames, 10)), axis=0)
    return own + np.einsum("fk,kpc->fpc", course, np.random.default_rng(98).normal(0, 0.7, (10, 68, 2)))


def altered(points, how):
    noise = np.random.default_rng(5).normal(0, 0.4, points.shape)
    if how == "mirrored":
        return [400, 0] + (points + noise)[:, MIRROR] * [-1, 1]
    return {"saved anew": points + noise, "smaller": (points + noise) / 2, "cut": (points + noise)[12:]}[how]


def study(clips):
    names = [f"{number}.mp4" for number in range(len(clips))]
    faces = Faces.build(
        sum(map(len, clips)),
        topology="ibug-68",
        source=np.repeat(np.array(names, dtype=object), [len(c) for c in clips]),
        frame=np.concatenate([np.arange(len(c)) for c in clips]),
        time_s=np.concatenate([np.arange(len(c)) / 25 for c in clips]),
        track=np.zeros(sum(map(len, clips))),
        landmarks_px=np.concatenate([np.concatenate([c, np.zeros((*c.shape[:2], 1))], axis=2) for c in clips]),
    )
    labels = {"face": [("a", "b")[number % 2] for number in range(len(clips))]}
    return Samples(path=names, subject=[f"P{name}" for name in names], labels=labels), faces


@pytest.mark.parametrize("how", ["saved anew", "smaller", "cut", "mirrored"])
def test_altered_clips_are_met_and_nobody_else(how):
    clips = [movement(number) for number in range(8)]
    samples, faces = study([*clips, *(altered(clip, how) for clip in clips[:3])])
    choices = choose(samples, faces)
    assert near_clips(samples.subject, choices, faces) == [(0, 8), (1, 9), (2, 10)]
    assert near_clips(np.array(["P"] * 11, dtype=object), choices, faces) == []


def test_their_people_are_one_unit_with_a_note():
    clips = [movement(number) for number in range(8)]
    samples, faces = study([*clips, *(altered(clip, "saved anew") for clip in clips[:3])])
    table = usable(samples, faces, {"name": "displacement"}, "face")
    assert len(set(table.subjects)) == 8
    assert any("3 pairs of clips are nearly the same" in note and "8 instead of 11" in note for note in table.notes)


def test_other_moments_of_one_film_are_not_the_same_clip():
    film = movement(3, 200)
    samples, faces = study([*(movement(number) for number in range(20, 28)), film[:40], film[120:160]])
    assert near_clips(samples.subject, choose(samples, faces), faces) == []
