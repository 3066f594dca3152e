"""``mien reduce`` and ``mien study`` from the command line, on made-up people."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

pytestmark = pytest.mark.usefixtures("weights")
QUICK = ("--model", "landmark-rvfl", "--set", "units=24", "--points", "ibug-68", "--counts", "17,6", "--n-folds", 2,
         "--methods", "one-shot,random", "--n-random", 2)  # fmt: skip


def run(*words: object):  # type: ignore[no-untyped-def]
    from mien.cli.main import app

    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> str:
    from mien.data.synthetic import synthesize

    folder = tmp_path_factory.mktemp("people")
    synthesize(folder, subjects=6, frames=8, clips=1, expressions=("neutral", "smile"))
    return f"synthetic:{folder}"


def test_reduce_prints_json_and_its_landmarks_are_a_setting_of_train(people: str, tmp_path: Path) -> None:
    place = tmp_path / "reduction" / "net"
    done = run("reduce", people, "--target", "expression", "-o", place, *QUICK, "--json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert [row["count"] for row in found["curve"] if row["method"] == "one-shot"] == [17, 6]
    assert json.loads((tmp_path / "provenance.json").read_text())["reduce net"]["model"] == "landmark-rvfl"
    kept = json.loads((place / "landmarks.json").read_text())
    done = run("train", people, "--target", "expression", "--model", "landmark-rvfl", "--n-folds", 2, "--set",
               f"points={kept['points']}", "-o", tmp_path / "models" / "few", "--json")  # fmt: skip
    assert done.exit_code == 0, done.output
    from mien.models.store import load_model

    assert load_model(tmp_path / "models" / "few").input_shape[1] == kept["count"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--counts", "17,six"), "--counts takes whole numbers"),
        (("--counts", "99"), "from 1 to 68"),
        (("--set", "unit=3"), "no setting 'unit'"),
        (("--rule", "elbow"), "rule is one of"),
    ],
)
def test_wrong_use_is_a_sentence_and_exit_code_2(people: str, tmp_path: Path, words: tuple, told: str) -> None:
    done = run("reduce", people, "--target", "expression", "-o", tmp_path, *QUICK, *words)
    assert done.exit_code == 2
    assert told in " ".join(done.output.split())


def test_studies_are_listed_written_and_refused_with_sentences(tmp_path: Path) -> None:
    assert [row["name"] for row in json.loads(run("study", "list", "--json").stdout)] == [
        "fast-landmarks",
        "impressions",
        "populations",
        "object-nets",
        "cohort",
        "film",
    ]
    assert run("study", "new", "fast-landmarks", "-o", tmp_path, "--samples", "buhmap").exit_code == 0
    assert 'source = "buhmap"' in (tmp_path / "study.toml").read_text()
    assert run("study", "new", "fast-landmarks", "-o", tmp_path).exit_code == 2
    assert run("study", "run", tmp_path / "nowhere").exit_code == 2


@pytest.mark.parametrize("command", ["explain", "reduce", "evaluate-evidence"])
def test_help_names_every_kind_of_baseline(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    words = " ".join(run(command, "--help").stdout.replace("│", " ").split())
    assert "medoids, medoids:LABEL, class-medoids, mean or zero" in words
