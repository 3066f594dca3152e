"""One viewer under two names is one, in links, decoding and gaze; what may be the same by chance is not."""

from dataclasses import replace

import numpy as np
import pytest

import mien
from mien.core.errors import InputError
from mien.core.fixations import Fixations
from mien.core.people.same_viewers import copied_series, fixations_once
from mien.core.streams import Runs, Stream, TimeLine


def brain_of(viewers, runs=3, samples=40, seed=0):
    """Noise of each viewer; ``'b=a'`` is called b and has the first run of a."""
    rng = np.random.default_rng(seed)
    known, parts = {}, []
    for one in viewers:
        name, _, other = one.partition("=")
        known[name] = rng.normal(size=(runs, samples, 3))
        if other:
            known[name][0] = known[other][0]
        parts += [(name, str(run), values) for run, values in enumerate(known[name])]
    return Stream(
        "brain", "sampled", np.tile(np.arange(samples) * 2.0, len(parts)), ("p0", "p1", "p2"),
        np.concatenate([values for *_, values in parts]), run=np.repeat([run for _, run, _ in parts], samples),
        viewer=np.repeat([name for name, *_ in parts], samples),
    )  # fmt: skip


def line_of(brain, samples=40, runs=3):
    rng = np.random.default_rng(1)
    start = np.arange(runs) * samples * 2.0
    at = np.tile(np.arange(4) * 20.0, runs)
    words = np.concatenate([rng.permutation(["face", "house"] * 2) for _ in range(runs)])
    told = Stream("told", "intervals", at, texts={"what": words}, duration_s=np.full(len(at), 20.0),
                  run=np.repeat([str(run) for run in range(runs)], 4))  # fmt: skip
    cause = replace(brain[brain.viewer == "a"], name="cause", viewer=np.zeros(0), values=rng.normal(size=(120, 3)))
    names = [str(run) for run in range(runs)]
    return TimeLine(Runs(names, start, start + samples * 2.0), {"brain": brain, "told": told, "cause": cause})


def without(line, viewer):
    brain = line["brain"]
    return TimeLine(line.runs, {**line.streams, "brain": brain[brain.viewer != viewer]})


def test_a_run_that_two_viewers_share_makes_them_one_and_chance_does_not():
    assert copied_series(brain_of(["a", "b=a", "c", "d=b"])) == {"b": "a", "d": "a"}
    assert copied_series(brain_of(["a", "b"])) == {}
    brain = brain_of(["a", "b"])
    assert copied_series(replace(brain, values=np.tile([[0.0], [1.0]], (120, 3)))) == {}
    assert copied_series(replace(brain, values=np.full((240, 3), np.nan))) == {}


def test_links_count_a_copy_once():
    pytest.importorskip("torch")
    line = line_of(brain_of(["a", "b=a", "c", "d"]))
    for second in ("brain", ""):
        first = "cause" if second else "brain"
        found, once = (mien.link(one, first, second, n_permutations=99) for one in (line, without(line, "b")))
        assert [row.p for row in found.rows] == [row.p for row in once.rows] and found.viewers == ("a", "c", "d")
        assert any("'a' and 'b'" in note and "3 instead of 4" in note for note in found.notes)
    with pytest.raises(InputError, match=r"has 1 viewer.*'a' and 'b'"):
        mien.link(line_of(brain_of(["a", "b=a"])), "brain")


def test_decoding_counts_a_copy_once():
    pytest.importorskip("torch")
    line = line_of(brain_of(["a", "b=a", "c", "d"]))
    asked = {"sources": "brain", "labels": "told", "target": "what", "shift_s": 0.0, "select": False, "model": "ridge",
             "n_permutations": 99, "leave_out": "viewer"}  # fmt: skip
    found, once = (mien.decode(one, **asked) for one in (line, without(line, "b")))
    assert found.scores == once.scores and set(found.viewer) == {"a", "c", "d"}
    assert any("'a' and 'b'" in note for note in found.notes)
    with pytest.raises(InputError, match=r"three or more.*'a' and 'b'"):
        mien.decode(line_of(brain_of(["a", "b=a", "c"])), **asked)


def looked(viewers=4, pictures=6, each=5):
    rng = np.random.default_rng(2)
    names = [f"p{i}.png" for i in range(pictures)]
    picture, viewer = np.repeat(names, viewers * each), np.tile(np.repeat([f"v{i}" for i in range(viewers)], each), 6)
    x, y = rng.uniform(5, 55, (2, len(picture)))
    return Fixations(picture, viewer, x, y, sizes=dict.fromkeys(names, (80, 60)), pixels_per_degree=3.0)


def test_gaze_on_pictures_counts_a_copy_once():
    pytest.importorskip("torch")
    real = looked()
    copy = real[real.viewer == "v1"]
    columns = {name: np.concatenate([getattr(real, name), getattr(copy, name)]) for name in
               ("picture", "x_px", "y_px", "duration_s", "onset_s")}  # fmt: skip
    both = replace(real, viewer=np.concatenate([real.viewer, np.full(len(copy), "again")]), **columns)
    found, once = mien.gaze(both, cells=16), mien.gaze(real, cells=16)
    assert repr(found.rows) == repr(once.rows)
    assert any("'v1' and 'again'" in note and "4 instead of 5" in note for note in found.notes)
    with pytest.raises(InputError, match=r"fixations of two viewers.*'v1' and 'again'"):
        mien.gaze(both[np.isin(both.viewer, ["v1", "again"])], cells=16)


def test_fixations_on_a_cross_or_on_few_pictures_are_no_copies():
    real, notes = looked(), []
    cross = replace(real, x_px=np.full(len(real), 40.0), y_px=np.full(len(real), 30.0))
    assert fixations_once(cross, notes) is cross
    x, y = real.x_px.copy(), real.y_px.copy()
    for name in ("p0.png", "p1.png"):
        one, other = ((real.picture == name) & (real.viewer == who) for who in ("v0", "v1"))
        x[other], y[other] = x[one], y[one]
    few = replace(real, x_px=x, y_px=y)
    assert fixations_once(few, notes) is few and not notes


def test_gaze_during_a_film_counts_a_copy_once(tmp_path):
    pytest.importorskip("torch")
    rng = np.random.default_rng(3)
    film = tmp_path / "frames.csv"
    film.write_text("path,run,time_s\n" + "".join(f"{r}/{t:03d}.jpg,{r},{t}\n" for r in "12" for t in range(60)))
    parts = []
    for who in ("a", "b", "c", "d"):
        for run in "12":
            parts.append((who, run, rng.uniform(5, 55, (60, 2)) if who != "d" else parts[int(run) - 1][2]))
    stream = Stream(
        "fixations", "intervals", np.tile(np.arange(60) + 0.1, len(parts)), ("x_px", "y_px"),
        np.concatenate([place for *_, place in parts]), duration_s=np.full(60 * len(parts), 0.5),
        run=np.repeat([run for _, run, _ in parts], 60), viewer=np.repeat([who for who, *_ in parts], 60),
    )  # fmt: skip
    how = {"film": film, "picture_size": "80x60", "cells": 16, "block_s": 10.0}
    found, once = mien.gaze(stream, **how), mien.gaze(stream[stream.viewer != "d"], **how)
    assert repr(found.rows) == repr(once.rows) and any("'a' and 'd'" in note for note in found.notes)
