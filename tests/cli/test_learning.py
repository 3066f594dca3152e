"""Training, evidence and report from the command line, on made-up people."""

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

pytestmark = pytest.mark.usefixtures("weights")


def run(*words: object):  # type: ignore[no-untyped-def]
    from mien.cli.main import app

    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cohort whose table codes the expression as 0 and 1, trained and explained."""
    from mien.data.synthetic import synthesize

    folder = tmp_path_factory.mktemp("study")
    synthesize(folder / "data", subjects=8, frames=8, expressions=("neutral", "smile"))
    with (folder / "data" / "samples.csv").open() as file:
        rows = list(csv.DictReader(file))
    with (folder / "coded.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["clip", "subject", "smiles"])
        writer.writerows([row["clip"], row["subject"], int(row["expression"] == "smile")] for row in rows)
    options = ("--faces", folder / "data", "--labels", "smiles")
    done = run("train", folder / "coded.csv", "--target", "smiles", "--model", "landmark-net", "--n-folds", 2, *options,
               "-o", folder / "models" / "net", "--json")  # fmt: skip
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["classes"] == ["0", "1"]
    done = run("explain", folder / "models" / "net", folder / "coded.csv", *options, "--target", "1", "--n-steps", 8,
               "-o", folder / "evidence" / "net")  # fmt: skip
    assert done.exit_code == 0, done.output
    return folder


def test_the_study_remembers_what_was_asked(study: Path) -> None:
    steps = json.loads((study / "provenance.json").read_text())
    assert steps["train net"]["target"] == "smiles"
    assert len(steps["train net"]["samples_sha256"]) == 64
    assert steps["explain net"]["method"] == "integrated-gradients"


def test_known_people_are_refused_with_exit_code_2(study: Path) -> None:
    from mien.core.errors import InputError

    done = run(
        "evaluate", study / "models" / "net", study / "coded.csv", "--faces", study / "data", "--labels", "smiles"
    )
    assert done.exit_code == 2 or isinstance(done.exception, InputError)


def test_the_report_misses_deleted_weights(study: Path) -> None:
    assert run("report", study).exit_code == 0
    page = (study / "report.html").read_text(encoding="utf-8")
    assert "is missing" not in page
    assert "coded.csv" in page
    (study / "models" / "net" / "weights.safetensors").unlink()
    done = run("report", study)
    assert done.exit_code == 1 and "problem: " in done.stderr
    assert "weights.safetensors is missing" in (study / "report.html").read_text(encoding="utf-8")
