"""Notebooks show nouns and results; data frames and arrays hold what the noun holds; foreign text stays text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mien
from mien.core.errors import InputError
from mien.core.evidence import Evidence
from mien.core.faces import BLENDSHAPES
from mien.core.features import NAMED, PICTURE, SEQUENCE, Features
from mien.core.in_notebooks import InNotebooks, Plotted
from mien.core.samples import Samples
from mien.core.target import Target
from mien.report.notebook.frames import frames_of
from mien.report.notebook.plots import PLOTS, Bar, intervals

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")


@pytest.fixture
def ax() -> Any:
    """An empty drawing."""
    from matplotlib.figure import Figure

    return Figure().add_subplot()


def evidence_of(values: np.ndarray, space: str, names: tuple[str, ...] = (), topology: str = "") -> Evidence:
    """Evidence about as many people as there are rows."""
    rows = len(values)
    return Evidence(
        values=values, space=space, names=names, target=Target("smile"), method="integrated-gradients", settings={},
        sample=np.array([f"s{row}" for row in range(rows)], dtype=object),
        subject=np.array([f"p{row}" for row in range(rows)], dtype=object),
        label=np.array(["smile"] * rows, dtype=object),
        output=np.ones(rows), gap=np.zeros(rows), status=np.array(["ok"] * rows, dtype=object), topology=topology,
    )  # fmt: skip


def test_every_kind_that_is_drawn_has_a_drawing() -> None:
    for name in dir(mien):
        getattr(mien, name)
    assert {kind.__name__ for kind in Plotted.__subclasses__()} == set(PLOTS)


def test_what_public_functions_return_is_shown() -> None:
    import inspect
    import typing

    plain = {"AnyPredictions", "Model"}
    for name in mien.__all__:
        function = getattr(mien, name)
        if not inspect.isfunction(function):
            continue
        try:
            kind = typing.get_type_hints(function).get("return")
        except NameError:
            continue
        home = getattr(kind, "__module__", "")
        if inspect.isclass(kind) and home.startswith("mien.") and kind.__name__ not in plain and hasattr(kind, "write"):
            assert issubclass(kind, InNotebooks) or hasattr(kind, "to_pandas"), f"mien.{name} returns {kind.__name__}"


def test_samples_as_a_frame(make_pictures: Callable[..., Any], ax: Any) -> None:
    samples, _ = make_pictures(4)
    frame = samples.to_pandas()
    assert list(frame.columns)[:3] == ["path", "subject", "expression"]
    assert frame["expression"].tolist() == samples.labels["expression"].tolist()
    assert [bar.get_width() for bar in samples.plot(ax).patches] == [4, 4]


def test_faces_as_a_frame_and_an_array(make_pictures: Callable[..., Any], ax: Any) -> None:
    _, faces = make_pictures(3)
    frame = faces.to_pandas()
    shapes = frame[list(BLENDSHAPES)].to_numpy()
    assert np.allclose(shapes, faces.blendshapes, equal_nan=True)
    points = faces.to_pandas("landmarks")
    assert len(points) == len(faces) * 68
    assert np.allclose(points[["x_px", "y_px", "z_px"]].to_numpy().reshape(-1, 68, 3), faces.landmarks_px)
    pytest.importorskip("xarray")
    array = faces.to_xarray()
    assert array.dims == ("row", "point", "axis")
    assert np.allclose(array.sel(axis="y").to_numpy(), faces.landmarks_px[:, :, 1])
    assert array.attrs["unit"] == "px"
    faces.plot(ax)


def test_named_evidence_is_drawn_by_words_and_by_its_means(ax: Any) -> None:
    values = np.array([[1.0, -2.0, 0.0], [3.0, -4.0, 0.0]])
    evidence = evidence_of(values, NAMED, ("mouthSmileLeft", "browInnerUp", "jawOpen"))
    assert np.allclose(evidence.to_pandas()[["mouthSmileLeft", "browInnerUp"]].to_numpy(), values[:, :2])
    assert evidence.to_pandas("amounts")["evidence_against"].tolist() == [-2.0, -4.0]
    drawn = evidence.plot(ax)
    assert sorted(bar.get_width() for bar in drawn.patches) == [-3.0, 0.0, 2.0]
    assert not any(text.get_text().startswith("point") for text in drawn.get_yticklabels())


def test_points_are_drawn_on_the_face_and_not_by_number(ax: Any, weights: None) -> None:
    values = np.zeros((2, 3, 68, 2))
    values[:, :, 48] = 1.0
    drawn = evidence_of(values, SEQUENCE, ("x", "y"), "ibug-68").plot(ax)
    shown = drawn.collections[0].get_array()
    assert shown.argmax() == 48
    assert "point" not in " ".join(text.get_text() for text in drawn.texts)


def test_a_map_of_pixels_keeps_its_orientation(ax: Any) -> None:
    pytest.importorskip("xarray")
    values = np.zeros((2, 3, 8, 10))
    values[:, 0, 1, 7] = 2.0
    evidence = evidence_of(values, PICTURE)
    drawn = evidence.plot(ax).images[0].get_array()
    assert np.unravel_index(drawn.argmax(), drawn.shape) == (1, 7)
    assert evidence.to_xarray().dims == ("sample", "channel", "y", "x")


def test_features_keep_their_names() -> None:
    pytest.importorskip("xarray")
    features = Features(np.array([[1.0, 2.0]], dtype=np.float32), NAMED, ("a", "b"), {}, np.array(["ok"], dtype=object))
    assert features.to_pandas()["b"].tolist() == [2.0]
    assert float(features.to_xarray().sel(feature="b").item()) == 2.0


def test_ratings_and_differences_of_models_have_axes() -> None:
    from mien.compare.comparison import Comparison, ModelRow, PairRow

    pytest.importorskip("xarray")
    samples = Samples(["a", "b"], ["p1", "p2"], {"sex": ["f", "m"]}, {"warm": [1.0, 2.0], "calm": [3.0, np.nan]})
    array = samples.to_xarray()
    assert array.dims == ("sample", "rating") and array.sel(rating="warm").values.tolist() == [1.0, 2.0]
    assert array.subject.values.tolist() == ["p1", "p2"] and array.sex.values.tolist() == ["f", "m"]
    with pytest.raises(InputError, match="no ratings"):
        Samples(["a"], ["p"]).to_xarray()
    rows = [ModelRow("big", 0.6, 0.4, 0.7), ModelRow("small", 0.4, 0.2, 0.6)]
    pair = PairRow("big", "small", 0.2, 0.1, 0.3, 0.01, 0.02, 1)
    found = Comparison(("warm",), rows, [pair], [], 9, 9, 0).to_xarray()
    assert found.sel(one="big", other="small").values.tolist() == [0.2, 0.1, 0.3, 0.01, 0.02]
    assert found.sel(one="small", other="big").values.tolist() == [-0.2, -0.3, -0.1, 0.01, 0.02]
    assert np.isnan(found.sel(one="big", other="big").values).all() and found.attrs["people"] == 9


def test_predictions_are_a_frame_of_their_own_and_of_the_training() -> None:
    from mien.learn.predictions import ClassPredictions
    from mien.learn.trained import Trained

    who, probabilities = np.array(["p1", "p2"], dtype=object), np.array([[0.9, 0.1], [0.2, 0.8]])
    found = ClassPredictions(
        who, who, np.array([0, 1]), np.array(["no", "yes"], dtype=object), probabilities, ("no", "yes")
    )
    frame = found.to_pandas()
    assert frame["p_yes"].tolist() == [0.1, 0.8] and frame["fold"].tolist() == [0, 1]
    assert "p_yes" in (found._repr_html_() or "")
    assert Trained(None, None, found, None).to_pandas("predictions").equals(frame)  # type: ignore[arg-type]


def test_foreign_text_is_escaped() -> None:
    path = np.array(["<script>alert(1)</script>.png", "b.png"], dtype=object)
    samples = Samples(path=path, subject=np.array(["<b>x", "y"]), labels={"<i>l": np.array(["<u>", "v"])}, name="n")
    shown = samples._repr_html_() or ""
    for word in ("<script", "<b>x", "<i>l", "<u>"):
        assert word not in shown


def test_nothing_to_draw_is_a_table_without_a_picture() -> None:
    none = Samples(path=np.array([], dtype=object), subject=np.array([], dtype=object), name="none")
    assert "0 rows" in (none._repr_html_() or "")


def test_a_table_that_does_not_exist_is_answered_with_those_that_do(make_pictures: Callable[..., Any]) -> None:
    _, faces = make_pictures(2)
    with pytest.raises(InputError, match="it has: faces, landmarks"):
        faces.to_pandas("landmark")


def test_intervals_and_chance_are_where_the_numbers_are(ax: Any) -> None:
    nan = float("nan")
    intervals(ax, [Bar("a", 0.8, 0.7, 0.9, 0.5), Bar("b", 0.6), Bar("c", nan)], "score")
    assert [text.get_text() for text in ax.get_yticklabels()] == ["a", "b"]
    spans = [line.get_xdata() for line in ax.lines]
    assert any(np.allclose(span, [0.7, 0.9]) for span in spans)
    assert any(np.allclose(span, [0.5, 0.5]) for span in spans)
    with pytest.raises(InputError, match="no number"):
        intervals(ax, [Bar("c", nan)], "score")


def test_scores_come_first(make_pictures: Callable[..., Any], ax: Any) -> None:
    samples, faces = make_pictures(8)
    trained = mien.train(samples, target="expression", model="expression", faces=faces, n_folds=4)
    assert next(iter(frames_of(trained.evaluation))) == "scores"
    frame = trained.evaluation.to_pandas()
    assert np.allclose(frame["value"], [score.value for score in trained.evaluation.scores.values()])
    assert "accuracy" in [text.get_text() for text in trained.plot(ax).get_yticklabels()]
    assert "<img" in (trained._repr_html_() or "")


def test_every_rating_is_drawn_with_its_correlation(tmp_path: Path, ax: Any) -> None:
    draw = np.random.default_rng(0)
    smile = draw.normal(size=24)
    rows = [f"s{i},{i}.png,{one:.3f},{one + draw.normal():.3f},{draw.normal():.3f}" for i, one in enumerate(smile)]
    (tmp_path / "t.csv").write_text("\n".join(["subject,path,AU12,warm,calm", *rows]))
    trained = mien.train(tmp_path / "t.csv", target=["warm", "calm"], features="AU*", n_folds=3)
    drawn = trained.evaluation.plot(ax)
    assert [text.get_text() for text in drawn.get_yticklabels()] == ["warm", "calm"]
    scores = [trained.evaluation.each[name]["pearson"].value for name in ("warm", "calm")]
    assert any(np.allclose(line.get_xdata(), scores) for line in drawn.lines)
