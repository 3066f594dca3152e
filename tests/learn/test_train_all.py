"""Several models by one command: each in its folder, one that fails is named, what was trained is kept."""

import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("sklearn")

from PIL import Image
from typer.testing import CliRunner

import mien
from mien.cli.main import app
from mien.core.errors import InputError

SMALL = {"size": 20, "align": "none", "epochs": 2, "validation": 0.0}
PROTOCOL = {"size": 34, "align": "none", "protocol": "gaya-morey", "epochs": 2}


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Noise of twelve made-up people, each once with a bright lower half; no face is needed."""
    home, rng = tmp_path_factory.mktemp("pictures"), np.random.default_rng(0)
    rows = ["path,subject,expression"]
    for person in range(12):
        for kind in ("neutral", "smiling"):
            pixels = rng.integers(60, 140, (24, 24, 3))
            pixels[12:] += 80 * (kind == "smiling")
            Image.fromarray(pixels.astype(np.uint8)).save(home / f"{person:02}_{kind}.png")
            rows.append(f"{person:02}_{kind}.png,p{person:02},{kind}")
    (home / "samples.csv").write_text("\n".join(rows))
    mien.extract(home, home / "faces")
    return home / "samples.csv"


def test_each_model_gets_its_folder_and_one_that_fails_is_named(table: Path, tmp_path: Path) -> None:
    said: list[str] = []
    asked = {"target": "expression", "n_folds": 2, "faces": table.parent / "faces", "output": tmp_path / "m"}
    names = ["songnet", "AlexNet", "small-cnn", "songnett"]
    done = mien.train_all(table, model=names, settings=SMALL, say=said.append, **asked)
    assert list(done.evaluations) == ["songnet", "small-cnn"] and done.kept == ()
    assert "of 20 pixels are too small for the layers of AlexNet" in done.failed["AlexNet"]
    assert "Did you mean 'songnet'" in done.failed["songnett"]
    # What is wrong from the start is said before anything is trained.
    assert said[0].startswith("train AlexNet: left out. Pictures of 20 pixels")
    assert said[1].startswith("train songnett: left out.") and said[2] == "train songnet ..."
    alone = mien.train(
        table, target="expression", model="songnet", faces=asked["faces"], n_folds=2,
        recipe={"name": "crop", "size": 20, "align": "none"}, settings={"epochs": 2, "validation": 0.0},
    )  # fmt: skip
    assert alone.evaluation is not None and alone.evaluation.scores == done.evaluations["songnet"].scores
    stored = mien.load_model(tmp_path / "m" / "songnet").arrays
    assert all(np.array_equal(stored[key], value) for key, value in alone.model.arrays.items())
    again = mien.train_all(table, model=["small-cnn", "songnet"], settings=SMALL, **asked)
    assert again.kept == ("small-cnn", "songnet") and list(again.evaluations) == ["small-cnn", "songnet"]
    assert again.evaluations["songnet"].scores == done.evaluations["songnet"].scores
    (tmp_path / "m" / "songnet" / "evaluation.json").unlink()
    other = mien.train_all(table, model=["songnet", "small-cnn"], settings=SMALL | {"epochs": 1}, **asked)
    assert other.kept == ()


def test_a_published_protocol_is_one_setting_and_what_differs_is_said(table: Path, tmp_path: Path) -> None:
    asked = {"target": "expression", "evaluate": True, "n_folds": 2, "faces": table.parent / "faces"}
    done = mien.train_all(table, model=("songnet", "mlp"), settings=PROTOCOL, output=tmp_path, **asked)
    assert done.failed["mlp"].startswith("The model 'mlp' has no setting 'protocol'")
    used = mien.load_model(tmp_path / "songnet").settings
    wanted = {"optimiser": "rmsprop", "schedule": "constant", "learning_rate": 1e-4, "batch_size": 128, "epochs": 2}
    assert {key: used[key] for key in wanted} == wanted and "protocol" not in used
    assert used["validation"] == used["weight_decay"] == used["shift"] == 0 and used["mirror"] is False
    note = next(note for note in done.evaluations["songnet"].notes if "gaya-morey" in note)
    assert "rmsprop, learning rate 0.0001, 25 epochs" in note and note.endswith("but with epochs=2.")


def test_nothing_trained_is_an_error_and_one_name_is_told_from_several(table: Path, tmp_path: Path) -> None:
    asked = {"target": "expression", "faces": table.parent / "faces"}
    with pytest.raises(InputError, match=r"No model could be trained\. nn: There is no model 'nn'"):
        mien.train_all(table, model=["nn"], output=tmp_path, **asked)
    with pytest.raises(InputError, match=r"several are for mien\.train_all"):
        mien.train(table, model=["songnet", "weinet"], **asked)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="has no protocol 'xiao'; it has: gaya-morey"):
        crops = {"name": "crop", "size": 34, "align": "none"}
        mien.train(table, model="songnet", recipe=crops, settings={"protocol": "xiao"}, **asked)


def test_the_command_line_trains_several_too(table: Path, tmp_path: Path) -> None:
    words = ["train", str(table), "--target", "expression", "--faces", str(table.parent / "faces"), "--n-folds", "2"]
    words += ["--model", "songnet,alexnet,small-cnn", "--no-mirror", "-o", str(tmp_path / "models")]
    words += [word for key, value in SMALL.items() for word in ("--set", f"{key}={value}")]
    run = CliRunner().invoke(app, words)
    assert run.exit_code == 0, run.output
    assert "alexnet was left out" in run.output and "songnet" in run.output
    assert "train alexnet: left out. Pictures of 20 pixels" in run.stderr
    assert mien.load_model(tmp_path / "models" / "songnet").settings["mirror"] is False
    steps = json.loads((tmp_path / "provenance.json").read_text())
    assert {"train songnet", "train small-cnn"} <= set(steps) and "train alexnet" not in steps
    found = CliRunner().invoke(app, [*words, "--json"])
    told = json.loads(found.stdout)
    assert told["kept"] == ["songnet", "small-cnn"] and set(told["failed"]) == {"alexnet"}
