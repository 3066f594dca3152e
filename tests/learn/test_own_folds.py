"""Folds of one's own, in Python and on the command line: those of scikit-learn are kept, and texts say so."""

import numpy as np
import pytest
from typer.testing import CliRunner

pytest.importorskip("torch")
pytest.importorskip("sklearn")

from sklearn.model_selection import GroupKFold

import mien
from mien.cli.main import app
from mien.core.errors import InputError
from mien.report.sections.models import protocol_folds


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """Forty people with two clips each, and the folds of scikit-learn as numbers."""
    rng, people = np.random.default_rng(0), np.repeat([f"p{i:02d}" for i in range(40)], 2)
    label = np.array(["no", "yes"])[np.tile([0, 1], 40)]
    x = rng.normal(size=(80, 3)) + (label == "yes")[:, None]
    fold = np.zeros(80, int)
    for number, (_, test) in enumerate(GroupKFold(4).split(x, label, people)):
        fold[test] = number
    rows = [f"c{i},{people[i]},{label[i]},{fold[i]},{x[i, 0]},{x[i, 1]},{x[i, 2]}" for i in range(80)]
    path = tmp_path_factory.mktemp("own") / "clips.csv"
    path.write_text("\n".join(["path,subject,label,fold,m0,m1,m2", *rows]) + "\n")
    return path, fold


def test_a_sample_is_tested_in_the_fold_that_the_table_names(table):
    path, fold = table
    found = mien.train(path, target="label", model="logistic", features="m*", folds="fold")
    given = dict(zip([f"c{i}" for i in range(80)], fold, strict=True))
    pairs = {(given[str(name)], int(k)) for name, k in zip(found.predictions.path, found.predictions.fold, strict=True)}
    assert len(pairs) == 4 and found.evaluation.protocol["folds"] == "fold" and found.evaluation.sites is None
    assert protocol_folds(found.evaluation.protocol) == "4 folds that were drawn beforehand (column 'fold')"
    # Folds that are drawn need no second test of themselves: there is one score with its test, as of any folds.
    assert found.evaluation.scores["balanced_accuracy"].p < 0.01


def test_the_command_line_takes_them_and_refuses_what_shares_people(table, tmp_path):
    path, _ = table
    asked = ["train", str(path), "--target", "label", "--model", "logistic", "--features", "m*"]
    done = CliRunner().invoke(app, [*asked, "--folds", "fold", "-o", str(tmp_path / "m")])
    assert done.exit_code == 0 and "own-folds, 4 folds" in done.output, done.output
    torn = tmp_path / "torn.csv"
    torn.write_text(path.read_text().replace("c1,p00,yes,0,", "c1,p00,yes,9,").replace("c1,p00,yes,1,", "c1,p00,yes,9,")
                    .replace("c1,p00,yes,2,", "c1,p00,yes,9,").replace("c1,p00,yes,3,", "c1,p00,yes,9,"))  # fmt: skip
    for given, said in (
        ({"samples": torn, "folds": "fold"}, "'p00' is in the folds"),
        ({"samples": path, "folds": "part"}, "part"),
        ({"samples": path, "folds": "4"}, "their number is n_folds=4"),
        ({"samples": path, "folds": "fold", "scheme": "grouped"}, "none to draw"),
    ):
        with pytest.raises(InputError, match=said):
            mien.train(given.pop("samples"), target="label", model="logistic", features="m*", **given)
