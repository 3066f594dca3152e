"""``mien embed`` as its users call it."""

import json

import numpy as np
import pandas as pd
from typer.testing import CliRunner

from mien.cli.main import app

RUN = CliRunner()


def table(folder):
    rng = np.random.default_rng(2)
    kind = rng.normal(size=40)
    path = folder / "ratings.csv"
    pd.DataFrame({"id": [f"face {i}" for i in range(40)], "kind": kind, "mean": -kind + 0.1 * rng.normal(size=40),
                  "old": rng.normal(size=40)}).to_csv(path, index=False)  # fmt: skip
    return path


def test_maps_pictures_and_page_are_written(tmp_path):
    study = tmp_path / "study" / "maps" / "ratings"
    found = RUN.invoke(
        app,
        ["embed", str(table(tmp_path)), "--of", "table", "--method", "pca", "--method", "mds", "--attribute", "kind",
         "--attribute", "kind>mean", "--permutations", "99", "-o", str(study), "--json"],
    )  # fmt: skip
    assert found.exit_code == 0, found.output
    results = json.loads(found.stdout)
    assert [r["method"] for r in results] == ["pca", "mds"]
    assert results[0]["attributes"]["kind"]["p"] < 0.05
    for method in ("pca", "mds"):
        assert (study / method / "embedding.parquet").is_file() and (study / method / "kind.svg").is_file()
    assert "face 7" in (study / "maps.html").read_text()
    steps = json.loads((tmp_path / "study" / "provenance.json").read_text())
    assert "embed ratings" in json.dumps(steps)


def test_wrong_use_is_a_sentence_and_exit_code_2(tmp_path):
    path = str(table(tmp_path))
    for arguments, words in (
        (["--of", "tables"], "is one of ratings"),
        (["--of", "table", "--attribute", "happy"], "no attribute 'happy'"),
        (["--of", "table", "--method", "magic"], "no map 'magic'"),
        (["--of", "scores"], "mien"),
    ):
        found = RUN.invoke(app, ["embed", path, "-o", str(tmp_path / "out"), *arguments])
        assert found.exit_code == 2, arguments
        assert words in " ".join(found.stderr.split())
