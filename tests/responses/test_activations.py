"""Answers of layers keep to their pictures."""

import numpy as np
import pytest

from mien.core.errors import InputError
from mien.core.samples import Samples
from mien.responses.activations import Activations
from mien.responses.body_card import BodyCard

BODY = BodyCard("toy", "random, seed 0", "", "none", 32)


def three(**changes: object) -> Activations:
    samples = Samples(path=["a", "b", "c"], subject=["a", "b", "c"], labels={"category": ["face", "cup", "cup"]})
    values = {"early": np.arange(12, dtype=np.float16).reshape(3, 4), "late": np.ones((3, 2, 5, 5), np.float32)}
    given = {"samples": samples, "body": BODY, "values": values, "status": np.array(["ok", "unreadable", "ok"])}
    return Activations(**{**given, **changes})  # type: ignore[arg-type]


def test_a_layer_is_a_table_of_pictures_by_features() -> None:
    answers = three()
    assert answers.layers == ("early", "late") and answers.layer("late").shape == (3, 50)
    assert answers.layer("early").dtype == np.float32 and answers.ok.tolist() == [True, False, True]


def test_rows_stay_with_their_pictures() -> None:
    part = three()[np.array([2, 0])]
    assert part.samples.path.tolist() == ["c", "a"] and part.layer("early")[:, 0].tolist() == [8, 0]


def test_what_does_not_fit_is_a_sentence() -> None:
    with pytest.raises(InputError, match=r"There is no layer 'lat'.*late.*There are: early, late"):
        three().layer("lat")
    with pytest.raises(InputError, match="layer 'early' must have 3 rows"):
        three(values={"early": np.ones((2, 4), np.float32)})
    with pytest.raises(InputError, match="exposure is one of"):
        BodyCard("toy", "", "", "some", 32)  # type: ignore[arg-type]
