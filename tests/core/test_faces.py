"""Faces: shapes, statuses, rows, sources."""

import numpy as np
import pytest

from mien.core.errors import InputError
from mien.core.faces import BLENDSHAPES, COLUMNS, Faces


def faces(*sources, status=None, **columns):
    names = np.array(sources, dtype=object)
    columns |= {} if status is None else {"status": np.array(status, dtype=object)}
    return Faces.build(len(names), source=names, **columns)


def test_what_is_not_given_is_unknown():
    two = faces("a", "b")
    assert set(two.status) == {"ok"} and list(two.track) == [-1, -1] and list(two.time_s) == [0, 0]
    assert two.landmarks_px.shape == (2, 478, 3) and np.isnan(two.landmarks_px).all()
    assert np.isnan(two.blendshapes).all() and np.isnan(two.score).all()


@pytest.mark.parametrize("kind", ["mediapipe-478", "mediapipe-468", "ibug-68"])
def test_no_rows_are_legal_and_can_be_joined(kind):
    none = Faces.empty(kind)
    assert len(none) == 0 and list(none.by_source()) == [] and sum(none.counts().values()) == 0
    assert len(Faces.concat([none, none])) == 0
    assert len(none[:0]) == 0


def test_rows_are_selected_together():
    three = faces("a", "b", "c", frame=[5, 6, 7], score=[0.1, 0.2, 0.3])
    for picked in (three[np.array([2, 0])], three[[2, 0]]):
        assert list(picked.source) == ["c", "a"] and list(picked.frame) == [7, 5]
        assert picked.score == pytest.approx([0.3, 0.1])
    assert list(three[1].source) == ["b"]
    assert list(three[three.frame > 5].source) == ["b", "c"]


def test_joining_keeps_order_and_fills_extra_columns():
    one = Faces.build(1, source=["a"], extra={"AU12": np.array([0.5])})
    both = Faces.concat([one, faces("b")])
    assert list(both.source) == ["a", "b"]
    assert both.extra["AU12"] == pytest.approx([0.5, np.nan], nan_ok=True)


def test_topologies_do_not_mix():
    with pytest.raises(InputError, match="different topologies cannot be joined: ibug-68, mediapipe-478"):
        Faces.concat([faces("a"), Faces.build(1, topology="ibug-68", source=["b"])])


def test_sources_come_in_order_of_appearance_with_their_rows():
    four = faces("z", "a", "z", "m")
    assert [(name, list(rows)) for name, rows in four.by_source()] == [("z", [0, 2]), ("a", [1]), ("m", [3])]


def test_sources_are_counted_by_their_best_row():
    status = ["no face", "ok", "no face", "unreadable"]
    assert faces("a", "a", "b", "c", status=status).counts() == {"ok": 1, "no face": 1, "unreadable": 1}
    assert list(faces("a", "a", "b", "c", status=status).ok) == [False, True, False, False]


def test_columns_cannot_be_changed():
    one = faces("a")
    with pytest.raises(ValueError, match="read-only"):
        one.score[0] = 1
    with pytest.raises(AttributeError):
        one.score = np.ones(1)


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"score": [1.0, 2.0]}, "'score' must have shape (1,), but has (2,)"),
        ({"landmarks_px": np.zeros((1, 68, 3))}, "'landmarks_px' must have shape (1, 478, 3)"),
        ({"status": np.array(["fine"], dtype=object)}, "but got 'fine'"),
        ({"smile": [1.0]}, "no column 'smile'"),
    ],
)
def test_wrong_columns_are_refused_in_words(columns, words):
    with pytest.raises(InputError) as refusal:
        faces("a", **columns)
    assert words in str(refusal.value)


def test_every_column_says_its_parts_and_meaning():
    for name, column in COLUMNS.items():
        assert column.meaning, name
        assert len(column.parts) in (0, int(np.prod(column.shape or (1,)))), name
    assert len(set(BLENDSHAPES)) == 52


def test_blendshapes_come_in_pairs_of_the_persons_sides():
    left = {name.removesuffix("Left") for name in BLENDSHAPES if name.endswith("Left")}
    right = {name.removesuffix("Right") for name in BLENDSHAPES if name.endswith("Right")}
    assert left == right and len(left) == 20
