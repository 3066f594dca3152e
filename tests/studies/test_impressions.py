"""The study 'impressions' on made-up faces: from ready landmarks to the report; finished steps are not repeated."""

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from mien.core.errors import InputError
from mien.core.faces import BLENDSHAPES, Faces
from mien.data.ratings import read_single_ratings
from mien.data.shards import write_shard
from mien.explain.request import check_request
from mien.studies.impressions import QUICK
from mien.studies.study import filled_in, new, run

COUNT = 40
CHANGED = {
    "models": {"train": ["expression"], "main": "expression"},
    "folds": {"n_folds": 4},
    "evidence": {"methods": ["integrated-gradients", "grad-cam"], "n_samples": 6},
    "maps": {"methods": ["pca"], "pairs": [["kind", "mean"]], "permutations": 99},
}


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty people whose raised mouth is their kindness, rated by six raters; the study has run once."""
    folder = tmp_path_factory.mktemp("impressions")
    rng = np.random.default_rng(0)
    shapes = rng.uniform(0.02, 0.1, (COUNT, 52))
    smile = rng.uniform(0.05, 0.9, COUNT)
    shapes[:, [BLENDSHAPES.index(n) for n in ("mouthSmileLeft", "mouthSmileRight")]] = smile[:, None]
    paths = np.array([f"{i:02d}.png" for i in range(COUNT)], dtype=object)
    points = rng.uniform(-60, 60, (1, 68, 3)) + rng.normal(0, 1, (COUNT, 68, 3))
    points[:, 48:68, 1] -= 40 * smile[:, None]
    points[:, [36, 39, 42, 45], :2] = [(-40, 0), (-20, 0), (20, 0), (40, 0)]
    write_shard(
        Faces.build(COUNT, topology="ibug-68", source=paths, blendshapes=shapes, landmarks_px=points + 300,
                    track=np.zeros(COUNT)),
        folder / "people" / "faces" / "all.parquet",
    )  # fmt: skip
    kind = 4 * smile + rng.normal(0, 0.2, COUNT)
    rated = {"kind": kind, "mean": -kind + rng.normal(0, 0.5, COUNT), "calm": rng.normal(size=COUNT),
             "odd": rng.normal(size=COUNT)}  # fmt: skip
    rows = [",".join([p, p, *(f"{v[i]:.4f}" for v in rated.values())]) for i, p in enumerate(paths)]
    (folder / "people" / "samples.csv").write_text("\n".join([f"path,subject,{','.join(rated)}", *rows]))
    single = [
        f"{path},{path},{name},{values[i] + rng.normal(0, 0.8):.3f},r{r}"
        for name, values in rated.items() for i, path in enumerate(paths) for r in range(6)
    ]  # fmt: skip
    (folder / "single.csv").write_text("\n".join(["path,subject,attribute,rating,rater", *single]))
    samples = {"source": "people", "faces": "people"}
    new("impressions", folder, changed={"samples": samples, "ceiling": {"single_ratings": "single.csv"}, **CHANGED})
    run(folder)
    return folder


def test_the_report_answers_the_questions(study: Path) -> None:
    page = (study / "report.html").read_text(encoding="utf-8")
    for words in (
        "Ratings and what people agree on",
        "of what agreement between people allows",
        "ceiling: how far people agree",
        "How ratings hang together",
        "Mantel test",
        "principal axes",
        "kind - mean",
        "trustworthiness",
    ):
        assert words in page, words
    assert page.count("<script") == 1
    assert "data:image" not in page
    assert "Also in this folder" not in page
    assert '<section id="evidence">' in page


def test_maps_and_evidence_that_are_no_longer_asked_for_are_named_only(study: Path, tmp_path: Path) -> None:
    folder = tmp_path / "again"
    shutil.copytree(study, folder)
    path = folder / "study.toml"
    path.write_text(path.read_text().replace("attributes = []", 'attributes = ["odd"]', 1).replace('["pca"]', "[]"))
    page = run(folder).read_text(encoding="utf-8")
    assert "evidence/expression/integrated-gradients/kind" in page
    assert "maps/expression, maps/people" in page
    assert '<section id="maps">' not in page
    assert "<h3>kind</h3>" not in page.split('<section id="evidence">')[1]


def test_what_is_planted_is_found(study: Path) -> None:
    found = json.loads((study / "models" / "expression" / "evaluation.json").read_text())
    r = {name: scores["pearson"]["value"] for name, scores in found["per_rating"].items()}
    p = {name: scores["pearson"]["p"] for name, scores in found["per_rating"].items()}
    # Over 40 people a rating that is noise correlates with its predictions by 0 on average, by up to .5 in one sample:
    # the test against chance says so.
    assert r["kind"] > 0.8 and r["mean"] > 0.8 and max(p["kind"], p["mean"]) == 0.001
    assert max(abs(r["odd"]), abs(r["calm"])) < r["mean"] - 0.2 and min(p["odd"], p["calm"]) > 0.005
    assert 0.8 < found["ceilings"]["kind"]["value"] < 1
    np.testing.assert_allclose(found["ceilings"]["kind"]["share"], r["kind"] / found["ceilings"]["kind"]["value"])
    structure = json.loads((study / "structure" / "structure.json").read_text())["sources"]["people"]
    names, table = structure["names"], np.array(structure["correlations"])
    assert table[names.index("kind"), names.index("mean")] < -0.5
    for source in ("people", "expression"):
        tests = json.loads((study / "maps" / source / "pca" / "embedding.json").read_text())["attribute_tests"]
        assert tests[0]["attribute"] == "kind - mean"
        assert tests[0]["left_out"] == ["kind", "mean"]


def test_steps_that_are_done_are_not_repeated_and_methods_that_cannot_are_told(study: Path) -> None:
    said: list[str] = []
    run(study, say=said.append)
    begun = [line for line in said if line.endswith("...")]
    assert all("grad-cam" in line or line == "report ..." for line in begun)
    assert any("grad-cam: left out." in line for line in said)
    assert "train expression: done before." in said
    assert "structure: done before." in said


def test_a_table_of_single_ratings_is_studied_with_its_own_ceiling(study: Path, tmp_path: Path) -> None:
    """Given by a path from here, found from anywhere; the mean ratings are those of the raters."""
    folder = tmp_path / "deep" / "study"
    given = filled_in("impressions", folder, samples=str(study / "single.csv"), target="kind, calm")["samples"]
    given["faces"] = str(study / "people")
    nothing = {"evidence": {**CHANGED["evidence"], "methods": []}, "maps": {"methods": []}}
    new("impressions", folder, changed={**CHANGED, **nothing, "samples": given})
    run(folder)
    found = json.loads((folder / "models" / "expression" / "evaluation.json").read_text())
    assert found["ratings"] == ["kind", "calm"] and 0.8 < found["ceilings"]["kind"]["value"] < 1
    single = read_single_ratings(str(study / "single.csv")).of("kind")
    table = pq.read_table(folder / "models" / "expression" / "predictions.parquet")
    for path, truth in zip(table["path"].to_pylist(), table["kind"].to_pylist(), strict=True):
        np.testing.assert_allclose(truth, single.value[single.item == path].mean())


def test_paths_on_the_command_line_start_here_and_in_the_file_at_the_study(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(study.parent)
    here, folder = f"{study.name}/people", tmp_path / "s"
    source = filled_in("impressions", folder, samples=here)["samples"]["source"]
    assert (folder / source).resolve() == (study / "people").resolve()
    known = filled_in("impressions", folder, samples=f"omi:{here}")["samples"]["source"]
    assert known == f"omi:{source}" and filled_in("impressions", folder, samples="omi") == {
        "samples": {"source": "omi"}
    }
    assert filled_in("impressions", folder, target="all") == {"samples": {"ratings": []}}
    assert filled_in("fast-landmarks", folder, target="happy") == {"samples": {"target": "happy"}}
    with pytest.raises(InputError, match="nothing at absent"):
        filled_in("impressions", folder, samples="absent")
    new("impressions", folder, changed={**CHANGED, "samples": {"source": here}})
    with pytest.raises(InputError, match=re.escape(f"start at its folder: write '{source}'")):
        run(folder)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("ratings = []", 'ratings = ["kindly"]', "'samples.ratings' names 'kindly'; there are: kind, mean, calm, odd"),
        ('pairs = [["kind", "mean"]]', 'pairs = [["kind"]]', "pairs of ratings"),
        ('train = ["expression"]', "train = []", "'models.train' is empty"),
        ('single_ratings = "single.csv"', 'single_ratings = "absent.csv"', "absent.csv does not exist"),
    ],
)
def test_wrong_settings_are_told_by_their_key(study: Path, before: str, after: str, words: str) -> None:
    path = study / "study.toml"
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after, 1))
    with pytest.raises(InputError, match=words):
        run(study)
    path.write_text(text)


def test_quick_settings_are_ones_that_the_methods_take() -> None:
    for method, settings in QUICK.items():
        assert check_request(method, **settings).items() >= settings.items()
        check_request("gradient-shap", **settings.get("of_settings", {}))
