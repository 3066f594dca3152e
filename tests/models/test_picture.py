"""Picture models: the network against its definition, heads against known answers, storing, explaining, bad input.

Bodies here have random weights, which is enough for everything but accuracy, and look at crops of 48 px.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from mien.core.errors import InputError, WeightsError
from mien.explain.explain import explain
from mien.models.expression import ExpressionRegressor
from mien.models.fitting.ridge_of_ratings import fit_ridge
from mien.models.fitting.sample_space import SampleSpace
from mien.models.picture import PictureClassifier, PictureRegressor
from mien.models.store import load_model, save_model
from mien.nets.bodies import Body
from mien.nets.body_cache import body_features, cache_dir
from mien.nets.efficientnet import EfficientNetLite, SameConv2d, pretrained, variant_of

BODY = "untrained efficientnet-lite0"
SMALL = {"body": BODY, "stages": (2, 3), "grid": (3, 1)}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of its own: no weights, no kept features."""
    monkeypatch.setenv("MIEN_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def faces(count: int = 24, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Noise with a bright lower half for every second picture; classes, subjects."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(0.3, 0.6, (count, 3, 48, 48)).astype(np.float32)
    bright = np.arange(count) % 2 == 1
    x[bright, :, 30:] += 0.3
    return x, np.where(bright, "smiling", "neutral"), np.array([f"s{i // 2}" for i in range(count)])


@pytest.mark.parametrize(("name", "parameters"), [("lite0", 4_652_008), ("lite1", 5_416_680), ("lite2", 6_092_072)])
def test_the_network_has_the_published_size(name: str, parameters: int) -> None:
    net = EfficientNetLite(f"efficientnet-{name}")
    assert sum(p.numel() for p in net.parameters()) == parameters
    assert len(net.stages) == 9 and variant_of(net.name).size in (224, 240, 260)


@pytest.mark.parametrize(("size", "kernel", "stride"), [(7, 3, 2), (8, 3, 2), (8, 5, 2), (9, 5, 1)])
def test_padding_is_that_of_tensorflow(size: int, kernel: int, stride: int) -> None:
    """A convolution of ones counts the pixels under it; the odd pixel of padding lies at the end."""
    convolution = SameConv2d(1, 1, kernel, stride, bias=False)
    convolution.weight.data.fill_(1.0)
    counted = convolution(torch.ones(1, 1, 1, size).expand(1, 1, size, size))[0, 0, size // (2 * stride)]
    out = -(-size // stride)
    before = max((out - 1) * stride + kernel - size, 0) // 2
    rows = [len(set(range(i * stride - before, i * stride - before + kernel)) & set(range(size))) for i in range(out)]
    middle = size // (2 * stride)
    assert counted.tolist() == [float(count * rows[middle]) for count in rows]


def test_kept_features_are_those_computed_anew(home: Path) -> None:
    x = faces(6)[0]
    body = Body(BODY, (2, 3), (3, 1))
    first = body_features(x, body)
    kept = list(cache_dir().glob("*.npy"))
    assert len(kept) == 1 and home in kept[0].parents
    assert np.array_equal(body_features(x, body), first)
    assert np.allclose(body_features(x, body, keep=False), first, atol=1e-6)
    assert first.shape == (6, 2, sum(body.sizes)) and body.sizes == (24 * 9, 40)
    one = body_features(x[2:3], body)
    assert np.allclose(one[0], first[2], atol=1e-5)
    mirrored = body_features(np.ascontiguousarray(x[..., ::-1]), body)
    assert np.allclose(mirrored[:, 0], first[:, 1], atol=1e-5) and len(list(cache_dir().glob("*.npy"))) == 3


def test_damaged_features_are_computed_anew(home: Path) -> None:
    x, body = faces(2)[0], Body(BODY, (2,), (1,))
    first = body_features(x, body)
    (kept,) = cache_dir().glob("*.npy")
    good = kept.read_bytes()
    for place in (len(good) - 40, len(good) - 1):
        kept.write_bytes(good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :])
        assert np.array_equal(body_features(x, body), first)
        assert kept.read_bytes() == good


def test_a_planted_difference_is_learnt_stored_and_explained(tmp_path: Path) -> None:
    x, y, who = faces()
    fitted = PictureClassifier(**SMALL).fit(x, y, groups=who)
    new, truth, _ = faces(12, seed=1)
    model = fitted.model(target="expression", recipe={"name": "crop", "size": 48}, feature_names=("r", "g", "b"))
    assert (model.predict_classes(new) == truth).all()
    assert np.allclose(model.predict(new).sum(1), 1)
    assert np.allclose(model.predict(new[3:4]), model.predict(new)[3:4], atol=1e-6)
    assert np.allclose(fitted.predict_proba(new), model.predict(new), atol=1e-4)
    save_model(model, tmp_path / "m")
    again = load_model(tmp_path / "m")
    assert np.array_equal(again.predict(new), model.predict(new)) and again.settings["body"] == BODY
    for method in ("saliency", "grad-cam"):
        evidence = explain(again, new[1:3], method=method, target="smiling")
        assert np.isfinite(evidence.values).all() and evidence.values.shape[-2:] == (48, 48)
    share = np.abs(explain(again, new[1::2], method="occlusion", target="smiling", window=12, stride=12).values)
    assert share[..., 30:, :].mean() > 2 * share[..., :24, :].mean()


def test_ratings_of_a_linear_world_are_found(tmp_path: Path) -> None:
    x, _, who = faces(40)
    body = Body(BODY, (2, 3), (3, 1))
    features = body_features(x, body).mean(1)
    weight = np.random.default_rng(5).normal(size=(features.shape[1], 2)) / (features.std(0)[:, None] + 1e-3)
    y = features @ weight * np.array([1.0, 20.0]) + np.array([0.0, 50.0])
    fitted = PictureRegressor(**SMALL).fit(x, y, groups=who)
    assert np.corrcoef(fitted.predict(x)[:, 1], y[:, 1])[0, 1] > 0.99
    assert (fitted.left_out_ != fitted.predict(x)).all()
    model = fitted.model(classes=("kind", "old"), target="kind, old", recipe={"name": "crop", "size": 48})
    assert np.allclose(model.predict(x), fitted.predict(x), rtol=1e-3, atol=1e-2)
    assert np.allclose(model.predict(x), model.predict(np.ascontiguousarray(x[..., ::-1])), atol=1e-2)
    save_model(model, tmp_path / "m")
    again = load_model(tmp_path / "m")
    assert again.classes == ("kind", "old") and again.predicts == "ratings" and again.explained == "rating unit"
    assert np.array_equal(again.predict(x), model.predict(x))
    with pytest.raises(InputError, match="predicts ratings, not classes"):
        again.predict_classes(x)


def test_ridge_is_the_textbook_solution_and_leaves_people_out() -> None:
    rng = np.random.default_rng(0)
    x, y, who = rng.normal(size=(30, 8)), rng.normal(size=(30, 2)) + 5, np.repeat(np.arange(10), 3)
    space = SampleSpace(x, (8,))
    z = (x - space.centre) / space.scale
    found = fit_ridge(space, y, who, (0.7,))
    weight = np.linalg.solve(z.T @ z + 0.7 * np.eye(8), z.T @ (y - y.mean(0)))
    assert np.allclose(found.weight.T, weight, atol=1e-4)
    for person in range(3):
        rest = who != person
        centre, mean = z[rest].mean(0), y[rest].mean(0)
        inner = z[rest] - centre
        alone = np.linalg.solve(inner.T @ inner + 0.7 * np.eye(8), inner.T @ (y[rest] - mean))
        assert np.allclose(found.left_out[~rest], (z[~rest] - centre) @ alone + mean, atol=1e-4)


def test_people_left_out_are_not_known_from_the_mean_of_all() -> None:
    """With more features than samples and nothing to learn, every penalty but the strongest is worse."""
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(40, 400)), rng.normal(size=(40, 1))
    found = fit_ridge(SampleSpace(x, (400,)), y, np.arange(40))
    assert found.penalty[0] >= 3 and ((found.left_out - y) ** 2).mean() > 0.9 * y.var()


def test_named_features_give_a_face_and_its_mirror_image_the_same_rating() -> None:
    rng = np.random.default_rng(1)
    names = ("mouthSmileLeft", "mouthSmileRight", "jawOpen", "point 48 x", "point 54 x", "point 8 x")
    x = np.abs(rng.normal(0.3, 0.1, (60, 6)))
    y = np.log(x[:, 0] + 0.01) + np.log(x[:, 1] + 0.01) + x[:, 4] - x[:, 3]
    fitted = ExpressionRegressor(feature_names=names, topology="ibug-68").fit(x, y)
    mirrored = x[:, [1, 0, 2, 4, 3, 5]] * np.array([1, 1, 1, -1, -1, -1])
    assert np.corrcoef(fitted.predict(x)[:, 0], y)[0, 1] > 0.99
    assert np.allclose(fitted.predict(x), fitted.predict(mirrored), atol=1e-4)


def test_what_is_wrong_is_named(tmp_path: Path) -> None:
    x, y, who = faces(8)
    with pytest.raises(WeightsError, match="mien models pull efficientnet-lite0"):
        pretrained("efficientnet-lite0")
    with pytest.raises(InputError, match=r"no body 'resnet'; mien knows efficientnet-lite0"):
        PictureClassifier(body="resnet").fit(x, y)
    with pytest.raises(InputError, match="grid needs one number"):
        PictureClassifier(body=BODY, stages=(2, 3), grid=(3,)).fit(x, y)
    with pytest.raises(InputError, match="stages are numbers from 0 to 8"):
        PictureClassifier(body=BODY, stages=(3, 2), grid=(3, 3)).fit(x, y)
    with pytest.raises(InputError, match=r"needs \(samples, 3, height, width\)"):
        PictureClassifier(**SMALL).fit(x[:, :1], y)
    with pytest.raises(InputError, match="two classes at least"):
        PictureClassifier(**SMALL).fit(x, np.full(8, "a"))
    with pytest.raises(InputError, match="Ratings must be finite"):
        PictureRegressor(**SMALL).fit(x, np.full(8, np.nan))
    model = PictureClassifier(**SMALL).fit(x, y, groups=who).model(recipe={"name": "crop", "size": 48})
    with pytest.raises(InputError, match=r"takes values of shape \(samples, 3, 48, 48\)"):
        model.predict(x[..., :40])
    model.settings["body_sha256"] = "0" * 64
    save_model(model, tmp_path / "m")
    with pytest.raises(InputError, match="other weights of untrained efficientnet-lite0"):
        load_model(tmp_path / "m").predict(x)


def test_few_features_and_many_samples_give_the_same_ridge_regression():
    rng = np.random.default_rng(3)
    x, groups = rng.normal(size=(150, 6)), np.repeat(np.arange(12), [1, 1, 1, 1, 2, 4, 10, 20, 25, 25, 30, 30])
    y = x[:, :2] * 2 + rng.normal(size=(150, 2))
    space = SampleSpace(x, (6,))
    found = fit_ridge(space, y, groups, (0.3,))
    standard = (x - space.centre) / space.scale
    for own in range(12):
        rest = groups != own
        # Centred and scaled on all samples, as the closed form is; the mean of those who are left is fitted anew.
        inner, mean = standard[rest] - standard[rest].mean(0), y[rest].mean(0)
        weight = np.linalg.solve(inner.T @ inner + 0.3 * np.eye(6), inner.T @ (y[rest] - mean))
        wanted = (standard[~rest] - standard[rest].mean(0)) @ weight + mean
        np.testing.assert_allclose(found.left_out[~rest], wanted, atol=1e-5)
    assert space.coordinates.shape == (150, 6)
    np.testing.assert_allclose(space.project(x), space.coordinates, atol=1e-5)


def test_pictures_that_are_not_where_the_table_says_are_told_with_the_way_out(make_pictures: Any) -> None:
    from mien.learn.table import usable

    samples, found = make_pictures(4)
    with pytest.raises(
        InputError, match=r"none is where its path says.*s00/rest\.png.*Paths start at the table's folder"
    ):
        usable(samples, found, {"name": "crop", "size": 48}, "expression", "subject")
