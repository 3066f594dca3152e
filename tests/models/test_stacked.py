"""Models that add up others: each part sees what the others do not, and the sum sees both."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mien.core.errors import InputError
from mien.core.faces import Faces
from mien.core.samples import Samples
from mien.explain.explain import explain
from mien.features import compute
from mien.features.stacked import apart
from mien.learn.evaluate import evaluate
from mien.learn.table import usable
from mien.learn.train import train
from mien.models.catalogue import spec
from mien.models.maker import parsed
from mien.models.stacked import StackedRegressor
from mien.models.store import load_model

JOINED = "texture+expression"


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> tuple[Samples, Faces]:
    """60 people: 'wide', how far mouth corners lie apart; 'light', the share of bright blocks; 'both', the sum."""
    folder = tmp_path_factory.mktemp("people")
    rng = np.random.default_rng(0)
    count = 60
    wide, light = rng.uniform(-1, 1, (2, count))
    base = rng.uniform(-60, 60, (1, 68, 3)) + rng.normal(0, 0.5, (count, 68, 3))
    base[:, [36, 39, 42, 45], :2] = [(-40, 0), (-20, 0), (20, 0), (40, 0)]
    base[:, 48, 0], base[:, 54, 0] = -25 - 10 * wide, 25 + 10 * wide
    for i, value in enumerate(light):
        blocks = np.where(rng.uniform(size=(30, 30)) < (1 + value) / 2, 220, 40).astype(np.uint8)
        Image.fromarray(blocks.repeat(8, 0).repeat(8, 1)).convert("RGB").save(folder / f"{i:02d}.png")
    path = np.array([f"{i:02d}.png" for i in range(count)], dtype=object)
    faces = Faces.build(
        count, topology="ibug-68", source=path, landmarks_px=base + 120, track=np.zeros(count),
        width_px=np.full(count, 240), height_px=np.full(count, 240),
    )  # fmt: skip
    ratings = {"wide": wide, "light": light, "both": wide + light}
    return Samples(path=path, subject=path, ratings=ratings, root=folder, name="people"), faces


@pytest.fixture(scope="module")
def trained(people: tuple[Samples, Faces], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sum")
    train(people[0], target="all", model=JOINED, faces=people[1], n_folds=4, output=folder)
    return folder


def correlations(found: object) -> dict[str, float]:
    return {name: scores["pearson"].value for name, scores in found.per_rating.items()}  # type: ignore[attr-defined]


def test_the_sum_sees_what_each_part_sees(people: tuple[Samples, Faces]) -> None:
    r = {
        model: correlations(train(people[0], target="all", model=model, faces=people[1], n_folds=4).evaluation)
        for model in ("texture", "expression", JOINED)
    }
    assert r["texture"]["light"] > 0.8 > 0.4 > r["texture"]["wide"]
    assert r["expression"]["wide"] > 0.8 > 0.4 > r["expression"]["light"]
    assert r[JOINED]["light"] > r["texture"]["light"] - 0.03
    assert r[JOINED]["wide"] > r["expression"]["wide"] - 0.03
    assert r[JOINED]["both"] > max(r["texture"]["both"], r["expression"]["both"]) + 0.1


def test_the_stored_sum_is_the_weighted_sum_of_its_stored_parts(people: tuple[Samples, Faces], trained: Path) -> None:
    samples, faces = people
    model = load_model(trained)
    features = compute(model.recipe, samples, faces)
    weights = model.settings["weights"]
    centre = np.array([samples.ratings[name].mean() for name in model.classes])
    expected = centre.copy()
    for name, own in zip(("texture", "expression"), apart(features.values, features.recipe), strict=True):
        part = load_model(trained / "parts" / name)
        np.testing.assert_array_equal(compute(part.recipe, samples, faces).values, own)
        row = np.array([weights[name][rating] for rating in model.classes])
        assert (row >= 0).all()
        expected = expected + row * (part.predict(own) - centre)
    # The weights in the settings are rounded to four digits.
    np.testing.assert_allclose(model.predict(features.values), expected, atol=1e-3)


def test_each_part_is_the_model_that_training_it_alone_gives(people: tuple[Samples, Faces], trained: Path) -> None:
    alone = train(people[0], target="all", model="expression", faces=people[1], evaluate=False).model
    part = load_model(trained / "parts" / "expression")
    assert part.recipe == alone.recipe and part.feature_names == alone.feature_names
    for key, values in alone.arrays.items():
        np.testing.assert_allclose(part.arrays[key], values, rtol=1e-5, atol=1e-7)
    assert part.info["seen"] == load_model(trained).info["seen"]


def test_weights_come_from_people_left_out(people: tuple[Samples, Faces]) -> None:
    """Parts without a closed form are fitted anew in folds; for ridge heads both ways nearly agree."""
    table = usable(people[0], people[1], spec(JOINED).recipe, "all")
    fitted = StackedRegressor(parts=("texture", "expression"), recipe=table.features.recipe)
    fitted.fit(table.features.values, table.y, table.subjects)
    pieces = fitted.prepare(table.features.values)
    for number, one in enumerate(fitted.fitted_):
        anew = fitted._left_out(number, pieces.arrays[number], table.y, table.subjects.astype(str))
        for j in range(3):
            assert np.abs(anew[:, j] - one.left_out_[:, j]).mean() < 0.5 * table.y[:, j].std()


def test_other_people_are_judged_and_known_ones_refused(people: tuple[Samples, Faces], trained: Path) -> None:
    samples, faces = people
    with pytest.raises(InputError, match="trained on 60 of these subjects"):
        evaluate(trained, samples, faces=faces)
    half = np.arange(len(samples)) < 30
    train(samples[half], target="all", model=JOINED, faces=faces, evaluate=False, output=trained.parent / "half")
    found = evaluate(trained.parent / "half", samples[~half], faces=faces)
    assert correlations(found)["light"] > 0.7 and found.protocol["n_samples"] == 30
    one = evaluate(trained.parent / "half", samples[~half], target="light", faces=faces)
    assert correlations(one) == {"light": correlations(found)["light"]}
    with pytest.raises(InputError, match="predicts wide, light, both, not 'dark'"):
        evaluate(trained.parent / "half", samples[~half], target="dark", faces=faces)


def test_a_sample_without_values_in_one_part_is_left_out(people: tuple[Samples, Faces], tmp_path: Path) -> None:
    samples, faces = people
    for path in samples.path[1:]:
        (tmp_path / path).write_bytes((samples.root / path).read_bytes())  # type: ignore[operator]
    moved = Samples(path=samples.path, subject=samples.subject, ratings=samples.ratings, root=tmp_path)
    table = usable(moved, faces, spec(JOINED).recipe, "all")
    assert len(table.y) == 59 and sum(table.left_out.values()) == 1 and "ok" not in table.left_out


def test_what_a_sum_cannot_do_is_told(people: tuple[Samples, Faces], trained: Path) -> None:
    samples, faces = people
    with pytest.raises(InputError, match="explain them one by one: parts/texture, parts/expression"):
        explain(trained, samples, faces=faces, target="light")
    with pytest.raises(InputError, match="'efdnn-lite' predicts classes"):
        spec("texture+efdnn-lite")
    with pytest.raises(InputError, match="no model 'textur'"):
        spec("textur+expression")
    with pytest.raises(InputError, match="names a part twice"):
        spec("texture+texture")
    labelled = Samples(path=samples.path, subject=samples.subject, root=samples.root,
                       labels={"sex": np.tile(["f", "m"], 30)})  # fmt: skip
    with pytest.raises(InputError, match="predicts ratings, but the target holds classes"):
        train(labelled, target="sex", model=JOINED, faces=faces)
    with pytest.raises(InputError, match="takes its parts as they are and has no setting 'relative_to'"):
        train(
            samples, target="all", model=JOINED, faces=faces, recipe={**spec(JOINED).recipe, "relative_to": "subject"}
        )
    with pytest.raises(InputError, match="settings cannot be given to them"):
        parsed(JOINED, ["kernel=rbf"])
    with pytest.raises(InputError, match="has no setting 'kernel'"):
        train(samples, target="all", model=JOINED, faces=faces, settings={"kernel": "rbf"})
