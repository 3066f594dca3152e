"""The explainable fast network: it learns, its attention adds up to its answer, it is stored and read back."""

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA

from mien.core.errors import InputError
from mien.explain.explain import explain
from mien.models.attention import distillation as efdnn_lesson
from mien.models.attention.distillation import TEACHER, View
from mien.models.attention.estimator import EfdnnClassifier
from mien.models.store import load_model, save_model
from mien.nets.attention import Efdnn, folded, parameters_of
from mien.nets.bodies import Body

torch.set_num_threads(1)
RNG = np.random.default_rng(0)


def pictures(count=60, size=48):
    """Grey noise; the class is whether a spot at lower left is bright or dark."""
    x = RNG.uniform(0.3, 0.7, (count, 3, size, size)).astype(np.float32)
    y = np.arange(count) % 2
    x[:, :, 30:42, 6:18] = np.where(y == 1, 0.95, 0.05)[:, None, None, None]
    return x, np.where(y == 1, "bright", "dark")


@pytest.fixture(scope="module")
def fitted():
    x, y = pictures()
    return EfdnnClassifier(epochs=1, steps=120, batch_size=10, mirror=False, hide=0.0, dropout=0.0).fit(x, y), x, y


def test_it_learns_what_can_be_seen(fitted):
    classifier, x, y = fitted
    assert (classifier.predict(x) == y).mean() > 0.95
    np.testing.assert_allclose(classifier.predict_proba(x).sum(1), 1)


def test_attention_times_value_sums_to_the_answer():
    torch.manual_seed(0)
    net, x = Efdnn(3).eval(), torch.rand(2, 3, 64, 64)
    attention, value = net.maps(x)
    torch.testing.assert_close((attention * value).sum((2, 3)) + net.constant, net(x))
    torch.testing.assert_close(attention.sum((2, 3)), torch.ones(2, 3))
    torch.testing.assert_close(net.outputs([2, 0])(x), net(x)[:, [2, 0]])


def test_folding_changes_no_answer_and_the_network_is_light():
    torch.manual_seed(1)
    net = Efdnn(2)
    net.train()
    for _ in range(3):
        net(torch.rand(8, 3, 48, 48))  # statistics of the normalisation
    x = torch.rand(2, 3, 48, 48)
    before = net.eval()(x)
    torch.testing.assert_close(folded(net)(x), before, rtol=1e-4, atol=1e-5)
    assert parameters_of(net) < 1_000_000


def test_its_attention_is_evidence_in_the_right_place(fitted):
    classifier, x, y = fitted
    evidence = explain(classifier.model(), x[:6], method="attention", target="bright")
    assert evidence.values.shape == (6, 1, 48, 48)
    # Bright and dark pictures differ in the spot only, and so does what is said for 'bright'.
    told = np.abs(evidence.values[y[:6] == "bright"].mean(0) - evidence.values[y[:6] == "dark"].mean(0))[0]
    quarters = [part.sum() for half in (told[:24], told[24:]) for part in (half[:, :24], half[:, 24:])]
    assert quarters[2] == max(quarters)
    looked = explain(classifier.model(), x[:6], method="attention", target="bright", gives="attention")
    assert (looked.values >= 0).all()
    down = explain(classifier.model(), x[:6], method="attention", target="bright:down")
    np.testing.assert_allclose(down.values, -evidence.values)


def test_methods_that_need_attention_refuse_other_networks():
    with pytest.raises(InputError, match="attention maps of its own"):
        explain(
            torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(12, 1)), np.zeros((1, 3, 2, 2)), method="attention"
        )


def test_a_stored_network_answers_the_same(fitted, tmp_path):
    classifier, x, _ = fitted
    save_model(classifier.model(target="spot"), tmp_path / "m")
    again = load_model(tmp_path / "m")
    np.testing.assert_allclose(again.predict(x), classifier.model().predict(x), atol=1e-6)
    # The batch does not matter.
    np.testing.assert_allclose(again.predict(x[:1]), again.predict(x)[:1], atol=1e-6)


def test_what_is_stored_is_what_was_evaluated():
    x, y = pictures(20)
    both = EfdnnClassifier(epochs=1, steps=8).fit(x, y)
    mirrored = np.ascontiguousarray(x[..., ::-1])
    # With 'mirror' a picture and its mirror image are the same face to the estimator and to the stored model.
    np.testing.assert_allclose(both.model().predict(x), both.model().predict(mirrored), atol=1e-7)
    np.testing.assert_array_equal(both.model().predict(x), both.predict_proba(x))
    one_side = EfdnnClassifier(epochs=1, steps=8, mirror=False).fit(x, y)
    assert np.abs(one_side.predict_proba(x) - one_side.predict_proba(mirrored)).max() > 1e-6


def test_the_seed_decides(fitted):
    x, y = pictures(24)
    one, two = (EfdnnClassifier(epochs=1, steps=6, seed=3).fit(x, y).predict_proba(x) for _ in range(2))
    np.testing.assert_array_equal(one, two)


def test_wrong_use_is_told_in_a_sentence():
    x, y = pictures(8)
    with pytest.raises(InputError, match="two classes"):
        EfdnnClassifier().fit(x, ["a"] * 8)
    with pytest.raises(InputError, match="needs crops"):
        EfdnnClassifier().fit(x[:, 0], y)
    with pytest.raises(InputError, match="teacher is"):
        EfdnnClassifier(teacher="vgg").fit(x, y)


def test_the_teacher_shows_the_unaltered_crop_of_the_same_side(monkeypatch):
    # Random weights do for this, so that nothing has to be pulled.
    monkeypatch.setattr(efdnn_lesson, "TEACHER", Body("untrained efficientnet-lite0", (4, 5), (3, 3)))
    x, y = pictures(12)
    lesson = EfdnnClassifier(teacher="picture").prepare(x)
    assert lesson.seen.shape == (12, 2, sum(TEACHER.sizes))
    mirrored = EfdnnClassifier(teacher="picture").prepare(np.ascontiguousarray(x[..., ::-1]))
    np.testing.assert_allclose(lesson.seen[:, 0], mirrored.seen[:, 1], atol=1e-4)
    part = lesson[np.array([3, 1])]
    np.testing.assert_array_equal(part.crops, x[[3, 1]])
    np.testing.assert_array_equal(part.seen, lesson.seen[[3, 1]])
    # The same as preparing within fit; another network than without a teacher.
    settings = {"teacher": "picture", "epochs": 1, "steps": 4, "components": 5}
    one, two = (EfdnnClassifier(**settings).fit(given, y).predict_proba(x) for given in (lesson, x))
    np.testing.assert_array_equal(one, two)
    assert np.abs(one - EfdnnClassifier(epochs=1, steps=4).fit(x, y).predict_proba(x)).max() > 1e-6


def test_the_view_is_the_weighted_error_of_principal_components():
    torch.manual_seed(0)
    seen = RNG.normal(size=(10, 2, 30)).astype(np.float32)
    view = View(seen, 4, 6)
    # The scores are the principal components of scikit-learn, scaled to mean square one.
    rows = seen.reshape(20, 30)
    scores = PCA(4, svd_solver="full").fit_transform((rows - rows.mean(0)) / (rows.std(0) + 1e-2))
    ours = view.wanted.numpy().reshape(20, 4)
    np.testing.assert_allclose((ours**2).mean(0), 1, rtol=1e-4)
    np.testing.assert_allclose(np.abs(np.diag(np.corrcoef(ours.T, scores.T)[:4, 4:])), 1, rtol=1e-4)
    found = torch.rand(3, 6, 8, 8)
    error = view(found, np.array([4, 0, 7]), np.array([1, 0, 1]))
    told = view.tell(torch.nn.functional.adaptive_avg_pool2d(found, 3).flatten(1))
    wanted = view.wanted[[4, 0, 7], [1, 0, 1]]
    torch.testing.assert_close(error, ((told - wanted) ** 2 * view.weight).mean())
    assert float(view.weight.mean()) == pytest.approx(1)
