"""The attention network on the first stages of EfficientNet-Lite0; random weights do for all but one test."""

import numpy as np
import pytest
import torch

from mien.core.errors import InputError
from mien.explain.explain import explain
from mien.models.attention import lite as efdnn_lite
from mien.models.attention.lite import EfdnnLiteClassifier
from mien.models.catalogue import spec
from mien.models.store import load_model, save_model
from mien.nets.attention import STAGE, AttentionHead, EfdnnLite, body_for, cells_of, fold_norms, parameters_of
from mien.nets.bodies import Body
from mien.nets.efficientnet import untrained

torch.set_num_threads(1)
RNG = np.random.default_rng(0)
SIZE = 64


def pictures(count=40):
    """Grey noise; the class is whether stripes at lower left lie or stand."""
    x = RNG.uniform(0.45, 0.55, (count, 3, SIZE, SIZE)).astype(np.float32)
    y = np.arange(count) % 2
    stripes = np.where(np.arange(24) // 3 % 2 == 0, 1.0, 0.0).astype(np.float32)
    lying = np.repeat(stripes[:, None], 24, 1)
    x[:, :, 36:60, 4:28] = np.where(y[:, None, None, None] == 1, lying, lying.T)
    return x, np.where(y == 1, "lying", "standing")


@pytest.fixture(autouse=True)
def random_body(monkeypatch, tmp_path):
    """No weights are needed, and nothing is kept outside the test's folder."""

    def body(size):
        return Body("untrained efficientnet-lite0", (STAGE,), (cells_of(size),))

    monkeypatch.setattr(efdnn_lite, "body_for", body)


@pytest.fixture
def fitted():
    x, y = pictures()
    return EfdnnLiteClassifier(epochs=1, steps=60, batch_size=16, mirror=False, hidden=16).fit(x, y), x, y


def test_it_learns_and_its_attention_adds_up(fitted):
    classifier, _, _ = fitted
    new, truth = pictures(20)
    assert (classifier.predict(new) == truth).mean() > 0.9
    net = classifier.model().module()
    attention, value = net.maps(torch.from_numpy(new))
    assert attention.shape == (20, 2, SIZE // 16, SIZE // 16)
    torch.testing.assert_close((attention * value).sum((2, 3)) + net.head.constant, net(torch.from_numpy(new)))
    torch.testing.assert_close(attention.sum((2, 3)), torch.ones(20, 2))
    torch.testing.assert_close(net.outputs([1])(torch.from_numpy(new)), net(torch.from_numpy(new))[:, [1]])


def test_what_was_prepared_gives_the_answers_of_the_crops(fitted):
    classifier, x, y = fitted
    prepared = classifier.prepare(x)
    # The features of the frozen body are those of its stages, place by place.
    stages = untrained("efficientnet-lite0").stages[: STAGE + 1]
    with torch.no_grad():
        wanted = stages((torch.from_numpy(x) * 255 - 127) / 128).flatten(1).numpy()
    np.testing.assert_allclose(prepared[:, 0], wanted, rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(classifier.predict_proba(prepared), classifier.predict_proba(x), atol=1e-4)
    again = EfdnnLiteClassifier(**classifier.get_params()).fit(prepared, y)
    for name, value in classifier.arrays_.items():
        np.testing.assert_array_equal(again.arrays_[name], value)
    # Channels are standardised by what was trained on, both sides.
    maps = prepared.reshape(len(x), 2, -1, SIZE // 16, SIZE // 16)
    np.testing.assert_allclose(classifier.arrays_["centre"], maps.mean((0, 1, 3, 4)), rtol=1e-3, atol=1e-4)


def test_folding_changes_no_answer():
    body, x = body_for(SIZE).bare, torch.rand(2, 3, SIZE, SIZE)
    net = untrained(body)
    for part in net.modules():
        if isinstance(part, torch.nn.BatchNorm2d):
            part.running_mean.uniform_(-0.2, 0.2)
            part.running_var.uniform_(0.5, 2)
    before = net.stages[:5](x)
    folded = fold_norms(net).stages[:5]
    torch.testing.assert_close(folded(x), before, rtol=1e-3, atol=1e-4)
    assert not any(isinstance(part, torch.nn.BatchNorm2d) for part in folded.modules())


def test_it_is_light_and_looks_at_places():
    head = AttentionHead(80, 64, 2, 10)
    net = EfdnnLite(Body("untrained efficientnet-lite0", (STAGE,), (10,)).module(160), head)
    assert parameters_of(net) < 300_000
    # Untrained it looks everywhere alike; a place that is preferred is looked at, whatever is seen.
    seen = torch.rand(1, 80, 10, 10)
    torch.testing.assert_close(head.maps(seen)[0], torch.full((1, 2, 10, 10), 0.01))
    with torch.no_grad():
        head.place[1, 7, 3] = 20.0
    assert float(head.maps(seen)[0][0, 1, 7, 3].detach()) > 0.99


def test_stored_and_read_back_it_answers_and_explains_the_same(fitted, tmp_path):
    classifier, x, _ = fitted
    save_model(classifier.model(target="stripes"), tmp_path / "m")
    again = load_model(tmp_path / "m")
    np.testing.assert_allclose(again.predict(x), classifier.predict_proba(x), atol=1e-6)
    evidence = explain(again, x[:4], method="attention", target="lying")
    assert evidence.values.shape == (4, 1, SIZE, SIZE)
    with pytest.raises(InputError, match="other weights of"):
        again.settings["body_sha256"] = "0" * 64
        again.module()


def test_wrong_use_is_told_in_a_sentence():
    x, y = pictures(8)
    with pytest.raises(InputError, match="two classes"):
        EfdnnLiteClassifier().fit(x, ["a"] * 8)
    with pytest.raises(InputError, match="needs crops"):
        EfdnnLiteClassifier().fit(x[:, :2], y)
    with pytest.raises(InputError, match="needs crops"):
        EfdnnLiteClassifier().fit(x[..., :32], y)
    maps = EfdnnLiteClassifier().prepare(x)
    fitted = EfdnnLiteClassifier(epochs=1, steps=2, batch_size=4).fit(maps, y)
    with pytest.raises(InputError, match="size of the crops is not known"):
        fitted.model()
    assert fitted.model(recipe={"name": "crop", "size": SIZE}).input_shape == (3, SIZE, SIZE)
    assert spec("efdnn-lite").recipe["size"] == 160
