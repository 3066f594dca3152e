"""The stored expression model is scikit-learn's pipeline, in numbers."""

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("sklearn")

import torch

from mien.core.errors import InputError
from mien.core.faces import BLENDSHAPES
from mien.features.mirror import mirror_of
from mien.models.expression import ExpressionClassifier
from mien.models.linear import LOG_FLOOR, logarithmic

NAMES = (
    *BLENDSHAPES,
    "mouth width",
    "right mouth corner lift",
    "left mouth corner lift",
    *[f"point {p} {a}" for p in range(68) for a in "xy"],
)


def data(n_classes: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    y = np.tile([f"class {c}" for c in range(n_classes)], 20)
    values = np.concatenate([rng.uniform(0, 0.3, (len(y), 52)), rng.normal(0, 1, (len(y), len(NAMES) - 52))], axis=1)
    for c in range(1, n_classes):
        values[y == f"class {c}", 40 + c] += 0.3
    return values.astype(np.float32), y, np.repeat([f"s{i}" for i in range(20)], n_classes)


@pytest.mark.parametrize("n_classes", [2, 3, 4])
def test_stored_arrays_and_torch_module_equal_the_scikit_learn_pipeline(n_classes: int) -> None:
    values, y, subjects = data(n_classes)
    fitted = ExpressionClassifier(feature_names=NAMES, topology="ibug-68").fit(values, y, subjects)
    expected = fitted.pipeline_.predict_proba(logarithmic(values, fitted.logarithm_))
    model = fitted.model()
    assert np.allclose(model.predict(values), expected, atol=1e-9)
    with torch.no_grad():
        softmax = torch.softmax(model.module()(torch.from_numpy(values)), 1).numpy()
    assert np.allclose(softmax, expected, atol=1e-5)
    assert list(model.classes) == list(fitted.pipeline_.classes_)


def test_the_module_has_the_gradient_of_the_pipeline() -> None:
    values, y, subjects = data(2)
    model = ExpressionClassifier(feature_names=NAMES, topology="ibug-68").fit(values, y, subjects).model()
    x = torch.from_numpy(values[:1]).requires_grad_()
    model.module()(x)[0, 1].backward()
    smile = BLENDSHAPES.index("mouthSmileLeft")
    weight = model.arrays["weight"][1] / model.arrays["scale"]
    assert x.grad is not None
    assert x.grad[0, smile].item() == pytest.approx(weight[smile] / (values[0, smile] + LOG_FLOOR), rel=1e-4)
    width = NAMES.index("mouth width")
    assert x.grad[0, width].item() == pytest.approx(weight[width], rel=1e-4)


def test_a_face_and_its_mirror_image_get_the_same_answer() -> None:
    values, y, subjects = data(3)
    index, sign = mirror_of(NAMES, "ibug-68")
    mirrored = values[:, index] * sign
    made = {m: ExpressionClassifier(feature_names=NAMES, topology="ibug-68", mirror=m) for m in (True, False)}
    change = {
        m: np.abs(c.fit(values, y, subjects).predict_proba(values) - c.predict_proba(mirrored)).max()
        for m, c in made.items()
    }
    assert change[True] < 2e-3 < 0.05 < change[False]


def test_the_strength_is_chosen_inside_and_differs_with_the_signal() -> None:
    values, y, subjects = data(2)
    noise = np.random.default_rng(5).permutation(y)
    clear = ExpressionClassifier(feature_names=NAMES, topology="ibug-68").fit(values, y, subjects)
    blind = ExpressionClassifier(feature_names=NAMES, topology="ibug-68").fit(values, noise, subjects)
    assert blind.strength_ < clear.strength_


def test_scikit_learn_can_clone_it() -> None:
    from sklearn.base import clone

    copy = clone(ExpressionClassifier(feature_names=NAMES, components=7))
    assert copy.get_params()["components"] == 7 and not hasattr(copy, "classes_")


def test_wrong_input_gets_a_sentence() -> None:
    values, y, subjects = data(2)
    with pytest.raises(InputError, match="All samples have the class"):
        ExpressionClassifier(feature_names=NAMES).fit(values, np.full(len(y), "a"), subjects)
    model = ExpressionClassifier(feature_names=NAMES, topology="ibug-68").fit(values, y, subjects).model()
    with pytest.raises(InputError, match="takes values of shape"):
        model.predict(values[:, 1:])
    values[0, 0] = np.nan
    with pytest.raises(InputError, match="not finite"):
        model.predict(values)
