"""How a table is read can be said to every verb that reads samples, on the command line and in Python alike."""

import inspect
import json

import numpy as np
import pytest
from typer.testing import CliRunner

import mien
from mien.cli.main import app
from mien.core.errors import InputError
from mien.data.samples import read_samples
from mien.data.synthetic import synthesize

VERBS = {
    "train": mien.train, "evaluate": mien.evaluate, "explain": mien.explain, "reduce": mien.reduce,
    "evaluate-evidence": mien.evaluate_evidence, "embed": mien.embed,
}  # fmt: skip


def run(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.mark.parametrize("verb", VERBS)
def test_every_option_about_the_table_is_an_argument_of_the_same_name(verb):
    page = run(verb, "--help").output
    taken = inspect.signature(VERBS[verb]).parameters
    for name in ("labels", "subject_pattern", "columns", "missing"):
        if f"--{name.replace('_', '-')}" in page:
            assert name in taken or "inputs" in taken or "settings" in taken, name
    assert "--columns" in page and "--missing" in page and "--labels" in page


@pytest.fixture(scope="module")
def cohort(tmp_path_factory):
    """Ready faces beside a table with German names, codes for classes, and 999 for no answer."""
    place = tmp_path_factory.mktemp("cohort")
    synthesize(place, subjects=6, expressions=("neutral", "smile"), frames=6, clips=2)
    samples = read_samples(place)
    codes = (samples.labels[TARGET] == samples.labels[TARGET][0]).astype(int)
    rows = ["Clip,Vp,Code,Wert"]
    for i, (clip, who, code) in enumerate(zip(samples.path, samples.subject, codes, strict=True)):
        rows.append(f"{clip},{who},{code},{999 if i % 9 == 0 else 1 + i % 5}")
    (place / "samples.csv").write_text("\n".join(rows) + "\n")
    return place


TARGET = "expression"
READ = {"columns": {"clip": "Clip", "subject": "Vp"}, "labels": ["Code"], "missing": [999]}
SAID = ("--columns", "clip=Clip,subject=Vp", "--labels", "Code", "--missing", "999")


def test_ready_faces_are_taken_however_the_table_is_read(cohort, tmp_path):
    table = cohort / "samples.csv"
    done = run(
        "train", table, "--target", "Code", *SAID, "-o", tmp_path / "m", "--scheme", "leave-one-subject-out", "--json"
    )
    assert done.exit_code == 0, done.stderr
    same = mien.train(table, target="Code", scheme="leave-one-subject-out", **READ)
    scores = json.loads(done.stdout)["scores"]["accuracy"]
    assert scores["value"] == pytest.approx(same.evaluation.scores["accuracy"].value)
    assert any("999 in" in note for note in same.evaluation.notes)
    # Samples that were read bring their faces as their table does.
    assert mien.train(read_samples(table, **READ), target="Code", evaluate=False).model.classes == ("0", "1")
    evidence = mien.explain(tmp_path / "m", table, target="1", n_steps=4, **READ)
    assert evidence.ok.all()
    explained = run("explain", tmp_path / "m", table, *SAID, "-o", tmp_path / "ev", "--target", "1", "--n-steps", 4)
    assert explained.exit_code == 0, explained.stderr
    with pytest.raises(InputError, match="columns: how a table is read is said where it is read"):
        mien.train(read_samples(table, **READ), target="Code", columns=READ["columns"])
    with pytest.raises(InputError, match="missing belongs to samples, but X is a plain array"):
        mien.reduce(np.zeros((4, 3, 5, 2)), list("abab"), list("ppqq"), missing=[9])


def test_an_unknown_verb_is_told_alike_at_every_level():
    told = {
        ("study", "rn"): "There is no verb 'rn'. Did you mean 'run'?",
        ("models", "pul"): "There is no verb 'pul'. Did you mean 'pull'?",
        ("trian",): "There is no verb 'trian'. Did you mean 'train'?",
        ("study", "xyzzy"): "There is no verb 'xyzzy'. ",
    }
    for words, said in told.items():
        result = run(*words)
        assert result.exit_code == 2 and said in " ".join(result.stderr.split())
