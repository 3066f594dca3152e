"""Evidence judged from the command line: numbers, table, file, report section, exit codes."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner


def run(*words: object):  # type: ignore[no-untyped-def]
    from mien.cli.main import app

    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from mien.data.synthetic import synthesize
    from mien.learn.train import train

    folder = tmp_path_factory.mktemp("study")
    cohort = synthesize(folder / "data", subjects=9, frames=6, expressions=("neutral", "smile"))
    train(cohort.samples, target="expression", model="landmark-net", faces=cohort.faces, evaluate=False,
          output=folder / "models" / "net", settings={"components": 6})  # fmt: skip
    return folder


def judged(study: Path, *words: object):  # type: ignore[no-untyped-def]
    return run(
        "evaluate-evidence", study / "models" / "net", f"synthetic:{study / 'data'}", "--target", "smile",
        "--n-steps", 4, "-o", study / "faithfulness" / "net", *words,
    )  # fmt: skip


def test_methods_and_stored_evidence_side_by_side(study: Path) -> None:
    made = run("explain", study / "models" / "net", f"synthetic:{study / 'data'}", "--target", "smile", "--n-steps", 8,
               "-o", study / "evidence" / "net")  # fmt: skip
    assert made.exit_code == 0, made.output
    stored = study / "evidence" / "net" / "integrated-gradients" / "smile"
    done = judged(study, "--method", "saliency", "--evidence", stored, "--metric", "deletion", "--metric", "region-auc",
                  "--truth", "mouth", "--json")  # fmt: skip
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    written = json.loads((study / "faithfulness" / "net" / "faithfulness.json").read_text())
    assert written["rows"] == told["rows"] and written["format"] == "mien faithfulness 1"
    assert {(row["method"], row["metric"]) for row in told["rows"]} == {
        (method, metric) for method in ("saliency", "integrated-gradients") for metric in ("deletion", "region-auc")
    }
    assert told["rows"][0]["subjects"] == 9 and np.isfinite(told["rows"][0]["random"])
    steps = json.loads((study / "provenance.json").read_text())
    assert steps["evaluate-evidence net"]["methods"] == ["saliency", "integrated-gradients"]
    assert run("report", study).exit_code == 0
    page = (study / "report.html").read_text(encoding="utf-8")
    assert "Does the evidence deserve its name?" in page and "saliency" in page and "lower is better" in page


def test_workers_change_nothing(study: Path) -> None:
    asked = ("--method", "smoothgrad", "--method", "saliency", "--set", "smoothgrad:n_samples=3", "--metric",
             "infidelity", "--metric", "insertion", "--metric", "max-sensitivity", "--set", "infidelity:n_subsets=20",
             "--json")  # fmt: skip
    one, two = (json.loads(judged(study, *asked, "--workers", workers).stdout) for workers in (1, 2))
    assert {**one, "seconds": {}} == {**two, "seconds": {}} and len(one["rows"]) == 6


def test_people_get_a_table_that_says_what_is_better(study: Path) -> None:
    done = judged(study, "--method", "input-x-gradient", "--metric", "infidelity", "--metric", "gini",
                  "--set", "infidelity:n_subsets=20")  # fmt: skip
    assert done.exit_code == 0, done.output
    text = " ".join(done.stdout.split())
    assert "infidelity, lower is better" in text and "gini, higher is better" in text and "random" in text


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--metric", "truth"), "no metric 'truth'"),
        (("--set", "n_samples=3"), "NAME:SETTING=VALUE"),
        (("--set", "infidelity:n_subsets=many"), "n_subsets is a whole number of at least 10, but got 'many'"),
        (("--set", "infidelity:subsets=3"), "no setting 'subsets'"),
        (("--method", "tree-shap"), "needs a LightGBM model"),
        (("--fill", "blur"), "for pictures"),
    ],
)
def test_wrong_use_is_told_in_a_sentence(study: Path, words: tuple[str, ...], message: str) -> None:
    done = judged(study, *words)
    assert done.exit_code == 2 and message in " ".join(done.output.split())
