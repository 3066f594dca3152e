"""mien's own models, from the folder that training wrote to evidence, drawings and the command line."""

import json

import numpy as np
import pytest

from mien.core.errors import InputError
from mien.core.faces import Faces
from mien.core.features import Features
from mien.core.files import read_json
from mien.core.samples import Samples
from mien.explain.explain import explain, explain_all
from mien.explain.store import load_evidence
from mien.learn.train import train
from mien.models.linear import TabularModel
from mien.models.store import load_model, save_model

RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """24 clips of 6 people, whose lower lip goes down in 'open' and not in 'closed'."""
    folder = tmp_path_factory.mktemp("study")
    shape = RNG.normal(size=(68, 2)) * 60 + 200
    shape[[36, 39, 42, 45]] = [[150, 150], [180, 150], [220, 150], [250, 150]]
    sources, landmarks = [], []
    for clip in range(24):
        for frame in range(12):
            points = shape + RNG.normal(size=(68, 2)) * 0.5
            if clip % 2:
                points[55:60, 1] += 30 * np.sin(np.pi * frame / 11)
            sources.append(f"c{clip:02d}")
            landmarks.append(np.c_[points, np.zeros(68)])
    blendshapes = RNG.uniform(0, 0.1, size=(len(sources), 52))
    faces = Faces.build(
        len(sources), topology="ibug-68", source=sources, landmarks_px=np.array(landmarks),
        frame=np.tile(np.arange(12), 24), time_s=np.tile(np.arange(12) / 25, 24), track=np.zeros(len(sources), int),
        blendshapes=blendshapes,
    )  # fmt: skip
    samples = Samples(
        path=[f"c{i:02d}" for i in range(24)],
        subject=[f"s{i // 4}" for i in range(24)],
        labels={"mouth": ["open" if i % 2 else "closed" for i in range(24)]},
    )
    for name in ("landmark-net", "expression"):
        train(samples, target="mouth", model=name, faces=faces, evaluate=False, output=folder / "models" / name)
    return folder, samples, faces


@pytest.mark.parametrize("name", ["landmark-net", "expression"])
def test_evidence_of_a_stored_model(study, name):
    folder, samples, faces = study
    evidence = explain(folder / "models" / name, samples, faces=faces, target="open", n_steps=16)
    model = load_model(folder / "models" / name)
    assert evidence.settings["explained"] == "logit" and evidence.model["classes"] == list(model.classes)
    assert list(evidence.label[:2]) == ["closed", "open"] and list(evidence.subject) == list(samples.subject)
    assert set(evidence.status) == {"ok"}
    change = evidence.values.reshape(24, -1).sum(axis=1, dtype=np.float64) - evidence.gap
    assert np.median(np.abs(evidence.gap) / np.abs(change)) < 0.01
    assert evidence.output[1::2].min() > evidence.output[::2].max()


def test_the_lip_that_moved_is_found(study):
    folder, samples, faces = study
    found = explain_all(folder / "models" / "landmark-net", samples, faces=faces, n_steps=16)
    values = found["open"].values[1::2].mean(axis=0).sum(axis=0)
    assert set(np.argsort(-values[:, 1])[:5]) == {55, 56, 57, 58, 59}
    both = explain(folder / "models" / "landmark-net", samples, faces=faces, target="open>closed", n_steps=16)
    np.testing.assert_allclose(both.values, found["open"].values - found["closed"].values, atol=1e-4)


def test_no_class_of_a_two_class_model_is_without_evidence(study):
    folder, samples, faces = study
    found = explain_all(folder / "models" / "expression", samples, faces=faces, n_steps=8)
    assert all(set(evidence.status) == {"ok"} for evidence in found.values())


def test_samples_without_faces_keep_their_row(study):
    folder, samples, faces = study
    fewer = faces[faces.source != "c03"]
    evidence = explain(folder / "models" / "landmark-net", samples, faces=fewer, target="open", n_steps=4)
    assert list(np.flatnonzero(~evidence.ok)) == [3] and evidence.status[3] == "no input"


def test_features_and_arrays_serve_as_well(study):
    from mien.features import compute

    folder, samples, faces = study
    model = load_model(folder / "models" / "landmark-net")
    features = compute(model.recipe, samples, faces)
    assert isinstance(features, Features)
    one = explain(model, features, target="open", n_steps=4)
    other = explain(model, features.values, target="open", n_steps=4)
    np.testing.assert_array_equal(one.values, other.values)
    assert one.topology == other.topology == "ibug-68"


def test_samples_need_faces(study):
    folder, samples, _ = study
    with pytest.raises(InputError, match="not extracted yet"):
        explain(folder / "models" / "landmark-net", samples, target="open")


def test_the_command_line_writes_evidence_drawings_and_json(study, tmp_path, weights):
    import typer
    from typer.testing import CliRunner

    from mien.cli.explain import explain as verb
    from mien.cli.report import report
    from mien.data.shards import write_shard

    folder, samples, faces = study
    write_shard(faces, folder / "faces" / "all.parquet")
    table = tmp_path / "samples.csv"
    rows = zip(samples.path, samples.subject, samples.labels["mouth"], strict=True)
    table.write_text("path,subject,mouth\n" + "".join(f"{p},{s},{m}\n" for p, s, m in rows))
    app = typer.Typer()
    app.command("explain")(verb)
    app.command("report")(report)
    model, out = str(folder / "models" / "landmark-net"), folder / "evidence" / "landmark-net"
    command = ["explain", model, str(table), "--faces", str(folder), "-o", str(out), "--n-steps", "8", "--json"]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert [entry["target"] for entry in told] == ["closed", "open"]
    assert "mouth" in told[1]["words"]
    evidence = load_evidence(told[1]["folder"])
    assert evidence.settings["n_steps"] == 8 and len(evidence) == 24
    drawn = sorted(path.name for path in (out / "integrated-gradients" / "open").glob("*.svg"))
    assert drawn == ["coordinates.svg", "face.svg", "phases.svg", "regions.svg", "time.svg"]
    result = CliRunner().invoke(app, ["report", str(folder), "--json"])
    assert json.loads(result.stdout) == {"report": str(folder / "report.html"), "problems": []}
    assert "Most evidence for" in (folder / "report.html").read_text()


def test_evidence_names_the_weights_it_explains(tmp_path) -> None:
    """A model trained again beside old evidence went unnoticed."""
    rng = np.random.default_rng(0)
    made = {"logarithm": np.zeros(3), "centre": np.zeros(3), "scale": np.ones(3), "bias": np.zeros(2)}
    model = TabularModel(
        name="m", classes=("a", "b"), target="t", recipe={}, feature_names=("x", "y", "z"), input_shape=(3,),
        settings={}, arrays={**made, "weight": rng.normal(size=(2, 3))},
    )  # fmt: skip
    values = rng.normal(size=(4, 3)).astype(np.float32)
    assert "weights_sha256" not in explain(model, values, target="a", baselines="zero").model
    save_model(model, tmp_path)
    expected = read_json(tmp_path / "model.json")["weights_sha256"]
    for given in (model, tmp_path, load_model(tmp_path)):
        assert explain(given, values, target="a", baselines="zero").model["weights_sha256"] == expected
